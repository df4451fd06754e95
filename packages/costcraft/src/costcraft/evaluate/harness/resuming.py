"""What stands in an output directory: nothing, an evaluation that goes on, or something else."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from costcraft.errors import PlanInvalid, ResultsInvalid
from costcraft.evaluate.harness import places
from costcraft.evaluate.plan import Plan, declared, fingerprint
from costcraft.evaluate.results import RESULTS_FILE, Opening, Results, Told, read_results
from costcraft.files import sweep

_SHOWN = 5


def standing(out: Path) -> Results | None:
    """The evaluation in `out`; None where there is none yet.

    Raises:
        PlanInvalid: something else is there.
        ResultsInvalid: its results are damaged.
    """
    if (out / RESULTS_FILE).exists():
        return read_results(out)
    if (out / places.UNDER_WAY).is_dir():
        sweep(out / RESULTS_FILE)  # killed while the first line was being put in place
    there = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    ours = places.BEFORE_THE_FIRST_LINE if places.UNDER_WAY in there else {places.LOGS}
    others = [name for name in there if name not in ours]
    if others:
        shown = ", ".join(others[:_SHOWN]) + (", ..." if len(others) > _SHOWN else "")
        raise PlanInvalid(f"{out}: holds what is no evaluation ({shown}); name an empty directory, or a new one")
    clear(out)
    return None


def clear(out: Path) -> None:
    """Remove what an evaluation leaves that ended before its first line; what its processes printed stays."""
    if (out / places.UNDER_WAY).is_dir():  # it was made before all else, and goes last
        shutil.rmtree(out / places.CONDITIONS, ignore_errors=True)
        shutil.rmtree(out / places.UNDER_WAY, ignore_errors=True)
    logs = out / places.LOGS
    if logs.is_dir() and not any(path.stat().st_size for path in logs.iterdir()):
        shutil.rmtree(logs, ignore_errors=True)


def check_same(out: Path, opening: Opening, plan: Plan, conditions: Mapping[str, Told]) -> None:
    """Whether a plan, with its skills as they are now, is the one whose results stand in `out`.

    Raises:
        ResultsInvalid: it is not; the message names what differs.
    """
    digests = {name: told.digest for name, told in conditions.items()}
    if fingerprint(plan, digests) == opening.fingerprint:
        return
    before = {name: told.digest for name, told in opening.conditions.items()}
    found = [*_differences(declared(opening.plan), declared(plan), "")]
    found += [f"skills of {name} were changed" for name in before if name in digests and digests[name] != before[name]]
    found += [f"condition {name} is new" for name in digests if name not in before and name not in plan.conditions]
    shown = "; ".join(found[:_SHOWN]) + (f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
    raise ResultsInvalid(
        f"{out}: holds results of another plan: {shown or 'it was declared by another version'}. What is declared "
        "stays as it was before the first run: put it back, or evaluate into a new directory"
    )


def _differences(before: Any, now: Any, where: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*before, *now]):
            at = f"{where}.{name}" if where else str(name)
            if name not in before or name not in now:
                yield f"{at} was {'added' if name in now else 'removed'}"
            else:
                yield from _differences(before[name], now[name], at)
    elif before != now:
        yield f"{where} was {_shown(before)} and is {_shown(now)}"


def _shown(value: object) -> str:
    return "not told" if value is None else str(value)[:80]
