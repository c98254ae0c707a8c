"""What a rate is taken of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo_service.hotspots.exposure import exposure_of, notes_without

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed


def test_square_kilometres_are_those_in_the_area(observed: Callable[..., Observed]) -> None:
    np.testing.assert_allclose(exposure_of(observed(), "km2"), np.full(61, 0.0136))


def test_a_denominator_is_that_of_the_cells_of_the_area(observed: Callable[..., Observed]) -> None:
    seen = replace(observed(), denominator=np.arange(91.0))
    assert exposure_of(seen, "households").tolist() == list(range(61))


def test_cells_that_hold_nothing_need_no_denominator() -> None:
    assert notes_without(np.array([0.0, 2.0]), np.array([0.0, 1.0]), "households") == ()
