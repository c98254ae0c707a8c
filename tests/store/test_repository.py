"""Nobody sees more of the store than their role and their areas have."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from geo_service.errors import AccessError, NotFoundError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows import tables
from geo_service.workflows.finding import hotspots, zones

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.workflows.services import Office, Services

TEAMS = ("NSUCH-T1", "NSUCH-T2", "NSUCH-T3")
WARDS = "demonstration-wards"
YEAR = Period.parse("2025-08", "2026-07")
ANALYST = frozenset({Role.ANALYST})
EVERY_READ: dict[str, Callable[[Any], object]] = {
    "snapshot": lambda store: store.snapshot(),
    "stage": lambda store: store.stage(),
    "versions": lambda store: store.versions(),
    "undo": lambda store: store.undo(1_000),
    "events": lambda store: store.events(1),
    "runs": lambda store: store.runs(),
    "accounts": lambda store: store.items("account"),
    "places": lambda store: store.items("safe-place"),
    "plans": lambda store: store.items("patrol-plan").all(),
    "check": lambda store: store.check(),
}
ALLOWED = {
    Role.OFFICER: {"snapshot", "versions", "runs", "plans"},
    Role.SERGEANT: {"snapshot", "versions", "runs", "plans"},
    Role.ANALYST: {"snapshot", "versions", "runs", "plans"},
    Role.COORDINATOR: {"snapshot", "places"},
    Role.ADMIN: {"snapshot", "stage", "versions", "undo", "accounts", "places", "check"},
    Role.AUDITOR: {"versions", "events", "check"},
}


def of(office: Office, *areas: str, roles: frozenset[Role] = ANALYST) -> Services:
    return office.services(Principal("somebody", roles, areas))


@pytest.fixture
def whole(office: Office) -> Services:
    return office.services(Principal("tests", OPERATOR))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", EVERY_READ)
def test_a_role_has_what_it_is_for_and_nothing_else(office: Office, role: Role, name: str) -> None:
    store = office.services(Principal("somebody", frozenset({role}))).store
    if name in ALLOWED[role]:
        with suppress(NotFoundError):  # nothing can be undone, but they may try
            EVERY_READ[name](store)
    else:
        with pytest.raises(AccessError, match="not for your role"):
            EVERY_READ[name](store)


def test_without_a_role_nothing_is_had(office: Office) -> None:
    store = office.services(Principal("somebody", frozenset())).store
    for read in EVERY_READ.values():
        with pytest.raises(AccessError):
            read(store)


def test_nobody_is_admin_and_auditor() -> None:
    with pytest.raises(AccessError, match="both admin and auditor"):
        Principal("somebody", frozenset({Role.ADMIN, Role.AUDITOR}))


@pytest.mark.parametrize("read", ["incidents", "cube", "rejects", "incident_slot", "assignment"])
def test_a_coordinator_of_safe_places_sees_no_incident(office: Office, read: str) -> None:
    snapshot = office.services(Principal("somebody", frozenset({Role.COORDINATOR}))).store.snapshot()
    slot = next(iter(snapshot.slots("incidents/")))
    arguments: dict[str, tuple[object, ...]] = {
        "incidents": (["offence"],), "cube": (10, WARDS), "rejects": (), "incident_slot": (slot,),
        "assignment": (slot, WARDS),
    }  # fmt: skip
    with pytest.raises(AccessError, match="not for your role"):
        getattr(snapshot, read)(*arguments[read])


@pytest.mark.parametrize("team", TEAMS)
def test_ones_own_area_answers_as_it_answers_those_who_see_everything(
    office: Office, whole: Services, team: str
) -> None:
    # Of a statistic that looks at no neighbour: those beyond the areas are not there to be looked at.
    query = HotspotQuery(team, YEAR, area_share=0.05, statistic="total")
    ours, theirs = hotspots.ask(of(office, team), query), hotspots.ask(whole, query)
    assert not any("your own areas" in note for note in ours.notes)
    np.testing.assert_array_equal(ours.table.cells, theirs.table.cells)
    np.testing.assert_array_equal(ours.events, theirs.events)
    np.testing.assert_array_equal(ours.chosen, theirs.chosen)
    assert ours.sentence == theirs.sentence
    assert ours.events.sum() > 0


@pytest.mark.parametrize("statistic", ["blended", "gi_star", "kde"])
def test_a_statistic_of_neighbours_says_that_those_beyond_ones_areas_are_not_looked_at(
    office: Office, whole: Services, statistic: str
) -> None:
    query = HotspotQuery("NSUCH-T3", YEAR, statistic=statistic)
    ours, theirs = hotspots.ask(of(office, "NSUCH-T3"), query), hotspots.ask(whole, query)
    np.testing.assert_array_equal(ours.events, theirs.events)
    assert any("Nothing beyond your own areas" in note for note in ours.notes)
    assert not any("Nothing beyond your own areas" in note for note in theirs.notes)


@pytest.mark.parametrize("team", TEAMS)
def test_the_incidents_seen_are_those_of_ones_own_members(office: Office, whole: Services, team: str) -> None:
    ours, theirs = of(office, team).store.snapshot(), whole.store.snapshot()
    area = theirs.area(team, boundary_set=None, on=YEAR.last.last_day)
    for slot in theirs.slots("incidents/"):
        belongs = np.isin(theirs.assignment(slot, WARDS), area.members)
        assert 0 < belongs.sum() < len(belongs)
        assert ours.incident_slot(slot).equals(theirs.incident_slot(slot).filter(belongs))
        codes = np.array(ours.boundary_sets()[WARDS].codes)[ours.assignment(slot, WARDS)]
        every = np.array(theirs.boundary_sets()[WARDS].codes)[theirs.assignment(slot, WARDS)[belongs]]
        np.testing.assert_array_equal(codes, every)
    rows = sum(theirs.incident_slot(slot).height for slot in theirs.slots("incidents/"))
    assert ours.incidents(["crime_id"]).height < rows
    window = ours.cube(10, WARDS).window(YEAR)
    assert window.sum() == ours.incidents(["crime_id"], period=YEAR).height


def test_what_occurs_only_elsewhere_is_not_named(office: Office, whole: Services) -> None:
    every, seen = whole.store.snapshot().cube(9, WARDS), of(office, "NSUCH-T1").store.snapshot().cube(9, WARDS)
    belongs = np.isin(every.member, [0, 1, 2])
    assert seen.groups.rows() == every.groups[np.unique(every.group[belongs])].rows()
    assert seen.groups.height < every.groups.height
    theirs = [every.groups.row(group) for group in every.group[belongs]]
    assert [seen.groups.row(group) for group in seen.group] == theirs


def test_versions_say_what_they_changed_to_those_who_may_see_everything(office: Office, whole: Services) -> None:
    ours, theirs = of(office, "NSUCH-T1").store.versions(), whole.store.versions()
    assert [version.number for version in ours] == [version.number for version in theirs]
    assert any(version.detail for version in theirs)
    assert not any(version.detail or version.changed for version in ours)


def test_all_teams_together_see_everything_that_lies_in_a_ward(office: Office, whole: Services) -> None:
    seen = sum(of(office, team).store.snapshot().cube(9, WARDS).window(YEAR).sum() for team in TEAMS)
    both = of(office, TEAMS[0], TEAMS[1]).store.snapshot().cube(9, WARDS).window(YEAR).sum()
    cube = whole.store.snapshot().cube(9, WARDS)
    located = cube.window(YEAR)[cube.member >= 0].sum()
    third = of(office, TEAMS[2]).store.snapshot().cube(9, WARDS).window(YEAR).sum()
    assert (seen, both) == (located, located - third)


@pytest.mark.parametrize("foreign", ["NSUCH-T2", "Nonesuch West team", "X99000004"])
def test_a_foreign_area_is_refused_in_the_words_for_one_that_does_not_exist(office: Office, foreign: str) -> None:
    ours = of(office, "NSUCH-T1")
    said = []
    for wanted in (foreign, "no-such-area"):
        with pytest.raises(NotFoundError) as refused:
            hotspots.ask(ours, HotspotQuery(wanted, YEAR))
        said.append(refused.value.message.replace(wanted, "…"))
    known = [words.partition("Close to it")[0].partition("Looked in")[0] for words in said]
    assert known[0] == known[1]
    for words in said:
        assert "West" not in words
        assert "T2" not in words


def test_a_district_of_which_only_a_part_is_ones_own_is_not_answered_by_that_part(office: Office) -> None:
    with pytest.raises(NotFoundError, match="all of which is in your areas"):
        hotspots.ask(of(office, "NSUCH-T1"), HotspotQuery("Nonesuch Borough", YEAR))


@pytest.mark.parametrize("areas", [(), ("no-such-area",), ("no-such-set:X99000001",)])
def test_who_has_no_area_or_one_that_is_gone_sees_nothing(office: Office, areas: tuple[str, ...]) -> None:
    nobody = of(office, *areas)
    assert nobody.store.snapshot().boundary_sets() == {}
    assert nobody.store.snapshot().incidents(["crime_id"]).height == 0
    assert tables.layer_table(nobody, "cctv").rows.is_empty()
    assert list(nobody.store.runs()) == []
    with pytest.raises(NotFoundError):
        hotspots.ask(nobody, HotspotQuery("NSUCH-T1", YEAR))


def test_a_ward_may_be_named_with_its_set(office: Office) -> None:
    seen = of(office, f"{WARDS}:X99000001").store.snapshot().boundary_sets()
    assert seen[WARDS].codes == ("X99000001",)


@pytest.mark.parametrize("team", TEAMS)
def test_features_are_those_that_lie_in_ones_own_area(office: Office, whole: Services, team: str) -> None:
    ours, theirs = of(office, team), whole
    area = theirs.store.snapshot().area(team, boundary_set=None, on=YEAR.last.last_day)
    outline = shapely.union_all(area.boundary_set.geometry[area.members])
    for layer in ("cctv", "safe-places", "ground"):
        found, every = tables.layer_table(ours, layer), tables.layer_table(theirs, layer)
        inside = shapely.intersects(every.geometry, outline) | shapely.is_missing(every.geometry)
        assert found.rows["id"].to_list() == every.rows.filter(inside)["id"].to_list()
        assert found.rows.height < every.rows.height


def test_a_run_is_seen_by_those_who_may_see_all_of_its_area(office: Office) -> None:
    runs = {team: zones.find_zones(of(office, team), HotspotQuery(team, YEAR, area_share=0.05))[1] for team in TEAMS}
    for team in TEAMS:
        ours = of(office, team)
        assert runs[team].id in {run_id for run_id, _ in ours.store.runs()}
        assert zones.zone_run(ours, "latest").id == runs[team].id
        for other in TEAMS:
            if other != team:
                with pytest.raises(NotFoundError):
                    zones.zone_run(ours, runs[other].id)
                with pytest.raises(NotFoundError):
                    zones.run_of_zone(ours, runs[other].zones[0].id)
    assert {run.id for run in runs.values()} <= {run_id for run_id, _ in of(office, *TEAMS).store.runs()}


def test_the_same_question_of_who_sees_less_around_it_is_a_run_of_its_own(office: Office, whole: Services) -> None:
    query = HotspotQuery("NSUCH-T1", YEAR, statistic="gi_star", resolution=9)
    ours = of(office, "NSUCH-T1", roles=frozenset({Role.SERGEANT}))
    (theirs, of_whole), (seen, of_ours) = zones.find_zones(whole, query), zones.find_zones(ours, query)
    assert (theirs.surface.score != seen.surface.score).any()  # incidents beyond the area weigh in the one alone
    assert zones.zone_run(ours, of_ours.id) == of_ours
    assert zones.zone_run(whole, of_whole.id) == of_whole
    assert of_ours.id != of_whole.id


def test_asking_an_old_question_again_makes_its_run_the_newest(whole: Services) -> None:
    first = zones.find_zones(whole, HotspotQuery("NSUCH-T1", YEAR, area_share=0.04))[1]
    second = zones.find_zones(whole, HotspotQuery("NSUCH-T2", YEAR, area_share=0.04))[1]
    assert zones.zone_run(whole, "latest").id == second.id
    again = zones.find_zones(whole, HotspotQuery("NSUCH-T1", YEAR, area_share=0.04))[1]
    assert again.id == first.id
    assert zones.zone_run(whole, "latest").id == first.id


def test_rejected_rows_have_no_area_and_are_for_those_who_see_everything(office: Office) -> None:
    with pytest.raises(AccessError, match="no area"):
        of(office, *TEAMS).store.snapshot().rejects()
