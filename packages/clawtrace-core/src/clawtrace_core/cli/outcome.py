"""`clawtrace outcome`: what an oracle says of a session, recorded beside it."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from clawtrace_core.cli.find import find_session
from clawtrace_core.cli.options import SessionArgument, StoreOption
from clawtrace_core.cli.output import say
from clawtrace_core.cli.verdict import Verdict, check_of, read_verdict, score_of
from clawtrace_core.errors import SettingsInvalid
from clawtrace_core.model.event import Outcome
from clawtrace_core.report.escape import printable
from clawtrace_core.session import record_outcome
from clawtrace_core.store import open_store


def outcome(
    session: SessionArgument,
    *,
    store: StoreOption = None,
    success: Annotated[bool | None, typer.Option("--success/--failure", help="The verdict.")] = None,
    score: Annotated[str | None, typer.Option(metavar="NUMBER", help="Between 0 and 1 by convention.")] = None,
    oracle: Annotated[str | None, typer.Option(metavar="NAME", help="Who says so.")] = None,
    check: Annotated[
        list[str] | None, typer.Option(metavar="NAME=pass|fail", help="One thing looked at; may be repeated.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="YAML or JSON: checks with name, passed, expected and got."),
    ] = None,
) -> None:
    """Record what an oracle says of a session. The last one recorded counts.

    FILE holds a list of checks, or a mapping with checks and, if you like, success, score and oracle; options win over
    it. Where nobody says success or failure, the session succeeded if every check passed.
    """
    told = _verdict(success, score, oracle, check or [])
    if source is not None:
        told = _over(told, read_verdict(source))
    verdict = told.succeeded()
    if verdict is None:
        raise typer.BadParameter("say --success or --failure, or give checks with --check or --from")
    opened = open_store(store)
    name = find_session(opened, session)
    recorded = record_outcome(opened, name, success=verdict, score=told.score, checks=told.checks, oracle=told.oracle)
    say(_told(name, recorded))


def _verdict(success: bool | None, score: str | None, oracle: str | None, checks: list[str]) -> Verdict:
    """What the command line says. A word it cannot mean is a wrong call, not a wrong input."""
    try:
        number = None if score is None else score_of(score, "--score")
        return Verdict(success=success, score=number, oracle=oracle, checks=tuple(check_of(text) for text in checks))
    except SettingsInvalid as error:
        raise typer.BadParameter(str(error)) from error


def _over(told: Verdict, file: Verdict) -> Verdict:
    return replace(
        file,
        success=file.success if told.success is None else told.success,
        score=file.score if told.score is None else told.score,
        oracle=told.oracle or file.oracle,
        checks=(*file.checks, *told.checks),
    )


def _told(session: str, recorded: Outcome) -> str:
    parts = ["success" if recorded.success else "failure"]
    if recorded.score is not None:
        parts.append(f"score {recorded.score}")
    if recorded.checks:
        passed = sum(check.passed for check in recorded.checks)
        parts.append(f"{passed} of {len(recorded.checks)} checks passed")
    if recorded.oracle:
        parts.append(f"by {printable(recorded.oracle, 80)}")
    return f"{printable(session)}: recorded {', '.join(parts)}"
