"""The command pages: every command, argument and option, as the programs themselves tell them."""

import importlib
from typing import Any

import typer.main


def clawtrace() -> str:
    """All of `clawtrace`."""
    return _page("clawtrace", "clawtrace_core.cli.app")


def costcraft() -> str:
    """All of `costcraft`."""
    return _page("costcraft", "costcraft.cli")


def clawtrace_verbs() -> str:
    """A table of `clawtrace`'s commands."""
    return _verbs("clawtrace", "clawtrace_core.cli.app")


def costcraft_verbs() -> str:
    """A table of `costcraft`'s commands."""
    return _verbs("costcraft", "costcraft.cli")


def command(module: str) -> Any:
    """The click command behind a module's typer `app`."""
    return typer.main.get_command(importlib.import_module(module).app)


def _verbs(program: str, module: str) -> str:
    rows = ["| command | what it does |", "|---|---|"]
    for name, verb in command(module).commands.items():
        first = " ".join((verb.help or "").split("\n\n")[0].split())
        rows.append(f"| `{program} {name}` | {first} |")
    return "\n".join(rows)


def _page(program: str, module: str) -> str:
    top = command(module)
    parts = [_text(top.help), _parameters(top)]
    for name, verb in top.commands.items():
        usage = " ".join([program, name, *_arguments(verb)])
        parts += [f"### `{program} {name}`", f"```\n{usage}\n```", _text(verb.help), _parameters(verb)]
    return "\n\n".join(part for part in parts if part)


def _arguments(verb: Any) -> list[str]:
    names = [_metavar(item) for item in verb.params if item.param_type_name == "argument"]
    return ["[OPTIONS]", *names]


def _metavar(item: Any) -> str:
    name = item.metavar or item.name.upper()
    name = f"{name}..." if item.nargs == -1 else name
    return name if item.required else f"[{name}]"


def _parameters(verb: Any) -> str:
    rows = []
    for item in verb.params:
        if getattr(item, "hidden", False):
            continue
        if item.param_type_name == "argument":
            label = f"`{_metavar(item)}`"
        else:
            label = " ".join(f"`{name}`" for name in (*item.opts, *item.secondary_opts))
            label += "" if item.is_flag else f" {item.metavar or item.name.upper()}"
        rows.append(f"| {_cell(label)} | {_cell(item.help or '')}{_default(item)} |")
    return "\n".join(["| argument or option | meaning |", "|---|---|", *rows]) if rows else ""


def _default(item: Any) -> str:
    if item.required and item.param_type_name == "option":
        return " Required."
    plain = isinstance(item.default, str | int | float) and not isinstance(item.default, bool)
    return f" Default: `{item.default}`." if plain and str(item.default) else ""


def _text(help_text: str | None) -> str:
    return (help_text or "").replace("\b", "").replace("\f", "").strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
