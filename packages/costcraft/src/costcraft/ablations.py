"""What a distillation may be made without, to see what it is worth: costs, prunes, the gate, the second scope."""

from collections.abc import Sequence
from decimal import Decimal

from clawtrace_core.card import Flag, Step, TraceCard
from costcraft.evidence import Action, Evidence, SessionEvidence
from costcraft.patch import Patch
from costcraft.stages import Declined, Proposals, Weighed

_ANOTHER = "it was made without them, on request"


def without_costs(evidence: Evidence) -> Evidence:
    """The evidence as if nothing had a price or a size: no dollars, no token counts, steps in the order in which they
    were made, flags by how many steps they name.
    """
    return evidence.model_copy(update={"sessions": [_session(each) for each in evidence.sessions]})


def without_prunes(proposals: Proposals) -> Proposals:
    """The proposals without their prunes, and a word on how many there were."""
    others = [patch for patch in proposals.patches if patch.kind != "prune"]
    left = len(proposals.patches) - len(others)
    why = Declined(kind="prune", why=f"{left} were left out: {_ANOTHER}")
    return proposals.model_copy(update={"patches": others, "declined": [*proposals.declined, why]})


def ungated(proposals: Proposals) -> Weighed:
    """The proposals as they are: no prune is tested, and none refused."""
    return Weighed(patches=proposals.patches, notes=["no prune was weighed or held back for its evidence, on request"])


def one_scope(patches: Sequence[Patch]) -> list[Patch]:
    """The patches as if rules were not told apart by where they hold: all go into the skill that is distilled, which is
    then what is carried to other tasks.
    """
    return [patch.model_copy(update={"scope": "domain"}) for patch in patches]


def _session(session: SessionEvidence) -> SessionEvidence:
    actions: Sequence[Action] = [each.model_copy(update={"usd": None, "tokens": None}) for each in session.actions]
    return session.model_copy(update={"actions": actions, "card": _card(session.card)})


def _card(card: TraceCard) -> TraceCard:
    flags = sorted((_flag(each) for each in card.flags), key=lambda flag: (-len(flag.steps), flag.steps, flag.kind))
    return card.model_copy(
        update={
            "cost": card.cost.model_copy(update={"usd": None, "priced": 0, "estimated": 0, "unpriced": {}}),
            "tokens": card.tokens.model_copy(
                update={"input": None, "output": None, "cache_read": 0, "cache_write": 0, "reasoning": 0}
            ),
            "base": card.base.model_copy(update={"usd": None, "prompt_tokens": None}),
            "waste": card.waste.model_copy(update={"usd": None, "share": None}),
            "steps": sorted((_step(each) for each in card.steps), key=lambda step: step.n),
            "rest": None,
            "flags": flags,
            "agents": [each.model_copy(update={"usd": None}) for each in card.agents],
        }
    )


def _step(step: Step) -> Step:
    nothing: Decimal | None = None
    return step.model_copy(update={"usd": nothing, "reread": None, "billed": None, "tokens": None, "out": None})


def _flag(flag: Flag) -> Flag:
    return flag.model_copy(update={"saves": None, "evidence": {}})
