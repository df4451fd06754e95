"""What leaving one step out of a session showed, as a line of `costcraft replay --out` holds it."""

from decimal import Decimal
from typing import Literal

from costcraft.value import Value


class ReplayVerdict(Value):
    """What the session's calls came to without the step."""

    what: Literal["same", "changed", "drop", "untold"]
    """The same graded end and answers; another answer on the way; a worse end; or it cannot be told."""
    why: str = ""


class FlowVerdict(Value):
    """What the value flow says of the step's result."""

    what: Literal["not used", "used", "unknown"]
    why: str = ""
    by: int | None = None
    """Number of the step that used it first."""
    value: str | None = None
    """The value it used."""
    where: str | None = None
    """`argument`, `message` or `answer`."""


class StepTest(Value):
    """One step, left out."""

    session: str
    task: str | None
    n: int
    """Number of the step, as in the card."""
    tool: str
    args: str | None = None
    """Its arguments in short; None where they were not kept."""
    usd: Decimal | None = None
    """What it caused, USD. None: unpriced."""
    saves: Decimal | None = None
    """USD that would not have been billed without it, where a flag of its own says so."""
    replay: ReplayVerdict
    flow: FlowVerdict

    @property
    def replay_approves(self) -> bool:
        """Whether the session ends and answers as before without it, later actions as recorded."""
        return self.replay.what == "same"

    @property
    def unquoted(self) -> bool:
        """Whether no value that first appeared in its result is seen to come back. This alone says little: what was
        read may have been counted or compared."""
        return self.flow.what != "used"

    @property
    def flow_approves(self) -> bool:
        """Whether it told nothing new, or is flagged as needless, and no value of it comes back."""
        return self.flow.what == "not used"

    @property
    def both_approve(self) -> bool:
        """Only then the session did not need it: a replay keeps what a step had taught the agent, and the value flow
        does not see what a step did to the world."""
        return self.replay_approves and self.flow_approves


class SessionTest(Value):
    """Every step of one session, left out in turn."""

    session: str
    task: str | None = None
    why: str | None = None
    """Why it could not run again; None where it ran, and ended and answered as recorded."""
    tests: tuple[StepTest, ...] = ()
