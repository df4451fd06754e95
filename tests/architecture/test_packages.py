"""Five packages, one version, and what each must ship."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

PACKAGES = ("clawtrace-core", "clawtrace-langchain", "clawtrace-llamaindex", "clawtrace-crewai", "costcraft")


def project(repo: Path, package: str) -> dict[str, Any]:
    folder = repo / "packages" / package if package else repo
    table: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def test_the_workspace_holds_these_five_packages(repo: Path) -> None:
    assert {path.parent.name for path in repo.glob("packages/*/pyproject.toml")} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_ships_its_types_licence_and_readme(repo: Path, package: str) -> None:
    folder = repo / "packages" / package
    assert (folder / "src" / package.replace("-", "_") / "py.typed").is_file()
    assert (folder / "LICENSE").read_bytes() == (repo / "LICENSE").read_bytes()
    assert len((folder / "README.md").read_text(encoding="utf-8").splitlines()) > 5
    assert project(repo, package)["license"] == "Apache-2.0"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_the_workspace_s_version_and_pins_core_to_it(repo: Path, package: str) -> None:
    version = project(repo, "")["version"]
    table = project(repo, package)
    assert table["version"] == version
    assert table["requires-python"] == project(repo, "")["requires-python"]
    pins = [need for need in table["dependencies"] if need.startswith(("clawtrace", "costcraft"))]
    assert pins == ([] if package == "clawtrace-core" else [f"clawtrace-core=={version}"])


def test_the_changelog_knows_the_version(repo: Path) -> None:
    assert f"## {project(repo, '')['version']}" in (repo / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_dependency_has_its_reason(repo: Path) -> None:
    page = (repo / "docs" / "decisions.md").read_text(encoding="utf-8")
    workspace = tomllib.loads((repo / "pyproject.toml").read_text(encoding="utf-8"))
    needs = [need for group in workspace["dependency-groups"].values() for need in group]
    for package in PACKAGES:
        table = project(repo, package)
        needs += table["dependencies"]
        needs += [need for extra in table.get("optional-dependencies", {}).values() for need in extra]
    names = {need.split(">")[0].split("=")[0].split("[")[0].strip() for need in needs}
    assert not sorted(name for name in names if f"`{name}`" not in page and name not in PACKAGES)
