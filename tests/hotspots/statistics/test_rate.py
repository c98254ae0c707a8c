"""A rate is the measure over its denominator, and never infinite."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.errors import QueryError
from geo_service.hotspots.statistics import rate
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

SIZES = 61 + 30


def test_per_square_kilometre_takes_the_ground_inside_the_area(observed: Callable[..., Observed]) -> None:
    seen = observed(np.full(SIZES, 4.0))
    covered_m2 = seen.covered_m2.copy()
    covered_m2[3] /= 4
    score = rate.surface(replace(seen, covered_m2=covered_m2), Tuning()).score
    assert score[0] == pytest.approx(4 / 0.0136)
    assert score[3] == pytest.approx(4 * score[0])


def test_a_cell_without_residents_has_no_rate_and_the_notes_say_so(observed: Callable[..., Observed]) -> None:
    residents = np.full(SIZES, 50.0)
    residents[:2] = 0.0
    value = np.zeros(SIZES)
    value[[1, 2]] = 10.0
    surface = rate.surface(replace(observed(value), denominator=residents), Tuning(per="residents"))
    assert surface.score[:4].tolist() == [0.0, 0.0, 0.2, 0.0]
    assert surface.classes is not None
    assert surface.classes[:3].tolist() == ["no denominator", "no denominator", ""]
    assert "1 cells that hold 10 of the measure have no residents" in surface.notes[0]


def test_a_sliver_of_a_cell_is_warned_of(observed: Callable[..., Observed]) -> None:
    seen = observed(np.ones(SIZES))
    covered_m2 = seen.covered_m2.copy()
    covered_m2[:3] = 5.0
    assert not rate.surface(seen, Tuning()).notes
    assert "3 cells at the border with less than 10 %" in rate.surface(replace(seen, covered_m2=covered_m2), Tuning()).notes[0]  # fmt: skip  # noqa: E501


@pytest.mark.parametrize(
    ("denominator", "words"),
    [
        (None, "No denominator of that name"),
        (np.zeros(SIZES), "0 in every cell"),
        (np.full(SIZES, -1.0), "less than 0"),
        (np.full(SIZES, np.nan), "no number"),
    ],
)
def test_a_denominator_that_gives_no_rate_is_refused_by_name(
    denominator: np.ndarray | None, words: str, observed: Callable[..., Observed]
) -> None:
    seen = replace(observed(np.ones(SIZES)), denominator=denominator)
    with pytest.raises(QueryError, match=words) as refused:
        rate.surface(seen, Tuning(per="residents"))
    assert refused.value.field == "per"
