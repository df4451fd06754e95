"""Text of a session made fit for a terminal: nothing in it may move the cursor, ring, or turn lines around."""

import unicodedata

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# Cc: controls, ESC and BEL among them. Cf: direction marks, joiners, invisible tags. Cs: lone surrogates,
# which no encoding can write. Zl, Zp: line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str, limit: int | None = None) -> str:
    r"""The text with every control and direction mark written out (`\x1b`, `\n`, `\u202e`).

    At most `limit` characters of the text are looked at; a cut is shown by an ellipsis.
    """
    cut = limit is not None and len(text) > limit
    kept = text[:limit] if cut else text
    if not (kept.isascii() and kept.isprintable()):
        kept = "".join(_seen(mark) for mark in kept)
    return f"{kept}…" if cut else kept


def _seen(mark: str) -> str:
    named = _NAMED.get(mark)
    if named is not None:
        return named
    if unicodedata.category(mark) not in _UNSEEN:
        return mark
    code = ord(mark)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
