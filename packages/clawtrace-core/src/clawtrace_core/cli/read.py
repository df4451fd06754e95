"""From a session on disk to its tree and card: what every reading verb does first."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import typer

from clawtrace_core.card.card import TraceCard
from clawtrace_core.card.flags.registry import FLAGS
from clawtrace_core.card.tools import ToolTable
from clawtrace_core.cli.find import find_session
from clawtrace_core.model.session import SessionTree
from clawtrace_core.pricing import PriceBook
from clawtrace_core.session import compile_session, load_tools
from clawtrace_core.store import Store


class Told(NamedTuple):
    """What a person told of how a session is compiled."""

    prices: PriceBook
    tools: ToolTable
    flags: Collection[str] | None = None
    """None: those that are on by default."""


def told_by(prices: Path | None, tools: Path | None, flags: str | None = None) -> Told:
    """What `--prices`, `--tools` and `--flags` tell. Raises SettingsInvalid when a file cannot be used."""
    return Told(price_book(prices), load_tools(tools), flag_kinds(flags))


def price_book(path: Path | None) -> PriceBook:
    """The prices with the user's own on top. Raises SettingsInvalid when the file holds none."""
    return PriceBook.load(path)


def flag_kinds(told: str | None) -> Collection[str] | None:
    """The kinds that `--flags` names; None: those that are on by default. An unknown kind is a wrong call."""
    if told is None:
        return None
    kinds = {word.strip() for word in told.split(",")} - {""}
    if kinds == {"all"}:
        return frozenset(FLAGS)
    unknown = sorted(kinds - FLAGS.keys())
    if unknown or not kinds:
        what = f"no flag is called {', '.join(map(repr, unknown))}" if unknown else "no kind was named"
        raise typer.BadParameter(f"{what}; expected all, or some of {', '.join(FLAGS)}", param_hint="--flags")
    return kinds


def read_session(store: Store, session: str, told: Told) -> tuple[SessionTree, TraceCard]:
    """The session of that id and its whole card. Raises StoreError or SessionInvalid."""
    tree = store.read(session)
    return tree, compile_session(tree, **told._asdict())


def read_wanted(store: Store, wanted: str, told: Told) -> tuple[SessionTree, TraceCard]:
    """The session that a person means by `wanted`, and its whole card. Raises StoreError or SessionInvalid."""
    return read_session(store, find_session(store, wanted), told)
