"""The documentation is generated, executed or checked; nothing in it is only claimed."""

import ast
import asyncio
import inspect
import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

PROGRAMS = {"clawtrace": "clawtrace_core.cli.app", "costcraft": "costcraft.cli"}


def test_the_generated_parts_are_up_to_date(build: ModuleType, pages: list[Path]) -> None:
    stale = [page.name for page in build.pages() if build.render(text := page.read_text(encoding="utf-8")) != text]
    assert not stale, "run `make docs`"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning")  # theirs
def test_the_python_blocks_run_in_order(
    pages: list[Path],
    blocks: Callable[[Path], list[Any]],
    reader: Callable[[str], dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    monkeypatch.chdir(tmp_path)
    for page in pages:
        names = reader(page.parent.name)
        for block in blocks(page):
            if block.language == "python":
                with subtests.test(page=page.name, line=block.line):
                    execute(block.code, f"{page.name}:{block.line}", names)


def execute(code: str, where: str, names: dict[str, Any]) -> None:
    """Run a block as a notebook would: `await` may stand outside a function."""
    ready = compile(code, where, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(ready, names)  # noqa: S307
    if ready.co_flags & inspect.CO_COROUTINE:
        asyncio.run(waiting)


def test_the_yaml_blocks_are_yaml(pages: list[Path], blocks: Callable[[Path], list[Any]]) -> None:
    for page in pages:
        for block in blocks(page):
            if block.language == "yaml":
                assert isinstance(yaml.safe_load(block.code), dict), f"{page.name}:{block.line}"


def test_the_price_file_shown_is_one_that_loads(
    repo: Path, blocks: Callable[[Path], list[Any]], tmp_path: Path
) -> None:
    from clawtrace_core import PriceBook

    shown = [block for block in blocks(repo / "docs" / "configuration.md") if block.language == "yaml"]
    file = tmp_path / "prices.yaml"
    file.write_text(shown[0].code, encoding="utf-8")
    PriceBook.load(file)


def test_the_commands_shown_exist_with_their_options(
    pages: list[Path], blocks: Callable[[Path], list[Any]], build: ModuleType, repo: Path
) -> None:
    wrong = []
    for page in pages:
        shown = [line for block in blocks(page) if block.language == "console" for line in block.code.splitlines()]
        for line in (line.removeprefix("$ ") for line in shown if line.startswith("$ ")):
            words = shlex.split(line, comments=True)
            if words[0] in PROGRAMS and not known(build.commands.command(PROGRAMS[words[0]]), words[1:]):
                wrong.append(f"{page.name}: {line}")
            if words[0] == "make" and not target(repo, words[1]):
                wrong.append(f"{page.name}: {line}")
    assert not wrong


def test_the_commands_named_in_a_sentence_exist(pages: list[Path], build: ModuleType, repo: Path) -> None:
    verbs = {name: list(build.commands.command(module).commands) for name, module in PROGRAMS.items()}
    wrong = []
    for page in pages:
        named = re.findall(r"`(clawtrace|costcraft|make) ([a-z]+)[^`]*`", page.read_text(encoding="utf-8"))
        for program, verb in named:
            there = target(repo, verb) if program == "make" else verb in verbs[program]
            wrong += [] if there else [f"{page.name}: {program} {verb}"]
    assert not wrong


def known(program: Any, words: list[str]) -> bool:
    if words[0].startswith("-"):
        return True
    if words[0] not in list(program.commands):
        return False
    verb = program.commands[words[0]]
    options = {name: item for item in verb.params for name in (*item.opts, *item.secondary_opts)}
    arguments = [item for item in verb.params if item.param_type_name == "argument"]
    given, places, rest = set(), 0, iter(words[1:])
    for word in rest:
        if not word.startswith("-"):
            places += 1
        elif word not in options:
            return False
        else:
            given.add(options[word].name)
            if not options[word].is_flag:
                next(rest)
    needed = {item.name for item in verb.params if item.required and item not in arguments}
    return needed <= given and sum(item.required for item in arguments) <= places <= len(arguments)


def target(repo: Path, name: str) -> bool:
    return f"\n{name}:" in (repo / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_and_option_is_in_the_docs(program: str, build: ModuleType, repo: Path) -> None:
    page = (repo / "docs" / "cli.md").read_text(encoding="utf-8")
    top = build.commands.command(PROGRAMS[program])
    for name, verb in top.commands.items():
        assert f"### `{program} {name}`" in page
        section = page.partition(f"### `{program} {name}`")[2].partition("\n### ")[0]
        options = [name for item in verb.params if item.param_type_name == "option" for name in item.opts]
        assert not [option for option in options if f"`{option}`" not in section]


def test_every_environment_variable_read_is_in_the_docs(repo: Path) -> None:
    page = (repo / "docs" / "configuration.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in repo.glob("packages/*/src/**/*.py"))
    assert not [name for name in set(re.findall(r"\b(?:CLAWTRACE|COSTCRAFT)_[A-Z_]+\b", code)) if name not in page]


def test_every_relative_link_leads_somewhere(pages: list[Path], build: ModuleType) -> None:
    broken = []
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / link).exists():
                broken.append(f"{page.name}: {link}")
    assert not broken


def test_every_anchor_is_a_heading(pages: list[Path]) -> None:
    broken = []
    for page in pages:
        for link, anchor in re.findall(r"\]\(([^)#:]*)#([\w-]+)\)", page.read_text(encoding="utf-8")):
            there = (page.parent / link if link else page).read_text(encoding="utf-8")
            headings = [re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings_of(there)]
            if anchor not in headings:
                broken.append(f"{page.name}: {link}#{anchor}")
    assert not broken


def headings_of(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["help", "demo", "test", "check", "bench", "docs", "fmt"])
def test_make_knows_what_it_promises_from_any_folder(name: str, repo: Path, tmp_path: Path) -> None:
    command = ["make", "--dry-run", "-f", str(repo / "Makefile"), name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_make_alone_lists_its_commands(repo: Path) -> None:
    said = subprocess.run(["make"], cwd=repo, capture_output=True, text=True, check=True).stdout
    for name in ("demo", "test", "check", "bench", "docs", "fmt"):
        assert f"make {name}" in said


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_figures_shown_are_the_demo_s(build: ModuleType, tmp_path: Path) -> None:
    shown = json.loads(build.sample.FIGURES.read_text(encoding="utf-8"))
    assert build.sample.figures(build.sample.play(tmp_path / "demo")) == shown, "run `python docs/build.py --record`"
