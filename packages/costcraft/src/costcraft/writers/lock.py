"""The side file that says where each rule comes from: for people and `costcraft why`, never shown to a model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from costcraft.emitting import as_yaml
from costcraft.files import read_bytes
from costcraft.patch import Patch, Prune, Repair
from costcraft.stages import NOT_YAML
from costcraft.writers.plan import FileChange

LOCK_FILE = "costcraft.lock.yaml"
_SAID = {True: "holds", False: "does not hold", None: "not told"}
_NOTE = "# Written by costcraft: which sessions vouch for each rule. Do not edit.\n"


def lock_change(root: Path, path: str, told: Mapping[str, Any], *, text: str | None = None) -> FileChange | None:
    """The change of a lock file; None when there is nothing to say.

    What it says of rules that `told` does not renew stays; with `text`, only of rules that stand in it.
    """
    content = read_bytes(root / path)
    if content is None and not told:
        return None
    old = None if content is None else content.decode("utf-8", errors="replace")
    rules = dict(told)
    for rule, provenance in read_lock(old).items():
        if rule not in rules and (text is None or f"[{rule}]" in text):
            rules[rule] = provenance
    return FileChange(
        path=path, before=old, after=_NOTE + as_yaml({"costcraft": 1, "rules": dict(sorted(rules.items()))})
    )


def read_lock(text: str | None) -> dict[str, Any]:
    """What a lock file says, by rule; nothing when it cannot be read."""
    try:
        plain = yaml.safe_load(text or "")
    except NOT_YAML:
        return {}
    rules = plain.get("rules") if isinstance(plain, dict) else None
    return {str(rule): told for rule, told in rules.items()} if isinstance(rules, dict) else {}


def locked_rules(where: Path) -> dict[str, Mapping[str, Any]]:
    """What the lock files of a skill, or of a directory of skills, say of each rule."""
    paths = [where / LOCK_FILE, *sorted(where.glob(f"*/{LOCK_FILE}"))]
    found = {rule: told for path in paths for rule, told in read_lock(_text(path)).items()}
    return {rule: told for rule, told in found.items() if isinstance(told, Mapping)}


def adopted_in(*skills: Path) -> dict[str, str]:
    """The rules that a person adopted into these skills, and why."""
    locked = [pair for skill in skills for pair in locked_rules(skill).items()]
    return {rule: str(told["adopted"]) for rule, told in locked if told.get("adopted") is not None}


def _text(path: Path) -> str | None:
    content = read_bytes(path)
    return None if content is None else content.decode("utf-8", errors="replace")


def provenance(patch: Patch) -> dict[str, Any]:
    """Who vouches for a patch: sessions, tasks, why they did so, and what each kind of patch rests on.

    No value of a session is in it: it lies beside a skill that may be given away.
    """
    told: dict[str, Any] = {
        "kind": patch.kind,
        "scope": patch.scope,
        "rule": patch.rule,
        "sessions": [source.session for source in patch.sources],
        "tasks": sorted(patch.tasks),
        "seen": f"{patch.prevalence.sessions} of {patch.prevalence.of_sessions} sessions",
        "analyst": patch.analyst,
        "cause": patch.cause,
    }
    if patch.adopted is not None:
        told["adopted"] = patch.adopted
    if isinstance(patch, Prune):
        told["level"] = patch.level
        told["usd_spent"] = None if patch.usd_spent is None else str(patch.usd_spent)
        told["usd_saved"] = None if patch.usd_saved is None else str(patch.usd_saved)
        told["steps"] = [f"{step.session}#{step.n}" for step in patch.steps]
        told["counterfactual"] = patch.counterfactual
        told["grades"] = {grade.level: f"{_SAID[grade.holds]}: {grade.why}" for grade in patch.grades}
    elif isinstance(patch, Repair):
        told["failed"], told["confirmed"], told["diagnosis"] = patch.failed, patch.confirmed, patch.diagnosis
    else:
        told["behaviour"] = patch.behaviour
        told["in_successes"], told["in_failures"] = str(patch.in_successes), str(patch.in_failures)
        told["p_corrected"] = patch.p_corrected
    return told
