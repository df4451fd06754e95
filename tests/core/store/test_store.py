"""A store is readable after a crash at any byte, and says what it could not read."""

import os
import shutil
from pathlib import Path

import pytest

from clawtrace_core import open_session, open_store, record_outcome
from clawtrace_core.capture import Draft
from clawtrace_core.errors import SchemaTooNew, SettingsInvalid, StoreError
from clawtrace_core.model.event import Outcome, SessionStarted
from clawtrace_core.store import FileSink, Store, new_session_id, valid_session_id


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with one small session, `run`."""
    with open_session(tmp_path / "store", session="run", task="sheet-1") as session:
        for number in range(3):
            draft = Draft("arguments", {"cell": f"Ä{number}"})
            session.recorder.started(number, kind="tool", name="read", input=[draft])
            session.recorder.ended(number)
    return session.store


def test_a_session_reads_back_as_it_was(store: Store) -> None:
    tree = store.read("run")

    assert [span.name for span in tree.spans] == ["read"] * 3
    assert tree.started.task == "sheet-1"
    assert tree.ended is not None
    assert tree.problems == ()


def test_a_file_cut_at_any_byte_is_read_up_to_its_last_whole_line(store: Store) -> None:
    path = store.path("run")
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        tree = store.read("run")
        lines = whole[:size].count(b"\n")
        torn = [problem for problem in tree.problems if "torn" in problem.what]
        # The line is whole when only its newline is missing.
        is_torn = size > 0 and whole[size - 1 : size + 1] != b"}\n" and whole[size - 1 : size] != b"\n"
        assert [problem.line for problem in torn] == ([lines + 1] if is_torn else [])
        assert all(problem.line in {0, lines + 1} for problem in tree.problems)


def test_bad_lines_are_problems_and_the_rest_is_read(store: Store) -> None:
    path = store.path("run")
    lines = path.read_bytes().splitlines(keepends=True)
    bad = [b"\xff\xfe not text\n", b"{not json}\n", b"[1]\n", b'{"e":"span_started"}\n', b"\0" * 50 + b"\n", b"null\n"]
    path.write_bytes(b"".join([lines[0], *bad, *lines[1:]]))

    tree = store.read("run")

    assert [problem.line for problem in tree.problems] == [2, 3, 4, 5, 6, 7]
    assert "span_started.span is missing" in tree.problems[3].what
    assert len(tree.spans) == 3
    assert [line for line, _ in store.events("run")] == [1, *range(8, 8 + len(lines) - 1)]


def test_a_session_whose_first_line_is_lost_is_read(store: Store) -> None:
    path = store.path("run")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))

    tree = store.read("run")

    assert len(tree.spans) == 3
    assert "opening line is lost" in tree.problems[0].what


def test_an_empty_file_is_a_session_with_nothing_in_it(store: Store) -> None:
    store.path("run").write_bytes(b"")

    tree = store.read("run")

    assert tree.spans == ()
    assert tree.id == "run"
    assert len(tree.problems) == 1


def test_a_newer_major_version_is_refused_by_file_and_line(store: Store) -> None:
    path = store.path("run")
    path.write_bytes(path.read_bytes().replace(b'"schema":"1.0"', b'"schema":"2.0"'))

    with pytest.raises(SchemaTooNew, match=r"run\.jsonl, line 1: .*2\.0.*upgrade"):
        store.read("run")
    assert store.session_ids() == ["run"]


def test_an_outcome_closes_a_torn_line_before_it_is_written(store: Store) -> None:
    path = store.path("run")
    path.write_bytes(path.read_bytes()[:-20])

    record_outcome(store, "run", success=True, score=0.5)

    tree = store.read("run")
    assert tree.outcome is not None
    assert str(tree.outcome.score) == "0.5"
    assert [problem.line for problem in tree.problems] == [path.read_bytes().count(b"\n") - 1]


def test_the_last_outcome_counts(store: Store) -> None:
    record_outcome(store, "run", success=False, checks=[{"name": "B2", "passed": False, "expected": 3, "cell": "B2"}])
    record_outcome(store, "run", success=True)

    tree = store.read("run")
    assert tree.outcome is not None
    assert tree.outcome.success
    (check,) = next(event for _, event in store.events("run") if isinstance(event, Outcome)).checks
    assert (check.name, check.expected, check.extra) == ("B2", 3, {"cell": "B2"})


@pytest.mark.parametrize(
    "bad", [{"score": "high"}, {"score": float("nan")}, {"checks": [{"name": "a"}]}, {"checks": [3]}]
)
def test_an_outcome_that_makes_no_sense_is_refused(store: Store, bad: dict[str, object]) -> None:
    with pytest.raises(SettingsInvalid):
        record_outcome(store, "run", success=True, **bad)  # type: ignore[arg-type]


def test_an_outcome_of_a_session_that_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match="no session 'other'"):
        record_outcome(store, "other", success=True)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", "/etc/x", ".hidden", "a\n", "ä", "x" * 129, None, 3]
)
def test_a_name_that_could_be_a_path_names_no_session(store: Store, name: str) -> None:
    assert not valid_session_id(name)
    for act in (store.read, store.sink, lambda text: store.append(text, SessionStarted(session="s", at_ns=0))):
        with pytest.raises(StoreError, match="cannot name a session"):
            act(name)
    if name is not None:
        with pytest.raises(SettingsInvalid, match="session"):
            open_session(store, session=name)


def test_a_name_that_is_taken_gets_a_number(store: Store) -> None:
    names = []
    for _ in range(3):
        with open_session(store, session="run") as session:
            names.append(session.id)

    assert names == ["run-2", "run-3", "run-4"]


def test_sessions_are_listed_oldest_first_whatever_they_are_called(tmp_path: Path) -> None:
    store = Store(tmp_path)
    at = 1_700_000_000_000_000_000
    ids = [new_session_id(at + n * 10_000_000, bytes(10)) for n in range(3)]
    for name, when in [("zeta", at + 5_000_000), (ids[0], at), (ids[2], at), ("alpha", at + 15_000_000), (ids[1], at)]:
        sink = store.sink(name)
        sink.append(f'{{"e":"session_started","session":"{name}","at_ns":{when},"schema":"1.0"}}\n'.encode())
        sink.close()
    (tmp_path / "sessions" / "not a session.jsonl").write_text("")
    (tmp_path / "sessions" / "notes.txt").write_text("")

    assert store.session_ids() == [ids[0], "zeta", ids[1], "alpha", ids[2]]


def test_a_new_id_is_a_ulid() -> None:
    assert new_session_id(1_469_918_176_385_000_000, bytes(10)) == "01ARYZ6S410000000000000000"
    assert new_session_id(1_469_918_176_385_000_000, b"\xff" * 10) == "01ARYZ6S41ZZZZZZZZZZZZZZZZ"


def test_a_store_is_found_by_path_url_or_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spaced = tmp_path / "a store"
    spaced.mkdir()

    assert open_store(spaced).root == spaced
    assert open_store(str(spaced)).root == spaced
    assert open_store(spaced.as_uri()).root == spaced
    monkeypatch.setenv("CLAWTRACE_STORE", str(spaced))
    assert open_store().root == spaced
    monkeypatch.delenv("CLAWTRACE_STORE")
    monkeypatch.chdir(tmp_path)
    assert open_store(create=True).root == Path(".clawtrace")
    assert (tmp_path / ".clawtrace" / "sessions").is_dir()


def test_a_store_that_is_not_there_or_not_a_store_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="expected a store, found nothing"):
        open_store(tmp_path / "none")
    with pytest.raises(StoreError, match="expected a store, found a file"):
        open_store(tmp_path / "file")
    for url in ("s3://bucket/x", "https://host/x", "file://host/x"):
        with pytest.raises(StoreError, match="no store of this kind"):
            open_store(url)
    assert open_store(tmp_path).session_ids() == []
    with pytest.raises(StoreError, match="no store here"):
        Store(tmp_path / "none").read("s")


def test_a_store_that_cannot_be_written_is_an_error_at_the_explicit_call(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="cannot make a store here"):
        open_session(tmp_path / "file" / "store")


def test_a_store_that_is_lost_during_a_run_does_not_harm_it(tmp_path: Path) -> None:
    session = open_session(tmp_path / "store")
    shutil.rmtree(tmp_path / "store")
    (tmp_path / "store").write_text("now a file")
    session.recorder.started("a", kind="tool", name="t")
    session.recorder.ended("a")
    session.flush()
    session.close()

    assert (tmp_path / "store").read_text() == "now a file"
    with pytest.raises(StoreError):
        session.tree()


def test_a_sink_makes_its_file_at_the_first_append(tmp_path: Path) -> None:
    sink = Store(tmp_path / "store").sink("s")
    assert not (tmp_path / "store").exists()

    sink.append(b'{"e":"x"}\n')
    sink.close()
    sink.append(b'{"e":"y"}\n')
    sink.close()

    assert (tmp_path / "store" / "sessions" / "s.jsonl").read_bytes() == b'{"e":"x"}\n{"e":"y"}\n'


def test_a_disk_that_fills_up_within_a_batch_takes_back_the_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = FileSink(tmp_path / "s.jsonl")
    sink.append(b"first\n")
    write = os.write
    room = [4]

    def full(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        count = write(descriptor, data[: room[0]])
        room[0] -= count
        return count

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError, match="No space left on device"):
        sink.append(b"second\nthird\n")
    monkeypatch.undo()
    assert (tmp_path / "s.jsonl").read_bytes() == b"first\n"
    sink.append(b"second\nthird\n")
    sink.close()

    assert (tmp_path / "s.jsonl").read_bytes() == b"first\nsecond\nthird\n"


def test_bytes_on_disk_grow_with_what_is_new_and_not_with_the_history(tmp_path: Path) -> None:
    def size(calls: int) -> int:
        with open_session(tmp_path, session=f"calls-{calls}") as session:
            history: list[Draft] = []
            for number in range(calls):
                history += [
                    Draft("user", {"text": f"question {number:04} " * 20}),
                    Draft("assistant", {"text": f"a {number}"}),
                ]
                session.recorder.started(number, kind="llm", name="m", input=list(history))
                session.recorder.ended(number, output=[Draft("assistant", {"text": f"answer {number:04}"})])
        return session.store.path(session.id).stat().st_size

    assert size(400) / size(100) < 4.1
