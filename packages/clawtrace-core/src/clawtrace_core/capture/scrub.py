"""What a framework handed over, made plain: JSON values only, secrets out, texts cut as the policy says."""

import math
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from clawtrace_core.capture.guard import PROCESS_VOICE, Voice, attempt
from clawtrace_core.capture.redact import is_secret_name
from clawtrace_core.capture.settings import Settings

REDACTION_FAILED = "[redaction failed]"
NOT_RECORDABLE = "[could not be recorded]"
_DEEPEST = 64
_NAMES_KEPT = 1000
_LONGEST_LABEL = 256
_INT_LIMIT = 1 << 63


def hash_of(data: bytes, key: bytes = b"") -> str:
    """24 hex digits that stand for `data`: blake2b of 12 bytes, keyed where a key is given."""
    return blake2b(data, digest_size=12, key=key).hexdigest()


def clip_text(text: str, limit: int) -> str:
    """The beginning and the end of a text longer than `limit` characters, and how much is missing between."""
    if len(text) <= limit:
        return text
    tail = limit // 2
    head = limit - tail
    return f"{text[:head]}[... {len(text) - limit} characters cut ...]{text[-tail:]}"


class Scrub:
    """Applies one session's settings to values.

    `key` is the secret that hashes are keyed with under the policy `none`.
    """

    def __init__(self, settings: Settings, key: bytes = b"", voice: Voice = PROCESS_VOICE) -> None:
        self.policy = settings.content
        self.key = key if settings.content == "none" else b""
        self.failures = 0
        """How many texts could not be redacted, and were dropped for it."""
        self._redact = settings.redact
        self._clip = settings.clip
        self._voice = voice
        self._plain_names: set[object] = set()
        """Names of fields that hold no secret and do not promise one, so as to look at each once."""
        self._labels: dict[str, str] = {}

    def text(self, text: str) -> str:
        """One text: valid UTF-8 and without secrets."""
        if not text.isascii():
            text = _without_lone_surrogates(text)
        if self._redact is None or not text:
            return text
        found: object = attempt(self._redact, text)
        if type(found) is str:
            return found
        self.failures += 1
        # The traceback is not logged: it may hold the very text that was to be redacted.
        self._voice.once(
            "redaction",
            f"the redact setting answered with {type(found).__name__}, expected a text; texts it fails on are not kept",
        )
        return REDACTION_FAILED

    def label(self, word: str) -> str:
        """A name, kind or id, kept under every policy: a text a file can hold, without secrets."""
        known = self._labels.get(word) if type(word) is str else None
        if known is None:
            known = self.text(_said(word))
            if type(word) is str and len(word) <= _LONGEST_LABEL:
                if len(self._labels) >= _NAMES_KEPT:  # ids come once each; names come again
                    self._labels.clear()
                self._labels[word] = known
        return known

    def value(self, value: Any) -> Any:
        """A copy of `value` made of JSON values only, every text in it scrubbed."""
        return self._whole(value, self.text)

    def side_value(self, value: Any) -> Any:
        """A value beside the contents, its texts kept as far as the policy keeps them."""
        return self._whole(value, self.side_text)

    def clipped(self, value: Any) -> tuple[Any, bool]:
        """A scrubbed value with long texts cut, and whether any was."""
        cut = False

        def clip(text: str) -> str:
            nonlocal cut
            shorter = clip_text(text, self._clip)
            cut = cut or shorter is not text
            return shorter

        return self._walk(value, clip, ()), cut

    def side_text(self, text: str) -> str:
        """A text beside the contents (a failure's message), as far as the policy keeps it."""
        text = _said(text)
        match self.policy:
            case "none":
                return ""
            case "digest":
                return f"[digest:{hash_of(self.text(text).encode())}]" if text else ""
            case "clipped":
                return clip_text(self.text(text), self._clip)
        return self.text(text)

    def side_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Attributes and parameters, as far as the policy keeps them: `none` keeps no text of theirs."""
        kept = {
            name: item
            for name, item in values.items()
            if not (self.policy == "none" and not isinstance(item, (bool, int, float)))
        }
        made = self._whole(kept, self.side_text) if kept else {}
        return made if isinstance(made, dict) else {"unreadable": True}

    def _whole(self, value: Any, text: Callable[[str], str]) -> Any:
        made = attempt(self._walk, value, text, ())
        if not isinstance(made, Exception):
            return made
        self.failures += 1
        # An object that cannot be looked through costs its own words, never the span it came with.
        self._voice.once("value", f"a value could not be looked through ({type(made).__name__}); it is not kept")
        return NOT_RECORDABLE

    def _walk(self, value: Any, text: Callable[[str], str], path: tuple[int, ...]) -> Any:
        if type(value) is str:  # by far the most frequent
            return text(value)
        if isinstance(value, str):
            return text(_said(value))
        if value is None or isinstance(value, (bool, int, float)):
            return _number(value)
        if isinstance(value, (Mapping, list, tuple, set, frozenset)):
            return self._walk_many(value, text, path)
        if isinstance(value, (bytes, bytearray)):
            return f"[{len(value)} bytes]"
        return text(_said(value))

    def _walk_many(self, value: Any, text: Callable[[str], str], path: tuple[int, ...]) -> Any:
        if id(value) in path or len(path) >= _DEEPEST:
            return "[nested too deep]"
        path = (*path, id(value))
        if isinstance(value, Mapping):
            known = self._plain_names
            return {
                name if name in known else self._name(name): self._walk(item, text, path)
                if name in known
                else self._walk_named(name, item, text, path)
                for name, item in value.items()
            }
        if isinstance(value, (set, frozenset)):
            value = sorted(value, key=_said)
        return [self._walk(item, text, path) for item in value]

    def _walk_named(self, name: object, item: Any, text: Callable[[str], str], path: tuple[int, ...]) -> Any:
        if self._redact is None or not item or not is_secret_name(_said(name)):
            return self._walk(item, text, path)
        if isinstance(item, (list, tuple, set, frozenset)):
            return [_hidden(one) if isinstance(one, _TOLD) else self._walk(one, text, path) for one in item]
        return _hidden(item) if isinstance(item, _TOLD) else self._walk(item, text, path)

    def _name(self, name: object) -> str:
        # A name may hold what a value may: a mapping from tokens to users is not unheard of.
        clean = self.text(_said(name))
        if clean == name and len(self._plain_names) < _NAMES_KEPT and not is_secret_name(clean):
            self._plain_names.add(clean)
        return clean


_TOLD = (str, int, float)
"""What a field with the name of a secret hides; a mapping there is looked into: it may be a schema."""


def _hidden(item: object) -> object:
    if isinstance(item, bool):
        return item
    return item if isinstance(item, str) and item.startswith("[redacted:") else "[redacted:secret]"


def _said(value: object) -> str:
    """`str(value)` of whatever it is."""
    if type(value) is str:
        return value
    said = attempt(str, value)
    return str.__str__(said) if isinstance(said, str) else f"[{type(value).__name__} without words]"


def _number(value: float | None) -> float | str | None:
    """What JSON can hold of a number: integers of 64 bits, finite floats; others as their text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if -_INT_LIMIT <= value < _INT_LIMIT else str(value)
    return float(value) if math.isfinite(value) else str(value)


def _without_lone_surrogates(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
