"""What says nothing of an agent: the provider, the network or the machine failed, not the agent. Pure.

By class name, since no client is imported here; and by HTTP status, where a client's exception tells one.
"""

import errno
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from clawtrace_core.capture import redact_secrets
from clawtrace_core.capture.guard import attempt

NAMES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "builtins": frozenset({"ConnectionError", "TimeoutError", "MemoryError"}),
        "socket": frozenset({"gaierror", "herror"}),
        "ssl": frozenset({"SSLError"}),
        "http": frozenset({"RemoteDisconnected", "IncompleteRead"}),
        "httpx": frozenset({"TransportError"}),
        "httpcore": frozenset({"NetworkError", "TimeoutException", "ProtocolError", "ProxyError"}),
        "requests": frozenset({"ConnectionError", "Timeout", "ChunkedEncodingError"}),
        "urllib3": frozenset({"HTTPError"}),
        "urllib": frozenset({"URLError"}),
        "aiohttp": frozenset({"ClientConnectionError", "ClientPayloadError", "ServerTimeoutError"}),
        "openai": frozenset({"APIConnectionError", "NotFoundError", "OAuthError"}),
        "anthropic": frozenset({"APIConnectionError", "NotFoundError"}),
        "litellm": frozenset({"APIConnectionError", "Timeout", "NotFoundError", "BudgetExceededError"}),
        "botocore": frozenset({"HTTPClientError", "ConnectionError", "NoCredentialsError"}),
        "google": frozenset({"ServerError", "RetryError", "GoogleAuthError"}),
        "grpc": frozenset({"RpcError"}),
        "clawtrace_core": frozenset({"ClawTraceError"}),
    }
)
"""Package -> its exceptions, those derived from them included. A provider's 404 is a model's name that it does not
know: no agent could have done better."""

STATUSES = frozenset({401, 402, 403, 407, 408, 409, 425, 429, *range(500, 600)})
"""HTTP: not let in, not paid for, too early, too often, too late, or the server's own trouble."""

ERRNOS: Mapping[int, str] = MappingProxyType(
    {
        number: errno.errorcode[number]
        for name in (
            *("ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "ENOMEM", "EIO", "EROFS"),
            *("ENETDOWN", "ENETUNREACH", "EHOSTDOWN", "EHOSTUNREACH", "EADDRNOTAVAIL"),
        )
        if (number := getattr(errno, name, None)) is not None
    }
)
"""Of an OSError: the disk is full, the machine is out of something, the network is away."""

_CODED = frozenset({"urllib", "google"})
"""Packages whose exceptions tell the status as `code`; elsewhere that may be anything."""
_LONGEST = 300


def fault_of(error: BaseException) -> str | None:
    """What failed, where it was not the agent; None where it was. Looks at what caused the error, too."""
    return next((said(each) for each in _chain(error) if _is_fault(each)), None)


def said(error: BaseException) -> str:
    """An error in one line, without secrets of the usual shapes."""
    text = attempt(str, error)  # what it says of itself is foreign code, and may be no UTF-8
    if isinstance(text, Exception):
        return type(error).__name__
    words = " ".join(redact_secrets(text.encode(errors="replace").decode()).split())[:_LONGEST]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def unrecorded(framework: str, raised: str | None) -> str:
    """Why a run without a recording is no run."""
    return f"nothing was recorded: does the agent run on {framework}?" + (f" But {raised}" if raised else "")


def _is_fault(error: BaseException) -> bool:
    if any(each.__name__ in NAMES.get(_root(each), ()) for each in type(error).__mro__):
        return _status(error) in {None, *STATUSES} or _root(type(error)) not in _CODED
    return _status(error) in STATUSES or (isinstance(error, OSError) and error.errno in ERRNOS)


def _status(error: BaseException) -> int | None:
    """The HTTP status that an exception tells, by the names that clients use."""
    answer = getattr(error, "response", None)
    told = [getattr(error, "status_code", None), getattr(answer, "status_code", None)]
    if isinstance(answer, dict):  # botocore's
        told.append(answer.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    root = _root(type(error))
    if root in _CODED:
        told.append(getattr(error, "code", None))
    if root == "aiohttp":
        told.append(getattr(error, "status", None))
    return next((each for each in told if isinstance(each, int)), None)


def _root(kind: type[BaseException]) -> str:
    return kind.__module__.partition(".")[0]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from or during, and those that a group holds; each once."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        todo += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]
