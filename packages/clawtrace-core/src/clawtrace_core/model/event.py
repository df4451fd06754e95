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
    """The model asked for."""
    provider: str | None = None
    """The framework's hint; it may be wrong behind a proxy, so `host` is kept too."""
    host: str | None = None
    """Host of the endpoint the client was pointed at, without path, query or credentials."""
    streaming: bool = False
    """Whether the answer was asked for as a stream."""
    tools: str | None = None
    """Content id of the tool schemas offered."""
    tier: str | None = None
    """Service tier asked for (`flex`, `priority`, ...), where it was told."""
    attempt: int = 1
    """1 for the first try; a retry the framework shows counts up."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Sampling parameters and the like, as the framework told them."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What an LLM call returned."""

    id: str | None = None
    """The provider's id of the response: equal ids are the same response."""
    model: str | None = None
    """The model that answered, which may be a dated version of the one asked for."""
    provider: str | None = None
    """The provider, where the response itself names it."""
    tier: str | None = None
    """Service tier that served the call."""
    finish: tuple[str, ...] = ()
    """Why each generation ended, in the provider's words."""
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
    """The exception's type."""
    message: str = ""
    """The exception's message, redacted like any text."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    """The first line of a session: what is run, for whom, and under which content policy."""

    session: str
    """Id of the session; the name of its file."""
    at_ns: int
    """Epoch nanoseconds, like every time in an event."""
    schema: str = SCHEMA
    """Version of this format, `major.minor`."""
    task: str | None = None
    """What the run is about, in the words of who started it."""
    user: str | None = None
    """On whose behalf it runs."""
    framework: str | None = None
    """The framework that was traced, with its version where that is known."""
    agent: str | None = None
    """Name of the agent."""
    policy: str = "full"
    """What text is kept: `full`, `clipped`, `digest` or `none`."""
    writer: str | None = None
    """Name and version of what wrote the file."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Anything else told at the start; plain JSON."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentStored:
    """A content at its first sight."""

    content: Content
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanStarted:
    """An agent, a call or a chain begins."""

    span: int
    """Its number, from 1 in the order in which spans started."""
    parent: int | None
    """Number of the span it runs in; null for a root."""
    kind: str
    """`agent`, `llm`, `tool`, `retriever`, `embedding` or `chain`."""
    name: str
    """Name of the agent, tool, model call or chain."""
    at_ns: int
    """Epoch nanoseconds."""
    input: ContentList = field(default_factory=ContentList)
    """What went in: content ids, as a change to an earlier list."""
    tool_call: str | None = None
    """Provider's id of the tool call a tool span answers."""
    request: Request | None = None
    """What an LLM call asked for."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Anything else the adapter told; plain JSON."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEnded:
    """A span ends, well or badly."""

    span: int
    """The number it started with."""
    at_ns: int
    """Epoch nanoseconds."""
    status: str = "ok"
    """`ok`, `error`, `cancelled` or `paused`."""
    output: tuple[str, ...] = ()
    """Ids of the contents it produced."""
    response: Response | None = None
    """What an LLM call returned."""
    failure: Failure | None = None
    """Why it failed."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Anything else the adapter told; plain JSON."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A point in time on a span: a retry, an early end, a resumed run."""

    name: str
    """What happened."""
    at_ns: int
    """Epoch nanoseconds."""
    span: int | None = None
    """The span it happened on; null for the session as a whole."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Its particulars; plain JSON."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing an oracle looked at."""

    name: str
    """What was looked at: a cell, a file, a rule."""
    passed: bool
    """Whether it was as expected."""
    expected: Any = None
    """What the oracle wanted; plain JSON."""
    got: Any = None
    """What it found; plain JSON."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an oracle said of the session. The last one recorded counts."""

    at_ns: int
    """Epoch nanoseconds."""
    success: bool
    """Whether the session did what it was for."""
    score: Decimal | None = None
    """Between 0 and 1 by convention; kept as given."""
    oracle: str | None = None
    """Who says so."""
    checks: tuple[Check, ...] = ()
    """The single things it looked at."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """The last line a recorder writes. Outcomes may follow; a killed process leaves none."""

    at_ns: int
    """Epoch nanoseconds."""
    status: str = "ok"
    """How the session ended, as a span's status."""
    lost: int = 0
    """How many signals could not be recorded. A card says so."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Foreign:
    """An event of a type this version does not know, kept as it came."""

    fields: Mapping[str, Any]


Event = SessionStarted | ContentStored | SpanStarted | SpanEnded | Noted | Outcome | SessionEnded | Foreign
