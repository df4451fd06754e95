"""The built wheels, installed outside the workspace: what a user of the package index gets."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

PACKAGES = ("clawtrace_core", "clawtrace_langchain", "clawtrace_llamaindex", "clawtrace_crewai", "costcraft")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("wheels")]

RECORD_AND_READ = """
import clawtrace_core
session = clawtrace_core.open_session("runs", task="wheel", session="one")
session.recorder.started("root", kind="agent", name="agent")
session.recorder.started("call", kind="llm", name="model", parent="root")
session.recorder.ended("call")
session.recorder.ended("root")
session.close()
print(session.card().to_yaml())
"""


def run(*command: str | Path, cwd: Path) -> str:
    # Nothing of the workspace's environment leaks in.
    kept = {name: text for name, text in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheels(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    uv = run(repo / "scripts" / "uv-path", cwd=repo).strip()
    run(uv, "build", "--quiet", "--all-packages", "--wheel", "--out-dir", folder, cwd=repo)
    return folder


@pytest.fixture(scope="module")
def installed(repo: Path, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheels and the locked versions of what they need."""
    folder = tmp_path_factory.mktemp("elsewhere")
    uv = run(repo / "scripts" / "uv-path", cwd=repo).strip()
    locked = folder / "locked.txt"
    export = ("export", "--quiet", "--frozen", "--all-packages", "--no-emit-workspace", "--no-hashes", "--no-header")
    run(uv, *export, "--output-file", locked, cwd=repo)
    run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    install = ("pip", "install", "--quiet", "--python", python, "--constraint", locked)
    run(uv, *install, *sorted(wheels.glob("*.whl")), cwd=folder)
    return python.parent


@pytest.fixture(scope="module")
def at_the_floors(repo: Path, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `installed`, with the oldest version that each package says it works with."""
    folder = tmp_path_factory.mktemp("floors")
    uv = run(repo / "scripts" / "uv-path", cwd=repo).strip()
    needs: set[str] = set()
    for file in repo.glob("packages/*/pyproject.toml"):
        needs |= set(tomllib.loads(file.read_text(encoding="utf-8"))["project"]["dependencies"])
    direct = sorted(need for need in needs if not need.startswith("clawtrace"))
    run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    install = ("pip", "install", "--quiet", "--python", python, "--resolution", "lowest-direct")
    run(uv, *install, *sorted(wheels.glob("*.whl")), *direct, cwd=folder)
    return python.parent


def test_every_wheel_holds_its_types_and_its_licence(wheels: Path) -> None:
    found = {path.name.partition("-")[0]: path for path in wheels.glob("*.whl")}
    assert set(found) == set(PACKAGES)
    for package, path in found.items():
        names = zipfile.ZipFile(path).namelist()
        assert f"{package}/py.typed" in names
        assert any(name.endswith("licenses/LICENSE") for name in names)
        assert not [name for name in names if "test_" in name or name.startswith(("tests/", "docs/"))]


def test_the_installed_commands_answer(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "clawtrace", "--version", cwd=tmp_path).strip()
    assert "distill" in run(installed / "costcraft", "--help", cwd=tmp_path)
    assert "Usage" in run(installed / "python", "-m", "clawtrace_core", "--help", cwd=tmp_path)


def test_the_installed_packages_import_and_know_their_version(installed: Path, tmp_path: Path) -> None:
    for package in PACKAGES:
        code = f"import {package}, importlib.metadata as m; print({package}.__file__, m.version('{package}'))"
        assert str(installed.parent) in run(installed / "python", "-c", code, cwd=tmp_path)


def test_the_installed_core_records_a_session_and_compiles_its_card(installed: Path, tmp_path: Path) -> None:
    card = run(installed / "python", "-c", RECORD_AND_READ, cwd=tmp_path)
    assert "task: wheel" in card
    assert (tmp_path / "runs" / "sessions" / "one.jsonl").is_file()


def test_the_oldest_dependencies_allowed_still_do(at_the_floors: Path, tmp_path: Path) -> None:
    run(at_the_floors / "python", "-c", RECORD_AND_READ, cwd=tmp_path)
    run(at_the_floors / "python", "-c", "import clawtrace_langchain, costcraft", cwd=tmp_path)
    assert "wheel" in run(at_the_floors / "clawtrace", "ls", "--store", "runs", cwd=tmp_path)
    assert "unpriced" in run(at_the_floors / "clawtrace", "show", "one", "--store", "runs", cwd=tmp_path)
    assert "output" in run(at_the_floors / "clawtrace", "prices", "gpt-5.4", cwd=tmp_path)
    assert "distill" in run(at_the_floors / "costcraft", "--help", cwd=tmp_path)
