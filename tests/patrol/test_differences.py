"""What is different from the last plan stands in a few lines, the most important first."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.model.layers import Provenance
from geo_service.model.patrol import Loop, PatrolPlan, PatrolRules, PlanRequest, PlanZone, Shift, Visit
from geo_service.model.places import EastNorth
from geo_service.patrol import differences
from geo_service.patrol.differences import MOST_LINES

FRIDAY, SATURDAY = (Shift.asked(dt.date(2026, 10, day), "15:00-23:00") for day in (23, 24))


def zone(number: int, name: str, *, east: float | None = None, hours: tuple[int, int] = (60, 300)) -> PlanZone:
    return PlanZone(
        f"z{number}", number, name, EastNorth(number * 1000.0 if east is None else east, 0.0), 5.0, (hours,)
    )


MILL, HIGH, BACK = zone(1, "Mill Lane"), zone(2, "High Street"), zone(3, "Back Lane")


def loop(crew: int, start: int, *zones: PlanZone) -> Loop:
    visits = tuple(
        Visit(f"v{crew}{start}{place}", each.id, start + 5 + 20 * place, start + 20 + 20 * place)
        for place, each in enumerate(zones)
    )
    return Loop(crew, start, start + 59, visits, (5.0,) * (len(zones) + 1))


def plan_of(zones: tuple[PlanZone, ...], *loops: Loop, shift: Shift = FRIDAY, officers: int = 4) -> PatrolPlan:
    return PatrolPlan(
        id="0badcafe", request=PlanRequest("T1", shift, officers), team_code="T1", team_name="Team",
        boundary_set="wards", members=("W1",), run="r1", zones=zones, station=EastNorth(0, 0), station_name="Bridge St",
        loops=loops, travel_by="streets", harm_minutes=1.0, unkept=(), provenance=Provenance(1, "", {}, 1),
    )  # fmt: skip


LAST = plan_of((MILL, HIGH), loop(1, 60, MILL, HIGH), loop(2, 180, MILL))


def test_the_same_plan_on_another_day_says_that_nothing_is_different() -> None:
    again = replace(LAST, request=replace(LAST.request, shift=SATURDAY))
    assert differences(LAST, again) == (
        "Nothing is different from the plan of Fri 23 October 2026, 15:00 to 23:00.",
    )  # fmt: skip


def test_zones_that_came_and_went_stand_first() -> None:
    now = plan_of((MILL, BACK), loop(1, 60, MILL, BACK), loop(2, 180, MILL))
    assert differences(LAST, now) == (
        "New: zone 3, Back Lane.",
        "No longer in the plan: zone 2, High Street.",
    )


def test_a_zone_of_another_run_at_the_same_place_is_no_new_zone() -> None:
    moved = replace(HIGH, id="other", number=5, at=EastNorth(2080.0, 0.0))
    now = plan_of((MILL, moved), loop(1, 60, MILL, moved), loop(2, 180, MILL))
    assert differences(LAST, now)[0].startswith("Nothing is different")
    away = replace(moved, at=EastNorth(2101.0, 0.0))
    now = plan_of((MILL, away), loop(1, 60, MILL, away), loop(2, 180, MILL))
    assert differences(LAST, now)[:2] == (
        "New: zone 5, High Street.",
        "No longer in the plan: zone 2, High Street.",
    )


def test_two_zones_are_not_both_taken_for_the_one_that_was_there() -> None:
    one, other = replace(MILL, id="a", number=7), replace(MILL, id="b", number=8)
    said = differences(plan_of((MILL,)), plan_of((one, other)))
    assert said == ("New: zone 8, Mill Lane.",)


@pytest.mark.parametrize(
    ("officers", "shift", "line"),
    [
        (6, FRIDAY, "3 pairs instead of 2 pairs."),
        (2, FRIDAY, "1 pair instead of 2 pairs."),
        (4, Shift.asked(dt.date(2026, 10, 23), "14:00-22:00"), "The shift is 14:00 to 22:00, it was 15:00 to 23:00."),
    ],
)
def test_who_patrols_and_when_is_said(officers: int, shift: Shift, line: str) -> None:
    now = replace(LAST, request=replace(LAST.request, officers=officers, shift=shift))
    assert line in differences(LAST, now)


def test_how_they_go_and_from_where_is_one_line() -> None:
    rules = PatrolRules(mode="cycle", crew=1)
    now = replace(LAST, request=replace(LAST.request, rules=rules), station_name="Town Hall")
    assert differences(LAST, now) == (
        ("4 single officers instead of 2 pairs; by cycle instead of on foot; "
        "loops start at Town Hall, before at Bridge St."),
    )  # fmt: skip


def test_other_hours_visits_and_times_of_leaving_are_said_with_what_they_were() -> None:
    late = replace(MILL, windows=((180, 300), (360, 420)))
    now = plan_of((late, HIGH), loop(1, 65, HIGH), loop(1, 200, late, HIGH))
    assert differences(LAST, now) == (
        "Other hours: zone 1: 18:00 to 20:00 and 21:00 to 22:00 (was 16:00 to 20:00).",
        "More visits: zone 2: 2 (was 1).",
        "Fewer visits: zone 1: 1 (was 2).",
        "Loops leave at 16:05, 18:20 (before: 16:00, 18:00).",
    )


def test_hours_of_many_zones_are_left_to_their_cards() -> None:
    later = tuple(replace(each, windows=((120, 300),)) for each in (MILL, HIGH, BACK))
    assert differences(plan_of((MILL, HIGH, BACK)), plan_of(later)) == ("Other hours: zones 1, 2, 3.",)


def test_many_loops_are_counted_and_not_listed() -> None:
    before = plan_of((MILL,), *(loop(1, start, MILL) for start in range(0, 420, 60)))
    later = plan_of((MILL,), *(loop(1, start + 5, MILL) for start in range(0, 420, 60)))
    assert differences(before, later) == ("Loops leave at other times, the first at 15:05 (before: 15:00).",)
    fewer = plan_of((MILL,), *(loop(1, start + 5, MILL) for start in range(0, 360, 60)))
    assert differences(before, fewer)[-1] == "6 loops instead of 7, the first at 15:05."


def test_many_zones_are_counted_and_not_listed() -> None:
    many = tuple(zone(number, f"Street {number}") for number in range(10, 17))
    assert differences(plan_of((MILL,)), plan_of((MILL, *many))) == (
        "New: zone 10, Street 10; zone 11, Street 11; zone 12, Street 12; zone 13, Street 13 and 3 more.",
    )


zones = st.lists(st.integers(1, 9), min_size=1, max_size=9, unique=True).map(
    lambda numbers: tuple(zone(number, f"Street {number}") for number in numbers)
)
plans = st.builds(
    lambda own, starts, officers: plan_of(
        own, *(loop(1, start, own[start % len(own)]) for start in sorted(starts)), officers=officers
    ),
    zones, st.sets(st.integers(0, 400), max_size=9), st.integers(2, 8),
)  # fmt: skip


@given(before=plans, after=plans)
def test_any_two_plans_differ_in_a_few_lines(before: PatrolPlan, after: PatrolPlan) -> None:
    said = differences(before, after)
    assert 1 <= len(said) <= MOST_LINES
    assert all(line.endswith(".") and line[0] == line[0].upper() for line in said)
    assert all(len(line) < 200 for line in said)
    assert differences(before, before)[0].startswith("Nothing is different")
