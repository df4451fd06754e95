"""`costcraft eval`: run a plan of conditions, tasks and seeds, and say what came of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from math import inf
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from costcraft.cli.options import Json
from costcraft.cli.output import print_json, say
from costcraft.errors import CostcraftError
from costcraft.evaluate.findings import write_reports
from costcraft.evaluate.harness import Standing, evaluate, read_plan
from costcraft.evaluate.plan import Plan
from costcraft.evaluate.results import Results, read_results
from costcraft.writers.alone import alone

NOT_DONE = 3
INTERRUPTED = 130


def evaluation(
    out: Annotated[Path, typer.Option(help="Directory of the evaluation; what is done there is not run again.")],
    plan: Annotated[Path | None, typer.Argument(metavar="PLAN", help="YAML file that says what is compared.")] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="USD that all runs may cost, in place of the plan's.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="Runs at once, in place of the plan's.")
    ] = None,
    report_only: Annotated[
        bool, typer.Option("--report-only", help="Run nothing: write the report of what is there anew.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run every task under every condition, each run traced and graded, and report how the conditions compare.

    Whatever can be wrong with a plan is told before a run is paid for. A run that the provider, the network or the
    machine cut short is tried again, and never counts as a failure of the agent. After Ctrl-C, a kill or a used up
    budget the same command goes on. Exit code 3: some runs are not graded.
    """
    if report_only == (plan is not None):
        raise typer.BadParameter("expected either PLAN, or --report-only", param_hint="PLAN")
    if plan is None:
        _say(_reported(out), out, as_json=as_json)
        return
    told = _as_told(read_plan(plan), budget, concurrency)
    try:
        with _progress() as watch:
            found = evaluate(told, out, watch=watch)
    except KeyboardInterrupt:
        typer.echo("costcraft: stopped; what was recorded is kept, and the same command goes on", err=True)
        raise typer.Exit(INTERRUPTED) from None
    _say(found, out, as_json=as_json)
    if found.stopped is not None:
        raise typer.Exit(NOT_DONE)


def _reported(out: Path) -> Results:
    """What is there, its report written anew; nobody else may be at work there."""
    found = read_results(out)
    with alone(out):
        write_reports(out)
    return found


def _say(found: Results, out: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(_plain(found))
        return
    for line in _lines(found, out):
        say(line)


def _as_told(plan: Plan, budget: float | None, concurrency: int | None) -> Plan:
    given = {"budget": None if budget is None else Decimal(str(budget)), "concurrency": concurrency}
    given = {name: value for name, value in given.items() if value is not None}
    if budget is not None and not 0 < budget < inf:
        raise CostcraftError(f"--budget: found {budget:g}, expected more than 0 USD; leave it out for no limit")
    return Plan.model_validate(plan.model_dump() | given)


@contextmanager
def _progress() -> Iterator[Callable[[Standing], object] | None]:
    """A bar on a terminal; None where nobody looks."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.fields[what]}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        shown = bar.add_task("", total=None, what="loading")

        def watch(now: Standing) -> None:
            cut = f", {now.cut_short} cut short by infrastructure" if now.cut_short else ""
            said = f"{now.usd:.4f} USD{cut}" if now.what == "runs" else "looked at"
            bar.update(shown, completed=now.done, total=now.of, description=said, what=now.what)

        yield watch


def _lines(found: Results, out: Path) -> Iterator[str]:
    told = found.opening
    if told.simulated:
        yield "simulated: the model is scripted, and so is every figure"
    tasks, seeds = _times(len(told.tasks), "task"), _times(len(told.plan.seeds), "seed")
    yield f"{tasks}, {len(told.left_out)} left out, {seeds}"
    for name in told.conditions:
        runs = found.runs(name)
        passed = sum(run.success is True for run in runs)
        yield f"  {name}: {passed} of {_times(len(runs), 'run')} succeeded, {_usd(found, name)}"
    cut = [done for done in found.lines if done.status == "infrastructure"]
    if cut:
        yield f"infrastructure cut short {_times(len(cut), 'attempt')}, the last: {cut[-1].why}"
    missing = len(found.wanted) - len(found.graded)
    if missing:
        yield f"not graded: {missing} of {_times(len(found.wanted), 'run')}"
    yield f"spent: {found.usd.normalize():f} USD"
    if found.stopped is not None:
        yield f"stopped: {found.stopped}"
    yield f"report: {out / 'report.md'}"


def _usd(found: Results, condition: str) -> str:
    runs = found.runs(condition)
    unpriced = sum(run.usd is None for run in runs)
    total = sum((run.usd for run in runs if run.usd is not None), Decimal(0))
    return f"{total.normalize():f} USD" + (f" and {_times(unpriced, 'run')} without a price" if unpriced else "")


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _plain(found: Results) -> dict[str, Any]:
    return {
        "fingerprint": found.opening.fingerprint,
        "simulated": found.opening.simulated,
        "wanted": len(found.wanted),
        "graded": len(found.graded),
        "usd": str(found.usd),
        "stopped": found.stopped,
        "runs": [done.model_dump(mode="json", exclude={"kind"}) for done in found.lines],
    }
