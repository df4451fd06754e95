"""CrewAI on the conformance table."""

import warnings
from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("crewai") is None:
    pytest.skip("CrewAI is not installed here", allow_module_level=True)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # CrewAI's own, when it is loaded
    from players_crewai import CALLS, watch
    from players_crewai_agents import AGENTS

from table import rows

from clawtrace_core.testing import Scenario, check, gaps

PLAYERS = CALLS | AGENTS
EXCUSED = {
    "tool_error_unhandled": "CrewAI's executors tell every error of a tool to the model; none reaches the caller",
    "llm_cache_hit": "CrewAI caches the results of tools, and has no cache of a model's answers",
}
pytestmark = [
    # CrewAI uses its own deprecated fields, and leaves sockets to the collector.
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("DeprecationWarning", "ResourceWarning", "ImportWarning")
]


def test_every_scenario_is_played_or_excused() -> None:
    assert gaps(PLAYERS, EXCUSED) == []


@pytest.mark.parametrize("scenario", rows(EXCUSED, slow={"crash", "long_run"}))
def test_crewai_conforms(scenario: Scenario, tmp_path: Path) -> None:
    check(scenario, PLAYERS[scenario.name], watch=watch, folder=tmp_path)
