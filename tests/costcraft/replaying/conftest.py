"""A small world that keeps state, and sessions recorded in it."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from clawtrace_core import Session

HEAD = "from collections.abc import Mapping\nfrom typing import Any\n\n\n"
Call = tuple[str, dict[str, Any]]


class Shop:
    """A till. A purchase must be unlocked, or come with the code; the oracle looks at what was paid."""

    deterministic = True
    CATALOGUE = "item | price\n" + "\n".join(f"thing {n} | {n * 3}" for n in range(40))

    def reset(self, task: str) -> None:
        if not task.startswith("buy-"):
            raise KeyError(task)
        self.paid: list[int] = []
        self.locked = True
        self.asked = 0

    def call(self, tool: str, arguments: Mapping[str, Any]) -> object:
        return getattr(self, tool)(**arguments)

    def catalogue(self) -> str:
        return self.CATALOGUE

    def count(self) -> str:
        self.asked += 1
        return f"asked {self.asked} time(s)"

    def unlock(self) -> dict[str, object]:
        self.locked = False
        return {"code": "QX7-1182", "ok": True}

    def code(self) -> str:
        return "The code is QX7-1182."

    def pay(self, amount: int, code: str = "") -> str:
        if self.locked and code != "QX7-1182":
            raise PermissionError("the till is locked")
        self.paid.append(amount)
        return f"paid {amount}"

    def grade(self) -> dict[str, object]:
        passed = sum(self.paid) == 21
        return {"success": passed, "checks": [{"name": "sum", "passed": passed}]}


Play = Callable[..., Session]


@pytest.fixture
def play(recorded: Callable[..., Session]) -> Play:
    """A session played in the shop and recorded, with the shop's own grade as its outcome."""

    def run(
        name: str,
        *calls: Call,
        task: str | None = "buy-1",
        world: Any = None,
        world_task: str | None = None,
        outcome: bool = True,
        **how: Any,
    ) -> Session:
        shop = world or Shop()
        shop.reset(world_task or task)
        told = []
        for tool, arguments in calls:
            try:
                told.append((tool, arguments, shop.call(tool, arguments)))
            except PermissionError as error:
                told.append((tool, arguments, error))
        session = recorded(name, task, told, **how)
        grade = shop.grade()
        if outcome:
            session.record_outcome(success=grade["success"], checks=grade["checks"])
        return session

    return run


@pytest.fixture
def shop() -> type[Shop]:
    """The world itself, to be made and changed."""
    return Shop


@pytest.fixture
def named_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The shop by its name, in a module of the working directory."""
    (tmp_path / "my_shop.py").write_text(f"{HEAD}{inspect.getsource(Shop)}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield "python:my_shop:Shop"
    sys.modules.pop("my_shop", None)
