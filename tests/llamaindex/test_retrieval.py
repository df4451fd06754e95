"""Retrieval: what was looked up, the embeddings it took, and what ranked the finds anew."""

import asyncio
from typing import Any

import pytest
from llama_index.core import Document, MockEmbedding, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.tools import QueryEngineTool

from clawtrace_llamaindex import trace

EMBED = MockEmbedding(embed_dim=3, model_name="text-embedding-3-small")


@pytest.fixture
def index() -> VectorStoreIndex:
    return VectorStoreIndex.from_documents(
        [Document(text="cats are furry"), Document(text="dogs bark")], embed_model=EMBED
    )


def test_building_an_index_counts_and_prices_its_embeddings(tmp_path: Any, outline: Any, texts: Any) -> None:
    with trace(tmp_path) as session:
        VectorStoreIndex.from_documents(
            [Document(text="cats are furry"), Document(text="dogs bark")], embed_model=EMBED
        )
    tree = session.tree()
    (span,) = [span for span in tree.spans if span.kind == "embedding"]
    assert texts(tree, span.input.add) == ["cats are furry", "dogs bark"]
    card = session.card()
    assert (card.cost.priced, card.cost.calls, card.cost.estimated) == (1, 1, 1)
    assert card.cost.usd > 0
    assert card.tokens.output == 0


@pytest.mark.parametrize("asynchronous", [True, False])
def test_a_query_engine_is_a_chain_of_retrieval_and_answer(
    asynchronous: bool, index: Any, scripted: Any, say: Any, handler: Any, outline: Any, texts: Any
) -> None:
    engine = index.as_query_engine(llm=scripted(say("they are")))

    async def go() -> Any:
        return await engine.aquery("cats?")

    assert str(asyncio.run(go()) if asynchronous else engine.query("cats?")) == "they are"
    session = handler.sessions()[-1]
    tree = session.tree()
    assert outline(tree) == [
        "chain RetrieverQueryEngine",
        "  retriever VectorIndexRetriever",
        "    embedding text-embedding-3-small",
        "  llm scripted-1",
    ]
    chain, retriever, embedding, _ = tree.spans
    assert (texts(tree, chain.input.add), texts(tree, chain.output)) == (["cats?"], ["they are"])
    assert texts(tree, retriever.input.add) == [{"query": "cats?"}]
    assert sorted(texts(tree, retriever.output)[0]) == ["cats are furry", "dogs bark"]
    assert (embedding.request.model, embedding.response) == ("text-embedding-3-small", None)
    assert session.card().cost.estimated == 1


def test_a_query_engine_as_a_tool_is_below_that_tool(
    index: Any, scripted: Any, say: Any, handler: Any, outline: Any
) -> None:
    engine = index.as_query_engine(llm=scripted(say("they are")))
    tool = QueryEngineTool.from_defaults(engine, name="kb", description="About pets.")
    agent = FunctionAgent(name="a", llm=scripted(say("", ("kb", {"input": "cats?"}, "c1")), say("ok")), tools=[tool])

    async def go() -> str:
        return str(await agent.run("x"))

    asyncio.run(go())
    assert outline(handler.sessions()[-1].tree()) == [
        "agent a",
        "  llm scripted-1",
        "  tool kb",
        "    retriever VectorIndexRetriever",
        "      embedding text-embedding-3-small",
        "    llm scripted-1",
        "  llm scripted-1",
    ]


def test_what_ranks_anew_is_a_step_that_says_so(
    index: Any, handler: Any, outline: Any, scripted: Any, say: Any
) -> None:
    from llama_index.core.instrumentation import get_dispatcher
    from llama_index.core.instrumentation.events.rerank import ReRankEndEvent, ReRankStartEvent
    from llama_index.core.postprocessor.types import BaseNodePostprocessor

    dispatcher = get_dispatcher("llama_index.reranker")

    class Ranker(BaseNodePostprocessor):
        def _postprocess_nodes(self, nodes: Any, query_bundle: Any = None) -> Any:
            dispatcher.event(ReRankStartEvent(query=query_bundle, nodes=nodes, top_n=1, model_name="rank-1"))
            dispatcher.event(ReRankEndEvent(nodes=nodes[:1]))
            return nodes[:1]

    engine = index.as_query_engine(llm=scripted(say("they are")), node_postprocessors=[Ranker()])
    engine.query("cats?")
    tree = handler.sessions()[-1].tree()
    (rank,) = [span for span in tree.spans if span.attributes.get("rerank")]
    assert (rank.kind, rank.name, rank.attributes["model"], rank.attributes["top_n"]) == (
        "retriever",
        "Ranker",
        "rank-1",
        1,
    )
    assert len(tree.contents[rank.output[0]].body) == 1


def test_an_embedding_from_the_cache_costs_nothing(handler: Any) -> None:
    from llama_index.core.storage.kvstore import SimpleKVStore

    model = MockEmbedding(embed_dim=3, model_name="text-embedding-3-small")
    if "embeddings_cache" not in BaseEmbedding.model_fields:
        pytest.skip("this LlamaIndex keeps no embeddings")
    model.embeddings_cache = SimpleKVStore()
    model.get_query_embedding("hello")
    model.get_query_embedding("hello")
    first, second = (session.tree().spans[0].response for session in handler.sessions())
    assert first is None
    assert second.cached


def test_an_embedding_that_fails_is_an_error(handler: Any, outline: Any) -> None:
    class Broken(MockEmbedding):
        def _get_query_embedding(self, query: str) -> Any:
            raise RuntimeError("no vectors")

    with pytest.raises(RuntimeError):
        Broken(embed_dim=3).get_query_embedding("x")
    tree = handler.sessions()[0].tree()
    assert [(span.kind, span.status) for span in tree.spans] == [("embedding", "error")]


def test_a_chat_engine_whose_stream_is_read_later_is_whole(
    index: Any, scripted: Any, say: Any, handler: Any, outline: Any
) -> None:
    engine = index.as_chat_engine(chat_mode="context", llm=scripted(say("they are soft")))
    stream = engine.stream_chat("cats?")
    assert "".join(stream.response_gen).replace(" ", "") == "theyaresoft"
    (tree,) = [session.tree() for session in handler.sessions() if session.tree().spans[0].kind == "chain"]
    assert outline(tree)[0] == "chain ContextChatEngine"
    assert [span.status for span in tree.spans if span.kind == "llm"] == ["ok"]
