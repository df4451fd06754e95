"""Real processes: killed, forked, several at once. Nothing is mixed up, and what was flushed is there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clawtrace_core import open_session, open_store
from clawtrace_core.capture import Draft
from clawtrace_core.model.event import SpanEnded

RECORD_FOR_EVER = """
import sys
from clawtrace_core import open_session
from clawtrace_core.capture import Draft
session = open_session(sys.argv[1], session="victim")
history = []
for number in range(10**9):
    history = (history + [Draft("user", {"text": f"text {number} " * 50})])[-30:]
    session.recorder.started(number, kind="llm", name="m", input=list(history))
    session.recorder.ended(number)
    if number % 7 == 0:
        session.flush()
        print(number + 1, flush=True)
"""


def run(script: str, *args: object, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=100, **more)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("flushes", [1, 2, 5, 20, 60])
def test_a_killed_process_leaves_everything_it_flushed(tmp_path: Path, flushes: int) -> None:
    command = [sys.executable, "-c", RECORD_FOR_EVER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        flushed = 0
        for _ in range(flushes):
            flushed = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        process.wait()

    tree = open_store(tmp_path).read("victim")
    ended = [span for span in tree.spans if span.end_ns is not None]
    assert len(ended) >= flushed
    assert [span.id for span in tree.spans] == list(range(1, len(tree.spans) + 1))
    assert all("torn" in problem.what for problem in tree.problems)
    assert tree.ended is None


FORK = """
import os, sys
from clawtrace_core import open_session
session = open_session(sys.argv[1], session="parent", task="t")
recorder = session.recorder
recorder.started("root", kind="agent", name="root")
for number in range(500):  # still waiting when the process forks: they are the parent's to write
    recorder.started(number, kind="tool", name="parent", parent="root")
    recorder.ended(number)
child = os.fork()
for number in range(1000, 1100):
    recorder.started(number, kind="tool", name="child" if child == 0 else "parent", parent="root")
    recorder.ended(number)
if child == 0:
    session.close()
    print("child", session.id, flush=True)
    os._exit(0)
os.waitpid(child, 0)
recorder.ended("root")
session.close()
print("parent", session.id, flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_writes_a_session_of_its_own(tmp_path: Path) -> None:
    said = dict(line.split() for line in run(FORK, tmp_path).stdout.splitlines())

    store = open_store(tmp_path)
    assert sorted(store.session_ids()) == sorted(said.values())
    parent, child = store.read("parent"), store.read(said["child"])
    assert {span.name for span in parent.spans} == {"root", "parent"}
    assert len(parent.spans) == 601
    assert all(span.end_ns for span in parent.spans)
    assert [span.name for span in child.spans] == ["child"] * 100
    assert child.started.attributes["forked_from"] == "parent"
    assert child.started.task == "t"
    assert not parent.problems
    assert not child.problems


FORK_NOTHING = """
import os, sys
from clawtrace_core import open_session
session = open_session(sys.argv[1], session="parent")
session.recorder.started("root", kind="agent", name="root")
child = os.fork()
if child == 0:
    sys.exit(0)  # runs atexit
os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_that_records_nothing_leaves_no_file(tmp_path: Path) -> None:
    run(FORK_NOTHING, tmp_path)

    store = open_store(tmp_path)
    assert store.session_ids() == ["parent"]
    assert store.read("parent").ended is not None


POOL = """
import multiprocessing, sys
from clawtrace_core import open_session
def work(number):
    with open_session(sys.argv[1], session=f"worker-{number}") as session:
        session.recorder.started("a", kind="tool", name="t")
    left_open = open_session(sys.argv[1], session=f"open-{number}")
    left_open.recorder.started("a", kind="tool", name="t")
    globals()[number] = left_open
if __name__ == "__main__":
    outer = open_session(sys.argv[1], session="outer")
    outer.recorder.started("a", kind="tool", name="t")
    workers = [multiprocessing.get_context("fork").Process(target=work, args=(n,)) for n in range(2)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_worker_of_multiprocessing_writes_what_it_left_open(tmp_path: Path) -> None:
    run(POOL, tmp_path)

    store = open_store(tmp_path)
    assert sorted(store.session_ids()) == ["open-0", "open-1", "outer", "worker-0", "worker-1"]
    for name in store.session_ids():
        tree = store.read(name)
        assert len(tree.spans) == 1
        assert tree.ended is not None


FORGETFUL = """
import sys
from clawtrace_core import open_session
session = open_session(sys.argv[1], session="s")
session.recorder.started("a", kind="tool", name="t")
"""


def test_the_end_of_a_process_closes_what_was_left_open(tmp_path: Path) -> None:
    run(FORGETFUL, tmp_path)

    tree = open_store(tmp_path).read("s")
    assert tree.ended is not None
    assert tree.ended.status == "interrupted"
    assert [span.status for span in tree.spans] == ["interrupted"]


MANY = """
import sys, threading
from clawtrace_core import open_session
from clawtrace_core.capture import Draft
def work(thread):
    with open_session(sys.argv[1], session="run", task=f"{sys.argv[2]}/{thread}") as session:
        for number in range(200):
            name = f"{sys.argv[2]}/{thread}"
            session.recorder.started(number, kind="tool", name=name, input=[Draft("arguments", {"n": number})])
            session.recorder.ended(number)
threads = [threading.Thread(target=work, args=(n,)) for n in range(int(sys.argv[3]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_four_processes_with_threads_in_one_store_do_not_mix_sessions(tmp_path: Path) -> None:
    commands = [[sys.executable, "-c", MANY, str(tmp_path), str(process), "2"] for process in range(4)]
    processes = [subprocess.Popen(command) for command in commands]
    assert [process.wait(100) for process in processes] == [0] * 4

    store = open_store(tmp_path)
    assert sorted(store.session_ids()) == sorted(["run", *[f"run-{n}" for n in range(2, 9)]])
    trees = [store.read(name) for name in store.session_ids()]
    assert {tree.started.task for tree in trees} == {
        f"{process}/{thread}" for process in range(4) for thread in range(2)
    }
    for tree in trees:
        assert [span.name for span in tree.spans] == [tree.started.task] * 200
        assert len(tree.contents) == 200
        assert not tree.problems


def test_eight_threads_with_sessions_of_their_own_do_not_mix(tmp_path: Path) -> None:
    run(MANY, tmp_path, "only", 8)

    store = open_store(tmp_path)
    trees = [store.read(name) for name in store.session_ids()]
    assert len(trees) == 8
    for tree in trees:
        assert [span.name for span in tree.spans] == [tree.started.task] * 200
        assert tree.ended is not None
        assert tree.ended.lost == 0


NO_STORE = """
import pathlib, shutil, sys, logging
from clawtrace_core import open_session
where = pathlib.Path(sys.argv[1]) / "store"
session = open_session(where)
shutil.rmtree(where)
where.write_text("")
for number in range(2000):
    session.recorder.started(number, kind="tool", name="t")
    session.recorder.ended(number)
session.flush()
session.flush()
session.close()
print("the agent's answer")
"""


def test_a_lost_store_is_told_once_and_the_agent_goes_on(tmp_path: Path) -> None:
    done = run(NO_STORE, tmp_path)

    assert done.stdout == "the agent's answer\n"
    assert done.stderr.count("cannot be written") == 1
    assert "Traceback" not in done.stderr


IMPORT = """
import sys, threading
before = threading.active_count()
import clawtrace_core, clawtrace_core.capture, clawtrace_core.store
clawtrace_core.Settings()
assert threading.active_count() == before
heavy = {"pydantic", "yaml", "genai_prices", "rich", "typer", "langchain_core"} & set(sys.modules)
assert not heavy, heavy
assert clawtrace_core.__version__
assert clawtrace_core.TraceCard and clawtrace_core.PriceBook
assert "pydantic" in sys.modules
"""


def test_importing_is_silent_starts_nothing_and_loads_nothing_heavy(tmp_path: Path) -> None:
    done = run(IMPORT, cwd=tmp_path)

    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_a_card_is_compiled_while_the_session_is_open(tmp_path: Path) -> None:
    with open_session(tmp_path, task="sheet-1") as session:
        session.recorder.started("a", kind="tool", name="read", input=[Draft("arguments", {"path": "x"})])
        session.recorder.ended("a")
        card = session.card()
        session.record_outcome(success=True)

    assert card.calls.tool == 1
    assert card.task == "sheet-1"
    events = [event for _, event in session.store.events(session.id)]
    assert sum(isinstance(event, SpanEnded) for event in events) == 1
