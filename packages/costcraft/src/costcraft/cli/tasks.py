"""`costcraft tasks`: what a set of tasks is worth, before an agent is paid for."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from costcraft.cli.options import Json
from costcraft.cli.output import print_json, say
from costcraft.cli.progress import counting
from costcraft.evaluate import open_task_set, survey
from costcraft.evaluate.report import Chosen, lines_of, plain_survey


def tasks(
    named: Annotated[
        str,
        typer.Argument(metavar="SET", help="spreadsheetbench, sheets, or python:MODULE:NAME for a set of your own."),
    ],
    data: Annotated[Path | None, typer.Option(help="Folder of the unpacked SpreadsheetBench.")] = None,
    seed: Annotated[int | None, typer.Option(help="Handed to a class or function NAME as `seed`.")] = None,
    keep_failing: Annotated[bool, typer.Option("--keep-failing", help="Keep tasks that fail their own gold.")] = False,
    keep_untouched: Annotated[
        bool, typer.Option("--keep-untouched", help="Keep tasks that pass when nothing is done.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what a set of tasks is worth as a measure: its own answers, and what doing nothing scores.

    Every task is set in a folder of its own and graded twice, untouched and with the set's answer. No agent and no
    model is asked.
    """
    opened = open_task_set(named, data=data, seed=seed)
    with tempfile.TemporaryDirectory() as folder, counting("tasks") as watch:
        found = survey(opened, Path(folder), watch)
    chosen = Chosen.of(opened, found, failing_gold=keep_failing, passing_untouched=keep_untouched)
    if as_json:
        print_json(plain_survey(named, found, chosen))
        return
    for line in lines_of(named, found, chosen):
        say(line)
