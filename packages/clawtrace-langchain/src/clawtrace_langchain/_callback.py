"""The callback handler: LangChain's callbacks, each told to the book of its session in a few lines."""

from collections import deque
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from os import PathLike
from time import time_ns
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_core.callbacks.base import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from langchain_core.outputs import LLMResult

from clawtrace_core import ClawTraceError, Session, Settings, Store, open_session, open_store
from clawtrace_core.capture import Draft, Guard
from clawtrace_core.errors import SettingsInvalid
from clawtrace_langchain import _translate as translate
from clawtrace_langchain._messages import of_state, plain
from clawtrace_langchain._runs import CURRENT, HELD, UNNAMED, Book, Run, tool_failure

if TYPE_CHECKING:  # a card's machinery is loaded when the first card is compiled
    from clawtrace_core import TraceCard

_GRAPHS = frozenset({"langgraph", "langchain_create_agent", "deepagents"})
_NOTHING: Mapping[str, Any] = {}
_KEPT_SESSIONS = 1000
_ambient_config: Any = None


class ClawTraceCallbackHandler(BaseCallbackHandler):
    """Records every LLM call, tool call and sub-agent of the runs it is attached to.

    One root run is one session; concurrent roots are separate sessions. Inside `trace()` everything goes to
    the session of that `trace()`. A root's config `metadata` may name `clawtrace_session`, `clawtrace_task`
    and `clawtrace_user`. Attach one handler for as long as you like, to as many runs as you like.

    Raises ClawTraceError when the installed langchain-core is not supported, StoreError or SettingsInvalid
    when the store or a setting cannot be used. Callbacks never raise, unless `settings.strict`.
    """

    run_inline = True  # on the event loop, not in an executor: that hop costs five times what a callback does

    def __init__(
        self,
        store: "str | PathLike[str] | Store | None" = None,
        *,
        task: str | None = None,
        user: str | None = None,
        session: str | None = None,
        agent: str | None = None,
        settings: Settings | None = None,
    ) -> None:
        check_langchain(version("langchain-core"))
        self._settings = settings or Settings()
        self.raise_error = self._settings.strict
        self._guard = Guard(strict=self._settings.strict)
        self._store = open_store(store, create=True)
        self._names = {"task": task, "user": user, "session": session, "agent": agent}
        self._runs: dict[UUID, Run] = {}
        self._books: dict[str, Book] = {}
        self._sessions: deque[Session] = deque(maxlen=_KEPT_SESSIONS)
        self._waiting: dict[Any, tuple[str, dict[str, Any]]] = {}
        self._closed = False

    def sessions(self) -> list[Session]:
        """The sessions recorded so far (the last 1,000), oldest first."""
        return list(self._sessions)

    def card(self) -> "TraceCard":
        """The TraceCard of the last session. Raises ClawTraceError when nothing was recorded yet."""
        self._close_finished()
        if not self._sessions:
            raise ClawTraceError("no session was recorded yet; found no run with this handler in its callbacks")
        return self._sessions[-1].card()

    def flush(self) -> None:
        """Everything seen so far is on disk when this returns."""
        self._close_finished()
        for session in self.sessions():
            session.flush()

    def close(self) -> None:
        """End every open session and record nothing more."""
        self._closed = True
        for book in list(self._books.values()):
            book.close(book.over or "cancelled")
        self.flush()

    def __copy__(self) -> "ClawTraceCallbackHandler":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "ClawTraceCallbackHandler":
        return self

    # --- callbacks -------------------------------------------------------------------------------------

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """A graph, a node, a sequence: what it is shows later."""
        with self._guard:
            run = self._begin("chain", kwargs.get("name") or _name(serialized), run_id, parent_run_id, kwargs)
            if run is None:
                return
            run.given = inputs
            if run.parent is None:
                run.graph = (kwargs.get("metadata") or _NOTHING).get("ls_integration") in _GRAPHS
            elif any(tag.startswith("graph:step:") for tag in kwargs.get("tags") or ()):
                run.node = run.parent.graph = True
                run.book.settle(run.parent)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A graph is done, or waits for a person; a node may hold tool answers nothing else told of."""
        with self._guard:
            run = self._ending(run_id)
            if run is None:
                return
            book = run.book
            if run.node and book.asked:
                book.answered_by_node(run, outputs)
            if run.state == HELD and (run.graph or run.parent is None):
                book.settle(run)
            paused = run.paused or (isinstance(outputs, Mapping) and "__interrupt__" in outputs)
            output = of_state(book.drafts, outputs)[-1:] if run.is_span else ()
            self._end(run, status="paused" if paused else "ok", output=output)

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """A chat model is asked."""
        with self._guard:
            run = self._begin("llm", "llm", run_id, parent_run_id, kwargs)
            if run is None:
                return
            drafts, fresh = run.book.drafts.of_messages(messages[0] if len(messages) == 1 else [m for prompt in messages for m in prompt])
            if fresh and run.book.asked:
                run.book.answered_before(fresh)
            self._asked(run, drafts, serialized, kwargs)

    def on_llm_start(
        self,
        serialized: dict[str, Any],
        prompts: list[str],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """A completion model is asked."""
        with self._guard:
            run = self._begin("llm", "llm", run_id, parent_run_id, kwargs)
            if run is not None:
                self._asked(
                    run, [Draft("user", {"role": "user", "text": text}) for text in prompts], serialized, kwargs
                )

    def on_llm_new_token(self, token: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Only the time of the first token is kept."""
        run = self._runs.get(run_id)
        if run is not None and run.first_token_ns is None:
            run.first_token_ns = time_ns()

    def on_stream_event(self, event: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """What newer streams send in place of tokens."""
        self.on_llm_new_token(event, run_id=run_id)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """A model answered."""
        with self._guard:
            run = self._ending(run_id)
            if run is None:
                return
            told = translate.response_of(response, run.first_token_ns)
            for call, name, arguments in translate.asked_for(response):
                run.book.asked[call] = (run, name, arguments)
            self._end(run, output=_said(run.book, response), response=told)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A call failed, was cancelled, or its stream was abandoned; what had come by then is kept."""
        with self._guard:
            run = self._ending(run_id)
            if run is None:
                return
            partial = kwargs.get("response")
            output = [draft for draft in _said(run.book, partial) if draft.body != {"role": "assistant", "text": ""}]
            told = translate.response_of(partial, run.first_token_ns) if output else None
            self._fail(run, error, output=output, response=told)

    def on_tool_start(
        self,
        serialized: dict[str, Any],
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """A tool is called."""
        with self._guard:
            name = (serialized or _NOTHING).get("name") or kwargs.get("name") or "tool"
            run = self._begin("tool", name, run_id, parent_run_id, kwargs)
            if run is None:
                return
            call = kwargs.get("tool_call_id")
            run.book.asked.pop(call, None)
            run.given = arguments = {"input": input_str} if inputs is None else plain(inputs)
            effect = translate.effect_of(kwargs.get("metadata") or _NOTHING, kwargs.get("tags"))
            draft = Draft("arguments", arguments)
            run.book.start(run, name=name, input=[draft], tool_call=call, attributes=effect)

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A tool answered; a tool may also answer with an error of its own."""
        with self._guard:
            run = self._ending(run_id)
            if run is None:
                return
            answer = next(reversed(list(translate.tool_messages(output))), None)
            if answer is not None:
                failure = tool_failure(answer) if answer.status == "error" else None
                status = "error" if failure else "ok"
                self._end(run, status=status, output=[run.book.drafts.of_message(answer)], failure=failure)
            elif isinstance(output, str):
                self._end(run, output=[Draft("tool", {"role": "tool", "text": output})])
            else:
                self._end(run, output=[] if output is None else [Draft("payload", plain(output))])

    def on_retriever_start(
        self, serialized: Any, query: str, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """A retriever is asked."""
        with self._guard:
            name = kwargs.get("name") or _name(serialized)
            run = self._begin("retriever", name, run_id, parent_run_id, kwargs)
            if run is not None:
                run.book.start(run, name=name, input=[Draft("arguments", {"query": query})])

    def on_retriever_end(self, documents: Sequence[Any], *, run_id: UUID, **kwargs: Any) -> None:
        """A retriever answered."""
        with self._guard:
            run = self._ending(run_id)
            if run is not None:
                self._end(run, output=[Draft("payload", [document.page_content for document in documents])])

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A chain, tool or retriever raised: an error, a pause, a cancellation, or langgraph's way to steer."""
        with self._guard:
            run = self._ending(run_id)
            if run is not None:
                if run.state == HELD and (run.graph or run.parent is None):
                    run.book.settle(run)
                self._fail(run, error)

    on_tool_error = on_chain_error
    on_retriever_error = on_chain_error

    # --- what the callbacks share ------------------------------------------------------------------------

    def _begin(
        self, kind: str, name: str, run_id: UUID, parent_run_id: UUID | None, told: Mapping[str, Any]
    ) -> Run | None:
        """The new run, put where it belongs; None when it is known already or nothing is to be recorded."""
        scope = CURRENT.get()
        runs = self._runs if scope is None else scope.runs
        known = runs.get(run_id)
        if known is not None and not known.ended:
            self._runs[run_id] = known
            return None
        parent = _parent(runs, parent_run_id)
        book = parent.book if parent is not None else scope or self._open(kind, name, told.get("metadata") or _NOTHING)
        if book is None or book.closed:
            return None
        if scope is not None and parent is None:
            self._joined(scope)
        run = Run(run_id, parent, book, self._runs, kind, name)
        run.attempt = translate.attempt_of(told.get("tags")) or run.attempt
        runs[run_id] = self._runs[run_id] = run
        if parent is None:
            book.roots.add(run)
            run.thread = (told.get("metadata") or _NOTHING).get("thread_id")
        return run

    def _open(self, kind: str, name: str, metadata: Mapping[str, Any]) -> Book | None:
        """A new session for a new root."""
        if self._closed:
            return None
        self._close_finished()
        names = {**self._names, **{word: metadata[key] for word, key in _OVERRIDES if metadata.get(key)}}
        if names["agent"] is None and kind == "chain" and name != UNNAMED:
            names["agent"] = name
        attributes: dict[str, Any] = {}
        waiting = self._waiting.pop(metadata.get("thread_id"), None)
        if waiting is not None:
            attributes["resumes"] = waiting[0]
        session = self._session(names, attributes)
        book = Book(session, self._runs, single=True)
        if waiting is not None:
            book.asked.update(waiting[1])
        self._books[session.id] = book
        self._sessions.append(session)
        return book

    def _session(self, names: dict[str, Any], attributes: dict[str, Any]) -> Session:
        names = {word: None if value is None else str(value) for word, value in names.items()}
        try:
            return open_session(
                self._store, framework="langchain", settings=self._settings, attributes=attributes, **names
            )
        except SettingsInvalid:
            # A run's metadata named the session in a way no file can be named; the run is worth more than its name.
            attributes["session_refused"] = names.pop("session")
            return open_session(
                self._store, framework="langchain", settings=self._settings, attributes=attributes, **names
            )

    def _joined(self, scope: Book) -> None:
        """A root of this handler runs inside `trace()`: the session is that one."""
        if scope.session not in self._sessions:
            self._sessions.append(scope.session)

    def _asked(self, run: Run, drafts: list[Draft], serialized: Any, told: Mapping[str, Any]) -> None:
        metadata = told.get("metadata") or _NOTHING
        params = told.get("invocation_params") or _NOTHING
        request = translate.request_of(serialized, params, metadata, run.attempt)
        source = metadata.get("lc_source")
        run.book.start(
            run,
            name=told.get("name") or request.model or _name(serialized),
            input=drafts,
            request=request,
            tools=run.book.drafts.of_tools(params.get("tools") or params.get("functions")),
            attributes={"source": source} if source else None,
        )

    def _ending(self, run_id: UUID) -> Run | None:
        """The open run that ends; None when it is not ours or ended before."""
        run = self._runs.get(run_id)
        if run is None:
            return None
        if run.book.runs is not self._runs:
            del self._runs[run_id]
        return None if run.ended else run

    def _fail(self, run: Run, error: BaseException, **ending: Any) -> None:
        status = translate.status_of(type(error))
        if status == "paused":
            run.book.pause(run)
        self._end(run, status=status, failure=translate.failure_of(error), **ending)

    def _end(self, run: Run, *, status: str = "ok", **ending: Any) -> None:
        book = run.book
        book.end(run, status=status, **ending)
        if run.parent is None:
            if status == "paused" and run.thread is not None:
                self._waiting[run.thread] = (book.session.id, dict(book.asked))
                if len(self._waiting) > _KEPT_SESSIONS:
                    self._waiting.pop(next(iter(self._waiting)))
            book.root_ended(run, status)
        elif book.over is not None:
            book.close_if_over()
        if book.closed:
            self._books.pop(book.session.id, None)

    def _close_finished(self) -> None:
        """Sessions whose root ended wait no longer for late ends."""
        for name, book in list(self._books.items()):
            if book.close_if_over(wait=False):
                self._books.pop(name, None)


_OVERRIDES = (("session", "clawtrace_session"), ("task", "clawtrace_task"), ("user", "clawtrace_user"))


def _parent(runs: Mapping[UUID, Run], parent_run_id: UUID | None) -> Run | None:
    """The run above, also where LangChain lost it.

    An explicit `callbacks` in a tool drops the parent, and fallbacks name their own parent as that of their models
    (langchain#36072). The config of the code that runs still tells: it is right if that run is open and the parent
    told is none or that run's own parent.
    """
    parent = runs.get(parent_run_id) if parent_run_id is not None else None
    around_id = _around()
    if around_id is not None and around_id is not parent_run_id:
        around = runs.get(around_id)
        if around is not None and not around.ended and (parent is None or around.parent is parent):
            return around
    return parent


def _around() -> UUID | None:
    """The run whose code is running, as LangChain's own context tells."""
    global _ambient_config
    if _ambient_config is None:
        from langchain_core.runnables.config import var_child_runnable_config

        _ambient_config = var_child_runnable_config
    config = _ambient_config.get()
    return getattr(config.get("callbacks"), "parent_run_id", None) if config else None


def _said(book: Book, result: LLMResult | None) -> list[Draft]:
    """What a model said, as drafts; the message comes back as the same draft when it is sent again."""
    return [
        book.drafts.of_message(generation.message)
        if hasattr(generation, "message")
        else Draft("assistant", {"role": "assistant", "text": generation.text})
        for generation in translate.answers(result)
    ]


def _name(serialized: Any) -> str:
    told = serialized or _NOTHING
    path = told.get("id") or ("chain",)
    return str(told.get("name") or path[-1])


def check_langchain(found: str) -> None:
    """Raise ClawTraceError unless that version of langchain-core is one this package knows."""
    if found.partition(".")[0] != "1":
        raise ClawTraceError(
            f"langchain-core {found} is installed; clawtrace-langchain supports langchain-core >=1.0,<2: "
            "install a version in that range, or a clawtrace-langchain made for yours"
        )
