"""`costcraft promote`: an evaluated skill takes the incumbent's place, if it is shown to be no worse and no dearer."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from costcraft.cli.evaluate import INTERRUPTED
from costcraft.cli.options import Json
from costcraft.cli.output import print_json, say
from costcraft.errors import CostcraftError
from costcraft.evaluate import promotion
from costcraft.evaluate.harness import evaluate
from costcraft.evaluate.promotion import Bisection, Promotion

KEPT = 3
"""The exit code where the incumbent was kept: the command worked, and the gate said no."""


def promote(
    out: Annotated[Path, typer.Argument(help="The --out directory of an evaluation.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="Directory of skills that holds the incumbent, which was the baseline.")
    ] = None,
    condition: Annotated[
        str | None, typer.Option(help="The condition to promote. Default: that of the plan's primary endpoint.")
    ] = None,
    bisect: Annotated[
        bool, typer.Option("--bisect", help="If it fails, run it without some of its rules to find those at fault.")
    ] = False,
    budget: Annotated[
        float | None, typer.Option(min=0, help="USD that those runs may cost, earlier calls included. With --bisect.")
    ] = None,
    take_rest: Annotated[
        bool, typer.Option("--take-rest", help="Promote the skill without the rules at fault. With --bisect.")
    ] = False,
    write_back_only: Annotated[
        bool, typer.Option("--write-back-only", help="Only write what was found of each prune to its distillation.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take an evaluated skill only if its quality is not inferior and its bill not dearer; else keep the incumbent.

    Exit codes: 0 promoted, 1 the input is wrong, 2 the call is wrong, 3 the gate said no and the incumbent was kept.
    """
    if bisect != (budget is not None) or (take_rest and not bisect) or (bisect and write_back_only):
        raise typer.BadParameter("--bisect and --budget go together; --take-rest goes with them, --write-back-only not")
    if write_back_only:
        _tell_written(promotion.written_back(out, condition=condition), as_json=as_json)
        return
    if to is None:
        raise CostcraftError("--to is missing: name the directory of skills that holds the incumbent")
    found = promotion.promote(out, to, condition=condition)
    parts = None
    if budget is not None and not found.promoted:
        parts = _bisected(out, Decimal(str(budget)), condition, to if take_rest else None)
    taken = found if parts is None or parts.promotion is None else parts.promotion
    if as_json:
        print_json({**_plain(taken), "bisection": None if parts is None else _plain_parts(parts)})
    else:
        _tell(found, parts, taken, to)
    if not taken.promoted:
        raise typer.Exit(KEPT)


def _bisected(out: Path, budget: Decimal, condition: str | None, take_rest: Path | None) -> Bisection:
    def watch(what: str) -> None:
        typer.echo(f"running it {what}", err=True)

    try:
        return promotion.bisect(out, evaluate, budget=budget, condition=condition, take_rest=take_rest, watch=watch)
    except KeyboardInterrupt:
        typer.echo("costcraft: stopped; what was run is kept, and the same command goes on", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _tell(found: Promotion, parts: Bisection | None, taken: Promotion, to: Path) -> None:
    say(found.judgement.says())
    if parts is not None:
        say(parts.says())
    for rule in dict.fromkeys([*found.graded, *taken.graded]):
        say(f"written back: what was found of {rule}")
    for path in taken.changed:
        say(f"wrote {to / path}")
    if not taken.promoted:
        say(f"kept the incumbent: nothing in {to} was changed")
    elif taken.changed:
        say(f"promoted; to take it back: costcraft revert {to}")
    else:
        say("nothing to do: it stands there already")


def _tell_written(graded: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"graded": list(graded)})
        return
    for rule in graded:
        say(f"written back: what was found of {rule}")
    if not graded:
        say("nothing to do: no prune was in it of which something new was found")


def _plain(found: Promotion) -> dict[str, object]:
    return {
        "promoted": found.promoted,
        "failed": list(found.judgement.failed),
        "changed": list(found.changed),
        "graded": list(found.graded),
        "judgement": found.judgement.model_dump(mode="json"),
    }


def _plain_parts(found: Bisection) -> dict[str, object]:
    return {
        "at_fault": [{"rule": fault.rule, "figures": list(fault.figures)} for fault in found.at_fault],
        "kept": list(found.kept),
        "rest": None if found.rest is None else found.rest.model_dump(mode="json"),
        "looks": found.looks,
        "evaluations": found.runs,
        "usd": str(found.usd),
        "stopped": found.stopped,
    }
