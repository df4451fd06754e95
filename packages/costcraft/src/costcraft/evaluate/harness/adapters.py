"""The adapter that records an agent's framework: found by its entry point, so that none is imported here."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from platform import python_version
from typing import Any, Protocol, cast

from clawtrace_core import ClawTraceError
from clawtrace_core.capture.guard import attempt
from costcraft.errors import PlanInvalid
from costcraft.evaluate.harness.plan_file import nearest

GROUP = "clawtrace.trace"
OURS = ("langchain", "llamaindex", "crewai")


class Trace(Protocol):
    """What an adapter offers: a block that is recorded into one session."""

    def __call__(self, *, store: Any, task: str, agent: str) -> AbstractContextManager[Any]:
        """As the adapters' `trace`."""


def find_adapter(framework: str) -> EntryPoint:
    """Where that framework's `trace` is. Raises PlanInvalid where none is installed."""
    there = {each.name: each for each in entry_points(group=GROUP)}
    if framework in there:
        return there[framework]
    if framework in OURS:
        raise PlanInvalid(f"agent.framework: clawtrace-{framework} is not installed; pip install clawtrace-{framework}")
    known = nearest(framework, sorted({*there, *OURS}))
    raise PlanInvalid(f"agent.framework: found {framework!r}, for which no adapter is installed; {known}")


def load_trace(framework: str) -> Trace:
    """The framework's `trace`; imports the adapter. Raises PlanInvalid where it cannot be loaded."""
    found = find_adapter(framework)
    loaded = attempt(found.load)
    if isinstance(loaded, ClawTraceError):
        raise PlanInvalid(f"agent.framework: {loaded}") from loaded
    if isinstance(loaded, Exception):  # whatever a framework raises while it is imported
        raise PlanInvalid(f"agent.framework: {found.value} cannot be imported ({loaded})") from loaded
    return cast("Trace", loaded)


def versions(framework: str) -> Mapping[str, str]:
    """Of Python, CostCraft, the adapter and what the adapter is for."""
    adapter = find_adapter(framework).dist
    names = ["costcraft", "clawtrace-core"]
    if adapter is not None:
        needs = (
            need.split(";")[0].split(">")[0].split("<")[0].split("=")[0].strip() for need in adapter.requires or ()
        )
        names += [adapter.name, *(name for name in needs if name not in names)]
    told = {"python": python_version()}
    for name in dict.fromkeys(names):
        try:
            told[name] = version(name)
        except PackageNotFoundError:  # an extra that is not there
            continue
    return told
