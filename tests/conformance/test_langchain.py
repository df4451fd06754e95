"""LangChain on the conformance table."""

from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("langchain") is None:
    pytest.skip("LangChain is not installed here", allow_module_level=True)

from players_langchain import CALLS, watch
from players_langchain_agents import AGENTS
from table import rows

from clawtrace_core.testing import Scenario, check, gaps

PLAYERS = CALLS | AGENTS
EXCUSED: dict[str, str] = {}


def test_every_scenario_is_played_or_excused() -> None:
    assert gaps(PLAYERS, EXCUSED) == []


@pytest.mark.parametrize("scenario", rows(EXCUSED))
def test_langchain_conforms(scenario: Scenario, tmp_path: Path) -> None:
    check(scenario, PLAYERS[scenario.name], watch=watch, folder=tmp_path)
