"""What a sheet of a cocoon may list: laws, and somebody who finds it and guesses."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.hotspots.repeats.screening import LEAST_HIDDEN, OWN_HOME_M, SHIFT, screened

REACH_M = 200.0
STEP_M = 17.0
"""Between one house and the next."""
VICTIM = np.array([0.0, 0.0])


def homes(step_m: float = STEP_M) -> np.ndarray:
    """Return a town of houses in rows, one of them at the origin, as far as a cocoon reaches."""
    along = np.arange(-11, 12) * step_m
    at = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    return shapely.points(at[np.hypot(*at.T) <= REACH_M])


def listed(secret: str, places: np.ndarray) -> np.ndarray:
    return shapely.get_coordinates(places[screened(VICTIM, places, reach_m=REACH_M, secret=secret)])


@given(secret=st.text(max_size=20), step_m=st.floats(9.0, 30.0))
def test_the_home_itself_is_never_listed_and_at_least_three_others_are_not(secret: str, step_m: float) -> None:
    places = homes(step_m)
    kept = screened(VICTIM, places, reach_m=REACH_M, secret=secret)
    at = shapely.get_coordinates(places)
    assert len(np.unique(kept)) == len(kept) > 0
    assert np.hypot(*at[kept].T).min() > OWN_HOME_M
    # However the middle was moved, what lies this near to the offence would be listed if nothing were hidden.
    certain = np.hypot(*at.T) <= (1 - 2 * SHIFT) * REACH_M
    assert certain.sum() - np.isin(np.flatnonzero(certain), kept).sum() >= LEAST_HIDDEN


@given(secret=st.text(max_size=20))
def test_the_same_secret_gives_the_same_and_the_nearest_to_the_middle_come_first(secret: str) -> None:
    places = homes()
    first = listed(secret, places)
    np.testing.assert_array_equal(first, listed(secret, places))
    # The outermost lie around another point than the offence, none of them beyond three quarters of the reach of it.
    middle = (first.min(axis=0) + first.max(axis=0)) / 2
    assert np.hypot(*(first - middle).T).max() <= (1 - SHIFT) * REACH_M + 2 * STEP_M


def test_who_finds_the_paper_guesses_no_better_than_among_the_hidden() -> None:
    places = homes()
    at, tries, right = shapely.get_coordinates(places), 300, 0
    for number in range(tries):
        shown = listed(f"crime {number}", places)
        # The best that the paper offers: of the houses it leaves out, the one nearest to the middle of the others.
        missing = at[(np.hypot(*(at[:, None] - shown[None]).transpose(2, 0, 1)) > 0.1).all(axis=1)]
        guess = missing[np.hypot(*(missing - shown.mean(axis=0)).T).argmin()]
        right += bool((guess == VICTIM).all())
    # A quarter by chance; three standard errors of 300 tries are 7.5 %. Listing all but the victim would give 100 %.
    assert right / tries < 1 / LEAST_HIDDEN + 0.075


def test_a_home_that_its_name_gives_away_is_left_out_wherever_its_point_lies() -> None:
    places = homes()
    own = np.zeros(len(places), dtype=np.bool_)
    own[np.hypot(*(shapely.get_coordinates(places) - (2 * STEP_M, 0)).T).argmin()] = True
    kept = screened(VICTIM, places, reach_m=REACH_M, secret="x", own=own)
    assert np.flatnonzero(own) not in kept
    assert len(kept) > 100


def test_in_a_dense_street_the_middle_is_moved_as_far_as_houses_are_to_hide_among() -> None:
    # 60 nearest of houses 6 m apart reach some 26 m: a quarter of that would be next door.
    places = homes(6.0)
    near = places[np.argsort(np.hypot(*shapely.get_coordinates(places).T), kind="stable")]
    with pytest.raises(QueryError, match="a reach of 26 m"):
        screened(VICTIM, near[:60], reach_m=26.0, secret="x")
    kept = screened(VICTIM, near, reach_m=90.0, secret="x")
    assert np.hypot(*shapely.get_coordinates(near[kept]).T).max() <= 90.0
    assert len(kept) > 100


def test_areas_have_no_gaps_and_lie_in_the_cocoon() -> None:
    squares = shapely.buffer(homes(40.0), 20.0, cap_style="square")
    kept = screened(VICTIM, squares, reach_m=REACH_M, secret="x")
    assert shapely.distance(squares[kept], shapely.Point(VICTIM)).max() <= REACH_M
    around = shapely.union_all(squares[kept])
    assert around.contains(shapely.Point(VICTIM))
    assert not around.interiors
    assert around.centroid.distance(shapely.Point(VICTIM)) > 1


def test_a_home_among_few_has_no_sheet() -> None:
    few = shapely.points([(0.0, 0.0), (30.0, 0.0), (120.0, 0.0), (0.0, 140.0)])
    with pytest.raises(QueryError, match="So few homes are near that a sheet would tell which one it is about"):
        screened(VICTIM, few, reach_m=REACH_M, secret="x")
    with pytest.raises(QueryError, match="0 places in reach"):
        screened(VICTIM, np.empty(0, dtype=object), reach_m=REACH_M, secret="x")
