"""YAML that is written event by event is the YAML that PyYAML writes."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from costcraft import emitting
from costcraft.emitting import as_yaml

NASTY = [
    "", " ", "yes", "null", "~", "1", "1.0", "1e3", "0x1F", "2026-01-02", "12:30", "- a", "a: b", "a #b", "#", "\u2028",
    "\t", "a\nb", "a\n\n b\n", "'", '"', "ä😀", "\x07", "=", "<<", "!x", "&a", "*a", "{", "[", "%",
    "@", "long word " * 20, "x" * 200, "?", "|", ">", "trailing ",
]  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.sampled_from(NASTY), st.text(max_size=40)
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NASTY) | st.text(max_size=9), inner),
    max_leaves=25,
)


class Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: object) -> bool:
        return True


class Slow(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def by_pyyaml(plain: Any, dumper: Any = Plain) -> str:
    return str(yaml.dump(plain, Dumper=dumper, sort_keys=False, allow_unicode=True, width=110))


@given(PLAIN)
def test_it_is_what_pyyaml_writes(plain: Any) -> None:
    assert as_yaml(plain) == by_pyyaml(plain)


@given(PLAIN)
def test_what_is_written_reads_back(plain: Any) -> None:
    assert yaml.safe_load(as_yaml(plain)) == plain


def test_without_the_c_library_it_is_what_pyyaml_writes_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emitting, "_Dumper", yaml.SafeDumper)
    plain = {"texts": NASTY, "numbers": [0.0, -0.0, 1, True, None, 1e300, float("inf")], "none": [{}, [], ()]}
    assert as_yaml(plain) == by_pyyaml(plain, Slow)


def test_a_value_that_stands_twice_is_written_twice() -> None:
    twice = {"steps": [1, 2]}
    assert as_yaml([twice, twice]) == "- steps:\n  - 1\n  - 2\n- steps:\n  - 1\n  - 2\n"


def test_what_yaml_has_no_plain_word_for_is_refused() -> None:
    with pytest.raises(yaml.representer.RepresenterError):
        as_yaml({"a": object()})
