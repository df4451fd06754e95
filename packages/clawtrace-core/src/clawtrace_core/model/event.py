"""The events: immutable facts as they happened, one line on disk each.

Ids, clock and parents are arguments; nothing here reads a clock, a file or a global. Every value keeps
fields it does not know in `extra`, so a file of a newer minor version survives a round trip.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from clawtrace_core.model.content import Content, ContentList
from clawtrace_core.model.usage import Usage

SCHEMA_MAJOR = 1
SCHEMA_MINOR = 0
SCHEMA = f"{SCHEMA_MAJOR}.{SCHEMA_MINOR}"

Kind = Literal["agent", "llm", "tool", "retriever", "embedding", "chain"]
Status = Literal["ok", "error", "cancelled", "paused", "interrupted"]
"""`paused` is a human-in-the-loop stop; `interrupted` is a span still open when its session ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an LLM call asked for, as far as the framework told."""

    model: str | None = None
    provider: str | None = None
    """The framework's hint; it may be wrong behind a proxy, so `host` is kept too."""
    host: str | None = None
    """Host of the endpoint the client was pointed at, without path, query or credentials."""
    streaming: bool = False
    tools: str | None = None
    """Content id of the tool schemas offered."""
    tier: str | None = None
    attempt: int = 1
    """1 for the first try; a retry the framework shows counts up."""
    params: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What an LLM call returned."""

    id: str | None = None
    model: str | None = None
    provider: str | None = None
    tier: str | None = None
    finish: tuple[str, ...] = ()
    usage: Usage | None = None
    """None: the provider told nothing."""
    raw_usage: Any = None
    """The usage exactly as it came, so that it can be read again by a later version."""
    cached: bool = False
    """True when the framework answered from its own cache: nothing was billed."""
    first_token_ns: int | None = None
    """Epoch nanoseconds of the first streamed token."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a span failed."""

    type: str
    message: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    session: str
    at_ns: int
    """Epoch nanoseconds, like every time in an event."""
    schema: str = SCHEMA
    task: str | None = None
    user: str | None = None
    framework: str | None = None
    agent: str | None = None
    policy: str = "full"
    """What text is kept: `full`, `clipped`, `digest` or `none`."""
    writer: str | None = None
    """Name and version of what wrote the file."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentStored:
    content: Content
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanStarted:
    span: int
    parent: int | None
    kind: str
    name: str
    at_ns: int
    input: ContentList = field(default_factory=ContentList)
    tool_call: str | None = None
    """Provider's id of the tool call a tool span answers."""
    request: Request | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEnded:
    span: int
    at_ns: int
    status: str = "ok"
    output: tuple[str, ...] = ()
    response: Response | None = None
    failure: Failure | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A point in time on a span: a retry, an early end, a resumed run."""

    name: str
    at_ns: int
    span: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing an oracle looked at."""

    name: str
    passed: bool
    expected: Any = None
    got: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an oracle said of the session. The last one recorded counts."""

    at_ns: int
    success: bool
    score: Decimal | None = None
    """Between 0 and 1 by convention; kept as given."""
    oracle: str | None = None
    checks: tuple[Check, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    at_ns: int
    status: str = "ok"
    lost: int = 0
    """How many signals could not be recorded. A card says so."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Foreign:
    """An event of a type this version does not know, kept as it came."""

    fields: Mapping[str, Any]


Event = SessionStarted | ContentStored | SpanStarted | SpanEnded | Noted | Outcome | SessionEnded | Foreign
