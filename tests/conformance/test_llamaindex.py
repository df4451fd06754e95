"""LlamaIndex on the conformance table."""

import warnings
from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("llama_index") is None:
    pytest.skip("LlamaIndex is not installed here", allow_module_level=True)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # LlamaIndex's own, when it is loaded
    from players_llamaindex import CALLS, watch
    from players_llamaindex_agents import AGENTS

from table import rows

from clawtrace_core.testing import Scenario, check, gaps

PLAYERS = CALLS | AGENTS
EXCUSED = {
    "llm_cache_hit": "llama-index-core caches embeddings and ingestion, and has no cache of a model's answers",
}
pytestmark = [
    # LlamaIndex uses its own deprecated fields, and leaves loops to the collector.
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("DeprecationWarning", "ResourceWarning")
]


def test_every_scenario_is_played_or_excused() -> None:
    assert gaps(PLAYERS, EXCUSED) == []


@pytest.mark.parametrize("scenario", rows(EXCUSED, slow={"crash", "long_run"}))
def test_llamaindex_conforms(scenario: Scenario, tmp_path: Path) -> None:
    check(scenario, PLAYERS[scenario.name], watch=watch, folder=tmp_path)
