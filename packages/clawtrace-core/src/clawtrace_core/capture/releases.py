"""Whether the framework that is installed is one an adapter was written for."""

from importlib.metadata import PackageNotFoundError, version

from clawtrace_core.errors import ClawTraceError


def check_release(package: str, oldest: tuple[int, ...], before: tuple[int, ...]) -> None:
    """Raise ClawTraceError unless a release of `package` is installed that is `oldest` or later, and before `before`.

    What records it is taken to be called `clawtrace-<package>`.
    """
    try:
        found = version(package)
    except PackageNotFoundError:
        raise ClawTraceError(f"{package} is not installed: `pip install clawtrace-{package}` brings it") from None
    release = tuple(int(part) for part in found.split(".")[:3] if part.isdigit())
    if not oldest <= release < before:
        first, last = (".".join(str(part) for part in bound) for bound in (oldest, before))
        raise ClawTraceError(
            f"{package} {found} is installed, but clawtrace-{package} supports {package} >={first},<{last}: "
            f"install a version in that range, or a clawtrace-{package} made for yours"
        )
