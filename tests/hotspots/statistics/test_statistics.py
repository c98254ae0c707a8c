"""A statistic is one file in the folder, and every one of them keeps the family's rules."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.errors import QueryError
from geo_service.hotspots.statistics import Statistic, statistics
from geo_service.model.surfaces import Points, Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed, Surface

MEMBERS = pytest.mark.parametrize("member", statistics().values(), ids=statistics().keys())


def test_every_file_of_the_folder_is_a_statistic_of_its_own_name() -> None:
    folder = Path(sys.modules[statistics.__module__].__file__ or "").parent
    assert set(statistics()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}


@MEMBERS
def test_a_statistic_says_what_it_is_and_where_it_is_written_down(member: Statistic) -> None:
    assert member.__doc__
    assert "(" in member.REFERENCE
    assert statistics()[member.NAME] is member


@MEMBERS
@pytest.mark.parametrize("ring", [1, 2, 3])
def test_a_statistic_scores_each_cell_of_the_area_and_none_of_the_halo(
    member: Statistic, ring: int, observed: Callable[..., Observed]
) -> None:
    seen = observed(ring=ring)
    surface = member.surface(seen, Tuning(ring=ring))
    assert surface.statistic == member.NAME
    assert surface.score.shape == (seen.inside.sum(),)
    assert np.isfinite(surface.score).all()


@MEMBERS
def test_a_statistic_does_not_hang_on_the_order_of_the_cells(
    member: Statistic, observed: Callable[..., Observed], graph: Callable[..., tuple[np.ndarray, np.ndarray]]
) -> None:
    seen = observed()
    n = int(seen.inside.sum())
    order = np.concatenate([np.random.default_rng(3).permutation(n), np.arange(n, len(seen.cells))])
    indptr, indices = graph(seen.cells[order])
    assert seen.points is not None
    assert seen.denominator is not None
    shuffled = replace(
        seen,
        cells=seen.cells[order],
        value=seen.value[order],
        value_inside=seen.value_inside[order],
        covered_m2=seen.covered_m2[order],
        area_m2=seen.area_m2[order],
        east_north_m=seen.east_north_m[order],
        by_month=seen.by_month[:, order],
        by_month_inside=seen.by_month_inside[:, order],
        indptr=indptr,
        indices=indices,
        denominator=seen.denominator[order],
        points=replace(seen.points, at=np.argsort(order)[seen.points.at]),
    )
    expected = member.surface(seen, Tuning()).score[order[:n]]
    np.testing.assert_allclose(member.surface(shuffled, Tuning()).score, expected, atol=1e-12)


def answered(member: Statistic, seen: Observed, tuning: Tuning) -> Surface | None:
    """Return the surface; None where a statistic that needs many incidents refuses so few in words."""
    try:
        return member.surface(seen, tuning)
    except QueryError:
        return None


@MEMBERS
@pytest.mark.parametrize("steps", [0, 1, 4])
def test_an_area_without_an_incident_has_no_hotspot(
    member: Statistic, steps: int, observed: Callable[..., Observed]
) -> None:
    months = np.zeros((12, len(observed(steps=steps).cells)))
    nothing = Points(np.zeros(0, dtype=np.int64), np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros(0))
    surface = answered(member, replace(observed(months, steps=steps), points=nothing), Tuning())
    if surface is None:
        assert member.NAME == "self_exciting"
        return
    assert not surface.score.any()
    assert surface.q is None or (surface.q >= 0.4).all()


@MEMBERS
@pytest.mark.parametrize("permutations", [0, 99])
@pytest.mark.parametrize("steps", [0, 1])
def test_the_smallest_areas_have_finite_scores(
    member: Statistic, steps: int, permutations: int, observed: Callable[..., Observed]
) -> None:
    surface = answered(member, observed(steps=steps), Tuning(permutations=permutations))
    if surface is None:
        assert member.NAME == "self_exciting"
        return
    assert np.isfinite(surface.score).all()
    for p in (surface.p, surface.q):
        assert p is None or ((p > 0) & (p <= 1)).all()
