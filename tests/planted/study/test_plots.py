"""The pictures of the study's page."""

from collections.abc import Callable
from pathlib import Path

from examples.planted.study.figures import figures
from examples.planted.study.plots import draw_arms, draw_flags
from examples.planted.study.sitting import Sitting


def test_pictures_are_the_same_bytes_for_the_same_figures(
    sittings: Callable[..., list[Sitting]], tmp_path: Path
) -> None:
    told = figures(sittings(8))
    for name in ("one", "two"):
        draw_arms(told["arms"]["both"], {"full": "full"}, 0.05, tmp_path / name / "arms.svg")
        draw_flags(told["frameworks"]["langchain"]["flags"], tmp_path / name / "flags.svg")
    for file in ("arms.svg", "flags.svg"):
        drawn = (tmp_path / "one" / file).read_bytes()
        assert drawn == (tmp_path / "two" / file).read_bytes()
        assert drawn.startswith(b"<?xml")
