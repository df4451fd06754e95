"""Models that only hand a call on to another one are not billed; the one that answers is."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent, ReActAgent
from llama_index.core.base.llms.types import ChatMessage, CompletionResponse, LLMMetadata, TextBlock
from llama_index.core.llms import CustomLLM, MockLLM
from llama_index.core.llms.callbacks import llm_completion_callback
from pydantic import BaseModel

ASKED = [ChatMessage(role="user", content="hi")]
SAID = "Thought: I can answer.\nAnswer: 3"


class Local(CustomLLM):
    """A model of the user's own: only completions are written, the chats are LlamaIndex's."""

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="my-local")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text=SAID, raw={"usage": {"prompt_tokens": 5, "completion_tokens": 6}})

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        def chunks() -> Iterator[CompletionResponse]:
            yield CompletionResponse(text=SAID[:5], delta=SAID[:5], raw={})
            usage = {"prompt_tokens": 5, "completion_tokens": 6}
            yield CompletionResponse(text=SAID, delta=SAID[5:], raw={"usage": usage})

        return chunks()


async def _read(stream: Any) -> None:
    async for _ in await stream:
        pass


WAYS: dict[str, Any] = {
    "chat": lambda model: model.chat(ASKED),
    "achat": lambda model: asyncio.run(model.achat(ASKED)),
    "complete": lambda model: model.complete("hi"),
    "acomplete": lambda model: asyncio.run(model.acomplete("hi")),
    "stream_chat": lambda model: list(model.stream_chat(ASKED)),
    "astream_chat": lambda model: asyncio.run(_read(model.astream_chat(ASKED))),
    "stream_complete": lambda model: list(model.stream_complete("hi")),
    "predict": lambda model: model.predict(_template()),
}


def _template() -> Any:
    from llama_index.core import PromptTemplate

    return PromptTemplate("hi")


@pytest.mark.parametrize("way", WAYS)
def test_a_custom_model_is_counted_once_whichever_way_it_is_called(
    way: str, handler: Any, outline: Any, tokens: Any
) -> None:
    WAYS[way](Local())
    (session,) = handler.sessions()
    tree = session.tree()
    calls = [line.strip() for line in outline(tree) if "llm" in line]
    assert calls == ["llm my-local"]
    assert tokens(tree) == (5, 0, 6)
    assert tree.ended.status == "ok"


@pytest.mark.parametrize("streaming", [True, False])
def test_a_custom_model_in_an_agent_is_counted_once(streaming: bool, handler: Any, outline: Any, tokens: Any) -> None:
    agent = ReActAgent(name="re", llm=Local(), tools=[], streaming=streaming)

    async def go() -> str:
        return str(await agent.run("x"))

    assert asyncio.run(go()) == "3"
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent re", "  llm my-local"]
    assert tokens(tree) == (5, 0, 6)


class Sum(BaseModel):
    """The answer."""

    total: int


def test_structured_output_is_one_call_and_no_tool(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    model = scripted(say("", ("Sum", {"total": 3}, "c1")))
    answer = model.as_structured_llm(Sum).chat(ASKED)
    assert answer.raw.total == 3
    assert [line.strip() for line in outline(handler.sessions()[0].tree())] == ["llm scripted-1"]


def test_an_agent_with_a_structured_answer_is_its_calls(
    scripted: Any, say: Any, handler: Any, outline: Any, tokens: Any
) -> None:
    model = scripted(say("three"), say("", ("Sum", {"total": 3}, "c1")))
    agent = FunctionAgent(name="s", llm=model, tools=[], output_cls=Sum)

    async def go() -> Any:
        return await agent.run("x")

    asyncio.run(go())
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent s", "  llm scripted-1", "  llm scripted-1"][: 1 + len(model.heard)]
    assert tokens(tree)[0] == 100 * len(model.heard)


def test_tools_that_are_called_by_hand_are_one_span_each(
    scripted: Any, say: Any, add: Any, handler: Any, outline: Any
) -> None:
    from llama_index.core.tools import FunctionTool

    tool = FunctionTool.from_defaults(add)
    assert tool(a=1, b=2).raw_output == 3
    assert asyncio.run(tool.acall(a=2, b=2)).raw_output == 4
    model = scripted(say("", ("add", {"a": 1, "b": 2}, "c1")))
    model.predict_and_call([tool], user_msg="1+2")
    trees = [session.tree() for session in handler.sessions()]
    assert [outline(tree) for tree in trees[:2]] == [["tool add"], ["tool add"]]
    assert [line.strip() for line in outline(trees[2])][-2:] == ["llm scripted-1", "tool add"]
    assert trees[0].contents[trees[0].spans[0].input.add[0]].body == {"a": 1, "b": 2}


def test_usage_that_is_not_told_is_unknown_and_not_zero(scripted: Any, say: Any, handler: Any) -> None:
    MockLLM().chat(ASKED)
    scripted(say("hi", usage=False)).chat(ASKED)
    for session in handler.sessions():
        responses = [span.response for span in session.tree().spans]
        assert [response.usage for response in responses] == [None]
        assert session.card().tokens.input > 0  # worked out from the texts, and marked so
        assert session.card().cost.estimated == 1


def test_a_message_changed_in_place_is_another_content(scripted: Any, say: Any, tmp_path: Any, texts: Any) -> None:
    model, message = scripted(say("a"), say("b")), ChatMessage(role="user", content="first")
    from clawtrace_llamaindex import trace

    with trace(tmp_path) as session:
        model.chat([message])
        message.blocks[0] = TextBlock(text="second")
        model.chat([message])
        tree = session.tree()
    assert [texts(tree, ids) for _, ids in tree.inputs()] == [["first"], ["second"]]


def test_two_real_streams_of_the_same_messages_are_two_calls(
    scripted: Any, say: Any, handler: Any, tokens: Any
) -> None:
    model = scripted(say("a"), say("b"))

    async def go() -> None:
        first, second = await model.astream_chat(ASKED), await model.astream_chat(ASKED)
        async for _ in first:
            pass
        async for _ in second:
            pass

    asyncio.run(go())
    assert [tokens(session.tree()) for session in handler.sessions()] == [(100, 40, 10)] * 2
