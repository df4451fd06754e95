"""What OpenAI (chat and Responses) and Anthropic (messages) answer on the wire, streaming and not.

What is said is a text, or tool calls as (name, arguments, id); arguments that are a text are sent as they are.
"""

import json
import re
from typing import Any

Calls = list[tuple[str, Any, str]]
Said = str | Calls

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


def chat(asked: Any, said: Said, usage: Any, number: int = 1) -> Any:
    """An answer of OpenAI's chat completions: one body, or the chunks of a stream, word by word."""
    calls = [] if isinstance(said, str) else said
    tools = [
        {"id": call_id, "type": "function", "index": index, "function": {"name": name, "arguments": _text(args)}}
        for index, (name, args, call_id) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": None if calls else said, **({"tool_calls": tools} if calls else {})}
    head = {"id": f"chatcmpl-{number}", "model": "gpt-x-2025-09-01", "created": 1}
    finish = "tool_calls" if calls else "stop"
    if not asked.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": finish}
        choices = [{**choice, "index": n} for n in range(asked.get("n") or 1)]
        return {**head, "object": "chat.completion", "choices": choices, "usage": usage}
    chunk = {**head, "object": "chat.completion.chunk"}
    words = [] if calls else [{"role": "assistant", "content": word} for word in re.findall(r"\S+\s*", str(said))]
    told = (asked.get("stream_options") or {}).get("include_usage")
    return [
        *({**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in words or [message]),
        {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
        *([{**chunk, "choices": [], "usage": usage}] if told else []),
    ]


def _text(args: Any) -> str:
    return args if isinstance(args, str) else json.dumps(args)


def responses(asked: Any, said: Said) -> Any:
    """An answer of OpenAI's Responses: one body, or the events of a stream."""
    items = [
        {"type": "function_call", "id": f"fc_{call_id}", "call_id": call_id, "name": name, "arguments": _text(args)}
        for name, args, call_id in ([] if isinstance(said, str) else said)
    ]
    text = {"type": "output_text", "text": said, "annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}
    whole = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "gpt-x-2025-09-01",
        "status": "completed",
        "output": items or [message],
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
            events.append({"type": "response.output_text.delta", **part, "delta": said, "logprobs": []})
        else:
            empty = {**item, "arguments": ""}
            events.append({"type": "response.output_item.added", "output_index": index, "item": empty})
            events.append({"type": "response.function_call_arguments.delta", **at, "delta": item["arguments"]})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": whole})
    return [{"sequence_number": number, **event} for number, event in enumerate(events)]


def claude(asked: Any, said: Said, number: int = 1) -> Any:
    """An answer of Anthropic's messages: one body, or the events of a stream."""
    calls = [] if isinstance(said, str) else said
    blocks: list[Any] = [{"type": "tool_use", "id": c, "name": name, "input": args} for name, args, c in calls]
    blocks = blocks or [{"type": "text", "text": said}]
    stop = "tool_use" if calls else "end_turn"
    head = {"id": f"msg_{number:02}", "type": "message", "role": "assistant", "model": "claude-x-20250901"}
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
