"""The same policy meets the same tasks on three frameworks: what the cards agree on, and what differs by how much."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from examples.sheets.compare import Part, notes, way_of
from examples.sheets.conversation import Asked, Metered, Said, Tool, Turn, meter
from examples.sheets.frameworks import CREWAI, FRAMEWORKS, LANGCHAIN, LLAMAINDEX, Framework
from examples.sheets.intents import PERFECT, habits_of
from examples.sheets.play import AGENT, Run, play
from examples.sheets.show import side_by_side
from examples.sheets.tasks import make_tasks
from examples.sheets.tools import SheetTools
from rich.console import Console

from clawtrace_core import open_store, read_skill
from clawtrace_core.skill import Skill

ROOT = Path(__file__).parents[2]
BASE = ROOT / "examples" / "sheets" / "skill" / "sheet-tasks"
RULES = (
    "- Never repeat a tool call.\n- List the sheets before you read one.\n"
    "- Write numbers as numbers, never as text.\n- Always read back what you wrote.\n- Leave {braces} alone: {input}.\n"
)
NAMES = ("sheet-01", "sheet-05", "sheet-07", "sheet-14", "sheet-20")
"""Among them: a wrong sheet name, a number as text, several cells, a slip that is mended, one of the held-out ones."""
TASKS = [task for task in make_tasks() if task.name in NAMES]

pytestmark = [
    pytest.mark.xdist_group("demo-frameworks"),  # one worker imports all three, and plays the tasks once
    *(pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("DeprecationWarning", "ResourceWarning")),
]


@dataclass(frozen=True)
class Played:
    part: Part
    store: Path

    @property
    def runs(self) -> list[Run]:
        return [*self.part.before, *self.part.after]


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A skill that leaves the policy no bad habit."""
    skill = tmp_path_factory.mktemp("skills") / "sheet-strict"
    skill.mkdir()
    body = f'---\nname: sheet-strict\ndescription: "Rules for workbooks."\n---\n\n# Rules\n\n{RULES}'
    (skill / "SKILL.md").write_text(body, encoding="utf-8")
    return skill


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, strict: Path) -> dict[str, Played]:
    found = {}
    for framework in FRAMEWORKS.values():
        out = tmp_path_factory.mktemp(framework.name)
        before, after = (
            list(play(TASKS, framework=framework, skills=skills, store=out / phase, books=out / "books" / phase))
            for phase, skills in (("before", [BASE]), ("after", [BASE, strict]))
        )
        part = Part(framework=framework, skills=(BASE, strict), before=before, after=after)
        found[framework.name] = Played(part=part, store=out)
    return found


@pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=lambda each: each.name)
def test_every_framework_plays_tasks_to_whole_priced_cards(framework: Framework, played: dict[str, Played]) -> None:
    for run in played[framework.name].runs:
        assert run.card.agent == f"{framework.name}/{AGENT}"
        assert run.card.models == ["openai/gpt-5.4-mini"]
        assert run.card.problems == []
        assert (run.card.cost.priced, run.card.cost.unpriced) == (run.card.calls.llm, {})
        assert run.card.outcome is not None
        assert run.card.outcome.success == run.grade.success


@pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=lambda each: each.name)
def test_a_skill_loaded_back_by_the_adapter_reaches_the_model(framework: Framework, played: dict[str, Played]) -> None:
    part = played[framework.name].part
    assert {flag.kind for run in part.before for flag in run.card.flags} == {"duplicate", "superseded"}
    assert not all(run.grade.success for run in part.before)
    assert [flag.kind for run in part.after for flag in run.card.flags] == []
    assert all(run.grade.success for run in part.after)


PLAY = """
import sys
from pathlib import Path
from examples.sheets.frameworks import CREWAI
from examples.sheets.play import play
from examples.sheets.tasks import make_tasks

out = Path(sys.argv[1])
[run] = play(make_tasks()[1:2], framework=CREWAI, skills=[Path(sys.argv[2])], store=out / "runs", books=out / "books")
assert run.grade.success
assert not {"langchain_core", "llama_index"} & sys.modules.keys()
"""


def test_crewai_prints_and_asks_nothing_and_brings_no_other_framework_along(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CREWAI_", "OTEL_"))}
    told = subprocess.run(
        [sys.executable, "-c", PLAY, str(tmp_path), str(BASE)],
        cwd=ROOT,
        env={**kept, "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


@pytest.mark.parametrize("other", [LLAMAINDEX, CREWAI], ids=lambda each: each.name)
def test_cards_agree_on_outcome_calls_output_and_flags(other: Framework, played: dict[str, Played]) -> None:
    pairs = list(zip(played["langchain"].runs, played[other.name].runs, strict=True))
    assert [way_of(run) for _, run in pairs] == [way_of(run) for run, _ in pairs]
    for one, two in pairs:
        assert [flag.why for flag in one.card.flags] == [flag.why for flag in two.card.flags]
        assert one.card.calls.failed == two.card.calls.failed


def test_langchain_and_llamaindex_agree_on_every_token_and_dollar(played: dict[str, Played]) -> None:
    for one, two in zip(played["langchain"].runs, played["llamaindex"].runs, strict=True):
        assert one.card.tokens == two.card.tokens
        assert one.card.cost == two.card.cost
        saved = [float(flag.saves or 0) for flag in one.card.flags]
        # Each is sent its own framework's tool schemas; a bill is shared out by what lay in the prompt, these included.
        assert [float(flag.saves or 0) for flag in two.card.flags] == pytest.approx(saved, rel=0.05)


Converse = Callable[[SheetTools, str, str], list[Turn]]


@pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=lambda each: each.name)
def test_each_call_costs_what_the_framework_makes_of_the_same_conversation(
    framework: Framework, played: dict[str, Played], converse: Converse, strict: Path, tmp_path: Path
) -> None:
    """The conversation is played with no framework; what CrewAI does to its words is all that differs."""
    for phase, skills in (("before", [BASE]), ("after", [BASE, strict])):
        store = open_store(played[framework.name].store / phase)
        for task, session in zip(TASKS, store.session_ids(), strict=True):
            prompt = _prompt(framework, [read_skill(skill) for skill in skills])
            tools = SheetTools(task.prepare(tmp_path / phase))
            turns = converse(tools, task.request, prompt)
            spans = [span for span in store.read(session).spans if span.kind == "llm"]
            told = [span.response.usage for span in spans if span.response and span.response.usage]
            counted = [Metered(input=use.input, cache_read=use.cache_read, output=use.output) for use in told]
            assert counted == _counts(framework, prompt, turns)


def _counts(framework: Framework, prompt: str, turns: Sequence[Turn]) -> list[Metered]:
    tools = [
        Tool(name="list_sheets", description=SheetTools.list_sheets.__doc__ or ""),
        Tool(name="read_sheet", description=SheetTools.read_sheet.__doc__ or "", parameters=("sheet",)),
        Tool(name="read_range", description=SheetTools.read_range.__doc__ or "", parameters=("sheet", "cells")),
        Tool(name="write_cell", description=SheetTools.write_cell.__doc__ or "", parameters=("sheet", "cell", "value")),
    ]
    sent = [_worded(framework, turn) for turn in turns]
    return [meter(prompt, tools, sent[:n], said) for n, said in enumerate(turns) if isinstance(said, Said)]


def _prompt(framework: Framework, skills: Sequence[Skill]) -> str:
    if framework is not CREWAI:
        return "\n\n".join(f"# Skill: {skill.name}\n\n{skill.description}\n\n{skill.body.strip()}" for skill in skills)
    told = "\n\n".join(
        f'<skill name="{skill.name}">\n{skill.description}\n\n{skill.body.strip()}\n</skill>' for skill in skills
    )
    told = told.replace("{input}", "{ input }")
    goal = "Your personal goal is: Do what the task asks of the workbook."
    return f"You are Spreadsheet clerk. You work on spreadsheets.\n{goal}\n\n<skills>\n{told}\n</skills>"


def _worded(framework: Framework, turn: Turn) -> Turn:
    if framework is not CREWAI:
        return turn
    if isinstance(turn, Said):
        return replace(turn, text="") if turn.calls else turn
    if isinstance(turn, Asked):
        criteria = "This is the expected criteria for your final answer: One short sentence."
        whole = "you MUST return the actual complete content as the final answer, not a summary."
        return Asked(text=f"\nCurrent Task: {turn.text}\n\n{criteria}\n{whole}")
    return turn


def test_the_base_skill_and_every_wording_leave_the_habits_alone(strict: Path) -> None:
    for framework in (LANGCHAIN, CREWAI):
        assert habits_of(_prompt(framework, [read_skill(BASE)])) == habits_of("")
        assert habits_of(_prompt(framework, [read_skill(BASE), read_skill(strict)])) == PERFECT


def test_one_table_shows_all_three_and_the_notes_say_where_they_differ(played: dict[str, Played]) -> None:
    parts = [each.part for each in played.values()]
    page = io.StringIO()
    side_by_side(Console(file=page, width=110, highlight=False), parts)
    for part in parts:
        assert part.framework.title in page.getvalue()
        for _, before, after in part.rows():
            assert f"{before.tokens:,}" in page.getvalue()
            assert f"{after.usd:.4f}" in page.getvalue()
    same, more = notes(parts)
    assert same == "LlamaIndex: the same calls, tokens and flags as LangChain, task by task."
    assert more.startswith("CrewAI: the same calls, output tokens and flags as LangChain, task by task; +")
    swapped = replace(parts[1], before=parts[1].after)
    assert "differ from LangChain's in sheet-01" in notes([parts[0], swapped])[0]
