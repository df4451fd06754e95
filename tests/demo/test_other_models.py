"""The policy as a LlamaIndex and as a CrewAI model, and the tools as each of them wraps them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from examples.sheets.conversation import Asked, Call, Got, Said
from examples.sheets.frameworks import CREWAI, LLAMAINDEX
from examples.sheets.simulated import CONTEXT_WINDOW, MODEL
from examples.sheets.tasks import make_task
from examples.sheets.tools import SheetTools

VALUES = {"B2": 3, "B3": 3.5, "B4": "3", "B5": None}
SAID = Said(text="Reading.", calls=(Call(name="read_sheet", args={"sheet": "A"}),))
REQUEST = make_task(1, "total", "evolve", 5).request

pytestmark = [
    pytest.mark.xdist_group("demo-frameworks"),
    *(pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("DeprecationWarning", "ResourceWarning")),
]


@pytest.fixture
def tools(tmp_path: Path) -> SheetTools:
    return SheetTools(make_task(1, "total", "evolve", 5).prepare(tmp_path))


def cells(tools: SheetTools) -> dict[str, Any]:
    page = openpyxl.load_workbook(tools.path)["Summary"]
    return {cell: page[cell].value for cell in VALUES}


def test_numbers_and_texts_stay_apart_on_their_way_through_llamaindex(tools: SheetTools) -> None:
    wrapped = {each.metadata.name: each for each in LLAMAINDEX.load().llamaindex_tools(tools)}  # type: ignore[attr-defined]
    for cell, value in VALUES.items():
        asyncio.run(wrapped["write_cell"].acall(sheet="Summary", cell=cell, value=value))
    assert cells(tools) == VALUES


def test_numbers_and_texts_stay_apart_on_their_way_through_crewai(tools: SheetTools) -> None:
    wrapped = {each.name: each for each in CREWAI.load().crewai_tools(tools)}  # type: ignore[attr-defined]
    for cell, value in VALUES.items():
        wrapped["write_cell"].run(sheet="Summary", cell=cell, value=value)
    assert cells(tools) == VALUES
    failed = wrapped["read_sheet"].run(sheet="Sheet1")
    assert failed.as_agent_message().startswith("there is no sheet 'Sheet1'; the workbook has: ")


def test_messages_of_llamaindex_become_turns() -> None:
    from examples.sheets.model_llamaindex import read_messages
    from llama_index.core.base.llms.types import ChatMessage, TextBlock, ToolCallBlock

    call = ToolCallBlock(tool_call_id="1", tool_name="read_sheet", tool_kwargs={"sheet": "A"})
    messages = [
        ChatMessage(role="system", content="Be brief."),
        ChatMessage(role="user", content="Do it."),
        ChatMessage(role="assistant", blocks=[TextBlock(text="Reading."), call]),
        ChatMessage(role="tool", content="no such sheet", additional_kwargs={"tool_call_id": "1"}),
    ]
    assert read_messages(messages) == ("Be brief.", [Asked(text="Do it."), SAID, Got(text="no such sheet")])


def test_messages_of_crewai_become_turns() -> None:
    CREWAI.load()
    from examples.sheets.model_crewai import read_messages, request_in

    call = {"id": "1", "type": "function", "function": {"name": "read_sheet", "arguments": json.dumps({"sheet": "A"})}}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Do it."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "no such sheet"},
    ]
    assert read_messages(messages) == (
        "Be brief.",
        [Asked(text="Do it."), Said(calls=SAID.calls), Got(text="no such sheet")],
    )
    assert read_messages("Do it.") == ("", [Asked(text="Do it.")])
    worded = "\nCurrent Task: Do it.\nNow.\n\nThis is the expected criteria for your final answer: x"
    assert [request_in(text) for text in (worded, "Do it.")] == ["Do it.\nNow.", "Do it."]


def test_the_llamaindex_model_answers_alike_however_it_is_asked(tools: SheetTools) -> None:
    agents = LLAMAINDEX.load()
    from examples.sheets.model_llamaindex import SimulatedLLM

    model, offered = SimulatedLLM(), agents.llamaindex_tools(tools)  # type: ignore[attr-defined]

    async def streamed() -> Any:
        return [chunk async for chunk in await model.astream_chat_with_tools(offered, user_msg=REQUEST)]

    answers = [
        model.chat_with_tools(offered, user_msg=REQUEST),
        asyncio.run(model.achat_with_tools(offered, user_msg=REQUEST)),
        list(model.stream_chat_with_tools(offered, user_msg=REQUEST))[-1],
        asyncio.run(streamed())[-1],
    ]
    assert len({answer.model_dump_json() for answer in answers}) == 1
    assert {call.tool_name for call in model.get_tool_calls_from_response(answers[0])} <= {"list_sheets", "read_sheet"}
    assert answers[0].raw["usage"]["total_tokens"] > 0
    assert (model.metadata.model_name, model.metadata.is_function_calling_model) == (MODEL, True)


def test_the_crewai_model_counts_what_it_is_asked_before_it_answers() -> None:
    CREWAI.load()
    from examples.sheets.model_crewai import SimulatedLLM

    model = SimulatedLLM.made()
    answer = model.call(REQUEST)
    assert answer[0]["function"]["name"] in {"list_sheets", "read_sheet"}
    assert model.get_token_usage_summary().prompt_tokens == model.get_input_tokens_count(REQUEST)
    assert model.get_context_window_size() >= CONTEXT_WINDOW
    assert model.supports_function_calling()
