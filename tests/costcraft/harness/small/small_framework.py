"""A framework of a few lines with an adapter of its own: any that offers a `trace` can be evaluated."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from clawtrace_core import Session, open_session
from clawtrace_core.capture import Draft
from clawtrace_core.model.event import Request, Response
from clawtrace_core.model.usage import Usage

OPEN: ContextVar[Session] = ContextVar("session")


@contextmanager
def trace(*, store: Path, task: str, agent: str) -> Iterator[Session]:
    """Record what the models of this framework are asked inside the block."""
    with open_session(store, framework="small", task=task, agent=agent) as session:
        token = OPEN.set(session)
        try:
            yield session
        finally:
            OPEN.reset(token)


def ask_model(text: str, *, model: str = "gpt-5.4", tokens: int = 1000) -> str:
    """One call of a model that answers with what it is told."""
    recorder = OPEN.get().recorder
    recorder.started("call", kind="llm", name=model, input=[Draft("user", {"role": "user", "text": text})],
                     request=Request(model=model, provider="openai"))  # fmt: skip
    usage = Usage(input=tokens, output=10)
    recorder.ended("call", output=[Draft("assistant", {"role": "assistant", "text": text})],
                   response=Response(model=model, usage=usage))  # fmt: skip
    return text
