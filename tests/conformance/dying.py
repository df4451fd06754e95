"""Programs whose process dies: played in a process of their own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clawtrace_core.testing import SCENARIOS, Stage

DIED = 9

_CODE = """
import sys
sys.path[:0] = sys.argv[1:3]
from importlib import import_module
from dying import rise
rise(import_module(sys.argv[3]), sys.argv[4])
"""


def play_dying(stage: Stage, module: str) -> int:
    """Play that module's `dies(stage)` in another process; the code it died with. Alone there is nothing to be seen."""
    stage.billed_elsewhere(1)
    if not stage.watched:
        return DIED
    here = Path(__file__).parent
    words = [str(here), str(here.parents[1]), module, str(stage.store)]
    done = subprocess.run([sys.executable, "-c", _CODE, *words], check=False, capture_output=True, text=True)
    if done.returncode != DIED:
        raise AssertionError(f"{module} was to die with {DIED}, and ended with {done.returncode}:\n{done.stderr}")
    return done.returncode


def rise(module: Any, store: str) -> None:
    scenario = next(one for one in SCENARIOS if one.name == "crash")
    dies: Callable[[Stage], Any] = module.dies
    dies(Stage(scenario, Path(store), module.watch))
