"""The results as they grow: one line for each run, on disk before the next is begun."""

import os
from pathlib import Path

from costcraft.errors import TargetUnwritable
from costcraft.evaluate.results import RESULTS_FILE, Done, Opening, line_of
from costcraft.files import replace_file


class Journal:
    """Appends to `results.jsonl`. One process writes it."""

    def __init__(self, out: Path) -> None:
        self._path = out / RESULTS_FILE

    def open(self, told: Opening) -> None:
        """Write the first line, or nothing of it. Raises TargetUnwritable."""
        replace_file(self._path, line_of(told))

    def mend(self) -> None:
        """Take out a last line that a killed process left torn. Raises TargetUnwritable."""
        held = self._path.read_bytes()
        whole = held.rfind(b"\n") + 1
        if whole < len(held):
            try:
                os.truncate(self._path, whole)
            except OSError as error:
                raise self._unwritable(error) from error

    def append(self, done: Done) -> None:
        """Add a line, and wait until it is on the disk. Raises TargetUnwritable."""
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            try:
                _write(handle, line_of(done))
            finally:
                os.close(handle)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> TargetUnwritable:
        return TargetUnwritable(
            f"{self._path}: cannot be written ({error.strerror}); the evaluation stopped, and what stands there is "
            "whole. Free the disk, and the same command goes on"
        )


def _write(handle: int, line: bytes) -> None:
    before = os.fstat(handle).st_size
    try:
        left = memoryview(line)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    except OSError:
        os.truncate(handle, before)  # a full disk leaves no half of a line
        raise
