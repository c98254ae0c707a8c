"""What is near and open: against an evaluation written another way, of hours that are made up and never parsed."""

from __future__ import annotations

import datetime as dt
import math
import random
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.safe_places.finding import Origin
from geo_service.safe_places.nearness import DETOUR, Wanted, near, read_directory, walk_minutes
from geo_service.safe_places.words import walk_words

if TYPE_CHECKING:
    from collections.abc import Sequence

LONDON = ZoneInfo("Europe/London")
# gov.uk/bank-holidays, England and Wales, 2022 to 2027 as published.
HOLIDAYS = {
    dt.date.fromisoformat(f"{year}-{day}")
    for year, days in {
        2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
        2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
        2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
        2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
        2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
        2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    }.items()
    for day in days.split()
}
# Easter Sundays (US Naval Observatory), and the fixed feasts, where they are no bank holiday in law.
EASTER = ("2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28")
FEASTS = {dt.date(year, *day) for year in range(2022, 2028) for day in ((1, 1), (12, 25), (12, 26))}
UNUSUAL = ({dt.date.fromisoformat(day) for day in EASTER} | FEASTS) - HOLIDAYS
# gov.uk/when-do-the-clocks-change
CLOCKS = [dt.date.fromisoformat(day) for day in ("2022-03-27", "2022-10-30", "2023-03-26", "2023-10-29", "2024-03-31",
    "2024-10-27", "2025-03-30", "2025-10-26", "2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31")]  # fmt: skip
NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
DAY = 1440
A_DAY = dt.timedelta(days=1)
REQUESTS, PLACES = 1000, 10


class Rule(NamedTuple):
    """Hold one rule as it is meant: no spans are a day off."""

    days: frozenset[int]
    holidays: bool
    spans: tuple[tuple[int, int], ...]


Hours: TypeAlias = tuple[Rule, ...] | str
"""`24/7` and what nobody can know are texts."""


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def written(hours: Hours, chance: random.Random) -> str:
    """Write hours in OpenStreetMap's way, past midnight in either of its two ways."""
    if isinstance(hours, str):
        return hours
    rules = []
    for rule in hours:
        days = sorted(rule.days)
        whole = len(days) > 1 and days == list(range(days[0], days[-1] + 1)) and chance.random() < 0.7
        named = [f"{NAMES[days[0]]}-{NAMES[days[-1]]}"] if whole else [NAMES[day] for day in days]
        named += ["PH"] * rule.holidays
        late = chance.random() < 0.3
        spans = [f"{clock(first)}-{clock(last if last <= DAY or late else last - DAY)}" for first, last in rule.spans]
        rules.append(f"{','.join(named)} {','.join(spans) or chance.choice(['off', 'closed'])}")
    return "; ".join(rules)


def made_up(chance: random.Random) -> Hours:
    """Make hours up: some all day, some unknown, most of them rules that take the place of one another."""
    kind = chance.random()
    if kind < 0.12:
        return "24/7" if kind < 0.06 else chance.choice(["", "Mo-Fr sunrise-sunset", "ask inside", "Mo-Fr 09:00+"])
    rules = [Rule(days_of(chance), chance.random() < 0.15, spans_of(chance)) for _ in range(chance.randint(1, 3))]
    if chance.random() < 0.35:
        off = chance.random() < 0.6
        rules.insert(chance.randint(0, len(rules)), Rule(frozenset(), True, () if off else spans_of(chance)))  # noqa: FBT003
    return tuple(rules)


def days_of(chance: random.Random) -> frozenset[int]:
    first = chance.randint(0, 6)
    return frozenset(
        range(first, chance.randint(first, 6) + 1) if chance.random() < 0.7 else chance.sample(range(7), 2)
    )


def spans_of(chance: random.Random) -> tuple[tuple[int, int], ...]:
    kind = chance.random()
    if kind < 0.08:
        return ()
    if kind < 0.4:
        begins = chance.randrange(18 * 60, DAY, 15)
        return ((begins, DAY + chance.randrange(15, 7 * 60, 15)),)
    if kind < 0.5:
        return ((0, chance.randrange(30, 4 * 60, 15)),)
    begins = chance.randrange(0, 14 * 60, 15)
    ends = chance.randrange(begins + 15, 17 * 60, 15)
    more = ((chance.randrange(ends + 15, 20 * 60, 15), chance.choice([21 * 60, 23 * 60 + 30, DAY, DAY + 90])),)
    return ((begins, ends), *(more if chance.random() < 0.3 else ()))


@cache
def own(hours: tuple[Rule, ...], day: dt.date) -> tuple[tuple[int, int], ...] | str:
    """Return the spans that begin on a day, `off` where it is written so, `unknown` where nothing is said of it."""
    if day in UNUSUAL or (day in HOLIDAYS and not any(rule.holidays for rule in hours)):
        return "unknown"
    if day in HOLIDAYS and any(rule.holidays and not rule.spans for rule in hours):
        return "off"
    fits = [rule for rule in hours if day.weekday() in rule.days or (rule.holidays and day in HOLIDAYS)]
    if not fits:
        return ()
    return fits[-1].spans or "off"


def by_the_clock(hours: Hours, day: dt.date, minute: int) -> str:
    """Return what holds when a clock shows a minute of a day."""
    if isinstance(hours, str):
        return "open" if hours == "24/7" else "unknown"
    today, before = own(hours, day), own(hours, day - A_DAY)
    if not isinstance(today, str) and any(first <= minute < last for first, last in today):
        return "open"
    if not isinstance(before, str) and any(minute < last - DAY for _, last in before):
        return "unknown" if isinstance(today, str) else "open"
    longest = max((last - DAY for rule in hours for _, last in rule.spans), default=0)
    if before == "unknown" and minute < longest:
        return "unknown"
    return "unknown" if today == "unknown" else "closed"


def all_by_the_clock(inside: Sequence[Hours], day: dt.date, minute: int) -> str:
    states = {by_the_clock(hours, day, minute) for hours in inside}
    return "closed" if "closed" in states else "unknown" if "unknown" in states else "open"


def brute_force(inside: Sequence[Hours], at: dt.datetime) -> str:
    """Return what holds; of the hour that the clock shows twice only what holds whichever of the two is meant."""
    day, minute = at.date(), at.hour * 60 + at.minute
    state = all_by_the_clock(inside, day, minute)
    twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    if state != "open" or not twice:
        return state
    rest = range(minute, 120) if at.fold else range(59, minute)
    return "open" if all(all_by_the_clock(inside, day, each) == "open" for each in rest) else "unknown"


def late(inside: Sequence[Hours], now: dt.datetime) -> bool:
    """Try every quarter of an hour of the night, and now: hours begin and end on quarters."""
    small_hours = now.hour < 4
    begins = now if small_hours or now.hour >= 21 else now.replace(hour=21, minute=0)
    ends = dt.datetime.combine(now.date() + (not small_hours) * A_DAY, dt.time(4), LONDON)
    moments = [begins.timestamp(), *np.arange(begins.timestamp() // 900 * 900 + 900, ends.timestamp(), 900).tolist()]
    return any(brute_force(inside, dt.datetime.fromtimestamp(moment, LONDON)) == "open" for moment in moments)


def earth(lon: float, lat: float) -> tuple[float, float, float]:
    """Return metres from the centre of the WGS 84 ellipsoid (NIMA TR8350.2)."""
    a, f = 6_378_137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    x, y = math.radians(lon), math.radians(lat)
    n = a / math.sqrt(1 - e2 * math.sin(y) ** 2)
    return n * math.cos(y) * math.cos(x), n * math.cos(y) * math.sin(x), n * (1 - e2) * math.sin(y)


def some_day(chance: random.Random) -> dt.date:
    """Return a day: any, or at or beside a holiday or a change of the clocks."""
    kind = chance.random()
    if kind < 0.3:
        day = chance.choice(sorted(HOLIDAYS | UNUSUAL)) + chance.choice([0, 0, 1, -1]) * A_DAY
    elif kind < 0.6:
        day = chance.choice(CLOCKS) + chance.choice([0, 0, 0, 1, -1]) * A_DAY
    else:
        day = dt.date(2022, 1, 3) + chance.randrange(2180) * A_DAY
    return max(dt.date(2022, 1, 3), min(dt.date(2027, 12, 29), day))


def moment(chance: random.Random, days: Sequence[dt.date]) -> dt.datetime:
    """Return a time, past midnight often."""
    hour = chance.choice([0, 1, 1, 1, 2, 3]) if chance.random() < 0.5 else chance.randrange(24)
    at = dt.time(hour, chance.randrange(60), chance.randrange(60), fold=chance.randint(0, 1))
    return dt.datetime.combine(chance.choice(days), at, LONDON).astimezone(dt.UTC).astimezone(LONDON)


def test_nearest_and_open_are_what_brute_force_finds_for_ten_thousand_places_times_and_positions() -> None:
    chance = random.Random(20261122)  # noqa: S311 - the same places every time
    pool = [(hours, written(hours, chance)) for hours in (made_up(chance) for _ in range(100))]
    days = [some_day(chance) for _ in range(90)]
    seen = {"open": 0, "closed": 0, "unknown": 0, "twice": 0, "near": 0, "late": 0}
    for _ in range(REQUESTS):
        now, here = moment(chance, days), (chance.uniform(-2.1, -1.8), chance.uniform(52.2, 52.4))
        ask = Wanted(*(chance.random() < share for share in (0.3, 0.3, 0.3, 0.3)))
        chosen = [chance.choice(pool) for _ in range(PLACES)]
        at = [(here[0] + chance.gauss(0, 0.01), here[1] + chance.gauss(0, 0.006)) for _ in range(PLACES)]
        at[1] = at[0]  # of one postcode
        unknown = chance.randrange(PLACES)
        rows = pl.DataFrame({
            "id": [f"p{n}" for n in range(PLACES)],
            "opening_hours": [text or None for _, text in chosen],
            "within": ["p1", None, "nowhere", "p0", *[None] * (PLACES - 4)],
            "building_hours": [*[None] * 5, chosen[6][1], *[None] * (PLACES - 6)],
            "step_free": [chance.choice([True, False, None]) for _ in range(PLACES)],
            "toilet": [chance.choice([True, False, None]) for _ in range(PLACES)],
        })  # fmt: skip
        points = np.array([None if n == unknown else shapely.Point(xy) for n, xy in enumerate(at)], dtype=object)
        found = near(read_directory(rows, points), Origin(here, "here", 0.0), now, ask)

        specs = [spec for spec, _ in chosen]
        inside = {0: [specs[0], specs[1]], 2: [specs[2], ""], 3: [specs[3], specs[0], specs[1]]}
        if chosen[6][1]:
            inside[5] = [specs[5], specs[6]]
        layers = [inside.get(n, [specs[n]]) for n in range(PLACES)]
        states = [brute_force(layer, now) for layer in layers]
        assert [each.state for each in found.openings] == states, (now.isoformat(), [text for _, text in chosen])
        metres = [math.nan if n == unknown else math.dist(earth(*here), earth(*xy)) for n, xy in enumerate(at)]
        np.testing.assert_allclose(found.metres, np.array(metres) * DETOUR, rtol=1e-5, atol=0.01)
        minutes = [-1 if m != m else max(1, math.ceil(m * DETOUR / 80)) for m in metres]  # noqa: PLR0124 - nan
        assert found.minutes.tolist() == minutes
        assert found.nothing_open_near is not any(
            state == "open" and 0 <= minute <= 15 for state, minute in zip(states, minutes, strict=True)
        )
        order = sorted(range(PLACES), key=lambda n: (n == unknown, 0.0 if n == unknown else metres[n]))
        is_late = [late(layer, now) for layer in layers] if ask.late else [True] * PLACES
        kept = [
            n
            for n in order
            if (states[n] == "open" or not ask.open_now)
            and (rows["step_free"][n] is True or not ask.step_free)
            and (rows["toilet"][n] is True or not ask.toilet)
            and is_late[n]
        ]
        assert found.order.tolist() == kept
        assert found.all_night.tolist() == [n for n in order if all(spec == "24/7" for spec in layers[n])]
        for state in states:
            seen[state] += 1
        seen["twice"] += PLACES * (now.replace(fold=0).utcoffset() != now.replace(fold=1).utcoffset())
        seen["near"] += not found.nothing_open_near
        seen["late"] += ask.late * sum(is_late)
    # The comparison was of something.
    assert min(seen["open"], seen["closed"], seen["unknown"]) > 900, seen
    assert seen["twice"] > 100
    assert 100 < seen["near"] < REQUESTS - 100
    assert seen["late"] > 100


NOON = dt.datetime(2025, 6, 3, 12, 0, tzinfo=LONDON)
HERE = Origin((-1.94, 52.306), "here", 0.0)


def some_places(**columns: list[object]) -> tuple[pl.DataFrame, np.ndarray]:
    """Return three places, 500 m apart along a meridian; the second is open, the third unknown."""
    rows = pl.DataFrame(
        {"id": ["a", "b", "c"], "opening_hours": ["Mo-Su 20:00-23:00", "Mo-Su 09:00-17:00", None], **columns}
    )
    return rows, np.array([shapely.Point(-1.94, 52.306 + number * 0.0045) for number in range(3)], dtype=object)


def test_where_nobody_said_where_they_are_open_places_come_first_and_nothing_is_said_of_distances() -> None:
    found = near(read_directory(*some_places()), None, NOON)
    assert found.order.tolist() == [1, 2, 0]
    assert np.isnan(found.metres).all()
    assert found.minutes.tolist() == [-1, -1, -1]
    assert not found.nothing_open_near


def test_metres_along_streets_go_before_straight_ones_and_are_marked() -> None:
    found = near(read_directory(*some_places()), HERE, NOON, street_metres=np.array([2000.0, np.nan, 10.0]))
    assert found.by_street.tolist() == [True, False, True]
    assert found.metres[[0, 2]].tolist() == [2000.0, 10.0]
    assert found.metres[1] == pytest.approx(500.7 * DETOUR, rel=1e-3)
    assert found.order.tolist() == [2, 1, 0]


def test_the_only_open_place_a_minute_too_far_is_not_near() -> None:
    places = read_directory(*some_places())
    for metres, nothing in ((1200.0, False), (1200.1, True)):
        found = near(places, HERE, NOON, street_metres=np.array([1.0, metres, 1.0]))
        assert found.nothing_open_near is nothing


def test_the_words_of_a_walk_have_the_same_minutes() -> None:
    for metres in (0.0, 1.0, 80.0, 80.1, 399.0, 400.0, 1234.5):
        (minutes,) = walk_minutes(np.array([metres])).tolist()
        assert f"{minutes} minute" in walk_words(metres)


def test_buildings_that_are_not_there_or_in_one_another_have_hours_that_nobody_knows() -> None:
    places = read_directory(*some_places(within=["b", "a", "gone"]))
    assert places.hours[0] == ("Mo-Su 20:00-23:00", "Mo-Su 09:00-17:00", "")
    assert places.hours[2] == ("", "")
    assert [each.state for each in near(places, HERE, NOON).openings] == ["closed", "closed", "unknown"]


def test_a_list_without_places_has_nothing_near() -> None:
    rows, points = some_places()
    found = near(read_directory(rows.head(0), points[:0]), HERE, NOON)
    assert (found.order.tolist(), found.openings, found.nothing_open_near) == ([], (), True)


@pytest.mark.parametrize(
    ("hours", "time", "is_late"),
    [
        ("Mo-Su 09:00-21:00", "12:00", False), ("Mo-Su 09:00-21:15", "12:00", True),
        ("Mo-Su 09:00-21:15", "21:20", False), ("Tu 22:00-02:00", "12:00", True), ("Tu 22:00-02:00", "23:30", True),
        ("Mo 22:00-02:00", "01:00", True), ("Mo 22:00-02:00", "02:30", False), ("Tu 22:00-02:00", "01:00", False),
        ("We 04:30-12:00", "12:00", False), ("24/7", "05:00", True), ("", "23:00", False),
    ],
)  # fmt: skip
def test_late_is_after_nine_and_in_the_night_that_it_is_or_that_comes(hours: str, time: str, *, is_late: bool) -> None:
    rows, points = some_places()
    places = read_directory(rows.with_columns(opening_hours=pl.lit(hours)), points)
    now = dt.datetime.fromisoformat(f"2025-06-03 {time}").replace(tzinfo=LONDON)  # a Tuesday
    assert len(near(places, HERE, now, Wanted(late=True)).order) == 3 * is_late
