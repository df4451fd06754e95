"""Variants of one run, measured in alternation within one process; the first named is the bare one."""

import logging
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

OTHERS = {"OpenInference": "openinference", "BaseTracer": "base_tracer"}
"""Whom ClawTrace is compared with, and the word for it in the results."""


def alternate(variants: Mapping[str, Callable[[], Any]], cpu_of: Callable[[Any], float], rounds: int) -> dict[str, Any]:
    """CPU seconds of every round by variant. A round before the first warms up and is thrown away."""
    spent: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(rounds + 1):
        for name, variant in variants.items():
            seconds = cpu_of(variant)
            if number:
                spent[name].append(seconds)
    return spent


def summary(spent: Mapping[str, list[float]], *, per: str, count: int) -> dict[str, Any]:
    """Medians, what each variant adds to the bare one for each of `count` things, and its share of the run."""
    median = {name: statistics.median(values) for name, values in spent.items()}
    bare = next(iter(median.values()))
    rows = {
        name: {
            "cpu_s": round(value, 4),
            "spread_s": [round(min(spent[name]), 4), round(max(spent[name]), 4)],
            f"us_per_{per}": round((value - bare) / count * 1e6, 1),
            "share_of_run": round((value - bare) / value, 4),
        }
        for name, value in median.items()
    }
    ours = median["ClawTrace"] - bare
    shares = {f"of_{told}": round(ours / (median[name] - bare), 4) for name, told in OTHERS.items() if name in median}
    return {"variants": rows, **shares}


@contextmanager
def instrumented(instrumentor: Any, **told: Any) -> Iterator[None]:
    """An instrumentor of OpenInference's at work, its spans kept in memory."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    # Past 128 attributes a span the SDK warns on every further one; the time of printing that is not charged to it.
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor.instrument(tracer_provider=provider, **told)
    try:
        yield
    finally:
        instrumentor.uninstrument()
        if not exporter.get_finished_spans():
            raise SystemExit("openinference recorded nothing: the comparison would be void")
