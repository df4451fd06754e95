"""The policy: what the simulated model does next, given its instructions and the conversation so far.

It is a policy and not a recording: every value it writes comes from what the tools told it. It has habits, some
wasteful, some faulty and one good; `intents` says which of them the instructions leave. Which of its slips befall a
task is the task's weather: a hash of the request, so the same request meets the same weather under any instructions.
"""

from collections.abc import Generator, Sequence
from hashlib import sha256

from examples.sheets.conversation import Asked, Call, Got, Said, Turn
from examples.sheets.intents import Habits, habits_of
from examples.sheets.requests import Cell, Job, Table, read_table, understand, work_out

SHARES = {"reread": 0.7, "relist": 0.6, "guess": 0.5, "quote": 0.2, "slip": 0.75, "verify": 0.5}
"""How many requests meet each kind of weather. `slip`: the row is misread and the value lands one row too low."""

ASIDE = frozenset({"Notes", "Summary", "Prices"})
"""Sheets that by their names do not hold the data."""

Work = Generator[Said, list[Got], Said]


def next_said(instructions: str, turns: Sequence[Turn]) -> Said:
    """What the model says next. Pure: the same instructions and turns give the same words and calls.

    Raises ValueError when the conversation opens with nothing the policy can do.
    """
    asked = next((turn.text for turn in turns if isinstance(turn, Asked)), "")
    work = _work(asked, habits_of(instructions))
    try:
        said = next(work)
        for results in _results(turns):
            said = work.send(results)
    except StopIteration as end:
        return Said(text=end.value.text)
    return said


def meets(request: str, weather: str) -> bool:
    """Whether this request meets that weather."""
    drawn = int.from_bytes(sha256(f"{weather}|{request}".encode()).digest()[:4])
    return drawn < SHARES[weather] * 2**32


def _results(turns: Sequence[Turn]) -> list[list[Got]]:
    """What came back for each of the model's own turns so far."""
    results: list[list[Got]] = []
    for turn in turns:
        if isinstance(turn, Said):
            results.append([])
        elif isinstance(turn, Got) and results:
            results[-1].append(turn)
    return results


def _work(request: str, habits: Habits) -> Work:
    job = understand(request)
    name, table = yield from _find(request, job, habits)
    if habits.relists and meets(request, "relist"):
        yield _call("I look at the sheets' names again.", "list_sheets")
    if habits.rereads and meets(request, "reread"):
        again = yield _call("I go through the rows once more before I work it out.", "read_sheet", sheet=name)
        table = read_table(again[0].text)
    values = work_out(job, table)
    sheet = job.target[0] or name
    wanted = {f"{job.target[1]}{job.target[2] + n}": _form(request, value, habits) for n, value in enumerate(values)}
    written = yield from _write(request, sheet, wanted)
    if habits.verifies == "always" or (habits.verifies == "sometimes" and meets(request, "verify")):
        yield from _verify(sheet, wanted, written)
    return Said(text=f"Done: {sheet}!{', '.join(wanted)} = {', '.join(str(value) for value in wanted.values())}.")


def _find(request: str, job: Job, habits: Habits) -> Generator[Said, list[Got], tuple[str, Table]]:
    """The sheet with the asked column, and its rows."""
    if habits.guesses and meets(request, "guess"):
        tried = yield _call("I open the first sheet.", "read_sheet", sheet="Sheet1")
        if not tried[0].failed and job.column in read_table(tried[0].text).columns:
            return "Sheet1", read_table(tried[0].text)
    listed = yield _call("I see which sheets there are.", "list_sheets")
    names = listed[0].text.splitlines()
    likely = [job.source] if job.source else [name for name in names if name not in ASIDE]
    for name in likely:
        got = yield _call(f"I read the sheet {name}.", "read_sheet", sheet=name)
        table = read_table(got[0].text)
        if job.column in table.columns:
            return name, table
    raise ValueError(f"no sheet of {names} has the column {job.column!r}")


def _write(request: str, sheet: str, wanted: dict[str, Cell]) -> Generator[Said, list[Got], dict[str, Cell]]:
    """Write the values; on a slip, one row too low. Returns what was really written where."""
    written = {}
    for cell, value in wanted.items():
        place = _below(cell) if meets(request, "slip") else cell
        yield _call("", "write_cell", sheet=sheet, cell=place, value=value)
        written[place] = value
    return written


def _verify(sheet: str, wanted: dict[str, Cell], written: dict[str, Cell]) -> Generator[Said, list[Got], None]:
    """Read back the asked cells; where they do not show what they should, mend, clear what went astray, look again."""
    cells = list(wanted)
    span = cells[0] if len(cells) == 1 else f"{cells[0]}:{cells[-1]}"
    for _ in range(2):
        got = yield _call("I read back what I wrote.", "read_range", sheet=sheet, cells=span)
        seen = [line.split(" | ")[-1] for line in got[0].text.splitlines()[1:]]
        wrong = [cell for cell, shown in zip(cells, seen, strict=False) if not _shows(shown, wanted[cell])]
        if not wrong:
            return
        for cell in wrong:
            yield _call("", "write_cell", sheet=sheet, cell=cell, value=wanted[cell])
        for cell in written:
            if cell not in wanted:
                yield _call("", "write_cell", sheet=sheet, cell=cell, value=None)


def _form(request: str, value: Cell, habits: Habits) -> Cell:
    return str(value) if habits.quotes_numbers and meets(request, "quote") else value


def _shows(seen: str, value: Cell) -> bool:
    """Whether a cell's text shows the value: a sheet keeps 12.0 as 12."""
    return seen == str(value) or (isinstance(value, float) and value.is_integer() and seen == str(int(value)))


def _below(cell: str) -> str:
    return f"{cell[0]}{int(cell[1:]) + 1}"


def _call(text: str, name: str, **args: object) -> Said:
    return Said(text=text, calls=(Call(name=name, args=args),))
