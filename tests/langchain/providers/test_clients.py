"""The real clients of langchain-openai and langchain-anthropic against a provider on 127.0.0.1."""

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI, OpenAI

from clawtrace_langchain import trace

KEY = "sk-test-0123456789abcdefghij"
GO = {"messages": [("user", "1+2")]}


def _openai(provider: Any, **more: Any) -> ChatOpenAI:
    secret = {"X-Secret": "client-header-secret"}
    return ChatOpenAI(
        model="gpt-x", base_url=f"{provider.url}/v1", api_key=KEY, max_retries=0, default_headers=secret, **more
    )


def _claude(provider: Any, **more: Any) -> ChatAnthropic:
    return ChatAnthropic(model="claude-x", base_url=provider.url, api_key=KEY, max_retries=0, **more)


MAKES: dict[str, Any] = {
    "chat": _openai,
    "chat, streaming": lambda p: _openai(p, streaming=True, stream_usage=True),
    "responses": lambda p: _openai(p, use_responses_api=True),
    "responses, streaming": lambda p: _openai(p, use_responses_api=True, streaming=True),
    "anthropic": _claude,
    "anthropic, streaming": lambda p: _claude(p, streaming=True),
}


@pytest.mark.parametrize("kind", MAKES)
def test_tokens_are_those_the_provider_sent_counted_once(
    kind: str, provider: Any, add: Any, handler: Any, outline: Any, tokens: Any
) -> None:
    provider.calls = [[("add", {"a": 1, "b": 2}, "call_1")]]
    agent = create_agent(MAKES[kind](provider), [add], system_prompt="Add.", name="calc")
    agent.invoke(GO, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    model = "claude-x" if "anthropic" in kind else "gpt-x"
    assert outline(tree) == ["agent calc", f"  llm {model}", "  tool add", f"  llm {model}"]
    assert len(provider.asked) == 2
    output = 100 if "anthropic" in kind else 400
    assert tokens(tree) == (2000, 1200, output)
    call = tree.spans[1]
    assert call.request is not None
    assert call.response is not None
    assert (call.request.model, call.request.host) == (model, "127.0.0.1")
    assert call.request.provider == ("anthropic" if "anthropic" in kind else "openai")
    assert call.response.model in {"gpt-x-2025-09-01", "claude-x-20250901"}
    assert (call.response.first_token_ns is not None) == ("streaming" in kind)
    assert call.response.usage is not None
    assert not call.response.usage.conflicts
    prompts = [ids for span, ids in tree.inputs() if span.kind == "llm"]
    assert call.output[0] in prompts[1]  # what it answered came back as the same content


def test_cache_writes_keep_their_lifetimes(provider: Any, handler: Any) -> None:
    _claude(provider).invoke("hi", {"callbacks": [handler]})
    response = handler.sessions()[0].tree().spans[0].response
    assert response is not None
    assert (response.usage.cache_write_5m, response.usage.cache_write_1h) == (200, 100)
    assert (response.usage.input, response.usage.uncached) == (1000, 100)
    assert (response.id, response.finish) == ("msg_01", ("end_turn",))
    assert response.raw_usage["cache_creation"]["ephemeral_1h_input_tokens"] == 100


def test_several_generations_repeat_the_usage_and_it_is_counted_once(provider: Any, handler: Any, tokens: Any) -> None:
    _openai(provider, n=2).invoke("hi", {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert tokens(tree) == (1000, 600, 200)
    assert len(tree.spans[0].output) == 2
    assert tree.spans[0].response.model == "gpt-x-2025-09-01"


def test_a_price_the_provider_tells_is_kept(provider: Any, handler: Any) -> None:
    provider.usage["cost"] = 0.0123
    _openai(provider).invoke("hi", {"callbacks": [handler]})
    usage = handler.sessions()[0].tree().spans[0].response.usage
    assert str(usage.reported_usd) == "0.0123"


def test_a_stream_without_usage_is_unknown_and_not_zero(provider: Any, handler: Any) -> None:
    for _ in _openai(provider).stream("hi", {"callbacks": [handler]}):
        pass
    response = handler.sessions()[0].tree().spans[0].response
    assert response is not None
    assert response.usage is None


def test_a_flex_call_keeps_its_tier_and_its_counts(provider: Any, handler: Any, tokens: Any) -> None:
    _openai(provider, service_tier="flex").invoke("hi", {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert tree.spans[0].request.tier == "flex"
    assert tokens(tree) == (1000, 600, 200)


def test_a_refused_call_is_an_error_and_no_header_is_kept(provider: Any, tmp_path: Any, outline: Any) -> None:
    provider.refuse = 1
    with trace(tmp_path) as session:
        with pytest.raises(Exception, match="slow down"):
            _openai(provider).invoke("hi")
        _openai(provider).invoke("hi")
    assert outline(session.tree()) == ["llm gpt-x error", "llm gpt-x"]
    written = session.store.path(session.id).read_text()
    for secret in ("header-secret-value", "client-header-secret", KEY):
        assert secret not in written


def test_a_completion_model_is_recorded_too(provider: Any, handler: Any, texts: Any) -> None:
    model = OpenAI(model="gpt-x-instruct", base_url=f"{provider.url}/v1", api_key=KEY, max_retries=0)
    completion = {  # the fourth shape: completions of a text
        "id": "cmpl-1",
        "object": "text_completion",
        "created": 1,
        "model": "gpt-x-instruct",
        "choices": [{"index": 0, "text": "hello", "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
    }
    provider.answer = lambda *_: (200, completion)
    model.invoke("say hello", {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    span = tree.spans[0]
    assert (texts(tree, span.input.add), texts(tree, span.output)) == (["say hello"], ["hello"])
    assert (span.response.usage.input, span.response.usage.output) == (5, 2)
    assert span.response.finish == ("stop",)


def test_another_thing_the_store_does_not_hold_is_the_text_when_told_so(provider: Any, add: Any, tmp_path: Any) -> None:
    from clawtrace_core import Settings

    provider.calls = [[("add", {"a": 1234567, "b": 7654321}, "call_1")]]
    agent = create_agent(_openai(provider), [add], system_prompt="The password is swordfish.")
    with trace(tmp_path, settings=Settings(content="none", strict=True)) as session:
        agent.invoke({"messages": [("user", "my very private question")]})
    written = session.store.path(session.id).read_text()
    for word in ("swordfish", "private", "1234567", "8888888", "done"):
        assert word not in written
    assert len(session.tree().spans) == 4
