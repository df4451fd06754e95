"""Evaluates a plan, and is killed at the so-manyth change of a file.

python dying_evaluation.py PLAN OUT POINT
"""

import os
import signal
import sys
from pathlib import Path

from costcraft.evaluate.harness import evaluate, read_plan

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.truncate"}


def main(plan: Path, out: Path, point: int) -> None:
    seen = 0

    def kill(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        writes = event == "open" and isinstance(arguments[1], str) and arguments[1][:1] in "wa"
        appends = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & os.O_APPEND)
        if (event in CHANGES or writes or appends) and str(out) in str(arguments[0]):
            seen += 1
            if seen == point:
                os.kill(os.getpid(), signal.SIGKILL)

    told = read_plan(plan)
    sys.addaudithook(kill)
    evaluate(told, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
