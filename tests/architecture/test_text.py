"""What no file of this repository may say."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

# Written in pieces, so that this file does not break its own law.
MACHINE = re.compile(r"(?<![\w.])/" + r"work/(main|shared|\.library)|/tmp/" + r"plan\b|/opt/" + r"pypi")
REGISTRY = re.compile(r"pypi\." + r"org|python" + r"hosted\.org|npmjs\." + r"(org|com)")
SECRET = re.compile(
    r"sk-(ant|proj)-[\w-]{20,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|-----BEGIN [A-Z ]*PRIVATE KEY-----\s+\w{40}"
)
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")


@pytest.fixture(scope="module")
def files(repo: Path) -> list[Path]:
    """Every file of the repository, new ones included, ignored ones not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=repo, capture_output=True, check=False, text=True)
    if done.returncode:
        pytest.skip("not a git checkout: which files belong to the repository is not known")
    return [path for name in done.stdout.split("\0") if name and (path := repo / name).is_file()]


def texts(files: list[Path]) -> Iterator[tuple[Path, str]]:
    for path in files:
        try:
            yield path, path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue


def test_no_file_names_a_path_of_a_build_machine(files: list[Path]) -> None:
    assert not [str(path) for path, text in texts(files) if MACHINE.search(text)]


def test_no_file_but_the_lock_names_a_registry_s_host(files: list[Path]) -> None:
    assert not [str(path) for path, text in texts(files) if REGISTRY.search(text) and path.name != "uv.lock"]


def test_the_lock_names_one_index_and_no_place_of_this_machine(repo: Path) -> None:
    text = (repo / "uv.lock").read_text(encoding="utf-8")
    assert len(set(re.findall(r'registry = "([^"]*)"', text))) == 1
    assert len(set(re.findall(r'url = "(https?://[^/"]*)', text))) == 1
    assert not re.search(r"file://|127\.0\.0\.1|localhost|http://", text)


def test_no_file_outside_the_tests_holds_what_looks_like_a_secret(files: list[Path], repo: Path) -> None:
    outside = [path for path in files if (repo / "tests") not in path.parents]
    assert not [str(path) for path, text in texts(outside) if SECRET.search(text)]


def test_no_comment_is_a_promise(files: list[Path]) -> None:
    found = []
    for path, text in texts([path for path in files if path.suffix == ".py"]):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and UNFINISHED.search(token.string):
                found.append(f"{path}:{token.start[0]}")
    assert not found


def test_no_test_sleeps(repo: Path) -> None:
    found = []
    for path in sorted(repo.glob("tests/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}:
                found.append(f"{path.relative_to(repo)}:{node.lineno}")
    assert not found


def test_only_the_guard_catches_every_exception(repo: Path) -> None:
    found = []
    for path in sorted(repo.glob("packages/*/src/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = "everything" if node.type is None else ast.unparse(node.type)
            allowed = path.parts[-2:] == ("capture", "guard.py") and caught == "Exception"
            if re.search(r"\b(everything|Exception|BaseException)\b", caught) and not allowed:
                found.append(f"{path.relative_to(repo)}:{node.lineno} except {caught}")
    assert not found
