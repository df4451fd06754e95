"""The tools on a real workbook, and the policy as a LangChain model with honest counts."""

from pathlib import Path

import openpyxl
import pytest
from examples.sheets.conversation import Asked, Call, Got, Said, Tool, meter, tokens_of
from examples.sheets.langchain_agent import build_agent, langchain_tools
from examples.sheets.model_langchain import SimulatedChatModel, read_messages
from examples.sheets.simulated import MODEL
from examples.sheets.tasks import make_task
from examples.sheets.tools import SheetError, SheetTools
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage


@pytest.fixture
def tools(tmp_path: Path) -> SheetTools:
    return SheetTools(make_task(1, "total", "evolve", 5).prepare(tmp_path))


def test_reading_tells_row_numbers_and_values(tools: SheetTools) -> None:
    assert tools.list_sheets().splitlines()[0] == "Notes"
    assert tools.read_range("Prices", "A1:B1") == "row | A | B\n1 | Product | Price"
    assert tools.read_range("Summary", "B2") == "row | B\n2 | "
    assert len(tools.read_sheet("Prices").splitlines()) == 62


def test_writing_keeps_the_type_and_null_empties(tools: SheetTools) -> None:
    assert tools.write_cell("Summary", "B2", 12.5) == "wrote Summary!B2"
    tools.write_cell("Summary", "B3", "12.5")
    page = openpyxl.load_workbook(tools.path)["Summary"]
    assert (page["B2"].value, page["B3"].value) == (12.5, "12.5")
    tools.write_cell("Summary", "B2", None)
    assert openpyxl.load_workbook(tools.path)["Summary"]["B2"].value is None


def test_errors_say_what_would_work(tools: SheetTools) -> None:
    with pytest.raises(SheetError, match=r"no sheet 'Sheet1'; the workbook has: Notes, .*, Prices, Summary"):
        tools.read_sheet("Sheet1")
    with pytest.raises(SheetError, match="'nowhere' is not a range; name it like B2"):
        tools.read_range("Summary", "nowhere")
    for cell in ("B2:B3", "nowhere", "0"):
        with pytest.raises(SheetError, match="is not one cell; name it like B2"):
            tools.write_cell("Summary", cell, 1)


def test_langchain_tools_say_which_only_read_and_hand_errors_to_the_agent(tools: SheetTools) -> None:
    wrapped = {tool.name: tool for tool in langchain_tools(tools)}
    reads = {name: tool.metadata for name, tool in wrapped.items()}
    assert reads["read_sheet"] == {"readOnlyHint": True}
    assert reads["write_cell"] == {"readOnlyHint": False}
    assert all(tool.description for tool in wrapped.values())
    call = {"type": "tool_call", "id": "1", "name": "read_sheet", "args": {"sheet": "Sheet1"}}
    message = wrapped["read_sheet"].invoke(call)
    assert message.status == "error"
    assert "the workbook has" in message.content


def test_numbers_and_texts_stay_apart_on_their_way_through_langchain(tools: SheetTools) -> None:
    write = {tool.name: tool for tool in langchain_tools(tools)}["write_cell"]
    for cell, value in (("B2", 3), ("B3", 3.5), ("B4", "3"), ("B5", None)):
        write.invoke({"sheet": "Summary", "cell": cell, "value": value})
    page = openpyxl.load_workbook(tools.path)["Summary"]
    assert [page[cell].value for cell in ("B2", "B3", "B4", "B5")] == [3, 3.5, "3", None]


def test_messages_become_turns() -> None:
    calls = [{"name": "read_sheet", "args": {"sheet": "A"}, "id": "1"}]
    instructions, turns = read_messages(
        [
            SystemMessage("Be brief."),
            HumanMessage("Do it."),
            AIMessage("Reading.", tool_calls=calls),
            ToolMessage("no such sheet", tool_call_id="1", status="error"),
        ]
    )
    assert instructions == "Be brief."
    assert turns == [
        Asked(text="Do it."),
        Said(text="Reading.", calls=(Call(name="read_sheet", args={"sheet": "A"}),)),
        Got(text="no such sheet", failed=True),
    ]


def test_input_counts_everything_received_and_output_everything_said() -> None:
    said = Said(text="Done.")
    alone = meter("", [], [Asked(text="x" * 400)], said)
    assert alone.output == tokens_of("Done.")
    longer = meter("y" * 400, [Tool(name="t", description="z" * 400)], [Asked(text="x" * 400)], said)
    assert longer.input - alone.input >= 200


def test_the_cache_holds_what_an_earlier_call_sent_from_1024_tokens_up() -> None:
    first = [Asked(text="x" * 8000)]
    said = Said(calls=(Call(name="list_sheets"),))
    assert meter("", [], first, said).cache_read == 0
    second = [*first, said, Got(text="A")]
    assert meter("", [], second, Said(text="Done.")).cache_read == 2008 // 128 * 128
    short = [Asked(text="x" * 400), said, Got(text="A")]
    assert meter("", [], short, Said(text="Done.")).cache_read == 0


def test_the_model_reports_usage_under_a_priced_name_and_says_it_is_simulated(tools: SheetTools) -> None:
    task = make_task(1, "total", "evolve", 5)
    state = build_agent(tools, "Be brief.").invoke({"messages": [("user", task.request)]})
    said = [message for message in state["messages"] if isinstance(message, AIMessage)]
    assert all(message.response_metadata["simulated"] for message in said)
    assert {message.response_metadata["model_name"] for message in said} == {MODEL}
    counted = [message.usage_metadata for message in said if message.usage_metadata]
    assert len(counted) == len(said)
    assert [usage["input_tokens"] for usage in counted] == sorted(usage["input_tokens"] for usage in counted)
    assert all(usage["input_token_details"]["cache_read"] <= usage["input_tokens"] for usage in counted)
    params = SimulatedChatModel()._get_ls_params()
    assert (params["ls_provider"], params["ls_model_name"]) == ("openai", MODEL)
