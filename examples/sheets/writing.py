"""What a sentence says about how values are written, and about reading back what was written."""

from examples.sheets.grammar import Clause, Reading, Sentence, after_a_write, is_a


def forbids_quoting(sentence: Sentence) -> Reading:
    """True: numbers are to be written as numbers; False: as text."""
    for index, clause in enumerate(sentence):
        earlier = sentence[index - 1] if index else None
        if (answer := _text_form(clause, earlier)) is not None:
            return answer
        if (answer := _number_form(clause)) is not None:
            return answer
    return None


def _text_form(clause: Clause, earlier: Clause | None) -> Reading:
    """A number 'as text', 'to a string', 'in quotes', 'not text'."""
    numbers = clause.has("NUMBER") or (earlier is not None and earlier.has("NUMBER"))
    for at in clause.at("TEXT", "QUOTE"):
        near = [word for word in clause.words[max(0, at - 3) : at] if word not in {"a", "an", "the", "plain"}]
        formed = is_a(clause.words[at], "QUOTE") or any(w in {"as", "to", "into", "like", "instead"} for w in near)
        formed = formed or near[-1:] == ["not"]
        if numbers and formed and clause.words[at] != "words":
            return clause.negated(at)
    return None


def _number_form(clause: Clause) -> Reading:
    """'as numbers', 'must be numeric', 'numerically', 'unquoted'."""
    for at, word in enumerate(clause.words):
        if not is_a(word, "NUMERIC") and word != "unquoted":
            continue
        near = clause.words[max(0, at - 4) : at]
        formed = word in {"numerically", "unquoted"} or any(w in _FORM for w in near)
        subject = any(is_a(w, "NUMBER") or is_a(w, "SHEET") or w == "results" for w in clause.words[:at])
        said = clause.has("WRITE", "READ", "REUSE") or word == "unquoted" or any(w in _STATE for w in near)
        if formed and subject and said:
            return not clause.negated(at)
    return None


_STATE = frozenset({"be", "stay", "go", "goes", "hold"})
_FORM = _STATE | {"as", "remain", "keep", "in"}


def asks_to_verify(sentence: Sentence) -> Reading:
    """True: read back what was written; False: do not."""
    after = after_a_write(sentence)
    for clause in sentence:
        if clause.lead in {"after", "once", "when", "whenever", "if", "unless"} or clause.words[0] == "only":
            continue
        for at in clause.at("READ", "CHECK"):
            if (after or _own_write(clause, at)) and not _ahead_of_writing(sentence, clause):
                return _wanted(clause, at)
    return None


def _own_write(clause: Clause, at: int) -> bool:
    """The verb is about what was written: 'back', 'what you wrote', 'your write', 'that the cell holds'."""
    rest = clause.words[at + 1 :]
    first = clause.words[:at]
    if "followed" in first and any(is_a(word, "WRITE") for word in first):
        return True
    if is_a(clause.words[at], "READ"):
        return "back" in rest or any(word in {"wrote", "written", "filled", "edited"} for word in rest)
    written = any(word in {"wrote", "written", "write", "writes", "write_cell", "edit", "edits"} for word in rest)
    cell = any(word in {"cell", "cells"} for word in rest) and any(
        word in {"hold", "holds", "contains", "contain", "landed", "stored", "has", "shows"} for word in rest
    )
    return written or cell


def _ahead_of_writing(sentence: Sentence, clause: Clause) -> bool:
    return any(other.lead == "before" and other is not clause and other.has("WRITE") for other in sentence)


def _wanted(clause: Clause, at: int) -> bool:
    if clause.lead in {"before", "until", "till"}:
        # "Do not answer before reading back": what is presupposed is asked for.
        return True
    return not clause.negated(at)
