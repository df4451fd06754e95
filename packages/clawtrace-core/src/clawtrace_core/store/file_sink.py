"""A session's file as a sink: append-only, one write per batch, made when the first line comes."""

import os
from pathlib import Path

from clawtrace_core.errors import StoreError

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class FileSink:
    """Appends whole lines to one file. A process killed after `append` returned has lost none of them.

    (The bytes are with the operating system then; a power cut may still take them.)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        self._torn = False

    def append(self, lines: bytes) -> None:
        """Write `lines` at the end. Raises StoreError when that fails; then none of them is kept."""
        try:
            self._append(lines)
        except OSError as error:
            raise StoreError(
                f"{self.path}: cannot write ({error.strerror or error}); free the disk or allow writing, "
                "or name another store"
            ) from error

    def _append(self, lines: bytes) -> None:
        if self._descriptor is None:
            self._descriptor = self._open()
        if self._torn:
            lines = b"\n" + lines
        found = os.fstat(self._descriptor)
        if found.st_nlink == 0 and not self.path.exists():
            self.close()  # the next append makes it anew
            raise StoreError(f"{self.path}: was removed while it was written; what was in it is lost")
        start = found.st_size
        written = 0
        self._torn = True
        try:
            while written < len(lines):
                written += os.write(self._descriptor, memoryview(lines)[written:])
        finally:
            if written == len(lines):
                self._torn = False
            elif written == 0 or self._take_back(start, written):
                self._torn = lines[:1] == b"\n"

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, _FLAGS, 0o666)
        self._torn = ends_torn(descriptor)
        return descriptor

    def _take_back(self, start: int, written: int) -> bool:
        """Cut off a batch written in part, unless another process has appended behind it."""
        if self._descriptor is None or os.fstat(self._descriptor).st_size != start + written:
            return False
        os.ftruncate(self._descriptor, start)
        return True

    def close(self) -> None:
        """Close the file; a later append opens it again."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def ends_torn(descriptor: int) -> bool:
    """Whether a file ends within a line."""
    size = os.fstat(descriptor).st_size
    if size == 0:
        return False
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) != b"\n"
