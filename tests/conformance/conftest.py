"""Players are modules beside their tests; each names the one framework it imports."""

import sys
from pathlib import Path

import pytest

from clawtrace_core.capture.guard import PROCESS_VOICE

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)


@pytest.fixture(autouse=True)
def _trouble_is_told_anew() -> None:
    """What is swallowed is said once per process: here once per test, so that no scenario hides behind another."""
    PROCESS_VOICE._said.clear()
