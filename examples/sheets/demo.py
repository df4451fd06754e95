"""Trace an agent, read a TraceCard, distil a skill, load it back, run again: offline, with a simulated model.

Run it with `make demo`, or `python -m examples.sheets.demo --out DIR --tasks N`.
"""

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from clawtrace_langchain import load_skill_prompt
from costcraft import Distillation, Patch, Preserve, Prune, apply, distill
from examples.sheets import show
from examples.sheets.model_langchain import MODEL
from examples.sheets.play import Figures, Run, figures, play, regressions
from examples.sheets.tasks import COUNT, Split, make_tasks

BASE_SKILL = Path(__file__).parent / "skill" / "sheet-tasks"
LEAST_TASKS = 12
MARK = ".clawtrace-demo"
SPLITS: tuple[Split, ...] = ("evolve", "held-out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Both runs of every task, and what was learned in between."""

    before: list[Run]
    after: list[Run]
    distilled: Distillation
    skills: tuple[Path, ...]

    def rows(self) -> list[tuple[str, Figures, Figures]]:
        """(split, before, after) for each split."""
        return [(split, figures(_of(self.before, split)), figures(_of(self.after, split))) for split in SPLITS]


def run(out: Path, count: int, console: Console) -> Result:
    """The whole demo under `out`, told on `console`. Raises FileExistsError when `out` holds something else."""
    _clear(out)
    tasks = make_tasks(count)
    show.opening(console, MODEL, tasks)
    skill = Path(shutil.copytree(BASE_SKILL, out / "skills" / BASE_SKILL.name))

    show.step(console, 1, "Run every task with the base skill, traced")
    before = _play_all(out, "before", (skill,), count, console)

    learned = _of(before, "evolve")
    show.step(console, 2, "Read a TraceCard: where the money went, and what of it was waste")
    show.card(console, _telling(learned))

    show.step(console, 3, f"Distil the {len(learned)} sessions to learn from; the held-out ones stay unseen")
    distilled = distill(store=_store(out, "before", "evolve"), skill=skill, out=out / "distilled")
    show.patches(console, [_told(patch) for patch in distilled.guarded.patches])
    show.set_aside(console, _set_aside(distilled))
    show.diff(console, "".join(c.diff() for c in distilled.plan.changes if c.path.endswith("SKILL.md")))
    apply(distilled.plan, out / "skills")

    skills = tuple(sorted((path.parent for path in out.glob("skills/*/SKILL.md")), key=lambda path: path != skill))
    show.step(console, 4, f"Load {' and '.join(path.name for path in skills)} into the same agent and run again")
    after = _play_all(out, "after", skills, count, console)

    result = Result(before=before, after=after, distilled=distilled, skills=skills)
    show.side_by_side(console, result.rows())
    show.closing(console, regressions(before, after), _places(out))
    return result


def _play_all(out: Path, phase: str, skills: Sequence[Path], count: int, console: Console) -> list[Run]:
    prompt = load_skill_prompt(*skills)
    runs: list[Run] = []
    for split in SPLITS:
        tasks = [task for task in make_tasks(count) if task.split == split]
        played = play(tasks, prompt=prompt, store=_store(out, phase, split), books=out / "books" / phase)
        runs += show.bar(console, f"{phase}, {split:<8}", played, len(tasks))
    return runs


def _store(out: Path, phase: str, split: Split) -> Path:
    """One store per phase and split: what is held out cannot be distilled by mistake."""
    return out / "runs" / f"{phase}-{split}"


def _of(runs: Sequence[Run], split: Split) -> list[Run]:
    return [run for run in runs if run.task.split == split]


def _telling(runs: Sequence[Run]) -> Run:
    """The run with the most flags; of these the first."""
    return max(runs, key=lambda run: len(run.card.flags))


def _told(patch: Patch) -> tuple[str, str, str, str]:
    """A patch in a line: kind, scope, rule, evidence."""
    if isinstance(patch, Preserve):
        proof = f"{patch.in_successes} successes, {patch.in_failures} failures did this (p {patch.p:.2g})"
    elif isinstance(patch, Prune):
        saved = "unpriced" if patch.usd_saved is None else f"{patch.usd_saved:.4f} USD saved"
        proof = f"{patch.prevalence.sessions} of {patch.prevalence.of_sessions} sessions, {saved}; {patch.level}"
    else:
        check = patch.checks[0]
        proof = f"{patch.failed} failed checks, such as {check.name}: expected {check.expected!r}, got {check.got!r}"
    return patch.kind, patch.scope, patch.rule, proof


def _set_aside(distilled: Distillation) -> list[str]:
    declined = distilled.proposals.declined if distilled.proposals is not None else []
    staged = distilled.merged.candidates if distilled.merged is not None else []
    return [
        *(f"{each.kind}: {each.why}" for each in declined),
        *(f"{each.patch.kind}: {each.patch.rule} ({each.why})" for each in staged),
        *(f"{each.text} (refused: {each.check}, found {each.found})" for each in distilled.guarded.violations),
    ]


def _places(out: Path) -> list[tuple[str, str]]:
    return [
        ("sessions", f"{out / 'runs'}/   clawtrace ls --store {_store(out, 'after', 'evolve')}"),
        ("stages of the distillation", f"{out / 'distilled'}/"),
        ("skills as evolved", f"{out / 'skills'}/"),
        ("workbooks", f"{out / 'books'}/"),
    ]


def _clear(out: Path) -> None:
    """An empty folder of our own; a folder that holds anything else is left alone."""
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise FileExistsError(f"{out}: holds files that are not this demo's; choose another --out directory")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARK).touch()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m examples.sheets.demo", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where everything is written (out/demo)")
    parser.add_argument("--tasks", type=int, default=COUNT, help=f"how many tasks, {LEAST_TASKS} or more ({COUNT})")
    told = parser.parse_args(arguments)
    if told.tasks < LEAST_TASKS:
        parser.error(f"--tasks {told.tasks}: expected {LEAST_TASKS} or more, or there is too little to learn from")
    try:
        run(told.out, told.tasks, show.make_console())
    except OSError as reason:  # a place that cannot be written, a full disk
        parser.error(str(reason))


if __name__ == "__main__":
    main()
