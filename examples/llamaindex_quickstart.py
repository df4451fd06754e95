"""Trace a LlamaIndex agent and print its TraceCard. Needs no key: the model is scripted, so its figures are simulated.

python examples/llamaindex_quickstart.py
"""

import asyncio
import tempfile
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse, LLMMetadata
from llama_index.core.llms.callbacks import llm_chat_callback
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection

from clawtrace_llamaindex import trace

CITIES = ("Bern", "Bern", "Zurich")


def get_population(city: str) -> int:
    """The number of people who live in a city."""
    return {"Bern": 134_000, "Zurich": 421_000}[city]


class Scripted(FunctionCallingLLM):
    """Asks for both cities, one of them twice, and adds them up."""

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="gpt-5-mini", is_function_calling_model=True, is_chat_model=True)

    def _prepare_chat_with_tools(self, tools: Any, chat_history: Any = None, **_: Any) -> dict[str, Any]:
        return {"messages": chat_history, "tools": [tool.metadata.to_openai_tool() for tool in tools]}

    def get_tool_calls_from_response(self, response: Any, **_: Any) -> list[ToolSelection]:
        calls = response.message.additional_kwargs.get("tool_calls", [])
        return [ToolSelection(tool_id=c["id"], tool_name=c["name"], tool_kwargs=c["args"]) for c in calls]

    @llm_chat_callback()
    async def astream_chat(self, messages: Any, **_: Any) -> Any:
        asked = sum(message.role == "tool" for message in messages)
        calls = [
            {"id": f"call-{asked}", "name": "get_population", "args": {"city": city}} for city in CITIES[asked:][:1]
        ]
        usage = {"prompt_tokens": 900 + 60 * asked, "completion_tokens": 40, "total_tokens": 940 + 60 * asked}
        text = "" if calls else "555,000 people live in Bern and Zurich."
        message = ChatMessage(role="assistant", content=text, additional_kwargs={"tool_calls": calls})

        async def chunks() -> Any:
            yield ChatResponse(message=message, delta=text, raw={"model": "gpt-5-mini", "usage": usage})

        return chunks()

    async def achat(self, messages: Any, **_: Any) -> ChatResponse:
        raise NotImplementedError

    acomplete = astream_complete = achat

    def chat(self, messages: Any, **_: Any) -> ChatResponse:
        raise NotImplementedError

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        raise NotImplementedError

    stream_chat = stream_complete = complete


async def main(store: str) -> None:
    agent = FunctionAgent(name="census", llm=Scripted(), tools=[get_population], system_prompt="Answer with numbers.")
    async with trace(store, task="two-cities") as session:
        await agent.run("How many people live in Bern and Zurich?")
    print(session.card().to_yaml())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(main(place))
