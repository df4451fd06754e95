"""A verdict on a session as it stands in a file or on a command line, read into checks. The file is a boundary:
every field is looked at, and a wrong one is named."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from clawtrace_core.errors import SettingsInvalid
from clawtrace_core.model.event import Check

_WORDS = {
    **dict.fromkeys(("pass", "passed", "ok", "true", "yes"), True),
    **dict.fromkeys(("fail", "failed", "false", "no"), False),
}
_FIELDS = {"success", "score", "oracle", "checks"}
_CHECK_FIELDS = {"name", "passed", "expected", "got"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was said; None where nothing was."""

    success: bool | None = None
    score: Decimal | None = None
    oracle: str | None = None
    checks: tuple[Check, ...] = ()

    def succeeded(self) -> bool | None:
        """The success that was told, else whether every check passed; None where there is neither."""
        if self.success is not None or not self.checks:
            return self.success
        return all(check.passed for check in self.checks)


def read_verdict(path: Path) -> Verdict:
    """A YAML or JSON file: a list of checks, or a mapping with `checks` and, if told, `success`, `score`, `oracle`.

    Raises:
        SettingsInvalid: it is neither, or a field is missing, unknown or of the wrong type.
        OSError: it cannot be read.
    """
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, AttributeError, RecursionError) as error:  # PyYAML lets a bad date's through
        raise SettingsInvalid(f"{path}: neither YAML nor JSON: {error}") from error
    if isinstance(told, list):
        told = {"checks": told}
    if not isinstance(told, dict):
        raise SettingsInvalid(
            f"{path}: found {_kind(told)}, expected a list of checks, or a mapping such as 'checks: [...]'"
        )
    _known(path, "", told, _FIELDS)
    return Verdict(
        success=_optional(path, told, "success", bool),
        score=None if told.get("score") is None else score_of(told["score"], f"{path}: field 'score'"),
        oracle=_optional(path, told, "oracle", str),
        checks=_checks(path, told.get("checks")),
    )


def _checks(path: Path, told: Any) -> tuple[Check, ...]:
    if told is None:
        return ()
    if not isinstance(told, list):
        raise SettingsInvalid(f"{path}: field 'checks': found {_kind(told)}, expected a list")
    return tuple(_check(path, number, row) for number, row in enumerate(told, 1))


def _check(path: Path, number: int, row: Any) -> Check:
    where = f"check {number}: "
    if not isinstance(row, dict):
        raise SettingsInvalid(f"{path}: {where}found {_kind(row)}, expected a mapping with 'name' and 'passed'")
    _known(path, where, row, _CHECK_FIELDS)
    for name, kind in (("name", str), ("passed", bool)):
        if not isinstance(row.get(name), kind):
            found = _kind(row[name]) if name in row else "nothing"
            raise SettingsInvalid(f"{path}: {where}field {name!r}: found {found}, expected {_NAMES[kind]}")
    return Check(name=row["name"], passed=row["passed"], expected=row.get("expected"), got=row.get("got"))


def _known(path: Path, where: str, row: dict[Any, Any], fields: set[str]) -> None:
    strange = [str(name) for name in row if name not in fields]
    if strange:
        raise SettingsInvalid(f"{path}: {where}unknown field {strange[0]!r}; known are {', '.join(sorted(fields))}")


def _optional(path: Path, row: dict[Any, Any], name: str, kind: type) -> Any:
    value = row.get(name)
    if value is not None and not isinstance(value, kind):
        raise SettingsInvalid(f"{path}: field {name!r}: found {_kind(value)}, expected {_NAMES[kind]}")
    return value


_NAMES = {bool: "true or false", str: "text"}


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:60]!r}"


def check_of(text: str) -> Check:
    """`NAME=pass` or `NAME=fail`; the last `=` counts. Raises SettingsInvalid for anything else."""
    name, equals, word = text.rpartition("=")
    passed = _WORDS.get(word.strip().lower())
    if not equals or not name.strip() or passed is None:
        raise SettingsInvalid(f"found {text!r}, expected NAME=pass or NAME=fail")
    return Check(name=name.strip(), passed=passed)


_MOST_DIGITS = 18
"""Before or after the point: more is no score."""


def score_of(told: object, where: str) -> Decimal:
    """A finite number of a sensible size. Raises SettingsInvalid that begins with `where`."""
    try:
        score = Decimal(str(told).strip()) if not isinstance(told, bool) else None
    except InvalidOperation:
        score = None
    if score is None or not score.is_finite() or abs(score.adjusted()) > _MOST_DIGITS:
        raise SettingsInvalid(f"{where}: found {told!r}, expected a number such as 0.75")
    return score
