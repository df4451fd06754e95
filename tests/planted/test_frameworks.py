"""The same policy meets the same tasks on three frameworks: the same calls, the same verdicts, the same flags."""

from pathlib import Path

import pytest
from examples.planted import DOMAINS, Domain, skill_dirs
from examples.planted.agents import AGENT, FACTORIES, FRAMEWORKS, FrameworkName, Played, play
from examples.planted.rehearsal import rehearse
from examples.planted.world import BOOK, PlantedTask, make_tasks

from clawtrace_core import PriceBook, open_store

SEED = 3
TASKS = {domain: make_tasks(domain, 5, SEED) for domain in DOMAINS}

pytestmark = [
    pytest.mark.xdist_group("demo-frameworks"),  # one worker imports all three
    *(pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("DeprecationWarning", "ResourceWarning")),
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[FrameworkName, str], Played]]:
    store, prices = tmp_path_factory.mktemp("runs"), PriceBook()
    return store, {
        (framework, task.name): play(framework, task, skill_dirs(domain), store, seed=SEED, prices=prices)
        for framework in FRAMEWORKS
        for domain in DOMAINS
        for task in TASKS[domain]
    }


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_framework_makes_the_calls_the_policy_makes_with_none_around_it(
    framework: FrameworkName, domain: Domain, runs: tuple[Path, dict[tuple[FrameworkName, str], Played]]
) -> None:
    store, played = runs
    for task in TASKS[domain]:
        run, alone = played[framework, task.name], rehearse(task, seed=SEED)
        assert tools_of(store, run) == [(acted.tool, acted.got.failed) for acted in alone.acted]
        assert run.graded.checks == alone.graded.checks
        assert run.card.agent == f"{framework}/{AGENT}"
        assert run.card.cost.priced == run.card.calls.llm > 0
        assert run.card.problems == []


def tools_of(store: Path, run: Played) -> list[tuple[str, bool]]:
    spans = open_store(store).read(run.session).spans
    failed = {step.span: step.failed for step in run.card.steps}
    return [(span.name, failed[span.id]) for span in spans if span.kind == "tool"]


def test_the_flags_are_those_of_the_first_framework(
    runs: tuple[Path, dict[tuple[FrameworkName, str], Played]],
) -> None:
    _, played = runs
    for task in (*TASKS["ledger"], *TASKS["stock"]):
        found = [
            [(flag.kind, len(flag.steps)) for flag in played[framework, task.name].card.flags]
            for framework in FRAMEWORKS
        ]
        assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_factory_makes_an_agent_that_leaves_its_work_in_the_folder(framework: FrameworkName, tmp_path: Path) -> None:
    task: PlantedTask = TASKS["stock"][0]
    skill = tmp_path / "perfect"
    skill.mkdir()
    told = "Keep codes as text. Read back what you wrote."
    (skill / "SKILL.md").write_text(f'---\nname: perfect\ndescription: "Rules."\n---\n\n{told}\n', encoding="utf-8")
    task.prepare(tmp_path)
    factory = FACTORIES[framework]
    assert factory.simulated
    answer = factory(skills=[*skill_dirs("stock"), skill], folder=tmp_path, seed=SEED)(task.request)
    assert "beside their labels" in answer
    assert task.graded(tmp_path).success
    assert (tmp_path / BOOK).read_bytes() != task.book.file
