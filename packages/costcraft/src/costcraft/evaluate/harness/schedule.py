"""In which order runs are made. Pure: the clock is an argument.

Task by task and seed by seed, all conditions of one after the other: whenever it stops, whole pairs are there. Which
condition comes first turns from block to block, so that none is always the one that finds a provider rested.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

LONGEST_PAUSE = 60.0
"""Seconds; a pause is doubled up to this."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run that is to be made."""

    condition: str
    task: str
    seed: int
    attempt: int = 1
    single: bool = False
    """A run that tells what a single rule does."""

    @property
    def key(self) -> tuple[str, str, int]:
        """Condition, task, seed: what its line in the results is known by."""
        return self.condition, self.task, self.seed


def blocks(
    tasks: Sequence[str], seeds: Sequence[int], conditions: Sequence[str], *, single: bool = False
) -> Iterator[list[Job]]:
    """For each task and seed the runs under all conditions, the first of them turning."""
    if not conditions:
        return
    pairs = [(task, seed) for task in tasks for seed in seeds]
    for number, (task, seed) in enumerate(pairs):
        turn = number % len(conditions)
        turned = [*conditions[turn:], *conditions[:turn]]
        yield [Job(condition, task, seed, single=single) for condition in turned]


@dataclass
class Queue:
    """What is still to be run."""

    ahead: deque[list[Job]]
    """Blocks that were not begun."""
    attempts: int
    """How often a run is tried."""
    pause: float
    """Seconds until a second attempt."""
    begun: list[Job] = field(default_factory=list)
    """The rest of blocks that were begun."""
    again: list[tuple[float, int, Job]] = field(default_factory=list)
    """When it is due, how often it was tried, and what: runs that were cut short."""
    tried: dict[tuple[str, str, int], int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        wanted: Iterator[list[Job]],
        done: Collection[tuple[str, str, int]],
        made: Callable[[tuple[str, str, int]], int],
        *,
        attempts: int,
        pause: float,
    ) -> "Queue":
        """What is left of `wanted`. `made` tells how many attempts of a run there were before."""
        left = ([job for job in block if job.key not in done] for block in wanted)
        numbered = ([_numbered(job, made(job.key) + 1) for job in block] for block in left if block)
        return cls(deque(numbered), attempts, pause)

    def next(self, now: float, room: Callable[[Sequence[Job]], bool]) -> Job | None:
        """What to run now; None where nothing is due or nothing has room.

        `room` tells whether these runs may be begun: one of a block that stands open, or all of a new one.
        """
        for due in self.again:
            if due[0] <= now and room([due[2]]):
                self.again.remove(due)
                return due[2]
        if not self.begun and self.ahead and room(self.ahead[0]):
            self.begun = self.ahead.popleft()
        if self.begun and room(self.begun[:1]):
            return self.begun.pop(0)
        return None

    def cut_short(self, job: Job, now: float) -> bool:
        """Take a run back that infrastructure cut short; False where it was tried often enough."""
        tried = self.tried[job.key] = self.tried.get(job.key, 0) + 1
        if tried >= self.attempts:
            return False
        wait = min(self.pause * 2 ** (tried - 1), LONGEST_PAUSE)
        self.again.append((now + wait, tried, _numbered(job, job.attempt + 1)))
        return True

    def due_in(self, now: float) -> float | None:
        """Seconds until a run may be tried again; None where none waits."""
        return max(0.0, min(due[0] for due in self.again) - now) if self.again else None

    @property
    def left(self) -> int:
        """Runs that are still to be made."""
        return sum(map(len, self.ahead)) + len(self.begun) + len(self.again)


def _numbered(job: Job, attempt: int) -> Job:
    return Job(job.condition, job.task, job.seed, attempt, job.single)
