"""Where usage is found, in what kinds of objects, and when there is none."""

from dataclasses import dataclass
from enum import Enum

import pytest

from clawtrace_core.model.usage import Usage
from clawtrace_core.model.usage_shapes import normalise_usage


@pytest.mark.parametrize("wrapper", ["usage", "usage_metadata", "usageMetadata", "token_usage"])
def test_a_whole_response_is_searched_one_level_down(wrapper: str) -> None:
    assert normalise_usage({"id": "r1", wrapper: {"prompt_tokens": 3, "completion_tokens": 4}}) == Usage(
        input=3, output=4
    )


def test_dataclasses_and_enums_are_read() -> None:
    class Modality(Enum):
        AUDIO = "AUDIO"

    @dataclass
    class Part:
        modality: Modality
        token_count: int

    @dataclass
    class Told:
        prompt_token_count: int
        candidates_token_count: int
        prompt_tokens_details: list[Part]

    assert normalise_usage(Told(9, 4, [Part(Modality.AUDIO, 5)])) == Usage(input=9, output=4, input_audio=5)


@pytest.mark.parametrize(
    "raw",
    [None, {}, [], "input_tokens", b"x", 7, object(), {"usage": None}, {"input_tokens": None}, {"prompt_tokens": None}],
)
def test_nothing_told_is_none(raw: object) -> None:
    assert normalise_usage(raw) is None


def test_a_usage_is_left_as_it_is() -> None:
    usage = Usage(input=1, conflicts=("x",))
    assert normalise_usage(usage) is usage


def test_the_same_facts_in_every_providers_words_are_the_same_usage() -> None:
    told = [
        {
            "prompt_tokens": 1_000,
            "completion_tokens": 50,
            "prompt_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 300},
        },
        {
            "input_tokens": 1_000,
            "output_tokens": 50,
            "input_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 300},
        },
        {"input_tokens": 100, "output_tokens": 50, "cache_read_input_tokens": 600, "cache_creation_input_tokens": 300},
        {"inputTokens": 100, "outputTokens": 50, "cacheReadInputTokens": 600, "cacheWriteInputTokens": 300},
        {"input_tokens": 1_000, "output_tokens": 50, "input_token_details": {"cache_read": 600, "cache_creation": 300}},
    ]
    assert {repr(normalise_usage(raw)) for raw in told} == {repr(normalise_usage(told[0]))}
