"""A plan changed by hand keeps every rule, moves nothing that is locked, and says what it refuses."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.model.layers import Provenance
from geo_service.model.patrol import Commitment, Loop, PatrolPlan, PatrolRules, PlanRequest, PlanZone, Shift, Visit
from geo_service.model.places import EastNorth
from geo_service.patrol import Change, travel
from geo_service.patrol.checking import check
from geo_service.patrol.editing import edit
from geo_service.patrol.solving import harm_minutes

STATION = EastNorth(0.0, 0.0)
ZONES = (
    PlanZone("z1", 1, "Mill Lane", EastNorth(300, 0), 9.0, ((60, 300),)),
    PlanZone("z2", 2, "High Street", EastNorth(0, 400), 8.0, ((120, 420),)),
    PlanZone("z3", 3, "Back Lane", EastNorth(-300, -200), 7.0, ((0, 480),)),
    PlanZone("z4", 4, "The Green", EastNorth(500, 500), 6.0, ((180, 360),), cap=3),
)
SHIFT = Shift.asked(dt.date(2026, 10, 23), "15:00-23:00")
TRAVEL = travel([STATION, *(zone.at for zone in ZONES)], None, PatrolRules())


WALKED = (
    (1, ("z3", 6)),
    (1, ("z2", 120), ("z3", 146)),
    (1, ("z2", 220), ("z3", 246)),
    (1, ("z2", 320)),
    (2, ("z1", 60)),
    (2, ("z4", 180), ("z1", 204)),
    (2, ("z4", 270)),
    (2, ("z3", 360)),
)
"""Loops of two pairs: the pair, then zones and when each visit begins. There is room left for changes."""


def loops_of(rules: PatrolRules) -> tuple[Loop, ...]:
    """Walk WALKED without waiting at the station, visits numbered in order of time."""
    place = {zone.id: number for number, zone in enumerate(ZONES, 1)}
    begins = sorted(start for _, *stops in WALKED for _, start in stops)
    loops = []
    for crew, *stops in WALKED:
        path = [0, *(place[zone] for zone, _ in stops), 0]
        legs = tuple(float(TRAVEL.minutes[a, b]) for a, b in pairwise(path))
        visits = tuple(
            Visit(f"v{begins.index(start) + 1:02d}", zone, start, start + rules.visit_min) for zone, start in stops
        )
        start, end = visits[0].start_min - math.ceil(legs[0]), visits[-1].end_min + math.ceil(legs[-1])
        loops.append(Loop(crew, start, end, visits, legs))
    return tuple(loops)


def plan_of(request: PlanRequest) -> PatrolPlan:
    """Make a plan of the loops that are walked."""
    loops = loops_of(request.rules)
    return PatrolPlan(
        id="0badcafe", request=request, team_code="T1", team_name="Team", boundary_set="wards", members=("W1",),
        run="r1", zones=ZONES, station=STATION, station_name="Station", loops=loops, travel_by=TRAVEL.by,
        harm_minutes=harm_minutes(loops, ZONES), unkept=(), provenance=Provenance(1, "", {}, 1),
    )  # fmt: skip


SCHOOL = Commitment(30, 60, "school gate", crew=1)
PLAN = plan_of(PlanRequest("T1", SHIFT, 4, commitments=(SCHOOL,)))
"""v01 z3 15:06 · v02 z1 · v03 z2 · v04 z3 · v05 z4 · … by two pairs."""


def broken(plan: PatrolPlan) -> tuple[str, ...]:
    request = plan.request
    return check(
        plan.loops, plan.zones, request.crews, SHIFT.minutes, request.rules, TRAVEL, commitments=request.commitments
    )


def visit(plan: PatrolPlan, visit_id: str):  # noqa: ANN201
    return next(each for each in plan.visits if each.id == visit_id)


def crew_of(plan: PatrolPlan, visit_id: str) -> int:
    return next(loop.crew for loop in plan.loops for each in loop.visits if each.id == visit_id)


def changed(text: str, plan: PatrolPlan = PLAN) -> PatrolPlan:
    return edit(plan, Change.asked(text), TRAVEL)


def refused(text: str, plan: PatrolPlan = PLAN) -> QueryError:
    with pytest.raises(QueryError) as caught:
        changed(text, plan)
    return caught.value


ids = st.sampled_from([each.id for each in PLAN.visits])
crews = st.sampled_from([None, 1, 2])
minutes = st.integers(0, SHIFT.minutes - 1).map(SHIFT.clock)
changes = st.one_of(
    st.builds(lambda one: Change("drop", one), ids),
    st.lists(ids, min_size=2, max_size=2, unique=True).map(lambda two: Change("swap", two[0], two[1])),
    st.builds(lambda one, start, crew: Change("move", one, start=start, crew=crew), ids, minutes, crews),
    st.builds(lambda one, loop: Change("lock", one, loop=loop), ids, st.booleans()),
    st.builds(lambda one, loop: Change("unlock", one, loop=loop), ids, st.booleans()),
)


@settings(max_examples=60, deadline=None)
@given(asked=st.lists(changes, min_size=1, max_size=6))
def test_whatever_is_changed_every_rule_is_kept_and_nothing_locked_moves(asked: list[Change]) -> None:
    assert broken(PLAN) == ()
    plan, made = PLAN, 0
    refusals: list[QueryError] = []
    for change in asked:
        try:
            after = edit(plan, change, TRAVEL)
        except QueryError as problem:
            refusals.append(problem)
            continue
        made += 1
        assert broken(after) == ()
        dropped = {change.visit} if change.kind == "drop" else set()
        assert {each.id for each in after.visits} == {each.id for each in plan.visits} - dropped
        zones = {each.id: each.zone for each in plan.visits}
        assert all(each.zone == zones[each.id] for each in after.visits)
        for each in plan.visits:
            if each.locked and change.kind != "unlock":
                assert visit(after, each.id) == each
                assert crew_of(after, each.id) == crew_of(plan, each.id)
        assert after.harm_minutes == harm_minutes(after.loops, ZONES)
        assert len(after.edits) == made
        plan = after
    assert all(problem.field and problem.do for problem in refusals)


def test_a_dropped_visit_is_gone_and_the_others_keep_their_times() -> None:
    after = changed("drop v04")
    assert [each for each in PLAN.visits if each.id != "v04"] == list(after.visits)
    assert after.harm_minutes == PLAN.harm_minutes - 15 * 7.0
    assert after.edits == ("Dropped visit v04 (zone 3, Back Lane, " + SHIFT.clock(visit(PLAN, "v04").start_min) + ")",)
    loop = next(loop for loop in after.loops if any(each.id == "v03" for each in loop.visits))
    assert len(loop.visits) == 1
    assert loop.end_min - visit(after, "v03").end_min == 7  # 400 m times 1.3 at 80 m a minute, rounded up


def test_the_last_visit_of_a_loop_takes_the_loop_with_it() -> None:
    alone = next(loop for loop in PLAN.loops if len(loop.visits) == 1)
    after = changed(f"drop {alone.visits[0].id}")
    assert len(after.loops) == len(PLAN.loops) - 1


def test_what_is_not_kept_any_more_is_said_by_the_clock() -> None:
    after = changed("drop v02")
    assert any("Mill Lane" in words and "between 16:00 and 20:00" in words for words in after.unkept)


def test_swapped_visits_take_each_others_places_and_keep_their_ids() -> None:
    one, other = visit(PLAN, "v03"), visit(PLAN, "v04")
    after = changed("swap V03 V04")
    assert visit(after, "v04").start_min < visit(after, "v03").start_min
    assert visit(after, "v03").zone == one.zone
    assert crew_of(after, "v04") == crew_of(PLAN, "v03")
    assert visit(after, "v04").start_min == pytest.approx(one.start_min, abs=15)
    assert visit(after, "v03").start_min == pytest.approx(other.start_min, abs=15)
    assert len(after.edits) == 1
    assert after.edits[0].startswith("Swapped visits v03 (zone 2, High Street, ")


def test_a_visit_moves_to_the_minute_that_is_asked_for() -> None:
    after = changed("move v01 15:15 crew 2")
    assert (visit(after, "v01").start_min, crew_of(after, "v01")) == (15, 2)
    assert after.edits == ("Moved visit v01 (zone 3, Back Lane, 15:06) to 15:15 to crew 2",)


def test_a_loop_is_locked_as_a_whole_and_unlocked_again() -> None:
    locked = changed("lock loop v03")
    mates = next(loop.visits for loop in locked.loops if any(each.id == "v03" for each in loop.visits))
    assert [each.id for each in locked.visits if each.locked] == [each.id for each in mates]
    assert changed("unlock loop v03", locked).loops == PLAN.loops
    assert refused("lock loop v03", locked).what == "That is locked already"


@pytest.mark.parametrize("text", ["drop v03", "swap v03 v01", "swap v01 v03", "move v03 18:00"])
def test_what_is_locked_is_not_touched(text: str) -> None:
    problem = refused(text, changed("lock v03"))
    assert (problem.field, "unlock v03" in problem.do) == ("locked", True)


def test_a_locked_visit_is_not_pushed_aside_by_another() -> None:
    locked = changed("lock v04")
    start = visit(locked, "v04").start_min
    problem = refused(f"move v02 {SHIFT.clock(start - 5)} crew {crew_of(locked, 'v04')}", locked)
    assert problem.field in {"locked", "crew", "pause", "travel", "gap"}


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("move v02 20:30", "windows", "Stay within 16:00 to 20:00"),
        ("move v01 15:35", "commitments", "Choose a time outside it, or another crew"),
        ("move v01 15:01", "shift", "It would fit at 15:07"),
        ("move v03 18:05 crew 1", "gap", "Leave 45 minutes between visits of a zone"),
    ],
)
def test_a_refused_change_names_the_rule_and_how_to_make_it_fit(text: str, rule: str, words: str) -> None:
    problem = refused(text)
    assert problem.field == rule
    assert f"breaks the rule `{rule}`" in problem.what
    assert words in problem.do
    assert " minutes; " not in str(problem.found)


def test_every_commitment_is_kept_by_an_edit() -> None:
    bound = replace(PLAN, request=replace(PLAN.request, commitments=(SCHOOL, Commitment(400, 480, "match"))))
    assert refused("move v11 22:00", bound).field == "commitments"


def bound_by(**rules: int) -> PatrolPlan:
    """Return the plan under rules that it was not made with, so that any change finds one broken."""
    return replace(PLAN, request=replace(PLAN.request, rules=PatrolRules(**rules)))


@pytest.mark.parametrize(
    ("plan", "rule", "advice"),
    [
        (bound_by(loop_min=40), "loop", "Drop a visit of that loop first, or plan again with --loop up to 60"),
        (bound_by(pause_min=60), "pause", "Leave 60 minutes between two loops of a crew"),
        (bound_by(cap=1), "cap", "plan again with a higher cap"),
        (bound_by(visit_min=12), "visit", "Choose another time or another visit"),
        (bound_by(gap_min=100), "gap", "Leave 100 minutes between visits of a zone"),
        (replace(PLAN, request=replace(PLAN.request, officers=2)), "crew", "Choose another time or another crew"),
    ],
)
def test_each_rule_is_refused_by_its_name(plan: PatrolPlan, rule: str, advice: str) -> None:
    problem = refused("drop v06", plan)
    assert (problem.field, advice in problem.do) == (rule, True)


def test_a_way_that_takes_longer_is_refused_as_travel() -> None:
    slow = replace(TRAVEL, minutes=TRAVEL.minutes * 1.4)
    with pytest.raises(QueryError) as caught:
        edit(PLAN, Change.asked("drop v06"), slow)
    assert (caught.value.field, caught.value.do) == ("travel", "Leave more time for the way, or drop a visit between")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("drop v99", "visit"),
        ("swap v01 v99", "other"),
        ("swap v01 v04", "other"),
        ("move v01 03:00", "start"),
        ("move v01 15:06", "start"),
        ("move v01 16:00 crew 3", "crew"),
        ("unlock v01", "visit"),
    ],
)
def test_what_the_plan_does_not_hold_is_refused_by_its_field(text: str, field: str) -> None:
    assert refused(text).field == field


def test_a_shift_over_midnight_takes_times_of_the_next_day() -> None:
    night = Shift.asked(dt.date(2026, 10, 23), "22:00-06:00")
    plan = replace(PLAN, request=replace(PLAN.request, shift=night, commitments=()))
    after = edit(plan, Change.asked("move v11 03:58"), TRAVEL)
    assert visit(after, "v11").start_min == 358
