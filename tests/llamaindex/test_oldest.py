"""The adapter's own tests once more, on the oldest LlamaIndex it supports."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

TOOLS = ("pytest", "pytest-timeout", "hypothesis", "vcrpy")
CLIENTS = ("llama-index-llms-openai<0.5", "llama-index-llms-openai-like<0.5", "llama-index-llms-anthropic<0.8")


def _oldest(repo: Path) -> str:
    told = tomllib.loads((repo / "packages/clawtrace-llamaindex/pyproject.toml").read_text())
    wanted = next(line for line in told["project"]["dependencies"] if line.startswith("llama-index-core"))
    found = re.search(r">=([\d.]+)", wanted)
    assert found is not None, wanted
    return found[1]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_oldest_supported_llamaindex_passes_the_same_tests(repo: Path, tmp_path: Path) -> None:
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed, so no environment of the oldest version can be made")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([uv, "venv", "-q", str(python.parent.parent)], check=True)
    ours = [word for name in ("core", "llamaindex") for word in ("-e", str(repo / f"packages/clawtrace-{name}"))]
    wanted = [f"llama-index-core=={_oldest(repo)}", *CLIENTS, "anthropic<0.60", *TOOLS]
    made = subprocess.run(
        [uv, "pip", "install", "-q", "--python", str(python), *ours, *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode and re.search(r"(?i)failed to fetch|connect|dns|timed? ?out|offline", made.stderr):
        pytest.skip(f"the package index is not at hand: {made.stderr.strip().splitlines()[-1]}")
    assert made.returncode == 0, made.stderr
    ran = subprocess.run(
        [str(python), "-m", "pytest", "tests/llamaindex", "-q", "-m", "not slow", "-p", "no:cacheprovider"],
        cwd=repo,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
