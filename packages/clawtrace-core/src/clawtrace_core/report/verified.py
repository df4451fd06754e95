"""What a check of a session found, and how it is told: one line each. Pure."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from rich.text import Text

from clawtrace_core.model.session import Problem, SessionTree
from clawtrace_core.report.escape import printable

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One session, looked at."""

    session: str
    broken: tuple[str, ...] = ()
    """What must not be: unreadable lines, lost spans or contents, a ledger whose sums differ."""
    notes: tuple[str, ...] = ()
    """What a kill or a newer version leaves behind: nothing that was on disk is wrong."""
    spans: int = 0

    @property
    def ok(self) -> bool:
        """True when nothing is broken; notes are allowed."""
        return not self.broken


def verified(tree: SessionTree, ledger_faults: Sequence[str], *, mended: Container[int] = ()) -> Verified:
    """Sort what is known of a session into broken and noted.

    `mended` are the lines before an outcome: recording one closes a torn last line, which then is no longer the last.
    """
    broken: list[str] = []
    notes: list[str] = []
    for problem in tree.problems:
        where = f"line {problem.line}: " if problem.line else ""
        (notes if _harmless(problem, mended) else broken).append(f"{where}{problem.what}")
    broken += _misshapen(tree)
    broken += [f"ledger: {fault}" for fault in ledger_faults]
    if tree.ended is None:
        notes.append("never closed: it still runs, or its process was killed")
    elif tree.ended.lost:
        notes.append(f"{tree.ended.lost} signals could not be recorded while it ran")
    return Verified(session=tree.id, broken=tuple(broken), notes=tuple(notes), spans=len(tree.spans))


def _harmless(problem: Problem, mended: Container[int]) -> bool:
    """A line that was being written when its process was killed, or an event of a newer minor version."""
    if problem.what.startswith("torn last line") or "is not known to this version" in problem.what:
        return True
    return problem.line in mended and "unexpected end of data" in problem.what


def _misshapen(tree: SessionTree) -> list[str]:
    """Whatever the fold cannot see line by line: the ids, the kinship and the clock of the spans."""
    starts: dict[int, int] = {}
    found = []
    for span in tree.spans:
        if span.parent is not None and span.parent not in starts:
            found.append(f"span {span.id} stands before its parent {span.parent}")
        if span.end_ns is not None and span.end_ns < span.start_ns:
            found.append(f"span {span.id} ends before it starts")
        starts[span.id] = span.start_ns
    return found


def verified_lines(found: Verified, *, everything: bool = False) -> list[Text]:
    """`ok NAME 24 spans`, or `BAD NAME` with its problems below; notes stand behind the name."""
    head = Text().append("ok   " if found.ok else "BAD  ", "green" if found.ok else "bold red")
    head.append(printable(found.session))
    head.append(f"  {found.spans} span{'' if found.spans == 1 else 's'}", "dim")
    if found.notes:
        head.append(f"  ({'; '.join(printable(note, 200) for note in found.notes[:_SHOWN])})", "yellow")
    shown = found.broken if everything else found.broken[:_SHOWN]
    below = [Text(f"       {printable(what, 400)}") for what in shown]
    if len(found.broken) > len(shown):
        below.append(Text(f"       and {len(found.broken) - len(shown)} more; --all lists them"))
    return [head, *below]
