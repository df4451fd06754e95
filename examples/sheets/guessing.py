"""What a sentence says about trying sheet names that were not looked up."""

from examples.sheets.grammar import Clause, Reading, Sentence, is_a


def forbids_guessing(sentence: Sentence) -> Reading:
    for clause in sentence:
        for at in clause.at("GUESS"):
            if clause.commands and _is_name(clause, at):
                return clause.negated(at)
        if (answer := _names_first(sentence, clause)) is not None:
            return answer
        if clause.commands and _only_known(clause):
            return True
    return None


def _is_name(clause: Clause, at: int) -> bool:
    words = clause.words[at + 1 :] or clause.words
    return any(is_a(word, "NAMES") or word in {"sheet", "worksheet", "tab"} or word == "sheet1" for word in words)


def _names_first(sentence: Sentence, clause: Clause) -> Reading:
    """Learn the names before any sheet is read."""
    seeks = clause.at("LIST") or [
        i for i, w in enumerate(clause.words) if is_a(w, "CHECK") or is_a(w, "READ") or w in _SEEK
    ]
    if not seeks or not _names_sought(clause, seeks[0]):
        return None
    others = [other for other in sentence if other is not clause]
    if clause.lead in {"before", "until", "till"}:
        held_back = any(o.negated(i) for o in others if o.commands for i in o.at("READ", "CALL"))
        return True if held_back and not clause.has("NEG") else None
    if not clause.commands:
        return None
    first = any(word in {"first", "start", "begin", "starting", "beginning"} for word in clause.words)
    ahead = any(o.lead == "before" and o.has("READ", "CALL") for o in others)
    if not (first or ahead):
        return None
    return not clause.negated(seeks[0])


_SEEK = frozenset({"lookup", "findout", "see", "learn", "discover", "ask", "know", "call"})


def _names_sought(clause: Clause, at: int) -> bool:
    if "list_sheets" in clause.words:
        return True
    rest = clause.words[at + 1 :]
    if is_a(clause.words[at], "LIST"):
        return any(word in {"sheets", "worksheets", "tabs", "names"} for word in rest)
    return any(word in {"sheets", "worksheets", "tabs"} for word in rest if "names" in rest or "which" in rest) or (
        "names" in rest and any(is_a(word, "SHEET") for word in rest)
    )


def _only_known(clause: Clause) -> bool:
    """Only sheets or names that are known to exist, or: none whose name is not known."""
    known = [
        i
        for i, word in enumerate(clause.words)
        if word
        in {"exist", "exists", "existing", "returned", "listed", "list_sheets", "confirmed", "known", "seen", "real"}
    ]
    unknown = [i for i, word in enumerate(clause.words) if word in _UNKNOWN]
    named = any(is_a(w, "NAMES") or w == "sheet" for w in clause.words) and clause.has("READ", "CALL", "REUSE")
    if not named:
        return False
    acts = clause.at("READ", "CALL", "REUSE")
    if unknown:
        return clause.negated(acts[0])
    refused = known and clause.negated(acts[0]) and any(is_a(w, "NEG") for w in clause.words[acts[0] : known[-1]])
    return bool(refused or (known and "only" in clause.words and not clause.negated(acts[0])))


_UNKNOWN = frozenset({"unseen", "unknown", "unlisted", "unconfirmed", "unverified", "invented", "guessed", "unchecked"})
