"""Scenarios of agents below and beside agents, and of runs that stop."""

from clawtrace_core.testing.bills import bill
from clawtrace_core.testing.scenario import Scenario
from clawtrace_core.testing.shape import agent, llm, tool

_TURNS = (llm(), tool("add"), llm())
_WORKER = tool(None, agent(llm()))
"""A sub-agent, spawned by a call of a tool; what that tool is called differs."""

AGENTS = (
    Scenario(
        name="subagent_as_tool",
        words="An agent calls another agent as a tool; that one calls `add`, and its answer is the tool's result.",
        leaves=((agent(llm(), tool(None, agent(*_TURNS)), llm()),),),
        bills=((bill(300, 30), bill(80, 12), bill(110, 7), bill(350, 9)),),
    ),
    Scenario(
        name="parallel_subagents",
        words="An agent spawns two agents in one turn; each works in a subtree of its own.",
        leaves=((agent(llm(), _WORKER, _WORKER, llm()),),),
        bills=((bill(300, 52), bill(81, 12), bill(83, 17), bill(390, 9)),),
        in_order=False,
    ),
    Scenario(
        name="nested_subagents",
        words="An agent spawns an agent that spawns an agent.",
        leaves=((agent(llm(), tool(None, agent(llm(), _WORKER, llm())), llm()),),),
        bills=((bill(300, 31), bill(200, 22), bill(100, 13), bill(220, 5), bill(330, 6)),),
    ),
    Scenario(
        name="handoff",
        words="An agent hands the conversation over to another agent, which answers.",
        leaves=((agent(agent(llm(), tool(None, may=["synthesised"]).or_none()), agent(llm())),),),
        bills=((bill(160, 15), bill(180, 24)),),
    ),
    Scenario(
        name="sessions_in_threads",
        words="Two runs at once in two threads, each in a session of its own; neither sees the other's calls.",
        leaves=((agent(*_TURNS),), (agent(*_TURNS),)),
        bills=((bill(201, 21), bill(241, 11)), (bill(302, 32), bill(342, 12))),
    ),
    Scenario(
        name="sessions_in_one_loop",
        words="Two runs at once in one event loop, each in a session of its own; neither sees the other's calls.",
        leaves=((agent(*_TURNS),), (agent(*_TURNS),)),
        bills=((bill(203, 23), bill(243, 13)), (bill(304, 34), bill(344, 14))),
    ),
    Scenario(
        name="pause_and_resume",
        words=(
            "The tool `danger` asks a person first: the run pauses, is resumed with the answer, and ends. "
            "It is no error, and whatever of the tool ran before the pause is not a second call of a model."
        ),
        leaves=(
            (agent(llm(), tool("danger", status="paused"), status="paused"),),
            (agent(tool("danger"), llm()),),
        ),
        or_leaves=(
            # One run that waits: the tool is run again from its beginning once the answer is there.
            ((agent(llm(), tool("danger", status="paused").or_none(), tool("danger"), llm()),),),
            # The pause ends one run; the tool stands in the run that was resumed alone.
            ((agent(llm(), status="paused|ok"),), (agent(tool("danger"), llm()),)),
            # No tool can pause: a person is asked between two agents' runs.
            ((agent(llm()),), (agent(llm()),)),
        ),
        bills=((bill(205, 25),), (bill(245, 15),)),
        pauses=True,
    ),
    Scenario(
        name="cancellation",
        words="A run is cancelled while its second call of a model is on its way.",
        leaves=((agent(llm(), tool("add"), llm(status="cancelled"), status="cancelled"),),),
        bills=((bill(200, 20),),),
    ),
    Scenario(
        name="crash",
        words="The process dies while a tool runs; what was recorded by then is read, what was open is interrupted.",
        leaves=((agent(llm(), tool("add", status="interrupted"), status="interrupted"),),),
        bills=((bill(200, 20),),),
        ends=False,
    ),
    Scenario(
        name="installed_twice",
        words="The handler is installed twice; every call is recorded once.",
        leaves=((agent(*_TURNS),),),
        bills=((bill(207, 27), bill(247, 17)),),
    ),
    Scenario(
        name="removed",
        words="A run is recorded, the handler is removed, and the run after it leaves nothing.",
        leaves=((agent(*_TURNS),),),
        bills=((bill(208, 28), bill(248, 18)), (bill(309, 39), bill(349, 19))),
    ),
)
