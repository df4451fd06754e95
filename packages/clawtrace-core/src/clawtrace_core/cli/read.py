"""From a session on disk to its tree and card: what every reading verb does first."""

from pathlib import Path

from clawtrace_core.card.card import TraceCard
from clawtrace_core.model.session import SessionTree
from clawtrace_core.pricing import PriceBook
from clawtrace_core.session import compile_session
from clawtrace_core.store import Store


def price_book(path: Path | None) -> PriceBook:
    """The prices with the user's own on top. Raises SettingsInvalid when the file holds none."""
    return PriceBook.load(path)


def read_session(store: Store, session: str, prices: PriceBook) -> tuple[SessionTree, TraceCard]:
    """The session and its whole card. Raises StoreError or SessionInvalid."""
    tree = store.read(session)
    return tree, compile_session(tree, prices=prices)
