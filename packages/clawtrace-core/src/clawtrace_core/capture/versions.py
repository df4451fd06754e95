"""Which versions of a framework an adapter knows."""

from clawtrace_core.errors import ClawTraceError


def check_version(package: str, found: str, oldest: str, beyond: str) -> None:
    """Raise ClawTraceError unless `oldest` <= found < `beyond`, compared by their first three numbers."""
    if not _numbers(oldest) <= _numbers(found) < _numbers(beyond):
        raise ClawTraceError(
            f"{package} {found} is installed, but this ClawTrace adapter supports {package} >={oldest},<{beyond}: "
            "install a version in that range, or an adapter made for yours"
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split(".")[:3])
