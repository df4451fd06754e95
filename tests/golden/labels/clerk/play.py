"""One session of the clerk: a world, some requests, and the agent that sees to them, traced."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from examples.sheets.langchain_agent import with_failures_told
from langchain.agents import create_agent
from langchain_core.tools import BaseTool, StructuredTool

from clawtrace_core import Store
from clawtrace_langchain import trace
from tests.golden.labels.clerk.desk import Desk
from tests.golden.labels.clerk.jobs import JOBS, stock
from tests.golden.labels.clerk.mind import Mind, Talk, spoken
from tests.golden.labels.clerk.model import ClerkModel, Meter
from tests.golden.labels.clerk.world import World

MODELS = ("gpt-5.4-mini", "gpt-4.1", "gpt-5.4")
CONFIG: Any = {"max_concurrency": 1, "recursion_limit": 600}
"""One tool at a time: calls asked for at once are recorded in the order in which they were asked for."""


class Clerk:
    """The agent of one session, and what its user says."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._draw = draw = random.Random(f"clerk/{seed}")
        self.world = World(draw, folder)
        self.mind = Mind(draw, self.world)
        self._model = draw.choice(MODELS)
        self._jobs = draw.sample(JOBS, draw.randint(2, len(JOBS)))
        self.requests: list[str] = []
        rounds = [self._round(n) for n in range(draw.choice((1, 1, 2, 3)))]
        reading, tools = self.world.reading(), self.world.writing()
        tools = [*reading, *tools, self._ask_colleague]
        self.agent = self._agent(self.mind, spoken(self.mind, iter(rounds)), tools, "clerk")

    def _round(self, number: int) -> Talk:
        """Some jobs for one request; later ones may follow a change that the user tells of, which may be none."""
        draw = self._draw
        jobs = [draw.choice(self._jobs)(self.mind) for _ in range(draw.choice((1, 2, 3, 3, 4, 6, 9)))]
        told = " ".join(request for request, _ in jobs)
        before: Callable[[], None] = lambda: None  # noqa: E731
        if number and draw.random() < 0.5:
            product = draw.choice(list(self.world.stock))
            really = draw.random() < 0.6
            told = f"I have just corrected the stock of {product}. Please look again. {told}"
            jobs = [stock(self.mind), *jobs]
            told += f" {jobs[0][0]}"

            def before() -> None:
                self.mind.changed("Stock")
                if really:
                    self.world.edit(product)

        self.requests.append(told)

        def work() -> Talk:
            before()
            for _, talk in jobs:
                yield from talk

        return work()

    def _agent(self, mind: Mind, talk: Talk, tools: list[Callable[..., str]], name: str) -> Any:
        meter = Meter()
        model = ClerkModel(talk=talk, meter=meter, model_name=self._model)
        wrapped = [self._wrapped(tool) for tool in tools]
        return create_agent(model, wrapped, middleware=[Desk(self._draw, mind, meter)], name=name)

    def _wrapped(self, function: Callable[..., str]) -> BaseTool:
        reads = function.__name__ in {tool.__name__ for tool in self.world.reading()}
        hints = {"readOnlyHint": reads} if self.world.told and function.__name__ != "_ask_colleague" else None
        name = function.__name__.lstrip("_")
        told = with_failures_told(function)
        return StructuredTool.from_function(told, name=name, handle_tool_error=True, metadata=hints)

    def _ask_colleague(self, question: str) -> str:
        """Ask a colleague to look something up in the notes."""
        mind = Mind(self._draw, self.world)
        talk = spoken(mind, iter([self._looked_up(mind, question)]))
        agent = self._agent(mind, talk, self.world.reading(), "colleague")
        return str(agent.invoke({"messages": [{"role": "user", "content": question}]})["messages"][-1].text)

    def _looked_up(self, mind: Mind, question: str) -> Talk:
        for note in self.world.notes.values():
            if f"{note.topic} {note.about}" in question and len(mind.found) < 4:
                found = yield from mind.searched(note.topic, note.about, note.name)
                told = f"{note.name}: {note.text.split('. ')[0]}." if found else f"nothing on {note.about}."
                mind.found.append(told)


def play(seed: int, store: Store, folder: Path) -> str:
    """Run one session into a store; its id there."""
    clerk = Clerk(seed, folder)
    with trace(store=store, task=f"office-{seed}", agent="clerk, simulated model") as session:
        messages: list[Any] = []
        for request in clerk.requests:
            asked = {"messages": [*messages, {"role": "user", "content": request}]}
            messages = clerk.agent.invoke(asked, CONFIG)["messages"]
    return session.id


def play_all(seeds: Iterator[int], store: Store, folder: Path) -> Iterator[tuple[str, str]]:
    """Sessions of these seeds: the name of each, and its id in the store."""
    for seed in seeds:
        yield f"clerk/{seed}", play(seed, store, folder / str(seed))
