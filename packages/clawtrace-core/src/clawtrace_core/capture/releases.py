"""Whether the framework that is installed is one an adapter was written for."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from clawtrace_core.errors import ClawTraceError


def check_release(package: str, oldest: str, before: str, *, by: str, found: str | None = None) -> None:
    """Raise ClawTraceError unless a release of `package` is installed that is `oldest` or later, and before `before`.

    Compared are the first three numbers. `by` is the adapter's own package; `found`: taken for what is installed.
    """
    try:
        found = found or version(package)
    except PackageNotFoundError:
        raise ClawTraceError(f"{package} is not installed: `pip install {by}` brings it") from None
    if not _numbers(oldest) <= _numbers(found) < _numbers(before):
        raise ClawTraceError(
            f"{package} {found} is installed, but {by} supports {package} >={oldest},<{before}: "
            f"install a version in that range, or a {by} made for yours"
        )


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in release.split(".")[:3])


def needed(module: str, package: str) -> Any:
    """The module of that name. Raises ClawTraceError that says to install `package` when it cannot be imported."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ClawTraceError(f"{module} cannot be imported ({error}): pip install {package}") from error


def integration(family: str, packages: str, name: str) -> Any:
    """What `PACKAGE:MODEL` names, where the class of an integration is called like its module.

    `family` is the module that integrations are in, `packages` how their packages are called. Raises ClawTraceError.
    """
    module, _, model = name.partition(":")
    room = needed(f"{family}.{module}", f"{packages}-{module.replace('_', '-')}") if module.isidentifier() else None
    kind = next((found for found in dir(room) if found.lower() == module.replace("_", "")), None)
    if kind is None or not model:
        raise ClawTraceError(f"found {name!r}, expected PACKAGE:MODEL with a class of that name in {family}.PACKAGE")
    return getattr(room, kind)(model=model)
