"""The conformance table: every scenario an adapter plays, or says in writing why it cannot."""

from clawtrace_core.testing.scenarios_agents import AGENTS
from clawtrace_core.testing.scenarios_calls import CALLS

SCENARIOS = (*CALLS, *AGENTS)
