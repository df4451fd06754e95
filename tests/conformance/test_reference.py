"""The table can be played; and whatever a player does wrong, the checker says."""

import sys
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

import players_reference
import pytest

from clawtrace_core import open_session
from clawtrace_core.capture.signal import Ended, Signal, Started
from clawtrace_core.testing import SCENARIOS, NotConforming, Scenario, Stage, check, gaps
from clawtrace_core.testing.reference import hand_over, play, signals_of

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
watch = players_reference.watch


def test_every_scenario_is_played() -> None:
    assert gaps(players_reference.PLAYERS, {}) == []


def test_scenarios_are_told_apart_by_name_and_say_what_happens() -> None:
    assert len(BY_NAME) == len(SCENARIOS)
    assert all(len(scenario.words.split()) > 4 for scenario in SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=attrgetter("name"))
def test_the_reference_conforms(scenario: Scenario, tmp_path: Path) -> None:
    check(scenario, players_reference.PLAYERS[scenario.name], watch=watch, folder=tmp_path)


def said(scenario: str, player: Callable[[Stage], Any], folder: Path, watched: Any = watch) -> str:
    with pytest.raises(NotConforming) as caught:
        check(BY_NAME[scenario], player, watch=watched, folder=folder)
    return str(caught.value)


def playing(change: Callable[[list[Signal]], list[Signal]]) -> Callable[[Stage], str]:
    """A player whose signals are changed on their way."""

    def changed(stage: Stage) -> str:
        for _ in stage.scenario.bills[0]:
            stage.bill()
        with stage.watching() as session:
            for signal in change(signals_of(stage.scenario)) if session is not None else ():
                hand_over(session.recorder, signal)
        return "played"

    return changed


def _doubled(signals: list[Signal]) -> list[Signal]:
    for signal in signals:
        if isinstance(signal, Ended) and signal.response is not None and signal.response.usage is not None:
            object.__setattr__(signal.response, "usage", signal.response.usage + signal.response.usage)
    return signals


def _swapped(signals: list[Signal]) -> list[Signal]:
    ends = [signal.response for signal in signals if isinstance(signal, Ended) and signal.response is not None]
    for response, usage in zip(ends, [response.usage for response in reversed(ends)], strict=True):
        object.__setattr__(response, "usage", usage)
    return signals


def _reparented(signals: list[Signal]) -> list[Signal]:
    for signal in signals:
        if isinstance(signal, Started) and signal.kind == "tool":
            signal.parent = None
    return signals


def _renamed(signals: list[Signal]) -> list[Signal]:
    for signal in signals:
        if isinstance(signal, Started) and signal.kind == "tool":
            signal.name = "sub"
    return signals


def _healed(signals: list[Signal]) -> list[Signal]:
    for signal in signals:
        if isinstance(signal, Ended):
            signal.status = "ok"
    return signals


def _unpriced(signals: list[Signal]) -> list[Signal]:
    for signal in signals:
        if isinstance(signal, Started) and signal.request is not None:
            object.__setattr__(signal.request, "model", "nobody-knows-it")
        if isinstance(signal, Ended) and signal.response is not None:
            object.__setattr__(signal.response, "model", "nobody-knows-it")
    return signals


def _again(signals: list[Signal]) -> list[Signal]:
    for signal in signals_of(BY_NAME["tool_call"]):
        signal.key = f"again-{signal.key}"
        if isinstance(signal, Started) and signal.parent is not None:
            signal.parent = f"again-{signal.parent}"
        signals.append(signal)
    return signals


MUTANTS = {
    "an end is lost": ("tool_call", lambda signals: signals[:-1], "no end of agent"),
    "the end of a call is lost": (
        "tool_call",
        lambda s: [x for x in s if x.key != "llm-2" or isinstance(x, Started)],
        "told of told 2",
    ),
    "a start is lost": ("tool_call", lambda signals: signals[:1] + signals[2:], "signals were lost"),
    "a tool is lost": ("tool_call", lambda s: [x for x in s if "tool" not in str(x.key)], "-    tool add"),
    "usage is doubled": ("one_call", _doubled, "recorded were told 1, input 240"),
    "usage is on the wrong call": ("tool_call", _swapped, "call 1 told of told 1, input 200, output 20; recorded"),
    "a span has another parent": ("tool_call", _reparented, "+  tool add"),
    "a tool has another name": ("tool_call", _renamed, "+    tool sub"),
    "an error is swallowed": ("tool_error_handled", _healed, "-    tool broken error"),
    "the model is not told": ("one_call", _unpriced, "no price for"),
    "everything is recorded twice": ("tool_call", _again, "recorded were told 4"),
    "a call is taken for a cached one": (
        "llm_cache_hit",
        lambda signals: signals[:2] + signals[:2],
        "expected (-), and found (+)",
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_player_that_departs_is_caught(mutant: str, tmp_path: Path) -> None:
    scenario, change, expected = MUTANTS[mutant]
    assert expected in said(scenario, playing(change), tmp_path)


def test_a_program_with_too_few_calls_is_no_performance(tmp_path: Path) -> None:
    def lazy(stage: Stage) -> str:
        with stage.watching():
            return "nothing to do"

    assert "0 of the 1 calls" in said("one_call", lazy, tmp_path)


def test_an_error_that_must_reach_the_user_and_does_not_is_caught(tmp_path: Path) -> None:
    quiet = playing(lambda signals: signals)
    assert "an error was to reach whoever runs it" in said("model_error", quiet, tmp_path)


def test_an_error_that_must_not_be_is_caught_though_it_is_the_same_without_us(tmp_path: Path) -> None:
    def breaks(stage: Stage) -> str:
        play(stage)
        raise KeyError("mine")

    assert "raised KeyError: 'mine'" in said("one_call", breaks, tmp_path)


def test_a_call_that_nobody_recorded_is_missed(tmp_path: Path) -> None:
    def one_more(stage: Stage) -> str:
        stage.bill()
        return play(stage)

    assert "the provider told of told 2" in said("one_call", one_more, tmp_path)


def test_sessions_that_mix_are_caught_though_their_sum_is_right(tmp_path: Path) -> None:
    def mixed(stage: Stage) -> str:
        scenario = stage.scenario
        swapped = [[a, b] for a, b in zip(*scenario.bills, strict=True)]
        for session, bills in enumerate(scenario.bills):
            for _ in bills:
                stage.bill(session)
        for session in range(2 if stage.watched else 0):
            with stage.watching() as recorded:
                for signal in signals_of(scenario, session):
                    if isinstance(signal, Ended) and signal.response is not None:
                        object.__setattr__(signal.response, "usage", swapped[session].pop(0))
                    hand_over(recorded.recorder, signal)
        return "played"

    assert "recorded were told 2" in said("sessions_in_threads", mixed, tmp_path)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (lambda: sys.stdout.write("traced!"), "printed because of us: traced!"),
        (lambda: warnings.warn("look", stacklevel=1), "warned because of us: UserWarning: look"),
        (lambda: __import__("logging").getLogger("clawtrace").warning("alas"), "our own logger said: alas"),
        (lambda: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_silence_is_kept(deed: Callable[[], Any], expected: str, tmp_path: Path) -> None:
    @contextmanager
    def loud(store: Path) -> Any:
        deed()
        with open_session(store) as session:
            yield session

    assert expected in said("one_call", play, tmp_path, loud)


def test_a_result_that_we_change_is_caught(tmp_path: Path) -> None:
    def changed(stage: Stage) -> str:
        play(stage)
        return "worse" if stage.watched else "good"

    assert "the agent's own result is 'worse', and 'good' without us" in said("one_call", changed, tmp_path)


def test_a_player_that_records_unasked_is_caught(tmp_path: Path) -> None:
    def nosy(stage: Stage) -> str:
        with watch(stage.store) as session:
            for signal in signals_of(stage.scenario):
                hand_over(session.recorder, signal)
        stage.bill()
        return "played"

    assert "nobody was to watch" in said("one_call", nosy, tmp_path)


def test_what_is_recorded_after_the_handler_was_removed_is_caught(tmp_path: Path) -> None:
    def sticky(stage: Stage) -> str:
        play(stage)
        with stage.watching() as session:
            for signal in signals_of(BY_NAME["tool_call"]) if session is not None else ():
                hand_over(session.recorder, signal)
        return "played"

    assert "session 1" in said("removed", sticky, tmp_path)


def test_a_pause_that_nobody_is_told_of_is_caught(tmp_path: Path) -> None:
    def hurried(stage: Stage) -> str:
        for session in range(2):
            stage.bill(session)
            with stage.watching() as recorded:
                for signal in _healed(signals_of(stage.scenario, session)) if recorded is not None else ():
                    hand_over(recorded.recorder, signal)
        return "played"

    assert "something was to pause" in said("pause_and_resume", hurried, tmp_path)


def test_a_session_that_ends_though_its_process_died_is_caught(tmp_path: Path) -> None:
    assert "has an end, and must not" in said("crash", play, tmp_path)


@pytest.mark.parametrize(
    ("players", "excused", "expected"),
    [
        ([], {}, "tool_call: neither played nor excused"),
        (["tool_call"], {"tool_call": "the framework has no tools at all"}, "excused, and played all the same"),
        ([], {"tool_call": ""}, "'' is no reason"),
        ([], {"tool_call": "not possible"}, "'not possible' is no reason"),
        (["tool_cal"], {"tool_call": "the framework has no tools at all"}, "tool_cal: is no scenario"),
    ],
)
def test_a_gap_is_told(players: list[str], excused: dict[str, str], expected: str) -> None:
    assert any(expected in line for line in gaps(players, excused, [BY_NAME["tool_call"]]))


def test_an_excuse_with_a_reason_is_taken() -> None:
    assert gaps([], {"tool_call": "the framework has no tools at all"}, [BY_NAME["tool_call"]]) == []
