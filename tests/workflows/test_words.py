"""The sentences that go with an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.app import open_area
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Month, Period
from geo_service.workflows import words
from geo_service.workflows.finding import hotspots
from geo_service.workflows.importing import imports

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.workflows.services import Services

MONTH = Period.parse("2026-10", "2026-10")


def test_the_invented_incidents_are_under_the_products_licence_and_not_a_forces_own(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, HotspotQuery("Nonesuch Borough", MONTH))
    assert words.DEMONSTRATION_LICENCE in surface.licences
    assert words.FORCE_LICENCE not in surface.licences
    assert words.DEMONSTRATION in surface.notes


def test_two_sources_side_by_side_are_a_warning_and_both_are_credited(demonstration_dir: Path, tmp_path: Path) -> None:
    source = demonstration_dir / "demonstration"
    street = tmp_path / "street.csv"
    street.write_text(
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        "Last outcome category,Context\n"
        ",2026-10,Nonesuch Police,Nonesuch Police,1.08,53.84,On or near Elm Road,E1,Name,Anti-social behaviour,,\n"
    )
    services = open_area(tmp_path / "area")
    fields = {"code_field": "code", "name_field": "name"}
    imports.import_boundaries(services, source / "wards.geojson", "wards", **fields)
    imports.import_incidents(services, [source / "incidents.csv"], force="nonesuch")
    alone = hotspots.ask(services, HotspotQuery("wards", MONTH))
    imports.import_incidents(services, [street])
    both = hotspots.ask(services, HotspotQuery("wards", MONTH))
    longer = hotspots.ask(services, HotspotQuery("wards", Period(MONTH.first - 1, MONTH.last)))
    services.close()
    assert not any("lacks" in note for note in both.notes)
    assert words.lacking_words({"police_uk/nonesuch": [MONTH.first - 1]}) in longer.notes
    assert words.TWO_SOURCES not in alone.notes
    assert words.TWO_SOURCES in both.notes
    assert {words.FORCE_LICENCE, words.POLICE_UK_LICENCE} <= set(both.licences)
    assert set(words.POLICE_UK_NOTES) <= set(both.notes)
    assert not set(words.POLICE_UK_NOTES) & set(alone.notes)


def test_a_source_that_lacks_months_is_named_with_them_and_of_many_the_first_few() -> None:
    months = [Month.parse(month) for month in ("2025-01", "2025-02", "2025-05")]
    said = words.lacking_words({"force_csv/nonesuch": months})
    assert said == (
        "Not every source holds every month, so some months count less than the whole: "
        "the export of nonesuch lacks 2025-01 to 2025-02, 2025-05."
    )
    many = words.lacking_words({f"police_uk/force-{number}": months for number in range(43)})
    assert "data.police.uk of force-2 lacks" in many
    assert "force-3" not in many
    assert many.endswith("; and 40 more sources lack some.")


def test_where_there_is_little_room_a_point_is_still_no_address() -> None:
    notes = ("one", "two", *words.POLICE_UK_NOTES)
    assert words.first_notes(notes, 1) == ("one", words.ANCHOR)
    assert words.first_notes(notes[:2], 5) == ("one", "two")
    assert words.first_notes(notes, 3) == ("one", "two", words.ANCHOR)
