"""Tests of steps, summed up tool by tool. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from costcraft.counterfactual.step_test import StepTest

_STEP = re.compile(r"\bstep \d+(?: \([^)]*\))?")
_VALUE = re.compile(r": ['\"].*['\"]$")


class ToolTally(NamedTuple):
    """What leaving out the calls of one tool showed."""

    tool: str
    steps: int
    replay: int
    """Steps that a replay alone approves to leave out."""
    flow: int
    """Steps that the value flow alone approves to leave out."""
    both: int
    dropped: int
    """Steps without which a session ended worse."""
    used: int
    """Steps of which a later argument, message or answer holds a value."""
    untold: Mapping[str, int]
    """Why a replay, or else the value flow, could tell nothing -> steps."""
    usd: Decimal | None
    """USD that the steps both approve caused, as far as it is known; None where no price is known."""
    unpriced: int
    """Steps both approve whose price is not known."""


def tally(tests: Iterable[StepTest]) -> list[ToolTally]:
    """By tool: those whose approved steps caused most first."""
    by_tool: dict[str, list[StepTest]] = {}
    for test in tests:
        by_tool.setdefault(test.tool, []).append(test)
    found = [_of(tool, told) for tool, told in sorted(by_tool.items())]
    return sorted(found, key=lambda each: (-(each.usd or Decimal(0)), each.tool))


def summed(tallies: Iterable[ToolTally]) -> ToolTally:
    """All tools in one line."""
    all_tools = list(tallies)
    untold: Counter[str] = Counter()
    for each in all_tools:
        untold.update(each.untold)
    priced = [each.usd for each in all_tools if each.usd is not None]
    return ToolTally(
        tool="all",
        steps=sum(each.steps for each in all_tools),
        replay=sum(each.replay for each in all_tools),
        flow=sum(each.flow for each in all_tools),
        both=sum(each.both for each in all_tools),
        dropped=sum(each.dropped for each in all_tools),
        used=sum(each.used for each in all_tools),
        untold=dict(untold.most_common()),
        usd=sum(priced, Decimal(0)) if priced else None,
        unpriced=sum(each.unpriced for each in all_tools),
    )


def _of(tool: str, tests: list[StepTest]) -> ToolTally:
    both = [test for test in tests if test.both_approve]
    priced = [test.usd for test in both if test.usd is not None]
    untold = Counter(why for test in tests if (why := _untold(test)))
    return ToolTally(
        tool=tool,
        steps=len(tests),
        replay=sum(test.replay_approves for test in tests),
        flow=sum(test.flow_approves for test in tests),
        both=len(both),
        dropped=sum(test.replay.what == "drop" for test in tests),
        used=sum(test.flow.what == "used" for test in tests),
        untold=dict(untold.most_common()),
        usd=sum(priced, Decimal(0)) if priced or not both else None,
        unpriced=len(both) - len(priced),
    )


def _untold(test: StepTest) -> str:
    """Why, without the numbers and values that make each case another."""
    if test.replay.what == "untold":
        why = test.replay.why
    else:
        why = test.flow.why if test.replay_approves and test.flow.what == "unknown" else ""
    return _VALUE.sub("", _STEP.sub("a step", why))
