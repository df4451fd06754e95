"""Scenarios of calls: models, tools, and what their providers tell."""

from clawtrace_core.testing.bills import bill
from clawtrace_core.testing.scenario import Scenario
from clawtrace_core.testing.shape import agent, llm, tool

_BARE = frozenset({"chain", "agent"})
"""A call of a model is the whole program; whoever runs it in an agent may show that agent."""

CALLS = (
    Scenario(
        name="one_call",
        words="A model is asked once and answers.",
        leaves=((llm(),),),
        bills=((bill(120, 30),),),
        around=_BARE,
    ),
    Scenario(
        name="model_error",
        words="A model is asked once and fails; the error reaches whoever asked.",
        leaves=((llm(status="error"),),),
        bills=((),),
        around=_BARE,
        fails=True,
    ),
    Scenario(
        name="tool_call",
        words="An agent's model calls the tool `add`, reads its result and answers.",
        leaves=((agent(llm(), tool("add"), llm()),),),
        bills=((bill(200, 20), bill(240, 12)),),
    ),
    Scenario(
        name="parallel_tools",
        words="A model calls the tool `add` three times in one turn, then answers.",
        leaves=((agent(llm(), tool("add"), tool("add"), tool("add"), llm()),),),
        bills=((bill(210, 61), bill(330, 9)),),
    ),
    Scenario(
        name="tool_error_handled",
        words="The tool `broken` fails; the framework tells the model, which answers without it.",
        leaves=((agent(llm(), tool("broken", status="error"), llm()),),),
        bills=((bill(190, 18), bill(233, 14)),),
    ),
    Scenario(
        name="tool_error_unhandled",
        words="The tool `broken` fails, nobody handles it, and the run fails with that error.",
        leaves=((agent(llm(), tool("broken", status="error"), status="error"),),),
        bills=((bill(190, 18),),),
        fails=True,
    ),
    Scenario(
        name="unknown_tool",
        words="A model calls the tool `nope`, which does not exist, is told so, and answers.",
        leaves=((agent(llm(), tool("nope", status="error", may=["synthesised"]), llm()),),),
        bills=((bill(150, 21), bill(199, 8)),),
    ),
    Scenario(
        name="retry",
        words="A model fails twice, is asked again each time, and answers the third time. Failures are not billed.",
        leaves=((llm(status="error"), llm(status="error"), llm()),),
        bills=((bill(90, 11),),),
        around=_BARE,
    ),
    Scenario(
        name="fallback",
        words="A model fails, and another model answers in its place.",
        leaves=((llm(status="error"), llm()),),
        bills=((bill(95, 13),),),
        around=_BARE,
    ),
    Scenario(
        name="streaming",
        words="A model's answer is streamed to its end; the usage comes with the last chunk.",
        leaves=((llm(),),),
        bills=((bill(130, 44, cache_read=60),),),
        around=_BARE,
    ),
    Scenario(
        name="stream_abandoned",
        words="Whoever reads a model's stream stops after the first chunk; the provider never tells a usage.",
        leaves=((llm(status="cancelled|interrupted"),),),
        bills=((),),
        around=_BARE,
    ),
    Scenario(
        name="no_usage",
        words="The provider tells no usage: it stays unknown, and what a card shows is marked as estimated.",
        leaves=((agent(llm(), tool("add"), llm()),),),
        bills=((None, None),),
    ),
    Scenario(
        name="cache_read",
        words="Most of the second call's input is read from the provider's cache.",
        leaves=((agent(llm(), tool("add"), llm()),),),
        bills=((bill(1_500, 20), bill(1_560, 10, cache_read=1_408)),),
    ),
    Scenario(
        name="cache_write",
        words="The first call writes to a cache for 5 minutes, the second for an hour and reads what the first wrote.",
        leaves=((agent(llm(), tool("add"), llm()),),),
        bills=((bill(1_500, 20, cache_write_5m=1_200), bill(1_800, 10, cache_read=1_200, cache_write_1h=300)),),
        lifetimes_may_merge=True,
    ),
    Scenario(
        name="reasoning",
        words="Most of the output is reasoning that nobody is shown.",
        leaves=((llm(),),),
        bills=((bill(100, 900, reasoning=832),),),
        around=_BARE,
    ),
    Scenario(
        name="llm_cache_hit",
        words="A model is asked the same twice; the framework answers the second time from its own cache, for nothing.",
        leaves=((llm(), llm("cached")),),
        bills=((bill(140, 25),),),
        around=_BARE,
    ),
    Scenario(
        name="structured_output",
        words="A model is made to answer in a given form. A framework may ask for the form as a call of a tool.",
        leaves=((llm(), tool(None, may=["synthesised"]).or_none()),),
        bills=((bill(170, 33),),),
        around=_BARE,
    ),
    Scenario(
        name="long_run",
        words="An agent works for 200 calls of its model, with a call of the tool `add` after each but the last.",
        leaves=((agent(*[llm(), tool("add")] * 199, llm()),),),
        bills=(tuple(bill(100 + 40 * n, 20, cache_read=40 * n) for n in range(200)),),
    ),
)
