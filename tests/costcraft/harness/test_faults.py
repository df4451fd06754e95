"""What says nothing of the agent is told from what the agent did."""

import errno
from typing import Any

import anthropic
import httpx
import openai
import pytest

from clawtrace_core.errors import StoreError
from costcraft.evaluate.harness.faults import ERRNOS, STATUSES, fault_of, said

ASKED = httpx.Request("POST", "http://127.0.0.1/v1")


def answered(status: int) -> httpx.Response:
    return httpx.Response(status, request=ASKED)


def raised_from(error: BaseException, cause: BaseException | None = None, during: BaseException | None = None) -> Any:
    error.__cause__, error.__context__ = cause, during
    return error


class Told(Exception):
    """Of a client that is not in the table."""

    def __init__(self, status: int) -> None:
        self.status_code = status


FAULTS = [
    ConnectionRefusedError("refused"),
    TimeoutError(),
    OSError(errno.ENOSPC, "No space left on device"),
    MemoryError(),
    httpx.ConnectError("no route"),
    httpx.ReadTimeout("slow"),
    httpx.HTTPStatusError("x", request=ASKED, response=answered(503)),
    openai.APIConnectionError(request=ASKED),
    openai.APITimeoutError(ASKED),
    openai.RateLimitError("slow down", response=answered(429), body=None),
    openai.AuthenticationError("no key", response=answered(401), body=None),
    openai.InternalServerError("x", response=answered(500), body=None),
    openai.NotFoundError("no such model", response=answered(404), body=None),
    anthropic.RateLimitError("slow down", response=answered(429), body=None),
    anthropic.InternalServerError("overloaded", response=answered(529), body=None),
    StoreError("the store is gone"),
    Told(429),
    raised_from(RuntimeError("the step failed"), cause=ConnectionResetError()),
    raised_from(RuntimeError("the step failed"), during=raised_from(ValueError(), cause=TimeoutError())),
    ExceptionGroup("two", [ValueError(), ConnectionError()]),
]
OWN = [
    RecursionError("25 steps"),
    ValueError("a tool's bug"),
    KeyError("x"),
    FileNotFoundError(errno.ENOENT, "no such file"),
    SystemExit(500),
    httpx.HTTPStatusError("x", request=ASKED, response=answered(404)),
    openai.BadRequestError("too long", response=answered(400), body=None),
    Told(400),
    raised_from(RuntimeError(), cause=ValueError()),
    ExceptionGroup("two", [ValueError(), KeyError()]),
]


@pytest.mark.parametrize("error", FAULTS, ids=said)
def test_provider_network_and_machine_are_no_failure_of_the_agent(error: BaseException) -> None:
    assert fault_of(error) is not None


@pytest.mark.parametrize("error", OWN, ids=said)
def test_anything_else_is_the_agents_own(error: BaseException) -> None:
    assert fault_of(error) is None


def test_errors_that_cause_each_other_are_looked_at_once() -> None:
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    assert fault_of(one) is None


def test_what_is_told_holds_no_key_and_is_one_line() -> None:
    told = said(ValueError("key sk-proj-" + "a" * 40 + "\nwas refused" + " and so on" * 100))
    assert "aaaa" not in told
    assert "\n" not in told
    assert len(told) < 350


def test_the_table_holds_no_status_of_a_request_that_was_wrong() -> None:
    assert {401, 403, 408, 409, 425, 429, 500, 529} <= STATUSES
    assert not {200, 400, 404, 413, 422} & STATUSES
    assert errno.ENOENT not in ERRNOS
    assert errno.EACCES not in ERRNOS
