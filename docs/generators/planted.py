"""What docs/planted.md shows of the study on planted truth, kept in docs/planted/figures.json with its two pictures.

`python docs/build.py --record-planted FILE` works them out of the lines that `python -m examples.planted.study` wrote.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "docs" / "planted"
FIGURES = FOLDER / "figures.json"
VERSIONS = ("clawtrace-core", "costcraft", "langchain", "llama-index-core", "crewai", "genai-prices")
CARRIED = "carried-"
"""What the names of arms begin with that were distilled in the other domain."""


def record(file: Path) -> None:
    """Work the figures out of the study's lines, keep them, and draw the pictures."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from examples.planted.study.figures import figures
    from examples.planted.study.plots import draw_arms, draw_flags
    from examples.planted.study.sitting import read_sittings

    told = {"versions": {name: version(name) for name in VERSIONS}, **figures(read_sittings(file))}
    FOLDER.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(f"{json.dumps(_rounded(told), indent=1)}\n", encoding="utf-8")
    at_home = {name: arm for name, arm in told["arms"]["both"].items() if not name.startswith(CARRIED)}
    draw_arms(at_home, told["titles"], told["margin"], FOLDER / "arms.svg")
    main = next(iter(told["frameworks"].values()))
    draw_flags(main["flags"], FOLDER / "flags.svg")


def _rounded(told: Any) -> Any:
    """Five places are more than any figure here is worth."""
    if isinstance(told, float):
        return round(told, 5)
    if isinstance(told, Mapping):
        return {name: _rounded(each) for name, each in told.items()}
    return [_rounded(each) for each in told] if isinstance(told, list | tuple) else told


def _figures() -> Any:
    return json.loads(FIGURES.read_text(encoding="utf-8"))


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _share(told: Mapping[str, Any]) -> str:
    if not told["of"]:
        return "none"
    limits = "" if told["low"] is None else f" ({100 * told['low']:.0f} to {100 * told['high']:.0f}{_HOW[told['how']]})"
    return f"{100 * told['rate']:.1f}%{limits}"


_HOW = {"bootstrap": "", "wilson": "*", "": ""}


def _points(told: Mapping[str, Any]) -> str:
    return f"{_signed(told['value'])} ({_signed(told['low'])} to {_signed(told['high'])})"


def _signed(rate: float | None) -> str:
    return "no limit" if rate is None else f"{100 * rate:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0")


def _ratio(told: Mapping[str, Any]) -> str:
    if told["value"] is None:
        return "not defined"
    limits = "" if told["low"] is None or told["high"] is None else f" ({told['low']:.2f} to {told['high']:.2f})"
    return f"{told['value']:.2f}{limits}"


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def setting() -> str:
    """What was run."""
    told = _figures()
    rows = [
        (
            name,
            f"{len(each['seeds'])} ({each['seeds'][0]} to {each['seeds'][-1]})",
            ", ".join(f"{evolve} + {held_out}" for evolve, held_out in each["tasks"]),
            f"{each['sessions']:,}",
            f"{each['runs']:,} ({each['taken']:,})",
            f"{each['cpu_minutes']:.1f}",
        )
        for name, each in told["frameworks"].items()
    ]
    head = (
        "simulated, on",
        "seeds",
        "tasks per domain, to learn from + held out",
        "sessions learned from",
        "other runs (taken over)",
        "CPU minutes",
    )
    versions = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
    return f"{_table(head, rows)}\n\nVersions: {versions}."


def flags() -> str:
    """Precision and recall of the flags, kind by kind on the first framework, and in all on each."""
    rows = []
    for name, each in _figures()["frameworks"].items():
        found = each["flags"]
        rows.append((name, "all kinds", _share(found["precision"]), found["precision"]["of"], _share(found["recall"])))
        rows += [
            (name, f"`{kind}`", _share(of["precision"]), of["precision"]["of"], _share(of["recall"]))
            for kind, of in found["kinds"].items()
        ]
    return _table(("simulated, on", "flag", "precision", "flagged calls", "of the needless calls"), rows)


def labels() -> str:
    """What is planted, and what of it was flagged."""
    rows = [
        (
            each["label"],
            each["trap"] or "",
            ", ".join(f"`{tool}`" for tool in each["tools"]),
            f"{each['calls']:,}",
            f"{each['needed']:,}",
            f"{each['flagged']:,}",
            ", ".join(f"`{kind}`" for kind in each["kinds"]) or "none",
        )
        for each in _figures()["labels"]
    ]
    return _table(("simulated: the truth calls it", "trap", "tools", "calls", "needed", "flagged", "as"), rows)


def arms() -> str:
    """The arms beside the base skill."""
    table = f"{_arms('both', lambda name: not name.startswith(CARRIED))}{_alike()}"
    alone = _figures()["pruned"]
    if alone is None:
        return table
    return (
        f"{table}\n\nThe prunes by themselves, simulated: the full skill beside the same one without its prunes makes "
        f"{_points(alone['difference'])} points of success (task by task {_signed(alone['by_task']['low'])} to "
        f"{_signed(alone['by_task']['high'])}) and costs {_ratio(alone['total'])} times as much."
    )


def _alike() -> str:
    """Arms whose rows are one and the same."""
    told = _figures()
    same = [told["titles"].get(name, name) for name, each in told["arms"]["both"].items() if each.get("like_full")]
    if len(same) < 2:
        return ""
    return f"\n\nThe same skills in every seed and domain, and so the same runs: {'; '.join(same)}."


def transfer() -> str:
    """What was distilled in one domain, in the other."""
    parts = []
    told = _figures()
    for domain in (name for name in told["arms"] if name != "both"):
        other = next(name for name in told["arms"] if name not in {"both", domain})
        table = _arms(domain, lambda name: name.startswith(CARRIED) or name == "full")
        parts.append(
            f"Distilled in `{other}`, run in `{domain}` (the first row is `{domain}`'s own distillation):\n\n{table}"
        )
    return "\n\n".join(parts)


def _arms(part: str, wanted: Any) -> str:
    told = _figures()
    rows = [
        (told["titles"].get(name, name), *_compared(each["compared"]), each["skills"])
        for name, each in told["arms"][part].items()
        if wanted(name) and each["compared"]
    ]
    head = (
        "simulated",
        "success",
        "difference, points",
        "task by task",
        "recovered, regressed",
        "p (Holm)",
        "5 points' drop",
        "cost of all runs",
        "cost per success",
        "skills",
    )
    return _table(head, rows)


def _compared(each: Mapping[str, Any]) -> Iterator[str]:
    yield f"{100 * each['base_success']:.1f}% to {100 * each['new_success']:.1f}%"
    yield _points(each["difference"])
    yield f"{_signed(each['by_task']['low'])} to {_signed(each['by_task']['high'])}"
    yield f"{each['recoveries']}, {each['regressions']}"
    yield _p(each["p_holm"])
    yield _VERDICTS[each["verdict"]]
    yield _ratio(each["total"])
    yield _ratio(each["per_success"])


_VERDICTS = {
    "superior": "excluded; better",
    "non-inferior": "excluded",
    "inconclusive": "not excluded",
    "inferior": "shown",
}


def gates() -> str:
    """What each arm's prunes do, by the truth."""
    told = _figures()
    rows = []
    for name, each in told["arms"]["both"].items():
        if name.startswith(CARRIED):
            continue
        prunes = each["rules"]["prune"]
        lost = ", ".join(f"{count} {label}" for label, count in each["needed_lost"].items())
        rows.append(
            (
                told["titles"].get(name, name),
                prunes["written"],
                _share(prunes["right"]),
                prunes["harmful"],
                prunes["inert"],
                f"{prunes['named_needed']} of {prunes['named']}",
                each["held_back"],
                _share(each["waste_gone"]),
                lost or "0",
            )
        )
    head = (
        "simulated", "prunes written", "right", "harmful", "change nothing", "needed among the steps they name",
        "prunes held back", "needless calls gone", "load-bearing calls lost",
    )  # fmt: skip
    return _table(head, rows)


def rules() -> str:
    """Every rule that was proposed, alone, at home and abroad."""
    rows = []
    for each in _figures()["rules"]:
        written = each["written"].get("full", 0)
        rows.append(
            (
                each["domain"],
                f"{each['kind']}, {each['scope']}",
                each["rule"],
                each["analyst"],
                f"{written} of {each['seeds']}",
                *_alone(each["home"]),
                *_alone(each["abroad"]),
            )
        )
    head = (
        "simulated: learned in", "kind", "rule", "from", "written of proposed", "success there, points", "cost there",
        "success in the other domain", "cost there",
    )  # fmt: skip
    return _table(head, rows)


def _alone(told: Mapping[str, Any] | None) -> tuple[str, str]:
    return ("not run", "") if told is None else (_points(told["difference"]), _ratio(told["total"]))


def replays() -> str:
    """Replay alone, value flow alone, both."""
    told = _figures()["replays"]
    rows = [
        (
            _TESTS[name],
            each["precision"]["of"],
            _share(each["precision"]),
            _share(each["recall"]),
            ", ".join(f"{count} {label}" for label, count in each["wrong"].items()) or "0",
        )
        for name, each in told["tests"].items()
    ]
    head = (
        "simulated: a step may go where",
        "steps it lets go",
        "precision",
        "of the needless steps",
        "needed steps let go",
    )
    counted = (
        f"{told['steps']:,} steps, {told['needless']:,} of them needless; {told['untold']:,} more could not be told."
    )
    return f"{_table(head, rows)}\n\n{counted}"


_TESTS = {"replay": "replay alone says so", "flow": "value flow alone says so", "both": "both say so"}
