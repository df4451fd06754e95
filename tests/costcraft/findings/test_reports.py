"""The files that say what was found."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from costcraft.errors import ResultsInvalid
from costcraft.evaluate.findings import Findings, find, write_reports
from costcraft.evaluate.findings.markdown import markdown
from costcraft.evaluate.findings.reading import document
from costcraft.evaluate.results import Results

Make = Callable[..., Any]
SKILL = """---
name: sheets
description: "Sheets."
---

# Sheets

<!-- costcraft:begin -->
## Do not spend on

- Do not read a *sheet* <twice>. [r-aaaaaaa1]
<!-- costcraft:end -->
"""


def test_the_report_says_exactly_what_the_findings_file_holds(whole: Any, written: Callable[..., Path]) -> None:
    found = write_reports(written(whole.results()))
    read = Findings.model_validate_json((found.report.parent / "findings.json").read_bytes())
    assert read == found.findings
    assert markdown(document(read)) == found.report.read_text(encoding="utf-8")


def test_the_same_lines_in_any_order_give_the_same_bytes(whole: Any, written: Callable[..., Path]) -> None:
    results = whole.results()
    one = write_reports(written(results, "one"))
    other = write_reports(written(Results(results.opening, results.lines[::-1]), "other"))
    assert [path.name for path in one.files] == [path.name for path in other.files]
    for path, beside in zip(one.files, other.files, strict=True):
        assert path.read_bytes() == beside.read_bytes(), path.name


def test_writing_again_changes_nothing(world: Make, written: Callable[..., Path]) -> None:
    out = written(world().results())
    before = {path: path.read_bytes() for path in write_reports(out).files}
    assert {path: path.read_bytes() for path in write_reports(out).files} == before


def test_the_primary_endpoint_comes_first_but_for_what_casts_doubt_on_it(whole: Any, world: Make) -> None:
    points = [line for line in markdown(document(find(world().results()))).splitlines() if line.startswith("- **")]
    assert points[0].startswith("- **Primary endpoint.**")
    points = [line for line in markdown(document(find(whole.results()))).splitlines() if line.startswith("- **")]
    labels = [re.findall(r"\*\*(.*?)\.\*\*", line)[0] for line in points]
    assert labels[:3] == ["Simulated", "Unfinished", "Primary endpoint"]
    assert "Rule that harms" in labels


def test_every_table_of_a_scripted_model_says_that_it_is_simulated(whole: Any, world: Make) -> None:
    told = document(find(whole.results()))
    assert "simulated" in told.title
    figures = [table for section in told.sections for table in section.tables if table.caption != "Left out"]
    assert figures
    assert all("simulated" in table.caption for table in figures)
    assert "simulated" not in markdown(document(find(world().results())))


def test_names_from_tasks_break_no_table_and_no_markup(whole: Any) -> None:
    text = markdown(document(find(whole.results())))
    assert "broken \\<1\\>" in text
    assert "<img" not in text
    heads = [number for number, line in enumerate(text.splitlines()) if line.startswith("|") and "---" in line]
    lines = text.splitlines()
    for number in heads:
        width = len(re.findall(r"(?<!\\)\|", lines[number]))
        for line in lines[number - 1 :]:
            if not line.startswith("|"):
                break
            assert len(re.findall(r"(?<!\\)\|", line)) == width, line


def test_every_row_is_as_wide_as_its_head(whole: Any) -> None:
    for section in document(find(whole.results())).sections:
        for table in section.tables:
            assert {len(row) for row in table.rows} <= {len(table.head)}, table.caption


def test_what_a_rule_says_stands_beside_its_id(whole: Any, written: Callable[..., Path]) -> None:
    results = whole.results()
    told = {**results.opening.conditions}
    told["distilled"] = told["distilled"].model_copy(update={"skills": ("conditions/distilled/sheets", "gone")})
    opening = results.opening.model_copy(update={"conditions": told})
    out = written(Results(opening, results.lines))
    (out / "conditions" / "distilled" / "sheets").mkdir(parents=True)
    (out / "conditions" / "distilled" / "sheets" / "SKILL.md").write_text(SKILL, encoding="utf-8")
    found = write_reports(out)
    texts = {each.rule: each.text for each in found.findings.rules}
    assert texts["r-aaaaaaa1"] == "Do not read a *sheet* <twice>."
    assert texts["r-bbbbbbb2"] == ""
    assert "Do not read a \\*sheet\\* \\<twice\\>." in found.report.read_text(encoding="utf-8")


def test_findings_are_json_that_anything_can_read(whole: Any, written: Callable[..., Path]) -> None:
    out = written(whole.results())
    write_reports(out)

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    read = json.loads((out / "findings.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert read["findings"] == 1


def test_a_directory_without_results_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ResultsInvalid, match=r"results\.jsonl"):
        write_reports(tmp_path)
