"""Tables of values - events, cards, patches, settings - from their classes' annotations and docstrings."""

import ast
import importlib
import inspect
import textwrap
from typing import Any

from clawtrace_core.model.codec import TAGS


def events() -> str:
    """Every event: its tag in the file, what it is, its fields."""
    parts = []
    for tag, kind in TAGS.items():
        shown = _named("clawtrace_core.model.content", "Content") if tag == "content" else kind
        parts.append(f"### `{tag}`\n\n{_summary(shown)}\n\n{_table(shown)}")
    return "\n\n".join(parts)


def event_parts() -> str:
    """The values inside events."""
    names = {
        "clawtrace_core.model.event": ("Request", "Response", "Failure", "Check"),
        "clawtrace_core.model.usage": ("Usage",),
        "clawtrace_core.model.content": ("ContentList",),
    }
    return "\n\n".join(_section(_named(module, name)) for module, found in names.items() for name in found)


def card_fields() -> str:
    """Every part of a TraceCard."""
    card = importlib.import_module("clawtrace_core.card.card")
    parts = [thing for name, thing in vars(card).items() if inspect.isclass(thing) and not name.startswith("_")]
    own = [part for part in parts if part.__module__ == card.__name__]
    own.sort(key=lambda part: part.__name__ != "TraceCard")
    return "\n\n".join(_section(part) for part in own)


def settings() -> str:
    """What a session's recording can be told."""
    return _table(_named("clawtrace_core.capture.settings", "Settings"))


def errors() -> str:
    """Every error raised on purpose, of both packages."""
    lines = ["| error | when |", "|---|---|"]
    for name in ("clawtrace_core.errors", "costcraft.errors"):
        raised = [thing for thing in vars(importlib.import_module(name)).values() if _is_error(thing, name)]
        lines += [f"| `{name.partition('.')[0]}.{thing.__name__}` | {_cell(_summary(thing))} |" for thing in raised]
    return "\n".join(lines)


def patch_fields() -> str:
    """The three kinds of patch."""
    names = ("Preserve", "Prune", "Repair", "Grade", "NamedStep", "QuotedCheck", "Prevalence", "Share", "Source")
    return "\n\n".join(_section(_named("costcraft.patch", name)) for name in names)


def stage_fields() -> str:
    """What the stage files hold."""
    names = (
        "Proposals",
        "Weighed",
        "Merged",
        "Guarded",
        "Declined",
        "Refused",
        "Candidate",
        "Conflict",
        "Join",
        "Violation",
    )
    return "\n\n".join(_section(_named("costcraft.stages", name)) for name in names)


def _is_error(thing: Any, module: str) -> bool:
    return inspect.isclass(thing) and issubclass(thing, Exception) and thing.__module__ == module


def _named(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _section(kind: Any) -> str:
    return f"### `{kind.__name__}`\n\n{_summary(kind)}\n\n{_table(kind)}"


def _summary(kind: Any) -> str:
    # A dataclass without a docstring gets its signature as one; that is no summary.
    doc = inspect.cleandoc(vars(kind).get("__doc__") or "")
    return "" if doc.startswith(f"{kind.__name__}(") else doc


def _table(kind: Any) -> str:
    found: dict[str, tuple[str, str]] = {}  # a field told anew keeps its place, and its meaning if it has no other
    for owner in reversed(kind.__mro__):
        if owner.__module__.partition(".")[0] in {"clawtrace_core", "costcraft"}:
            for name, text, meaning in _fields(owner):
                found[name] = text, meaning or found.get(name, ("", ""))[1]
    rows = [f"| `{name}` | `{_cell(text)}` | {_cell(meaning)} |" for name, (text, meaning) in found.items()]
    return "\n".join(["| field | type | meaning |", "|---|---|---|", *rows])


def _fields(kind: Any) -> list[tuple[str, str, str]]:
    """(name, annotation with its default, the docstring below it) of every public field."""
    node = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(node, ast.ClassDef)
    found = []
    for item, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(item, ast.AnnAssign) or ast.unparse(item.target) in {"extra", "model_config"}:
            continue
        doc = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            doc = inspect.cleandoc(after.value.value)
        found.append((ast.unparse(item.target), ast.unparse(item.annotation) + _default(item.value), doc))
    return found


def _default(value: ast.expr | None) -> str:
    if value is None:
        return ""
    text = ast.unparse(value)
    return "" if text.startswith(("field(", "Field(")) else f" = {text}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
