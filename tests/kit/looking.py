"""What tests look at a recorded session with."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clawtrace_core.model.session import SessionTree


def _outline(tree: SessionTree) -> list[str]:
    assert not tree.problems
    children = tree.children()

    def lines(parent: int | None, depth: int) -> Iterator[str]:
        for span in children.get(parent, []):
            status = "" if span.status == "ok" else f" {span.status}"
            yield f"{'  ' * depth}{span.kind} {span.name}{status}"
            yield from lines(span.id, depth + 1)

    return list(lines(None, 0))


@pytest.fixture
def outline() -> Callable[[SessionTree], list[str]]:
    """The spans of a session, one line each, indented below their parents; `ok` is not written."""
    return _outline


@pytest.fixture
def tokens() -> Callable[[SessionTree], tuple[int, int, int]]:
    """(input, cache reads, output) of the calls that were billed."""

    def summed(tree: SessionTree) -> tuple[int, int, int]:
        responses = [span.response for span in tree.spans if span.response is not None and not span.response.cached]
        told = [response.usage for response in responses if response.usage is not None]
        return (sum(u.input or 0 for u in told), sum(u.cache_read for u in told), sum(u.output or 0 for u in told))

    return summed


@pytest.fixture
def texts() -> Callable[[SessionTree, Any], list[Any]]:
    """The texts (or plain values) of a list of content ids."""

    def read(tree: SessionTree, ids: Any) -> list[Any]:
        bodies = [tree.contents[content].body for content in ids]
        return [body.get("text", body) if isinstance(body, dict) else body for body in bodies]

    return read
