"""Names of sessions: file names that sort by time, and the rule that keeps names from being paths."""

import re

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LONGEST = 128
"""Characters of a session's name."""
_VALID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST - 1}}}")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_session_id(at_ns: int, entropy: bytes) -> str:
    """A ULID: 26 characters, the first ten of which are the time in milliseconds. `entropy` is 10 bytes or more."""
    number = (at_ns // 1_000_000) << 80 | int.from_bytes(entropy[:10], "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def valid_session_id(text: object) -> bool:
    """Whether `text` may name a session: letters, digits, `.`, `_` and `-`, at most 128, no path."""
    return isinstance(text, str) and _VALID.fullmatch(text) is not None


def time_of(session: str) -> int | None:
    """Epoch nanoseconds a ULID was made at; None for a name that is not one."""
    if _ULID.fullmatch(session) is None:
        return None
    milliseconds = 0
    for letter in session[:10]:
        milliseconds = milliseconds << 5 | _ALPHABET.index(letter)
    return milliseconds * 1_000_000
