"""From what a person typed to the session that is meant."""

from clawtrace_core.errors import StoreError
from clawtrace_core.report.escape import printable
from clawtrace_core.store import Store

LAST = "last"
_CANDIDATES = 10


def find_session(store: Store, wanted: str) -> str:
    """The id that `wanted` names: itself, its only completion, or the newest for `last`.

    Raises:
        StoreError: the store holds no such session, or several.
    """
    ids = store.session_ids()
    if wanted in ids:
        return wanted
    if not ids:
        raise StoreError(f"no session {wanted!r}: the store {store.root} holds no sessions yet")
    if wanted == LAST:
        return ids[-1]
    found = [name for name in ids if wanted and name.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(f"no session {wanted!r} in the store {store.root}; `clawtrace ls` lists what is there")
    raise StoreError(_ambiguous(wanted, found))


def _ambiguous(wanted: str, found: list[str]) -> str:
    shown = [printable(name) for name in found[-_CANDIDATES:]]
    more = [f"and {len(found) - len(shown)} older ones"] if len(found) > len(shown) else []
    return "\n".join([f"{wanted!r} begins {len(found)} session ids; give more of one:", *shown, *more])
