"""Promotion: an evaluated skill takes the incumbent's place only when it is shown to be no worse and no dearer."""

from costcraft.evaluate.promotion.bisecting import Bisection, bisect
from costcraft.evaluate.promotion.judging import Judgement, judge
from costcraft.evaluate.promotion.promoting import Promotion, promote, written_back

__all__ = ["Bisection", "Judgement", "Promotion", "bisect", "judge", "promote", "written_back"]
