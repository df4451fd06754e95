"""A scripted model analyst that claims right and wrong things: what a gate has to tell apart. Simulated.

It reads what CostCraft shows it, as any model would, and names steps that really happened. What it says of them is
planted: some steps were waste, and some were what saved the run.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from clawtrace_core.model.asking import Message, Reply
from clawtrace_core.model.event import Request
from examples.sheets.conversation import tokens_of
from examples.sheets.simulated import MODEL, PROVIDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One prune that is claimed."""

    rule: str
    right: bool
    """Whether it may be followed. The claimant says either alike, but it calls what is right portable and what is wrong
    domain, as no model could."""
    about: str


CLAIMS = {
    "reread": Claim(
        rule="Never read rows a second time while nothing has changed: reuse the result you already have.",
        right=True,
        about="reads the same figures again",
    ),
    "once": Claim(
        rule="Never read a sheet twice, even after you have written to it.",
        right=False,
        about="reads the same figures again, and is right about these steps; the rule says more than they show",
    ),
    "browse": Claim(rule="Do not read sheets that nobody asked about.", right=True, about="reads an old sheet"),
    "read back": Claim(rule="Do not read back what you wrote.", right=False, about="reads what it has just written"),
    "recheck": Claim(
        rule="Never read the sheet of rates or levels again after you changed it.",
        right=False,
        about="reads again what it has changed",
    ),
    "twin": Claim(
        rule="Do not look up a second name or part that is almost alike: one call is enough.",
        right=False,
        about="makes a call that is almost the one before",
    ),
    "early": Claim(
        rule="Never read a value long before it is needed.",
        right=False,
        about="reads something that is used many calls later",
    ),
    "retry": Claim(
        rule="Never call a tool again right after it failed.", right=False, about="makes a call again that failed"
    ),
}


class Seen(NamedTuple):
    """One tool call as the excerpt shows it."""

    n: int
    tool: str
    arguments: str
    failed: bool


_STEP = re.compile(r"^\[step (\d+)\] tool ([^,\n]+),([^\n]*)\n(?:arguments: ([^\n]*))?", re.MULTILINE)
_OLD = ("Archive", "Old stock", "Contacts", "Drivers")
_KEPT = ("Rates", "Levels")
_EARLY = ('"Rates"', '"Packs"')
_READS = ("read_sheet", "read_range", "find_rows", "check_label")
_WRITES = ("write_cell", "set_rate", "book_out")


class Claimant:
    """What `costcraft.distill(model=...)` asks."""

    name = "claimant, simulated"
    request = Request(model=MODEL, provider=PROVIDER)

    def complete(self, messages: Sequence[Message]) -> Reply:
        """The one JSON object that is asked for."""
        text = "\n".join(message.text for message in messages)
        if "FAILED" in messages[0].text:
            said: object = {"tool": "give_up", "why": "the checks tell it already"}
        else:
            said = {"preserve": None, "prune": self._prune(messages[-1].text)}
        told = json.dumps(said)
        return Reply(told, {"prompt_tokens": tokens_of(text), "completion_tokens": tokens_of(told)})

    def _prune(self, text: str) -> dict[str, object] | None:
        steps = steps_in(text)
        found = claims_in(steps)
        if not found:
            return None
        # Drawn by what was done: a session's id is another in every run.
        drawn = int.from_bytes(sha256(repr(steps).encode()).digest()[:4])
        name = sorted(found)[drawn % len(found)]
        claim = CLAIMS[name]
        return {
            "rule": claim.rule,
            "cause": claim.about,
            "why": "the run would have ended the same",
            "steps": found[name],
            "scope": "portable" if claim.right else "domain",
        }


def steps_in(text: str) -> list[Seen]:
    """The tool calls that an excerpt shows, in the order in which they were made."""
    found = [
        Seen(int(n), tool.strip(), arguments or "", " failed" in rest)
        for n, tool, rest, arguments in _STEP.findall(text)
    ]
    return sorted(found)


def claims_in(steps: Sequence[Seen]) -> dict[str, list[int]]:
    """Which claims these calls give occasion to, and the steps each would name."""
    found: dict[str, list[int]] = {}
    for at, step in enumerate(steps):
        if (name := _claim(step, steps[:at])) is not None:
            found.setdefault(name, []).append(step.n)
    if "reread" in found:
        found["once"] = found["reread"]
    return found


def _claim(step: Seen, before: Sequence[Seen]) -> str | None:
    if step.tool not in _READS:
        return None
    if any(name in step.arguments for name in _OLD):
        return "browse"
    wrote = max((each.n for each in before if each.tool in _WRITES), default=0)
    if wrote and any(name in step.arguments for name in _KEPT):
        return "recheck"
    if wrote and before[-1].tool in ("write_cell", "check_label"):
        return "read back"
    return _repeated(step, [each for each in before if each.tool == step.tool], wrote)


def _repeated(step: Seen, earlier: Sequence[Seen], wrote: int) -> str | None:
    same = [each for each in earlier if each.arguments == step.arguments]
    if not same and any(name in step.arguments for name in _EARLY):
        return "early"
    if same and same[-1].failed:
        return "retry"
    if same:
        return "reread" if wrote < same[-1].n else None
    alike = step.tool in ("find_rows", "read_range") and any(not each.failed for each in earlier)
    return "twin" if alike else None
