"""What LlamaIndex's dispatcher takes: an event handler and a span handler in one, around a listener."""

from collections.abc import Callable
from typing import Any

from llama_index_instrumentation.dispatcher import Dispatcher
from llama_index_instrumentation.event_handlers import BaseEventHandler
from llama_index_instrumentation.span_handlers import BaseSpanHandler

from clawtrace_llamaindex._listener import Listener


class Shell(BaseEventHandler, BaseSpanHandler[Any]):
    """A listener in the clothes that a dispatcher asks for."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        # In the instance itself, where the dispatcher's look-up finds them first: a private attribute of a pydantic
        # model takes longer to read than a span takes to record.
        verbs = {name: getattr(listener, name) for name in ("handle", "span_enter", "span_exit", "span_drop")}
        self.__dict__.update(verbs)

    def handle(self, event: Any, **kwargs: Any) -> None:
        """LlamaIndex tells an event."""

    def new_span(self, id_: str, bound_args: Any, *args: Any, **kwargs: Any) -> None:
        """LlamaIndex keeps no span of ours: nothing is left behind in it."""

    prepare_to_exit_span = prepare_to_drop_span = new_span

    def attach(self, dispatcher: Dispatcher) -> Callable[[], None]:
        """Add it as both. Returns what removes it, by identity, for handlers compare by value."""
        dispatcher.add_event_handler(self)
        dispatcher.add_span_handler(self)

        def detach() -> None:
            dispatcher.event_handlers = [one for one in dispatcher.event_handlers if one is not self]
            dispatcher.span_handlers = [one for one in dispatcher.span_handlers if one is not self]

        return detach
