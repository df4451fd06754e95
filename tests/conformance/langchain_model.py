"""The scripted chat model of the LangChain tests, told to bill what a scenario's provider tells."""

from collections.abc import Callable
from typing import Any

from borrowing import borrowed
from langchain_core.messages import AIMessage

from clawtrace_core.model.usage import Usage
from clawtrace_core.testing import Stage

_MODELS = borrowed("langchain")
Call = tuple[str, dict[str, Any], str]
"""A tool, its arguments, and the call's id."""


def scripted(stage: Stage, *script: Any, **fields: Any) -> Any:
    return _MODELS.Scripted(script=list(script), heard=[], model=stage.model, **fields)


def streaming(stage: Stage, *script: Any) -> Any:
    return _MODELS.Streaming(script=list(script), heard=[], model=stage.model)


def says(stage: Stage, text: str = "", *calls: Call, session: int = 0) -> Callable[[Any], AIMessage]:
    """An answer, billed when it is given."""
    return lambda _: message(stage, text, *calls, usage=stage.bill(session))


def message(stage: Stage, text: str, *calls: Call, usage: Usage | None) -> AIMessage:
    return AIMessage(
        content=text,
        tool_calls=[{"name": name, "args": args, "id": call_id} for name, args, call_id in calls],
        usage_metadata=as_langchain(usage),
        response_metadata={"model_name": stage.model, "model_provider": "openai", "finish_reason": "stop"},
    )


def as_langchain(usage: Usage | None) -> Any:
    """LangChain's own counts, as its providers' packages fill them in."""
    if usage is None:
        return None
    told_input, output = usage.input or 0, usage.output or 0
    details = {"cache_read": usage.cache_read, "cache_creation": 0}
    if usage.cache_write:
        details |= {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        }
    return {
        "input_tokens": told_input,
        "output_tokens": output,
        "total_tokens": told_input + output,
        "input_token_details": details,
        "output_token_details": {"reasoning": usage.reasoning},
    }
