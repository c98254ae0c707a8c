"""What a sheet says, read as text before anything is drawn."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import TYPE_CHECKING

import polars as pl
import pypdf
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.app import open_area
from geo_service.errors import NotFoundError, QueryError
from geo_service.model.access import Audience
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows import sheets
from geo_service.workflows.finding import zones
from geo_service.workflows.importing import imports
from geo_service.workflows.markings import Handling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from geo_service.model.access import AuditEvent
    from geo_service.model.hotspots import ZoneRun
    from geo_service.workflows.services import Services

DAY = dt.date(2026, 11, 6)


@pytest.fixture
def run(demonstration: Services) -> ZoneRun:
    query = HotspotQuery("Nonesuch Borough", Period.parse("2025-08", "2026-07"))
    return zones.find_zones(demonstration, query)[1]


def test_the_map_holds_each_zone_whole_and_its_scale_bar_is_round(demonstration: Services, run: ZoneRun) -> None:
    content = sheets.sheet_content(demonstration, run, ["1"], printed_for=DAY)
    half_m = content.map.width_mm / 2_000 * content.map.scale, content.map.height_mm / 2_000 * content.map.scale
    east, north = content.map.centre
    window = shapely.box(east - half_m[0], north - half_m[1], east + half_m[0], north + half_m[1])
    drawn = [shape for shape in content.map.shapes if shape.kind == "zone"]
    assert [shape.label for shape in drawn] == ["1"]
    assert all(shapely.contains(window, geometry) for shape in drawn for geometry in shape.geometry)
    assert content.map.scale_bar_m % 50 == 0


def test_every_pin_is_explained_and_every_explanation_has_a_pin(demonstration: Services, run: ZoneRun) -> None:
    content = sheets.sheet_content(demonstration, run, ["1"], printed_for=DAY)
    assert [pin.label for pin in content.map.pins] == [row.label for row in content.nearby]
    assert content.map.pins


def test_a_sheet_says_where_why_when_and_what_it_comes_from(demonstration: Services, run: ZoneRun) -> None:
    content = sheets.sheet_content(demonstration, run, ["1"], printed_for=DAY)
    card = content.zones[0]
    assert run.zones[0].grid_reference in {row.text for row in card.where}
    assert any(f"{run.zones[0].events:,} in 12 months" in row.text for row in card.why)
    assert "known time" in card.when
    assert content.data_to == "October 2026"
    assert (content.printed_for, content.destroy_after) == ("6 November 2026", "4 December 2026")
    assert f"run {run.id}" in content.footer
    assert content.demonstration
    assert any("in-sample" in note for note in content.notes)


def test_rare_and_sexual_offences_are_not_named_on_paper(demonstration: Services, run: ZoneRun) -> None:
    shown = [
        row
        for zone in run.zones
        for row in sheets.sheet_content(demonstration, run, [zone.id], printed_for=DAY).zones[0].mix
    ]
    named = {offence.casefold() for offence, _ in shown}
    assert any("rape" in offence.casefold() for zone in run.zones for offence, _ in zone.mix)
    assert not any("rape" in offence or "sexual" in offence for offence in named)
    assert min(count for _, count in shown) >= 3


def test_no_reason_for_a_redeployable_camera_and_no_suspended_place_is_printed(
    demonstration: Services, run: ZoneRun
) -> None:
    said = " ".join(
        row.text
        for zone in run.zones
        for row in sheets.sheet_content(demonstration, run, [zone.id], printed_for=DAY).nearby
    )
    assert "domestic" not in said.casefold()
    assert "suspended" not in said


def test_one_to_four_zones_that_fit_on_one_map(demonstration: Services, run: ZoneRun) -> None:
    for wrong in ([], [zone.id for zone in run.zones[:5]]):
        with pytest.raises(QueryError, match="one to four zones"):
            sheets.sheet_content(demonstration, run, wrong, printed_for=DAY)


@pytest.mark.parametrize("marking", ["", "SECRET", "official", "OFICIAL"])
def test_a_marking_that_is_none_is_refused(marking: str) -> None:
    with pytest.raises(QueryError, match="Use one of OFFICIAL, OFFICIAL-SENSITIVE"):
        Handling(marking)


def test_zones_are_chosen_by_id_by_number_by_ward_or_first_of_the_run(demonstration: Services, run: ZoneRun) -> None:
    ward = run.zones[0].member_code
    assert sheets.choose_zones(demonstration, [run.zones[1].id], "", "latest")[1] == [run.zones[1].id]
    assert sheets.choose_zones(demonstration, ["2"], "", run.id)[1] == [run.zones[1].id]
    assert sheets.choose_zones(demonstration, [], ward, run.id)[1][0] == run.zones[0].id
    assert len(sheets.choose_zones(demonstration, [], "", run.id)[1]) <= 4
    with pytest.raises(NotFoundError, match="No zone has been found there"):
        sheets.choose_zones(demonstration, [], "Atlantis", run.id)


def test_a_sheet_of_a_ward_finds_the_newest_run_that_has_a_zone_there(demonstration: Services, run: ZoneRun) -> None:
    ward = run.zones[0]
    elsewhere = HotspotQuery("Nonesuch West team", Period.parse("2025-06", "2026-05"))
    _, newer = zones.find_zones(demonstration, elsewhere)
    assert ward.member_code not in {zone.member_code for zone in newer.zones}
    found, chosen = sheets.choose_zones(demonstration, [], f" {ward.member_name.upper()} ", "latest")
    assert found.id != newer.id
    assert {zones.zone_of(found, zone_id).member_code for zone_id in chosen} == {ward.member_code}
    assert sheets.choose_zones(demonstration, [], elsewhere.boundary, "latest")[0].id == newer.id


def test_a_camera_that_has_moved_on_is_not_on_the_sheet(demonstration: Services, run: ZoneRun) -> None:
    layer = demonstration.registry.features(
        "cctv-redeployable", Audience.FORCE, demonstration.store.snapshot()
    ).rows.filter(pl.col("to").is_not_null())
    gone = layer.row(0, named=True)

    def printed(day: dt.date) -> str:
        contents = (sheets.sheet_content(demonstration, run, [zone.id], printed_for=day) for zone in run.zones)
        return " ".join(row.text for content in contents for row in content.nearby)

    assert gone["name"] in printed(gone["to"])
    assert gone["name"] not in printed(gone["to"] + dt.timedelta(days=1))
    assert gone["name"] not in printed(gone["from"] - dt.timedelta(days=1))


def test_the_months_that_are_loaded_are_counted_and_not_those_that_were_asked_for(demonstration: Services) -> None:
    query = HotspotQuery("Nonesuch Borough", Period.parse("2026-08", "2027-07"))
    _, run = zones.find_zones(demonstration, query)
    content = sheets.sheet_content(demonstration, run, ["1"], printed_for=DAY)
    assert any("in 3 months (2026-08 to 2027-07)" in row.text for row in content.zones[0].why)


def test_places_that_came_after_the_run_are_named_with_their_version(demonstration_copy: Path) -> None:
    services = open_area(demonstration_copy)
    before = services.store.snapshot().version
    run = zones.zone_run(services, "latest")
    assert "cameras" not in sheets.sheet_content(services, run, ["1"], printed_for=DAY).footer
    cameras = demonstration_copy / "fewer.geojson"
    source = json.loads((demonstration_copy / "demonstration" / "cctv.geojson").read_text())
    cameras.write_text(json.dumps(source | {"features": source["features"][:1]}))
    imports.import_layer(services, "cctv", cameras)
    footer = sheets.sheet_content(services, run, ["1"], printed_for=DAY).footer
    assert footer.startswith(f"Data version {before} · cameras and Safe Places of version {before + 1} · run {run.id}")
    services.close()


def test_a_printed_sheet_is_recorded_and_named_by_its_marking(
    demonstration: Services, run: ZoneRun, events: Callable[[int], Sequence[AuditEvent]]
) -> None:
    made = sheets.print_sheet(demonstration, run, ["1"], printed_for=DAY, handling=Handling(keep_days=7))
    assert made.name.startswith("DEMONSTRATION-OFFICIAL-patrol-sheet-")
    assert made.name.endswith(f"-{DAY}-v{run.provenance.data_version}-destroy-after-2026-11-13.pdf")
    metadata = pypdf.PdfReader(io.BytesIO(made.content)).metadata
    assert metadata is not None
    assert metadata.keywords == f"OFFICIAL, data version {run.provenance.data_version}, destroy after 13 November 2026"
    assert metadata.subject == metadata.keywords
    newest = events(1)[0]
    assert (newest.act, newest.what) == ("disclosure", f"sheet of run {run.id}")


@pytest.mark.shared
def test_on_month_only_data_the_sheet_says_that_hours_are_not_known(redditch: Services) -> None:
    query = HotspotQuery("Redditch", Period.parse("2025-01", "2025-06"))
    _, run = zones.find_zones(redditch, query)
    content = sheets.sheet_content(redditch, run, ["1"], printed_for=DAY)
    assert "Hours are not known" in content.zones[0].when
    assert not content.demonstration
    assert any("ward outlines only" in note for note in content.notes)
    assert any("Open Government Licence" in licence for licence in content.licences)


@given(st.lists(st.tuples(st.sampled_from(["Theft", "Robbery", "Affray", "Rape of a female", "Arson", "Domestic abuse",
                                           "Other theft", "Harassment", "Threats"]), st.integers(1, 40)),
                unique_by=lambda row: row[0]))  # fmt: skip
def test_no_small_count_can_be_had_by_taking_what_is_shown_from_the_whole(mix: list[tuple[str, int]]) -> None:
    mix = sorted(mix, key=lambda row: -row[1])
    shown = sheets.showable(mix)
    assert all(count >= 3 for _, count in shown)
    left = sum(count for _, count in mix) - sum(count for _, count in shown)
    assert left == 0 or (not shown and left < 3)
    assert not any(offence in {"Rape of a female", "Domestic abuse"} for offence, _ in shown)


@pytest.mark.parametrize(
    ("offence", "never"),
    [
        ("Violence and sexual offences", False),
        ("Other sexual offences", True),
        ("Sexual activity involving a child under 13", True),
        ("Controlling or coercive behaviour", True),
        ("Domestic burglary", False),
        ("Cruelty to children", True),
        ("Harassment", False),
    ],
)
def test_sexual_and_domestic_offences_are_known_by_their_words(offence: str, *, never: bool) -> None:
    assert (sheets.NEVER_ON_PAPER.search(offence) is not None) is never
