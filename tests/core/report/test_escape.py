import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.report.escape import printable


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain [red]text[/red]", "plain [red]text[/red]"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("ding\a", r"ding\x07"),
        ("two\nlines\r\tand more", r"two\nlines\r\tand more"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u200fmark \u2066isolate", r"\u200fmark \u2066isolate"),
        ("\x9b31m", r"\x9b31m"),
        ("line\u2028sep", r"line\u2028sep"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("half \ud800", r"half \ud800"),
        ("Überschuß 東京 🙂", "Überschuß 東京 🙂"),
    ],
)
def test_what_could_move_a_cursor_is_written_out(raw: str, shown: str) -> None:
    assert printable(raw) == shown


def test_a_long_text_is_cut_where_it_is_told() -> None:
    assert printable("abcdef", 3) == "abc…"
    assert printable("abc", 3) == "abc"


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    assert not any(unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for mark in printable(text))
