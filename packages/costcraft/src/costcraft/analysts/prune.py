"""Prune: what the cards flagged as waste, added up over sessions by what it has in common.

The evidence is structural: a flag fires only where the session's own ledger and value flow show that the step
was not needed. Whether leaving it out changes what an agent does next is for the later levels to show.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from clawtrace_core.card import Flag
from costcraft.analysts.wording import DUPLICATE, FAILED_FIRST, lack_of, name_list, retry_rule
from costcraft.evidence import Action, Retry, SessionEvidence
from costcraft.patch import NamedStep, Prevalence, Prune, Scope, Source, patch_id
from costcraft.stages import Declined

SECTION = "Do not spend on"
KNOWN = ("duplicate", "superseded")


class _Case(NamedTuple):
    """One flag, in its session."""

    session: SessionEvidence
    flag: Flag
    actions: list[Action]
    retry: Retry | None = None


def prunes(sessions: Sequence[SessionEvidence]) -> tuple[list[Prune], list[Declined]]:
    """What not to spend on, and why nothing is proposed when nothing is."""
    cases = [case for session in sessions for case in _cases(session)]
    found = []
    repeated = [case for case in cases if case.flag.kind == "duplicate"]
    if repeated:
        found.append(_prune("portable", "duplicate", DUPLICATE, _same_again(repeated), repeated, sessions))
    found += _from_retries([case for case in cases if case.retry is not None], sessions)
    declined = []
    if not found:
        declined.append(Declined(kind="prune", why=f"none of the {len(sessions)} session(s) has a flag to learn from"))
    others = sorted({flag.kind for session in sessions for flag in session.card.flags} - set(KNOWN))
    if others:
        text = f"flags of the kinds {', '.join(others)} are not read by this analyst; it reads {' and '.join(KNOWN)}"
        declined.append(Declined(kind="prune", why=text))
    return found, declined


def _cases(session: SessionEvidence) -> list[_Case]:
    by_n = {action.n: action for action in session.actions}
    retries = {(retry.step, retry.winner): retry for retry in session.retries}
    cases = []
    for flag in session.card.flags:
        actions = [by_n[n] for n in flag.steps if n in by_n]
        if not actions:
            continue
        if flag.kind == "duplicate":
            cases.append(_Case(session, flag, actions))
        elif flag.kind == "superseded" and flag.of is not None:
            told = [retries[n, flag.of] for n in flag.steps if (n, flag.of) in retries]
            if told:
                cases.append(_Case(session, flag, actions, told[-1]))
    return cases


def _from_retries(cases: list[_Case], sessions: Sequence[SessionEvidence]) -> list[Prune]:
    groups: dict[tuple[str, str], list[_Case]] = {}
    for case in cases:
        if case.retry is not None:
            groups.setdefault((case.retry.tool, lack_of(case.retry)), []).append(case)
    found = []
    for (tool, lack), group in sorted(groups.items()):
        retries = [case.retry for case in group if case.retry is not None]
        cause = f"{tool} failed and was called again with what it had lacked"
        found.append(
            _prune("domain", f"superseded:{tool}:{lack}", retry_rule(tool, lack, retries), cause, group, sessions)
        )
    guessed = [case for case in cases if case.retry is not None and lack_of(case.retry) == "changed"]
    tools = sorted({case.retry.tool for case in guessed if case.retry is not None})
    if len(tools) > 1:
        cause = f"calls of {len(tools)} tools failed on a guessed argument and were made again"
        found.append(_prune("portable", "superseded:guess", FAILED_FIRST, cause, guessed, sessions))
    return found


def _same_again(cases: list[_Case]) -> str:
    tools = sorted({action.tool for case in cases for action in case.actions})
    args = sorted({name for case in cases for action in case.actions for name in action.args})
    told = f" (arguments {name_list(args)})" if args else ""
    return f"{name_list(tools)}{told} was called again although its result was already in the conversation"


def _prune(
    scope: Scope, key: str, rule: str, cause: str, cases: list[_Case], sessions: Sequence[SessionEvidence]
) -> Prune:
    steps = [_named(case, action) for case in cases for action in case.actions]
    against, case = _dearest(cases)
    priced = [step.usd for step in steps if step.usd is not None]
    saved = [case.flag.saves for case in cases if case.flag.saves is not None]
    unpriced = len(steps) - len(priced)
    seen = {case.session.session: case.session for case in cases}
    return Prune(
        id=patch_id("prune", scope, key),
        scope=scope,
        rule=rule,
        section=SECTION,
        cause=cause,
        task_kinds=sorted({each.task_kind for each in seen.values()}),
        sources=[Source(session=each.session, task=each.task) for each in seen.values()],
        prevalence=Prevalence(
            sessions=len(seen),
            of_sessions=len(sessions),
            tasks=len({each.task or each.session for each in seen.values()}),
            of_tasks=len({each.task or each.session for each in sessions}),
        ),
        steps=steps,
        usd_spent=sum(priced, Decimal(0)) if priced else None,
        usd_saved=sum(saved, Decimal(0)) if saved else None,
        tokens=sum(step.tokens or 0 for step in steps) if any(step.tokens is not None for step in steps) else None,
        unpriced=unpriced,
        counterfactual=_counterfactual(case, against),
        against=against,
        level="structural",
        numbers={"flags": len(cases), "steps": len(steps), "sessions": len(seen), "unpriced_steps": unpriced},
    )


def _named(case: _Case, action: Action) -> NamedStep:
    return NamedStep(
        session=case.session.session,
        n=action.n,
        tool=action.tool,
        usd=action.usd,
        tokens=action.tokens,
        saves=case.flag.saves if len(case.flag.steps) == 1 else None,
    )


def _dearest(cases: list[_Case]) -> tuple[NamedStep, _Case]:
    pairs = [(_named(case, action), case) for case in cases for action in case.actions]
    return min(pairs, key=lambda pair: (-(pair[0].usd or Decimal(0)), -(pair[0].tokens or 0), pair[0].session))


def _counterfactual(case: _Case, step: NamedStep) -> str:
    if step.usd is not None:
        cost = f"cost ${_shown(step.usd)}"
    elif step.tokens is not None:
        cost = f"added {step.tokens} tokens (unpriced)"
    else:
        cost = "has no known cost"
    saves = case.flag.saves
    saving = f" Its card counts ${_shown(saves)} as saved without it." if saves is not None else ""
    head = f"Step {step.n} ({step.tool}) of session {step.session} {cost}."
    if case.flag.kind == "duplicate":
        return (
            f"{head} It had the same arguments and the same result as step {case.flag.of}, and nothing in between "
            f"could change it: all it returned was in the conversation already, so the session's answer did not "
            f"depend on it.{saving}"
        )
    return (
        f"{head} It failed, and step {case.flag.of} did its work without needing anything the failure told: with the "
        f"right arguments at the first call the session would have stood at step {case.flag.of} without it.{saving}"
    )


def _shown(usd: Decimal) -> str:
    """Six places, as in prices per call; the exact figure stands beside the words."""
    return f"{usd:.6f}"
