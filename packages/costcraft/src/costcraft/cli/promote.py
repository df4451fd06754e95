"""`costcraft promote`: an evaluated skill takes the incumbent's place, if it is shown to be no worse and no dearer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from costcraft.cli.options import Json
from costcraft.cli.output import print_json, say
from costcraft.errors import CostcraftError
from costcraft.evaluate import promotion
from costcraft.evaluate.promotion import Promotion

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
    write_back_only: Annotated[
        bool, typer.Option("--write-back-only", help="Only write what was found of each prune to its distillation.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take an evaluated skill only if its quality is not inferior and its bill not dearer; else keep the incumbent.

    Exit codes: 0 promoted, 1 the input is wrong, 2 the call is wrong, 3 the gate said no and the incumbent was kept.
    """
    if write_back_only:
        _tell_written(promotion.written_back(out, condition=condition), as_json=as_json)
        return
    if to is None:
        raise CostcraftError("--to is missing: name the directory of skills that holds the incumbent")
    found = promotion.promote(out, to, condition=condition)
    if as_json:
        print_json(_plain(found))
    else:
        _tell(found, to)
    if not found.promoted:
        raise typer.Exit(KEPT)


def _tell(found: Promotion, to: Path) -> None:
    say(found.judgement.says())
    for rule in found.graded:
        say(f"written back: what was found of {rule}")
    for path in found.changed:
        say(f"wrote {to / path}")
    if not found.promoted:
        say(f"kept the incumbent: nothing in {to} was changed")
    elif found.changed:
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
