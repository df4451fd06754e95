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
    ahead = any(o.lead == "before" and (o.has("READ", "CALL") or "anything" in o.words) for o in others)
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
    if not any(is_a(word, "NAMES") or word == "sheet" for word in clause.words):
        return False
    acts = [i for i, w in enumerate(clause.words) if w in _TAKE or any(is_a(w, n) for n in ("READ", "CALL", "REUSE"))]
    if not acts:
        return False
    forbidden = clause.negated(acts[0])
    if any(word in _UNKNOWN for word in clause.words):
        return forbidden
    known = [i for i, word in enumerate(clause.words) if word in _KNOWN]
    if not known:
        return False
    if forbidden:
        return any(is_a(word, "NEG") for word in clause.words[acts[0] : known[-1] + 1])
    told = clause.words[known[-1] - 1] == "from" and any(w in {"name", "names"} for w in clause.words)
    return told or "only" in clause.words


_TAKE = frozenset({"take", "copy", "try", "give", "pass", "choose", "pick"})
_KNOWN = frozenset(
    {"exist", "exists", "existing", "returned", "listed", "list_sheets", "confirmed", "known", "seen", "real"}
)
_UNKNOWN = frozenset({"unseen", "unknown", "unlisted", "unconfirmed", "unverified", "invented", "guessed", "unchecked"})
