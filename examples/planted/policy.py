"""The policy: what the simulated model does next, given its instructions and the conversation so far.

It is a policy and not a recording: every value it writes comes from what the tools told it. It has habits, some
wasteful, some faulty, some good; `habits` says which of them the instructions leave, `weather` which of them show.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from examples.planted import Domain, ledger, stock
from examples.planted.acts import Act, Actor, Without
from examples.planted.books import Cell
from examples.planted.habits import Habits, habits_of
from examples.planted.requests import Change, Job, Wanted, number_of, read_rows, understand
from examples.planted.weather import Weather
from examples.planted.writing import Desk, Placed, write
from examples.sheets.conversation import Asked, Got, Said, Turn

BROWSED = {"ledger": (ledger.CONTACTS, ledger.ARCHIVE), "stock": (stock.DRIVERS, stock.ARCHIVE)}
"""Sheets that are looked into although nobody asked about them."""
ASIDE = {"Notes", "Rates", "Packs", "Levels", "Summary", "Picklist", *BROWSED["ledger"], *BROWSED["stock"]}
"""Sheets that by their names do not hold the data."""

Work = Generator[Act, Got, str]
Values = dict[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A model of one domain, with one seed's weather. Called with instructions and turns; pure."""

    domain: Domain
    seed: int = 0

    def __call__(self, instructions: str, turns: Sequence[Turn]) -> Said:
        request = next((turn.text for turn in turns if isinstance(turn, Asked)), "")
        work = begin(self.domain, request, instructions, self.seed)
        answers = iter([turn for turn in turns if isinstance(turn, Got)])
        try:
            act = next(work)
            for got in answers:
                act = work.send(got if not _failed(got) else Got(text=got.text, failed=True))
        except StopIteration as end:
            return Said(text=str(end.value))
        return act.said


def _failed(got: Got) -> bool:
    """Some frameworks do not tell the model that a call failed: the words do."""
    return got.failed or "there is no sheet" in got.text or "was busy and nothing was done" in got.text


def begin(domain: Domain, request: str, instructions: str, seed: int, without: Without | None = None) -> Work:
    """The acts of a run, one by one; its answer at the end. `without` leaves one out: the others adapt to that.

    Raises ValueError when the request is none the policy knows.
    """
    habits = habits_of(instructions)
    actor = Actor(without=without, retries=habits.retries)
    return _Run(domain, understand(request), Weather(request, seed), habits, actor).work()


@dataclass(frozen=True, slots=True)
class _Run:
    domain: Domain
    job: Job
    weather: Weather
    habits: Habits
    actor: Actor

    def work(self) -> Work:
        job = self.job
        data = "" if job.change else (yield from self._data_sheet())
        taken = (yield from self._take(*job.first)) if job.first and self.habits.takes_first else {}
        labels = yield from self.actor.act("labels", "I see where the labels stand.", "read_sheet", sheet=job.target)
        values: Values = {}
        if job.change is not None:
            values = yield from self._change(job.change, job.wanted[0].label)
        elif data:
            values = yield from self._figures(data)
        rows = {row["Label"]: int(row["row"]) for row in read_rows(labels.text)[1]} if labels else {}
        placed = [Placed(name, rows[name], value) for name, value in {**values, **taken}.items() if name in rows]
        yield from write(Desk(self.domain, job.target, self.weather, self.habits, self.actor), placed)
        told = ", ".join(f"{each.label} = {each.value}" for each in placed)
        where = f"beside their labels in {job.target}, and left every other cell as it was"
        return f"I put the values {where}: {told}." if placed else "I could not find what was asked for."

    def _data_sheet(self) -> Generator[Act, Got, str]:
        """The sheet that holds the data; empty where it was not found."""
        if self.habits.guesses and self.weather.meets("guess"):
            yield from self.actor.act("guess", "I open the first sheet.", "read_sheet", sheet="Sheet1")
        listed = yield from self.actor.act("list", "I see which sheets there are.", "list_sheets")
        if listed is None:
            return ""
        names = listed.text.splitlines()
        if self.habits.browses and self.weather.meets("browse"):
            found = BROWSED[self.domain][self.weather.meets("browse old")]
            yield from self.actor.act("browse", f"I look into {found} too.", "read_sheet", sheet=found)
        if self.habits.relists and self.weather.meets("relist"):
            yield from self.actor.act("relist", "I look at the names again.", "list_sheets")
        return next(name for name in names if name not in ASIDE)

    def _take(self, name: str, sheet: str) -> Generator[Act, Got, Values]:
        got = yield from self.actor.act("far", f"I take the {name} first.", "read_sheet", sheet=sheet)
        if got is None:
            return {}
        columns, rows = read_rows(got.text)
        return {name: self._typed(next(row[columns[2]] for row in rows if row[columns[1]] == name))}

    def _figures(self, data: str) -> Generator[Act, Got, Values]:
        """The wanted values: from the whole sheet for one, from its rows for several, in parts for a count."""
        wanted = self.job.wanted
        if wanted[0].count:
            return (yield from self._counted(data, wanted[0]))
        found: Values = {}
        if len(wanted) == 1:
            got = yield from self.actor.act("data", f"I read {data}.", "read_sheet", sheet=data)
            if got is not None and self._rereads():
                yield from self.actor.act("reread", "I go through it once more.", "read_sheet", sheet=data)
            return {} if got is None else {wanted[0].label: self._worked_out(wanted[0], got)}
        for number, each in enumerate(wanted[: None if self.habits.finds_all else 1]):
            asked = {"sheet": data, "column": each.by, "value": each.value}
            got = yield from self.actor.insist("find", f"I find {each.value}.", "find_rows", **asked)
            if got is None:
                continue
            found[each.label] = self._worked_out(each, got)
            if number == 0 and self._rereads():
                yield from self.actor.act("reread", "I look at it again.", "find_rows", **asked)
        return found

    def _rereads(self) -> bool:
        return self.habits.rereads and self.weather.meets("reread")

    def _counted(self, data: str, wanted: Wanted) -> Generator[Act, Got, Values]:
        first = {"sheet": data, "first": 1, "last": ledger.PART}
        got = yield from self.actor.insist("half", "I read the first part.", "read_range", **first)
        if got is None:
            return {}
        columns, rows = read_rows(got.text)
        if self._rereads():
            yield from self.actor.act("reread", "I read it again.", "read_range", **first)
        if self.habits.finds_all:
            rest = {"sheet": data, "first": ledger.PART + 1, "last": self.job.rows}
            more = yield from self.actor.insist("half", "I read the rest.", "read_range", **rest)
            rows += read_rows(more.text, columns)[1] if more is not None else []
        return {wanted.label: self._typed(str(sum(row[wanted.by] == wanted.value for row in rows)))}

    def _worked_out(self, wanted: Wanted, got: Got) -> Cell:
        rows = [row for row in read_rows(got.text)[1] if row[wanted.by] == wanted.value]
        if wanted.column == "Code":
            return self._typed(rows[0]["Code"])
        return self._typed(str(round(sum(number_of(row[wanted.column]) for row in rows), 2)))

    def _change(self, change: Change, label: str) -> Generator[Act, Got, Values]:
        """Change something, and see what holds then: the tool keeps steps of its own."""
        if self.domain == "ledger":
            tool, asked = "read_sheet", {"sheet": change.sheet}
        else:
            tool, asked = "find_rows", {"sheet": change.sheet, "column": "Item", "value": change.name}
        got = yield from self.actor.insist("present", "I see what holds now.", tool, **asked)
        if got is None:
            return {}
        if self._rereads():
            yield from self.actor.act("reread", "I look at it again.", tool, **asked)
        now = _held(got, change.name)
        if change.more:
            after = round(now + change.more, 2)
            done = yield from self.actor.insist("change", "", "set_rate", name=change.name, percent=after)
        else:
            half = int(now) // 2
            after = int(now) - half
            done = yield from self.actor.insist("change", "", "book_out", item=change.name, units=half)
        if done is not None and self.habits.rechecks:
            again = yield from self.actor.act("recheck", "I see what holds after the change.", tool, **asked)
            after = _held(again, change.name) if again is not None else after
        return {} if done is None else {label: self._typed(str(after))}

    def _typed(self, text: str) -> Cell:
        """A value in the form in which it is written."""
        misformed, numbers = self.weather.meets("misform"), self.habits.numbers
        if text.startswith("0") and text.isdigit():  # a code
            as_number = (misformed if numbers is None else numbers) and not self.habits.codes
            return int(text) if as_number else text
        as_text = self.domain == "ledger" and misformed if numbers is None else not numbers
        return text if as_text else int(text) if text.isdigit() else float(text)


def _held(got: Got, name: str) -> float:
    """What stands beside a name in a list of names."""
    columns, rows = read_rows(got.text)
    return number_of(next(row[columns[2]] for row in rows if row[columns[1]] == name))
