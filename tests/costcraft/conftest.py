"""Evidence made by hand, and real sessions recorded into a real store."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clawtrace_core import Check, Session, open_session
from clawtrace_core.capture import Draft
from clawtrace_core.card import Flag, Step, TraceCard
from clawtrace_core.model.event import Request, Response
from clawtrace_core.model.usage import Usage
from costcraft import Distillation, distill
from costcraft.evidence import Action, CheckSeen, Evidence, Retry, SessionEvidence
from costcraft.patch import PATCHES, Level, NamedStep, Patch, Prevalence, Prune, Share, Source, patch_id

SKILL = """---
name: sheets
description: "Working on sheets. Use when a task names cells."
---

# Sheets

Answer in one sentence.
"""

Call = tuple[str, dict[str, Any], Any]
"""A tool's name, its arguments, and its answer; an exception is raised."""


@pytest.fixture
def skill(tmp_path: Path) -> Path:
    """A skill that a person wrote."""
    directory = tmp_path / "skills" / "sheets"
    directory.mkdir(parents=True)
    (directory / "SKILL.md").write_text(SKILL, encoding="utf-8", newline="\n")
    return directory


@pytest.fixture
def made() -> Callable[..., SessionEvidence]:
    """One session's evidence from `(tool, argument shapes)` pairs."""

    def make(
        name: str,
        *tools: str | tuple[str, dict[str, str]],
        success: bool | None = True,
        checks: Sequence[CheckSeen] = (),
        flags: Sequence[Flag] = (),
        retries: Sequence[Retry] = (),
        usd: str | None = "0.001",
        distinctive: Sequence[str] = (),
    ) -> SessionEvidence:
        calls = [(tool, {}) if isinstance(tool, str) else tool for tool in tools]
        money = None if usd is None else Decimal(usd)
        actions = [
            Action(n=n, tool=tool, args=args, usd=money, tokens=100) for n, (tool, args) in enumerate(calls, start=1)
        ]
        steps = [Step(n=action.n, span=action.n, kind="tool", name=action.tool, usd=money) for action in actions]
        card = TraceCard.model_validate(
            {
                "session": name,
                "cost": {"usd": money, "priced": 1, "calls": 1, "estimated": 0},
                "tokens": {"input": 1, "output": 1},
                "calls": {},
                "base": {"usd": money},
                "waste": {"usd": money},
                "steps": [step.model_dump() for step in steps],
                "flags": [flag.model_dump() for flag in flags],
            }
        )
        return SessionEvidence(
            session=name,
            task=name.partition(".")[0],
            task_kind="sheet",
            success=success,
            checks=list(checks),
            actions=actions,
            retries=list(retries),
            card=card,
            distinctive=list(distinctive),
        )

    return make


@pytest.fixture
def duplicate() -> Callable[..., Flag]:
    """A flag on one step that repeats an earlier one."""

    def make(step: int, of: int, saves: str | None = "0.0009") -> Flag:
        money = None if saves is None else Decimal(saves)
        return Flag(id="f1", kind="duplicate", of=of, steps=[step], saves=money, why="same arguments and result")

    return make


@pytest.fixture
def prune_of() -> Callable[..., Prune]:
    """A prune of some steps of some sessions, as an analyst proposes it."""

    def make(
        *steps: tuple[str, int],
        level: Level = "claimed",
        analyst: str = "model:made-up",
        rule: str = "Do not look twice.",
        tasks: Mapping[str, str] | None = None,
        rule_id: str = "r-0000abcd",
    ) -> Prune:
        sessions = sorted({session for session, _ in steps})
        sources = [Source(session=name, task=(tasks or {}).get(name, name.partition(".")[0])) for name in sessions]
        named = [NamedStep(session=session, n=n, tool="look") for session, n in steps]
        seen = Prevalence(sessions=len(sessions), of_sessions=9, tasks=len({s.task for s in sources}), of_tasks=9)
        return Prune(
            id=rule_id, scope="portable", rule=rule, section="Do not spend on", cause="It looked twice.",
            sources=sources, prevalence=seen, analyst=analyst, steps=named, usd_spent=None, usd_saved=None,
            counterfactual="Nothing would have been lost.", against=named[0], level=level,
        )  # fmt: skip

    return make


@pytest.fixture
def rule_of() -> Callable[..., Patch]:
    """A patch of any kind with that rule, which some tasks vouch for."""

    def make(kind: str, rule: str, *tasks: str, **more: Any) -> Patch:
        sources = [Source(session=f"{task}.s", task=task) for task in tasks or ("a", "b")]
        step = NamedStep(session=sources[0].session, n=1, tool="read", usd=Decimal("0.01"), tokens=5)
        share = Share(having=2, of=2)
        own: dict[str, dict[str, Any]] = {
            "prune": {"steps": [step], "against": step, "usd_spent": "0.01", "usd_saved": "0.01",
                      "counterfactual": "x", "level": "structural"},
            "repair": {"checks": [{"session": "s", "name": "c"}], "failed": 1, "diagnosis": "x",
                       "confirmed": "repeated"},
            "preserve": {"behaviour": rule, "in_successes": share},
        }  # fmt: skip
        seen = Prevalence(sessions=len(sources), of_sessions=9, tasks=len(sources), of_tasks=9)
        shared = {"kind": kind, "id": patch_id(kind, "domain", rule), "scope": "domain", "rule": rule,
                  "section": "Get it right", "cause": "seen", "sources": sources, "prevalence": seen}  # fmt: skip
        return PATCHES.validate_python([{**shared, **own[kind], **more}])[0]

    return make


@pytest.fixture
def three_kinds(made: Callable[..., SessionEvidence], duplicate: Callable[..., Flag]) -> Evidence:
    """Sessions that vouch for one rule of each kind."""
    wrong = CheckSeen(name="Sheet!B7", passed=False, expected=12.5, got="12.5")
    right = CheckSeen(name="Sheet!B7", passed=True, expected=12.5, got=12.5)
    good = [
        made(f"sheet-{n}.good", "read_sheet", "read_sheet", "write_cell", "read_range",
             checks=[right], flags=[duplicate(2, 1)])
        for n in range(1, 7)
    ]  # fmt: skip
    bad = [made(f"sheet-{n}.bad", "read_sheet", "write_cell", success=False, checks=[wrong]) for n in range(1, 7)]
    return Evidence(sessions=[*good, *bad])


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[..., Session]:
    """A session recorded into a real store: each call is asked for by a model that sees all answers so far."""

    def make(
        name: str,
        task: str | None,
        calls: Sequence[Call],
        *,
        model: str = "gpt-5.4",
        store: Path | None = None,
        last: str = "next",
        **settings: Any,
    ) -> Session:
        session = open_session(store or tmp_path / "runs", task=task, session=name, **settings)
        history = [Draft("user", {"role": "user", "text": "Read the sheet Ledger of plan.xlsx and fill in the total."})]
        for index, (tool, args, answer) in enumerate(calls):
            call = f"call-{index}"
            _think(session, index, history, model, [{"id": call, "name": tool, "args": args}])
            session.recorder.started(
                ("tool", index), kind="tool", name=tool, input=[Draft("arguments", args)], tool_call=call
            )
            failed = isinstance(answer, Exception)
            body = {"role": "tool", "text": str(answer), "tool_call_id": call}
            body |= {"status": "error"} if failed else {}
            history.append(Draft("tool", body, tool_call=call))
            session.recorder.ended(("tool", index), output=[history[-1]])
        _think(session, len(calls), history, model, [], last)
        session.close()
        return session

    return make


@pytest.fixture
def distilled(recorded: Callable[..., Session], skill: Path, tmp_path: Path) -> Distillation:
    """A real distillation: one portable prune (reading twice), one repair of its kind of task (text for a number)."""
    rows = "row | A | B\n" + "\n".join(f"{n} | item {n} | {n * 7}" for n in range(40))
    read = ("read_sheet", {"sheet": "Ledger"}, rows)
    for n in range(4):
        wrong = Check(name="B7", passed=False, expected=412.5, got="412.5")
        session = recorded(f"s-{n}", f"sheet-{n}", [read, read, ("write_cell", {"cell": "B7", "value": "412.5"}, "ok")])
        session.record_outcome(success=False, checks=[wrong])
    return distill(tmp_path / "runs", skill, tmp_path / "out")


def _think(
    session: Session, index: int, history: list[Draft], model: str, calls: list[dict[str, Any]], text: str = "next"
) -> None:
    session.recorder.started(
        ("llm", index), kind="llm", name=model, input=list(history), request=Request(model=model, provider="openai")
    )
    said = Draft("assistant", {"role": "assistant", "text": text, "tool_calls": calls})
    history.append(said)
    usage = Usage(input=200 * len(history), output=20)
    session.recorder.ended(("llm", index), output=[said], response=Response(model=model, usage=usage))
