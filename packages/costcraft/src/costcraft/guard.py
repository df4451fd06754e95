"""Guard: what must not be written into a skill is found here, named, and left out."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple
from unicodedata import category, normalize

from costcraft.likeness import SAME, likeness, opposed
from costcraft.patch import LEVELS, Patch, Prune, Scope
from costcraft.stages import Guarded, Violation

TOKEN_CAP = 1200
"""Most tokens the rules of one skill may take."""
LARGE_SKILL = 20_000
"""Tokens from which a base skill is said to be large: every call pays for it."""

_SECRETS = re.compile(
    r"\b(?:sk|pk|rk)[-_](?:live[-_]|test[-_]|proj[-_]|ant[-_])?[A-Za-z0-9_-]{16,}|\bAKIA[0-9A-Z]{16}\b|"
    r"\bgh[opsur]_[A-Za-z0-9]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|"
    r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|\b[Bb]earer\s+[A-Za-z0-9._~+/-]{16,}|"
    r"(?i:\b(?:password|passwd|secret|api[-_ ]?key)\s*[:=]\s*\S{6,})"
)
_CAP = re.compile(
    r"\b(?:at most|no more than|not more than|never more than|up to|a maximum of|maximum|limit(?:ed)? (?:\w+ ){0,4}to|"
    r"fewer than|less than|only)\s+(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|"
    r"fifteen|twenty|thirty|fifty|a dozen|a hundred)\s+(?:\w+\s+)?"
    r"(?:calls?|steps?|turns?|times?|tokens?|reads?|writes?|tools?|messages?|attempts?|quer(?:y|ies)|rows?)\b",
    re.IGNORECASE,
)
_BRACES = re.compile(r"[{}]")
_BREAKS = re.compile(r"<!--|-->|```")
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode's categories of what breaks a line, or is there and not seen."""
_ID = re.compile(r"r-[0-9a-f]{8}")
_NAME = re.compile(r"[^\s`]{1,80}")
_PLAIN_WORD = re.compile(r"[A-Z]?[a-z]+")


class _Found(NamedTuple):
    check: str
    found: str
    todo: str


def estimate_tokens(text: str) -> int:
    """Tokens of a text, estimated at four UTF-8 bytes each, rounded up. No encoding file is needed for it."""
    return -(-len(text.encode()) // 4)


def guard(
    patches: Sequence[Patch], *, distinctive: Iterable[str] = (), base_skill: str = "", cap: int = TOKEN_CAP
) -> Guarded:
    """Leave out every rule that breaks a law of the skill, and say which and what to do.

    `distinctive` are the strings of the training sessions that no rule may repeat, `base_skill` the text of
    the skill the rules go into: what it says itself is no leak.
    """
    leak = _leak_finder(distinctive, base_skill)
    checks: tuple[Callable[[Patch], _Found | None], ...] = (_form, _names, _braces, _secret, leak, _cap, _traceable)
    passed: list[Patch] = []
    violations: list[Violation] = []
    for patch in patches:
        found = [result for check in checks if (result := check(patch)) is not None]
        found += _contradictions(patch, passed)
        violations += [_violation(patch, each) for each in found]
        if not found:
            passed.append(patch)
    kept, tokens, over = _fit(passed, cap)
    return Guarded(
        patches=kept,
        violations=violations + over,
        warnings=_warnings(kept, base_skill),
        tokens={str(scope): count for scope, count in tokens.items()},
    )


def _violation(patch: Patch, found: _Found) -> Violation:
    return Violation(rule=patch.id, text=patch.rule, check=found.check, found=found.found, todo=found.todo)


def malformed(patch: Patch) -> str | None:
    """What of a patch would break out of its line in a skill's managed block; None when nothing would."""
    for text in (patch.rule, patch.section):
        unseen = next((char for char in text if category(char) in _UNSEEN), None)
        match = _BREAKS.search(text)
        if unseen is not None or match is not None:
            return ascii(unseen or (match.group() if match else ""))
    return None if _ID.fullmatch(patch.id) else f"id {patch.id!a}"


def _form(patch: Patch) -> _Found | None:
    broken = malformed(patch)
    if broken is not None:
        return _Found("form", broken, "put the rule into one line of plain text, without comment marks")
    if estimate_tokens(patch.rule) > 120:
        return _Found("form", f"{len(patch.rule)} characters", "say it in one sentence of at most 480 characters")
    return None


def _names(patch: Patch) -> _Found | None:
    """What stands in backticks is a name that a session told, and a session may have been told by anyone."""
    parts = patch.rule.split("`")
    odd = next((name for name in parts[1::2] if not _NAME.fullmatch(name)), None)
    if odd is None and len(parts) % 2:
        return None
    found = ascii(odd or "an odd number of backticks")[:80]
    return _Found("name", found, "a name in backticks is one word of at most 80 characters; check where it comes from")


def _seen(rule: str) -> str:
    """A rule as it is read: full-width letters, no-break spaces and the like as the plain ones they look like."""
    return normalize("NFKC", rule)


def _braces(patch: Patch) -> _Found | None:
    match = _BRACES.search(_seen(patch.rule))
    if match is None:
        return None
    return _Found("braces", repr(match.group()), "write it without braces: prompt templates read them as variables")


def _secret(patch: Patch) -> _Found | None:
    match = _SECRETS.search(_seen(patch.rule))
    if match is None:
        return None
    return _Found("secret", f"{match.group()[:4]}... ({len(match.group())} characters)", "take the secret out")


def _cap(patch: Patch) -> _Found | None:
    match = _CAP.search(_seen(patch.rule))
    graded = isinstance(patch, Prune) and LEVELS.index(patch.level) >= LEVELS.index("observational")
    if match is None or graded:
        return None
    return _Found(
        "blanket cap",
        repr(match.group()),
        "name the waste instead of capping a number; a cap needs a prune with observational evidence or better",
    )


def _traceable(patch: Patch) -> _Found | None:
    if patch.sources:
        return None
    return _Found("provenance", "no source session", "name the sessions the rule was learned from")


def _leak_finder(distinctive: Iterable[str], base_skill: str) -> Callable[[Patch], _Found | None]:
    strings = sorted(
        {text for text in distinctive if text and text not in base_skill}, key=lambda text: (-len(text), text)
    )

    def leak(patch: Patch) -> _Found | None:
        # The capital of a sentence's first word makes no name of it.
        rule = _seen(patch.rule[:1].lower() + patch.rule[1:])
        folded = rule.lower()
        for text in strings:
            if text.lower() in folded and _repeats(rule, text):
                return _Found("leak", repr(text), "say what sort of thing it is; the string is one training session's")
        return None

    return leak


def _repeats(rule: str, text: str) -> bool:
    """Whether a rule holds that string, in whatever case. A name in small letters is a word like any other."""
    found = re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", rule, re.IGNORECASE)
    return any(
        not (_PLAIN_WORD.fullmatch(text) and match.group().islower() and text != match.group()) for match in found
    )


def _contradictions(patch: Patch, passed: Sequence[Patch]) -> list[_Found]:
    return [
        _Found("contradiction", f"rule {other.id}: {other.rule}", "keep one of the two")
        for other in passed
        if opposed(other.rule, patch.rule)
    ]


def _fit(patches: Sequence[Patch], cap: int) -> tuple[list[Patch], dict[Scope, int], list[Violation]]:
    """The first rules of each scope that fit its skill; they come most prevalent first."""
    tokens: dict[Scope, int] = {}
    kept: list[Patch] = []
    over: list[Violation] = []
    for patch in patches:
        size = estimate_tokens(patch.rule) + 6
        if tokens.get(patch.scope, 0) + size > cap:
            found = _Found(
                "token cap", f"{tokens.get(patch.scope, 0) + size} tokens", f"raise the cap of {cap} or drop rules"
            )
            over.append(_violation(patch, found))
            continue
        tokens[patch.scope] = tokens.get(patch.scope, 0) + size
        kept.append(patch)
    return kept, tokens, over


def _warnings(patches: Sequence[Patch], base_skill: str) -> list[str]:
    found = []
    size = estimate_tokens(base_skill)
    if size > LARGE_SKILL:
        found.append(f"the base skill has about {size} tokens, which every call pays for; it is kept whole")
    lines = [line.strip(" -*\t\r") for line in base_skill.splitlines()]
    for patch in patches:
        for number, line in enumerate(lines, start=1):
            if len(line) < 12:
                continue
            if opposed(line, patch.rule):
                found.append(f"rule {patch.id} contradicts line {number} of the base skill: {line}")
            elif likeness(line, patch.rule) >= SAME:
                found.append(f"rule {patch.id} says nearly what line {number} of the base skill says: {line}")
    return found
