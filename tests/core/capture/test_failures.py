"""How what raised ended, and why."""

from asyncio import CancelledError

import pytest

from clawtrace_core.capture.failures import failed, failure_of, status_of


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "ok"),
        (ValueError("x"), "error"),
        (CancelledError(), "cancelled"),
        (KeyboardInterrupt(), "cancelled"),
        (GeneratorExit(), "cancelled"),
    ],
)
def test_what_raised_was_stopped_or_failed(error: BaseException | None, status: str) -> None:
    assert status_of(error) == status


def test_a_failure_has_the_type_and_the_words_of_what_raised() -> None:
    found = failure_of(ValueError("no such sheet"))
    assert (found.type, found.message) == ("ValueError", "no such sheet")


def test_an_exception_whose_words_fail_is_told_all_the_same() -> None:
    found = failure_of(Mute())
    assert (found.type, found.message) == ("Mute", "<its text raised RuntimeError>")


def test_of_long_words_the_beginning_is_kept() -> None:
    assert failed("ToolMessage", "ab" * 5_000).message == "ab" * 1_000
