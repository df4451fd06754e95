"""What docs/tau-bench-airline.md shows of a whole run on real recordings, kept in docs/airline/figures.json.

`python docs/build.py --record-airline FILE` imports the recordings, distils them and keeps the figures anew. Nothing
of the recordings themselves is kept: names of tools and sessions, counts, dollars, and the words of the rules.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "docs" / "airline"
SKILL = FOLDER / "airline-support"
FIGURES = FOLDER / "figures.json"
PRICED_AS_OF = datetime(2026, 11, 23, tzinfo=UTC)
"""The recordings tell no times: calls are priced as of the file's date, which is set to this one."""


def run(file: Path, out: Path) -> dict[str, Any]:
    """Import the recordings into a store under `out`, distil them, and tell what came of it."""
    from clawtrace_core.interop import Hints, import_file
    from costcraft import distill

    copy = out / "episodes.json"
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, copy)
    os.utime(copy, (PRICED_AS_OF.timestamp(),) * 2)
    done = import_file(copy, out / "runs", hints=Hints(model="gpt-4o", task_kind="airline"))
    skill = shutil.copytree(SKILL, out / "skills" / SKILL.name)
    found = distill(out / "runs", skill, out / "patches")
    return {**_told(found, whole=done.whole), "reads": _reads(out / "runs", found.evidence.sessions)}


def _reads(runs: Path, sessions: Sequence[Any]) -> dict[str, int]:
    """What the value flow alone says of the calls that only read; there is no world here to replay them in."""
    from clawtrace_core import open_store
    from costcraft.counterfactual.value_flow import Follower, reads

    store, told = open_store(runs), Counter[str]()
    for session in sessions:
        follower = Follower(store.read(session.session), session.card)
        told.update(
            follower.follow(step.n).what
            for step in session.card.steps
            if step.kind == "tool" and reads(step) and not step.failed
        )
    return dict(sorted(told.items()))


def record(file: Path) -> None:
    """Run it, and keep the figures."""
    with tempfile.TemporaryDirectory() as folder:
        told = run(file, Path(folder))
    FIGURES.write_text(f"{json.dumps(told, indent=1)}\n", encoding="utf-8")


def _told(found: Any, *, whole: bool) -> dict[str, Any]:
    sessions = found.evidence.sessions
    cards = [each.card for each in sessions]
    flags = [flag for card in cards for flag in card.flags]
    return {
        "versions": {name: version(name) for name in ("clawtrace-core", "costcraft", "genai-prices", "tiktoken")},
        "priced_as_of": f"{PRICED_AS_OF:%Y-%m-%d}",
        "whole": whole,
        "sessions": len(sessions),
        "tasks": len({each.task for each in sessions}),
        "successes": sum(bool(each.success) for each in sessions),
        "llm_calls": sum(card.calls.llm for card in cards),
        "tool_calls": sum(card.calls.tool for card in cards),
        "estimated": sum(card.cost.estimated for card in cards),
        "input_tokens": sum(card.tokens.input or 0 for card in cards),
        "output_tokens": sum(card.tokens.output or 0 for card in cards),
        "usd": str(sum((card.cost.usd or Decimal(0) for card in cards), Decimal(0))),
        "usd_failed": str(sum((each.card.cost.usd or Decimal(0) for each in sessions if not each.success), Decimal(0))),
        "flags": dict(sorted(Counter(flag.kind for flag in flags).items())),
        "waste": str(sum((card.waste.usd or Decimal(0) for card in cards), Decimal(0))),
        "written": [_rule(patch) for patch in found.guarded.patches],
        "candidates": [{**_rule(each.patch), "why": each.why} for each in found.merged.candidates],
        "contradicted": [{**_rule(each.patch), "why": each.why} for each in found.weighed.refused],
        "violations": [{"rule": each.rule, "check": each.check} for each in found.guarded.violations],
        "conflicts": [each.why for each in found.merged.conflicts],
        "joined": len(found.merged.joined),
        "declined": [{"kind": each.kind, "why": each.why} for each in found.proposals.declined],
        "tokens": found.guarded.tokens,
    }


def _rule(patch: Any) -> dict[str, Any]:
    told = {
        "id": patch.id, "kind": patch.kind, "scope": patch.scope, "rule": patch.rule, "cause": patch.cause,
        "tasks": patch.prevalence.tasks, "of_tasks": patch.prevalence.of_tasks,
        "sessions": patch.prevalence.sessions, "of_sessions": patch.prevalence.of_sessions,
    }  # fmt: skip
    if patch.kind == "repair":
        told |= {"failed": patch.failed, "confirmed": patch.confirmed}
    if patch.kind == "prune":
        told |= {
            "level": patch.level,
            "spent": str(patch.usd_spent),
            "saved": str(patch.usd_saved),
            "steps": [
                {
                    "session": step.session,
                    "n": step.n,
                    "tool": step.tool,
                    "usd": str(step.usd),
                    "saves": str(step.saves),
                }
                for step in patch.steps
            ],
            "argument": patch.counterfactual,
            "grades": [{"level": each.level, "holds": each.holds, "why": each.why} for each in patch.grades],
        }
    return told


def _figures() -> Any:
    return json.loads(FIGURES.read_text(encoding="utf-8"))


def _usd(told: str, places: int = 4) -> str:
    return f"{Decimal(told):.{places}f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def figures() -> str:
    """The recordings in figures."""
    told = _figures()
    flags = ", ".join(f"{count} `{kind}`" for kind, count in told["flags"].items()) or "none"
    share = Decimal(told["waste"]) / Decimal(told["usd"])
    versions = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
    return _table(
        ("what", "figure"),
        [
            ("sessions", f"{told['sessions']} of {told['tasks']} tasks, {told['successes']} of them a success"),
            ("calls", f"{told['llm_calls']:,} of the model, {told['tool_calls']:,} of tools"),
            ("tokens", f"{told['input_tokens']:,} in, {told['output_tokens']:,} out"),
            ("calls with estimated tokens", f"{told['estimated']:,}"),
            ("cost", f"{_usd(told['usd'], 2)} USD, of it {_usd(told['usd_failed'], 2)} USD in sessions that failed"),
            ("priced as of", told["priced_as_of"]),
            ("flags", f"{flags}: {_usd(told['waste'])} USD, {share:.1%} of the cost"),
            ("versions", versions),
        ],
    )


def flow() -> str:
    """What became of what was read."""
    told = _figures()["reads"]
    calls = sum(told.values())
    used = f"{told['used']} ({told['used'] / calls:.0%})"
    return (
        f"Of {calls} calls that only read and did not fail, {used} brought in a value that a later argument, message "
        f"or answer holds; {told['not used']} told nothing new or are flagged as needless; of {told['unknown']} "
        "nothing comes back, which does not show that nothing hung on them."
    )


def written() -> str:
    """The rules that were written."""
    rows = [
        (each["id"], each["kind"], each["scope"], each["rule"], each["tasks"], each["sessions"])
        for each in _figures()["written"]
    ]
    return _table(("id", "kind", "scope", "rule", "tasks", "sessions"), rows)


def prunes() -> str:
    """Each prune with its steps, their dollars, the argument and the levels."""
    told = _figures()
    found = [each for each in (*told["written"], *told["candidates"]) if each["kind"] == "prune"]
    return "\n\n".join(_prune(each) for each in found) or "No prune was proposed."


def _prune(each: Mapping[str, Any]) -> str:
    head = (
        f"**{each['id']}** ({each['scope']}, level `{each['level']}`): {each['cause']}. "
        f"Spent {_usd(each['spent'])} USD, would have saved {_usd(each['saved'])} USD."
    )
    steps = [
        (step["session"], step["n"], f"`{step['tool']}`", _usd(step["usd"], 6), _usd(step["saves"], 6))
        for step in each["steps"]
    ]
    levels = [(f"`{grade['level']}`", _HOLDS[grade["holds"]], grade["why"]) for grade in each["grades"]]
    return "\n\n".join(
        [
            head,
            _table(("session", "step", "tool", "caused, USD", "saves, USD"), steps),
            f"> {each['argument']}",
            _table(("level", "holds", "why"), levels),
        ]
    )


_HOLDS = {True: "yes", False: "no", None: "cannot tell"}


def refused() -> str:
    """What was not written, and why."""
    told = _figures()
    rows = [(each["id"], each["kind"], each["rule"], each["why"]) for each in told["candidates"]]
    rows += [(each["id"], each["kind"], each["rule"], each["why"]) for each in told["contradicted"]]
    rows += [(each["rule"], "", "", f"guard: {each['check']}") for each in told["violations"]]
    declined = "\n".join(f"- {each['kind']}: {each['why']}" for each in told["declined"]) or "- nothing"
    counted = (
        f"The gate staged {len(told['candidates'])} rule(s) as candidates; the sessions contradicted "
        f"{len(told['contradicted'])}; the guard refused {len(told['violations'])}; {told['joined']} pair(s) were "
        f"joined, {len(told['conflicts'])} conflict(s) found. Tokens of the rules: "
        f"{', '.join(f'{scope} {count}' for scope, count in told['tokens'].items())}."
    )
    return f"{counted}\n\n{_table(('id', 'kind', 'rule', 'why'), rows)}\n\nNot proposed at all:\n\n{declined}"
