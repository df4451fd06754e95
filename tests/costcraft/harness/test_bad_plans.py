"""What is wrong with a plan is told before a run is made, and nothing is left behind."""

from decimal import Decimal
from pathlib import Path

import pytest

from costcraft.cli.app import main
from costcraft.errors import CostcraftError, PlanInvalid, SkillInvalid, TargetBusy, TaskSetInvalid
from costcraft.evaluate import Graded
from costcraft.evaluate.harness import evaluate
from costcraft.writers.alone import alone

SMALL = Path(__file__).parent / "small"
PLAIN = str(SMALL / "skills" / "plain")


def agent(name: str, **options: object) -> dict[str, object]:
    return {"agent": {"factory": f"python:{name}", "options": options or None}}


UNCHECKED = [
    pytest.param({"agent": {"options": {"api_key": "abc"}}}, r"agent\.options\.api_key: looks like a secret", id="key"),
    pytest.param(
        {"agent": {"options": {"model": "sk-proj-" + "a1B2" * 12}}}, r"agent\.options\.model: looks like", id="token"
    ),
    pytest.param(
        {"agent": {"options": {"tokens": float("nan")}}}, r"options\.tokens: found nan; expected plain data", id="nan"
    ),
    pytest.param({"agent": {"options": {"model": b"\xff"}}}, r"options\.model: found b'\\xff'; expected", id="bytes"),
    pytest.param(
        {"baseline": "plan"}, r"baseline: there is no condition 'plan'; did you mean 'plain'\?", id="baseline"
    ),
    pytest.param({"primary": {"condition": "best"}}, r"primary\.condition: there is no condition 'best'", id="primary"),
    pytest.param({"primary": {"condition": "plain"}}, r"primary\.condition: 'plain' is the baseline", id="itself"),
    pytest.param({"rules": {"of": "bettr"}}, r"rules\.of: there is no condition 'bettr'; did you mean", id="rules of"),
    pytest.param({"rules": {"of": "better"}}, r"rules\.of: condition better has no `distilled`", id="no rules"),
    pytest.param({"seeds": [1, 2, 1]}, r"seeds: 1 stands there twice", id="seeds"),
    pytest.param(
        {"conditions": {"better": {"skills": [PLAIN]}}},
        r"conditions\.plain and conditions\.better are equal",
        id="equal",
    ),
    pytest.param(
        {"agent": {"framework": "smal"}}, r"agent\.framework: found 'smal'.* did you mean 'small'", id="adapter"
    ),
    pytest.param({"budget": 0.01, "usd_per_run": 0.006}, r"budget: found 0\.01 USD.*cost 0\.012 USD", id="budget"),
    pytest.param(
        {"tasks": {"set": "python:small_tasks:Unsolved"}}, r"no answers of its own.*without_gold", id="no gold"
    ),
    pytest.param({"tasks": {"set": "python:small_tasks:Spoiled"}}, r"none of the 3 is left to run", id="no task left"),
    pytest.param(
        {"tasks": {"set": "python:small_tasks:Exposed"}}, r"come upon the answer of n-2: .*given", id="exposed"
    ),
    pytest.param({"tasks": {"only": ["n-9"]}}, r"tasks\.only: there is no 'n-9'; expected one of n-1, n-2", id="only"),
    pytest.param(
        {"tasks": {"part": "held_out"}}, r"tasks\.part: there is no 'held_out'; did you mean 'held-out'", id="part"
    ),
    pytest.param(agent("small_nowhere:build"), r"agent\.factory.*small_nowhere cannot be imported", id="no module"),
    pytest.param(agent("small_agents:bild"), r"agent\.factory.*small_agents has no bild", id="no name"),
    pytest.param(agent("small_agents:NOT_CALLABLE"), r"agent\.factory.*is int; expected def build", id="no call"),
    pytest.param(agent("small_agents:strange"), r"cannot be called with skills, folder, seed", id="other arguments"),
    pytest.param({"agent": {"options": {"wrong": 1}}}, r"cannot be called with .*wrong", id="other options"),
    pytest.param(agent("small_agents:nothing"), r"gives NoneType; expected what is called with", id="no agent"),
    pytest.param(
        agent("small_agents:raising"), r"the factory raised ValueError: OPENAI_API_KEY is not set", id="raises"
    ),
]


@pytest.mark.parametrize(("changes", "told"), UNCHECKED)
def test_it_is_told_and_nothing_is_run(project, changes, told) -> None:
    with pytest.raises(PlanInvalid, match=told):
        project.evaluate(**changes)
    assert not project.ran
    assert not project.out.exists()


@pytest.mark.parametrize(
    ("changes", "kind", "told"),
    [
        (
            {"tasks": {"set": "python:small_tasks:Leaving"}},
            TaskSetInvalid,
            r"grade\(\) .*left the program: sys\.exit\(0\)",
        ),
        ({"tasks": {"set": "python:small_leaving:TASKS"}}, TaskSetInvalid, r"left the program: sys\.exit\(0\)"),
        ({"tasks": {"set": "python:small_tasks:Numbered"}}, TaskSetInvalid, "a task has the id 0 and the kind 'n'"),
        ({"agent": {"factory": "python:small_leaving:build"}}, PlanInvalid, r"left the program: sys\.exit\(0\)"),
        ({"tasks": {"set": "smal"}}, TaskSetInvalid, "expected spreadsheetbench, sheets, or python:MODULE:NAME"),
        ({"conditions": {"plain": {"skills": ["/nowhere"]}}}, SkillInvalid, "/nowhere"),
        ({"conditions": {"plain": {"distilled": "/nowhere"}}}, CostcraftError, "/nowhere"),
        ({"prices": "/nowhere.yaml"}, Exception, r"/nowhere\.yaml: cannot be read"),
    ],
)
def test_what_it_names_and_cannot_be_used_is_told(project, changes, kind, told) -> None:
    with pytest.raises(kind, match=told):
        project.evaluate(**changes)
    assert not project.ran
    assert not project.out.exists()


def test_skills_of_equal_content_are_no_two_conditions(project) -> None:
    twin = project.root / "plain"
    twin.mkdir()
    (twin / "SKILL.md").write_bytes(Path(PLAIN, "SKILL.md").read_bytes())
    with pytest.raises(PlanInvalid, match=r"conditions\.plain and conditions\.better load the same skills"):
        project.evaluate(conditions={"better": {"skills": [str(twin)]}})
    assert not project.out.exists()


def test_a_directory_with_something_else_is_left_alone(project) -> None:
    project.out.mkdir()
    (project.out / "thesis.tex").write_text("mine")
    with pytest.raises(PlanInvalid, match=r"out: holds what is no evaluation \(thesis\.tex\)"):
        project.evaluate()
    assert [path.name for path in project.out.iterdir()] == ["thesis.tex"]


def test_two_evaluations_into_one_directory_take_turns(project) -> None:
    with alone(project.out), pytest.raises(TargetBusy, match="another run of costcraft"):
        project.evaluate()


def test_a_set_that_is_known_to_have_no_answers_is_run(project) -> None:
    found = project.evaluate(tasks={"set": "python:small_tasks:Unsolved", "without_gold": True, "only": ["n-2"]})
    assert len(found.graded) == 2


def test_tasks_that_measure_nothing_are_left_out_and_said(project) -> None:
    found = project.evaluate(tasks={"set": "python:small_tasks:Odd"})
    assert [task.id for task in found.opening.tasks] == ["n-4"]
    assert {each.id: each.why for each in found.opening.left_out} == {
        "n-1": "its own answer does not pass",
        "n-2": "passes when nothing is done",
        "n-3": "cannot be graded: prepare() raised ValueError: its file is lost",
    }
    assert found.opening.floor is not None
    assert (found.opening.floor.passed, found.opening.floor.of) == (1, 2)


def test_a_part_and_a_limit_choose_among_those_that_are_left(project) -> None:
    found = project.evaluate(tasks={"part": "held-out", "limit": 2}, seeds=[5])
    assert [task.id for task in found.opening.tasks] == ["n-2", "n-3"]


@pytest.mark.parametrize("usd", ["0", "inf"])
def test_a_budget_that_is_none_is_told(project, usd, capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.argv", ["costcraft", "eval", str(project.file()), "--out", "x", "--budget", usd])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert f"--budget: found {usd}, expected more than 0 USD" in capsys.readouterr().err


def test_a_budget_that_pays_for_one_task_is_enough_to_begin(project) -> None:
    found = evaluate(project.plan(budget=Decimal("0.0053"), usd_per_run=Decimal("0.00265")), project.out)
    assert found.graded


def test_what_a_person_keeps_in_folders_of_our_names_stays_theirs(project) -> None:
    mine = project.out / "conditions" / "mine.md"
    mine.parent.mkdir(parents=True)
    mine.write_text("years of work")
    with pytest.raises(PlanInvalid, match=r"out: holds what is no evaluation \(conditions\)"):
        project.evaluate()
    assert mine.read_text() == "years of work"


def test_a_set_may_count_in_floats(project) -> None:
    found = project.evaluate(tasks={"set": "python:small_tasks:Floating"})
    assert {done.score for done in found.lines} == {Decimal(0), Decimal(1)}


@pytest.mark.parametrize(("success", "score"), [(None, 1), (True, None), (True, 7), (True, "nan"), (True, -0.1)])
def test_what_is_no_verdict_cannot_be_made(success, score) -> None:
    with pytest.raises(TaskSetInvalid, match="expected True or False, and a number from 0 to 1"):
        Graded(success=success, score=score)
