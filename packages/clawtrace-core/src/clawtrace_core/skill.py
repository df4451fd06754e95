"""Reading a skill: a directory with a `SKILL.md` as agentskills.io specifies it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from clawtrace_core.errors import SkillInvalid

SKILL_FILE = "SKILL.md"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME = 64
_LONGEST_DESCRIPTION = 1024
_SAID = frozenset({"name", "description", "metadata"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """A skill as it is on disk."""

    name: str
    description: str
    body: str
    """The instructions: everything behind the frontmatter, without blank lines around it."""
    path: Path
    """Its `SKILL.md`."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Every other field of the frontmatter, as it is."""

    @property
    def prompt(self) -> str:
        """It as a part of a system prompt: under its name and description, its instructions to the letter."""
        return f"# Skill: {self.name}\n\n{self.description}\n\n{self.body.strip()}"


def read_skill(path: str | PathLike[str]) -> Skill:
    """The skill at `path`: its directory, or the `SKILL.md` in it.

    Raises SkillInvalid when it is missing or does not follow the format (agentskills.io: a name of 1 to 64 lower-case
    letters, digits and single hyphens that equals the directory's; a description of 1 to 1,024 characters).
    """
    file = _find(Path(path))
    text = _text(file)
    head, body = _split(file, text)
    front = _front(file, head)
    name = _name(file, front.get("name"))
    return Skill(
        name=name,
        description=_description(file, front.get("description")),
        body=body.strip("\n"),
        path=file,
        metadata=_metadata(file, front.get("metadata")),
        fields={key: value for key, value in front.items() if key not in _SAID},
    )


def _find(path: Path) -> Path:
    if path.is_dir():
        names = sorted(entry.name for entry in path.iterdir())
        if SKILL_FILE in names:
            return path / SKILL_FILE
        wrong = [name for name in names if name.lower() == SKILL_FILE.lower()]
        if wrong:
            raise SkillInvalid(f"{path / wrong[0]}: the file must be named {SKILL_FILE}; rename it")
        raise SkillInvalid(f"{path}: there is no {SKILL_FILE} in this directory")
    if not path.exists():
        raise SkillInvalid(f"{path}: not found; expected a skill directory, or its {SKILL_FILE}")
    if path.name != SKILL_FILE:
        raise SkillInvalid(f"{path}: is not a directory; expected a skill directory, or its {SKILL_FILE}")
    return path


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise SkillInvalid(f"{file}: cannot be read ({error.strerror or error})") from error
    if raw.startswith(b"\xef\xbb\xbf"):
        raise SkillInvalid(f"{file}: begins with a byte order mark, which hides the frontmatter; save it without one")
    try:
        return raw.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise SkillInvalid(f"{file}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _split(file: Path, text: str) -> tuple[str, str]:
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise SkillInvalid(f"{file}, line 1: found {lines[0][:40]!r}, expected '---': the frontmatter comes first")
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    raise SkillInvalid(f"{file}: the frontmatter is never closed; add a line '---' behind it")


def _front(file: Path, head: str) -> Mapping[str, Any]:
    import yaml  # noqa: PLC0415 - 20 ms that only a reader of skills should pay

    try:
        front = yaml.safe_load(head)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a day like 2026-99-99 is a ValueError
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 2}" if mark is not None else ""
        reason = getattr(error, "problem", None) or str(error)
        raise SkillInvalid(
            f"{file}{line}: the frontmatter is not valid YAML ({reason}); quote a value that holds ': '"
        ) from error
    if not isinstance(front, dict):
        raise SkillInvalid(f"{file}: the frontmatter is {type(front).__name__}, expected fields such as 'name: ...'")
    return front


def _name(file: Path, name: object) -> str:
    if name is None:
        raise SkillInvalid(f"{file}: field 'name' is missing")
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or _NAME.fullmatch(name) is None:
        raise SkillInvalid(
            f"{file}: field 'name': found {name!r}, expected 1 to {_LONGEST_NAME} lower-case letters, digits and "
            "single hyphens"
        )
    folder = file.resolve().parent.name
    if name != folder:
        raise SkillInvalid(f"{file}: field 'name' is {name!r}, but the directory is {folder!r}; they must be equal")
    return name


def _description(file: Path, description: object) -> str:
    if description is None or description == "":
        raise SkillInvalid(f"{file}: field 'description' is missing; say what the skill does and when to use it")
    if not isinstance(description, str):
        raise SkillInvalid(
            f"{file}: field 'description': found {type(description).__name__}, expected a text; quote it"
        )
    if len(description) > _LONGEST_DESCRIPTION or not description.strip():
        raise SkillInvalid(
            f"{file}: field 'description' has {len(description)} characters, expected 1 to {_LONGEST_DESCRIPTION}"
        )
    return description


def _metadata(file: Path, metadata: object) -> dict[str, str]:
    if metadata is None:
        return {}
    if not isinstance(metadata, dict):
        raise SkillInvalid(f"{file}: field 'metadata': found {type(metadata).__name__}, expected fields of text")
    return {str(key): str(value) for key, value in metadata.items()}
