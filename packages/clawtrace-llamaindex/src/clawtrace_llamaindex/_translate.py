"""From LlamaIndex's words to ours: what a span is, what a call asks for, how it ended. No state, no clock."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from clawtrace_core.capture import failures
from clawtrace_core.capture.answers import request_from
from clawtrace_core.capture.codenames import names_used
from clawtrace_core.capture.nodes import MODEL, OTHER, PARSING, RUN, Node
from clawtrace_core.model.event import Failure, Request

NOTHING: Mapping[str, Any] = {}
STEP, CALL, TOOL, RETRIEVE, EMBED, QUERY = "step", "call", "tool", "retrieve", "embed", "query"
_PACKAGES = ("llama_index", "workflows")
_TALKS = frozenset(f"{how}{what}" for how in ("", "a", "stream_", "astream_") for what in ("chat", "complete"))
_EMBEDS = frozenset(f"{a}get_{what}" for a in ("", "a") for what in ("query_embedding", "text_embedding"))
# What the methods of a class mean, by the name of its base; `*` any method that ends so.
_MEANINGS: tuple[tuple[str, dict[str, str]], ...] = (
    ("BaseTool", dict.fromkeys(("call", "acall", "__call__"), TOOL)),
    ("BaseLLM", {**dict.fromkeys(_TALKS, MODEL), "*structured_predict": PARSING}),
    ("Workflow", {"run": RUN, "call_tool": CALL, "run_agent_step": STEP}),
    ("BaseEmbedding", {**dict.fromkeys(_EMBEDS, EMBED), "*get_text_embedding_batch": EMBED}),
    ("BaseRetriever", {"retrieve": RETRIEVE, "aretrieve": RETRIEVE}),
    ("BaseQueryEngine", {"query": QUERY, "aquery": QUERY}),
    ("BaseChatEngine", dict.fromkeys(_TALKS, QUERY)),
    ("", {"call_tool": CALL, "run_agent_step": STEP}),  # newer workflows do not tell whose step it is
)
_PROVIDERS = {"azure_openai": "azure", "azure_inference": "azure", "bedrock": "aws", "bedrock_converse": "aws"}
_PROVIDERS |= {"gemini": "google", "google_genai": "google", "vertex": "google", "mistralai": "mistral"}
_PROVIDERS |= {"openai_like": "openai", "xai": "x-ai"}


@cache
def meaning(kind: Any, method: str) -> str:
    """What a span of `method` on an instance of `kind` is; by names, so that no framework module is loaded."""
    bases = (one for one in getattr(kind, "__mro__", ()) if one.__module__.partition(".")[0] in _PACKAGES)
    names = {"", *(one.__name__ for one in bases)}
    told = next(methods for base, methods in _MEANINGS if base in names)
    ending = next((means for name, means in told.items() if name[0] == "*" and method.endswith(name[1:])), OTHER)
    return told.get(method, ending)


@cache
def may_delegate(kind: Any, method: str, depth: int) -> bool:
    """Whether a method of a model may only hand the call on to another one, which is then what is billed.

    Told by the names its code uses; a method whose code cannot be read may. `depth` counts the overrides that have
    called `super()` so far.
    """
    found = [vars(one)[method] for one in getattr(kind, "__mro__", ()) if method in vars(one)][depth:]
    used = names_used(found[0]) if found else None
    return used is None or any(name in _TALKS or name.endswith("predict") for name in used)


def request_of(node: Node, told: Mapping[str, Any], asked: Mapping[str, Any]) -> Request:
    """What a call asks for. The instance holds the key: only model, parameters and the endpoint's host are taken."""
    fields = getattr(node.instance, "__dict__", NOTHING)  # asking a pydantic object for what it lacks is slow
    model = fields.get("model") or fields.get("model_name") or told.get("model_name") or told.get("model")
    model = model or getattr(getattr(node.instance, "metadata", None), "model_name", None)
    return request_from(
        {**fields, **asked},
        model=model if isinstance(model, str) and model != "unknown" else None,
        provider=provider_of(node.kind),
        streaming=node.method.startswith(("stream", "astream")),
        attempt=node.attempt,
    )


@cache
def provider_of(kind: Any) -> str | None:
    """The provider an integration speaks to, by the package it comes from; None for classes of one's own."""
    rooms = (ancestor.__module__.split(".") for ancestor in getattr(kind, "__mro__", ()))
    named = (room[2] for room in rooms if room[0] == "llama_index" and room[1:2] in (["llms"], ["embeddings"]))
    name = next(named, None)
    return None if name is None else _PROVIDERS.get(name, name)


def status_of(error: BaseException | None) -> str:
    """How a span that raised ended. Workflows steer with exceptions; those are not errors."""
    if error is None or type(error).__name__ == "WorkflowDone":
        return "ok"
    return "paused" if waits(error) else failures.status_of(error)


def waits(error: BaseException | None) -> bool:
    """Whether a tool stopped to wait for a person; it will be run again from its beginning."""
    return type(error).__name__ == "WaitingForEvent"


def failure_of(error: BaseException | None) -> Failure | None:
    """Why a span failed; None when it did not."""
    return failures.failure_of(error) if error is not None and status_of(error) == "error" else None


def tool_failure(output: Any, raised: BaseException | None) -> Failure | None:
    """The failure a tool told the model of."""
    if not getattr(output, "is_error", False):
        return None
    told = failures.failed("ToolOutput", getattr(output, "content", output))
    return failure_of(getattr(output, "exception", None) or raised) or told


def close(node: Node, error: BaseException | None, **told: Any) -> None:
    """Record the end of a span: as `error` says, unless `told` says otherwise."""
    status = "cancelled" if node.cancelled and error is None else status_of(error)
    node.close(**{"status": status, "failure": failure_of(error), **told})
