"""What a sentence says about the acts that only these domains have. None: it is about something else."""

from dataclasses import replace

from examples.sheets.grammar import Clause, Reading, Sentence, is_a
from examples.sheets.guessing import forbids_guessing
from examples.sheets.repeating import forbids_relisting, forbids_rereading
from examples.sheets.writing import asks_to_verify as asks_to_read_back
from examples.sheets.writing import forbids_quoting

LIKE_READING = {"find_rows": "read_range", "check_label": "read_range"}
"""Tools that the grammar does not know, and one it knows that is like them."""


def forbids_reading_twice(sentence: Sentence) -> Reading:
    """The same figures, a second time."""
    if _once_for_all(sentence):
        return True
    return None if _about_failure(sentence) or _about_money(sentence) else forbids_rereading(_known(sentence))


def forbids_listing_twice(sentence: Sentence) -> Reading:
    """The sheets' names, a second time."""
    return None if _about_failure(sentence) or _about_money(sentence) else forbids_relisting(_known(sentence))


def asks_for_numbers(sentence: Sentence) -> Reading:
    """True: values as numbers; False: as text. What is said of codes alone is not about all values."""
    return None if _has(sentence, "code", "codes", "identifier", "identifiers", "digits") else forbids_quoting(sentence)


def asks_for_codes(sentence: Sentence) -> Reading:
    """True: codes and identifiers stay text."""
    for clause in sentence:
        if set(clause.words) & {"code", "codes", "identifier", "identifiers"} and clause.has("TEXT"):
            return not clause.negated(clause.at("TEXT")[0])
    return None


def asks_to_verify(sentence: Sentence) -> Reading:
    """True: look at what was written; False: do not."""
    if _has(sentence, "rates", "levels"):
        return None
    if _once_for_all(sentence):
        return False
    if any(clause.lead == "before" and clause.has("WRITE") for clause in sentence):
        return None
    said = asks_to_read_back(sentence)
    return _checks_places(sentence) if said is None else said


def _checks_places(sentence: Sentence) -> Reading:
    """Calling the tool that checks; ending with a reading; checking that values went where they belong."""
    for clause in sentence:
        ends = clause.words[0] == "finish" and clause.has("READ")
        if ends and not clause.negated(clause.at("READ")[0]):
            return True
        for at, word in enumerate(clause.words):
            placed = is_a(word, "CHECK") and {"went", "value"} <= set(clause.words)
            if (word == "check_label" and clause.commands) or placed:
                return not clause.negated(at)
    return None


def forbids_trying(sentence: Sentence) -> Reading:
    """Names, or other arguments, that were not looked up."""
    for clause in sentence:
        for at in clause.at("GUESS"):
            if clause.commands and set(clause.words) & {"argument", "arguments"}:
                return clause.negated(at)
    return forbids_guessing(sentence)


def forbids_browsing(sentence: Sentence) -> Reading:
    """Reading only what is needed; not the sheets that nobody asked about."""
    words = {word for clause in sentence for word in (clause.lead, *clause.words)}
    for clause in sentence:
        acts = _known((clause,))[0].at("READ", "CALL")
        if not acts or not clause.commands:
            continue
        if "only" in clause.words and words & {"needs", "need", "asked", "names"}:
            return not clause.negated(acts[0])
        if words & {"archive", "unrelated", "asked"}:
            return clause.negated(acts[0])
    return None


def forbids_rechecking(sentence: Sentence) -> Reading:
    """Not to read again, whatever was changed."""
    if _once_for_all(sentence):
        return True
    if not _has(sentence, "rates", "levels") or not any(clause.has("WRITE") for clause in sentence):
        return None
    again = [clause.negated(at) for clause in sentence if clause.has("AGAIN") for at in clause.at("READ", "CHECK")]
    return again[0] if again and "unchanged" not in {word for clause in sentence for word in clause.words} else None


def _once_for_all(sentence: Sentence) -> bool:
    """'Never read a sheet twice, even after you have written to it'."""
    once = any(clause.has("READ") and _not_again(clause) for clause in sentence)
    return once and _has(sentence, "even") and any(clause.has("WRITE") for clause in sentence)


def _not_again(clause: Clause) -> bool:
    return clause.has("ONCE") or (clause.has("AGAIN") and clause.negated(clause.at("AGAIN")[0]))


def forbids_retrying(sentence: Sentence) -> Reading:
    """Not to make a call again that failed."""
    if not _about_failure(sentence):
        return None
    for clause in sentence:
        again = clause.at("AGAIN")
        if again and clause.commands and not clause.has("GUESS"):
            return True if clause.negated(again[0]) else None
    return None


def forbids_taking_first(sentence: Sentence) -> Reading:
    """Not to read a value long before it is needed."""
    for clause in sentence:
        acts = clause.at("READ")
        if acts and "long" in clause.words and any(other.lead == "before" for other in sentence):
            return clause.negated(acts[0])
    return None


def forbids_finding_all(sentence: Sentence) -> Reading:
    """One search, or one part, is enough."""
    for clause in sentence:
        acts = clause.at("READ", "CALL")
        if set(clause.words) & {"similar", "alike"} and acts and clause.commands:
            return clause.negated(acts[0])
    return None


def _about_failure(sentence: Sentence) -> bool:
    return _has(sentence, "failed", "fails", "busy")


def _about_money(sentence: Sentence) -> bool:
    """'... is paid for again on every later call' tells a reason and asks for nothing."""
    return _has(sentence, "paid")


def _has(sentence: Sentence, *words: str) -> bool:
    return any(word in words for clause in sentence for word in clause.words)


def _known(sentence: Sentence) -> Sentence:
    return tuple(_renamed(clause) for clause in sentence)


def _renamed(clause: Clause) -> Clause:
    return replace(clause, words=tuple(LIKE_READING.get(word, word) for word in clause.words))
