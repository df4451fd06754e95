"""Plain data as YAML, in its own order. The bytes are PyYAML's."""

from io import StringIO
from typing import Any

import yaml
from yaml import events

_TEXT = "tag:yaml.org,2002:str"
_FEW = frozenset({int, bool, type(None)})
"""Kinds of which the same ones come again and again, and equal ones are written alike; -0.0 is not as 0.0."""
# The C version is several times as fast; both are safe: they write plain data only.
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def as_yaml(plain: Any, width: int = 110) -> str:
    """Plain data as YAML, without anchors and aliases, which are no joy to edit by hand.

    PyYAML's own `dump` makes a tree of nodes first and looks into every text anew, which takes five times as long.

    Raises:
        RepresenterError: there is something in it that YAML has no plain word for.
    """
    text = StringIO()
    dumper = _Dumper(text, default_flow_style=False, allow_unicode=True, width=width)
    writing = _Writing(dumper)
    try:
        dumper.emit(events.StreamStartEvent())
        dumper.emit(events.DocumentStartEvent(explicit=False))
        writing.put(plain)
        dumper.emit(events.DocumentEndEvent(explicit=False))
        dumper.emit(events.StreamEndEvent())
    finally:
        dumper.dispose()
    return text.getvalue()


class _Writing:
    def __init__(self, dumper: Any) -> None:
        self._dumper, self._emit = dumper, dumper.emit
        self._plain: dict[str, bool] = {}
        """Text -> whether it is read back as text without quotes."""
        self._scalars: dict[tuple[type, Any], tuple[str, bool, str]] = {}
        """Number, truth or nothing -> its tag, whether that is understood without being written, and its words."""

    def put(self, value: Any) -> None:
        kind = type(value)
        if kind is str:
            plain = self._plain.get(value)
            if plain is None:
                plain = self._plain[value] = self._tag(value) == _TEXT
            self._emit(events.ScalarEvent(None, _TEXT, (plain, True), value))
        elif kind is dict:
            self._emit(events.MappingStartEvent(None, None, True, flow_style=False))
            for key, each in value.items():
                self.put(key)
                self.put(each)
            self._emit(events.MappingEndEvent())
        elif kind is list or kind is tuple:
            self._emit(events.SequenceStartEvent(None, None, True, flow_style=False))
            for each in value:
                self.put(each)
            self._emit(events.SequenceEndEvent())
        else:
            tag, understood, words = self._scalar(kind, value)
            self._emit(events.ScalarEvent(None, tag, (understood, False), words))

    def _scalar(self, kind: type, value: Any) -> tuple[str, bool, str]:
        found = self._scalars.get((kind, value)) if kind in _FEW else None
        if found is None:
            node = self._dumper.represent_data(value)
            found = node.tag, node.tag == self._tag(node.value), node.value
            if kind in _FEW:
                self._scalars[kind, value] = found
        return found

    def _tag(self, text: str) -> str:
        """What a scalar without quotes is read back as."""
        return str(self._dumper.resolve(yaml.ScalarNode, text, (True, False)))
