"""What the clerk's model says next: real work, with the habits real agents have, each drawn over a wide range.

It knows nothing of flags. What is needless and what is not follows from what it asks for, when, and what it does with
the answers.
"""

import random
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from examples.sheets.conversation import Call, Got, Said

from tests.golden.labels.clerk.wording import NARRATED, SAYINGS, question, reworded
from tests.golden.labels.clerk.world import World

Talk = Generator[Said, list[Got], Any]
HABITS = ("again", "circle", "stubborn", "retry", "narrate", "stray", "reword", "verify", "whole", "forget", "pair")
DELAYS = (0, 0, 1, 1, 2, 3, 5, 9)


class Mind:
    """One model's mind in one session, or one sub-agent's."""

    def __init__(self, draw: random.Random, world: World) -> None:
        self.draw, self.world = draw, world
        self.habits = {name: draw.random() ** draw.choice((1, 2, 3)) * 0.7 for name in HABITS}
        self.habits["retry"] = 0.3 + 0.7 * draw.random()
        self.idle = False
        """Whether the last turn was neither an act nor an answer."""
        self.found: list[str] = []
        self.turns = 0
        self._later: list[tuple[int, str, Mapping[str, Any]]] = []
        self._reads: list[tuple[str, Mapping[str, Any]]] = []
        self._held: dict[str, str] = {}

    def chance(self, habit: str) -> bool:
        return self.draw.random() < self.habits[habit]

    def use(self, name: str, /, **args: Any) -> Generator[Said, list[Got], Got]:
        """One call, with whatever habit befalls it."""
        yield from self._before()
        got = yield from self._call(name, args)
        tries = 0
        while got.failed and tries < 6:
            timed_out = "timed out" in got.text
            if not self.chance("retry" if timed_out else "stubborn"):
                break
            got = yield from self._call(name, args)
            tries += 1
        if not got.failed and name not in {"write_cell", "start_export", "ask_colleague"}:
            self._reads.append((name, args))
            if self.chance("again"):
                self._later.append((self.turns + self.draw.choice(DELAYS), name, args))
        return got

    def _call(self, name: str, args: Mapping[str, Any]) -> Generator[Said, list[Got], Got]:
        self.idle = False
        self.turns += 1
        calls = [Call(name=name, args=args)]
        if name in {"find_customer", "open_note", "read_range"} and self.chance("pair") and self._reads:
            calls.append(Call(name=self._reads[-1][0], args=self._reads[-1][1]))
        text = self.draw.choice(SAYINGS) if self.draw.random() < 0.5 else ""
        got = yield Said(text=text, calls=tuple(calls))
        return got[0] if got else Got(text="", failed=True)

    def _before(self) -> Talk:
        if self.chance("narrate") and self.draw.random() < 0.5:
            yield from self._narrate()
        for entry in [one for one in self._later if one[0] <= self.turns]:
            self._later.remove(entry)
            yield from self._call(entry[1], entry[2])
        if self.chance("circle") and len(self._reads) > 1 and self.draw.random() < 0.25:
            yield from self._circle()
        if self.chance("stray") and self.draw.random() < 0.4:
            yield from self._stray()

    def _narrate(self) -> Talk:
        for _ in range(self.draw.choice((1, 1, 1, 2, 3))):
            self.idle = True
            self.turns += 1
            yield Said(text=self.draw.choice(NARRATED))
        self.idle = False

    def _circle(self) -> Talk:
        """Goes over the latest reads round by round, at times writing down what was seen in between."""
        cycle = self._reads[-self.draw.randint(1, 3) :]
        notes_it = self.draw.random() < 0.3
        for round_ in range(self.draw.randint(1, 4)):
            for name, args in cycle:
                yield from self._call(name, args)
            if notes_it:
                yield from self._call("write_cell", {"sheet": "Summary", "cell": f"D{9 + round_}", "value": "seen"})

    def _stray(self) -> Talk:
        """Looks at something that nobody asked for; nothing is done with it."""
        world, draw = self.world, self.draw
        name, args = draw.choice(
            [
                ("open_note", {"note": draw.choice(list(world.notes))}),
                ("find_customer", {"name": draw.choice(list(world.customers))}),
                ("read_sheet", {"sheet": draw.choice(("Stock", "Summary"))}),
                ("read_range", {"sheet": "Orders", "cells": f"A{draw.randint(2, 9)}:G{draw.randint(10, 13)}"}),
                ("search_notes", {"query": draw.choice(list(world.notes.values())).title}),
                ("list_sheets", {}),
            ]
        )
        yield from self._call(name, args)

    def sheet(self, name: str) -> Generator[Said, list[Got], list[list[str]]]:
        """A sheet's rows; from memory, unless the clerk forgot that it has them."""
        if name not in self._held or self.chance("forget"):
            if self.draw.random() < 0.4 and not self._held:
                yield from self.use("list_sheets")
            wrong = name.lower() if self.draw.random() < 0.15 else name
            got = yield from self.use("read_sheet", sheet=wrong)
            if got.failed:
                got = yield from self.use("read_sheet", sheet=name)
            self._held[name] = got.text
        return [line.split(" | ") for line in self._held[name].splitlines()[2:]]

    def changed(self, sheet: str | None = None) -> None:
        """Somebody said that a sheet is another now; None: nothing is before the clerk any more."""
        for name in [sheet] if sheet is not None else list(self._held):
            self._held.pop(name, None)

    def write(self, cell: str, value: Any) -> Talk:
        """Writes a figure into the summary, and looks at it again, or not."""
        yield from self.use("write_cell", sheet="Summary", cell=cell, value=value)
        if self.chance("verify"):
            yield from self._call("read_range", {"sheet": "Summary", "cells": cell})
            while self.chance("verify") and self.draw.random() < 0.3:
                yield from self._call("read_range", {"sheet": "Summary", "cells": cell})

    def log(self, month: int) -> Generator[Said, list[Got], str]:
        """A month's log; from memory, unless the clerk forgot that it has it."""
        name = f"log {month}"
        if name not in self._held or self.chance("forget"):
            got = yield from self.use("read_log", month=month)
            self._held[name] = got.text
        return self._held[name]

    def searched(self, topic: str, about: str, wanted: str) -> Generator[Said, list[Got], str]:
        """Searches the notes, in other words too, at times before and at times after the answer was there."""
        query = question(self.draw, topic, about)
        found, asked = "", query
        for attempt in range(5):
            got = yield from self.use("search_notes", query=asked)
            found = found or (got.text if wanted in got.text else "")
            if found and not self.chance("reword"):
                break
            if attempt > 1 and not self.chance("reword"):
                break
            asked = reworded(self.draw, query)
        return found

    def answer(self) -> Said:
        """The answer: what was found since the last one."""
        told, self.found = self.found, []
        self.idle = False
        return Said(text=" ".join(told) or "I could not find out what you asked for.")


def spoken(mind: Mind, jobs: Iterator[Talk]) -> Talk:
    """Rounds of jobs, each ended by an answer. `jobs` gives one round per request of the user."""
    for job in jobs:
        yield from job
        yield mind.answer()
