"""What a sentence says about doing the same twice: reading the data again, listing the sheets again."""

from examples.sheets.grammar import Clause, Reading, Sentence, after_a_write, is_a


def forbids_rereading(sentence: Sentence) -> Reading:
    return _forbids_repeating(sentence, "data")


def forbids_relisting(sentence: Sentence) -> Reading:
    return _forbids_repeating(sentence, "names")


def _forbids_repeating(sentence: Sentence, aim: str) -> Reading:
    if after_a_write(sentence) and sentence[0].words[0] != "only":
        return None
    answers = [answer for clause in sentence if clause.commands for answer in _of_clause(sentence, clause, aim)]
    return None if not answers else any(answers)


def _of_clause(sentence: Sentence, clause: Clause, aim: str) -> list[bool]:
    acts = [at for at in clause.at("READ", "CALL", "LIST") if aim in _aims(sentence, clause, at)]
    answers = [answer for at in acts if (answer := _repeats(sentence, clause, at)) is not None]
    return [*answers, True] if aim in _reuses(clause) else answers


def _repeats(sentence: Sentence, clause: Clause, at: int) -> Reading:
    if _single(clause):
        return None if clause.negated(at) else True
    if not _again(clause):
        return None
    if clause.negated(at) or _only_on_condition(sentence, clause):
        return True
    # "what you have already read" and "the call is made twice" ask for nothing; an imperative does.
    told = any(word != "already" for word in (clause.words[i] for i in clause.at("AGAIN")))
    return False if told and all(word in _OPENING for word in clause.words[:at]) else None


_OPENING = frozenset(
    {"always", "please", "you", "may", "must", "should", "can", "will", "to", "then", "first", "also"}
) | {
    *("and", "do", "not", "never", "avoid", "skip"),
}
"""What may stand before an imperative's verb."""


def _only_on_condition(sentence: Sentence, clause: Clause) -> bool:
    """'Only read a sheet again if ...': otherwise do not."""
    return clause.words[0] == "only" and any(not other.commands for other in sentence)


def _single(clause: Clause) -> bool:
    enough = any(word in {"enough", "suffices", "sufficient", "suffice"} for word in clause.words)
    return clause.has("ONCE") or (enough and any(word in {"one", "single"} for word in clause.words))


def _again(clause: Clause) -> bool:
    marks = clause.at("AGAIN")
    loose = {"second", "third"}
    return any(
        clause.words[i] not in loose
        or any(is_a(w, n) for w in clause.words[i + 1 : i + 3] for n in ("READ", "CALL", "LIST"))
        for i in marks
    ) or any(
        word == "same" and any(w in {"call", "arguments", "args", "parameters"} for w in clause.words[i + 1 : i + 3])
        for i, word in enumerate(clause.words)
    )


def _aims(sentence: Sentence, clause: Clause, at: int) -> set[str]:
    """What an act is about: the data, the sheets' names, both, or neither."""
    verb = clause.words[at]
    if verb in {"read_sheet", "read_range"}:
        return {"data"}
    if verb == "list_sheets":
        return {"names"}
    thing = clause.object_of(at) or _elsewhere(sentence, clause)
    if is_a(verb, "LIST"):
        return {"names"} if thing in _LISTED or (thing is not None and is_a(thing, "NAMES")) else set()
    if is_a(verb, "CALL") and thing is not None and not is_a(thing, "ANY") and "_" not in thing:
        return set()
    return _about(clause, thing)


_LISTED = frozenset({"workbook", "sheet", "worksheet", "tab"})


def _about(clause: Clause, thing: str | None) -> set[str]:
    if clause.has("WRITE") and "write_cell" in clause.words:
        return set()
    if clause.has("LIST") or _names_wanted(clause) or thing == "list_sheets":
        return {"names"} if "read_sheet" not in clause.words else {"names", "data"}
    if thing is None or is_a(thing, "ANY"):
        return {"data", "names"}
    return {"data"} if is_a(thing, "SHEET") else set()


def _names_wanted(clause: Clause) -> bool:
    """'the sheet names', 'the names of the sheets'."""
    return any(word in {"name", "names"} for word in clause.words) and clause.has("SHEET")


def _elsewhere(sentence: Sentence, clause: Clause) -> str | None:
    """What a pronoun stands for: the last thing named in the clauses around it."""
    things = [other.words[i] for other in sentence if other is not clause for i in other.at("SHEET", "ANY")]
    return things[0] if things else None


def _reuses(clause: Clause) -> set[str]:
    """'Reuse the result you already have': what is to be used again in place of being asked for again."""
    for at in clause.at("REUSE"):
        thing = clause.object_of(at)
        strong = is_a(clause.words[at], "REUSE") and clause.words[at].startswith(("reus", "recall", "remember"))
        in_hand = clause.has("FORMER") and clause.has("HELD")
        if clause.negated(at) or thing is None or not (strong or in_hand):
            continue
        if _names_wanted(clause):
            return {"names"}
        if is_a(thing, "ANY"):
            return {"data", "names"}
        if is_a(thing, "SHEET"):
            return {"data"}
    return set()
