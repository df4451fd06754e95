"""A plan as a person writes it: a YAML file, whose slips are told by file and field before anything is run."""

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from clawtrace_core.capture.guard import attempt
from costcraft.errors import PlanInvalid
from costcraft.evaluate.plan import AgentChoice, Condition, Plan, Primary, RuleRuns, TaskChoice
from costcraft.stages import NOT_YAML

EXAMPLE = """evaluation: 1
tasks: {set: "python:my_app.tasks:TASKS"}
agent: {framework: langchain, factory: "python:my_app.agents:build"}
conditions:
  base: {skills: [skills/my-skill]}
  new: {distilled: out/distilled}
baseline: base
primary: {condition: new, margin: 0.05}"""
_SECTIONS: Mapping[str, type[BaseModel]] = {
    "tasks": TaskChoice,
    "agent": AgentChoice,
    "primary": Primary,
    "rules": RuleRuns,
}
_MOST = 5
"""Slips that are told at once."""


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """The plan in a YAML file. Relative paths in it are relative to the file.

    Raises:
        PlanInvalid: it cannot be read, or is no plan; every slip with its field, what was found and what was expected.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanInvalid(f"{file}: cannot be read ({error}); expected a YAML file such as:\n{EXAMPLE}") from error
    try:
        node, plain = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except (*NOT_YAML, AttributeError) as error:
        words = " ".join(str(error).split()).replace('in "<unicode string>", ', "at ")
        raise PlanInvalid(f"{file}: is not YAML ({words}); expected such as:\n{EXAMPLE}") from error
    if not isinstance(plain, dict):
        raise PlanInvalid(f"{file}: holds {_shown(plain)}; expected a plan such as:\n{EXAMPLE}")
    twice = attempt(lambda: next(_twice(node, ""), None))
    if isinstance(twice, Exception):
        raise PlanInvalid(
            f"{file}: something in it holds itself (&, *); expected a plan such as:\n{EXAMPLE}"
        ) from twice
    if twice is not None:
        raise PlanInvalid(f"{file}: {twice}; the second would take the first one's place. Rename or remove one")
    try:
        plan = Plan.model_validate(plain)
    except ValidationError as error:
        raise PlanInvalid("\n".join(_slips(file, error))) from error
    return placed(plan, file.parent)


def placed(plan: Plan, folder: Path) -> Plan:
    """The plan with every path in it absolute: relative ones are relative to `folder`."""

    def at(path: Path | None) -> Path | None:
        return None if path is None else Path(os.path.normpath(folder.absolute() / Path(os.path.expanduser(path))))  # noqa: PTH111 -- of an unknown user it stays as it is

    conditions = {
        name: each.model_copy(
            update={"skills": tuple(at(skill) for skill in each.skills), "distilled": at(each.distilled)}
        )
        for name, each in plan.conditions.items()
    }
    tasks = plan.tasks.model_copy(update={"data": at(plan.tasks.data)})
    return plan.model_copy(update={"conditions": conditions, "tasks": tasks, "prices": at(plan.prices)})


def nearest(word: str, known: list[str]) -> str:
    """Words that name what was meant, or all there are."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.7)
    return f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}"


def _slips(file: Path, error: ValidationError) -> Iterator[str]:
    """One line for each slip, the first few of them."""
    slips = error.errors()
    for slip in slips[:_MOST]:
        where = ".".join(str(part) for part in slip["loc"] if part != "[key]")
        yield f"{file}: {where or 'the plan'}: {_told(slip)}"
    if len(slips) > _MOST:
        yield f"{file}: and {len(slips) - _MOST} more like these"


def _told(slip: Any) -> str:
    *section, last = slip["loc"] or ("",)
    if slip["type"] == "extra_forbidden":
        return f"no such field; {nearest(str(last), list(_model_at(section).model_fields))}"
    if slip["type"] == "missing":
        return f"is not told; expected as in:\n{EXAMPLE}"
    if last == "[key]":
        return f"found the name {_shown(slip['input'])}; expected small letters, digits, '.', '_', '+' or '-'"
    words = slip["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"found {_shown(slip['input'])}, expected {words}"


def _model_at(section: list[Any]) -> type[BaseModel]:
    first = str(section[0]) if section else ""
    return Condition if first == "conditions" else _SECTIONS.get(first, Plan)


def _shown(value: object) -> str:
    return "nothing" if value is None else ascii(value)[:80]


def _twice(node: yaml.Node | None, where: str) -> Iterator[str]:
    """Keys that a mapping has twice: YAML readers keep the last and say nothing."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                yield f"line {key.start_mark.line + 1}: {where}{name} stands there twice"
            seen.add(name)
            yield from _twice(value, f"{where}{name}.")
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _twice(value, where)
