"""The agentskills.io writer: portable rules into a skill of their own, domain rules into the given skill."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from costcraft.errors import SkillInvalid
from costcraft.patch import Patch, Prune
from costcraft.skill import (
    BEGIN,
    END,
    SKILL_FILE,
    Skill,
    check_frontmatter,
    new_skill,
    parse_skill,
    portability,
    read_skill_text,
    with_block,
)
from costcraft.stages import NOT_YAML, dump
from costcraft.writers.files import read_bytes
from costcraft.writers.plan import FileChange, Plan

LOCK_FILE = "costcraft.lock.yaml"
PORTABLE = "cost-discipline"
PORTABLE_DESCRIPTION = (
    "Work with fewer calls and tokens at the same quality: what to leave out, learned from traced sessions. "
    "Use for every task in which you call tools."
)
_ID = re.compile(r"\[(r-[0-9a-f]{8})\]\s*$")
_ORDER = ("Get it right", "Do not spend on", "Keep doing")


def load_base(directory: Path) -> tuple[Skill, list[str]]:
    """The skill the domain rules go into, and warnings. Raises SkillInvalid."""
    text = read_skill_text(directory)  # first: what is not there, or a link to itself, has no real path
    directory = directory.resolve()
    skill = parse_skill(text, path=directory / SKILL_FILE)
    problems = check_frontmatter(skill.frontmatter, directory.name)
    if problems:
        raise SkillInvalid(f"{directory / SKILL_FILE}: {'; '.join(problems)}")
    return skill, [f"{SKILL_FILE}: {warning}" for warning in portability(skill)]


def plan(patches: Sequence[Patch], directory: Path) -> Plan:
    """The changes that bring these rules into a skill and into the portable skill beside it.

    Rules that an earlier distillation wrote stay, unless these renew them: an agent that obeys a rule shows no
    evidence for it any more.

    Raises SkillInvalid when `directory` is not a skill.
    """
    domain, _ = load_base(directory)
    directory = directory.resolve()
    root = directory.parent
    if directory.name == PORTABLE:
        return Plan(root=str(root), changes=_files(root, PORTABLE, domain, patches))
    own = [patch for patch in patches if patch.scope == "domain"]
    portable = [patch for patch in patches if patch.scope == "portable"]
    there = (root / PORTABLE / SKILL_FILE).is_file()
    other = load_base(root / PORTABLE)[0] if there else None
    return Plan(
        root=str(root),
        changes=_files(root, directory.name, domain, own) + _files(root, PORTABLE, other, portable),
    )


def _files(root: Path, name: str, skill: Skill | None, patches: Sequence[Patch]) -> list[FileChange]:
    if skill is None:
        if not patches:
            return []
        after = new_skill(name, PORTABLE_DESCRIPTION, block_lines(patches))
        change = FileChange(path=f"{name}/{SKILL_FILE}", before=None, after=after)
    else:
        lines = block_lines(patches, carried(skill, patches))
        change = FileChange(path=f"{name}/{SKILL_FILE}", before=skill.text, after=with_block(skill, lines))
    content = read_bytes(root / name / LOCK_FILE)
    if content is None and not patches:
        return [change]
    old = None if content is None else content.decode("utf-8", errors="replace")
    lock = FileChange(path=f"{name}/{LOCK_FILE}", before=old, after=lock_text(patches, old, change.after))
    return [change, lock]


def carried(skill: Skill, patches: Sequence[Patch]) -> dict[str, list[str]]:
    """The lines of the managed block that `patches` do not renew, by section."""
    new = {patch.id for patch in patches}
    lines: dict[str, list[str]] = {}
    section = ""
    for line in skill.block.splitlines():
        text = line.rstrip()
        if text.startswith("## "):
            section = text.removeprefix("## ").strip()
        elif text.strip() and text.strip() not in (BEGIN, END):
            told = _ID.search(text)
            if told is None or told.group(1) not in new:
                lines.setdefault(section, []).append(text)
    return lines


def block_lines(patches: Sequence[Patch], kept: Mapping[str, list[str]] | None = None) -> list[str]:
    """The managed block without its markers: rules by section, most prevalent first, each with its id."""
    kept = kept or {}
    lines: list[str] = []
    for section in dict.fromkeys(("", *_ORDER, *sorted({patch.section for patch in patches}), *kept)):
        rules = [f"- {patch.rule} [{patch.id}]" for patch in patches if patch.section == section]
        rules += kept.get(section, [])
        if rules:
            lines += [*([""] if lines else []), *([f"## {section}", ""] if section else []), *rules]
    return lines


def lock_text(patches: Sequence[Patch], old: str | None, skill: str) -> str:
    """Where each rule of `skill` comes from, for people and for `costcraft why`; never shown to a model."""
    note = "# Written by costcraft: which sessions vouch for each rule of SKILL.md. Do not edit.\n"
    rules = {patch.id: _provenance(patch) for patch in patches}
    for rule, told in _old_rules(old).items():
        if rule not in rules and f"[{rule}]" in skill:
            rules[rule] = told
    return note + dump({"costcraft": 1, "rules": dict(sorted(rules.items()))})


def _old_rules(old: str | None) -> dict[str, Any]:
    try:
        plain = yaml.safe_load(old or "")
    except NOT_YAML:
        return {}
    rules = plain.get("rules") if isinstance(plain, dict) else None
    return {str(rule): told for rule, told in rules.items()} if isinstance(rules, dict) else {}


def _provenance(patch: Patch) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": patch.kind,
        "scope": patch.scope,
        "rule": patch.rule,
        "sessions": [source.session for source in patch.sources],
        "tasks": sorted(patch.tasks),
    }
    if isinstance(patch, Prune):
        told["level"] = patch.level
        told["usd_spent"] = None if patch.usd_spent is None else str(patch.usd_spent)
        told["usd_saved"] = None if patch.usd_saved is None else str(patch.usd_saved)
        told["steps"] = [f"{step.session}#{step.n}" for step in patch.steps]
    return told
