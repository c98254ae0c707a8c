"""Dosage from pings: held to tracks whose truth is known, and to laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks import dosage as synthetic
from geo_service.errors import QueryError
from geo_service.patrol.dosage import ALONE, EMPTY, Pings, StayRules, stays
from geo_service.patrol.presence import covered_minutes, presences, total

SQUARE = np.array([shapely.box(0, 0, 200, 200)], dtype=object)


def pings_of(*tracks: list[tuple[float, float, float]], crew: int = ALONE, accuracy_m: float = 1.0) -> Pings:
    """Make pings: for each device a list of (seconds, east, north)."""
    rows = [(device, *row) for device, track in enumerate(tracks) for row in track]
    device, when, east, north = (np.array(column) for column in zip(*rows, strict=True))
    count = len(rows)
    numbers = (when.astype(float), east.astype(float), north.astype(float))
    return Pings(device.astype(np.int64), *numbers, np.full(count, accuracy_m), np.full(count, crew, dtype=np.int64))


def straight(start_s: int, step_s: int, count: int, east: float = 100.0) -> list[tuple[float, float, float]]:
    return [(start_s + step_s * number, east, 100.0) for number in range(count)]


def away(start_s: int, step_s: int, count: int) -> list[tuple[float, float, float]]:
    return straight(start_s, step_s, count, 900.0)


def test_who_is_seen_inside_ten_times_a_minute_apart_was_there_ten_minutes() -> None:
    found = stays(pings_of(away(0, 60, 5) + straight(300, 60, 10) + away(900, 60, 5)), SQUARE)
    assert found.minutes.tolist() == [10.0]
    assert (found.start_s[0], found.end_s[0]) == (270.0, 870.0)
    assert 0.5 < found.error_min[0] < 1.0
    # Two crossings, each anywhere in a minute: their sum has a triangular distribution, 90 % within 0.684 of its mean.


def test_a_silent_device_is_not_taken_to_have_stayed() -> None:
    quiet = stays(pings_of(straight(0, 15, 21) + straight(3_600, 15, 21)), SQUARE)
    assert quiet.minutes == pytest.approx([5.25, 5.25])
    patient = stays(pings_of(straight(0, 15, 21) + straight(3_600, 15, 21)), SQUARE, StayRules(silent_s=7_200))
    assert patient.minutes == pytest.approx([65.25])


def test_a_track_along_the_edge_is_one_visit_with_a_wide_interval() -> None:
    generator = np.random.default_rng(3)
    east = generator.normal(0.0, 6.6, 180)
    track = [(5.0 * number, float(at), 20 + number * 0.9) for number, at in enumerate(east)]
    found = stays(pings_of(track, accuracy_m=10.0), SQUARE)
    assert len(found) == 1
    assert found.error_min[0] > 3 * 0.2
    inner = stays(pings_of([(when, 100.0, north) for when, _, north in track], accuracy_m=10.0), SQUARE)
    assert found.error_min[0] > 5 * inner.error_min[0]


def test_a_step_outside_is_the_same_visit_and_its_minutes_do_not_count() -> None:
    track = straight(0, 10, 30) + away(300, 10, 6) + straight(360, 10, 30)
    one = stays(pings_of(away(-100, 10, 10) + track + away(660, 10, 9)), SQUARE)
    assert one.minutes == pytest.approx([10.0])
    assert one.end_s[0] - one.start_s[0] == pytest.approx(660.0)
    assert len(stays(pings_of(away(-100, 10, 10) + track + away(660, 10, 9)), SQUARE, StayRules(bridge_s=30))) == 2


def test_a_pair_is_one_patrol_and_two_officers() -> None:
    track = away(0, 60, 5) + straight(300, 60, 10) + away(900, 60, 5)
    late = [(when + 20, east, north) for when, east, north in track]
    both = presences(stays(pings_of(track, late, crew=7), SQUARE))
    assert (both.officers.tolist(), both.officer_min.tolist()) == ([2], [20.0])
    assert both.patrol_min == pytest.approx([10.0])
    assert both.start_s[0] == pytest.approx(280.0)


def test_two_who_only_meet_are_there_for_as_long_as_either_is() -> None:
    first = away(0, 10, 30) + straight(300, 10, 60) + away(900, 10, 90)
    second = away(0, 10, 60) + straight(600, 10, 60) + away(1_200, 10, 60)
    both = presences(stays(pings_of(first, second, crew=7), SQUARE))
    assert both.patrol_min == pytest.approx([15.0])
    assert both.officer_min == pytest.approx([20.0])


def test_crews_of_their_own_are_visits_of_their_own() -> None:
    pings = pings_of(straight(0, 60, 10), straight(0, 60, 10))
    both = presences(stays(replace(pings, crew=pings.device + 3), SQUARE))
    assert both.officers.tolist() == [1, 1]


def test_nothing_gives_nothing() -> None:
    none = pings_of(straight(0, 60, 1)).part(np.zeros(0, dtype=np.int64))
    assert len(stays(none, SQUARE)) == 0
    assert len(stays(pings_of(straight(0, 60, 10)), np.zeros(0, dtype=object))) == 0
    assert len(presences(EMPTY)) == 0
    assert total(np.zeros(0), np.zeros(0)) == (0.0, 0.0, 0.0)
    assert covered_minutes(np.zeros(0), np.zeros(0)) == 0.0


def test_time_that_several_cover_counts_once() -> None:
    start, end = np.array([0.0, 300.0, 1_000.0, 30.0]), np.array([600.0, 900.0, 1_060.0, 60.0])
    assert covered_minutes(start, end) == pytest.approx(16.0)


@pytest.mark.parametrize(("name", "value"), [("silent_s", 1.0), ("bridge_s", -1.0), ("accuracy_m", 0.0)])
def test_rules_that_mean_nothing_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(QueryError) as refused:
        StayRules(**{name: value})
    assert refused.value.field == name.removesuffix("_s").removesuffix("_m")


@pytest.mark.parametrize(("interval_s", "bias", "error"), [(15, 0.6, 0.9), (60, 0.7, 1.2), (900, 4.5, 6.0)])
def test_the_interval_covers_the_truth_of_synthetic_tracks(interval_s: int, bias: float, error: float) -> None:
    (row,) = synthetic.measure(1, seed=11, intervals=(interval_s,))
    assert row.visits > 60
    assert abs(row.bias_min) < bias
    assert row.mae_min < error
    assert row.covered > 0.85
    assert row.shift_covered > 0.8


@st.composite
def walks(draw: st.DrawFn) -> Pings:
    tracks = []
    for _ in range(draw(st.integers(1, 3))):
        steps = draw(st.lists(st.tuples(st.integers(5, 900), st.integers(-150, 350)), min_size=1, max_size=12))
        when = np.cumsum([step for step, _ in steps])
        tracks.append([(float(at), east + 0.5, 100.5) for at, (_, east) in zip(when, steps, strict=True)])
    pings = pings_of(*tracks)
    crews = draw(st.lists(st.integers(-1, 1), min_size=3, max_size=3))
    return replace(pings, crew=np.array(crews, dtype=np.int64)[pings.device])


@settings(max_examples=60)
@given(walks(), st.integers(-500, 500), st.integers(-500, 500), st.integers(0, 10**6))
def test_moving_everything_changes_nothing(pings: Pings, east: int, north: int, later: int) -> None:
    moved = replace(
        pings, east_m=pings.east_m + east, north_m=pings.north_m + north, time_s=pings.time_s + later * 60.0
    )
    zone = np.array([shapely.box(east, north, 200 + east, 200 + north)], dtype=object)
    before, after = presences(stays(pings, SQUARE)), presences(stays(moved, zone))
    assert after.patrol_min == pytest.approx(before.patrol_min)
    assert after.officer_min == pytest.approx(before.officer_min)
    assert after.start_s - later * 60.0 == pytest.approx(before.start_s, abs=1e-3)


@settings(max_examples=60)
@given(walks(), st.randoms(use_true_random=False))
def test_devices_one_by_one_and_in_any_order_give_the_same(pings: Pings, random: object) -> None:
    order = np.arange(len(pings))
    random.shuffle(order)  # type: ignore[attr-defined]
    whole = stays(pings.part(order), SQUARE)
    parts = [stays(pings.part(pings.device == device), SQUARE) for device in np.unique(pings.device)]
    assert np.concatenate([part.minutes for part in parts]) == pytest.approx(whole.minutes)


@settings(max_examples=60)
@given(walks())
def test_another_device_never_lowers_the_officer_minutes(pings: Pings) -> None:
    assume(len(np.unique(pings.device)) > 1)
    fewer = presences(stays(pings.part(pings.device > 0), SQUARE))
    assert presences(stays(pings, SQUARE)).officer_min.sum() >= fewer.officer_min.sum() - 1e-9


@settings(max_examples=60)
@given(walks())
def test_patrol_minutes_are_never_more_than_officer_minutes_nor_than_the_clock(pings: Pings) -> None:
    made = presences(stays(pings, SQUARE))
    assert (made.patrol_min <= made.officer_min + 1e-9).all()
    assert (made.patrol_min >= 0).all()
    assert (made.error_min >= made.near_edge_min).all()
