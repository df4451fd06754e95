"""The size law and the naming law."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 300
FUNCTION_LINES = 40
ADAPTER_LINES = 800
FRONT_DOOR_NAMES = 12
ADAPTERS = ("clawtrace_langchain", "clawtrace_llamaindex", "clawtrace_crewai")
BANNED = {
    *("util", "utils", "helper", "helpers", "common", "misc", "types"),
    *("manager", "processor", "service", "data", "handler"),
}
FRAMEWORK_HANDLERS = {"ClawTraceCallbackHandler", "ClawTraceHandler"}


def sources(repo: Path, *folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(repo.glob(f"{folder}/**/*.py"))


def length_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the last one; decorators and the docstring are not counted."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def words(name: str) -> set[str]:
    """`DataHandler` -> data, handler; `_base_types` -> base, types."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_no_file_is_longer_than_300_lines(repo: Path) -> None:
    folders = ("packages/*/src", "examples", "benchmarks", "tests", "docs", "scripts")
    long = {
        str(path.relative_to(repo)): lines
        for path in sources(repo, *folders)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert not long


def test_no_function_is_longer_than_40_lines(repo: Path) -> None:
    long = {
        f"{path.relative_to(repo)}:{node.lineno} {node.name}": length
        for path in sources(repo, "packages/*/src", "examples", "benchmarks", "docs", "scripts")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := length_without_docstring(node)) > FUNCTION_LINES
    }
    assert not long


def test_no_adapter_is_longer_than_800_lines(repo: Path) -> None:
    for adapter in ADAPTERS:
        files = sources(repo, f"packages/*/src/{adapter}")
        assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files) <= ADAPTER_LINES, adapter


def test_no_front_door_has_more_than_12_names(repo: Path) -> None:
    wide = {}
    for path in sources(repo, "packages/*/src"):
        if path.name != "__init__.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            target = node.target if isinstance(node, ast.AnnAssign) else None
            targets = node.targets if isinstance(node, ast.Assign) else [target]
            named = any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
            if named and isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.List | ast.Tuple):
                wide[str(path.relative_to(repo))] = len(node.value.elts)
    assert wide, "no front door found: this test reads __all__ wrongly"
    assert not {path: names for path, names in wide.items() if names > FRONT_DOOR_NAMES}


def test_no_module_and_no_class_has_a_name_that_says_nothing(repo: Path) -> None:
    found = []
    for path in sources(repo, "packages/*/src", "examples", "benchmarks"):
        if words(path.stem) & BANNED or path.stem == "base":
            found.append(str(path.relative_to(repo)))
        found += [
            f"{path.relative_to(repo)}: class {node.name}"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ClassDef)
            and node.name not in FRAMEWORK_HANDLERS
            # `BaseThing` says nothing; `CardBase` is the ledger's word.
            and (words(node.name) & BANNED or node.name.startswith("Base"))
        ]
    assert not found
