"""A skill that was written back is found, rule for rule, in the bytes the model received."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.agent.workflow import AgentWorkflow, CodeActAgent, FunctionAgent, ReActAgent
from llama_index.core.workflow.errors import WorkflowRuntimeError
from llama_index.llms.openai import OpenAI

from clawtrace_core.errors import SkillInvalid
from clawtrace_llamaindex import load_skill, skill_tools

RULE = 'Totals are JSON like {"total": 12.5}; {not_a_variable}, {{ jinja }} and {% raw %} stay as they are.'
CODE = "```python\nprint(f\"{rows[0]['a']:>{width}}\")\n```"


@pytest.fixture
def skill(tmp_path: Path) -> Path:
    where = tmp_path / "skills" / "invoice-lookup"
    where.mkdir(parents=True)
    front = '---\nname: invoice-lookup\ndescription: "Look up invoices cheaply. Use it for totals."\n---\n'
    (where / "SKILL.md").write_text(f"{front}# Rules\n\n- {RULE}\n\n{CODE}\n")
    return where


def _model(provider: Any) -> OpenAI:
    return OpenAI(model="gpt-4o", api_base=f"{provider.url}/v1", api_key="sk-test", max_retries=0)


def _agent(kind: type, provider: Any, prompt: str, tools: list[Any], name: str = "a") -> Any:
    told = {"name": name, "description": "Does it.", "llm": _model(provider), "tools": tools, "system_prompt": prompt}
    return CodeActAgent(code_execute_fn=lambda code: code, **told) if kind is CodeActAgent else kind(**told)


def _run(agent: Any) -> None:
    async def go() -> None:
        with suppress(WorkflowRuntimeError):  # too many turns: the stub's answers are in no format ReAct knows
            await agent.run(user_msg="total of invoice 7?", max_iterations=3)

    asyncio.run(go())


def _read(asked: Any) -> str:
    """All the texts a model received in one request."""
    return "\n".join(str(message.get("content")) for message in asked["messages"])


@pytest.mark.parametrize("kind", [FunctionAgent, ReActAgent, CodeActAgent])
def test_a_skill_as_system_prompt_reaches_the_model(kind: type, skill: Path, provider: Any) -> None:
    prompt = load_skill(skill)
    assert prompt.startswith("# Skill: invoice-lookup\n\nLook up invoices cheaply.")
    _run(_agent(kind, provider, prompt, []))
    assert provider.asked
    for asked in provider.asked:
        assert RULE in _read(asked)
        assert CODE in _read(asked)


def test_a_skill_reaches_every_agent_of_a_workflow(skill: Path, provider: Any) -> None:
    provider.calls = [
        [("handoff", {"to_agent": "b", "reason": "x"}, "c1")],
        [("handoff", {"to_agent": "c", "reason": "x"}, "c2")],
    ]
    prompt = load_skill(skill)
    team = [_agent(FunctionAgent, provider, f"You are {name}.\n\n{prompt}", [], name) for name in "abc"]
    _run(AgentWorkflow(agents=team, root_agent="a"))
    for name in "abc":
        mine = [_read(asked) for asked in provider.asked if f"You are {name}." in _read(asked)]
        assert mine
        assert all(RULE in text and CODE in text for text in mine)


def test_a_skill_is_read_when_the_model_asks_for_it(skill: Path, provider: Any) -> None:
    catalogue, tool = skill_tools([skill])
    provider.calls = [[("read_skill", {"name": "invoice-lookup"}, "c1")], [("read_skill", {"name": "nosuch"}, "c2")]]
    _run(_agent(FunctionAgent, provider, catalogue, [tool]))
    first, second, third = provider.asked
    assert "- invoice-lookup: Look up invoices cheaply. Use it for totals." in _read(first)
    assert RULE not in _read(first)
    assert [offered["function"]["name"] for offered in first["tools"]] == ["read_skill"]
    assert RULE in _read(second)
    assert CODE in _read(second)
    assert "There is no skill 'nosuch'. There are: invoice-lookup." in _read(third)


def test_a_catalogue_reaches_react_and_codeact_agents_with_its_tool(skill: Path, provider: Any) -> None:
    catalogue, tool = skill_tools([skill])
    for kind in (ReActAgent, CodeActAgent):
        provider.asked.clear()
        _run(_agent(kind, provider, catalogue, [tool]))
        assert "- invoice-lookup: Look up invoices cheaply." in _read(provider.asked[0])
        assert "read_skill" in json.dumps(provider.asked[0])


def test_several_skills_are_one_prompt(skill: Path, tmp_path: Path) -> None:
    other = tmp_path / "skills" / "refunds"
    other.mkdir()
    (other / "SKILL.md").write_text('---\nname: refunds\ndescription: "Refunds."\n---\nAsk first.\n')
    text = load_skill(skill, other)
    assert text.index("# Skill: invoice-lookup") < text.index("# Skill: refunds")


def test_two_skills_of_one_name_cannot_be_asked_for_by_name(skill: Path, tmp_path: Path) -> None:
    other = tmp_path / "more" / "invoice-lookup"
    other.mkdir(parents=True)
    (other / "SKILL.md").write_text((skill / "SKILL.md").read_text())
    with pytest.raises(SkillInvalid, match=r"is named 'invoice-lookup' as .*, and a model asks by name"):
        skill_tools([skill, other])
    assert skill_tools([skill, skill])[0].count("- invoice-lookup:") == 1


def test_a_skill_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    for load in (load_skill, lambda path: skill_tools([path])):
        with pytest.raises(SkillInvalid, match="nosuch: not found"):
            load(tmp_path / "nosuch")
