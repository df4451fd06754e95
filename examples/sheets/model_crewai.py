"""The policy as a CrewAI model that calls tools. Simulated: no provider is called; usage is counted, not billed."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

from crewai.events.types.llm_events import LLMCallType
from crewai.llms.base_llm import BaseLLM, llm_call_context
from pydantic import Field

from examples.sheets.conversation import Asked, Call, Got, Metered, Said, Turn, meter
from examples.sheets.policy import next_said
from examples.sheets.simulated import CONTEXT_WINDOW, MODEL, PROVIDER, Policy, answer, tool_seen

_REQUEST = re.compile(r"Current Task: (?P<request>.*?)(?:\n\nThis is the expected criteria|\Z)", re.DOTALL)
"""How CrewAI wraps what a task asks for (crewai/translations/en.json, `native_task` and `expected_output`)."""


class SimulatedLLM(BaseLLM):
    """A model that does what the scripted policy says next.

    It tells CrewAI's event bus of every call, as its native clients do: a model that emits nothing is not seen.
    """

    policy: Policy = Field(default=next_said, exclude=True)

    @classmethod
    def made(cls, policy: Policy = next_said) -> Self:
        """The model under the name it is priced by."""
        return cls(model=MODEL, provider=PROVIDER, policy=policy)

    def call(
        self,
        messages: Any,
        tools: Any = None,
        callbacks: Any = None,
        available_functions: Any = None,  # noqa: ARG002 - the agent calls the tools itself
        from_task: Any = None,
        from_agent: Any = None,
        response_model: Any = None,  # noqa: ARG002 - the policy knows no schemas
    ) -> Any:
        """The answer: a text, or tool calls in OpenAI's form."""
        asker = {"from_task": from_task, "from_agent": from_agent}
        with llm_call_context():
            self._emit_call_started_event(messages, tools=tools, callbacks=callbacks, **asker)
            instructions, turns = read_messages(messages)
            request = next((request_in(turn.text) for turn in turns if isinstance(turn, Asked)), None)
            seen = [tool_seen(tool) for tool in tools or ()]
            given = answer(instructions, seen, turns, request=request, policy=self.policy)
            usage = _usage(given.counted)
            self._track_token_usage_internal(usage)
            asked = [_call(id_, call) for id_, call in given.calls]
            self._emit_call_completed_event(
                response=asked or given.said.text,
                call_type=LLMCallType.TOOL_CALL if asked else LLMCallType.LLM_CALL,
                messages=messages,
                usage=usage,
                finish_reason="tool_calls" if asked else "stop",
                **asker,
            )
        return asked or given.said.text

    async def acall(self, messages: Any, tools: Any = None, **more: Any) -> Any:
        """As `call`: there is nothing to wait for."""
        return self.call(messages, tools=tools, **more)

    def supports_function_calling(self) -> bool:
        return True

    def supports_stop_words(self) -> bool:
        return False

    def get_context_window_size(self) -> int:
        return CONTEXT_WINDOW

    def get_input_tokens_count(self, messages: Any, tools: Any = None, response_model: Any = None) -> int:  # noqa: ARG002
        """Tokens the messages would take."""
        instructions, turns = read_messages(messages)
        return meter(instructions, [tool_seen(tool) for tool in tools or ()], turns, Said()).input


def read_messages(messages: str | Sequence[Mapping[str, Any]]) -> tuple[str, list[Turn]]:
    """CrewAI's messages as instructions and turns."""
    told = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
    instructions = "\n\n".join(str(m["content"]) for m in told if m["role"] == "system")
    return instructions, [turn for message in told if (turn := _turn(message)) is not None]


def request_in(text: str) -> str:
    """What a task asks for, without the words CrewAI puts around it."""
    found = _REQUEST.search(text)
    return found["request"] if found else text


def _turn(message: Mapping[str, Any]) -> Turn | None:
    text = str(message["content"] or "")
    match message["role"]:
        case "user":
            return Asked(text=text)
        case "assistant":
            asked = [call["function"] for call in message.get("tool_calls") or ()]
            calls = (Call(name=call["name"], args=json.loads(call["arguments"])) for call in asked)
            return Said(text=text, calls=tuple(calls))
        case "tool":
            return Got(text=text)  # CrewAI does not tell the model whether the call failed
    return None


def _call(id_: str, call: Call) -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": call.name, "arguments": json.dumps(dict(call.args))}}


def _usage(counted: Metered) -> dict[str, Any]:
    """The counts as CrewAI's own OpenAI client tells them."""
    return {
        "prompt_tokens": counted.input,
        "completion_tokens": counted.output,
        "total_tokens": counted.input + counted.output,
        "cached_prompt_tokens": counted.cache_read,
    }
