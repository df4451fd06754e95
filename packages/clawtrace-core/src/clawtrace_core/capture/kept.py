"""A guard for frameworks that swallow what a handler raises: it keeps the first, to be raised where it can be."""

from clawtrace_core.capture.guard import Guard


class KeepingGuard(Guard):
    """Swallows and counts as every guard does, and keeps the first exception when it is told to."""

    def __init__(self, *, keep: bool) -> None:
        super().__init__()
        self._keep = keep
        self._kept: Exception | None = None

    def swallow(self, error: Exception) -> None:
        """Count one exception, and keep it if it is the first."""
        if self._keep:
            self._kept = self._kept or error
        super().swallow(error)

    def check(self) -> None:
        """Raise what was kept, once."""
        if self._kept is not None:
            kept, self._kept = self._kept, None
            raise kept
