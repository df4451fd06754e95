"""The simulated model in no framework's classes: what the policy says next, and what a provider would count for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from examples.sheets.conversation import Asked, Call, Metered, Said, Tool, Turn, meter
from examples.sheets.policy import next_said

PROVIDER = "openai"
MODEL = "gpt-5.4-mini"
"""The model whose list price the simulated tokens are priced at."""
Policy = Callable[[str, Sequence[Turn]], Said]
"""What a model says next, given its instructions and the conversation so far."""
CONTEXT_WINDOW = 400_000
"""Its context window in tokens, for frameworks that shorten what does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the model."""

    said: Said
    counted: Metered
    calls: tuple[tuple[str, Call], ...]
    """The tool calls it asks for, each with an id that no other call of the conversation has."""


def answer(
    instructions: str,
    tools: Sequence[Tool],
    turns: Sequence[Turn],
    *,
    request: str | None = None,
    policy: Policy = next_said,
) -> Answer:
    """What the model says to this conversation, and its tokens.

    `turns` are what was received, and all of it is counted. `request` is the user's request alone, where the framework
    wraps it in words of its own. Raises ValueError when the policy can do nothing with the request.
    """
    heard = turns if request is None else [Asked(text=request) if isinstance(t, Asked) else t for t in turns]
    said = policy(instructions, heard)
    turn = sum(isinstance(each, Said) for each in turns)
    calls = tuple((f"call_{turn}_{n}", call) for n, call in enumerate(said.calls))
    return Answer(said=said, counted=meter(instructions, tools, turns, said), calls=calls)


def openai_usage(counted: Metered) -> dict[str, Any]:
    """The counts as OpenAI's API tells them."""
    return {
        "prompt_tokens": counted.input,
        "completion_tokens": counted.output,
        "total_tokens": counted.input + counted.output,
        "prompt_tokens_details": {"cached_tokens": counted.cache_read},
    }


def tool_seen(schema: Mapping[str, Any]) -> Tool:
    """A tool as the model sees it, from the schema in OpenAI's form that it is sent."""
    function = schema["function"]
    parameters = (function.get("parameters") or {}).get("properties", {})
    return Tool(name=function["name"], description=function.get("description", ""), parameters=tuple(parameters))
