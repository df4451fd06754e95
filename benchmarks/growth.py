"""How a session's size on disk and its compile time grow with its length."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import agent as bench
from clawtrace_core import compile_session, open_store
from clawtrace_langchain import ClawTraceCallbackHandler


def disk(sizes: tuple[int, ...] = (25, 50, 100, 200, 400)) -> list[dict[str, Any]]:
    """Bytes of one session as the number of model calls grows; beside it, what logging each prompt whole costs."""
    rows = []
    for turns in sizes:
        with tempfile.TemporaryDirectory() as where:
            handler = ClawTraceCallbackHandler(store=where)
            bench.run(bench.build(turns), turns, [handler])
            handler.close()
            store = open_store(where)
            (session,) = store.session_ids()
            size = sum(path.stat().st_size for path in Path(where).rglob("*") if path.is_file())
            tree = store.read(session)
            whole = sum(sum(tree.contents[item].size for item in items) for _span, items in tree.inputs())
        rows.append({"calls": turns, "bytes": size, "bytes_per_call": round(size / turns), "whole_prompts": whole})
    return rows


def compiling(turns: tuple[int, ...] = (250, 1250, 2500), rounds: int = 5) -> list[dict[str, Any]]:
    """Seconds to compile a TraceCard; the largest session holds about 10,000 events."""
    rows = []
    for count in turns:
        with tempfile.TemporaryDirectory() as where:
            events = _long_session(where, count)
            store = open_store(where)
            (session,) = store.session_ids()
            reads, compiles, fits = [], [], []
            for _ in range(rounds):
                start = time.perf_counter()
                tree = store.read(session)
                read = time.perf_counter()
                card = compile_session(tree)
                compiled = time.perf_counter()
                card.to_yaml()
                reads.append(read - start)
                compiles.append(compiled - read)
                fits.append(time.perf_counter() - compiled)
        rows.append(
            {
                "events": events,
                "read_s": round(statistics.median(reads), 4),
                "compile_s": round(statistics.median(compiles), 4),
                "fit_s": round(statistics.median(fits), 4),
            }
        )
    return rows


def _long_session(where: str, turns: int) -> int:
    """Write a session of about four events a turn through the recorder, and count its lines."""
    from clawtrace_core import open_session
    from clawtrace_core.capture import Draft
    from clawtrace_core.model.event import Request, Response
    from clawtrace_core.model.usage import Usage

    session = open_session(where, framework="bench")
    recorder = session.recorder
    recorder.started("root", kind="agent", name="agent")
    history = [Draft("user", {"role": "user", "text": "Read every row."})]
    request = Request(model="gpt-4.1-mini", provider="openai")
    for turn in range(turns):
        recorder.started(f"m{turn}", kind="llm", name="chat", parent="root", input=list(history), request=request)
        call = {"id": f"c{turn}", "name": "read_row", "args": {"n": turn % 400}}
        said = Draft("assistant", {"role": "assistant", "text": "", "tool_calls": [call]})
        usage = Usage(input=60 * len(history), output=20, cache_read=30 * len(history))
        recorder.ended(f"m{turn}", output=[said], response=Response(model="gpt-4.1-mini", usage=usage))
        arguments = Draft("arguments", {"n": turn % 400})
        recorder.started(
            f"t{turn}", kind="tool", name="read_row", parent="root", input=[arguments], tool_call=f"c{turn}"
        )
        body = {"role": "tool", "text": bench.RESULT.format(n=turn % 400), "tool_call_id": f"c{turn}"}
        result = Draft("tool", body, tool_call=f"c{turn}")
        recorder.ended(f"t{turn}", output=[result])
        history += [said, result]
    recorder.ended("root")
    session.close()
    return sum(path.read_bytes().count(b"\n") for path in Path(where).rglob("*.jsonl"))
