"""Where a store is, when the process moves or the store is taken away."""

import shutil
from pathlib import Path

import pytest

from clawtrace_core import open_session, open_store
from clawtrace_core.errors import SchemaTooNew, StoreError
from clawtrace_core.model.codec import decode
from clawtrace_core.store import Store


def test_a_store_named_by_a_relative_path_stays_where_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    session = open_session("store")
    monkeypatch.chdir(tmp_path / "elsewhere")
    session.recorder.started("a", kind="agent", name="a")
    session.close()

    assert [span.name for span in session.tree().spans] == ["a"]
    assert open_store(tmp_path / "store").session_ids() == [session.id]
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_file_removed_while_it_is_written_is_told_and_made_anew(tmp_path: Path) -> None:
    sink = Store(tmp_path / "store").sink("s")
    sink.append(b"1\n")
    shutil.rmtree(tmp_path / "store")

    with pytest.raises(StoreError, match="was removed while it was written"):
        sink.append(b"2\n")
    sink.append(b"2\n")
    sink.close()
    assert sink.path.read_bytes() == b"2\n"


def test_the_longest_name_that_is_taken_gets_a_number_too(tmp_path: Path) -> None:
    store = Store(tmp_path)

    assert [store.claim("n" * 128) for _ in range(3)] == ["n" * 128, "n" * 126 + "-2", "n" * 126 + "-3"]


def test_a_version_of_thousands_of_digits_is_too_new() -> None:
    with pytest.raises(SchemaTooNew):
        decode(b'{"e":"session_started","session":"s","at_ns":1,"schema":"' + b"9" * 5000 + b'"}')
