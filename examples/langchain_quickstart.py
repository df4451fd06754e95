"""Trace a LangChain agent and print its TraceCard. Needs no key: the model is scripted, so its figures are simulated.

python examples/langchain_quickstart.py
"""

import tempfile
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool

from clawtrace_langchain import ClawTraceCallbackHandler


@tool
def population(city: str) -> int:
    """The number of people who live in a city."""
    return {"Bern": 134_000, "Zurich": 421_000}[city]


population.metadata = {"readOnlyHint": True}  # the tool changes nothing, so asking twice for the same is waste


class Scripted(BaseChatModel):
    """Asks for both cities, one of them twice, and adds them up."""

    model: str = "gpt-5-mini"

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self.bind(tools=[{"name": tool.name, "description": tool.description} for tool in tools])

    def _generate(self, messages: Any, *_: Any, **__: Any) -> ChatResult:
        asked = sum(message.type == "tool" for message in messages)
        cities = ("Bern", "Bern", "Zurich")
        answer = AIMessage(
            content="" if asked < len(cities) else "555,000 people live in Bern and Zurich.",
            tool_calls=[{"name": "population", "args": {"city": cities[asked]}, "id": f"call-{asked}"}]
            if asked < len(cities)
            else [],
            usage_metadata={"input_tokens": 900 + 60 * asked, "output_tokens": 40, "total_tokens": 940 + 60 * asked},
            response_metadata={"model_name": "gpt-5-mini", "model_provider": "openai"},
        )
        return ChatResult(generations=[ChatGeneration(message=answer)])


def main(store: str) -> None:
    agent = create_agent(Scripted(), [population], system_prompt="Answer with numbers.", name="census")
    handler = ClawTraceCallbackHandler(store, task="two-cities")
    question = "How many people live in Bern and Zurich?"
    agent.invoke({"messages": [("user", question)]}, config={"callbacks": [handler]})
    print(handler.card().to_yaml())
    handler.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        main(directory)
