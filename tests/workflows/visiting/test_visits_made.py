"""Visits that were made: logged, tapped, loaded, measured, and held against the plan."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geo_service.app import wire
from geo_service.errors import InputError, LostRaceError, NotFoundError, QueryError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.model.clock import LONDON
from geo_service.model.patrol import VISIT, PlanRequest, Shift, VisitMade
from geo_service.model.periods import Month, Period
from geo_service.settings import read_settings
from geo_service.workflows.planning import plan as planning
from geo_service.workflows.visiting import visits_made as made
from geo_service.workflows.visiting import visits_taps as taps
from geo_service.workflows.visiting.dosage import counted, dosage_of_month, dosage_of_plan, matched, summed
from geo_service.workflows.visiting.visits_correcting import Correction, correct, versions
from geo_service.workflows.visiting.visits_gps import aggregate
from geo_service.workflows.visiting.visits_import import load_visits
from geo_service.workflows.visiting.visits_return import month_return
from geo_service.workflows.visiting.visits_table import days_of, visits_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Office, Services

TEAM = "NSUCH-T1"
DAY = dt.date(2026, 10, 23)
DUTY = dt.datetime(2026, 10, 23, 18, tzinfo=LONDON)
NOW = dt.datetime(2026, 11, 1, 12, tzinfo=LONDON)


@pytest.fixture(scope="module")
def prepared(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Make a plan once, in an area that every test gets a copy of."""
    folder = Path(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("visits") / "demo"))
    opened = wire(read_settings(folder))
    request = PlanRequest(TEAM, Shift.asked(DAY, "15:00-23:00"), officers=4)
    made_plan = planning.make_plan(opened.services(Principal("tests", OPERATOR)), request)
    opened.doers.close()
    assert len(made_plan.visits) >= 3
    return folder, made_plan.id


@pytest.fixture
def office(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[Office]:
    opened = wire(read_settings(shutil.copytree(prepared[0], tmp_path / "demo")))
    yield replace(opened, doers=replace(opened.doers, clock=lambda: NOW))
    opened.doers.close()


@pytest.fixture
def services(office: Office) -> Services:
    return office.services(Principal("tests", OPERATOR))


@pytest.fixture
def plan(services: Services, prepared: tuple[Path, str]) -> PatrolPlan:
    return planning.find_plan(services, prepared[1])


def events(office: Office, count: int = 3) -> list[Any]:
    return list(office.services(Principal("auditor", frozenset({Role.AUDITOR}))).store.events(count))


def wanted(of: PatrolPlan, number: int = 0, **values: Any) -> made.Wanted:  # noqa: ANN401 - fields of Wanted
    visit, shift = of.visits[number], of.request.shift
    times = shift.at(visit.start_min + 1), shift.at(visit.start_min + 13)
    return replace(made.Wanted(visit.zone, *times, plan=of.id, visit=visit.id), **values)


def at(services: Services, minutes: int) -> Services:
    """Return the services so many minutes after 18:00 of the shift."""
    return replace(services, clock=lambda: DUTY + dt.timedelta(minutes=minutes))


def as_csv(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", newline="") as held:
        writer = csv.DictWriter(held, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_visit_that_is_logged_twice_is_one(services: Services, plan: PatrolPlan) -> None:
    first, new = made.log_visit(services, wanted(plan, outcome="Arrest"))
    again, newer = made.log_visit(services, wanted(plan, end=wanted(plan).end + dt.timedelta(minutes=1)))
    assert (new, newer, again.id) == (True, False, first.id)
    (kept,) = made.visits_made(services, plan=plan.id)
    assert kept == first
    assert (kept.minutes, kept.officer_minutes, kept.outcome, kept.team) == (12.0, 24.0, "arrest", TEAM)
    assert made.visits_made(services, period=Period(Month.of(DAY), Month.of(DAY))) == [kept]
    assert made.visits_made(services, days=(DAY, DAY), zones=["nowhere"]) == []
    assert made.visits_made(services, days=(dt.date(2026, 9, 1), dt.date(2026, 9, 30))) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"end": dt.datetime(2026, 10, 23, 1, tzinfo=LONDON)}, "end"),
        ({"end": dt.datetime(2026, 10, 24, 6, tzinfo=LONDON)}, "end"),
        (
            {
                "start": dt.datetime(2027, 1, 1, 15, tzinfo=LONDON),
                "end": dt.datetime(2027, 1, 1, 15, 10, tzinfo=LONDON),
            },
            "start",
        ),
        ({"officers": 0}, "officers"),
        ({"outcome": "arrested"}, "outcome"),
        ({"visit": "v9999"}, "visit"),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_field(
    services: Services, plan: PatrolPlan, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InputError) as refused:
        made.log_visit(services, wanted(plan, **values))
    assert refused.value.field == field
    assert made.visits_made(services) == []


def test_an_unknown_zone_is_refused_with_those_that_there_are(services: Services, plan: PatrolPlan) -> None:
    with pytest.raises(NotFoundError, match=plan.zones[0].id):
        made.log_visit(services, wanted(plan, zone="nowhere", visit=""))
    with pytest.raises(NotFoundError, match="No such zone"):
        made.log_visit(services, wanted(plan, zone="nowhere", plan="", visit=""))


def test_two_taps_are_a_visit_and_more_taps_of_the_same_change_nothing(
    services: Services, office: Office, plan: PatrolPlan
) -> None:
    visit = plan.visits[0].id
    with pytest.raises(InputError, match="another day"):
        taps.begin(services, plan, visit=visit)
    services = at(services, 0)
    row = taps.begin(services, plan, visit=visit)
    assert taps.begin(services, plan, visit=visit) == row
    (here,) = taps.open_visits(services, plan)
    assert (here.zone, here.visit, here.start) == (plan.visits[0].zone, visit, DUTY)
    assert made.visits_made(services, plan=plan.id) == []
    later = at(services, 14)
    assert taps.leave(later, row, "spoke to people")
    assert not taps.leave(at(services, 60), row, "arrest")
    assert taps.begin(later, plan, visit=visit) == row
    (kept,) = made.visits_made(services, plan=plan.id, days=(DAY, DAY))
    assert (kept.minutes, kept.outcome, kept.source, kept.visit) == (14.0, "spoke to people", "page", visit)
    assert any(event.act == "alteration: visit changed" for event in events(office, 5))


def test_a_tap_by_mistake_is_taken_back_and_a_forgotten_one_ends(services: Services, plan: PatrolPlan) -> None:
    services = at(services, 30)
    row = taps.begin(services, plan, zone=plan.zones[0].id, after=0)
    taps.undo(services, plan, row)
    assert taps.open_visits(services, plan) == []
    second = taps.begin(services, plan, zone=plan.zones[0].id, after=1)
    assert second != row
    taps.leave(at(services, 1_440), second)
    (kept,) = made.visits_made(services, days=(DAY, DAY))
    assert kept.not_ended
    assert kept.minutes == plan.request.rules.visit_min
    assert any("1 visit not ended" in note for note in dosage_of_plan(services, plan.id).notes)
    with pytest.raises(InputError, match="still open"):
        taps.undo(services, plan, second)


def test_a_visit_is_corrected_once_and_who_read_it_before_loses_nothing(
    services: Services, office: Office, plan: PatrolPlan
) -> None:
    services = at(services, 0)
    row = taps.begin(services, plan, visit=plan.visits[0].id)
    later = at(services, 14)
    with pytest.raises(InputError, match="tapped or written down"):
        correct(later, plan, row, Correction(plan.zones[0].id, DUTY, DUTY), version=1)
    taps.leave(later, row)
    (version,) = versions(later, plan).values()
    zone = next(one.id for one in plan.zones if one.id != plan.visits[0].zone)
    truth = Correction(zone, DUTY, DUTY + dt.timedelta(minutes=11), "arrest")
    correct(later, plan, row, truth, version=version)
    with pytest.raises(LostRaceError, match="meanwhile"):
        correct(later, plan, row, Correction(zone, DUTY, DUTY + dt.timedelta(minutes=3)), version=version)
    (kept,) = made.visits_made(later, plan=plan.id)
    assert (kept.zone, kept.minutes, kept.outcome, kept.visit, kept.source) == (zone, 11.0, "arrest", "", "page")
    with pytest.raises(InputError, match="before it starts"):
        correct(later, plan, row, Correction(zone, DUTY, DUTY), version=version + 1)
    assert sum(event.act == "alteration: visit changed" for event in events(office, 9)) == 2


def test_a_table_is_loaded_once_and_again_changes_nothing(
    services: Services, office: Office, plan: PatrolPlan, tmp_path: Path
) -> None:
    shift = plan.request.shift
    rows: list[dict[str, object]] = [
        {
            "Zone": visit.zone,
            "start": f"{shift.at(visit.start_min):%Y-%m-%d %H:%M}",
            "end": f"{shift.at(visit.end_min):%Y-%m-%d %H:%M}",
            "officers": "",
            "visit": visit.id,
            "outcome": "Stop and Search",
        }
        for visit in plan.visits
    ]
    path = as_csv(tmp_path / "visits.csv", [*rows, rows[0]])
    first = load_visits(services, path, plan=plan.id)
    assert (first.read, first.added, first.known, first.wrong) == (len(rows) + 1, len(rows), 1, ())
    assert events(office, 1)[0].act == "collection: import visits"
    again = load_visits(services, path, plan=plan.id)
    assert (again.added, again.known) == (0, len(rows) + 1)
    assert len(made.visits_made(services, plan=plan.id)) == len(rows)


def test_every_wrong_row_is_named_and_none_is_written(services: Services, plan: PatrolPlan, tmp_path: Path) -> None:
    good = {"zone": plan.zones[0].id, "start": "2026-10-23 15:05", "end": "2026-10-23 15:20", "officers": "2"}
    slips: dict[str, dict[str, object]] = {
        "zone": {"zone": "nowhere"},
        "end": {"end": "2026-10-23 15:00"},
        "start": {"start": "2026-12-23 15:05", "end": "2026-12-23 15:20"},
        "officers": {"officers": "two"},
    }
    long = {"end": "2026-10-24 00:05"}
    no_time = {"start": "yesterday"}
    rows = [good, *(good | slip for slip in slips.values()), good | long, good | no_time]
    done = load_visits(services, as_csv(tmp_path / "visits.csv", rows))
    assert [(each.row, each.field) for each in done.wrong] == [
        *((number, field) for number, field in enumerate(slips, start=3)),
        (7, "end"),
        (8, "start"),
    ]
    assert done.wrong[4].reason.startswith("A visit of 9.0 hours is no visit")
    assert made.visits_made(services) == []


@pytest.mark.parametrize("text", ["", "zone,start\na,b\n", "zone,start,end\n", "\x00\xff", 'zone,start,end\n"a'])
def test_a_file_that_is_no_table_of_visits_is_refused(services: Services, tmp_path: Path, text: str) -> None:
    path = tmp_path / "visits.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as refused:
        load_visits(services, path)
    assert refused.value.field == "file"


# --- positions ----------------------------------------------------------------------------------


def pings(plan: PatrolPlan, path: Path, *, devices: int = 2, count: int = 3, step_s: int = 15) -> Path:
    """Write positions: officers in the middle of the zones for 12 minutes of the first visits, else far away."""
    generator = np.random.default_rng(4)
    rows: list[dict[str, object]] = []
    apart: list[Any] = []
    for visit in plan.visits:
        if not apart or visit.start_min - apart[-1].start_min > 22:
            apart.append(visit)
    assert len(apart) >= count
    for device in range(devices):
        for visit in apart[:count]:
            at, start = plan.zone(visit.zone).at, plan.request.shift.at(visit.start_min)
            for second in range(-300, 1_020, step_s):
                off = 0 if 0 <= second < 720 else 5_000
                east, north = generator.normal((at.east_m + off, at.north_m), 3.0)
                when = start + dt.timedelta(seconds=second)
                row = {"device": f"radio-{device}", "time": when.isoformat(), "crew": visit.id}
                rows.append(row | {"easting": f"{east:.1f}", "northing": f"{north:.1f}", "accuracy": "5"})
    return as_csv(path, rows)


def test_positions_become_visits_and_are_kept_nowhere(
    services: Services, office: Office, plan: PatrolPlan, tmp_path: Path
) -> None:
    path = pings(plan, tmp_path / "pings.csv")
    raw = path.read_bytes()
    done = aggregate(services, path, plan=plan.id)
    assert (len(done.visits), done.added, done.devices, done.gap_s, done.skipped) == (3, 3, 2, 15.0, {})
    for visit in done.visits:
        assert visit.officers == 2
        assert visit.minutes == pytest.approx(12, abs=0.3)
        assert visit.officer_minutes == pytest.approx(24, abs=0.6)
        assert 0 < visit.error_min < 1
    assert path.read_bytes() == raw
    again = aggregate(services, path, plan=plan.id, delete_file=True)
    assert (again.added, again.deleted, path.exists()) == (0, True, False)
    told = events(office, 1)[0]
    assert told.act == "erasure: GPS pings after aggregation"
    assert (told.detail["sha256"], told.detail["pings"]) == (hashlib.sha256(raw).hexdigest(), 528)
    assert told.detail["file deleted"]
    held = b"".join(one.read_bytes() for one in (tmp_path / "demo").rglob("*") if one.is_file())
    assert b"radio-0" not in held
    assert raw.splitlines()[5].split(b",")[3] not in held


def test_rows_that_cannot_be_used_are_counted_with_the_reason(
    services: Services, plan: PatrolPlan, tmp_path: Path
) -> None:
    path = pings(plan, tmp_path / "pings.csv", devices=1, count=1)
    with path.open("a") as held:
        held.write("radio-0,half past,,1,1,5\n,2026-10-23T15:00:00,,1,1,5\n")
        held.write("radio-0,2027-10-23T15:00:00,,1,1,5\nradio-0,2026-10-23T15:00:00,,,1,5\n")
    done = aggregate(services, path, plan=plan.id)
    assert done.skipped == {"in the future": 1, "no device": 1, "no position": 1, "time not read": 1}
    assert len(done.visits) == 1


@pytest.mark.parametrize("text", ["device,time\na,b\n", "device,time,lon,lat\n", "device,time,lon,lat\na,b,c,d\n", ""])
def test_a_file_that_is_no_table_of_positions_is_refused(
    services: Services, plan: PatrolPlan, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "pings.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        aggregate(services, path, plan=plan.id, delete_file=True)
    assert refused.value.field == "file"
    assert path.exists()


# --- planned against delivered ------------------------------------------------------------------


def test_planned_and_delivered_add_up_over_zones_and_hours(services: Services, plan: PatrolPlan) -> None:
    made.log_visit(services, wanted(plan, 0, outcome="arrest"))
    made.log_visit(services, wanted(plan, 1, visit="", officers=1))
    found = dosage_of_plan(services, plan.id)
    assert sum(zone.planned_visits for zone in found.zones) == len(plan.visits)
    assert sum(zone.planned_made for zone in found.zones) == 2
    assert sum(zone.patrol_min for zone in found.zones) == pytest.approx(24)
    assert sum(zone.officer_min for zone in found.zones) == pytest.approx(36)
    rows = found.table.rows
    assert rows["planned_min"].sum() == sum(visit.minutes for visit in plan.visits)
    assert rows["patrol_min"].sum() == pytest.approx(24, abs=0.2)
    assert rows["id"].is_unique().all()
    assert f"2 of {len(plan.visits)} planned visits were made" in found.sentences[0]
    month = dosage_of_month(services, Month.of(DAY), TEAM)
    assert [zone.patrol_min for zone in month.zones] == [zone.patrol_min for zone in found.zones]
    with pytest.raises(QueryError, match="no plan in that month"):
        dosage_of_month(services, Month.parse("2020-01"))
    with pytest.raises(QueryError, match="tolerance"):
        dosage_of_plan(services, plan.id, 1_000)


def test_each_visit_is_one_planned_visit_at_most_and_the_closest_comes_first(plan: PatrolPlan) -> None:
    first = plan.visits[0]
    shift = plan.request.shift

    def begun(name: str, minute: int, **values: Any) -> VisitMade:  # noqa: ANN401 - fields
        start = shift.at(minute)
        end = start + dt.timedelta(minutes=12)
        return VisitMade(**{"id": name, "plan": "", "team": "", "zone": first.zone, "start": start, "end": end,
                            "officers": 2, "source": "csv", **values})  # fmt: skip

    near, far = begun("near", first.start_min + 3), begun("far", first.start_min - 20)
    assert matched(plan, [far, near])[first.id] == "near"
    assert first.id not in matched(plan, [begun("late", first.start_min + 31)])
    assert matched(plan, [begun("named", 0, visit=first.id), near])[first.id] == "named"
    measured = begun("gps", first.start_min, source="gps", inside_min=11.0, error_min=0.5)
    (one,) = counted([replace(near, outcome="arrest", visit=first.id), measured])
    assert (one.id, one.outcome, one.visit, one.minutes) == ("gps", "arrest", first.id, 11.0)
    assert summed([near, replace(near, id="other crew")])[0] == 12.0
    """Two crews who are there at once are one presence."""


def test_who_only_walks_through_a_zone_makes_no_planned_visit(plan: PatrolPlan) -> None:
    first = plan.visits[0]
    start = plan.request.shift.at(first.start_min)
    through = VisitMade("a", "", "", first.zone, start, start + dt.timedelta(minutes=3), 2, "gps", error_min=1.0)
    assert matched(plan, [through]) == {}
    # Where nobody can say that it was too short, it counts.
    assert matched(plan, [replace(through, error_min=7.5)]) == {first.id: "a"}
    # Nor may a visit be lost because a device fell silent in the middle of it.
    begun = start + dt.timedelta(minutes=6)
    rest = replace(through, id="b", start=begun, end=begun + dt.timedelta(minutes=6))
    assert matched(plan, [through, rest])[first.id] in {"a", "b"}


def test_a_visit_in_the_hour_of_two_shifts_is_delivered_once(services: Services, plan: PatrolPlan) -> None:
    early = planning.make_plan(services, PlanRequest(TEAM, Shift.asked(DAY, "14:00-22:00"), officers=4))
    at_zone = next(visit for visit in plan.visits if any(zone.id == visit.zone for zone in early.zones))
    start = plan.request.shift.at(at_zone.start_min)
    made.log_visit(services, made.Wanted(at_zone.zone, start, start + dt.timedelta(minutes=12)))
    month = dosage_of_month(services, Month.of(DAY), TEAM)
    assert len(month.plans) == 2
    assert sum(zone.patrol_min for zone in month.zones) == pytest.approx(12)


def test_positions_of_another_day_are_not_delivered_to_the_plan_that_named_the_zones(
    services: Services, plan: PatrolPlan, tmp_path: Path
) -> None:
    path = pings(plan, tmp_path / "pings.csv", devices=1, count=1)
    path.write_text(path.read_text().replace("2026-10-23T", "2026-10-21T"))
    done = aggregate(services, path, plan=plan.id)
    assert [visit.plan for visit in done.visits] == [""]
    assert sum(zone.visits for zone in dosage_of_plan(services, plan.id).zones) == 0


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-25T01:50:00+01:00", "2026-10-25T01:05:00+00:00"),
        ("2026-03-29T00:55:00+00:00", "2026-03-29T02:10:00+01:00"),
    ],
)
def test_a_visit_over_the_change_of_the_clocks_lasts_as_long_as_a_watch_says(
    services: Services, start: str, end: str
) -> None:
    night = dt.datetime.fromisoformat(start).astimezone(LONDON).date() - dt.timedelta(days=1)
    held = planning.make_plan(services, PlanRequest(TEAM, Shift.asked(night, "22:00-06:00"), officers=4))
    times = (dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end))
    kept, _ = made.log_visit(services, made.Wanted(held.zones[0].id, *times, plan=held.id))
    assert kept.minutes == 15.0
    found = dosage_of_plan(services, held.id)
    assert found.table.rows["patrol_min"].sum() == pytest.approx(15, abs=0.11)
    assert max(zone.patrol_min for zone in found.zones) == 15.0


def test_the_return_of_a_month_counts_visits_hours_and_outcomes(services: Services, plan: PatrolPlan) -> None:
    made.log_visit(services, wanted(plan, 0, outcome="arrest"))
    made.log_visit(services, wanted(plan, 1, outcome="stop and search"))
    found = month_return(services, Month.of(DAY))
    whole = found.table.rows.row(0, named=True)
    assert (whole["team"], whole["zone"], whole["visits"], whole["arrest"], whole["stop_and_search"]) == (
        TEAM, "", 2, 1, 1,
    )  # fmt: skip
    assert whole["officer_hours"] == pytest.approx(0.8)
    own = found.table.rows.filter(found.table.rows["zone"] != "")
    assert own["visits"].sum() == 2
    assert whole["loops"] >= 1
    assert found.incidents_loaded == (Month.of(DAY) in services.store.snapshot().months())
    if found.incidents_loaded:
        assert whole["incidents"] == own["incidents"].sum()
    later = month_return(services, Month.parse("2026-12"))
    assert not later.incidents_loaded
    assert later.table.rows.height == 0


def test_the_table_of_visits_stands_where_the_zones_are(services: Services, plan: PatrolPlan) -> None:
    one, _ = made.log_visit(services, wanted(plan))
    found, table = visits_table(services, plan="latest")
    assert [each.id for each in found] == table.rows["id"].to_list() == [one.id]
    assert table.geometry[0].geom_type == "Point"
    with pytest.raises(QueryError, match="before the first"):
        days_of(DAY, DAY - dt.timedelta(days=1))


# --- who sees what ------------------------------------------------------------------------------


def test_who_sees_some_areas_sees_and_logs_visits_of_their_plans_alone(
    office: Office, services: Services, plan: PatrolPlan
) -> None:
    made.log_visit(services, wanted(plan))
    own, other = (
        office.services(Principal("officer", frozenset({Role.OFFICER}), (team,))) for team in (TEAM, "NSUCH-T2")
    )
    assert len(made.visits_made(own, plan=plan.id)) == 1
    assert made.visits_made(other) == []
    with pytest.raises(NotFoundError):
        made.log_visit(other, wanted(plan, 1))
    with pytest.raises(NotFoundError):
        other.store.items(VISIT).get(made.visits_made(services)[0].id)
    assert made.log_visit(own, wanted(plan, 1))[1]


@pytest.mark.parametrize(
    ("first", "days"), [("2026-10-23", 1), ("2026-09-30", 33), ("2026-01-31", 400), ("2026-02-01", 28)]
)
def test_the_beginnings_of_ids_hold_each_day_of_a_span_once(first: str, days: int) -> None:
    begun = dt.date.fromisoformat(first)
    prefixes = made._prefixes(begun, begun + dt.timedelta(days=days - 1))
    for off in range(-40, days + 40):
        held = sum(f"{begun + dt.timedelta(days=off)}/x".startswith(prefix) for prefix in prefixes)
        assert held == (0 <= off < days)
