"""Trace a crew and print its TraceCard. Needs no key: the model is scripted, so its figures are simulated.

python examples/crewai_quickstart.py
"""

import os
import tempfile
from typing import Any

# CrewAI would ask whether to share the run, and report to its makers.
os.environ |= {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "CREWAI_TESTING": "true"}

from crewai import Agent, Crew, Task
from crewai.events.types.llm_events import LLMCallType
from crewai.llms.base_llm import BaseLLM, llm_call_context
from crewai.tools import tool

from clawtrace_crewai import trace


@tool("population")
def population(city: str) -> int:
    """The number of people who live in a city."""
    return {"Bern": 134_000, "Zurich": 421_000}[city]


class Scripted(BaseLLM):
    """Asks for both cities, one of them twice, and adds them up."""

    def supports_function_calling(self) -> bool:
        return True

    def get_context_window_size(self) -> int:
        return 100_000

    def call(self, messages: Any, tools: Any = None, *_: Any, **told: Any) -> Any:
        asked = sum(message["role"] == "tool" for message in messages)
        cities = ("Bern", "Bern", "Zurich")
        answer: Any = "555,000 people live in Bern and Zurich."
        if asked < len(cities):
            arguments = f'{{"city": "{cities[asked]}"}}'
            answer = [{"id": f"call-{asked}", "function": {"name": "population", "arguments": arguments}}]
        who = {"from_task": told.get("from_task"), "from_agent": told.get("from_agent")}
        with llm_call_context():
            self._emit_call_started_event(messages, tools=tools, **who)
            self._emit_call_completed_event(
                response=answer,
                call_type=LLMCallType.TOOL_CALL if asked < len(cities) else LLMCallType.LLM_CALL,
                messages=messages,
                usage={"prompt_tokens": 900 + 60 * asked, "completion_tokens": 40, "total_tokens": 940 + 60 * asked},
                **who,
            )
        return answer


def main(store: str) -> None:
    model = Scripted(model="gpt-5-mini", provider="openai")
    clerk = Agent(role="Census clerk", goal="Answer with numbers.", backstory="Exact.", llm=model, tools=[population])
    question = Task(description="How many people live in Bern and Zurich?", expected_output="A number", agent=clerk)
    crew = Crew(name="census", agents=[clerk], tasks=[question])
    with trace(store, task="two-cities") as session:
        crew.kickoff()
    print(session.card().to_yaml())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(folder)
