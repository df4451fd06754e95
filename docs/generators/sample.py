"""The sample shown in the documentation: the card of the session in docs/sample/, recorded once from the demo.

`python docs/build.py --record` records another one.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import clawtrace_core
from clawtrace_core import PriceBook
from clawtrace_core.tokens import Count
from clawtrace_core.tokens.estimate import estimate_tokens

ROOT = Path(__file__).resolve().parent.parent.parent
STORE = ROOT / "docs" / "sample"
SKILL = ROOT / "examples" / "sheets" / "skill" / "sheet-tasks"
TASK = 0
"""Which of the demo's tasks is recorded."""


class Estimates:
    """Counts without an encoding file, so that the sample is the same on every machine."""

    def count(self, text: str, model: str | None = None) -> Count:  # noqa: ARG002 - the counter's signature
        """An estimate, whatever the model."""
        return Count(estimate_tokens(text), exact=False)


def card() -> str:
    """The sample session's TraceCard."""
    store = clawtrace_core.open_store(STORE)
    tree = store.read(store.session_ids()[0])
    counter: Any = Estimates()
    compiled = clawtrace_core.compile_session(tree, prices=PriceBook(), counter=counter)
    return f"```yaml\n{compiled.to_yaml().rstrip()}\n```"


def record() -> None:
    """Play one task of the demo and keep its session."""
    sys.path.insert(0, str(ROOT))
    from examples.sheets.play import play
    from examples.sheets.tasks import make_tasks

    from clawtrace_langchain import load_skill_prompt

    shutil.rmtree(STORE, ignore_errors=True)
    with tempfile.TemporaryDirectory() as books:
        list(play([make_tasks()[TASK]], prompt=load_skill_prompt(SKILL), store=STORE, books=Path(books)))
