"""Contents: messages and payloads, each stored once per session under the hash of its bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool", "arguments", "tools", "payload"]
"""What a content is: a chat message of that role, a tool call's `arguments`, the `tools` offered to a
model, or any other `payload` (a chain's input, a retriever's documents)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One message or payload.

    `body` is None when the content policy keeps no text. A message's body is
    `{"role", "text"}`, or `{"role", "parts"}` where the provider sent blocks, with `tool_calls`
    (`[{"id", "name", "args"}]`) on an assistant message and `tool_call_id` on a tool message.
    Arguments and tools are the plain JSON value.
    """

    id: str
    """Hash of the canonical bytes (keyed with a per-session secret under the policy `none`)."""
    role: str
    """`system`, `user`, `assistant`, `tool`, `arguments`, `tools` or `payload`."""
    size: int
    """UTF-8 bytes of the text a model would read."""
    digest: str | None = None
    """Hash of that text alone: equal digests are equal texts, whatever call they belong to."""
    body: Any = None
    """The message or payload itself; null where the content policy keeps no text."""
    clipped: bool = False
    """True when `body` holds only the beginning and the end of the text."""
    tool_call: str | None = None
    """The provider's id of the tool call a tool message answers."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContentList:
    """An ordered list of content ids, written as a change to an earlier call's list.

    An agent resends its history on every call; writing the whole list each time would be quadratic
    on disk. The list is the first `keep` ids of span `base`'s input, then `add`.
    """

    add: tuple[str, ...] = ()
    """Ids that follow what was kept."""
    base: int | None = None
    """The span whose input this one extends; null for none."""
    keep: int = 0
    """How many ids of the base's input are kept."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.add) or self.keep > 0
