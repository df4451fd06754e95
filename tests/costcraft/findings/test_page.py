"""The report as a page, and its pictures."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib", reason="needs the extra costcraft[evaluate]")
pytest.importorskip("jinja2", reason="needs the extra costcraft[evaluate]")

import itertools

from costcraft.evaluate.findings import Findings, find, write_reports
from costcraft.evaluate.findings.markdown import markdown
from costcraft.evaluate.findings.page import page
from costcraft.evaluate.findings.plots import drawable, pictures
from costcraft.evaluate.findings.plots.style import spread_out
from costcraft.evaluate.findings.reading import document

Make = Callable[..., Any]
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Tags(HTMLParser):
    """What stands in a page: its tags, in balance or not, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    return tags


@pytest.fixture(scope="module")
def everything(whole: Any) -> tuple[Findings, str]:
    """An evaluation in which everything happens, as its page."""
    found = find(whole.results())
    told = document(found)
    return found, page(told, pictures(found, [plot for section in told.sections for plot in section.plots]))


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(everything: tuple[Findings, str]) -> None:
    tags = read(everything[1])
    assert not {"script", "link", "iframe", "img", "object"} & {tag for tag, _ in tags.seen}
    for tag, told in tags.seen:
        for name in ("src", "href", "xlink:href"):
            assert not re.match(r"[a-z]+:|//", told.get(name) or ""), (tag, told)
        assert not [name for name in told if name.startswith("on")]
    assert "@import" not in everything[1]
    assert not re.search(r"url\((?!#)", everything[1])


def test_names_from_tasks_are_words_on_the_page_and_in_pictures(everything: tuple[Findings, str]) -> None:
    tags = read(everything[1])
    assert "broken <1>" in tags.words
    assert '"<7>"' in "".join(tags.words)
    assert "b" not in {tag for tag, _ in tags.seen}


def test_the_page_says_what_the_markdown_says(everything: tuple[Findings, str]) -> None:
    found, text = everything
    page_words = " ".join("".join(read(text).words).split())
    told = document(found)
    for section in told.sections:
        for words in (*section.text, *section.notes, *(table.caption for table in section.tables)):
            assert " ".join(words.split()) in page_words
    figures = re.findall(r"\d[\d,.]*\d", re.sub(r"\\(.)|\[card\]\([^)]*\)", r"\1", markdown(told)))
    assert figures
    assert [number for number in figures if number not in page_words] == []


def test_ids_within_the_page_are_its_own(everything: tuple[Findings, str]) -> None:
    tags = read(everything[1])
    ids = [told["id"] for _, told in tags.seen if told.get("id")]
    own = [each for each in ids if not re.fullmatch(r"\w+-m[0-9a-f]{10}", each or "")]  # marks that several plots share
    assert len(own) == len(set(own))
    for _, told in tags.seen:
        for target in re.findall(r"#([\w-]+)", " ".join(filter(None, (told.get("href"), told.get("xlink:href"))))):
            assert target in ids


def test_every_picture_of_a_scripted_model_says_that_it_is_simulated(everything: tuple[Findings, str]) -> None:
    drawn = pictures(everything[0], ["pairs", "regimes", "rules", "bills"])
    for name, picture in drawn.items():
        words = " ".join(ET.fromstring(picture.svg).itertext())  # noqa: S314 - drawn by ourselves
        assert "simulated" in words, name
        assert picture.png.startswith(b"\x89PNG")


def test_pictures_hold_no_date_and_are_the_same_bytes_again(world: Make) -> None:
    found = find(world().results())
    once, again = (pictures(found, ["pairs", "bills"]) for _ in range(2))
    assert once == again
    assert b"<dc:date>" not in once["pairs"].svg
    assert b"20" + b"26-" not in once["pairs"].svg


@pytest.mark.parametrize(
    "told",
    [
        {"tasks": 1},
        {"tasks": 2},
        {"unpriced": 1.0},
        {"missing": 1.0},
        {"tasks": 60, "infrastructure": 0.5},
        {"base": 0.0, "conditions": {"distilled": (0.0, 0.5)}},
        {"base": 1.1, "conditions": {"distilled": (1.1, 40.0)}},
        {"tasks": 3, "conditions": {f"a-long-name-of-a-condition-{n}": (0.5, 0.5) for n in range(12)}},
    ],
    ids=["one task", "two", "unpriced", "no run", "many", "no success", "far dearer", "many conditions"],
)
def test_any_evaluation_is_drawn_or_told_in_words(world: Make, written: Callable[..., Path], told: Any) -> None:
    found = write_reports(written(world(**told).results()))
    text = found.page.read_text(encoding="utf-8")
    read(text)
    for plot in ("pairs", "regimes", "rules", "bills"):
        there = (found.report.parent / "plots" / f"{plot}.svg").is_file()
        assert there == (plot in drawable(found.findings, ["pairs", "regimes", "rules", "bills"]))
        assert there == (f"plots/{plot}.svg" in found.report.read_text(encoding="utf-8"))
        assert there == (f'id="{plot}-figure_1"' in text)


def test_a_picture_of_an_earlier_report_does_not_stay_behind(world: Make, written: Callable[..., Path]) -> None:
    out = written(world().results())
    write_reports(out)
    assert (out / "plots" / "pairs.svg").is_file()
    left = written(world(unpriced=1.0).results(), "left")
    (out / "results.jsonl").write_bytes((left / "results.jsonl").read_bytes())
    write_reports(out)
    assert not (out / "plots" / "pairs.svg").exists()
    assert (out / "plots" / "regimes.svg").is_file()


def test_names_are_moved_apart_as_little_as_can_be() -> None:
    assert spread_out([0.0, 1.0, 2.0], 0.5) == [0.0, 1.0, 2.0]
    assert spread_out([1.0, 1.0, 1.0], 1.0) == [0.0, 1.0, 2.0]
    assert spread_out([], 1.0) == []
    close = spread_out([0.0, 0.1, 5.0, 5.0, 5.05], 0.2)
    assert all(after - before > 0.2 - 1e-9 for before, after in itertools.pairwise(close))
    assert sum(close[:2]) == pytest.approx(0.1)
