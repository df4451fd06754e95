"""What the documentation shows of the demo, recorded once in docs/sample/: one session and both runs' figures.

`python docs/build.py --record` runs the demo and records them anew. All of it is simulated.
"""

import io
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import clawtrace_core
from clawtrace_core import PriceBook
from clawtrace_core.tokens import Count
from clawtrace_core.tokens.estimate import estimate_tokens

ROOT = Path(__file__).resolve().parent.parent.parent
STORE = ROOT / "docs" / "sample"
FIGURES = STORE / "demo.json"


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


def table() -> str:
    """Both runs of the demo side by side."""
    rows = ["| tasks | skill | success | USD | tokens | LLM calls | tool calls |", "|---|---|---:|---:|---:|---:|---:|"]
    for split, both in json.loads(FIGURES.read_text(encoding="utf-8")).items():
        rows += [
            _row(f"{split} ({both['before']['runs']})", "before", both["before"]),
            _row("", "after", both["after"]),
        ]
    return "\n".join(rows)


def _row(tasks: str, when: str, told: Mapping[str, Any]) -> str:
    success = f"{told['successes']}/{told['runs']}"
    money = f"{float(told['usd']):.4f}"
    return (
        f"| {tasks} | {when} | {success} | {money} | {told['tokens']:,} | {told['llm_calls']} | {told['tool_calls']} |"
    )


def play(out: Path) -> Any:
    """The LangChain part of the demo, told to nobody."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from examples.sheets import demo
    from examples.sheets.frameworks import LANGCHAIN
    from examples.sheets.tasks import COUNT
    from rich.console import Console

    return demo.run(out, COUNT, Console(file=io.StringIO()), [LANGCHAIN])[0]


def figures(result: Any) -> dict[str, dict[str, Any]]:
    """The demo's figures as plain JSON."""
    return {split: {"before": _plain(before), "after": _plain(after)} for split, before, after in result.rows()}


def _plain(told: Any) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in asdict(told).items()}


def record() -> None:
    """Run the demo; keep its figures, and the session with the most flags (of these the first)."""
    shutil.rmtree(STORE, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        result = play(Path(folder) / "demo")
        telling = max(result.before, key=lambda run: len(run.card.flags)).card.session
        found = next(Path(folder).glob(f"demo/runs/langchain/before-*/sessions/{telling}.jsonl"))
        (STORE / "sessions").mkdir(parents=True)
        shutil.copy(found, STORE / "sessions")
    FIGURES.write_text(f"{json.dumps(figures(result), indent=1)}\n", encoding="utf-8")
