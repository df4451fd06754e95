"""The program of a process that makes runs: orders come in by its standard input, letters go out by its output."""

import os
import pickle
import signal
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO

from clawtrace_core.capture.guard import attempt
from costcraft.errors import CostcraftError
from costcraft.evaluate.harness.faults import said
from costcraft.evaluate.harness.letters import Letter, Order, Ready, Rehearse, Setting, Unable
from costcraft.evaluate.harness.running import Runner
from costcraft.foreign import tried

BEGIN = "import sys; sys.path[:] = sys.argv[1:]; from costcraft.evaluate.harness.worker import main; main()"
"""What the interpreter is told to run, with the path to look for modules on. No script of the user's is imported."""


def main() -> None:
    """Make the runs that are ordered, until the evaluation is gone."""
    orders, letters = _pipes()
    setting, number = pickle.load(orders)  # noqa: S301 -- from the process that started this one
    waiting: SimpleQueue[Order] = SimpleQueue()
    Thread(target=_listen, args=(orders, waiting), daemon=True).start()
    runner = tried(Runner, setting, number)
    if isinstance(runner, Exception):
        known = isinstance(runner, CostcraftError)
        _send(letters, Unable(str(runner) if known else f"a process of runs could not begin: {said(runner)}"))
        return
    _send(letters, Ready(runner.simulated))
    while True:
        _send(letters, _answer(runner, waiting.get()))


def first_words(setting: Setting, number: int) -> bytes:
    """What such a process is told first; `number` tells it from the others."""
    return pickle.dumps((setting, number))


def end_group(pid: int) -> None:
    """End a process at once, and what it has started."""
    if hasattr(os, "killpg"):
        attempt(os.killpg, pid, signal.SIGKILL)


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes, taken from the standard streams: what agents print goes where errors go, and they read nothing."""
    orders, letters = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return orders, letters


def _listen(orders: BinaryIO, waiting: "SimpleQueue[Order]") -> None:
    """Take orders in, while a run is made too: where the evaluation is gone, so is this, and nothing more is spent."""
    while True:
        order = attempt(pickle.load, orders)
        if isinstance(order, Exception):
            end_group(os.getpid())
            os._exit(1)
        waiting.put(order)


def _answer(runner: Runner, order: Order) -> Letter:
    if not isinstance(order, Rehearse):
        return runner.run(order)
    why = attempt(runner.rehearse, order)
    if isinstance(why, Exception):
        return Unable(f"the first run cannot be set up: {said(why)}")
    return Ready(runner.simulated) if why is None else Unable(why)


def _send(letters: BinaryIO, letter: Letter) -> None:
    letters.write(pickle.dumps(letter))
    letters.flush()
