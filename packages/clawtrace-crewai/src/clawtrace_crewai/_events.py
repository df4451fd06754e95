"""Which of CrewAI's events matter, and what each says. No state, no clock, no CrewAI."""

from typing import Any, Final

SPANS: Final = {
    "flow": ("chain", "flow"),
    "method_execution": ("chain", "method"),
    "crew_kickoff": ("chain", "crew"),
    "crew_train": ("chain", "train"),
    "crew_test": ("chain", "test"),
    "task": ("chain", "task"),
    "agent_execution": ("agent", "agent"),
    "lite_agent_execution": ("agent", "agent"),
    "agent_evaluation": ("chain", "evaluation"),
    "agent_reasoning": ("chain", "reasoning"),
    "llm_call": ("llm", "llm"),
    "llm_guardrail": ("chain", "guardrail"),
    "tool_usage": ("tool", "tool"),
    "mcp_connection": ("chain", "mcp connection"),
    "mcp_tool_execution": ("chain", "mcp tool"),
    "memory_retrieval": ("chain", "memory"),
    "memory_save": ("chain", "memory save"),
    "memory_query": ("retriever", "memory"),
    "knowledge_query": ("chain", "knowledge"),
    "knowledge_search_query": ("retriever", "knowledge"),
    "a2a_delegation": ("chain", "a2a delegation"),
    "a2a_conversation": ("chain", "a2a conversation"),
    "a2a_server_task": ("chain", "a2a task"),
    "a2a_parallel_delegation": ("chain", "a2a delegations"),
}
"""What opens a scope in CrewAI, by the type of its event without `_started`: span kind, and a name for want of a
better one. Every scope is listened to, for its id may be the parent of what we are after."""

ENDS: Final = {
    "completed": "ok",
    "finished": "ok",
    "failed": "error",
    "error": "error",
    "paused": "paused",
    "canceled": "cancelled",
}
UNSTARTED: Final = frozenset({"tool_selection_error", "tool_validate_input_error"})
"""Tool calls that failed before CrewAI would start them: a wrong name, or arguments that cannot be read."""
CHUNK: Final = "llm_stream_chunk"
WORDS: Final = {f"{scope}_started": (scope, None) for scope in SPANS} | {
    f"{scope}_{word}": (scope, status) for scope in SPANS for word, status in ENDS.items()
}
"""Type of an event -> its scope, and how the scope ends (None: it starts)."""
HEARD: Final = frozenset(WORDS) | UNSTARTED | {CHUNK}
_NAMES: Final = ("tool_name", "method_name", "flow_name", "crew_name", "task_name", "guardrail_name", "agent_role")
_LONGEST: Final = 80


def name_of(event: Any, fallback: str) -> str:
    """What a span is called: an agent by its role, a task by its name or the beginning of its description."""
    agent, info = getattr(event, "agent", None), getattr(event, "agent_info", None)
    if fallback == "agent":
        role = getattr(agent, "role", None) or (info or {}).get("role")
        return flat(str(role)) if role else fallback
    for field in _NAMES if fallback not in ("llm", "reasoning", "memory", "memory save", "knowledge") else ():
        told = getattr(event, field, None)
        if isinstance(told, str) and told.strip():
            return flat(told)
    return fallback


def flat(text: str) -> str:
    """A name on one line; folded YAML leaves line ends in roles."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def agent_of(event: Any) -> str | None:
    """Id of the agent an event speaks of. Events of an agent's own execution say it only through the agent."""
    agent, info = getattr(event, "agent", None), getattr(event, "agent_info", None)
    own = getattr(agent, "id", None) or (info.get("id") if isinstance(info, dict) else None)
    told = own or getattr(event, "agent_id", None)
    return None if told is None else str(told)


def at_of(event: Any) -> int:
    """Epoch nanoseconds of the event's own time; handlers hear of it later, and not in order."""
    stamp = event.timestamp
    return (int(stamp.timestamp()) * 1_000_000 + stamp.microsecond) * 1000
