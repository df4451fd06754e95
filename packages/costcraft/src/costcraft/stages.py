"""The files between the stages: YAML a person can open, edit and resume from."""

from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import yaml
from pydantic import Field, ValidationError

from costcraft.emitting import as_yaml
from costcraft.errors import StageInvalid
from costcraft.files import replace_file
from costcraft.models import Bill
from costcraft.patch import Patch
from costcraft.value import StageFile, Value

Stage = Literal["evidence", "proposals", "counterfactual", "merged", "guard"]
FILES: dict[Stage, str] = {
    "evidence": "01-evidence.yaml",
    "proposals": "02-proposals.yaml",
    "counterfactual": "03-counterfactual.yaml",
    "merged": "04-merged.yaml",
    "guard": "05-guard.yaml",
}
"""The stages in their order, and the file of each."""


class Declined(Value):
    """Something that was not proposed, and why: silence would read as "nothing to find"."""

    kind: str
    """`preserve`, `prune` or `repair`."""
    why: str


class Proposals(StageFile):
    """What the analysts propose."""

    stage: Literal["proposals"] = "proposals"
    patches: list[Patch] = Field(default_factory=list)
    declined: list[Declined] = Field(default_factory=list)
    bill: Bill | None = None
    """What asking a model cost; None: none was asked."""


class Refused(Value):
    """A prune that the sessions themselves contradict."""

    patch: Patch
    why: str


class Weighed(StageFile):
    """The proposals after each prune was tested against what happened, and those that did not stand."""

    stage: Literal["counterfactual"] = "counterfactual"
    patches: list[Patch] = Field(default_factory=list)
    refused: list[Refused] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    """What could not be looked at, and why."""


class Join(Value):
    """Two rules that say nearly the same; the first was kept and took the other's evidence."""

    kept: str
    joined: str
    similarity: float
    """Word stems that both have, over all that either has."""
    kept_rule: str = ""
    joined_rule: str = ""


class Alike(Value):
    """Two rules that share most of their words and were not joined, and what keeps them apart."""

    rules: list[str]
    texts: list[str]
    similarity: float
    why: str


class Conflict(Value):
    """Two rules that cannot both be obeyed; the one of higher precedence was kept."""

    kept: str | None
    """None: neither was, since nothing ranks one above the other."""
    dropped: Patch
    why: str


class Candidate(Value):
    """A patch that too little vouches for: staged, not written."""

    patch: Patch
    why: str


class Merged(StageFile):
    """What is to be written, most prevalent first, and what became of the rest."""

    stage: Literal["merged"] = "merged"
    patches: list[Patch] = Field(default_factory=list)
    candidates: list[Candidate] = Field(default_factory=list)
    joined: list[Join] = Field(default_factory=list)
    alike: list[Alike] = Field(default_factory=list)
    conflicts: list[Conflict] = Field(default_factory=list)


class Violation(Value):
    """One reason why a rule must not be written, and what to do about it."""

    rule: str
    """The patch's id."""
    text: str
    check: str
    found: str
    todo: str
    place: str | None = None
    """The file and line where the rule stands that it is about; None: not looked up."""


class Said(Value):
    """A rule that is not written, because a person wrote it already."""

    rule: str
    text: str
    line: int
    """Of the base skill."""
    says: str


How = Literal["renewed", "superseded", "contradicted"]
"""`renewed`: the same rule in new words; `superseded`: another that says the same; `contradicted`: another of no lower
precedence says the contrary."""


class Replaced(Value):
    """A line of an earlier distillation that another takes the place of. Nothing else of a skill is ever taken out."""

    rule: str
    text: str
    place: str
    """The file and line where it stands."""
    by: str
    """The patch that takes its place."""
    how: How


class Guarded(StageFile):
    """The rules that passed, and the violations of those that did not."""

    stage: Literal["guard"] = "guard"
    patches: list[Patch] = Field(default_factory=list)
    violations: list[Violation] = Field(default_factory=list)
    said: list[Said] = Field(default_factory=list)
    replaced: list[Replaced] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    tokens: dict[str, int] = Field(default_factory=dict)
    """Scope -> tokens of its rules as they are written, ids and headings included."""
    tokens_estimated: bool = True
    """False: counted with the encoding of the sessions' own model."""


class Stages(NamedTuple):
    """What the stages of one distillation hold; an early one is empty where its file is not at hand."""

    proposals: Proposals
    weighed: Weighed
    merged: Merged
    guarded: Guarded


AnyStage = TypeVar("AnyStage", bound=Value)

NOT_YAML = (yaml.YAMLError, ValueError, RecursionError)
"""What reading YAML may raise: a day like 2026-99-99 is a ValueError, a nest too deep a RecursionError."""


def to_yaml(value: Value) -> str:
    """A value as YAML: same value, same bytes; money as exact text."""
    return as_yaml(value.model_dump(mode="json"))


def write_stage(out: Path, stage: Stage, value: Value) -> Path:
    """Write one stage's file. Raises TargetUnwritable."""
    return write_value(out / FILES[stage], value)


def write_value(path: Path, value: Value) -> Path:
    """Write a value's file. Raises TargetUnwritable."""
    replace_file(path, to_yaml(value).encode())
    return path


def read_stage(out: Path, stage: Stage, kind: type[AnyStage]) -> AnyStage:
    """Read one stage's file back. Raises StageInvalid, with the file, the field and what was found."""
    return read_value(out / FILES[stage], kind)


def read_value(path: Path, kind: type[AnyStage]) -> AnyStage:
    """Read a value's file back. Raises StageInvalid, with the file, the field and what was found."""
    try:
        plain = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 -- a safe loader: see below
    except OSError as error:
        raise StageInvalid(
            f"{path}: cannot be read ({error.strerror}); run `costcraft distill` without --from first"
        ) from error
    except NOT_YAML as error:
        raise StageInvalid(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    try:
        return kind.model_validate(plain)
    except ValidationError as error:
        raise StageInvalid(f"{path}: {explain(error)}") from error


def explain(error: ValidationError) -> str:
    """The first problem of a validation in one line: the field, what is wrong, what was found."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the whole file"
    found = repr(first["input"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"field {where}: {first['msg']}, found {found[:80]}{more}"


# The C version is several times as fast; both are safe: they build plain data only.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
