"""The tasks as an environment: where recorded calls can run again, on a fresh workbook, and be graded.

costcraft distill --environment python:examples.sheets.environment:SheetEnvironment ...
"""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from examples.sheets.oracle import Grade, grade
from examples.sheets.tasks import COUNT, SheetTask, make_tasks
from examples.sheets.tools import SheetTools


class SheetEnvironment:
    """One workbook at a time. The same calls always end alike."""

    deterministic = True

    def __init__(self, folder: Path | None = None, count: int = COUNT) -> None:
        """`folder` takes the workbooks (None: a temporary one that goes with this object); `count` tasks are known."""
        self._own = tempfile.TemporaryDirectory() if folder is None else None
        self._folder = Path(self._own.name) if self._own is not None else folder or Path()
        self._tasks = {task.name: task for task in make_tasks(count)}
        self._task: SheetTask | None = None

    def reset(self, task: str) -> None:
        """The workbook as the task hands it out. Raises KeyError on a task that is not there."""
        self._task = self._tasks[task]
        self._given = self._task.prepare(self._folder / "given")
        self._used = self._folder / self._given.name
        shutil.copyfile(self._given, self._used)
        self._tools = SheetTools(self._used)

    def call(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """What the tool answers; raises what the tool raises."""
        if tool not in (*SheetTools.READING, *SheetTools.WRITING):
            raise LookupError(f"there is no tool {tool!r}")
        return str(getattr(self._tools, tool)(**arguments))

    def snapshot(self) -> bytes:
        """The workbook's bytes: equal ones are equal workbooks."""
        return self._used.read_bytes()

    def restore(self, token: bytes) -> None:
        """Put the workbook back to those bytes."""
        self._used.write_bytes(token)

    def grade(self) -> Grade:
        """What the oracle says of the workbook as it is now."""
        if self._task is None:
            raise LookupError("no task was set; call reset first")
        return grade(self._task, self._used, self._given)
