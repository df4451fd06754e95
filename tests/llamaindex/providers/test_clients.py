"""The real clients of LlamaIndex's OpenAI and Anthropic packages against a provider on 127.0.0.1."""

import asyncio
from importlib.metadata import version
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.openai import OpenAI, OpenAIResponses
from llama_index.llms.openai_like import OpenAILike

from clawtrace_core import Settings
from clawtrace_llamaindex import trace

CLIENT = version("anthropic")
KEY = "sk-test-0123456789abcdefghij"
ASKED = [ChatMessage(role="user", content="hi")]
TOLD = {"stream_options": {"include_usage": True}}


def needs_its_client() -> None:
    """test_other_versions plays these tests with the client that LlamaIndex's package was made for."""
    if int(CLIENT.partition(".")[0]) >= 1:
        pytest.skip(f"LlamaIndex's Anthropic package fails with anthropic {CLIENT}: it was made for 0.x")


def _openai(provider: Any, **more: Any) -> OpenAI:
    secret = {"X-Secret": "client-header-secret"}
    base = f"{provider.url}/v1"
    return OpenAI(model="gpt-4o", api_base=base, api_key=KEY, max_retries=0, default_headers=secret, **more)


def _like(provider: Any, **more: Any) -> OpenAILike:
    told = {"is_chat_model": True, "is_function_calling_model": True, "max_retries": 0}
    return OpenAILike(model="qwen", api_base=f"{provider.url}/v1", api_key=KEY, **told, **more)


def _responses(provider: Any) -> OpenAIResponses:
    return OpenAIResponses(model="gpt-4o", api_base=f"{provider.url}/v1", api_key=KEY, max_retries=0)


def _claude(provider: Any) -> Anthropic:
    needs_its_client()
    return Anthropic(model="claude-sonnet-4-20250514", base_url=provider.url, api_key=KEY, max_retries=0)


MAKES: dict[str, Any] = {
    "chat": (_openai, False),
    "chat, streaming": (lambda p: _openai(p, additional_kwargs=TOLD), True),
    "like": (_like, False),
    "like, streaming": (lambda p: _like(p, additional_kwargs=TOLD), True),
    "responses": (_responses, False),
    "responses, streaming": (_responses, True),
    "anthropic": (_claude, False),
    "anthropic, streaming": (_claude, True),
}


def _agent(kind: str, provider: Any, add: Any) -> Any:
    make, streaming = MAKES[kind]
    if streaming and kind[:9] in {"anthropic", "responses"} and "streaming" not in FunctionAgent.model_fields:
        pytest.skip("the clients of this LlamaIndex drop the usage of such streams")
    if not streaming and "streaming" not in FunctionAgent.model_fields:
        pytest.skip("agents of this LlamaIndex always stream")
    more = {"streaming": streaming} if "streaming" in FunctionAgent.model_fields else {}
    return FunctionAgent(name="calc", llm=make(provider), tools=[add], system_prompt="Add.", **more)


@pytest.mark.parametrize("kind", MAKES)
def test_tokens_are_those_the_provider_sent_counted_once(
    kind: str, provider: Any, add: Any, handler: Any, outline: Any, tokens: Any
) -> None:
    provider.calls = [[("add", {"a": 1, "b": 2}, "call_1")]]
    agent = _agent(kind, provider, add)

    async def go() -> str:
        return str(await agent.run("1+2"))

    assert asyncio.run(go()) == "done"
    tree = handler.sessions()[0].tree()
    model = agent.llm.model
    assert outline(tree) == ["agent calc", f"  llm {model}", "  tool add", f"  llm {model}"]
    assert len(provider.asked) == 2
    assert tokens(tree) == (2000, 1200, 100 if "anthropic" in kind else 400)
    call, tool, last = tree.spans[1:]
    assert (call.request.model, call.request.host) == (model, "127.0.0.1")
    assert call.request.provider == ("anthropic" if "anthropic" in kind else "openai")
    assert call.request.streaming == ("streaming" in kind)
    assert (call.response.first_token_ns is not None) == ("streaming" in kind)
    assert not call.response.usage.conflicts
    assert call.response.model in {"gpt-x-2025-09-01", "claude-x-20250901", None}
    assert (call.response.model is None) == (kind == "anthropic, streaming")  # LlamaIndex drops the message's start
    prompt = next(ids for span, ids in tree.inputs() if span.id == last.id)
    assert call.output[0] in prompt  # what it answered came back as the same content
    assert tool.output[0] in prompt
    assert tree.contents[call.output[0]].body["tool_calls"] == [
        {"id": "call_1", "name": "add", "args": {"a": 1, "b": 2}}
    ]


def test_reasoning_is_part_of_the_output(provider: Any, handler: Any) -> None:
    _openai(provider).chat(ASKED)
    usage = handler.sessions()[0].tree().spans[0].response.usage
    assert (usage.output, usage.reasoning) == (200, 120)


def test_cache_writes_keep_their_lifetimes(provider: Any, handler: Any) -> None:
    _claude(provider).chat(ASKED)
    response = handler.sessions()[0].tree().spans[0].response
    assert (response.usage.cache_write_5m, response.usage.cache_write_1h) == (200, 100)
    assert (response.usage.input, response.usage.uncached) == (1000, 100)
    assert (response.id, response.finish) == ("msg_01", ("end_turn",))
    assert response.raw_usage["cache_creation"]["ephemeral_1h_input_tokens"] == 100


def test_a_price_the_provider_tells_is_kept(provider: Any, handler: Any) -> None:
    provider.usage["cost"] = 0.0123
    _openai(provider).chat(ASKED)
    assert str(handler.sessions()[0].tree().spans[0].response.usage.reported_usd) == "0.0123"


def test_a_stream_without_usage_is_unknown_until_it_is_estimated(provider: Any, handler: Any) -> None:
    for _ in _openai(provider).stream_chat(ASKED):
        pass
    (session,) = handler.sessions()
    assert session.tree().spans[0].response.usage is None
    card = session.card()
    assert (card.cost.estimated, card.tokens.input > 0) == (1, True)


@pytest.mark.parametrize("make", [_openai, _like, _claude])
def test_a_completion_is_one_call(make: Any, provider: Any, handler: Any, outline: Any, tokens: Any) -> None:
    make(provider).complete("hi")
    tree = handler.sessions()[0].tree()
    assert len(outline(tree)) == len(provider.asked) == 1
    assert tokens(tree)[:2] == (1000, 600)


def test_a_refused_call_is_an_error_and_no_secret_is_kept(provider: Any, tmp_path: Any, outline: Any) -> None:
    provider.refuse = 1
    with trace(tmp_path) as session:
        with pytest.raises(Exception, match="slow down"):
            _openai(provider).chat(ASKED)
        _openai(provider).chat(ASKED)
    assert outline(session.tree()) == ["llm gpt-4o error", "llm gpt-4o"]
    session.flush()
    written = session.store.path(session.id).read_text()
    for secret in ("header-secret-value", "client-header-secret", KEY):
        assert secret not in written


def test_text_is_not_kept_when_the_settings_say_so(provider: Any, add: Any, tmp_path: Any) -> None:
    provider.calls = [[("add", {"a": 1234567, "b": 7654321}, "call_1")]]
    agent = FunctionAgent(name="a", llm=_openai(provider), tools=[add], system_prompt="The password is swordfish.")

    async def go() -> Any:
        async with trace(tmp_path, settings=Settings(content="none", strict=True)) as session:
            await agent.run("my very private question")
        return session

    session = asyncio.run(go())
    session.flush()
    written = session.store.path(session.id).read_text()
    for word in ("swordfish", "private", "1234567", "8888888", "done"):
        assert word not in written
    assert len(session.tree().spans) == 4
