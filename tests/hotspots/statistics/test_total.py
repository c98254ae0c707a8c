"""The total is what the cell holds inside the area."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo_service.hotspots.statistics import total
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed


def test_the_total_leaves_out_what_lies_beyond_the_border(observed: Callable[..., Observed]) -> None:
    seen = observed()
    half = replace(seen, value_inside=seen.value_inside / 2)
    surface = total.surface(half, Tuning())
    np.testing.assert_array_equal(surface.score, seen.value[seen.inside] / 2)
    assert surface.p is None
    assert surface.q is None
