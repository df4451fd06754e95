"""The runs whose outcome changed, and what the grader said of those that fail. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from costcraft.evaluate.findings.found import ChangedRun
from costcraft.evaluate.results import CheckTold, Done, Results
from costcraft.evaluate.statistics.runs import Pairs

MOST_TEXT = 120
"""Characters of a value that is shown."""


def changed(results: Results, pairs: Pairs, base: str, new: str) -> tuple[ChangedRun, ...]:
    """The pairs of which one run succeeds, regressions first."""
    found = [
        _changed(results.graded, (base, pair.task, pair.base.seed), (new, pair.task, pair.new.seed))
        for pair in pairs.pairs
        if pair.graded and pair.base.success != pair.new.success
    ]
    return tuple(sorted(found, key=lambda each: each.regime != "regressed"))


def _changed(
    graded: Mapping[tuple[str, str, int], Done], base: tuple[str, str, int], new: tuple[str, str, int]
) -> ChangedRun:
    before, now = graded[base], graded[new]
    return ChangedRun(
        task=now.task,
        seed=now.seed,
        regime="recovered" if now.success else "regressed",
        why=_why(before if now.success else now),
        base_session=before.session,
        new_session=now.session,
    )


def _why(failed: Done) -> str:
    wrong = next((check for check in failed.checks if not check.passed), None)
    if wrong is not None:
        return _check(wrong)
    return _clipped(failed.why) if failed.why else "no check says why"


def _check(wrong: CheckTold) -> str:
    if wrong.expected is None and wrong.got is None:
        return _clipped(wrong.name)
    return f"{_clipped(wrong.name)}: {evidence(wrong)}"


def evidence(check: CheckTold) -> str:
    """What a check was held against, in words."""
    return f"expected {_value(check.expected)}, got {_value(check.got)}"


def _value(value: Any) -> str:
    return "nothing" if value is None else _clipped(json.dumps(value, ensure_ascii=False, default=str))


def _clipped(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= MOST_TEXT else f"{line[: MOST_TEXT - 1]}…"
