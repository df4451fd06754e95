"""What a program must leave behind, as a tree of shapes; and whether a recorded session has that shape."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from clawtrace_core.model.session import SessionTree, Span

ACTS = frozenset({"llm", "tool", "retriever", "embedding"})
MARKS = ("synthesised", "orphan")
"""Attributes of a span that a scenario may ask for."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One span that must be there, and those below it in the order in which they start."""

    kind: str
    name: str | None = None
    """None: any name."""
    below: tuple["Shape", ...] = ()
    status: str = "ok"
    """More than one, joined by `|`, where frameworks end the same thing differently."""
    marks: frozenset[str] = frozenset()
    """What the span must be marked with: `cached`, `synthesised`, `orphan`."""
    may: frozenset[str] = frozenset()
    """Marks it may bear or not."""
    optional: bool = False
    """True where a framework may leave the span, and all below it, out."""

    def or_none(self) -> "Shape":
        """The same shape, which may also be missing."""
        return replace(self, optional=True)


Forest = tuple[Shape, ...]
"""The roots of one session."""


def agent(*below: Shape, name: str | None = None, status: str = "ok") -> Shape:
    """An agent's run."""
    return Shape("agent", name, below, status)


def llm(*marks: str, status: str = "ok", may: Iterable[str] = ()) -> Shape:
    """A call of a model."""
    return Shape("llm", None, (), status, frozenset(marks), frozenset(may))


def tool(name: str | None, *below: Shape, status: str = "ok", may: Iterable[str] = ()) -> Shape:
    """A call of a tool; what the tool starts itself is below it."""
    return Shape("tool", name, below, status, may=frozenset(may))


def forest_of(tree: SessionTree) -> Forest:
    """The shape of a recorded session."""
    children = tree.children()

    def shaped(span: Span) -> Shape:
        below = tuple([shaped(child) for child in children.get(span.id, [])])
        return Shape(span.kind, span.name, below, span.status, frozenset(_marks(span)))

    return tuple([shaped(root) for root in children.get(None, [])])


def _marks(span: Span) -> Iterator[str]:
    if span.attributes.get("wrapper"):
        yield "wrapper"
    elif span.response is not None and span.response.cached:
        yield "cached"
    yield from (mark for mark in MARKS if span.attributes.get(mark))


def without(forest: Forest, around: Iterable[str]) -> Forest:
    """A forest in which what may stand around the tree gives way to what stands below it.

    `around` names kinds, and `idle agent`: an agent that only holds other agents, such as a crew or a workflow.
    A model that only passes a call on to another (`wrapper`) gives way always.
    """
    kinds = frozenset(around)

    def flat(shape: Shape) -> Iterator[Shape]:
        below = tuple([found for child in shape.below for found in flat(child)])
        if shape.kind in kinds or "wrapper" in shape.marks or ("idle agent" in kinds and _is_idle(shape.kind, below)):
            yield from below
        else:
            yield replace(shape, below=below)

    return tuple([found for shape in forest for found in flat(shape)])


def _is_idle(kind: str, below: Sequence[Shape]) -> bool:
    return kind == "agent" and bool(below) and all(child.kind == "agent" for child in below)


def fits(expected: Forest, found: Forest) -> bool:
    """Whether `found` is what `expected` asks for: the same spans in the same order, but for what may differ."""
    reached = _skip({0}, expected)
    for shape in found:
        steps = {at + 1 for at in reached if at < len(expected) and _is_such(expected[at], shape)}
        reached = _skip(steps, expected)
    return len(expected) in reached


def _skip(reached: set[int], expected: Forest) -> set[int]:
    """Those places, and all that lie behind optional shapes."""
    whole = set(reached)
    for at, shape in enumerate(expected):
        if at in whole and shape.optional:
            whole.add(at + 1)
    return whole


def _is_such(expected: Shape, found: Shape) -> bool:
    return (
        expected.kind == found.kind
        and expected.name in {None, found.name}
        and found.status in expected.status.split("|")
        and expected.marks <= found.marks <= expected.marks | expected.may
        and fits(expected.below, found.below)
    )


def whole(forest: Forest) -> Iterator[Shape]:
    """Every shape of a forest."""
    for shape in forest:
        yield shape
        yield from whole(shape.below)


def unnamed(forest: Forest, named: Collection[str]) -> Forest:
    """A forest with the names of those kinds alone."""
    return tuple(
        [
            replace(shape, name=shape.name if shape.kind in named else None, below=unnamed(shape.below, named))
            for shape in forest
        ]
    )


def outline(forest: Forest, depth: int = 0) -> Iterator[str]:
    """One line for each shape, indented below its parent; `ok` is not written, `?` is what may be missing."""
    for shape in forest:
        words = [shape.kind + "?" * shape.optional, shape.name or ""]
        words += ["" if shape.status == "ok" else shape.status]
        words += [f"+{mark}" for mark in sorted(shape.marks)] + [f"(+{mark})" for mark in sorted(shape.may)]
        yield "  " * depth + " ".join(filter(None, words))
        yield from outline(shape.below, depth + 1)
