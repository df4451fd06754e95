"""The rows of the conformance table that an adapter plays."""

from collections.abc import Collection
from typing import Any

import pytest

from clawtrace_core.testing import SCENARIOS


def rows(excused: Collection[str], slow: Collection[str] = ()) -> list[Any]:
    """Every scenario that is not excused, as a parameter of a test; those that are `slow` get minutes."""
    marks = [pytest.mark.slow, pytest.mark.timeout(300)]
    return [
        pytest.param(one, marks=marks if one.name in slow else (), id=one.name)
        for one in SCENARIOS
        if one.name not in excused
    ]
