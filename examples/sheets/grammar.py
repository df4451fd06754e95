"""A small grammar of instructions: sentences, clauses, classes of words, and what a negation governs.

It knows nothing of habits and no sentence by heart; `intents` asks it what a clause says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PHRASES = [
    (re.compile(pattern), put)
    for pattern, put in [
        ("[\u2018\u2019]", "'"),
        ('[`*"\u201c\u201d()]', " "),
        (r"'s\b", " "),
        (r"\bwon't\b", "will not"),
        (r"\bcan't\b|\bcannot\b", "can not"),
        (r"n't\b", " not"),
        (r"'", " "),
        (r"\bre-?(read|open|fetch|load|list|run|quer|check|visit|scan|retriev|inspect|issu)(\w*)", r"\1\2 again"),
        (r"\bre-(call)(\w*)", r"\1\2 again"),
        (r"\bno matter\b", "regardless"),
        (r"\bnothing (\w+ ){0,2}(chang|writ|edit|modif|updat)\w*", "unchanged"),
        (r"\b(no|without) (an? |any |the )?(\w+ )?(change|write|writing|edit|update|modification)s?\b", "unchanged"),
        (r"\b(has|have|is|was|were|did|does|do) not (been )?(chang|edit|modif|updat|differ)\w*", "unchanged"),
        (r"\b(no|not) more than (once|one time)\b|\b(at most|only|just|exactly) (once|one time)\b", "only_once"),
        (r"\bmore than (once|one time)\b|\bover and over\b|\b(one|once) more( time)?\b|\btime and again\b", "again"),
        (r"\bonce only\b|\b(a|one) single time\b|\bone time only\b|\bonce (?=per\b|and\b|each\b)", "only_once "),
        (r"\bonce(?= *(,|$))|\bonce is (enough|sufficient|plenty)", "only_once"),
        (r"\b(a |the )?(second|third|another|two|multiple|several|many) times?\b", "again"),
        (r"\b(rather|other) than\b|\binstead of\b|\bin place of\b", "instead"),
        (r"\bno (need|reason|use|point|sense|call)\b( to| for| in)?", "pointless"),
        (
            r"\b(not|never) (\w+ )?(needed|need|necessary|required|helpful|useful|worth\w*|allowed|permitted)\b",
            "pointless",
        ),
        (r"\b(adds?|gains?|buys?|brings?|tells? you|teach(es)? you|yields?) nothing( new)?\b", "pointless"),
        (r"\bcosts? (money|tokens|double|twice)\b|\bmoney (lost|burnt|burned|wasted)\b", "pointless"),
        (r"\b(made?|mak(e|ing)) (\w+ )?up\b", "guess"),
        (r"\b(look|looking|looked) up\b", "lookup"),
        (r"\b(find|finding|found) out\b", "findout"),
        (r"\b(make|making) sure\b", "ensure"),
        (r"\bdouble[- ]check", "check"),
        (r"\b(do|does|should|must|can|may|shall|will) (not|never)\b", r"not"),
        (r"\bnever ever\b", "never"),
        (r"\b(not|never|avoid|stop) (waste|wasting|spend|spending)\b", "not"),
        (r"\bnot be (avoided|omitted)\b", "unavoidable"),
        (r"\bwithout (it|this|that|them)\b", "otherwise"),
        (r"\bfails? to\b", "not"),
    ]
]

_CLASSES = {
    "NEG": r"not|never|no|nor|neither|avoid\w*|skip\w*|without|instead|stop\w*|refrain\w*|omit\w*|forget\w*|"
    r"neglect\w*|hesitat\w*|ceas\w*|quit|refus\w*|forbid|forbids|nothing|rarely|seldom|resist|eliminat\w*|spare|"
    r"prevent\w*|ban|prohibit|drop|dropping",
    "WASTE": r"pointless|wast\w*|needless\w*|unnecessar\w*|unneeded|useless|superfluous|forbidden|prohibited|banned|"
    r"avoided|omitted",
    "AGAIN": r"again|twice|repeat\w*|duplicat\w*|redundant\w*|anew|identical|already|second|third|afresh",
    "ONCE": r"only_once",
    "READ": r"lookup|read|reads|reading|readings|open|opens|opening|opened|fetch\w*|load|loads|loading|loaded|query|"
    r"queries|querying|queried|retriev\w*|pull|pulling|pulled|scan\w*|look|looks|looking|view|viewing|inspect\w*|get|gets|"
    r"getting|consult\w*|download\w*|examin\w*|visit\w*|read_sheet|read_range",
    "CALL": r"call|calls|calling|called|run|runs|running|invok\w*|invocation\w*|execut\w*|issu\w*|requesting|requested",
    "LIST": r"list|lists|listing|listed|enumerat\w*|list_sheets",
    "REUSE": r"reus\w*|recall\w*|remember\w*|rely|relying|refer|keep|use|using|work|working|stick|trust\w*",
    "SHEET": r"sheets?|worksheets?|tabs?|workbooks?|files?|tables?|ranges?|cells?|rows?|columns?|data|contents?|"
    r"values?|figures?|spreadsheets?|read_sheet|read_range|pages?",
    "NAMES": r"names?|list_sheets|tabs|sheets|worksheets",
    "ANY": r"tools?|calls?|functions?|results?|outputs?|anything|something|things?|information|lookups?|what|whatever|"
    r"arguments?|args|parameters?|steps?|actions?|everything",
    "WRITE": r"writ\w*|wrote|write_cell|edit|edits|edited|editing|fill|fills|filled|filling|store|stores|stored|"
    r"storing|save|saves|saved|saving|enter|enters|entered|entering|put|puts|putting|chang\w*|modif\w*|updat\w*|set|setting",
    "GUESS": r"guess\w*|assum\w*|invent\w*|presum\w*|suppos\w*|imagin\w*",
    "CHECK": r"check|checks|checking|checked|verif\w*|confirm\w*|validat\w*|prove|proving|ensure|ensuring|compar\w*",
    "BACK": r"back",
    "NUMBER": r"numbers?|numeric\w*|numerals?|figures?|amounts?|totals?|floats?|integers?|counts?|values?",
    "NUMERIC": r"numbers?|numeric\w*|floats?|integers?",
    "TEXT": r"text|texts|textual|strings?|str|words",
    "QUOTE": r"quot\w*|apostrophes?",
    "FORMER": r"already|earlier|previous\w*|before|first|prior",
    "HELD": r"have|got|hold|held|read|seen|fetched|received|returned|hand|memory|conversation|context|loaded|saw",
    "YOU": r"you|it|they|we|i|them|this|that|one",
}
_CLASS_OF = {name: re.compile(rf"(?:{words})$") for name, words in _CLASSES.items()}
_SKIP = re.compile(
    r"(?:a|an|the|any|every|each|all|same|whole|entire|full|big|large|of|at|to|from|in|into|on|for|with|by|and|or|up|be|"
    r"is|are|been|being|do|does|did|has|have|had|can|could|should|must|may|will|would|ever|always|also|just|only|once|"
    r"one|two|your|its|their|this|that|those|these|some|more|other|such|please|under|circumstances|time|times|make|making|"
    r"made|through|over|there|here|if|then|you|it|them|they|we|own|fully|simply|even|costs?|money|tokens|unchanged|"
    r"between|further|extra|additional|right|so|exact|exactly|given|regardless|very|whose|which|during|within|as|needs?|single)$"
)
CONDITIONS = frozenset(
    {"before", "until", "till", "unless", "after", "when", "whenever", "if", "once", "while", "except"}
)
_LEADS = CONDITIONS | {"because", "since", "but", "although", "though", "so", "then"}
_IMPERATIVES = frozenset({"not", "never", "avoid", "always", "reuse"})


@dataclass(frozen=True, slots=True)
class Clause:
    """A run of words that one verb governs, and the word that ties it to the rest ('' for a main clause)."""

    lead: str
    words: tuple[str, ...]

    def at(self, *classes: str) -> list[int]:
        """Positions of the words that belong to one of the classes."""
        return [i for i, word in enumerate(self.words) if any(is_a(word, name) for name in classes)]

    def has(self, *classes: str) -> bool:
        return bool(self.at(*classes))

    @property
    def commands(self) -> bool:
        """False for a condition: what it names is presupposed, not asked for."""
        return self.lead not in CONDITIONS

    def negated(self, position: int) -> bool:
        """Whether the word there is forbidden: an odd number of negations governs it."""
        before = sum(is_a(word, "NEG") for word in self.words[:position])
        return (before + len(self.at("WASTE"))) % 2 == 1

    def object_of(self, position: int) -> str | None:
        """The word that says what a verb acts on: the first after it, else before it; None when nothing is named."""
        for word in (*self.words[position + 1 :], *self.words[:position]):
            if any(is_a(word, name) for name in ("SHEET", "NAMES", "ANY")):
                return word
            if not _filler(word):
                return word
        return None


def is_a(word: str, name: str) -> bool:
    """Whether a word belongs to a class."""
    return _CLASS_OF[name].match(word) is not None


def _filler(word: str) -> bool:
    filling = ("NEG", "WASTE", "AGAIN", "ONCE", "READ", "CALL", "LIST", "FORMER", "REUSE", "WRITE")
    return _SKIP.match(word) is not None or any(is_a(word, name) for name in filling)


def sentences(text: str) -> Iterator["Sentence"]:
    """The sentences of a text, each as its clauses."""
    for part in re.split("[.!?:](?=\\s|$)|\n|\u2014|\u2013", text):
        clauses = tuple(_clauses(_plain(part)))
        if clauses:
            yield clauses


def _plain(text: str) -> str:
    text = text.lower()
    for pattern, put in _PHRASES:
        text = pattern.sub(put, text)
    return text


def _clauses(text: str) -> Iterator[Clause]:
    words: list[str] = []
    lead, pending = "", False
    for piece in re.split(r"([,;])", text):
        if piece in {",", ";"}:
            pending = True
            continue
        for word in re.findall(r"[a-z_0-9]+", piece):
            if words and _breaks(lead, words, word, comma=pending):
                yield Clause(lead, tuple(words))
                lead, words = "", []
            pending = False
            if not words and not lead and word in _LEADS:
                lead = word
            else:
                words.append(word)
    if words:
        yield Clause(lead, tuple(words))


def _breaks(lead: str, words: list[str], word: str, *, comma: bool) -> bool:
    clause = Clause(lead, tuple(words))
    if word in _LEADS:
        return not (word == "before" and _has_former(words))
    if comma:
        return not (is_a(words[-1], "NEG") or _open_negation(clause) or _open_list(clause, word))
    if lead in CONDITIONS and word in _IMPERATIVES:
        return not is_a(words[-1], "YOU")
    return word in _IMPERATIVES and words[-1] == "and"


def _has_former(words: list[str]) -> bool:
    """'as before', 'seen before' close a clause; they open none."""
    return words[-1] in {"as", "seen", "done", "ever"}


def _open_negation(clause: Clause) -> bool:
    """'Do not, under any circumstances, ...': the negation waits for its verb."""
    verbs = clause.has("READ", "CALL", "LIST", "WRITE", "CHECK", "GUESS", "REUSE", "BACK", "AGAIN")
    return not verbs and clause.words[0] in {"not", "never"}


def _open_list(clause: Clause, word: str) -> bool:
    """'Never read, open or fetch ...': the negation waits for its object."""
    verbs = clause.at("READ", "CALL", "LIST")
    return bool(verbs) and verbs[-1] == len(clause.words) - 1 and (is_a(word, "READ") or word in {"or", "and"})


Sentence = tuple[Clause, ...]
Reading = bool | None
"""What a sentence says of one habit. True: forbids it; False: asks for it; None: it is about something else."""


def after_a_write(sentence: Sentence) -> bool:
    """The sentence speaks of what comes after something was written."""
    return any(
        clause.lead in {"after", "once", "when", "whenever", "if"}
        and clause.has("WRITE")
        and not clause.has("NEG")
        and "unchanged" not in clause.words
        for clause in sentence
    )
