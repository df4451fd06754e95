"""The scripted model of the LlamaIndex tests, told to bill what a scenario's provider tells."""

from collections.abc import Callable
from typing import Any, NamedTuple

from borrowing import borrowed

from clawtrace_core.testing import Stage
from clawtrace_core.testing.bills import as_anthropic, as_openai

Call = tuple[str, dict[str, Any], str]
"""A tool, its arguments, and the call's id."""


class Told(NamedTuple):
    """What the model says, and the usage its provider tells."""

    text: str
    calls: tuple[Call, ...]
    told: dict[str, Any] | None
    usage: bool = False
    """The borrowed model's own usage: never."""


class Billed(borrowed("llamaindex").Scripted):  # type: ignore[misc]
    """Tells the usage of each line in the shape of a provider."""

    def _response(self, text: str, line: Any, delta: str | None = None) -> Any:
        response = super()._response(text, line, delta)
        response.raw["model"] = self.model
        if line is not None and line.told is not None:
            response.raw["usage"] = line.told
        return response


def scripted(stage: Stage, *script: Any) -> Any:
    return Billed(list(script), model=stage.model)


def says(stage: Stage, text: str = "", *calls: Call, session: int = 0) -> Callable[[Any], Told]:
    """An answer, billed when it is given."""

    def answer(_: Any) -> Told:
        usage = stage.bill(session)
        # OpenAI does not tell what was written to a cache; Anthropic does.
        shaped = as_anthropic(usage) if usage is not None and usage.cache_write else as_openai(usage)
        return Told(text, calls, shaped)

    return answer


def breaks_off(text: str) -> Told:
    """An answer whose usage never comes."""
    return Told(text, (), None)
