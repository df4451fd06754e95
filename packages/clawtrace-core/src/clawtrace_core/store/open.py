"""Finding a store by its name."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from clawtrace_core.errors import StoreError
from clawtrace_core.store.store import Store

DEFAULT_STORE = ".clawtrace"


def open_store(where: "str | os.PathLike[str] | Store | None" = None, *, create: bool = False) -> Store:
    """The store at `where`: a directory, a `file://` URL, or None for $CLAWTRACE_STORE and else `.clawtrace`.

    With `create` its directories are made. Raises StoreError when it is missing, not a directory, not
    writable (with `create`), or of a scheme that is not known.
    """
    if isinstance(where, Store):
        store = where
    else:
        store = Store(_directory(where if where is not None else os.environ.get("CLAWTRACE_STORE") or DEFAULT_STORE))
    if create:
        store.prepare()
    elif not store.root.is_dir():
        found = "a file" if store.root.exists() else "nothing"
        raise StoreError(
            f"{store.root}: expected a store, found {found}; record a session first, or name another store with "
            "--store or $CLAWTRACE_STORE"
        )
    return store


def _directory(where: "str | os.PathLike[str]") -> Path:
    text = os.fspath(where)
    scheme, separator, _ = text.partition("://")
    if not separator:
        return Path(text)
    parts = urlsplit(text)
    if scheme.lower() != "file" or parts.netloc not in {"", "localhost"}:
        raise StoreError(f"{text!r}: no store of this kind is known; expected a directory or file:///an/absolute/path")
    return Path(unquote(parts.path))
