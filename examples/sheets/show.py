"""What the demo prints: one card, the patches, the diff, and all runs side by side."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from examples.sheets.compare import Part
from examples.sheets.frameworks import Framework
from examples.sheets.play import Figures, Run
from examples.sheets.tasks import SPLITS, SheetTask

WIDTH = 110
THEME = "ansi_dark"
KIND_STYLE = {"preserve": "green", "prune": "yellow", "repair": "magenta"}


def make_console() -> Console:
    """A console as wide as the person's terminal, at most `WIDTH`; `WIDTH` where there is none."""
    console = Console(highlight=False)
    return console if console.is_terminal and console.width <= WIDTH else Console(highlight=False, width=WIDTH)


def opening(console: Console, model: str, tasks: Sequence[SheetTask], frameworks: Sequence[Framework]) -> None:
    evolve = sum(task.split == "evolve" for task in tasks)
    agents = ", ".join(f"{framework.title} ({framework.agent})" for framework in frameworks)
    text = (
        f"Real agents with real tools on {len(tasks)} real workbooks, {evolve} to learn from, "
        f"{len(tasks) - evolve} held out.\n"
        f"Frameworks: {agents}.\n"
        f"The model is a [bold]simulated model[/] (a scripted policy), priced as [bold]{model}[/]: "
        "every dollar below is simulated."
    )
    console.print(Panel(text, title="ClawTrace", title_align="left", border_style="cyan"))


def step(console: Console, number: int, text: str) -> None:
    console.print(f"\n[bold cyan]{number}[/] [bold]{text}[/]")


def waiting(console: Console, text: str) -> AbstractContextManager[object]:
    """Says what is being waited for, where there is someone to see it."""
    return console.status(f"  {text}")


def plain(console: Console, lines: Sequence[str]) -> None:
    for line in lines:
        console.print(Padding(Text(line, "dim"), (0, 0, 0, 2)))


def bar(console: Console, label: str, runs: Iterable[Run], total: int) -> Iterator[Run]:
    """The runs, with a bar that moves as they are played."""
    columns = TextColumn("  {task.description}"), BarColumn(bar_width=36), MofNCompleteColumn()
    with Progress(*columns, console=console) as progress:
        yield from progress.track(runs, total=total, description=label)


def card(console: Console, run: Run) -> None:
    """One whole card, as a person or a model reads it."""
    body = Syntax(run.card.to_yaml().rstrip(), "yaml", theme=THEME, background_color="default", word_wrap=True)
    console.print(Panel(body, title=f"TraceCard of {run.task.name}", title_align="left", border_style="dim"))


def patches(console: Console, found: Sequence[tuple[str, str, str, str]]) -> None:
    """Each patch as (kind, scope, rule, evidence)."""
    table = Table.grid(padding=(0, 2), pad_edge=True)
    for kind, scope, rule, evidence in found:
        table.add_row(Text(kind, KIND_STYLE.get(kind, "")), Text(scope, "dim"), Text(rule))
        table.add_row("", "", Text(evidence, "dim"))
    console.print(table)


def set_aside(console: Console, reasons: Sequence[str]) -> None:
    """What was not proposed, staged or refused, each with its reason."""
    for reason in reasons:
        console.print(Padding(Text(f"not written: {reason}", "dim"), (0, 0, 0, 2)))


def diff(console: Console, text: str) -> None:
    """The whole plan as a unified diff."""
    console.print(
        Panel(
            Syntax(text.rstrip(), "diff", theme=THEME, background_color="default", word_wrap=True),
            title="plan",
            title_align="left",
            border_style="dim",
        )
    )


COLUMNS = ("success", "USD", "tokens", "LLM", "tool")


def side_by_side(console: Console, parts: Sequence[Part]) -> None:
    """Each framework before and after, and what changed; the splits apart."""
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        title="[bold]before and after[/] (simulated model)",
        title_justify="left",
    )
    table.add_column("")
    table.add_column("\nskill")
    for split in SPLITS:
        for above, name in zip((f"[bold]{split}[/]", "", "", "calls", ""), COLUMNS, strict=True):
            table.add_column(f"{above}\n{name}", justify="right")
    for part in parts:
        both = [figures for _, *figures in part.rows()]
        table.add_row(part.framework.title, "before", *(cell for before, _ in both for cell in _cells(before)))
        table.add_row("", "after", *(cell for _, after in both for cell in _cells(after)))
        changes = [change for before, after in both for change in _changes(before, after)]
        table.add_row("", Text("change", "dim"), *changes, end_section=True)
    console.print(Padding(table, (1, 0, 0, 2)))


def _cells(figures: Figures) -> list[str]:
    return [
        f"{figures.successes}/{figures.runs}",
        f"{figures.usd:.4f}",
        f"{figures.tokens:,}",
        str(figures.llm_calls),
        str(figures.tool_calls),
    ]


def _changes(before: Figures, after: Figures) -> list[Text]:
    gained = after.successes - before.successes
    pairs = [
        (before.usd, after.usd),
        (Decimal(before.tokens), Decimal(after.tokens)),
        (Decimal(before.llm_calls), Decimal(after.llm_calls)),
        (Decimal(before.tool_calls), Decimal(after.tool_calls)),
    ]
    shares = [share(old, new) for old, new in pairs]
    return [Text(f"{gained:+d}", _style(gained)), *(Text(f"{s:+.0f} %", _style(-s)) for s in shares)]


def share(old: Decimal, new: Decimal) -> Decimal:
    """The change in percent of the old; 0 where there was nothing."""
    return (new - old) / old * 100 if old else Decimal(0)


def _style(good: Decimal | int) -> str:
    return "green" if good > 0 else "red" if good < 0 else "dim"


def closing(console: Console, lost: Sequence[str], places: Sequence[tuple[str, str]]) -> None:
    """Regressions, if any, by name; and where everything lies."""
    if lost:
        console.print(f"  [red]Regressions[/]: succeeded before, fail now: {', '.join(lost)}")
    else:
        console.print("  No task that succeeded before fails now.")
    table = Table.grid(padding=(0, 2))
    for what, where in places:
        table.add_row(Text(what, "dim"), escape(where))
    console.print(Padding(table, (1, 0, 1, 2)))
