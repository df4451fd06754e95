"""The reference: every scenario as the signals a perfect adapter hands over, and a player with no framework at all.

It proves that the table can be played, and gives the laws of the assembler something real to be tested on.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from clawtrace_core.capture.recorder import Recorder
from clawtrace_core.capture.signal import NOTHING, Draft, Ended, Signal, Started
from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_core.model.usage import Usage
from clawtrace_core.testing.scenario import Scenario
from clawtrace_core.testing.shape import Forest, Shape
from clawtrace_core.testing.stage import MODEL, Stage

_MS = 1_000_000


def signals_of(scenario: Scenario, session: int = 0, start_ns: int = 1_700_000_000_000_000_000) -> list[Signal]:
    """The signals of one session of a scenario, in the order in which they happen."""
    return list(_Teller(list(scenario.bills[session]), start_ns).tell(scenario.leaves[session]))


@dataclass
class _Teller:
    """Walks a forest, and hands the bills out to the calls that are answered."""

    bills: list[Usage | None]
    now: int
    keys: int = 0
    history: list[Draft] = field(default_factory=list)

    def tell(self, forest: Forest, parent: str | None = None) -> Iterator[Signal]:
        for shape in forest:
            if not shape.optional:
                yield from self._span(shape, parent)

    def _span(self, shape: Shape, parent: str | None) -> Iterator[Signal]:
        self.keys += 1
        key = f"{shape.kind}-{self.keys}"
        outer = self.history
        if shape.kind == "agent":
            self.history = [Draft("user", {"role": "user", "text": f"the task of {key}"})]
        yield self._started(shape, key, parent)
        yield from self.tell(shape.below, key)
        status = shape.status.partition("|")[0]
        if status != "interrupted":
            yield self._ended(shape, key, status)
        if shape.kind == "agent":
            self.history = outer

    def _started(self, shape: Shape, key: str, parent: str | None) -> Started:
        given = {"llm": self.history, "agent": self.history[:1]}.get(shape.kind, ())
        marks = {mark: True for mark in shape.marks if mark != "cached"}
        request = Request(model=MODEL, provider="openai") if shape.kind == "llm" else None
        return Started(
            key, self._tick(), shape.kind, shape.name or key, parent, tuple(given), request=request, attributes=marks
        )

    def _ended(self, shape: Shape, key: str, status: str) -> Ended:
        response: Response | None = None
        output: tuple[Draft, ...] = ()
        if shape.kind == "llm" and status == "ok":
            cached = "cached" in shape.marks
            usage = None if cached else self.bills.pop(0)
            response = Response(model=MODEL, usage=usage, cached=cached)
        if status == "ok" and shape.kind in {"llm", "tool"}:
            role = "assistant" if shape.kind == "llm" else "tool"
            output = (Draft(role, {"role": role, "text": f"what {key} said"}),)
            self.history = [*self.history, *output]
        failure = Failure(type="ValueError", message=f"{key} failed") if status == "error" else None
        return Ended(key, self._tick(), status, output, response, failure, NOTHING)

    def _tick(self) -> int:
        self.now += _MS
        return self.now


def play(stage: Stage, *, times: int = 1, late: bool = False) -> str:
    """Play any scenario but a crash: its sessions side by side, each signal handed over `times` times.

    With `late`, the last list of bills is played after the session was closed.
    """
    scenario = stage.scenario
    for session, bills in enumerate(scenario.bills):
        for _ in bills:
            stage.bill(session)
    if stage.watched:
        _record(stage, times, late=late)
    if scenario.fails:
        raise ValueError("as the scenario says")
    return "played"


def _record(stage: Stage, times: int, *, late: bool) -> None:
    scenario = stage.scenario
    blocks = [stage.watching() for _ in scenario.leaves]
    recorders = [block.__enter__().recorder for block in blocks]
    streams = [signals_of(scenario, session, time.time_ns()) for session in range(len(blocks))]
    for moment in zip_longest(*streams):
        for recorder, signal in zip(recorders, moment, strict=True):
            for _ in range(times if signal is not None else 0):
                hand_over(recorder, signal)
    for block in blocks:
        block.__exit__(None, None, None)
    for recorder in recorders if late else ():
        for signal in streams[0]:
            hand_over(recorder, signal)


def hand_over(recorder: Recorder, signal: Signal | None) -> None:
    """One signal through the recorder's own verbs."""
    match signal:
        case Started():
            recorder.started(
                signal.key,
                kind=signal.kind,
                name=signal.name,
                parent=signal.parent,
                input=signal.input,
                request=signal.request,
                attributes=signal.attributes,
                at_ns=signal.at_ns,
            )
        case Ended():
            recorder.ended(
                signal.key,
                status=signal.status,
                output=signal.output,
                response=signal.response,
                failure=signal.failure,
                at_ns=signal.at_ns,
            )
        case _:
            return
