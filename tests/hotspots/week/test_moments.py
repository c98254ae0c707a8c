"""Local clock times are placed on the week by the time that really passed."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from geo_service.errors import QueryError
from geo_service.hotspots.week.moments import NO_DEFAULTS, Defaults, Spans, find_defaults, read_spans
from geo_service.hotspots.week.profiles import spread

LONDON = ZoneInfo("Europe/London")
SUNDAY = 6 * 24


def series(*at: dt.datetime | None) -> pl.Series:
    return pl.Series(at, dtype=pl.Datetime("us"))


def at(day: int, hour: int, minute: int = 0, *, month: int = 6) -> dt.datetime:
    return dt.datetime(2025, month, day, hour, minute)  # noqa: DTZ001 - local clock times have no zone


def hours_of(first: dt.datetime, last: dt.datetime | None) -> dict[int, float]:
    """Return what one incident puts into each hour of the week."""
    mass = spread(read_spans(series(first), series(last))).mass[0]
    return {int(hour): round(float(mass[hour]), 9) for hour in np.flatnonzero(mass)}


def known(spans: Spans) -> list[float]:
    return (1 - spans.unknown).tolist()


def test_the_hour_that_the_clocks_skip_in_spring_gets_nothing() -> None:
    third = round(1 / 3, 9)
    spring = hours_of(at(30, 0, month=3), at(30, 4, month=3))
    assert spring == {SUNDAY: third, SUNDAY + 2: third, SUNDAY + 3: third}


def test_the_hour_that_comes_twice_in_autumn_gets_twice_its_share() -> None:
    autumn = hours_of(at(26, 0, month=10), at(26, 3, month=10))
    assert autumn == {SUNDAY: 0.25, SUNDAY + 1: 0.5, SUNDAY + 2: 0.25}


def test_a_time_that_never_was_is_read_as_if_the_clock_had_not_been_put_forward() -> None:
    assert hours_of(at(30, 1, 30, month=3), None) == {SUNDAY + 2: 1.0}


def test_both_ends_in_the_doubled_hour_are_of_one_reading() -> None:
    spans = read_spans(series(at(26, 1, 10, month=10)), series(at(26, 1, 40, month=10)))
    assert spans.length_min.tolist() == [30]


def test_an_end_in_the_doubled_hour_is_read_so_that_the_span_is_widest() -> None:
    spans = read_spans(
        series(at(26, 0, month=10), at(26, 1, month=10)), series(at(26, 1, month=10), at(26, 3, month=10))
    )
    lengths = np.bincount(spans.incident, spans.length_min)
    assert lengths.tolist() == [120, 180]


@pytest.mark.parametrize("month", [3, 6, 10])
def test_lengths_are_those_of_the_standard_library(month: int) -> None:
    rng = np.random.default_rng(month)
    starts = [at(24, 0, month=month) + dt.timedelta(minutes=int(rng.integers(8_640)) * 2 + 1) for _ in range(200)]
    ends = [start + dt.timedelta(minutes=int(rng.integers(120, 6_000))) for start in starts]
    spans = read_spans(series(*starts), series(*ends))
    lengths = np.bincount(spans.incident, spans.length_min)
    for start, end, length in zip(starts, ends, lengths.tolist(), strict=True):
        wide = [each.replace(tzinfo=LONDON) for each in (start, end)]
        real = wide[1].replace(fold=1).timestamp() - wide[0].replace(fold=0).timestamp()
        gap = start.day == end.day == 30 and month == 3 and (start.hour == 1 or end.hour == 1)
        assert gap or length == pytest.approx(real / 60), (start, end)


def test_what_has_no_time_or_too_long_a_span_or_ends_first_is_unknown() -> None:
    day = at(2, 9)
    spans = read_spans(
        series(None, day, day, day, day),
        series(None, None, day - dt.timedelta(hours=1), day + dt.timedelta(hours=168), day + dt.timedelta(hours=169)),
    )
    assert known(spans) == [0, 1, 0, 1, 0]


def test_an_end_alone_is_no_time() -> None:
    assert known(read_spans(series(None), series(at(2, 9)))) == [0]


def test_a_shorter_limit_makes_more_of_it_unknown() -> None:
    first, last = series(at(2, 9)), series(at(2, 15))
    assert known(read_spans(first, last, longest_h=6)) == [1]
    assert known(read_spans(first, last, longest_h=5.9)) == [0]
    with pytest.raises(QueryError, match="Found: 169 h"):
        read_spans(first, last, longest_h=169)


def test_defaults_are_the_excess_over_the_hours_beside() -> None:
    def many(hour: int, minute: int, count: int) -> list[dt.datetime]:
        return [at(2, hour, minute)] * count

    moments = [
        *many(23, 0, 40),
        *many(0, 0, 190),
        *many(0, 1, 10),
        *many(1, 0, 60),
        *many(11, 0, 50),
        *many(12, 0, 60),
        *many(13, 0, 50),
    ]
    first = series(*moments)
    found = find_defaults(first, series(*[None] * len(moments)))
    assert found.counts == (200, 60)
    assert found.expected == (50.0, 50.0)
    assert found.shares == (0.75, 0.0)
    assert found.words == (
        "200 incidents stand at 00:00 where the hours beside it let expect 50: the excess counts as unknown time."
    )
    spans = read_spans(first, series(*[None] * len(moments)), defaults=found)
    assert spans.unknown.sum() == pytest.approx(150)


def test_spans_from_midnight_and_busy_nights_are_no_defaults() -> None:
    spans = find_defaults(series(*[at(2, 0)] * 500), series(*[at(2, 8)] * 500))
    assert (spans.counts, spans.shares) == ((0, 0), (0.0, 0.0))
    night = [at(2, hour) for hour in (22, 23, 0, 1, 2) for _ in range(90)]
    assert find_defaults(series(*night), series(*[None] * 450)).shares == (0.0, 0.0)
    assert find_defaults(series(), series()).words.startswith("No more incidents stand at 00:00")


def test_a_default_applies_to_moments_alone() -> None:
    first, last = series(at(2, 0), at(2, 0), at(2, 12), at(2, 12, 30)), series(None, at(2, 1), None, None)
    assert known(read_spans(first, last, defaults=Defaults((0.75, 0.5)))) == [0.25, 1, 0.5, 1]
    assert known(read_spans(first, last, defaults=NO_DEFAULTS)) == [1, 1, 1, 1]


def test_chosen_incidents_keep_their_pieces() -> None:
    spans = read_spans(series(at(2, 9), at(26, 0, month=10), None), series(None, at(26, 3, month=10), None))
    kept = spans.chosen(np.array([False, True, True]))
    assert kept.incident.tolist() == [0] * 4
    assert kept.part.sum() == pytest.approx(1)
    assert kept.unknown.tolist() == [0, 1]
