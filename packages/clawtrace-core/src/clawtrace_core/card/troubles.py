"""What a card must say aloud: what was lost, does not add up, or has no price."""

from collections import Counter

from clawtrace_core.card.ledger import Ledger, verify_ledger
from clawtrace_core.model.session import SessionTree

_READ = 20
"""Problems of reading that are told one by one."""


def troubles(tree: SessionTree, ledger: Ledger) -> list[str]:
    """One line each, gravest first; empty when all is well."""
    found = [f"ledger: {what}" for what in verify_ledger(ledger)]
    lost = tree.ended.lost if tree.ended is not None else 0
    if lost:
        found.append(f"{_times(lost, 'signal')} could not be recorded: some steps may be missing")
    reasons = Counter(call.unpriced.reason for call in ledger.calls if call.unpriced is not None)
    found += [f"no price for {_times(calls, 'call')}: {reason}" for reason, calls in reasons.most_common()]
    if ledger.lost:
        found.append(f"{_times(ledger.lost, 'call')} broke off without usage: what the provider billed is not known")
    conflicts = Counter(what for call in ledger.calls for what in call.problems)
    found += [f"usage of {_times(calls, 'call')}: {what}" for what, calls in conflicts.most_common()]
    found += [f"line {problem.line}: {problem.what}" for problem in tree.problems[:_READ]]
    if len(tree.problems) > _READ:
        found.append(f"{len(tree.problems) - _READ} more problems of reading")
    return found


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
