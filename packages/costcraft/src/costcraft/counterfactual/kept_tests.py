"""Tests of steps on disk: one line that says how they were made, then one for each session as it is done.

A run that was killed loses the sessions under way; the next goes on with what is not there yet. A session that could
not run again is tried again, and its last line counts.
"""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from costcraft.counterfactual.step_test import SessionTest
from costcraft.errors import ResultsInvalid, TargetUnwritable
from costcraft.value import Value


class Made(Value):
    """The first line: how the tests were made."""

    costcraft: Literal[1] = 1
    environment: str
    only_reads: bool = False


class KeptTests:
    """The file of one run, and of those that go on with it."""

    def __init__(self, path: Path, made: Made) -> None:
        """Read what is there.

        Raises:
            ResultsInvalid: the file holds something else, or tests that were made otherwise.
            TargetUnwritable: it cannot be read.
        """
        self.path, self._made = path, made
        self.sessions: dict[str, SessionTest] = {}
        self._torn = False
        self._end = self._read()

    @property
    def done(self) -> set[str]:
        """Sessions that ran again and were tested."""
        return {name for name, found in self.sessions.items() if found.why is None}

    def keep(self, found: SessionTest) -> None:
        """Append one session and sync it. Raises TargetUnwritable."""
        lines = [] if self._end else [self._made.model_dump_json()]
        told = "".join(f"{line}\n" for line in [*lines, found.model_dump_json()]).encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                if self._torn:
                    file.truncate(self._end)
                file.write(told)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise TargetUnwritable(f"{self.path}: cannot be written ({error.strerror}); name another --out") from error
        self._end, self._torn = self._end + len(told), False
        self.sessions[found.session] = found

    def _read(self) -> int:
        """How many bytes stay: a torn last line, of a run that was killed, does not."""
        try:
            whole = self.path.read_bytes()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise TargetUnwritable(f"{self.path}: cannot be read ({error.strerror}); name another --out") from error
        end = whole.rfind(b"\n") + 1
        self._torn = end < len(whole)
        lines = whole[:end].split(b"\n")[:-1]
        if not lines and whole.strip() and not _is_torn(whole, self._made):
            raise ResultsInvalid(f"{self.path}: is no file of `costcraft replay`; name another --out")
        if lines:
            self._agree(lines[0])
        for number, line in enumerate(lines[1:], start=2):
            if line == lines[0]:  # two runs began at once
                continue
            found = self._session(number, line)
            self.sessions[found.session] = found
        return end

    def _agree(self, line: bytes) -> None:
        try:
            made = Made.model_validate_json(line)
        except ValidationError as error:
            raise ResultsInvalid(f"{self.path}:1: is no file of `costcraft replay`; name another --out") from error
        if made != self._made:
            raise ResultsInvalid(
                f"{self.path}: holds tests made with {_told(made)}; found {_told(self._made)}. "
                "Name another --out, or remove the file"
            )

    def _session(self, number: int, line: bytes) -> SessionTest:
        try:
            return SessionTest.model_validate(json.loads(line, parse_float=Decimal), strict=False)
        except (ValueError, RecursionError) as error:
            raise ResultsInvalid(
                f"{self.path}:{number}: is no session that was tested; the file was damaged. Remove that line to test "
                "the session again"
            ) from error


def _is_torn(whole: bytes, made: Made) -> bool:
    return made.model_dump_json().encode().startswith(whole)


def _told(made: Made) -> str:
    return f"--environment {made.environment}{' --only-reads' if made.only_reads else ''}"
