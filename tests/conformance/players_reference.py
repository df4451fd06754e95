"""The reference's players: no framework, every scenario."""

import subprocess
import sys
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from clawtrace_core import Settings, open_session
from clawtrace_core.testing import SCENARIOS, Stage
from clawtrace_core.testing.reference import play

_DYING = """
import os, sys
from clawtrace_core import open_session
from clawtrace_core.testing import SCENARIOS
from clawtrace_core.testing.reference import hand_over, signals_of

session = open_session(sys.argv[1])
for signal in signals_of(next(one for one in SCENARIOS if one.name == "crash")):
    hand_over(session.recorder, signal)
session.flush()
os._exit(9)
"""


def watch(store: Path) -> AbstractContextManager[Any]:
    return open_session(store, framework="reference", settings=Settings(strict=True))


def dies(stage: Stage) -> int:
    stage.bill()
    if not stage.watched:
        return 9
    return subprocess.run([sys.executable, "-c", _DYING, str(stage.store)], check=False).returncode


PLAYERS = {
    **{scenario.name: play for scenario in SCENARIOS},
    "crash": dies,
    "installed_twice": partial(play, times=2),
    "removed": partial(play, late=True),
}
