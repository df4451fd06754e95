"""Agents that do as they are told by the options of the plan."""

import os
import signal
import sys
from asyncio import CancelledError
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event, Thread

from small_framework import ask_model

NOT_CALLABLE = 7


def build(
    skills: Sequence[Path],
    folder: Path,
    seed: int,
    notes: str,
    does: Mapping[str, str] | None = None,
    model: str = "gpt-5.4",
    tokens: int = 1000,
) -> Callable[[str], str]:
    """An agent that copies a word where a skill says how, writes down that it ran, and fails as `does` says."""
    text = " ".join((skill / "SKILL.md").read_text() for skill in skills)

    def agent(instruction: str) -> str:
        task = instruction.partition(":")[0]
        with Path(notes).open("a") as file:
            file.write(f"{'better' if 'carefully' in text else 'plain'} {task} {seed}\n")
        how = (does or {}).get(task, "")
        if how != "silent":
            ask_model(text, model=model, tokens=tokens)
        fail(how, folder, Path(notes))
        word = (folder / "given.txt").read_text()
        done = "carefully" in text or task == "n-1"
        (folder / "answer.txt").write_text(word if done else "something else")
        sys.stdout.write(f"done {task}\n")
        os.chdir(folder)
        return word

    return agent


class Mute(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


def linger(folder: Path, root: Path) -> None:
    """Go on writing into the folder when the next run is made: that waits until something was written."""
    (root / "first").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "given.txt").write_text("of another run")
    (root / "second").write_text("go on")


RAISED = {
    "refused": ConnectionError("the provider does not answer"),
    "bug": RecursionError("too deep"),
    "cancelled": CancelledError(),
    "mute": Mute(),
    "undecodable": ValueError(os.fsdecode(b"a name \xff")),
}


def leave_something(kind: str, folder: Path, root: Path, ran: int) -> None:
    """Leave a copy of the process behind, or a thread that is at work."""
    if kind == "forks":
        os.fork()
    if kind == "haunts" and ran == 1:
        Thread(target=linger, args=(folder, root), daemon=True).start()
    elif kind == "haunts":
        (root / "first").write_text("go on")
        (root / "second").read_text()


def fail(how: str, folder: Path, notes: Path) -> None:
    """Fail in that way, or not at all."""
    ran = len(notes.read_text().splitlines())
    kind, _, count = how.partition(" ")
    if count and ran > int(count):
        return
    if kind in RAISED:
        raise RAISED[kind]
    if kind == "leaves":
        sys.exit(3)
    if kind == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    leave_something(kind, folder, notes.parent, ran)
    if kind == "hangs":
        Event().wait()
    if kind == "unforeseen":
        (folder / "unforeseen").touch()
    if kind == "tells":  # whoever waits at the other end knows that a run is being made
        (notes.parent / "pipe").write_text(str(os.getpid()))
        Event().wait()


async def _later(agent: Callable[[str], str], instruction: str) -> str:
    return agent(instruction)


def build_async(skills: Sequence[Path], folder: Path, seed: int, notes: str) -> Callable[[str], object]:
    """An agent that is awaited."""
    agent = build(skills, folder, seed, notes)
    return lambda instruction: _later(agent, instruction)


def raising(skills: Sequence[Path], folder: Path, seed: int) -> None:
    raise ValueError("OPENAI_API_KEY is not set")


def nothing(skills: Sequence[Path], folder: Path, seed: int) -> None:
    """Gives no agent."""


def strange(folder: Path) -> None:
    """Takes something else."""


build.simulated = True  # type: ignore[attr-defined]
