"""A patched skill reaches the model: found in the bytes of the request, through the real client."""

import json
from pathlib import Path
from typing import Any

import pytest

from clawtrace_core.errors import SkillInvalid
from clawtrace_crewai import load_skill

RULE = 'Never search twice for {topic}; read {input} and {"a": 1} once. Köln - "ok"?'


def write(root: Path, name: str, body: str) -> Path:
    path = root / name
    path.mkdir(parents=True)
    (path / "SKILL.md").write_text(
        f'---\nname: {name}\ndescription: "Use it always."\n---\n\n{body}\n', encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("client", ["openai", "anthropic"])
def test_the_rule_is_in_what_the_model_receives(
    provider: Any, agent: Any, crew: Any, llm: Any, tmp_path: Path, client: str
) -> None:
    from crewai import LLM

    model = llm() if client == "openai" else LLM(model="anthropic/claude-x", base_url=provider.url, api_key="k")
    skills = load_skill(write(tmp_path, "cost-rules", RULE), write(tmp_path, "more-rules", "SECOND"))
    crew(agent("Worker", llm=model, skills=skills)).kickoff(inputs={"topic": "cats"})
    agent("Solo", llm=model, skills=skills).kickoff("hello")
    for asked in provider.asked:
        assert "tools" not in asked
        system = asked["system"] if client == "anthropic" else asked["messages"][0]["content"]
        text = system if isinstance(system, str) else json.dumps(system, ensure_ascii=False)
        assert RULE.replace("{input}", "{ input }") in text.replace('\\"', '"')
        assert "SECOND" in text


def test_a_crew_takes_them_too_and_a_hierarchical_worker_gets_them(
    provider: Any, agent: Any, crew: Any, tmp_path: Path
) -> None:
    crew(agent("Worker"), skills=load_skill(write(tmp_path, "cost-rules", RULE))).kickoff()
    assert "Never search twice" in json.dumps(provider.asked[0])


def test_two_skills_of_one_name_are_refused_for_crewai_would_drop_one(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a", "cost-rules", RULE), write(tmp_path / "b", "cost-rules", "Other.")
    with pytest.raises(SkillInvalid, match=r"b/cost-rules/SKILL\.md: is named 'cost-rules' as .*a/cost-rules"):
        load_skill(one, two)
    assert len(load_skill(one, one / "SKILL.md")) == 1


def test_what_is_no_skill_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SkillInvalid, match="nowhere"):
        load_skill(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SkillInvalid, match="empty"):
        load_skill(tmp_path / "empty")
