"""The `rules` analyst: deterministic, no model. Same evidence, same proposals, in the same order."""

from costcraft.analysts.preserve import preserves
from costcraft.analysts.prune import prunes
from costcraft.analysts.repair import repairs
from costcraft.evidence import Evidence
from costcraft.patch import Patch
from costcraft.stages import Declined, Proposals


def propose(evidence: Evidence) -> Proposals:
    """Everything the evidence supports, of all three kinds, and what it does not support, with the reason."""
    sessions = sorted(evidence.sessions, key=lambda session: session.session)
    patches: list[Patch] = []
    declined: list[Declined] = []
    cut, why = prunes(sessions)
    patches += cut
    declined += why
    for kind, of_kind in evidence.kinds().items():
        ordered = sorted(of_kind, key=lambda session: session.session)
        mended, why = repairs(kind, ordered)
        patches += mended
        declined += why
        kept, why = preserves(kind, ordered)
        patches += kept
        declined += why
    return Proposals(patches=sorted(patches, key=lambda patch: (patch.kind, patch.id)), declined=declined)
