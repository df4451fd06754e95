"""How alike two rules are, and whether one forbids what the other demands.

Likeness is the Jaccard index of the sets of content words: those shared, over all those of either.
"""

import re

SAME = 0.7
"""At and above this likeness two rules of one kind and scope are joined."""
OPPOSED = 0.6
"""At and above this likeness two rules of opposite sense contradict each other."""

_STOP = frozenset(
    "a an the to of in on at by for from with and or it its is are be been was were this that these those your you i "
    "as so if when then than there their them what which who whom will would can could should may might must also "
    "always please every each any all".split()
)
_NEGATIONS = frozenset("not never avoid don't dont no without stop refrain cannot".split())
_LEADING = re.compile(r"^\W*(?:please\s+|always\s+)?(?:never|do not|don't|avoid|stop|refrain|no)\b", re.IGNORECASE)


def content_words(rule: str) -> frozenset[str]:
    """The words of a rule that carry its meaning, lower-case, without negations and plural endings."""
    words = re.findall(r"[a-z0-9_']+", rule.lower())
    return frozenset(_stem(word) for word in words if word not in _STOP and word not in _NEGATIONS)


def likeness(a: str, b: str) -> float:
    """Between 0 (no word in common) and 1 (the same words)."""
    left, right = content_words(a), content_words(b)
    if not left and not right:
        return 1.0
    return len(left & right) / len(left | right)


def forbids(rule: str) -> bool:
    """True when the rule as a whole is a prohibition."""
    return bool(_LEADING.match(rule))


def opposed(a: str, b: str) -> bool:
    """True when one rule forbids what the other demands."""
    return forbids(a) != forbids(b) and likeness(a, b) >= OPPOSED


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
