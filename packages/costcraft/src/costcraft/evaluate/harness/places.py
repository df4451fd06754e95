"""Where an evaluation keeps what: the names below its output directory."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from costcraft.errors import TargetUnwritable
from costcraft.evaluate.harness.schedule import Job

STORE = "store"
"""The recorded sessions, as ClawTrace keeps them."""
RUNS = "runs"
"""What each agent left, by condition, task and seed."""
CONDITIONS = "conditions"
LOGS = "logs"
UNDER_WAY = "under_way"
"""One file for each run that has begun and is not yet in the results: after a kill they tell what was spent."""
BEFORE_THE_FIRST_LINE = frozenset({CONDITIONS, LOGS, UNDER_WAY})
"""All that may stand there while there are no results yet."""
_SAFE = re.compile(r"[^a-z0-9._+-]+")
_LONGEST = 60


def folder_name(task: str) -> str:
    """A task's id as the name of a folder: as it is where it can be one anywhere, else altered and told apart."""
    safe = _SAFE.sub("_", task.lower())[:_LONGEST].strip(".") or "_"
    return safe if safe == task else f"{safe}-{hashlib.sha256(task.encode()).hexdigest()[:8]}"


def left_by(out: Path, job: Job) -> Path:
    """Where what the agent left in a run is kept."""
    return out / RUNS / job.condition / folder_name(job.task) / str(job.seed)


def claim(out: Path) -> None:
    """Make the first folder of an evaluation: by it the others are known as its own. Raises TargetUnwritable."""
    try:
        (out / UNDER_WAY).mkdir(exist_ok=True)
    except OSError as error:
        raise TargetUnwritable(f"{out / UNDER_WAY}: cannot be made ({error.strerror}); choose another --out") from error


def mark(out: Path, job: Job, session: str) -> None:
    """Write down that a run has begun, and in which session it is recorded."""
    told = {"condition": job.condition, "task": job.task, "seed": job.seed, "attempt": job.attempt}
    (out / UNDER_WAY / f"{session}.json").write_text(json.dumps(told), encoding="utf-8")


def marks(out: Path) -> Iterator[tuple[Job, str]]:
    """The runs that had begun, each with its session."""
    for path in sorted((out / UNDER_WAY).glob("*.json")):
        with suppress(ValueError, KeyError):  # torn: the process was killed at that very moment, and nothing was spent
            told = json.loads(path.read_bytes())
            yield Job(told["condition"], told["task"], told["seed"], told["attempt"]), path.stem


def marked(out: Path, job: Job) -> str | None:
    """The session of a run that has begun; None where it came to none."""
    return next((session for each, session in marks(out) if (each.key, each.attempt) == (job.key, job.attempt)), None)


def unmark(out: Path, session: str) -> None:
    """Take a mark away: the run is in the results."""
    (out / UNDER_WAY / f"{session}.json").unlink(missing_ok=True)
