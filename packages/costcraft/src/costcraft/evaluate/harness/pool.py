"""The processes that make runs: one for each run at a time, ended where it hangs, and put in place anew where it dies.

They are started as programs of their own, not by `multiprocessing`: that would import the user's script once more in
each, and their agents are heard by pipes while they run.
"""

import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import BinaryIO, cast

from clawtrace_core.capture.guard import attempt
from costcraft.evaluate.harness import places
from costcraft.evaluate.harness.letters import Ended, Letter, Order, Ready, Setting, Unable
from costcraft.evaluate.harness.schedule import Job
from costcraft.evaluate.harness.worker import BEGIN, end_group, first_words

LOOK_EVERY = 5.0
"""Seconds after which it is looked whether the processes are alive."""
PARTING = 2.0
"""Seconds in which a process that says nothing more may end."""


@dataclass(eq=False)
class _Place:
    """One process, and what it is at."""

    number: int
    process: "subprocess.Popen[bytes]"
    log: Path
    at: Order | None = None
    patience: float | None = None
    """Seconds after which what it is at is taken for hung."""
    until: float | None = None
    """When that is."""
    ready: bool = False
    """Whether it has loaded what it needs; the clock of its first order runs from then."""

    @property
    def orders(self) -> BinaryIO:
        return cast("BinaryIO", self.process.stdin)

    @property
    def letters(self) -> BinaryIO:
        return cast("BinaryIO", self.process.stdout)


class Pool:
    """So many processes; each is started when there is something for it to do."""

    def __init__(self, setting: Setting, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._setting = setting
        self._size = size
        self._clock = clock
        self._places: dict[int, _Place] = {}
        self._inbox: SimpleQueue[tuple[_Place | None, Letter | None]] = SimpleQueue()

    @property
    def free(self) -> int:
        """How many more orders can be taken."""
        return self._size - sum(place.at is not None for place in self._places.values())

    @property
    def busy(self) -> bool:
        """Whether anything was ordered that is not answered."""
        return any(place.at is not None for place in self._places.values())

    @property
    def at(self) -> Iterator[Job]:
        """The runs that are being made."""
        return (place.at for place in self._places.values() if isinstance(place.at, Job))

    def warm(self) -> None:
        """Start the first process, so that it loads what it needs before there is something for it to do."""
        if not self._places:
            self._start()

    def give(self, order: Order, timeout: float | None = None) -> None:
        """Have something done; `timeout` in seconds, from when the process is at it."""
        idle = [place for place in self._places.values() if place.at is None]
        place = next((each for each in idle if each.ready), idle[0] if idle else None) or self._start()
        place.at, place.patience = order, timeout
        self._wind(place)
        self._send(place, pickle.dumps(order))

    def answers(self, patience: float | None = None) -> list[Letter]:
        """What came in within so many seconds; None: as long as pays, and it may be nothing.

        A process that died answers with a fault.
        """
        limits = [place.until - self._clock() for place in self._places.values() if place.until is not None]
        limits += [LOOK_EVERY] if patience is None else [patience, LOOK_EVERY]
        found: list[Letter] = []
        try:
            heard = self._inbox.get(timeout=max(0.0, min(limits)))
            while True:
                found += self._heard(*heard)
                heard = self._inbox.get_nowait()
        except Empty:
            self._look_after_them()
            return [*found, *self._end_late()]

    def wake(self) -> None:
        """Have `answers` return at once; may be called from a signal's handler."""
        self._inbox.put((None, None))

    def stop(self) -> list[Job]:
        """End all processes at once; the runs they were at."""
        broken = list(self.at)
        for place in list(self._places.values()):
            self._end(place)
        return broken

    def _start(self) -> _Place:
        number = next(number for number in range(1, self._size + 1) if number not in self._places)
        log = self._setting.out / places.LOGS / f"process-{number}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as told:
            process = subprocess.Popen(  # noqa: S603 -- this interpreter, with a program of ours
                [sys.executable, "-c", BEGIN, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=told,
                start_new_session=True,  # Ctrl-C is for the evaluation, which ends its processes
            )
        place = self._places[number] = _Place(number, process, log)
        self._send(place, first_words(self._setting, number))
        Thread(target=_hear, args=(place, self._inbox), daemon=True).start()
        return place

    def _send(self, place: _Place, words: bytes) -> None:
        def send() -> None:
            place.orders.write(words)
            place.orders.flush()

        attempt(send)  # where the process is gone, what it was to do is answered with a fault

    def _heard(self, place: _Place | None, letter: Letter | None) -> list[Letter]:
        if place is None or self._places.get(place.number) is not place:
            return []  # of a process that was ended since
        if letter is None:
            return self._died(place)
        if not place.ready and isinstance(letter, Ready):
            place.ready = True
            self._wind(place)
            return []
        if isinstance(letter, Ended) and letter.job != place.at:
            return []  # said twice: an agent has forked
        place.at, place.until = None, None
        if not place.ready:
            self._end(place)
        return [letter]

    def _look_after_them(self) -> None:
        """Notice a death that no closed pipe tells of: what an agent has forked holds it open."""
        for place in self._places.values():
            if place.at is not None and place.process.poll() is not None:
                self._inbox.put((place, None))

    def _wind(self, place: _Place) -> None:
        told = place.patience if place.ready else None
        place.until = None if told is None else self._clock() + told

    def _died(self, place: _Place) -> list[Letter]:
        at, began = place.at, place.ready
        attempt(place.process.wait, PARTING)  # its own way to end is told, not how it is ended here
        self._end(place)
        code = place.process.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if isinstance(at, Job):
            return [Ended(at, fault=f"its process died ({how}); see {place.log}")]
        if at is None and began:
            return []
        return [Unable(f"a process of runs could not begin ({how}); see {place.log}")]

    def _end_late(self) -> list[Letter]:
        late = [place for place in self._places.values() if place.until is not None and place.until <= self._clock()]
        for place in late:
            self._end(place)
        why = "ran longer than the plan's timeout"
        return [Ended(place.at, fault=f"{why} of {place.patience:g} s") for place in late if isinstance(place.at, Job)]

    def _end(self, place: _Place) -> None:
        if place.process.returncode is None:  # dead or alive: what it has started may live
            end_group(place.process.pid)
            place.process.kill()
        place.process.wait()
        attempt(place.orders.close)  # where something of an order was left in it, closing tells so
        del self._places[place.number]


def _hear(place: _Place, inbox: "SimpleQueue[tuple[_Place | None, Letter | None]]") -> None:
    """Pass on what a process writes, until it is gone."""
    with place.letters as letters:
        while True:
            letter = attempt(pickle.load, letters)
            if isinstance(letter, Exception):
                inbox.put((place, None))
                return
            inbox.put((place, letter))
