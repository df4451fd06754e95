"""The command `costcraft`. Exit codes: 0 fine, 1 the input is wrong, 2 the call is wrong."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.syntax import Syntax

from clawtrace_core import ClawTraceError, PriceBook
from costcraft.errors import CostcraftError
from costcraft.guard import TOKEN_CAP
from costcraft.merge import LEAST_TASKS
from costcraft.patch import patch_schema
from costcraft.pipeline import distill as run_distill
from costcraft.pipeline import read_distillation
from costcraft.showing import all_patches, fate_of, overview
from costcraft.showing import why as facts_of
from costcraft.stages import Guarded, Merged, Proposals
from costcraft.writers import apply as apply_plan
from costcraft.writers import revert as revert_last
from costcraft.writers.plan import SKILLS, read_plan

app = typer.Typer(
    name="costcraft",
    help="Distil traced sessions into skill patches. Exit codes: 0 fine, 1 the input is wrong, 2 the call is wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class StageName(StrEnum):
    """The stages a distillation can resume from."""

    evidence = "evidence"
    proposals = "proposals"
    merged = "merged"
    guard = "guard"


class LevelName(StrEnum):
    """Evidence levels of a prune, weakest first."""

    claimed = "claimed"
    structural = "structural"
    observational = "observational"
    replayed = "replayed"
    interventional = "interventional"


Store = Annotated[
    str | None, typer.Option("--store", help="Store of sessions. Default: $CLAWTRACE_STORE or .clawtrace.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Out = Annotated[Path, typer.Option("--from", help="The --out directory of a distillation.")]


@app.command()
def distill(
    skill: Annotated[Path, typer.Option("--skill", help="Directory of the skill that takes the domain rules.")],
    out: Annotated[Path, typer.Option("--out", help="Directory for the stage files, the skills and the diff.")],
    store: Store = None,
    start: Annotated[
        StageName | None, typer.Option("--from", help="Resume: take this stage's file in --out as it stands.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail when the guard refuses a rule.")] = False,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only sessions of this kind of task.")] = None,
    admit: Annotated[
        LevelName, typer.Option(help="Weakest evidence at which a prune is merged.")
    ] = LevelName.structural,
    least_tasks: Annotated[int, typer.Option(min=1, help="Tasks that must vouch for a rule.")] = LEAST_TASKS,
    cap: Annotated[int, typer.Option(min=1, help="Most tokens of the rules of one skill.")] = TOKEN_CAP,
    prices: Annotated[Path | None, typer.Option(help="YAML file of prices in USD per million tokens.")] = None,
    as_json: Json = False,
) -> None:
    """Distil sessions into rules: stage files, evolved skills and a diff under --out. Changes nothing else."""
    found = run_distill(
        store if store or start else _default_store(),
        skill,
        out,
        start=start.value if start else None,
        strict=strict,
        prices=PriceBook.load(prices) if prices else None,
        kinds=kind or [],
        admit=admit.value,
        least_tasks=least_tasks,
        cap=cap,
    )
    stages = (found.proposals or Proposals(), found.merged or Merged(), found.guarded)
    diff = found.plan.diff()
    if as_json:
        _print_json({**_as_json(*stages), "warnings": found.warnings, "diff": diff})
        return
    _print(overview(*stages, warnings=found.warnings))
    if diff:
        _print(Syntax(diff, "diff", background_color="default", word_wrap=True) if sys.stdout.isatty() else None, diff)
        _say(f"to write it: costcraft apply --from {out}")
    else:
        _say("nothing changes")


@app.command()
def apply(
    out: Out,
    to: Annotated[
        Path | None, typer.Option("--to", help="Directory that holds the skills. Default: the planned.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a distillation's skills: all files or none, journalled so that `revert` brings the old bytes back."""
    plan = read_plan(out)
    root = to if to is not None else Path(plan.root)
    changed = apply_plan(plan, root)
    if as_json:
        _print_json({"root": str(root), "changed": changed})
        return
    for path in changed:
        _say(f"wrote {root / path}")
    _say(f"to take it back: costcraft revert {root}" if changed else "nothing to do: every file is as planned")


@app.command()
def revert(
    skills: Annotated[Path, typer.Argument(help="Directory that holds the skills.")], as_json: Json = False
) -> None:
    """Take the last application back; refused where a managed block was edited since."""
    if not skills.is_dir():
        raise CostcraftError(f"{skills}: there is no such directory; name the one that `costcraft apply --to` wrote to")
    changed = revert_last(skills)
    if as_json:
        _print_json({"root": str(skills), "changed": changed})
        return
    for path in changed:
        _say(f"restored {skills / path}")
    if not changed:
        _say(f"nothing to do: nothing was applied to {skills}")


@app.command()
def show(
    out: Annotated[Path, typer.Argument(help="The --out directory of a distillation.")], as_json: Json = False
) -> None:
    """Show what a distillation proposed, and what became of each proposal."""
    stages = read_distillation(out)
    if as_json:
        _print_json(_as_json(*stages))
        return
    _print(overview(*stages, warnings=stages[2].warnings))


@app.command()
def why(rule: Annotated[str, typer.Argument(help="Id of the rule.")], out: Out, as_json: Json = False) -> None:
    """Say why a rule is there: what it cost, who vouches for it, what would have been without."""
    stages = read_distillation(out)
    patches = {patch.id: patch for patch in all_patches(*stages)}
    if rule not in patches:
        there = ", ".join(patches) or "none"
        raise CostcraftError(f"{out}: holds no rule {rule!r}; the rules there are: {there}")
    fate = fate_of(*stages).get(rule, "written")
    if as_json:
        _print_json({"fate": fate, "patch": patches[rule].model_dump(mode="json")})
        return
    _print(facts_of(patches[rule], fate))


@app.command()
def schema() -> None:
    """Print the JSON Schema of a patch."""
    _print_json(patch_schema())


def _default_store() -> str:
    import os  # noqa: PLC0415

    return os.environ.get("CLAWTRACE_STORE") or ".clawtrace"


def _as_json(proposals: Proposals, merged: Merged, guarded: Guarded) -> dict[str, Any]:
    fate = fate_of(proposals, merged, guarded)
    return {
        "rules": [
            {"fate": fate.get(patch.id, "written"), **patch.model_dump(mode="json")}
            for patch in all_patches(proposals, merged, guarded)
        ],
        "declined": [each.model_dump() for each in proposals.declined],
        "violations": [each.model_dump() for each in guarded.violations],
        "skills": SKILLS,
    }


def _print(what: RenderableType | None, plain: str = "") -> None:
    if what is None:
        sys.stdout.write(plain)
    else:
        Console(highlight=False, emoji=False).print(what)


def _print_json(plain: Any) -> None:
    sys.stdout.write(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")


def _say(text: str) -> None:
    typer.echo(text)


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
