"""The samples shown in the documentation, compiled from the recorded session in docs/sample/."""

from pathlib import Path

import clawtrace_core

STORE = Path(__file__).resolve().parent.parent / "sample"


def card() -> str:
    """The sample session's TraceCard."""
    store = clawtrace_core.open_store(STORE)
    tree = store.read(store.session_ids()[0])
    return f"```yaml\n{clawtrace_core.compile_session(tree).to_yaml().rstrip()}\n```"
