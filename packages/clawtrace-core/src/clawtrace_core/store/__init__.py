"""The store: where events rest. Append-only files, one per session, readable after a crash at any byte."""

from clawtrace_core.store.file_sink import FileSink
from clawtrace_core.store.ids import new_session_id, valid_session_id
from clawtrace_core.store.open import DEFAULT_STORE, open_store
from clawtrace_core.store.store import Store

__all__ = ["DEFAULT_STORE", "FileSink", "Store", "new_session_id", "open_store", "valid_session_id"]
