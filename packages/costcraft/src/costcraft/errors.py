"""Every error CostCraft raises on purpose. One base, so one `except` is enough.

A message names the file, the line or field, what was found, what was expected and what to do.
"""

from pathlib import Path


class CostcraftError(Exception):
    """The base of every error CostCraft raises on purpose."""


class EvidenceThin(CostcraftError):
    """There is nothing to distil from: the store holds no session that can be read."""


class SkillInvalid(CostcraftError):
    """A skill directory, or its SKILL.md, is missing or does not follow the format."""


class StageInvalid(CostcraftError):
    """A stage file is missing, or does not hold what that stage writes."""


class ModelUnusable(CostcraftError):
    """A chat model that was named or given cannot be asked; the message says what to install or to give."""


class EnvironmentInvalid(CostcraftError):
    """What was named as an environment for replays cannot be loaded, or is none."""


class NothingReplays(CostcraftError):
    """None of the sessions that were asked for can run again in the environment; the message says why."""


class ComparisonInvalid(CostcraftError):
    """Runs, or what is asked of their statistics, cannot be compared: counted twice, or out of range."""


class ExtraMissing(CostcraftError):
    """A library of an extra is not installed; the message says which to install."""


class TaskSetInvalid(CostcraftError):
    """A set of tasks, or one task of it, cannot be used: not found, of another shape, or without what grades it."""


class PlanInvalid(CostcraftError):
    """The plan of an evaluation cannot be run; nothing was spent."""


class ResultsInvalid(CostcraftError):
    """The results of an evaluation are missing, damaged, or those of another plan."""


class GuardRefused(CostcraftError):
    """A strict run found rules that must not be written."""


class TargetChanged(CostcraftError):
    """A file is not what it was when the plan was made, or its managed block was edited since."""

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(message)
        self.path = path


class TargetBusy(CostcraftError):
    """Another run of CostCraft is changing that directory at this moment."""


class TargetUnwritable(CostcraftError):
    """A file or directory cannot be read or written."""


class PromptInvalid(CostcraftError):
    """A prompt file, or an AGENTS.md, is no text that rules can be put into."""


class CrewInvalid(CostcraftError):
    """A crew's configuration is missing, is no YAML, or does not hold what is to be changed."""
