"""Ctrl-C between two lines of the results, never in the middle of one."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interruption:
    """Whether somebody wants it to stop."""

    wanted = False

    def check(self) -> None:
        """Raise KeyboardInterrupt where Ctrl-C was pressed."""
        if self.wanted:
            raise KeyboardInterrupt


@contextmanager
def heeded(wake: Callable[[], object]) -> Iterator[Interruption]:
    """Take note of Ctrl-C and call `wake`, instead of raising wherever the program happens to be.

    A handler of the user's own is left in place; outside of the main thread nothing is changed: it never raises there.
    """
    told = Interruption()
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield told
        return

    def take_note(*_: object) -> None:
        told.wanted = True
        wake()

    signal.signal(signal.SIGINT, take_note)
    try:
        yield told
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
