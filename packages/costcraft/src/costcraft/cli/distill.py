"""`costcraft distill`: from sessions to rules."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from clawtrace_core import PriceBook
from costcraft import pipeline
from costcraft.analysts import TURNS
from costcraft.cli.options import (
    Admit,
    Budget,
    Concurrency,
    Json,
    LevelName,
    MaxCalls,
    Model,
    NoCosts,
    NoGate,
    NoPrune,
    OneScope,
    Start,
    Store,
    Turns,
    Workers,
    World,
)
from costcraft.cli.output import draw, draw_diff, plain_stages, print_json, say
from costcraft.cli.progress import progress
from costcraft.counterfactual import load_environment
from costcraft.gate import LEAST_TASKS
from costcraft.guard import TOKEN_CAP
from costcraft.models import CONCURRENCY
from costcraft.options import Choices
from costcraft.showing import overview
from costcraft.writers.alone import alone


def distill(
    skill: Annotated[Path, typer.Option("--skill", help="Directory of the skill that takes the domain rules.")],
    out: Annotated[Path, typer.Option("--out", help="Directory for the stage files, the skills and the diff.")],
    store: Store = None,
    start: Start = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail when the guard refuses a rule.")] = False,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only sessions of this kind of task.")] = None,
    admit: Admit = LevelName.structural,
    least_tasks: Annotated[int, typer.Option(min=1, help="Tasks that must vouch for a rule.")] = LEAST_TASKS,
    cap: Annotated[int, typer.Option(min=1, help="Most tokens of the rules of one skill.")] = TOKEN_CAP,
    prices: Annotated[Path | None, typer.Option(help="YAML file of prices in USD per million tokens.")] = None,
    model: Model = None,
    budget: Budget = None,
    max_calls: MaxCalls = None,
    concurrency: Concurrency = CONCURRENCY,
    turns: Turns = TURNS,
    environment: World = None,
    no_costs: NoCosts = False,
    no_prune: NoPrune = False,
    no_gate: NoGate = False,
    one_scope: OneScope = False,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Distil sessions into rules: stage files, evolved skills and a diff under --out. Changes nothing else."""
    options = Choices(strict=strict, kinds=kind or [], admit=admit.value, least_tasks=least_tasks, cap=cap)
    options |= Choices(costs=not no_costs, prune=not no_prune, gate=not no_gate, scopes=not one_scope)
    options |= Choices(model=model, max_calls=max_calls, concurrency=concurrency, turns=turns, workers=workers)
    options |= Choices(
        prices=PriceBook.load(prices) if prices else None,
        budget=None if budget is None else Decimal(str(budget)),
        environment=load_environment(environment) if environment else None,
    )
    place = store if store or (start and model is None) else os.environ.get("CLAWTRACE_STORE") or ".clawtrace"
    with alone(out), progress() as options["watch"]:
        found = pipeline.distill(place, skill, out, start=start.value if start else None, **options)
    _tell(found, out, as_json=as_json)


def _tell(found: pipeline.Distillation, out: Path, *, as_json: bool) -> None:
    diff = found.plan.diff()
    if as_json:
        print_json({**plain_stages(found.stages), "warnings": found.warnings, "diff": diff})
        return
    draw(overview(found.stages, warnings=found.warnings))
    if diff:
        draw_diff(diff)
        say(f"to write it: costcraft apply --from {out}")
    else:
        say("nothing changes")
