"""The command `costcraft`. Exit codes: 0 fine, 1 the input is wrong, 2 the call is wrong, 3 it is not done."""

import sys

import typer

from clawtrace_core import ClawTraceError
from costcraft.cli.adopt import adopt
from costcraft.cli.apply import apply
from costcraft.cli.distill import distill
from costcraft.cli.evaluate import evaluation
from costcraft.cli.plan import plan
from costcraft.cli.promote import promote
from costcraft.cli.replay import replay
from costcraft.cli.revert import revert
from costcraft.cli.schema import schema
from costcraft.cli.show import show
from costcraft.cli.tasks import tasks
from costcraft.cli.why import why
from costcraft.errors import CostcraftError

VERBS = (distill, plan, apply, revert, show, why, adopt, replay, tasks, evaluation, promote, schema)

app = typer.Typer(
    name="costcraft",
    help=(
        "Distil traced sessions into skill patches. Exit codes: 0 fine, 1 the input is wrong, 2 the call is wrong, "
        "3 not done: `eval` stopped before its end, `promote` kept the incumbent."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in VERBS:
    app.command("eval" if verb is evaluation else None)(verb)


def main() -> None:
    """Run the command; an error raised on purpose is one message on stderr and exit code 1."""
    try:
        app()
    except (CostcraftError, ClawTraceError) as error:
        typer.echo(f"costcraft: {error}", err=True)
        sys.exit(1)
    except OSError as error:  # a name too long, a directory that may not be searched: met before any file is opened
        typer.echo(f"costcraft: {error.filename}: cannot be used ({error.strerror}); name another path", err=True)
        sys.exit(1)
