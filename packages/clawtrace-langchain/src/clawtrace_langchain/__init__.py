"""ClawTrace for LangChain, LangGraph and deepagents."""

from clawtrace_langchain._callback import ClawTraceCallbackHandler
from clawtrace_langchain._trace import install, trace
from clawtrace_langchain.skills import load_skill, load_skill_prompt

__all__ = ["ClawTraceCallbackHandler", "install", "load_skill", "load_skill_prompt", "trace"]
