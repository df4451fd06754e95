"""`costcraft promote` as a person calls it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from costcraft import Distillation
from costcraft.cli import app
from costcraft.cli.app import main

Evaluated = Callable[..., Path]


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["promote", *map(str, words)])
    return found.exit_code, found.output


def test_it_says_the_figures_what_it_wrote_and_the_way_back(evaluated: Evaluated, skill: Path) -> None:
    out = evaluated({"base": "+", "full": "+"}, {"base": "0.02"})
    code, said = run(out, "--to", skill.parent)
    assert code == 0
    assert "full beside base: passes" in said
    assert f"wrote {skill / 'SKILL.md'}" in said
    assert f"costcraft revert {skill.parent}" in said
    assert "written back: what was found of r-" in said
    code, said = run(out, "--to", skill.parent)
    assert (code, said.splitlines()[-1]) == (0, "nothing to do: it stands there already")


def test_the_incumbent_is_kept_with_a_code_of_its_own_and_the_reason(evaluated: Evaluated, skill: Path) -> None:
    code, said = run(evaluated({"base": "+", "full": "-"}), "--to", skill.parent)
    assert code == 3
    assert "failed: quality: Inferior" in said
    assert said.splitlines()[-1] == f"kept the incumbent: nothing in {skill.parent} was changed"


def test_json_has_it_all(evaluated: Evaluated, skill: Path) -> None:
    code, said = run(evaluated({"base": "+", "full": "-"}, simulated=True), "--to", skill.parent, "--json")
    told = json.loads(said)
    assert (code, told["promoted"], told["judgement"]["simulated"]) == (3, False, True)
    assert told["judgement"]["quality"]["regressions"] == 15
    assert len(told["failed"]) == 1


def test_evidence_can_be_written_back_alone(evaluated: Evaluated, skill: Path) -> None:
    out = evaluated({"base": "+", "full": "+"})
    before = (skill / "SKILL.md").read_bytes()
    assert run(out, "--write-back-only")[1].startswith("written back: what was found of r-")
    assert run(out, "--write-back-only")[1].startswith("nothing to do")
    assert json.loads(run(out, "--write-back-only", "--json")[1]) == {"graded": []}
    assert (skill / "SKILL.md").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["promote", "nowhere", "--to", "x"], "nowhere/results.jsonl: cannot be read"),
        (["promote", "nowhere"], "--to is missing"),
    ],
)
def test_a_wrong_call_is_one_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["costcraft", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--bisect"], ["--budget", "1"], ["--take-rest"], ["--bisect", "--budget", "1", "--write-back-only"]]
)
def test_options_that_do_not_go_together_are_told(words: list[str]) -> None:
    assert run("nowhere", "--to", "x", *words)[0] == 2


def test_a_skill_that_passes_is_promoted_without_a_search(evaluated: Evaluated, skill: Path) -> None:
    out = evaluated({"base": "+", "full": "+"}, {"base": "0.02"})
    code, said = run(out, "--to", skill.parent, "--bisect", "--budget", "1", "--json")
    assert (code, json.loads(said)["bisection"]) == (0, None)


def test_the_rule_at_fault_is_named_and_the_incumbent_kept_unless_the_rest_is_to_be_taken(
    evaluated: Evaluated, distilled: Distillation, skill: Path
) -> None:
    rules = [patch.id for patch in distilled.guarded.patches]
    runs = {"base": "+", "full": "-", f"full-without-{rules[0]}": "-", f"full-without-{rules[1]}": "+"}
    out = evaluated(runs, {"base": "0.02"}, rules={"of": "full"})
    code, said = run(out, "--to", skill.parent, "--bisect", "--budget", "1")
    assert code == 3
    assert f"at fault: {rules[1]}\n" in said
    assert "15 regressed" in said
    assert "1 rules" not in said
    assert said.splitlines()[-1].startswith("kept the incumbent")
    code, said = run(out, "--to", skill.parent, "--bisect", "--budget", "1", "--take-rest")
    assert code == 0
    assert rules[0] in (skill / "SKILL.md").read_text(encoding="utf-8")
