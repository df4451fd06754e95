"""A provider on 127.0.0.1: OpenAI chat and Responses, Anthropic messages, streaming and not, with usage."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

CHAT_USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 200,
    "total_tokens": 1200,
    "prompt_tokens_details": {"cached_tokens": 600},
    "completion_tokens_details": {"reasoning_tokens": 120},
}
RESPONSES_USAGE = {
    "input_tokens": 1000,
    "output_tokens": 200,
    "total_tokens": 1200,
    "input_tokens_details": {"cached_tokens": 600},
    "output_tokens_details": {"reasoning_tokens": 120},
}
CLAUDE_USAGE = {
    "input_tokens": 100,
    "output_tokens": 50,
    "cache_read_input_tokens": 600,
    "cache_creation_input_tokens": 300,
    "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100},
}


def _chat(asked: Any, calls: list[Any], usage: Any) -> Any:
    tools = [
        {"id": call_id, "type": "function", "index": index, "function": {"name": name, "arguments": json.dumps(args)}}
        for index, (name, args, call_id) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": None if calls else "done", **({"tool_calls": tools} if calls else {})}
    head = {"id": "chatcmpl-1", "model": "gpt-x-2025-09-01", "created": 1}
    finish = "tool_calls" if calls else "stop"
    if not asked.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": finish}
        choices = [{**choice, "index": n} for n in range(asked.get("n") or 1)]
        return {**head, "object": "chat.completion", "choices": choices, "usage": usage}
    chunk = {**head, "object": "chat.completion.chunk"}
    told = (asked.get("stream_options") or {}).get("include_usage")
    return [
        {**chunk, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
        {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
        *([{**chunk, "choices": [], "usage": usage}] if told else []),
    ]


def _responses(asked: Any, calls: list[Any]) -> Any:
    items = [
        {
            "type": "function_call",
            "id": f"fc_{call_id}",
            "call_id": call_id,
            "name": name,
            "arguments": json.dumps(args),
        }
        for name, args, call_id in calls
    ]
    text = {"type": "output_text", "text": "done", "annotations": []}
    said = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}
    whole = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "gpt-x-2025-09-01",
        "status": "completed",
        "output": items or [said],
        "usage": RESPONSES_USAGE,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
    if not asked.get("stream"):
        return whole
    events: list[Any] = [{"type": "response.created", "response": {**whole, "status": "in_progress", "output": []}}]
    for index, item in enumerate(whole["output"]):
        at = {"output_index": index, "item_id": item["id"]}
        if item["type"] == "message":
            events.append(
                {"type": "response.output_item.added", "output_index": index, "item": {**item, "content": []}}
            )
            part = {"content_index": 0, **at}
            events.append({"type": "response.content_part.added", **part, "part": {**text, "text": ""}})
            events.append({"type": "response.output_text.delta", **part, "delta": "done", "logprobs": []})
        else:
            empty = {**item, "arguments": ""}
            events.append({"type": "response.output_item.added", "output_index": index, "item": empty})
            events.append({"type": "response.function_call_arguments.delta", **at, "delta": item["arguments"]})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": whole})
    return [{"sequence_number": number, **event} for number, event in enumerate(events)]


def _claude(asked: Any, calls: list[Any]) -> Any:
    blocks: list[Any] = [{"type": "tool_use", "id": c, "name": name, "input": args} for name, args, c in calls]
    blocks = blocks or [{"type": "text", "text": "done"}]
    stop = "tool_use" if calls else "end_turn"
    head = {"id": "msg_01", "type": "message", "role": "assistant", "model": "claude-x-20250901"}
    head |= {"stop_reason": None, "stop_sequence": None}
    if not asked.get("stream"):
        return {**head, "content": blocks, "stop_reason": stop, "usage": CLAUDE_USAGE}
    events: list[Any] = [{"type": "message_start", "message": {**head, "content": [], "usage": CLAUDE_USAGE}}]
    for index, block in enumerate(blocks):
        if block["type"] == "text":
            start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        events += [
            {"type": "content_block_start", "index": index, "content_block": start},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    last = {key: CLAUDE_USAGE[key] for key in ("input_tokens", "output_tokens", "cache_read_input_tokens")}
    last |= {"cache_creation_input_tokens": 300}
    events.append({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": last})
    return [*events, {"type": "message_stop"}]


class Provider:
    """What it was asked, and the tool calls it will ask for; without any left it says `done`."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.calls: list[list[tuple[str, Any, str]]] = []
        self.usage: dict[str, Any] = dict(CHAT_USAGE)
        self.refuse = 0
        self.url = ""

    def answer(self, path: str, asked: Any) -> Any:
        self.asked.append(asked)
        calls = self.calls.pop(0) if self.calls else []
        if path.endswith("/chat/completions"):
            return _chat(asked, calls, self.usage)
        return _responses(asked, calls) if path.endswith("/responses") else _claude(asked, calls)


def _server(provider: Provider) -> ThreadingHTTPServer:
    class Answering(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if provider.refuse:
                provider.refuse -= 1
                self._send(429, "application/json", b'{"error": {"message": "slow down", "type": "rate_limit"}}')
                return
            answer = provider.answer(self.path, asked)
            if isinstance(answer, list):
                named = "".join(f"event: {e.get('type', 'x')}\ndata: {json.dumps(e)}\n\n" for e in answer)
                plain = "".join(f"data: {json.dumps(e)}\n\n" for e in answer) + "data: [DONE]\n\n"
                body = plain if "choices" in answer[0] else named
                self._send(200, "text/event-stream", body.encode())
            else:
                self._send(200, "application/json", json.dumps(answer).encode())

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.send_header("x-secret-header", "header-secret-value")
            self.end_headers()
            self.wfile.write(body)

    return ThreadingHTTPServer(("127.0.0.1", 0), Answering)


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()
    server = _server(found)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()
