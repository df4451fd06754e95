"""LangChain's callbacks, each told to the book of its session in a few lines."""

from collections.abc import Callable, Iterable, Mapping
from time import time_ns
from typing import Any
from uuid import UUID

from langchain_core.callbacks.base import BaseCallbackHandler
from langchain_core.outputs import LLMResult
from langchain_core.runnables.config import var_child_runnable_config

from clawtrace_core import Settings
from clawtrace_core.capture import Draft, Guard
from clawtrace_core.capture.bodies import plain
from clawtrace_core.capture.hints import effect_of
from clawtrace_core.capture.runs import CURRENT, HELD, SHOWN, Book, Run
from clawtrace_langchain import _translate as translate
from clawtrace_langchain._translate import NOTHING

UNNAMED = "LangGraph"
"""What langgraph calls a graph that was given no name."""
_GRAPHS = frozenset({"langgraph", "langchain_create_agent", "deepagents"})


def begins(kind: str) -> Callable[[Callable[..., None]], Any]:
    """A callback that tells of a new run: hears the run, what it was given, and all else LangChain told."""

    def decorate(heard: Callable[..., None]) -> Any:
        def callback(self: "Listener", serialized: Any, given: Any, *, run_id: UUID, **told: Any) -> None:
            with self._guard:
                told["serialized"] = serialized or NOTHING
                run = self._begin(kind, run_id, told)
                if run is not None:
                    heard(self, run, given, told)

        return callback

    return decorate


def ends(heard: Callable[..., None]) -> Any:
    """A callback that tells how a run ended; not called for a run that is not ours or ended before."""

    def callback(self: "Listener", given: Any, *, run_id: UUID, **told: Any) -> None:
        with self._guard:
            run = self._ending(run_id)
            if run is not None:
                heard(self, run, given, told)

    return callback


class Listener(BaseCallbackHandler):
    """Records the runs it hears of: those inside a `trace()`, and those a subclass opens a session for."""

    run_inline = True  # on the event loop, not in an executor: that hop costs five times what a callback does

    def __init__(self, settings: Settings) -> None:
        self.raise_error = settings.strict
        self._guard = Guard(strict=settings.strict)
        self._runs: dict[UUID, Run] = {}

    def __copy__(self) -> "Listener":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Listener":
        return self

    @begins("chain")
    def on_chain_start(self, run: Run, inputs: Any, told: Mapping[str, Any]) -> None:
        run.given = inputs
        if run.name == UNNAMED:
            spawn = run.above("tool")
            run.name = str((spawn.given if spawn is not None else {}).get("subagent_type") or "agent")
        if run.parent is None:
            run.agent = (told.get("metadata") or NOTHING).get("ls_integration") in _GRAPHS
        elif any(tag.startswith("graph:step:") for tag in told.get("tags") or ()):
            run.node = run.parent.agent = True
            run.book.settle(run.parent)

    @ends
    def on_chain_end(self, run: Run, outputs: Any, _: Any) -> None:
        if run.node and run.book.asked:
            self._answered(run, translate.tool_messages(outputs))
        if run.state != SHOWN:
            self._end(run)
        elif run.paused or (isinstance(outputs, Mapping) and "__interrupt__" in outputs):
            self._end(run, status="paused")
        else:
            self._end(run, output=translate.of_state(run.book.drafts, outputs)[-1:])

    @begins("llm")
    def on_chat_model_start(self, run: Run, messages: Any, told: Mapping[str, Any]) -> None:
        prompt = messages[0] if len(messages) == 1 else [message for row in messages for message in row]
        drafts, fresh = run.book.drafts.of_messages(prompt)
        if fresh and run.book.asked:
            self._answered(run, translate.tool_messages(fresh))
        self._asked(run, drafts, told)

    @begins("llm")
    def on_llm_start(self, run: Run, prompts: list[str], told: Mapping[str, Any]) -> None:
        self._asked(run, [Draft("user", {"role": "user", "text": text}) for text in prompts], told)

    def on_llm_new_token(self, token: Any, *, run_id: UUID, **_: Any) -> None:  # noqa: ARG002 - LangChain's names
        run = self._runs.get(run_id)
        if run is not None and run.first_token_ns is None:
            run.first_token_ns = time_ns()

    def on_stream_event(self, event: Any, *, run_id: UUID, **_: Any) -> None:  # newer streams send it for tokens
        self.on_llm_new_token(event, run_id=run_id)

    @ends
    def on_llm_end(self, run: Run, result: LLMResult, _: Any) -> None:
        for call, name, arguments in translate.asked_for(result):
            run.book.asked[call] = (run, name, arguments)
        output = translate.said_in(run.book.drafts, result)
        self._end(run, output=output, response=translate.response_of(result, run.first_token_ns))

    @ends
    def on_llm_error(self, run: Run, error: BaseException, told: Mapping[str, Any]) -> None:
        result = told.get("response")  # of a stream that broke off; of a refused call it holds headers
        output = [d for d in translate.said_in(run.book.drafts, result) if d.body != {"role": "assistant", "text": ""}]
        response = translate.response_of(result, run.first_token_ns) if result and output else None
        self._fail(run, error, output=output, response=response)

    @begins("tool")
    def on_tool_start(self, run: Run, text: str, told: Mapping[str, Any]) -> None:
        call, inputs = told.get("tool_call_id"), told.get("inputs")
        run.book.asked.pop(call or "", None)
        run.given = {"input": text} if inputs is None else plain(inputs)
        effect = effect_of(told.get("metadata"), told.get("tags"))
        run.book.start(run, input=[Draft("arguments", run.given)], tool_call=call, attributes=effect)

    @ends
    def on_tool_end(self, run: Run, output: Any, _: Any) -> None:
        found = list(translate.tool_messages(output))
        if found:
            failure = translate.tool_failure(found[-1])  # `handle_tool_error` tells only the model
            draft, status = run.book.drafts.of_message(found[-1]), "error" if failure else "ok"
            self._end(run, status=status, output=[draft], failure=failure)
        elif isinstance(output, str):
            self._end(run, output=[Draft("tool", {"role": "tool", "text": output})])
        else:
            self._end(run, output=translate.of_state(run.book.drafts, output))

    @begins("retriever")
    def on_retriever_start(self, run: Run, query: str, _: Any) -> None:
        run.book.start(run, input=[Draft("arguments", {"query": query})])

    @ends
    def on_retriever_end(self, run: Run, documents: Any, _: Any) -> None:
        self._end(run, output=[Draft("payload", [document.page_content for document in documents])])

    @ends
    def on_chain_error(self, run: Run, error: BaseException, _: Any) -> None:
        self._fail(run, error)

    on_tool_error = on_retriever_error = on_chain_error

    def _book(self, scope: Book | None, kind: str, name: str, metadata: Mapping[str, Any]) -> Book | None:  # noqa: ARG002
        """Where a new root goes; `scope` is the session of the `trace()` around it. None: it is not recorded."""
        return scope

    def _begin(self, kind: str, run_id: UUID, told: Mapping[str, Any]) -> Run | None:
        """The new run, put where it belongs; None when it is known already or is not to be recorded."""
        scope = CURRENT.get()
        runs = self._runs if scope is None else scope.runs
        known = runs.get(run_id)
        if known is not None and not known.ended:  # attached twice
            self._runs[run_id] = known
            return None
        parent = _parent(runs, told.get("parent_run_id"))
        metadata, serialized = told.get("metadata") or NOTHING, told["serialized"]
        given = None if kind == "tool" else told.get("name")  # a tool's own name, not that of its run
        name = str(given or serialized.get("name") or (serialized.get("id") or [kind])[-1])
        book = parent.book if parent is not None else self._book(scope, kind, name, metadata)
        if book is None or book.closed:
            return None
        run = Run(run_id, parent, book, self._runs, kind, name)
        run.attempt = translate.attempt_of(told.get("tags")) or run.attempt
        runs[run_id] = self._runs[run_id] = run
        if parent is None:
            book.roots.add(run)
        return run

    def _asked(self, run: Run, drafts: list[Draft], told: Mapping[str, Any]) -> None:
        metadata, params = told.get("metadata") or NOTHING, told.get("invocation_params") or NOTHING
        request = translate.request_of(told["serialized"], params, metadata, run.attempt)
        tools = run.book.drafts.of_tools(params.get("tools") or params.get("functions"))
        source = metadata.get("lc_source")  # `summarization`: a call the agent's author did not write
        run.name = told.get("name") or request.model or run.name
        attributes = {"source": source} if source else NOTHING
        run.book.start(run, input=drafts, request=request, tools=tools, attributes=attributes)

    def _answered(self, run: Run, messages: Iterable[Any]) -> None:
        """Tool answers that no tool run gave: unknown tools, middleware, people's refusals. They are seen in a node's
        output, or only when they come back in a later prompt."""
        for message in messages:
            if message.tool_call_id in run.book.asked:
                draft = run.book.drafts.of_message(message)
                run.book.synthesise(run, message.tool_call_id, draft, translate.tool_failure(message))

    def _ending(self, run_id: UUID) -> Run | None:
        """The open run that ends; None when it is not ours or ended before."""
        run = self._runs.get(run_id)
        if run is None:
            return None
        if run.book.runs is not self._runs:
            del self._runs[run_id]
        if run.ended:
            return None
        if run.state == HELD and (run.agent or run.parent is None):
            run.book.settle(run)
        return run

    def _fail(self, run: Run, error: BaseException, **told: Any) -> None:
        status = translate.status_of(error)
        if status == "paused":
            run.book.pause(run)
        self._end(run, status=status, failure=translate.failure_of(error), **told)

    def _end(self, run: Run, *, status: str = "ok", **told: Any) -> None:
        run.book.end(run, status=status, **told)
        if run.parent is None:
            run.book.root_ended(run, status)
        elif run.book.over is not None:
            run.book.close_if_over()


def _parent(runs: Mapping[UUID, Run], told: UUID | None) -> Run | None:
    """The run above, also where LangChain lost it.

    An explicit `callbacks` in a tool drops the parent, and fallbacks name their own parent as that of their models
    (langchain#36072). The config of the code that runs still tells: it is right if that run is open and the parent
    told is none or that run's own parent.
    """
    parent = runs.get(told) if told is not None else None
    config = var_child_runnable_config.get()
    around_id = getattr(config.get("callbacks"), "parent_run_id", None) if config else None
    if around_id is not None and around_id is not told:
        around = runs.get(around_id)
        if around is not None and not around.ended and (parent is None or around.parent is parent):
            return around
    return parent
