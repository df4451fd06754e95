"""The estimate: never less for more text, linear, and near enough to a real encoding."""

import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clawtrace_core
from clawtrace_core.tokens.encodings import load_encoding
from clawtrace_core.tokens.estimate import estimate_tokens

TEXT = st.text(alphabet=st.one_of(st.sampled_from("aAzZ09 _-.\n\t{}é中한Жα🙂"), st.characters()), max_size=60)


@given(TEXT, TEXT)
def test_more_text_is_never_fewer_tokens(text: str, more: str) -> None:
    assert estimate_tokens(text + more) >= estimate_tokens(text)


@given(TEXT)
def test_a_text_has_at_least_one_token_and_no_more_than_its_characters_allow(text: str) -> None:
    tokens = estimate_tokens(text)
    assert (tokens == 0) == (text == "")
    assert tokens <= 3 * len(text)


def test_a_word_a_number_and_a_sentence() -> None:
    assert estimate_tokens("hello") == 1
    assert estimate_tokens("The quick brown fox jumps over the lazy dog.") == 9
    assert estimate_tokens("人工智能") == 3


def test_the_source_of_this_package_is_estimated_within_the_stated_error() -> None:
    encoding = load_encoding("o200k_base")
    if encoding is None:
        pytest.skip("no rank file on this machine: set TIKTOKEN_CACHE_DIR or install llama-index-core")
    folder = Path(clawtrace_core.__file__).parent
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.py"))]
    errors = [abs(estimate_tokens(text) / len(encoding.encode_ordinary(text)) - 1) for text in texts if len(text) > 500]
    assert statistics.median(errors) < 0.05
    assert statistics.quantiles(errors, n=10)[-1] < 0.12
