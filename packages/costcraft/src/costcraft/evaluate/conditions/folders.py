"""Skill directories: copied whole, and known again by what is in them."""

import hashlib
import os
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from costcraft.errors import PlanInvalid, TargetUnwritable
from costcraft.writers.lock import LOCK_FILE
from costcraft.writers.skill_md import load_base

LITTER = frozenset({"__pycache__", ".git", ".DS_Store"})
"""What tools leave in a directory: no part of a skill."""


def copy_skill(directory: Path, to: Path) -> Path:
    """Copy a skill into the folder `to`, under its own name. A link to a file of the skill becomes that file.

    Raises:
        SkillInvalid: it is not there, holds no SKILL.md, or one that agentskills.io does not allow.
        PlanInvalid: there is one of that name already, `to` lies in it, or a link leads out of it.
        TargetUnwritable: a file cannot be read or written.
    """
    load_base(directory)
    source = directory.resolve()
    place = to / source.name
    check_free(place, directory)
    if to.resolve().is_relative_to(source):
        raise PlanInvalid(f"{to}: lies in the skill {directory}, which is to be copied there; choose another directory")
    try:
        for path in files_of(source):
            target = place / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)  # with its mode: a script stays one
    except OSError as error:
        raise TargetUnwritable(f"{error.filename}: cannot be copied to {place} ({error.strerror})") from error
    return place


def check_free(place: Path, directory: Path) -> None:
    """Raises PlanInvalid where a skill of that name is there already."""
    if os.path.lexists(place):
        raise PlanInvalid(
            f"{directory}: a second skill of the name {place.name!r}; an agent tells skills apart by their names, so "
            "leave one of them out of the condition"
        )


def digest_of(skills: Sequence[Path]) -> str:
    """SHA-256 over the names and bytes of all files of these skills, in whatever order they are named.

    Left out is what the agent never reads and what varies though the skill is the same: the lock file, which names the
    sessions that vouch for a rule, and what tools leave behind.
    """
    found = hashlib.sha256()
    named = [
        (unicodedata.normalize("NFC", f"{skill.name}/{path.relative_to(skill).as_posix()}").encode(), path)
        for skill in skills
        for path in files_of(skill)
        if path.relative_to(skill).as_posix() != LOCK_FILE
    ]
    for name, path in sorted(named):
        content = path.read_bytes()
        found.update(b"%d %d\n%b%b" % (len(name), len(content), name, content))
    return found.hexdigest()


def files_of(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - LITTER)
        for name in folders:
            if (Path(folder) / name).is_symlink():
                raise PlanInvalid(
                    f"{Path(folder) / name}: is a link to a directory, which is not followed; put the directory itself "
                    "there"
                )
        for name in sorted(set(names) - LITTER):
            path = Path(folder) / name
            if not path.is_file():
                raise PlanInvalid(f"{path}: is no file that can be copied; take it out of the skill")
            if not path.resolve().is_relative_to(root.resolve()):
                raise PlanInvalid(f"{path}: is a link that leads out of the skill; put the file itself there")
            yield path
