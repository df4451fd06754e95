"""Every way CrewAI reaches a model: native OpenAI and Anthropic, streaming, text parsing, a client of one's own."""

from collections.abc import Callable
from typing import Any

import pytest

from clawtrace_crewai import trace


@pytest.fixture
def claude(provider: Any) -> Any:
    from crewai import LLM

    return LLM(model="anthropic/claude-x", base_url=provider.url, api_key="secret-key", max_tokens=100)


@pytest.fixture
def scripted() -> Callable[..., Any]:
    """Makes a model client of one's own, without function calling, that says one text after another."""
    from crewai.events.types.llm_events import LLMCallType
    from crewai.llms.base_llm import BaseLLM, llm_call_context

    class Scripted(BaseLLM):
        texts: list[str]
        usage: dict[str, int] | None = None

        def call(
            self,
            messages: Any,
            tools: Any = None,
            callbacks: Any = None,
            available_functions: Any = None,
            from_task: Any = None,
            from_agent: Any = None,
            response_model: Any = None,
        ) -> str:
            with llm_call_context():
                self._emit_call_started_event(messages, from_task=from_task, from_agent=from_agent)
                text = self.texts.pop(0)
                self._emit_call_completed_event(
                    response=text,
                    call_type=LLMCallType.LLM_CALL,
                    from_task=from_task,
                    from_agent=from_agent,
                    messages=messages,
                    usage=self.usage,
                )
                return text

        def supports_function_calling(self) -> bool:
            return False

        def get_context_window_size(self) -> int:
            return 100_000

    def make(*texts: str, usage: dict[str, int] | None = None) -> Any:
        return Scripted(model="own-model", provider="own", texts=list(texts), usage=usage)

    return make


def calls(session: Any) -> list[Any]:
    return [span for span in session.tree().spans if span.kind == "llm"]


def test_claude_with_tools_and_its_cache(
    provider: Any, claude: Any, agent: Any, crew: Any, search: Any, outline: Any, tmp_path: Any
) -> None:
    provider.script = lambda _asked, number: [("search", {"q": "a"})] if number == 1 else "done"
    with trace(tmp_path) as session:
        crew(agent("Worker", llm=claude, tools=[search])).kickoff()
    assert outline(session.tree())[3:] == ["      llm llm", "      tool search", "      llm llm"]
    for span in calls(session):
        usage = span.response.usage
        assert (usage.input, usage.output, usage.cache_read, usage.cache_write) == (1000, 50, 600, 300)
        assert not usage.conflicts
        assert span.request.provider == "anthropic"
    tree = session.tree()
    tool = next(span for span in tree.spans if span.kind == "tool")
    assert tool.tool_call == "call_1_0"
    read = [tree.contents[content] for span, ids in tree.inputs() if span.id == calls(session)[1].id for content in ids]
    assert any(content.body.get("tool_call_id") == "call_1_0" for content in read)
    asked = next(content for content in read if content.role == "assistant")
    assert asked.body["tool_calls"] == [{"id": "call_1_0", "name": "search", "args": {"q": "a"}}]


def test_a_streamed_call_tells_its_first_token_and_its_usage(
    provider: Any, llm: Any, tokens: Any, tmp_path: Any
) -> None:
    provider.script = lambda _asked, _number: "one two three"
    with trace(tmp_path) as session:
        assert llm(stream=True).call("hi").strip() == "one two three"
    (span,) = calls(session)
    assert span.request.streaming
    assert span.start_ns <= span.response.first_token_ns <= span.end_ns
    assert tokens(session.tree()) == (1000, 600, 50)


def test_text_parsing_with_a_client_of_ones_own_and_no_usage(
    scripted: Any, agent: Any, crew: Any, search: Any, outline: Any, tmp_path: Any
) -> None:
    own = scripted(
        'Thought: look\nAction: search\nAction Input: {"q": "cats"}',
        'Thought: look\nAction: nowhere\nAction Input: {"q": "cats"}',
        "Thought: done\nFinal Answer: found",
    )
    with trace(tmp_path) as session:
        out = crew(agent("Worker", llm=own, tools=[search])).kickoff()
    assert out.raw == "found"
    assert outline(session.tree())[3:] == [
        "      llm llm",
        "      tool search",
        "      llm llm",
        "      tool nowhere error",
        "      llm llm",
    ]
    assert all(span.response.usage is None for span in calls(session))
    assert calls(session)[0].request.model == "own-model"
    card = session.card()
    assert card.cost.priced == "0/3" or "unpriced" in card.to_yaml() or "estimated" in card.to_yaml()


def test_a_tool_answered_from_crewais_cache_is_marked(
    provider: Any, agent: Any, crew: Any, search: Any, tmp_path: Any
) -> None:
    provider.script = lambda _asked, number: [("search", {"q": "a"})] if number < 3 else "done"
    with trace(tmp_path) as session:
        crew(agent("Worker", tools=[search], cache=True), cache=True).kickoff()
    marks = [span.attributes.get("cached", False) for span in session.tree().spans if span.kind == "tool"]
    assert marks == [False, True]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11, "cached_prompt_tokens": 4}, (9, 2, 4, None)),
        (
            {
                "input_tokens": 1000,
                "output_tokens": 50,
                "total_tokens": 1050,
                "cached_prompt_tokens": 600,
                "cache_creation_tokens": 300,
            },
            (1000, 50, 600, 300),
        ),
        (
            {
                "prompt_token_count": 100,
                "candidates_token_count": 10,
                "completion_tokens": 30,
                "total_tokens": 130,
                "cached_prompt_tokens": 40,
                "reasoning_tokens": 20,
            },
            (100, 30, 40, None),
        ),
        ({"inputTokens": 10, "outputTokens": 5, "totalTokens": 35, "cacheReadInputTokens": 20}, (30, 5, 20, 0)),
        (None, None),
        ({}, None),
    ],
    ids=["openai", "anthropic", "gemini", "bedrock", "none", "empty"],
)
def test_usage_in_every_providers_words(raw: Any, expected: Any) -> None:
    from clawtrace_crewai._translate import usage_of

    usage = usage_of(raw)
    if expected is None:
        assert usage is None
    else:
        assert usage is not None
        assert not usage.conflicts
        told = (usage.input, usage.output, usage.cache_read, usage.cache_write or expected[3])
        assert told == expected
