"""The journal of what was applied to a directory of skills, and the way back."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import Field, ValidationError

from costcraft.errors import CostcraftError, SkillInvalid, StageInvalid, TargetChanged
from costcraft.skill import SKILL_FILE, parse_skill
from costcraft.stages import NOT_YAML, explain, to_yaml
from costcraft.value import Value
from costcraft.writers.files import read_bytes, remove_file, replace_file
from costcraft.writers.plan import sha

FOLDER = ".costcraft"


class Written(Value):
    """One file of one application. Backups are named by the hash of their bytes."""

    path: str
    before: str | None = None
    """Hash of the exact old bytes; None when there was no file."""
    after: str


class Application(Value):
    """One plan that was applied."""

    files: list[Written]


class Journal(Value):
    """Every application that was not taken back, oldest first."""

    costcraft: int = 1
    applied: list[Application] = Field(default_factory=list)


def journal_path(root: Path) -> Path:
    """Where a directory of skills keeps its journal."""
    return root / FOLDER / "journal.yaml"


def backup_path(root: Path, digest: str) -> Path:
    """Where the bytes of that hash are kept."""
    return root / FOLDER / "backups" / digest


def read_journal(root: Path) -> Journal:
    """The journal; empty when nothing was applied yet. Raises StageInvalid."""
    path = journal_path(root)
    content = read_bytes(path)
    if content is None:
        return Journal()
    try:
        plain: Any = yaml.safe_load(content)
        return Journal.model_validate(plain)
    except ValidationError as error:
        raise StageInvalid(f"{path}: {explain(error)}") from error
    except NOT_YAML as error:
        raise StageInvalid(f"{path}: is not YAML: {' '.join(str(error).split())}") from error


def write_journal(root: Path, journal: Journal) -> None:
    """Replace the journal. Raises TargetUnwritable."""
    replace_file(journal_path(root), to_yaml(journal).encode())


class _Undo(NamedTuple):
    path: Path
    content: bytes | None


def revert(root: Path) -> list[str]:
    """Take the last application back and name the files that changed; [] when nothing was applied.

    The exact old bytes come back. Where a person has since edited their own text around the managed block, that
    text stays and the block alone goes back.

    Raises:
        TargetChanged: a managed block, or a file that is managed whole, was edited since; nothing was changed.
        TargetUnwritable: a file cannot be written.
    """
    journal = read_journal(root)
    if not journal.applied:
        return []
    planned = [_undo(root, written) for written in reversed(journal.applied[-1].files)]
    undo = [each for each in planned if read_bytes(each.path) != each.content]
    for path, content in undo:
        if content is None:
            remove_file(path)
        else:
            replace_file(path, content)
    write_journal(root, journal.model_copy(update={"applied": journal.applied[:-1]}))
    return [path.relative_to(root).as_posix() for path, _ in undo]


def _undo(root: Path, written: Written) -> _Undo:
    path = root / written.path
    now = read_bytes(path)
    before = None if written.before is None else _backup(root, written.before)
    if now == before:  # put back already: by hand, or by a revert that broke off
        return _Undo(path, before)
    if now is None:
        raise TargetChanged(
            f"{path}: was removed since it was written; put it back, or delete {journal_path(root)}", path=path
        )
    if sha(now) == written.after:
        return _Undo(path, before)
    if path.name != SKILL_FILE:
        raise TargetChanged(
            f"{path}: was edited since it was written, and is managed whole; undo the edit first", path=path
        )
    return _Undo(path, _block_back(path, now, before, _backup(root, written.after)))


def _block_back(path: Path, now: bytes, before: bytes | None, after: bytes) -> bytes:
    """The person's text as it is now, with the block as it was before."""
    try:
        current = parse_skill(now.decode("utf-8"), path=path)
    except (UnicodeDecodeError, SkillInvalid) as error:
        raise TargetChanged(f"{path}: was edited since and cannot be read as a skill: {error}", path=path) from error
    ours = parse_skill(after.decode("utf-8"), path=path)
    if current.block.strip() != ours.block.strip():
        line = _first_difference(current.head, current.block, ours.block)
        raise TargetChanged(
            f"{path}: line {line}: the managed block was edited since it was written; move your edit outside the "
            "markers, or put the block back, then revert",
            path=path,
        )
    if before is None:
        raise TargetChanged(
            f"{path}: text was added to a file that costcraft made; move it elsewhere, then revert", path=path
        )
    old = parse_skill(before.decode("utf-8"), path=path)
    return f"{current.head}{old.block}{current.tail}".encode()


def _first_difference(head: str, current: str, ours: str) -> int:
    lines, theirs = current.splitlines(), ours.splitlines()
    same = 0
    while same < min(len(lines), len(theirs)) and lines[same] == theirs[same]:
        same += 1
    return head.count("\n") + same + 1


def _backup(root: Path, digest: str) -> bytes:
    path = backup_path(root, digest)
    content = read_bytes(path)
    if content is None or sha(content) != digest:
        raise CostcraftError(f"{path}: the backup is missing or damaged; nothing was changed")
    return content
