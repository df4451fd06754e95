"""The CrewAI writer: rules into `agents.yaml` and `tasks.yaml`, with every other byte of them left alone.

The fields are found with a YAML parser and changed in the text: comments, order, quoting and anchors elsewhere in the
file stay as they are, which no dumper promises. What was made is read back before it is planned.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from costcraft.errors import CrewInvalid
from costcraft.patch import Patch
from costcraft.skill import BEGIN, END, Skill
from costcraft.writers.files import read_bytes
from costcraft.writers.plan import FileChange, Plan
from costcraft.writers.skill_md import block_lines, carried

AGENTS = "agents.yaml"
TASKS = "tasks.yaml"
_FIELDS = {AGENTS: "backstory", TASKS: "description"}
_TEXT = "tag:yaml.org,2002:str"
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_\-]*)\}")
_BLOCK = re.compile(rf"\n?{re.escape(BEGIN)}\n(.*?)\n?{re.escape(END)}", re.DOTALL)
_IN_SOURCE = re.compile(rf"(?:\r?\n)+ *{re.escape(BEGIN)}\r?\n.*?{re.escape(END)}", re.DOTALL)


def plan(patches: Sequence[Patch], directory: Path, *, agents: Sequence[str] = (), tasks: Sequence[str] = ()) -> Plan:
    """The changes that bring these rules into a crew's `config` directory.

    They go into the `backstory` of every agent, or of those named by their keys in `agents.yaml`. With `tasks`, the
    domain rules go into the `description` of those tasks instead. Rules of an earlier distillation stay unless these
    renew them. CrewAI fills in `{word}` and fails on a word it does not know, so it is written as `[word]`.

    Raises CrewInvalid.
    """
    directory = directory.resolve()
    domain = [patch for patch in patches if patch.scope == "domain"] if tasks else []
    rest = [patch for patch in patches if patch not in domain]
    changes = [_change(directory, AGENTS, agents, rest)]
    if tasks:
        changes.append(_change(directory, TASKS, tasks, domain))
    return Plan(root=str(directory), changes=changes)


class _Place(NamedTuple):
    """Where a field's value stands in the text."""

    start: int
    end: int
    indent: int
    """Column of its key."""
    value: str
    style: str | None
    note: str
    """What follows on the line: a comment."""
    inline: bool
    """In `{...}`, where a value must stay on its line."""


def _change(directory: Path, name: str, keys: Sequence[str], patches: Sequence[Patch]) -> FileChange:
    path = directory / name
    content = read_bytes(path)
    if content is None:
        raise CrewInvalid(
            f"{path}: is not there; expected the `config` directory of a crew with {AGENTS} and {TASKS}. A crew in "
            "crew.jsonc is not edited: put the skill directory beside it and name it there under `skills`"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CrewInvalid(f"{path}: is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from error
    plain = _loaded(path, text)
    after = text
    for key in keys or list(plain):
        place = _place(path, after, key, _FIELDS[name])
        value = _with_rules(place.value, patches)
        if value != place.value:
            after = after[: place.start] + _written(place, value, after) + after[place.end :]
            plain[key][_FIELDS[name]] = value
    if not _same(_loaded(path, after), plain):
        raise CrewInvalid(
            f"{path}: cannot be edited without changing more than the rules; write the texts as `|` blocks"
        )
    return FileChange(path=name, before=text, after=after)


def _same(one: object, other: object) -> bool:
    """Whether two files say the same; of one that holds itself, by an anchor, nobody can tell."""
    try:
        return one == other
    except RecursionError:
        return False


def _loaded(path: Path, text: str) -> dict[str, Any]:
    try:
        plain = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a day like 2026-99-99 is a ValueError
        raise CrewInvalid(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(plain, dict) or not all(isinstance(one, dict) for one in plain.values()):
        raise CrewInvalid(
            f"{path}: found {type(plain).__name__}, expected a name with a mapping for each, as CrewAI does"
        )
    return plain


def _place(path: Path, text: str, key: str, field: str) -> _Place:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    found = {one.value: (one, value) for one, value in root.value}  # type: ignore[union-attr]
    if key not in found:
        raise CrewInvalid(f"{path}: has no {key!r}; found {', '.join(map(str, found)) or 'nothing'}")
    holder = found[key][1]
    own = [(name, node) for name, node in holder.value if name.value == field]
    if not own:
        raise CrewInvalid(f"{path}: {key}: has no {field!r} of its own; write one")
    name, node = own[0]
    start = node.start_mark.index
    line = node.start_mark.line + 1
    written = start >= name.end_mark.index and node.tag == _TEXT  # else an alias, nothing or a number
    if not isinstance(node, yaml.ScalarNode) or not written or text[start] in "&!":
        raise CrewInvalid(f"{path}: line {line}: {key}.{field} is no text of its own; write it out there")
    end = node.end_mark.index
    end -= len(text[start:end]) - len(text[start:end].rstrip()) if node.style in ("|", ">") else 0
    inline = bool(holder.flow_style)
    note = "" if inline or node.style in ("|", ">") else re.split(r"\r?\n", text[end:], maxsplit=1)[0]
    return _Place(start, end + len(note), name.start_mark.column, node.value, node.style, note, inline)


def _with_rules(value: str, patches: Sequence[Patch]) -> str:
    """The text with its managed block renewed; without one when there are no rules."""
    old = _BLOCK.search(value)
    own = _BLOCK.sub("", value)
    lines = block_lines(patches, carried(Skill({}, "", old.group(1) if old else "", ""), patches))
    if not lines:
        return own
    block = "\n".join([BEGIN, *(_PLACEHOLDER.sub(r"[\1]", line) for line in lines), END])
    body = own.rstrip("\n")
    return f"{body}\n{block}{own[len(body) :]}" if body else block


def _written(place: _Place, value: str, text: str) -> str:
    """The value as YAML in its place: a block as it was, with lines added; anything else as a literal block."""
    body = value.rstrip("\n")
    if place.inline or not body or len(value) - len(body) > 1 or not _fits(value):
        return json.dumps(value, ensure_ascii=False) + place.note
    newline = "\r\n" if "\r\n" in text else "\n"
    source = text[place.start : place.end]
    if place.style in ("|", ">"):
        own = _BLOCK.sub("", place.value).rstrip("\n")
        kept = _IN_SOURCE.sub("", source)
        if own and body.startswith(own):
            added = _indented(body[len(own) :], _margin(kept))
            # In a folded block, a line break is an empty line.
            added = re.sub(r"\n+", lambda run: run.group() + "\n", added) if place.style == ">" else added
            return kept + added.replace("\n", newline)
    chomp = "-" if value == body else ""
    indicator = "2" if body[0] == " " else ""
    return f"|{indicator}{chomp}{place.note}" + _indented(f"\n{body}", place.indent + 2).replace("\n", newline)


def _indented(lines: str, margin: int) -> str:
    return "\n".join(" " * margin + line if line else "" for line in lines.split("\n"))


def _fits(value: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in value)


def _margin(source: str) -> int:
    """How far the lines of a block are indented."""
    given = source.partition("\n")[2]
    return min((len(line) - len(line.lstrip(" ")) for line in given.splitlines() if line.strip()), default=0)
