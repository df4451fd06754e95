"""How `make` comes by uv."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def fresh(repo: Path, tmp_path: Path) -> Path:
    """A checkout without tools, and a PATH without Python and uv: `fresh/bin`."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(repo / "scripts" / "uv-path", tmp_path / "scripts" / "uv-path")
    (tmp_path / "bin").mkdir()
    for tool in ("bash", "env", "dirname", "awk", "rm"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def uv_path(fresh: Path) -> "subprocess.CompletedProcess[str]":
    clean = {"PATH": str(fresh / "bin"), "HOME": os.environ.get("HOME", "/")}
    command = [str(fresh / "scripts" / "uv-path")]
    return subprocess.run(command, cwd="/", env=clean, capture_output=True, text=True, check=False)


def fake(fresh: Path, name: str, body: str) -> Path:
    path = fresh / "bin" / name
    path.write_text(f"#!/usr/bin/env bash\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_recent_uv_on_the_path_is_used(fresh: Path) -> None:
    uv = fake(fresh, "uv", "echo uv 0.9.1")
    assert uv_path(fresh).stdout.strip() == str(uv)


def test_without_python_the_message_says_what_to_install(fresh: Path) -> None:
    done = uv_path(fresh)
    assert done.returncode == 1
    assert "No Python 3.11, 3.12 or 3.13" in done.stderr
    assert not done.stdout


def test_an_old_uv_and_a_shim_without_a_version_are_passed_over(fresh: Path) -> None:
    fake(fresh, "uv", "echo uv 0.4.30")
    fake(fresh, "python3.13", "echo 'python3.13: command not found' >&2; exit 127")
    done = uv_path(fresh)
    assert done.returncode == 1
    assert "No Python" in done.stderr


def test_a_python_that_cannot_make_environments_is_told_of(fresh: Path) -> None:
    fake(fresh, "python3.12", '[[ $1 == -m ]] && exit 1; [[ $1 == --version ]] && echo "Python 3.12.1"; exit 0')
    done = uv_path(fresh)
    assert done.returncode == 1
    assert "python3-venv" in done.stderr
