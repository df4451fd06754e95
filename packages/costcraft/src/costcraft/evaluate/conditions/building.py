"""The skills of a distillation with some of its rules."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from costcraft.adopted import read_made
from costcraft.block import inside
from costcraft.errors import PlanInvalid
from costcraft.evaluate.conditions.folders import check_free, copy_skill
from costcraft.evaluate.plan import Condition
from costcraft.files import replace_file
from costcraft.likeness import opposed, same
from costcraft.skill import SKILL_FILE, parse_skill, with_block
from costcraft.writers.lock import LOCK_FILE, lock_change, read_lock
from costcraft.writers.plan import SKILLS, read_plan
from costcraft.writers.rules import PORTABLE
from costcraft.writers.sections import Sections, read, renewed, rule_id, rule_text, written


class Pair(NamedTuple):
    """One skill of a distillation: as it started, and as it was distilled, edits by hand included."""

    name: str
    before: str | None
    """None: the distillation made it."""
    after: str
    told: Mapping[str, object]
    """What its lock files say, by rule."""
    path: Path
    """Of its evolved SKILL.md, for messages."""

    @property
    def ids(self) -> list[str]:
        """The rules that stand in the evolved skill."""
        return [rule for line in _lines(self.evolved) if (rule := rule_id(line))]

    @property
    def base_ids(self) -> set[str]:
        """The rules that stood in it before."""
        return {rule for line in _lines(self.base) if (rule := rule_id(line))}

    @property
    def evolved(self) -> Sections:
        return read(inside(parse_skill(self.after, path=self.path).block))

    @property
    def base(self) -> Sections:
        return {} if self.before is None else read(inside(parse_skill(self.before, path=self.path).block))


def read_pairs(out: Path) -> list[Pair]:
    """The skills of a distillation's output directory. Raises StageInvalid, SkillInvalid."""
    plan = read_plan(out)
    locks = {change.path: change for change in plan.changes if change.path.endswith(f"/{LOCK_FILE}")}
    found = []
    for change in plan.changes:
        name, _, file = change.path.partition("/")
        if file == SKILL_FILE:
            lock = locks.get(f"{name}/{LOCK_FILE}")
            told = {**read_lock(lock.before), **read_lock(lock.after)} if lock else {}
            found.append(Pair(name, change.before, change.after, told, out / SKILLS / change.path))
    return found


def build(condition: Condition, out: Path, to: Path) -> list[Path]:
    """Write the skills of a distillation, with the rules that the condition wants, into the folder `to`.

    Where `only` names rules, they are put into the skill it started from. Otherwise those that are not wanted are taken
    out of the skill as it was distilled; a rule of that skill that had given way to one of them is there again.

    Raises:
        PlanInvalid: it has no such rule, or the skill it started from is not there any more.
        StageInvalid, SkillInvalid: `out` is no output directory of a distillation, or its skills are none.
    """
    pairs = read_pairs(out)
    _all_known(condition, out, [rule for pair in pairs for rule in pair.ids])
    source = Path(read_made(out).skill)
    made = []
    for pair in pairs:
        text = _text(pair, condition)
        if text is None:
            continue
        if pair.before is not None:
            at = source if pair.name == source.name else source.parent / pair.name
            if not (at / SKILL_FILE).is_file():
                raise PlanInvalid(
                    f"{at}: is not there any more; {out} started from that skill, whose other files are needed. Put it "
                    "back, or distil again"
                )
            copy_skill(at, to)
        else:
            check_free(to / pair.name, pair.path.parent)
        made.append(_write(to, pair, text))
    return made


def _write(to: Path, pair: Pair, text: str) -> Path:
    place = to / pair.name
    replace_file(place / SKILL_FILE, text.encode())
    (place / LOCK_FILE).unlink(missing_ok=True)  # that of the source may tell of a later application
    told = {rule: each for rule, each in pair.told.items() if f"[{rule}]" in text}
    lock = lock_change(to, f"{pair.name}/{LOCK_FILE}", told)
    if lock is not None:
        replace_file(to / lock.path, lock.after.encode())
    return place


def _text(pair: Pair, condition: Condition) -> str | None:
    """The SKILL.md; None where nothing of that skill is left."""
    known = set(pair.ids)
    left = {rule for rule in known if not _wanted(pair, rule, condition)}
    if condition.only is None:
        if not left:
            return pair.after
        kept = _without(pair.evolved, left)
        start, sections = pair.after, {**kept, **_given_back(pair, kept, left)}
    else:
        chosen = _without(pair.evolved, known - set(condition.only) | left, named=True)
        if pair.before is None and not chosen:
            return None
        start = pair.after if pair.before is None else pair.before
        if not chosen and not left & pair.base_ids:
            return start
        sections = renewed(chosen, _without(pair.base, set(condition.without)))
    if pair.before is None and not sections:
        return None
    return with_block(parse_skill(start, path=pair.path), written(sections))


def _wanted(pair: Pair, rule: str, condition: Condition) -> bool:
    """Whether a rule is to stand. One that stood there before is not the distillation's to leave out by its scope."""
    if rule in condition.without:
        return False
    scope = "portable" if pair.name == PORTABLE else "domain"
    return scope in condition.scopes or rule in pair.base_ids


def _without(sections: Sections, left: set[str], *, named: bool = False) -> dict[str, list[str]]:
    """The sections without these rules; with `named`, without a person's lines too."""
    found = {
        section: [line for line in lines if rule_id(line) not in left and (rule_id(line) or not named)]
        for section, lines in sections.items()
    }
    return {section: lines for section, lines in found.items() if lines}


def _given_back(pair: Pair, kept: Sections, left: set[str]) -> dict[str, list[str]]:
    """The sections into which lines come back that had given way to what is left out, and to nothing else."""
    said = {rule: rule_text(line) for line in _lines(pair.evolved) if (rule := rule_id(line))}
    gone = [said[rule] for rule in left]
    there = [text for rule, text in said.items() if rule not in left]
    found: dict[str, list[str]] = {}
    for section, lines in pair.base.items():
        for line in lines:
            rule, text = rule_id(line), rule_text(line)
            if rule is not None and rule not in said and _meets(text, gone) and not _meets(text, there):
                found.setdefault(section, list(kept.get(section, ()))).append(line)
    return found


def _meets(text: str, others: Sequence[str]) -> bool:
    return any(same(text, other) or opposed(text, other) for other in others)


def _lines(sections: Sections) -> list[str]:
    return [line for lines in sections.values() for line in lines]


def _all_known(condition: Condition, out: Path, there: Sequence[str]) -> None:
    unknown = sorted({*(condition.only or ()), *condition.without} - set(there))
    if unknown:
        raise PlanInvalid(
            f"{out}: holds no rule {', '.join(unknown)}; the rules there are: {', '.join(there) or 'none'}"
        )
