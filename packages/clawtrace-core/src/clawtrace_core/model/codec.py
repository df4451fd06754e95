"""Events to JSON lines and back. Fields at their default are not written; unknown ones are kept."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

import orjson

from clawtrace_core.errors import SchemaTooNew, SessionInvalid
from clawtrace_core.model.content import Content, ContentList
from clawtrace_core.model.event import (
    SCHEMA_MAJOR,
    Check,
    ContentStored,
    Event,
    Failure,
    Foreign,
    Noted,
    Outcome,
    Request,
    Response,
    SessionEnded,
    SessionStarted,
    SpanEnded,
    SpanStarted,
)
from clawtrace_core.model.usage import Usage

TAGS: Mapping[str, type] = MappingProxyType(
    {
        "session_started": SessionStarted,
        "content": ContentStored,
        "span_started": SpanStarted,
        "span_ended": SpanEnded,
        "noted": Noted,
        "outcome": Outcome,
        "session_ended": SessionEnded,
    }
)
_TAG_OF = {kind: tag for tag, kind in TAGS.items()}


def encode(event: Event) -> bytes:
    """One event as one JSON line, newline included."""
    if isinstance(event, Foreign):
        return orjson.dumps(event.fields, option=_OPTIONS, default=_plain)
    row: dict[str, Any] = {"e": _TAG_OF[type(event)]}
    if isinstance(event, ContentStored):
        row.update(_dump(event.content))
        row.update(event.extra)
    else:
        row.update(_dump(event))
    return orjson.dumps(row, option=_OPTIONS, default=_plain)


def decode(line: bytes) -> Event:
    """One line back to its event.

    Raises:
        SessionInvalid: the line is not a JSON object or lacks a field its type needs.
        SchemaTooNew: it opens a session of a newer major version.
    """
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise SessionInvalid(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise SessionInvalid(f"expected a JSON object, found {type(row).__name__}")
    kind = TAGS.get(str(row.get("e")))
    if kind is None:
        return Foreign(row)
    row.pop("e")
    if kind is ContentStored:
        return ContentStored(content=_load(Content, row, "content"))
    if kind is SessionStarted:
        _check_version(row.get("schema"))
    event: Event = _load(kind, row, _TAG_OF[kind])
    return event


def _check_version(schema: object) -> None:
    major = str(schema).partition(".")[0]
    if not major.isdecimal():
        raise SessionInvalid(f"field 'schema': found {schema!r}, expected a version such as '1.0'")
    if int(major) > SCHEMA_MAJOR:
        raise SchemaTooNew(f"schema {schema!r} is newer than the {SCHEMA_MAJOR}.x read here; upgrade clawtrace-core")


_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_UUID
_NESTED: dict[type, dict[str, Any]] = {
    SpanStarted: {"input": ContentList, "request": Request},
    SpanEnded: {"response": Response, "failure": Failure},
    Response: {"usage": Usage},
    Outcome: {"checks": (Check,)},
}
_DECIMALS = {(Usage, "reported_usd"), (Outcome, "score")}
_TUPLES = {(ContentList, "add"), (SpanEnded, "output"), (Response, "finish"), (Usage, "conflicts")}


def _plain(value: object) -> object:
    """What JSON has no word for: exact money as text, anything unforeseen as its name."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    return str(value)


def _default_of(field: Any) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING


_Plan = tuple[tuple[str, Any, bool], ...]
_PLANS: dict[type, _Plan] = {}


def _plan(kind: type) -> _Plan:
    """(field, default, nested?) of every field but `extra`, worked out once per class."""
    found = _PLANS.get(kind)
    if found is None:
        nested = _NESTED.get(kind, {})
        found = tuple((f.name, _default_of(f), f.name in nested) for f in fields(kind) if f.name != "extra")
        _PLANS[kind] = found
    return found


def _dump(value: Any) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, default, nested in _plan(type(value)):
        item = getattr(value, name)
        if item is default or item == default:
            continue
        if nested:
            item = [_dump(part) for part in item] if isinstance(item, tuple) else _dump(item)
        row[name] = item
    extra = getattr(value, "extra", None)
    if extra:
        row.update(extra)
    return row


def _load(kind: type, row: Any, where: str) -> Any:
    if not isinstance(row, dict):
        raise SessionInvalid(f"field {where!r}: expected an object, found {type(row).__name__}")
    known: dict[str, Any] = {}
    nested = _NESTED.get(kind, {})
    for name, default, is_nested in _plan(kind):
        if name not in row:
            if default is MISSING:
                raise SessionInvalid(f"field {where}.{name} is missing")
            continue
        known[name] = _read(kind, name, row.pop(name), nested[name] if is_nested else None)
    if row and kind is not ContentList:
        known["extra"] = row
    return kind(**known)


def _read(kind: type, name: str, item: Any, nested: Any) -> Any:
    if item is None:
        return None
    if isinstance(nested, tuple):
        return tuple(_load(nested[0], part, name) for part in _items(item, name))
    if nested is not None:
        return _load(nested, item, name)
    if (kind, name) in _TUPLES:
        return tuple(_items(item, name))
    if (kind, name) in _DECIMALS:
        return _decimal(item, name)
    check: Callable[[Any], bool] | None = _CHECKS.get(name)
    if check is not None and not check(item):
        raise SessionInvalid(f"field {name!r}: found {item!r}, which is not of its type")
    return item


def _items(item: Any, name: str) -> list[Any]:
    if not isinstance(item, list):
        raise SessionInvalid(f"field {name!r}: expected a list, found {type(item).__name__}")
    return item


def _decimal(item: Any, name: str) -> Decimal:
    try:
        value = Decimal(str(item))
    except InvalidOperation as error:
        raise SessionInvalid(f"field {name!r}: {item!r} is not a number") from error
    if not value.is_finite():
        raise SessionInvalid(f"field {name!r}: {item!r} is not a finite number")
    return value


def _is_int(item: Any) -> bool:
    return isinstance(item, int) and not isinstance(item, bool)


def _is_text(item: Any) -> bool:
    return isinstance(item, str)


def _is_map(item: Any) -> bool:
    return isinstance(item, dict)


# A wrong type is refused at the door, so that nothing behind it needs to doubt what it reads.
_CHECKS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("at_ns", "span", "parent", "base", "keep", "size", "lost", "attempt", "input", "output"), _is_int),
    **dict.fromkeys(("cache_read", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "reasoning"), _is_int),
    **dict.fromkeys(("input_audio", "output_audio", "total", "first_token_ns"), _is_int),
    **dict.fromkeys(("id", "role", "name", "kind", "session", "status", "type", "message", "digest"), _is_text),
    **dict.fromkeys(("attributes", "params"), _is_map),
}
