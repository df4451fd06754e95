"""Which of CrewAI's events matter, and what each says. No state, no clock, no CrewAI."""

from dataclasses import dataclass
from typing import Any, Final

from clawtrace_core.capture.scopes import epoch_ns_of, line_of

SPANS: Final[dict[str, tuple[str, str | None, str]]] = {
    "flow": ("chain", "flow_name", "flow"),
    "method_execution": ("chain", "method_name", "method"),
    **dict.fromkeys(("crew_kickoff", "crew_train", "crew_test"), ("chain", "crew_name", "crew")),
    "task": ("chain", "task_name", "task"),
    **dict.fromkeys(("agent_execution", "lite_agent_execution"), ("agent", "agent", "agent")),
    "agent_evaluation": ("chain", None, "evaluation"),
    "agent_reasoning": ("chain", None, "reasoning"),
    "llm_call": ("llm", None, "llm"),
    "llm_guardrail": ("chain", None, "guardrail"),
    "tool_usage": ("tool", "tool_name", "tool"),
    "mcp_connection": ("chain", "server_name", "mcp connection"),
    "mcp_tool_execution": ("chain", "tool_name", "mcp tool"),
    "memory_retrieval": ("chain", None, "memory"),
    "memory_save": ("chain", None, "memory save"),
    "memory_query": ("retriever", None, "memory"),
    "knowledge_query": ("chain", None, "knowledge"),
    "knowledge_search_query": ("retriever", None, "knowledge"),
    **dict.fromkeys(("a2a_delegation", "a2a_conversation", "a2a_parallel_delegation"), ("chain", None, "a2a")),
    "a2a_server_task": ("chain", None, "a2a task"),
}
"""What opens a scope in CrewAI, by the type of its event without `_started`: span kind, the field that names it, and a
name for want of one. Every scope is listened to, for its id may be the parent of what we are after."""
_OK, _ERROR = ("completed", "finished"), ("failed", "error")
_ENDS = {**dict.fromkeys(_OK, "ok"), **dict.fromkeys(_ERROR, "error"), "paused": "paused", "canceled": "cancelled"}
CHUNK: Final = "llm_stream_chunk"
WORDS: Final[dict[str, tuple[str, str | None]]] = {f"{scope}_started": (scope, None) for scope in SPANS}
"""Type of an event -> its scope, and how the scope ends (None: it starts)."""
WORDS.update({f"{scope}_{word}": (scope, status) for scope in SPANS for word, status in _ENDS.items()})
HEARD: Final = frozenset(WORDS) | {CHUNK, "tool_selection_error", "tool_validate_input_error"}
"""The last two are of tool calls that CrewAI would not start: a wrong name, or arguments that cannot be read."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event with who sent it. It is let go as soon as it was told: CrewAI's events hold live agents and tools."""

    source: Any
    event: Any

    @property
    def at_ns(self) -> int:
        """Epoch nanoseconds of the event's own time; handlers hear of it later, and not in order."""
        return epoch_ns_of(self.event.timestamp)

    @property
    def ids(self) -> list[str]:
        """By what others may know its run, surest first."""
        event = self.event
        told = (event.parent_event_id, event.started_event_id, getattr(event, "call_id", None), event.event_id)
        return list(filter(None, told))

    @property
    def is_root(self) -> bool:
        """Whether an outermost scope begins."""
        return self.event.parent_event_id is None and WORDS.get(self.event.type, ("", ""))[1] is None


def name_of(event: Any) -> str:
    """What a span is called: an agent by its role, a task by its name or the beginning of its description."""
    _, field, fallback = SPANS[WORDS[event.type][0]]
    told = getattr(event, field, None) if field is not None else None
    if fallback == "agent":
        told = getattr(told, "role", None) or (getattr(event, "agent_info", None) or {}).get("role")
    return line_of(str(told or fallback))  # folded YAML leaves line ends in roles


def agent_of(event: Any) -> str | None:
    """Id of the agent an event speaks of. Events of an agent's own execution say it only through the agent."""
    info = getattr(event, "agent_info", None) or {}
    told = getattr(getattr(event, "agent", None), "id", None) or info.get("id") or getattr(event, "agent_id", None)
    return None if told is None else str(told)
