"""Run the study: python -m examples.planted.study --seeds 20 --framework langchain --out out/planted

Every seed is a line of OUT/sittings.jsonl; what is there already is not run again. Everything is simulated.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from examples.planted.study.arms import ARMS, BRIEF
from examples.planted.study.figures import MAIN, figures
from examples.planted.study.seat import sit
from examples.planted.study.sitting import add_sitting, read_sittings

FRAMEWORKS = ("langchain", "llamaindex", "crewai")
FILE = "sittings.jsonl"
TASKS = 36
"""Tasks of each domain: 22 to learn from and 14 held out."""


def run(out: Path, framework: str, seeds: Sequence[int], count: int, known: Path | None = None) -> None:
    """The seeds that are not there yet, one after another. `known`: the file of an earlier study."""
    earlier = {(each.framework, each.seed): each for each in read_sittings(known)} if known is not None else {}
    out.mkdir(parents=True, exist_ok=True)
    there = {(each.framework, each.seed) for each in read_sittings(out / FILE)}
    for seed in seeds:
        if (framework, seed) in there:
            continue
        arms = ARMS if framework == MAIN else BRIEF
        work = out / "work" / f"{framework}-{seed}"
        found = sit(framework, seed, count, work, arms, known=earlier.get((framework, seed)))
        add_sitting(out / FILE, found)
        print(f"{framework}, seed {seed}: {found.runs} runs, {found.cpu_seconds:.0f} s of CPU", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m examples.planted.study", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/planted"), help="where it is written (out/planted)")
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds (20)")
    parser.add_argument("--first", type=int, default=1, help="the first of them (1)")
    parser.add_argument("--tasks", type=int, default=TASKS, help=f"tasks of each domain and seed ({TASKS})")
    parser.add_argument("--framework", action="append", choices=FRAMEWORKS, help=f"may be repeated (default: {MAIN})")
    parser.add_argument(
        "--known",
        type=Path,
        help="sittings.jsonl of an earlier study with as many tasks: after a change of CostCraft alone, what agents "
        "did under skills of the same words is taken over (none)",
    )
    told = parser.parse_args(arguments)
    for framework in dict.fromkeys(told.framework or [MAIN]):
        run(told.out, framework, range(told.first, told.first + told.seeds), told.tasks, told.known)
    found = figures(read_sittings(told.out / FILE))
    for name, arm in found["arms"]["both"].items():
        if arm["compared"]:
            each = arm["compared"]
            print(
                f"simulated, {name:20} success {100 * each['base_success']:.1f}% to {100 * each['new_success']:.1f}%, "
                f"cost of all runs {each['total']['value']:.2f} times"
            )


if __name__ == "__main__":
    main()
