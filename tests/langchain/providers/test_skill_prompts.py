"""A skill reaches the model: as a system prompt in `create_agent`, and natively in deepagents."""

from pathlib import Path
from typing import Any

import pytest
from deepagents import create_deep_agent
from deepagents.backends import FilesystemBackend
from langchain.agents import create_agent
from langchain_openai import ChatOpenAI

from clawtrace_core.errors import SkillInvalid
from clawtrace_langchain import load_skill_prompt

RULE = 'Read each sheet once; never call {tool} twice. JSON looks like {"a": 1}.'
GO = {"messages": [("user", "go")]}


@pytest.fixture
def skills(tmp_path: Path) -> Path:
    for name, rule in (("thrift", RULE), ("sheets", "Write numbers as numbers.")):
        folder = tmp_path / "skills" / name
        folder.mkdir(parents=True)
        (folder / "SKILL.md").write_text(f'---\nname: {name}\ndescription: "How {name} is done."\n---\n\n- {rule}\n')
    return tmp_path / "skills"


def test_a_prompt_names_each_skill_and_keeps_its_words(skills: Path) -> None:
    prompt = load_skill_prompt(skills / "thrift", skills / "sheets" / "SKILL.md")
    assert prompt == (
        f"# Skill: thrift\n\nHow thrift is done.\n\n- {RULE}\n\n"
        "# Skill: sheets\n\nHow sheets is done.\n\n- Write numbers as numbers."
    )


def test_the_rule_is_in_what_a_scripted_model_received(skills: Path, scripted: Any, say: Any) -> None:
    model = scripted(say("done"))
    create_agent(model, [], system_prompt=load_skill_prompt(skills / "thrift")).invoke(GO)
    assert RULE in model.heard[0][0].content


@pytest.mark.parametrize("found", ["nothing", "no file", "no frontmatter"])
def test_what_is_no_skill_is_named(found: str, tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    if found != "nothing":
        folder.mkdir()
    if found == "no frontmatter":
        (folder / "SKILL.md").write_text("just text")
    with pytest.raises(SkillInvalid, match="bad"):
        load_skill_prompt(folder)


def test_deepagents_reads_the_same_directory(
    skills: Path, scripted: Any, say: Any, handler: Any, outline: Any, texts: Any
) -> None:
    read = ("read_file", {"file_path": "/skills/thrift/SKILL.md", "limit": 1000}, "c1")
    model = scripted(say("", read), say("done"))
    backend = FilesystemBackend(root_dir=str(skills.parent), virtual_mode=True)
    agent = create_deep_agent(model=model, backend=backend, skills=["/skills/"], name="deep")
    agent.invoke(GO, {"callbacks": [handler]})
    system = str(model.heard[0][0].content)
    assert "How thrift is done." in system
    assert RULE not in system
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent deep", "  llm scripted-1", "  tool read_file", "  llm scripted-1"]
    assert RULE in texts(tree, tree.spans[2].output)[0]
    assert RULE in str(model.heard[1][-1].content)


def test_the_rule_is_in_the_bytes_a_real_client_sent(skills: Path, provider: Any, handler: Any, texts: Any) -> None:
    model = ChatOpenAI(model="gpt-x", base_url=f"{provider.url}/v1", api_key="dummy", max_retries=0)
    create_agent(model, [], system_prompt=load_skill_prompt(skills / "thrift")).invoke(GO, {"callbacks": [handler]})
    sent = provider.asked[0]["messages"][0]
    assert sent["role"] == "system"
    assert RULE in sent["content"]
    tree = handler.sessions()[0].tree()
    prompt = next(ids for span, ids in tree.inputs() if span.kind == "llm")
    assert texts(tree, prompt)[0] == sent["content"]
