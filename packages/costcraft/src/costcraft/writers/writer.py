"""Apply a plan: all of its files, or none."""

from pathlib import Path

from costcraft.errors import CostcraftError, TargetChanged
from costcraft.writers.files import read_bytes, remove_file, replace_file
from costcraft.writers.journal import Application, Written, backup_path, read_journal, write_journal
from costcraft.writers.plan import FileChange, Plan, sha


def apply(plan: Plan, root: Path) -> list[str]:
    """Write the plan's files under `root` and name those that changed; applying twice changes nothing.

    A file that the plan knew and `root` does not have yet is written as planned: the plan holds all of it.

    Raises:
        TargetChanged: a file is not what it was when the plan was made; nothing was written.
        TargetUnwritable: a file cannot be written; what had been written was put back.
    """
    todo = [(change, now) for change in plan.changes if (now := _now(root, change)) != change.after.encode()]
    if not todo:
        return []
    journal = read_journal(root)
    for change, now in todo:
        for content in (now, change.after.encode()):
            if content is not None:
                replace_file(backup_path(root, sha(content)), content)
    application = Application(
        files=[
            Written(path=change.path, before=None if now is None else sha(now), after=sha(change.after.encode()))
            for change, now in todo
        ]
    )
    # The journal first: should the process die between two files, `revert` knows what to put back.
    write_journal(root, journal.model_copy(update={"applied": [*journal.applied, application]}))
    try:
        _write_all(root, todo)
    except CostcraftError:
        write_journal(root, journal)
        raise
    return [change.path for change, _ in todo]


def _now(root: Path, change: FileChange) -> bytes | None:
    path = root / change.path
    now = read_bytes(path)
    known = (change.after, change.before)
    if now is None or now in [text.encode() for text in known if text is not None]:
        return now
    raise TargetChanged(
        f"{path}: is not what it was when the plan was made, so nothing was written; run `costcraft distill` again "
        "to plan from the file as it is now",
        path=path,
    )


def _write_all(root: Path, todo: list[tuple[FileChange, bytes | None]]) -> None:
    done: list[tuple[Path, bytes | None]] = []
    for change, now in todo:
        path = root / change.path
        try:
            replace_file(path, change.after.encode())
        except CostcraftError:
            for written, old in reversed(done):
                if old is None:
                    remove_file(written)
                else:
                    replace_file(written, old)
            raise
        done.append((path, now))
