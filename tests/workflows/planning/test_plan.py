"""Plans of shifts: from the team's zones, kept once, and never written over."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geo_service import patrol
from geo_service.app import wire
from geo_service.errors import AccessError, LostRaceError, NotFoundError, QueryError, UnconditionalError
from geo_service.hotspots import ZoneRules
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.patrol import PATROL_PLAN, Commitment, PatrolRules, PlanRequest, Shift
from geo_service.model.periods import Period
from geo_service.settings import read_settings
from geo_service.workflows.finding import runs, zones
from geo_service.workflows.planning import plan, plan_ground, plans_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.workflows.services import Office, Services

DAY = dt.date(2026, 10, 23)
LATE = Shift.asked(DAY, "15:00-23:00")
YEAR = Period.parse("2025-08", "2026-07")
TEAM = "NSUCH-T1"


@pytest.fixture(scope="module")
def office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("plans") / "demo")))
    yield opened
    opened.doers.close()


@pytest.fixture(scope="module")
def services(office: Office) -> Services:
    return office.services(Principal("tests", OPERATOR))


def somebody(office: Office, *areas: str, role: Role = Role.SERGEANT) -> Services:
    return office.services(Principal("somebody", frozenset({role}), areas))


def asked(team: str = TEAM, **values: object) -> PlanRequest:
    return PlanRequest(**{"team": team, "shift": LATE, "officers": 4, **values})  # type: ignore[arg-type]


def test_a_plan_takes_the_teams_zones_highest_first_and_keeps_every_rule(services: Services) -> None:
    made = plan.make_plan(services, asked())
    run = zones.zone_run(services, made.run)
    own = [zone for zone in run.zones if zone.member_code in made.members]
    best = sorted(own, key=lambda zone: -(zone.harm or 0))[:4]
    assert {zone.id for zone in made.zones} == {zone.id for zone in best}
    assert [zone.harm_per_h for zone in made.zones] == sorted((zone.harm_per_h for zone in made.zones), reverse=True)
    assert made.loops
    item = services.store.items(PATROL_PLAN).get(made.id)
    travel = plans_json.travel_of(item)
    assert patrol.check(made.loops, made.zones, 2, LATE.minutes, made.request.rules, travel) == ()
    assert made.travel_by == "streets"
    assert made.station_name.startswith("Nonesuch Police Station")
    assert made.provenance.seed == made.request.seed == 1
    assert made.provenance.parameters["shift"] == "Fri 23 October 2026, 15:00 to 23:00"
    assert all(zone.whence == "data" for zone in made.zones)


def test_the_same_request_is_the_same_plan_whichever_name_of_the_team_is_typed(services: Services) -> None:
    first = plan.plan_shift(services, asked(seed=2))
    for team in (TEAM, "nonesuch central TEAM"):
        again = plan.plan_shift(services, asked(team, seed=2))
        assert (again.plan, again.new) == (first.plan, False)
    other = plan.make_plan(services, asked(seed=3))
    assert other.id != first.plan.id
    assert plan.find_plan(services, first.plan.id) == first.plan


def test_the_same_shift_a_week_on_is_walked_at_other_times_though_nobody_changes_the_seed(services: Services) -> None:
    # The zones, windows and travel are the same on every Friday: whoever watched one would know them all.
    fridays = [
        plan.make_plan(services, asked(shift=Shift.asked(DAY + dt.timedelta(weeks=week), "15:00-23:00")))
        for week in range(4)
    ]
    assert len({one.zones for one in fridays}) == 1
    times = [tuple((visit.zone, visit.start_min) for visit in one.visits) for one in fridays]
    assert len(set(times)) == 4


def test_a_kept_plan_comes_back_whole(services: Services) -> None:
    rules = PatrolRules(crew=1, mode="cycle", cap=3, speed_kmh=12.5)
    request = asked(
        seed=9, rules=rules, windows=(("", "18:00-20:00"), ("1", "19:00-22:00")), caps=(("1", 2),),
        commitments=(Commitment(180, 210, "school gate", crew=1),),
    )  # fmt: skip
    made = plan.make_plan(services, request)
    assert plan.find_plan(services, made.id) == made
    assert plan.plans(services, "nonesuch central team")[0] == made
    assert replace(made.request, run="latest", boundary_set=None) == request
    first = next(zone for zone in made.zones if zone.number == 1)
    assert (first.windows, first.cap, first.whence) == (((240, 420),), 2, "sergeant")
    assert all(zone.windows == ((180, 300),) for zone in made.zones if zone.number != 1)
    assert any("Times chosen by the sergeant, not from data" in note for note in made.notes)


def test_an_edited_plan_is_found_and_not_written_over_and_again_makes_another(services: Services) -> None:
    made = plan.make_plan(services, asked(seed=20))
    edited = plan.edit_plan(services, made.id, patrol.Change("lock", made.visits[0].id), version=1)
    assert (edited.version, len(edited.edits)) == (2, 1)
    found = plan.plan_shift(services, asked(seed=20))
    assert (found.plan, found.new) == (edited, False)
    again = plan.plan_shift(services, asked(seed=20), again=True)
    assert again.new
    assert again.plan.request.seed == 21
    assert again.plan.before == made.id
    assert plan.find_plan(services, made.id) == edited


def test_an_edit_on_an_old_version_is_refused_with_what_was_changed_meanwhile(services: Services) -> None:
    made = plan.make_plan(services, asked(seed=30))
    one, other = made.visits[:2]
    done = plan.edit_plan(services, made.id, patrol.Change("lock", one.id), version=1)
    with pytest.raises(LostRaceError) as lost:
        plan.edit_plan(services, made.id, patrol.Change("lock", other.id), version=1)
    assert done.edits[0] in lost.value.message
    assert set(lost.value.changed) == {"edits"}
    assert plan.find_plan(services, made.id) == done
    with pytest.raises(UnconditionalError):
        plan.edit_plan(services, made.id, patrol.Change("lock", other.id), version=None)
    with pytest.raises(LostRaceError, match="version 7 is not the newest"):
        plan.edit_plan(services, made.id, patrol.Change("lock", other.id), version=7)
    with pytest.raises(QueryError):
        plan.edit_plan(services, made.id, patrol.Change("drop", one.id), version=2)
    assert plan.find_plan(services, made.id) == done


def test_a_shift_that_crosses_midnight_has_windows_by_the_clock_of_both_days(services: Services) -> None:
    night = Shift.asked(DAY, "22:00-06:00")
    made = plan.make_plan(services, asked(shift=night, windows=(("", "01:00-03:00"),)))
    assert all(zone.windows == ((180, 300),) for zone in made.zones)
    assert made.zones[0].words.startswith("Sat 01:00 to 03:00")


def test_a_team_without_a_zone_gets_its_best_places_marked_below_the_bar(services: Services) -> None:
    newest = runs.find(services.store, runs.NEWEST)
    zones.find_zones(services, HotspotQuery("NSUCH-T3", YEAR), ZoneRules(min_events_12_months=100_000))
    made = plan.make_plan(services, asked("NSUCH-T3", run=runs.find(services.store, runs.NEWEST).id))
    assert 1 <= len(made.zones) <= 3
    assert all(zone.below_bar for zone in made.zones)
    assert made.notes[0].startswith("Below the bar: no place of Nonesuch Fringe team qualifies")
    run = zones.zone_run(services, made.run)
    assert run.below_bar
    assert runs.find(services.store, runs.NEWEST).id != run.id
    assert run.id not in {one.id for one in zones.zone_runs(services)}
    assert newest.id in {one.id for one in zones.zone_runs(services)}
    assert plan.make_plan(services, made.request) == made


def test_where_no_zones_were_asked_for_they_are_found_first_and_that_is_said(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "kept", lambda _: iter(()))
    made = plan.make_plan(services, asked("Lanternby", seed=70))
    run = zones.zone_run(services, made.run)
    assert run.query.boundary == "X99000002"
    assert f"No zones had been asked for there, so they were found for this plan: run {run.id}" in made.notes[0]
    assert not run.below_bar


def test_a_run_of_another_boundary_set_is_refused(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.find(services.store, runs.NEWEST)
    other = replace(run, query=replace(run.query, boundary_set="wards-1066"))
    monkeypatch.setattr(runs, "find", lambda *_: other)
    with pytest.raises(QueryError, match="another boundary set") as refused:
        plan.make_plan(services, asked(run=run.id))
    assert refused.value.field == "run"


WRONG = {
    "an unknown team": ({"team": "Atlantis"}, NotFoundError, "team"),
    "an unknown run": ({"run": "nothing"}, NotFoundError, "run"),
    "an unknown set": ({"boundary_set": "nothing"}, NotFoundError, "boundary_set"),
    "an unknown station": ({"station": "nowhere"}, NotFoundError, "station"),
    "a window of no zone": ({"windows": (("99", "18:00-20:00"),)}, QueryError, "window"),
    "a window beyond the shift": ({"windows": (("", "06:00-08:00"),)}, QueryError, "window"),
    "a window too short": ({"windows": (("", "18:00-18:05"),)}, QueryError, "window"),
    "a cap of no zone": ({"caps": (("99", 2),)}, QueryError, "cap"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_planned_is_refused_by_its_field(services: Services, wrong: str) -> None:
    values, kind, field = WRONG[wrong]
    before = len(plan.plans(services))
    with pytest.raises(kind) as refused:
        plan.make_plan(services, asked(**values))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert len(plan.plans(services)) == before


def test_an_infeasible_request_names_the_rule_and_tells_times_by_the_clock(services: Services) -> None:
    with pytest.raises(QueryError) as refused:
        plan.make_plan(services, asked(rules=PatrolRules(loop_min=15)))
    assert refused.value.field
    assert "into the shift" not in refused.value.message
    bound = (Commitment(0, 240, "event"),)
    made = plan.make_plan(services, asked(officers=2, commitments=bound, seed=40))
    assert made.unkept
    assert not any("into the shift" in line for line in made.unkept)


def test_without_a_station_of_the_team_loops_begin_at_the_middle_of_the_zones(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_ground, "STATIONS", "no-such-layer")
    monkeypatch.setattr(plan_ground, "STREETS", "no-such-layer")
    made = plan.make_plan(services, asked(seed=50))
    assert made.station_name == "middle of the zones"
    assert made.travel_by == "straight line"
    assert any("no parade station of the team is known" in note for note in made.notes)
    assert any("straight line times 1.3" in note for note in made.notes)


def test_zones_that_no_loop_reaches_give_their_place_to_the_next_but_for_those_that_the_request_names(
    services: Services,
) -> None:
    station = plan_ground.stations(services)[0][0]
    short = PatrolRules(loop_min=40)
    wanted = asked("Nonesuch Borough", seed=55, station=station, most_zones=3)
    near = plan.make_plan(services, replace(wanted, rules=short))
    (said,) = (line for line in near.notes if line.startswith("No loop of 40 minutes on foot reaches zone"))
    far = {zone.number for zone in plan.make_plan(services, wanted).zones} - {zone.number for zone in near.zones}
    assert far
    assert all(str(number) in said for number in far)
    assert len(near.zones) == 3
    assert {visit.zone for visit in near.visits} == {zone.id for zone in near.zones}
    named = str(min(far))
    kept = plan.make_plan(services, replace(wanted, rules=short, caps=((named, 2),)))
    assert int(named) in {zone.number for zone in kept.zones}
    assert any(line.startswith(f"Zone {named} ") and "cannot be reached" in line for line in kept.unkept)


def test_plans_of_other_areas_are_not_there_in_the_words_for_none(office: Office) -> None:
    west, central = somebody(office, "NSUCH-T2"), somebody(office, TEAM)
    zones.find_zones(central, HotspotQuery(TEAM, YEAR, area_share=0.05))
    made = plan.make_plan(central, asked(seed=60))
    change = patrol.Change("lock", made.visits[0].id)
    acts = (
        lambda of: plan.find_plan(west, of),
        lambda of: plan.edit_plan(west, of, change, version=1),
    )
    for act in acts:
        with pytest.raises(NotFoundError) as foreign:
            act(made.id)
        with pytest.raises(NotFoundError) as unknown:
            act("00000000")
        assert foreign.value.message.replace(made.id, "00000000") == unknown.value.message
    assert made.id not in {one.id for one in plan.plans(west)}
    officer = somebody(office, TEAM, role=Role.OFFICER)
    assert plan.find_plan(officer, made.id) == made
    with pytest.raises(AccessError):
        plan.edit_plan(officer, made.id, change, version=1)


def test_the_last_plan_is_the_one_of_the_latest_shift_before(services: Services) -> None:
    days = [Shift.asked(dt.date(2027, 1, day), "15:00-23:00") for day in (5, 7, 6)]
    first, third, second = (plan.make_plan(services, asked(shift=shift)) for shift in days)
    assert third.before == first.id
    assert second.before == first.id
    assert plan.make_plan(services, asked(shift=Shift.asked(dt.date(2027, 1, 8), "15:00-23:00"))).before == third.id
