"""Which LlamaIndex this package knows."""

from importlib.metadata import PackageNotFoundError, version

from clawtrace_core import ClawTraceError

OLDEST = (0, 12, 52)
NEXT = (0, 15)


def check_llamaindex(found: str | None = None) -> None:
    """Raise ClawTraceError unless that version of llama-index-core is one this package knows."""
    try:
        found = version("llama-index-core") if found is None else found
    except PackageNotFoundError:
        return  # LlamaIndex's dispatcher and workflows are there without it
    numbers = tuple(int(part) if part.isdigit() else 0 for part in found.split(".")[:3])
    if not OLDEST <= numbers < NEXT:
        raise ClawTraceError(
            f"llama-index-core {found} is installed, but clawtrace-llamaindex supports llama-index-core >=0.12.52,<0.15: "
            "install a version in that range, or a clawtrace-llamaindex made for yours"
        )
