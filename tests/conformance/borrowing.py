"""Scripted models are borrowed from the tests of each adapter."""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any


@cache
def borrowed(room: str) -> Any:
    """The conftest of `tests/<room>`, as a module of its own."""
    path = Path(__file__).parents[1] / room / "conftest.py"
    spec = importlib.util.spec_from_file_location(f"borrowed_{room}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
