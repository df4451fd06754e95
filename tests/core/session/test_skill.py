"""Reading a skill, and saying what is wrong with what is not one."""

from pathlib import Path

import pytest

from clawtrace_core import read_skill
from clawtrace_core.errors import SkillInvalid

GOOD = """---
name: spreadsheet-care
description: "Reads workbooks once: use it for any .xlsx task"
license: Apache-2.0
metadata:
  version: "1"
---

# Rules

- Read a sheet once. {braces} stay.
"""


def skill(folder: Path, text: str | bytes = GOOD, *, name: str = "spreadsheet-care", file: str = "SKILL.md") -> Path:
    directory = folder / name
    directory.mkdir()
    (directory / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    return directory


def test_a_skill_is_read_from_its_directory_or_its_file(tmp_path: Path) -> None:
    directory = skill(tmp_path)

    found = read_skill(directory)

    assert read_skill(directory / "SKILL.md") == found
    assert read_skill(str(directory)) == found
    assert found.name == "spreadsheet-care"
    assert found.description == "Reads workbooks once: use it for any .xlsx task"
    assert found.body == "# Rules\n\n- Read a sheet once. {braces} stay."
    assert found.metadata == {"version": "1"}
    assert found.fields == {"license": "Apache-2.0"}
    assert found.path == directory / "SKILL.md"


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    assert read_skill(skill(tmp_path, GOOD.replace("\n", "\r\n"))).body.startswith("# Rules\n\n- Read")


def test_a_body_may_hold_a_rule_line_and_may_be_empty(tmp_path: Path) -> None:
    head = GOOD.split("\n\n", maxsplit=1)[0]
    directory = skill(tmp_path, head)
    assert read_skill(directory).body == ""

    (directory / "SKILL.md").write_text(head + "\na\n---\nb\n")
    assert read_skill(directory).body == "a\n---\nb"


def test_a_skill_may_be_named_by_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(skill(tmp_path))

    assert read_skill(".").name == "spreadsheet-care"
    assert read_skill("SKILL.md").name == "spreadsheet-care"


HEAD = "---\nname: spreadsheet-care\n"
WRONG = {
    "byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), "byte order mark"),
    "not UTF-8": (b"---\nname: \xff\n---\n", "not UTF-8"),
    "no frontmatter": ("# Rules\n", "line 1: found '# Rules', expected '---'"),
    "text before it": ("\n" + GOOD, "line 1: found ''"),
    "empty": ("", "line 1"),
    "never closed": (HEAD + "description: x\n", "never closed"),
    "unquoted colon": (HEAD + "description: Reads: once\n---\n", "line 3: the frontmatter is not valid YAML"),
    "not fields": ("---\n- a\n---\n", "is list, expected fields"),
    "empty frontmatter": ("---\n---\n", "is NoneType, expected fields"),
    "no name": ("---\ndescription: x\n---\n", "'name' is missing"),
    "upper-case name": ("---\nname: Care\ndescription: x\n---\n", "'name': found 'Care'"),
    "name of hyphens": ("---\nname: a--b\ndescription: x\n---\n", "'name': found 'a--b'"),
    "name that is no text": ("---\nname: 3\ndescription: x\n---\n", "'name': found 3"),
    "long name": (f"---\nname: {'a' * 65}\ndescription: x\n---\n", "1 to 64"),
    "other name": ("---\nname: other\ndescription: x\n---\n", "'other', but the directory is 'spreadsheet-care'"),
    "no description": (HEAD + "---\n", "'description' is missing"),
    "empty description": (HEAD + 'description: ""\n---\n', "'description' is missing"),
    "blank description": (HEAD + 'description: "  "\n---\n', "'description' has 2 characters"),
    "long description": (HEAD + f"description: {'x' * 1025}\n---\n", "has 1025 characters, expected 1 to 1024"),
    "description that is no text": (HEAD + "description: [a]\n---\n", "'description': found list"),
    "metadata that is no map": (HEAD + "description: x\nmetadata: [a]\n---\n", "'metadata': found list"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_skill_is_said(tmp_path: Path, case: str) -> None:
    text, message = WRONG[case]
    directory = skill(tmp_path, text)

    with pytest.raises(SkillInvalid) as raised:
        read_skill(directory)

    assert message in str(raised.value)
    assert str(directory / "SKILL.md") in str(raised.value)


def test_a_file_of_the_wrong_case_is_named(tmp_path: Path) -> None:
    directory = skill(tmp_path, file="skill.md")

    with pytest.raises(SkillInvalid, match=r"skill\.md: the file must be named SKILL\.md; rename it"):
        read_skill(directory)


def test_what_is_not_a_skill_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("")

    with pytest.raises(SkillInvalid, match=r"no SKILL\.md"):
        read_skill(tmp_path / "empty")
    with pytest.raises(SkillInvalid, match="not found"):
        read_skill(tmp_path / "nothing")
    with pytest.raises(SkillInvalid, match="is not a directory"):
        read_skill(tmp_path / "notes.txt")


@pytest.mark.parametrize("field", ["license: 2026-99-99", "license: !!int abc", "license: " + "[" * 5000])
def test_what_yaml_itself_stumbles_over_is_a_clear_error(tmp_path: Path, field: str) -> None:
    directory = skill(tmp_path, GOOD.replace("license: Apache-2.0", field))

    with pytest.raises(SkillInvalid, match=r"SKILL\.md.*not valid YAML"):
        read_skill(directory)
