"""ClawTrace for LlamaIndex."""

from clawtrace_llamaindex._roots import ClawTraceHandler, install
from clawtrace_llamaindex._trace import trace
from clawtrace_llamaindex.skills import load_skill, skill_tools

__all__ = ["ClawTraceHandler", "install", "load_skill", "skill_tools", "trace"]
