"""What the sheets of a plan say, read as values before anything is drawn."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service import patrol
from geo_service.errors import InputError, QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.layers import STREETS, FeatureTable
from geo_service.model.patrol import Commitment
from geo_service.model.periods import Period
from geo_service.model.plan_sheets import LARGE_PRINT_MAP_MM
from geo_service.workflows.finding import near_repeat, zones
from geo_service.workflows.markings import Handling
from geo_service.workflows.paper import plan_sheet_sources, plan_sheets
from geo_service.workflows.paper.plan_sheet_words import BY_SERGEANT, on_paper
from geo_service.workflows.sheets import NEVER_ON_PAPER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.model.access import Audience, AuditEvent
    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.patrol import PatrolPlan
    from geo_service.model.plan_sheets import PlanSheet
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

Plans: TypeAlias = Callable[..., "PatrolPlan"]
DAY = dt.date(2026, 11, 6)
DAY_OF_COCOONS = dt.date(2026, 10, 20)


@pytest.fixture(scope="module")
def run(demonstration: Services) -> ZoneRun:
    query = HotspotQuery("Nonesuch Borough", Period.parse("2025-08", "2026-07"))
    return zones.find_zones(demonstration, query)[1]


@pytest.fixture(scope="module")
def plan(run: ZoneRun, plan_by_hand: Plans) -> PatrolPlan:
    return plan_by_hand(run)


@pytest.fixture(scope="module")
def sheet(demonstration: Services, plan: PatrolPlan) -> PlanSheet:
    return plan_sheets.plan_sheets(demonstration, plan)[0]


def words(value: object) -> Iterator[str]:
    """Yield every text of a sheet."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from words(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from words(getattr(value, field.name))


class Registry:
    """Give the layers of another registry, some of them changed."""

    def __init__(self, other: object, changed: dict[str, Callable[[FeatureTable], FeatureTable]]) -> None:
        self._other, self._changed = other, changed

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the other has
        return getattr(self._other, name)

    def features(self, layer: str, audience: Audience, snapshot: Snapshot | None) -> FeatureTable:
        """Return a layer, changed."""
        table: FeatureTable = self._other.features(layer, audience, snapshot)  # type: ignore[attr-defined]
        return self._changed[layer](table) if layer in self._changed else table


def with_layer(services: Services, layer: str, change: Callable[[FeatureTable], FeatureTable]) -> Services:
    return replace(services, registry=Registry(services.registry, {layer: change}))


def refuse(problem: Exception) -> Callable[..., Any]:
    def raiser(*_: object, **__: object) -> object:
        raise problem

    return raiser


# --- what stands on the paper --------------------------------------------------------------------


def test_a_card_says_where_why_when_and_what_to_do(sheet: PlanSheet, run: ZoneRun) -> None:
    card, zone = sheet.cards[0], run.zones[0]
    where = {row.label: row.text for row in card.where}
    assert where["Grid reference"] == f"{zone.grid_reference}, {zone.area_ha:.1f} ha"
    assert where["Ward"] == zone.member_name
    assert "Nonesuch High Street" in where["Streets"]
    assert {"Incidents", "Trend", "Near repeats"} <= {row.label for row in card.why}
    assert re.search(r"; harm \(starting-points\) about [1-9][0-9],000 days$", card.why[0].text)
    assert card.when[0] == "17:00 to 22:00 in this shift."
    assert card.to_do
    assert [visit.planned for visit in card.visits] == ["Pair 2, 19:20 to 19:35", "Pair 1, 19:22 to 19:37"]


def test_a_sheet_says_what_it_comes_from_and_how_it_comes_back(sheet: PlanSheet, plan: PatrolPlan) -> None:
    assert f"plan {plan.id} version 1 · run {plan.run} · seed 1" in sheet.footer
    assert sheet.footer.startswith(f"Data version {plan.provenance.data_version}")
    assert (sheet.printed_for, sheet.destroy_after) == ("6 November 2026", "4 December 2026")
    assert sheet.notes[0].startswith("Visits are recorded")
    assert plan.station_name in sheet.returning
    assert sheet.demonstration
    assert any("in-sample" in note for note in sheet.method)


def test_the_loops_stand_on_the_first_page_with_their_stops(sheet: PlanSheet, plan: PatrolPlan) -> None:
    assert len(sheet.loops) == len(plan.loops)
    assert sheet.loops[0].when == "16:20 to 17:17"
    assert sheet.loops[0].crew == "Pair 1"
    assert sheet.loops[0].stops == ((2, "16:30"), (3, "16:52"))
    assert sheet.loops[0].travel == "27 min"
    assert sheet.loops[0].if_two == (2,)


def test_the_overview_shows_zones_ways_and_station(sheet: PlanSheet) -> None:
    drawn = sheet.overview
    assert sorted(shape.label for shape in drawn.shapes if shape.kind == "zone") == ["1", "2", "3", "4"]
    assert {shape.label for shape in drawn.shapes if shape.kind == "route"} == {"Pair 1", "Pair 2"}
    assert [pin.label for pin in drawn.pins] == ["Station"]
    half = drawn.width_mm / 2_000 * drawn.scale, drawn.height_mm / 2_000 * drawn.scale
    east, north = drawn.centre
    window = shapely.box(east - half[0], north - half[1], east + half[0], north + half[1])
    shown = [shape for shape in drawn.shapes if shape.kind in {"zone", "route"}]
    assert all(shapely.contains(window, geometry) for shape in shown for geometry in shape.geometry)


def test_a_card_is_drawn_at_a_scale_for_walking_with_streets_by_rank(sheet: PlanSheet) -> None:
    for card in sheet.cards:
        assert card.map is not None
        assert 2_500 <= card.map.scale <= 5_000
        assert card.map.scale_bar_m in {100, 200}
        kinds = {shape.kind for shape in card.map.shapes}
        assert {"zone", "street", "ward"} <= kinds
        assert "route" not in kinds
    ranks = {shape.rank for card in sheet.cards if card.map for shape in card.map.shapes if shape.kind == "street"}
    assert {1, 3} <= ranks


def test_every_pin_of_a_card_is_explained_and_a_place_has_one_label_on_all_cards(sheet: PlanSheet) -> None:
    named: dict[str, str] = {}
    for card in sheet.cards:
        assert card.map is not None
        assert [pin.label for pin in card.map.pins] == [row.label for row in card.nearby if row.label]
        for row in card.nearby:
            assert named.setdefault(row.label, row.text) == row.text or not row.label
    pins = {(pin.kind, pin.at, pin.label) for card in sheet.cards if card.map for pin in card.map.pins}
    assert len({(kind, at) for kind, at, _ in pins}) == len({label for _, _, label in pins}) == len(pins)


def test_times_of_a_sergeant_are_said_to_be_no_data(demonstration: Services, run: ZoneRun, plan_by_hand: Plans) -> None:
    sheet = plan_sheets.plan_sheets(demonstration, plan_by_hand(run, whence="sergeant"))[0]
    assert all(card.when == ("17:00 to 22:00.", BY_SERGEANT) for card in sheet.cards)
    assert BY_SERGEANT == "Times chosen by the sergeant, not from data."


def test_more_than_four_zones_take_more_sheets(demonstration: Services, run: ZoneRun, plan_by_hand: Plans) -> None:
    sheets = plan_sheets.plan_sheets(demonstration, plan_by_hand(run, 6), copies=2)
    assert [[card.number for card in sheet.cards] for sheet in sheets] == [[1, 2, 3, 4], [5, 6]] * 2
    assert [sheet.copy for sheet in sheets] == ["Copy 1 of 2"] * 2 + ["Copy 2 of 2"] * 2
    assert sheets[1].subtitle.endswith("sheet 2 of 2")


def test_a_crew_has_its_own_loops_and_visits(demonstration: Services, plan: PatrolPlan) -> None:
    sheets = plan_sheets.plan_sheets(demonstration, plan, per_crew=True)
    assert [sheet.copy for sheet in sheets] == ["Copy 1 of 2", "Copy 2 of 2"]
    for number, sheet in enumerate(sheets, start=1):
        crew = f"Pair {number}"
        assert crew in sheet.subtitle
        assert {line.crew for line in sheet.loops} == {crew}
        assert all(visit.planned.startswith(crew) for card in sheet.cards for visit in card.visits)
        assert {shape.label for shape in sheet.overview.shapes if shape.kind == "route"} == {crew}
        assert len(sheet.cards) == 4


def test_large_print_has_large_maps(demonstration: Services, plan: PatrolPlan) -> None:
    sheet = plan_sheets.plan_sheets(demonstration, plan, large_print=True)[0]
    maps = [sheet.overview, *(card.map for card in sheet.cards)]
    assert sheet.large_print
    assert all(drawn is not None and (drawn.width_mm, drawn.height_mm) == LARGE_PRINT_MAP_MM for drawn in maps)


def test_what_is_fixed_and_what_was_changed_by_hand_is_said(demonstration: Services, plan: PatrolPlan) -> None:
    market = Commitment(100, 130, "market", zone=plan.zones[0].id)
    request = replace(plan.request, commitments=(Commitment(60, 90, "school gate", crew=2), market))
    locked = replace(plan.loops[0], visits=tuple(replace(visit, locked=True) for visit in plan.loops[0].visits))
    changed = replace(plan, request=request, edits=("Visit v100 was locked.",), loops=(locked, *plan.loops[1:]))
    sheet = plan_sheets.plan_sheets(demonstration, changed)[0]
    assert "Pair 2, 16:00 to 16:30: school gate." in sheet.notes
    assert "Everybody, 16:40 to 17:10: market, which is a visit of zone 1." in sheet.notes
    having = [
        card.number
        for card in sheet.cards
        for visit in card.visits
        if visit.planned == "Everybody, 16:40 to 17:10 (market)"
    ]
    assert having == [plan.zones[0].number]
    assert "Changed by hand: visit v100 was locked." in sheet.changes
    assert any(visit.planned.endswith("(fixed)") for card in sheet.cards for visit in card.visits)


def test_changes_since_the_last_plan_stand_on_the_sheet(
    demonstration: Services, plan: PatrolPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_sheet_sources, "find_plan", lambda _services, plan_id: replace(plan, id=plan_id, loops=()))
    after = replace(plan, before="1111aaaa")
    sheet = plan_sheets.plan_sheets(demonstration, after)[0]
    assert sheet.changes == patrol.differences(replace(plan, id="1111aaaa", loops=()), after)
    assert sheet.changes


def test_nobody_prints_no_copies(demonstration: Services, plan: PatrolPlan) -> None:
    with pytest.raises(QueryError, match="copies cannot be printed"):
        plan_sheets.plan_sheets(demonstration, plan, copies=0)


# --- orders --------------------------------------------------------------------------------------


def orders_of(services: Services, plan: PatrolPlan) -> list[str]:
    return [row.text for card in plan_sheets.plan_sheets(services, plan)[0].cards for row in card.orders]


def test_only_orders_in_force_on_the_day_are_on_a_card(
    demonstration: Services, run: ZoneRun, plan_by_hand: Plans
) -> None:
    plan = plan_by_hand(run)
    said = orders_of(demonstration, plan)
    assert said
    assert all(text.startswith("Nonesuch town centre order: Drinking alcohol") for text in said)
    assert all("Expires 15 September 2028." in text for text in said)
    assert not any("Candle Meadows" in text or "Fiddlestow" in text for text in said)
    after = replace(plan.request, shift=replace(plan.request.shift, start=dt.datetime(2028, 9, 16, 15, tzinfo=dt.UTC)))
    assert orders_of(demonstration, replace(plan, request=after)) == []


@pytest.mark.parametrize("status", ["proposed", "in force", "extended", "expired"])
def test_the_status_of_an_order_decides(demonstration: Services, plan: PatrolPlan, status: str) -> None:
    services = with_layer(
        demonstration, "pspo", lambda table: replace(table, rows=table.rows.with_columns(status=pl.lit(status)))
    )
    assert bool(orders_of(services, plan)) is (status in {"in force", "extended"})


def test_an_order_without_a_place_is_said_once_and_on_no_card(demonstration: Services, plan: PatrolPlan) -> None:
    services = with_layer(
        demonstration, "pspo", lambda table: replace(table, geometry=np.full(table.rows.height, None, dtype=object))
    )
    sheet = plan_sheets.plan_sheets(services, plan)[0]
    assert not any(card.orders for card in sheet.cards)
    assert sum("Nonesuch town centre order" in note for note in sheet.notes) == 1
    assert not any("Candle Meadows order" in note for note in sheet.notes)


def test_places_without_a_position_are_said_and_do_not_pass_for_none(demonstration: Services, plan: PatrolPlan) -> None:
    services = with_layer(
        demonstration,
        "safe-places",
        lambda table: replace(table, geometry=np.full(table.rows.height, None, dtype=object)),
    )
    sheet = plan_sheets.plan_sheets(services, plan)[0]
    (said,) = (note for note in sheet.notes if note.startswith("Safe Places: "))
    assert said.endswith("have no position, so no map shows them.")
    assert not any(pin.kind == "safe-places" for card in sheet.cards if card.map for pin in card.map.pins)


# --- what paper never says -----------------------------------------------------------------------


def test_no_sheet_names_what_paper_must_not(demonstration: Services, run: ZoneRun, plan_by_hand: Plans) -> None:
    for first in (0, 4, 8):
        part = replace(run, zones=run.zones[first : first + 4])
        sheet = plan_sheets.plan_sheets(demonstration, plan_by_hand(part))[0]
        for card in sheet.cards:
            assert all(count >= 3 for _, count in card.mix)
            events = next(zone.events for zone in run.zones if zone.id == card.id)
            assert sum(count for _, count in card.mix) == events
            said = list(words(replace(card, map=None)))
            assert not any(NEVER_ON_PAPER.search(text) for text in said)
            assert not any(re.search(r"\b[12] (incident|offence|burglar|crime|repeat)", text) for text in said)
        assert "domestic abuse" not in " ".join(words(sheet)).casefold()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("One burglary within 200 m in the last 14 days", False),
        ("2 repeat victims since May", False),
        ("There were 2 burglaries", False),
        ("3 burglaries within 200 m", True),
        ("Rape: 12 incidents", False),
        ("Domestic abuse is up", False),
        ("Most is expected Fri 21:00-23:00: about 20 % of a week", True),
        ("Rising: about 60 % more, May to July 2026 against the 9 months before", True),
        ("Burglary within 200 m in the 3 weeks to 31 October 2026", True),
    ],
)
def test_sentences_with_small_counts_or_hidden_offences_are_left_out(text: str, *, kept: bool) -> None:
    assert bool(on_paper([text])) is kept


def test_a_zone_with_few_incidents_gives_no_count(demonstration: Services, run: ZoneRun, plan_by_hand: Plans) -> None:
    few = replace(run.zones[0], events=2, mix=(("Theft from the person", 2),))
    sparse = replace(run, zones=(few, *run.zones[1:]))
    sources = plan_sheet_sources.Sources(demonstration)
    sources._runs[run.id] = sparse
    card = plan_sheets.plan_sheets(demonstration, plan_by_hand(run), sources=sources)[0].cards[0]
    assert card.mix == ()
    assert [row.text for row in card.why if row.label == "Incidents"] == [
        "fewer than 3 in 12 months (2025-08 to 2026-07)"
    ]
    assert not any("harm" in row.text for row in card.why)


def test_no_victims_address_is_on_a_sheet(demonstration: Services, run: ZoneRun, sheet: PlanSheet) -> None:
    query = HotspotQuery("Nonesuch Borough", Period.parse("2026-05", "2026-10"), offence_set="burglary")
    asked = near_repeat.NearRepeatQuery(
        query,
        near_repeat.read_bands("100,200", "1,8", "euclidean"),
        near_repeat.read_rules(200, 21, 40),
        DAY_OF_COCOONS,
    )
    answer = near_repeat.ask(demonstration, asked)
    assert isinstance(answer, near_repeat.CocoonAnswer)
    said = "\n".join(words(sheet))
    assert answer.offences.height
    assert not any(crime in said for crime in answer.offences["crime_id"].drop_nulls())
    pins = {pin.at for card in sheet.cards if card.map for pin in card.map.pins}
    assert all(pin.kind != "cocoons" for card in sheet.cards if card.map for pin in card.map.pins)
    assert pins
    assert "pdf" not in demonstration.formats


# --- one wrong piece of data ---------------------------------------------------------------------

LAYERS = {
    "streets": "Streets on the map",
    "ground": "Water, parks and woods on the map",
    "buildings": "Buildings on the map",
    "cctv": "Cameras",
    "cctv-redeployable": "Redeployable cameras",
    "safe-places": "Safe Places",
    "landmarks": "Landmarks",
    "pspo": "Orders in force",
}


@pytest.mark.parametrize(
    ("layer", "problem"),
    [*((layer, InputError("The layer is damaged")) for layer in LAYERS), ("cctv", ValueError("who knows"))],
)
def test_a_layer_that_cannot_be_read_costs_its_box(
    demonstration: Services, plan: PatrolPlan, sheet: PlanSheet, layer: str, problem: Exception
) -> None:
    broken = plan_sheets.plan_sheets(with_layer(demonstration, layer, refuse(problem)), plan)[0]
    why = "The layer is damaged." if isinstance(problem, InputError) else "through a fault of the program"
    said = [note for note in broken.notes if note.startswith(f"{LAYERS[layer]}: ")]
    assert len(said) == 1
    assert why in said[0]
    assert "who knows" not in " ".join(words(broken))
    for card, whole in zip(broken.cards, sheet.cards, strict=True):
        assert (card.why, card.mix, card.to_do, card.visits) == (whole.why, whole.mix, whole.to_do, whole.visits)
        assert (card.orders == whole.orders) or layer == "pspo"
        assert card.map is not None


BREAKS = {
    "facts": ("geo_service.workflows.paper.plan_sheet_sources", "facts_of", "Trend, near repeats and hours"),
    "outline": ("geo_service.workflows.sheet_maps", "outline", "Outline of the zone"),
    "mix": ("geo_service.workflows.paper.plan_sheet_words", "mix", "Offences"),
    "incidents": ("geo_service.workflows.paper.plan_sheet_words", "incidents", "Incidents"),
    "hours": ("geo_service.workflows.paper.plan_sheet_words", "hours", "Hours"),
    "where": ("geo_service.workflows.paper.plan_sheet_words", "where", "Where"),
    "way": ("geo_service.workflows.paper.plan_sheet_maps", "ways", "Ways through the streets"),
    "places": ("geo_service.workflows.paper.plan_sheet_sources", "load_places", "Cameras, places and orders"),
    "ground": ("geo_service.workflows.paper.plan_sheet_sources", "load_ground", "Ground of the maps"),
    "the run": ("geo_service.workflows.finding.runs", "find", "Zones"),
    "the zone": ("geo_service.workflows.paper.plan_sheet_cards", "zone_of", "The zone itself"),
    "the last plan": ("geo_service.workflows.paper.plan_sheet_sources", "find_plan", "Changes since the last plan"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_fails_costs_its_box_and_is_said(
    demonstration: Services,
    plan: PatrolPlan,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    module, function, box = BREAKS[name]
    monkeypatch.setattr(importlib.import_module(module), function, refuse(KeyError("secret")))
    sheet = plan_sheets.plan_sheets(demonstration, replace(plan, before="1111aaaa" if name == "the last plan" else ""))[
        0
    ]
    said = [*sheet.notes, *(text for card in sheet.cards for text in card.missing)]
    assert any(text.startswith(f"{box}: could not be filled") for text in said)
    assert "secret" not in " ".join(words(sheet))
    assert any(box in record.message and "secret" in record.message for record in caplog.records)
    assert len(sheet.cards) == 4
    assert all(card.visits and card.map for card in sheet.cards)


def test_without_streets_the_sheet_says_so(demonstration: Services, plan: PatrolPlan) -> None:
    def empty(table: FeatureTable) -> FeatureTable:
        return replace(table, rows=table.rows.clear(), geometry=table.geometry[:0])

    registry = Registry(demonstration.registry, {STREETS: empty, "ground": empty})
    sheet = plan_sheets.plan_sheets(replace(demonstration, registry=registry), plan)[0]
    assert any(note.startswith("No streets are loaded") for note in sheet.notes)
    assert not any(row.label == "Streets" for card in sheet.cards for row in card.where)
    assert not any(card.missing for card in sheet.cards if "goes on beyond" not in " ".join(card.missing))


# --- the file ------------------------------------------------------------------------------------


def test_printed_sheets_are_recorded_and_named_by_plan_version_and_marking(
    demonstration: Services, plan: PatrolPlan, events: Callable[[int], Sequence[AuditEvent]]
) -> None:
    made = plan_sheets.print_plan(demonstration, plan, handling=Handling("OFFICIAL-SENSITIVE", 7), copies=2)
    assert made.name.startswith(f"DEMONSTRATION-OFFICIAL-SENSITIVE-patrol-plan-{plan.id}-v1-2-copies-{DAY}-Nonesuch-")
    assert made.name.endswith("-destroy-after-2026-11-13.pdf")
    newest = events(1)[0]
    assert (newest.act, newest.what) == ("disclosure", f"sheets of plan {plan.id}")
    assert json.loads(json.dumps(dict(newest.detail)))["copies"] == 2
    assert plan_sheets.print_plan(demonstration, plan, handling=Handling("OFFICIAL-SENSITIVE", 7), copies=2) == made


def test_a_note_that_names_an_offence_names_none_on_paper(
    demonstration: Services, run: ZoneRun, plan_by_hand: Plans
) -> None:
    note = "No weight is known for, so counted as 0: 019/08 Rape of a female aged 16 and over, 105/01 Common assault."
    sources = plan_sheet_sources.Sources(demonstration)
    sources._runs[run.id] = replace(run, notes=(note, *run.notes))
    sheet = plan_sheets.plan_sheets(demonstration, plan_by_hand(run), sources=sources)[0]
    assert "No weight is known for, so counted as 0: some offences." in sheet.method
    assert not any(re.search(r"\brape|sexual", said, re.IGNORECASE) for said in words(sheet))
