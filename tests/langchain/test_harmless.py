"""Whatever goes wrong on our side, the agent does not notice: results, errors and output stay as they were."""

import copy
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent

from clawtrace_core import Settings, Store
from clawtrace_core.capture.sink import Sink
from clawtrace_langchain import ClawTraceCallbackHandler, trace

GO = {"messages": [("user", "go")]}


class FullDisk(Store):
    """A store whose disk is full."""

    def sink(self, session: str) -> Any:
        class Full:
            def append(self, lines: bytes) -> None:
                raise OSError(28, "No space left on device")

            def close(self) -> None:
                pass

        assert isinstance(Full(), Sink)
        return Full()


def _agent(scripted: Any, say: Any, add: Any) -> Any:
    return create_agent(scripted(say("", ("add", {"a": 1, "b": 2}, "c1")), say("3")), [add])


def _told(result: Any) -> list[tuple[str, Any]]:
    return [(message.type, message.content) for message in result["messages"]]


def test_a_full_disk_changes_nothing_for_the_agent(
    scripted: Any, say: Any, add: Any, tmp_path: Path, capsys: Any
) -> None:
    alone = _agent(scripted, say, add).invoke(GO)
    handler = ClawTraceCallbackHandler(FullDisk(tmp_path))
    watched = _agent(scripted, say, add).invoke(GO, {"callbacks": [handler]})
    with trace(FullDisk(tmp_path)):
        traced = _agent(scripted, say, add).invoke(GO)
    handler.close()
    assert _told(alone) == _told(watched) == _told(traced)
    assert capsys.readouterr() == ("", "")


def test_a_bug_of_ours_is_swallowed_and_counted(
    scripted: Any, say: Any, add: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    from clawtrace_core.capture import runs

    def explode(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(runs.Book, "start", explode)
    handler = ClawTraceCallbackHandler(tmp_path)
    result = _agent(scripted, say, add).invoke(GO, {"callbacks": [handler]})
    assert _told(result)[-1] == ("ai", "3")
    assert handler._guard.swallowed > 0
    strict = ClawTraceCallbackHandler(tmp_path, settings=Settings(strict=True))
    with pytest.raises(ZeroDivisionError):
        _agent(scripted, say, add).invoke(GO, {"callbacks": [strict]})


def test_a_store_that_vanishes_changes_nothing(scripted: Any, say: Any, add: Any, tmp_path: Path) -> None:
    import shutil

    handler = ClawTraceCallbackHandler(tmp_path / "store")
    shutil.rmtree(tmp_path / "store")
    (tmp_path / "store").write_text("in the way")
    result = _agent(scripted, say, add).invoke(GO, {"callbacks": [handler]})
    assert _told(result)[-1] == ("ai", "3")
    handler.close()


def test_odd_inputs_and_outputs_are_recorded_as_far_as_they_can(handler: Any, outline: Any) -> None:
    from langchain_core.runnables import RunnableLambda

    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError("no repr")

    loop: dict[str, Any] = {}
    loop["self"] = loop
    for value in (Odd(), loop, b"bytes", {1: {2, 3}}, float("nan"), "\ud800", 10**30, None):
        RunnableLambda(lambda given: given).invoke(value, {"callbacks": [handler]})
    assert len(handler.sessions()) == 8
    assert all(outline(session.tree()) == ["chain RunnableLambda"] for session in handler.sessions())


def test_a_handler_may_be_copied_with_a_config(handler: Any) -> None:
    assert copy.copy(handler) is handler
    assert copy.deepcopy({"callbacks": [handler]})["callbacks"][0] is handler
    assert {handler, handler} == {handler}


def test_a_retriever_is_a_span_with_its_documents(handler: Any, outline: Any, texts: Any) -> None:
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever

    class Shelf(BaseRetriever):
        def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
            return [Document(f"about {query}")]

    Shelf().invoke("cost", {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["retriever Shelf"]
    assert texts(tree, tree.spans[0].output) == [["about cost"]]


def test_a_tools_own_hints_tell_its_effect(handler: Any) -> None:
    from langchain_core.tools import tool

    for hint in ("readOnlyHint", "destructiveHint"):

        @tool
        def touch(x: int) -> dict[str, int]:
            """Touch."""
            return {"x": x}

        touch.metadata = {hint: True}
        touch.invoke({"x": 1}, {"callbacks": [handler]})
    effects = [session.tree().spans[0].attributes["effect"] for session in handler.sessions()]
    assert effects == ["read", "write"]
