"""Options that several verbs have."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class StageName(StrEnum):
    """The stages a distillation can resume from."""

    evidence = "evidence"
    proposals = "proposals"
    counterfactual = "counterfactual"
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
Model = Annotated[
    str | None,
    typer.Option(help="Ask this chat model too, as in langchain:openai:gpt-5.4. Default: rules alone."),
]
Budget = Annotated[float | None, typer.Option(min=0, help="USD the model's replies may cost in all.")]
MaxCalls = Annotated[int | None, typer.Option(min=1, help="Most replies of the model.")]
Concurrency = Annotated[int, typer.Option(min=1, help="Most calls of the model at once.")]
Turns = Annotated[int, typer.Option(min=1, help="Most replies per session that failed.")]
To = Annotated[
    Path | None,
    typer.Option("--to", help="What takes the rules: a directory of skills, a prompt file, an AGENTS.md, a crew."),
]
Agents = Annotated[list[str] | None, typer.Option("--agent", help="Only this agent of a crew. May be repeated.")]
Tasks = Annotated[
    list[str] | None, typer.Option("--task", help="Task of a crew that takes the domain rules. May be repeated.")
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Processes to read sessions with; as many as cores where it pays."),
]
World = Annotated[
    str | None,
    typer.Option("--environment", metavar="python:MODULE:NAME", help="Where recorded calls run again, pruned."),
]
Start = Annotated[
    StageName | None, typer.Option("--from", help="Resume: take this stage's file in --out as it stands.")
]
Admit = Annotated[LevelName, typer.Option(help="Weakest evidence at which a prune is merged.")]
NoCosts = Annotated[bool, typer.Option("--no-costs", help="Ablation: analysts see no dollars and no token counts.")]
NoPrune = Annotated[bool, typer.Option("--no-prune", help="Ablation: no prune is proposed.")]
OneScope = Annotated[bool, typer.Option("--one-scope", help="Ablation: one skill takes every rule, portable or not.")]
NoGate = Annotated[
    bool, typer.Option("--no-gate", help="Ablation: no prune is weighed; what is merely claimed is admitted.")
]
