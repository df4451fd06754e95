"""What passes between the evaluation and the processes that make its runs. All of it can be pickled."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from costcraft.evaluate.harness.schedule import Job
from costcraft.evaluate.plan import AgentChoice, TaskChoice
from costcraft.evaluate.results import CheckTold


@dataclass(frozen=True, slots=True)
class Setting:
    """All that a process needs to make runs."""

    tasks: TaskChoice
    agent: AgentChoice
    skills: Mapping[str, tuple[Path, ...]]
    """By condition: the directories that the agent loads."""
    out: Path
    """Where the evaluation is kept; absolute."""
    desk: Path
    """Where agents work: a folder that tells nothing of condition or task by its name."""


@dataclass(frozen=True, slots=True)
class Rehearse:
    """Make the agent once under each of these conditions, in the folder of that task, and ask it nothing."""

    conditions: tuple[str, ...]
    task: str
    seed: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has loaded the tasks and the factory."""

    simulated: bool
    """Whether the factory says that its model is scripted."""


@dataclass(frozen=True, slots=True)
class Unable:
    """No run can be made, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """One run came to its end."""

    job: Job
    fault: str | None = None
    """What cut it short, where that was not the agent."""
    raised: str | None = None
    """What the agent itself raised; it was graded on what it left."""
    success: bool | None = None
    score: Decimal | None = None
    checks: tuple[CheckTold, ...] = ()
    seconds: float = 0.0
    session: str | None = None
    """Its recording; None where nothing was recorded."""


Letter = Ready | Unable | Ended
Order = Rehearse | Job
