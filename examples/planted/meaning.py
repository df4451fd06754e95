"""What a sentence says about the acts that only these domains have. None: it is about something else."""

from examples.sheets.grammar import Reading, Sentence, after_a_write, is_a
from examples.sheets.repeating import forbids_rereading
from examples.sheets.writing import asks_to_verify as asks_to_read_back


def asks_to_verify(sentence: Sentence) -> Reading:
    """True: look at what was written; False: do not."""
    said = asks_to_read_back(sentence)
    if said is not None:
        return said
    for clause in sentence:
        for at, word in enumerate(clause.words):
            if word == "check_label" and clause.commands:
                return not clause.negated(at)
            placed = is_a(word, "CHECK") and {"went", "value"} <= set(clause.words)
            if placed and not clause.negated(at):
                return True
    return None


def forbids_browsing(sentence: Sentence) -> Reading:
    """Reading only what is needed; not the old sheets."""
    for clause in sentence:
        words = set(clause.words)
        acts = clause.at("READ", "CALL")
        if acts and {"only"} & words and not clause.negated(acts[0]):
            after = " ".join(word for other in sentence for word in (other.lead, *other.words))
            if any(told in after for told in ("needs", "need", "asked", "names")):
                return True
        if acts and words & {"archive", "old", "unrelated"} and clause.commands:
            return clause.negated(acts[0])
    return None


def forbids_rechecking(sentence: Sentence) -> Reading:
    """Not to read again, whatever was changed."""
    spared = any("unchanged" in clause.words for clause in sentence)
    if spared or any(clause.lead in {"unless", "except", "until"} for clause in sentence):
        return None
    if after_a_write(sentence) or any(is_a(word, "WRITE") for clause in sentence for word in clause.words):
        again = [c for c in sentence for at in c.at("READ", "CHECK") if c.has("AGAIN") and c.negated(at)]
        return True if again else None
    rates = any(word in {"rates", "levels"} for clause in sentence for word in clause.words)
    return True if rates and forbids_rereading(sentence) else None


def forbids_retrying(sentence: Sentence) -> Reading:
    """Not to make a call again that failed."""
    failed = any(word in {"failed", "fails", "busy"} for clause in sentence for word in clause.words)
    for clause in sentence:
        again = clause.at("AGAIN")
        if failed and again and clause.commands and not clause.has("GUESS"):
            return True if clause.negated(again[0]) else None
    return None


def forbids_finding_all(sentence: Sentence) -> Reading:
    """One search, or one part, is enough."""
    for clause in sentence:
        acts = clause.at("READ", "CALL")
        words = set(clause.words)
        alike = words & {"similar", "alike", "almost"} or {"second", "part"} <= words or {"second", "range"} <= words
        if alike and (acts or words & {"find_rows", "search"}) and clause.commands:
            return clause.negated(acts[0] if acts else len(clause.words))
    return None


def asks_for_codes(sentence: Sentence) -> Reading:
    """True: codes and identifiers stay text."""
    for clause in sentence:
        if set(clause.words) & {"code", "codes", "identifier", "identifiers"} and clause.has("TEXT"):
            at = clause.at("TEXT")[0]
            return not clause.negated(at)
    return None
