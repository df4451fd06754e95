"""What reaches the terminal: plain where nobody looks, never a raw control character from a session."""

import codecs
import errno
import io
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from clawtrace_core.report.escape import printable
from clawtrace_core.report.jsontext import to_json

_PIPED = 120
_PLAIN = {"├": "|", "└": "`", "│": "|", "─": "-", "⋮": ":", "…": "~", "Σ": "=", "·": "-", "\u202f": " "}


def make_writable() -> None:
    """See that stdout and stderr take whatever we say: they exist, and an encoding without our letters gets plain
    ones of the same width, and codes for all others."""
    codecs.register_error("clawtrace", _plain)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever called us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open until the end
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="clawtrace")


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    return _PLAIN.get(letter) or letter.encode("ascii", "backslashreplace"), error.start + 1


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command how that ends."""
        self.quiet = True
        raise BrokenPipeError(errno.EPIPE, "nobody reads the output any more")


def console(*, err: bool = False) -> Console:
    """A console for values of ours. Where output is not a terminal and COLUMNS is not set, it is 120 columns wide."""
    stream = sys.stderr if err else sys.stdout
    piped = not stream.isatty() and "COLUMNS" not in os.environ
    return _Console(stderr=err, width=_PIPED if piped else None, markup=False, highlight=False, emoji=False)


def say(text: str) -> None:
    """One piece of text on stdout, with a line end if it has none: exactly as it is, but harmless on a terminal."""
    if sys.stdout.isatty():
        text = "\n".join(printable(line) for line in text.split("\n"))
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def say_json(value: Any) -> None:
    """JSON on stdout."""
    say(to_json(value))


def complain(message: str) -> None:
    """What went wrong, on stderr, line by line and made harmless."""
    lines = [printable(line) for line in (message or "unknown error").split("\n")]
    sys.stderr.write("clawtrace: " + "\n  ".join(lines) + "\n")
