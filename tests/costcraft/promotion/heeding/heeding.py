"""Words to copy, and an agent that heeds the rules of its skills: one of them does harm, one saves tokens."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from small_framework import ask_model

from clawtrace_core.model.event import Check
from costcraft.evaluate import Graded, Task

HARMFUL = "Leave the final check out"
SAVING = "Do not look twice"


class Words:
    """Twelve words, each to be copied."""

    def tasks(self) -> Sequence[Task]:
        return [Task(id=f"n-{number}", kind="n") for number in range(12)]

    def prepare(self, task: Task, folder: Path) -> None:
        (folder / "given.txt").write_text(f"word {task.id}")

    def instruction(self, task: Task) -> str:
        return f"{task.id}: copy given.txt to answer.txt"

    def grade(self, task: Task, folder: Path) -> Graded:
        path, wanted = folder / "answer.txt", f"word {task.id}"
        got = path.read_text() if path.is_file() else None
        check = Check(name="answer.txt", passed=got == wanted, expected=wanted, got=got)
        return Graded(success=check.passed, score=Decimal(check.passed), checks=(check,))

    def solve(self, task: Task, folder: Path) -> None:
        (folder / "answer.txt").write_text(f"word {task.id}")


def build(skills: Sequence[Path], folder: Path, seed: int) -> Callable[[str], str]:
    """Copies a word, as its skills tell it to."""
    text = "\n".join((skill / "SKILL.md").read_text(encoding="utf-8") for skill in skills)

    def agent(instruction: str) -> str:
        ask_model(instruction, tokens=500 if SAVING in text else 1000)
        word = (folder / "given.txt").read_text()
        (folder / "answer.txt").write_text("a word" if HARMFUL in text else word)
        return f"{word}, seed {seed}"

    return agent


build.simulated = True  # type: ignore[attr-defined]
