"""Counting: exact where the model's encoding is at hand offline, an estimate elsewhere, never a network call."""

import os
import shutil
import sys
from pathlib import Path

import pytest
import tiktoken
from tiktoken.load import load_tiktoken_bpe

from clawtrace_core.tokens import Count, Counter
from clawtrace_core.tokens.encodings import RANK_FILES, encoding_of, load_encoding
from clawtrace_core.tokens.estimate import estimate_tokens

HIDDEN = ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR")


@pytest.fixture
def no_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which no rank file is at hand."""
    for variable in HIDDEN:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delitem(sys.modules, "llama_index", raising=False)
    monkeypatch.setattr(
        "sys.path", [path for path in __import__("sys").path if not (Path(path) / "llama_index").exists()]
    )


@pytest.fixture(scope="session")
def rank_files() -> Path:
    """A folder with the real rank files, wherever this machine has them."""
    places = [os.environ.get(name) for name in HIDDEN]
    places += [str(Path(path) / "llama_index/core/_static/tiktoken_cache") for path in __import__("sys").path]
    for place in filter(None, places):
        if all((Path(place) / rank_file.file).is_file() for rank_file in RANK_FILES.values()):
            return Path(place)
    pytest.skip("no rank files on this machine: set TIKTOKEN_CACHE_DIR or install llama-index-core")


TEXTS = (
    "hello world",
    "<|endoftext|> is only text here",
    "def f(x):\n    return {'a': [1, 22, 333, 4444]}\n",
    "Каждый день 人工智能 사람들 🙂",
    "lone \ud800 surrogate",
    "   \n\n\t x",
)


@pytest.mark.parametrize("model", ["gpt-4o", "openai/gpt-5.4", "gpt-4", "text-embedding-3-small", "gpt-oss-20b"])
def test_models_of_openai_are_counted_exactly(rank_files: Path, model: str) -> None:
    counter = Counter(rank_files)
    name = encoding_of(model)
    assert name is not None
    ranks = load_tiktoken_bpe(str(rank_files / RANK_FILES[name].file), RANK_FILES[name].sha256)
    theirs = tiktoken.Encoding(name, pat_str=RANK_FILES[name].pattern, mergeable_ranks=ranks, special_tokens={})
    for text in TEXTS:
        assert counter.count(text, model) == Count(len(theirs.encode(text, disallowed_special=())), exact=True)


def test_the_patterns_are_tiktokens_own(rank_files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tiktoken_ext.openai_public import ENCODING_CONSTRUCTORS

    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(rank_files))
    for name, rank_file in RANK_FILES.items():
        assert ENCODING_CONSTRUCTORS[name]()["pat_str"] == rank_file.pattern


def test_models_of_others_are_estimated_with_a_public_encoding(rank_files: Path) -> None:
    counter = Counter(rank_files)
    for model in ("claude-sonnet-4-5", "gemini-2.5-pro", None):
        assert counter.count("hello world", model) == Count(2, exact=False)


def test_long_texts_are_counted_piecewise_and_still_exactly(rank_files: Path) -> None:
    text = "".join(f"row {n}: the {n * 7919 % 1013} quick foxes // jumped,\n\n  over\n" for n in range(9_000))
    encoding = load_encoding("o200k_base", rank_files)
    assert encoding is not None
    assert Counter(rank_files).count(text, "gpt-4o") == Count(len(encoding.encode_ordinary(text)), exact=True)


@pytest.mark.parametrize("run", ["a", " ", "=", "\n", "ab "])
def test_a_run_without_a_seam_is_counted_within_a_token_per_piece(rank_files: Path, run: str) -> None:
    text = run * (300_000 // len(run))
    encoding = load_encoding("o200k_base", rank_files)
    assert encoding is not None
    found = Counter(rank_files).count(text, "gpt-4o")
    assert not found.exact
    assert abs(found.tokens - len(encoding.encode_ordinary(text))) <= 5


@pytest.mark.parametrize("variable", HIDDEN)
def test_the_environment_may_name_the_folder_and_is_left_alone(
    no_files: None, rank_files: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(rank_files))
    before = dict(os.environ)
    assert Counter().count("hello world", "gpt-4o") == Count(2, exact=True)
    assert dict(os.environ) == before


def test_without_a_file_all_is_estimated(no_files: None) -> None:
    for model in ("gpt-4o", "claude-sonnet-4-5", None):
        assert Counter().count("hello world", model) == Count(estimate_tokens("hello world"), exact=False)


def test_a_damaged_file_is_passed_over_and_left_in_place(no_files: None, tmp_path: Path) -> None:
    damaged = tmp_path / RANK_FILES["o200k_base"].file
    damaged.write_bytes(b"aGVsbG8= 0\n")
    assert not Counter(tmp_path).count("hello", "gpt-4o").exact
    assert damaged.read_bytes() == b"aGVsbG8= 0\n"


def test_an_older_model_whose_encoding_is_not_at_hand_is_estimated(
    no_files: None, rank_files: Path, tmp_path: Path
) -> None:
    shutil.copy(rank_files / RANK_FILES["o200k_base"].file, tmp_path)
    counter = Counter(tmp_path)
    assert counter.count("hello world", "gpt-4o").exact
    assert counter.count("hello world", "gpt-4") == Count(estimate_tokens("hello world"), exact=False)


def test_an_empty_text_has_no_tokens() -> None:
    assert Counter().count("").tokens == 0
