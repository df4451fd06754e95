"""The flags there are. A new one is one file beside this one and one row here."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from clawtrace_core.card.flags.duplicate import find_duplicates
from clawtrace_core.card.flags.finding import Finding, Scene
from clawtrace_core.card.flags.superseded import find_superseded

Finder = Callable[[Scene], Iterable[Finding]]

FLAGS: Mapping[str, Finder] = MappingProxyType(
    {
        "duplicate": find_duplicates,
        "superseded": find_superseded,
    }
)


def find_all(scene: Scene) -> list[Finding]:
    """Every finding of every flag, in the order of the first step each names."""
    found = [finding for finder in FLAGS.values() for finding in finder(scene)]
    return sorted(found, key=lambda finding: (min(scene.n(span) for span in finding.steps), finding.kind))
