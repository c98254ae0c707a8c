"""Imported harm tables stand beside those that ship, and say what their codes cannot tell."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from geo_service.app import open_area
from geo_service.errors import GeoServiceError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding import hotspots
from geo_service.workflows.importing.harm_tables import harm_tables, import_harm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.model.hotspots import HotspotSurface
    from geo_service.workflows.services import Services

INDEX = """HOME_OFFICE_CLASSIFICATION,FULL_OFFENCE_TITLE,SHORT_TITLE,CCHI Score
008/01,Wounding (serious),GBH s20,500
008/01,Wounding (minor),Minor s20,20
105/01,Common assault,Assault,1
034/01,Robbery,Robbery,365
092/61,Cannabis,Cannabis,2
"""
YEAR = Period.parse("2025-08", "2026-07")
WOUNDING = "Wounding or inflicting grievous bodily harm"


@pytest.fixture(scope="module")
def services(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("harm")
    opened = open_area(shutil.copytree(demonstration_dir, folder / "demo"))
    (folder / "index.csv").write_text(INDEX)
    import_harm(opened, folder / "index.csv", "chi")
    yield opened
    opened.close()


def ask(services: Services, **given: object) -> HotspotSurface:
    asked = {"measure": "harm", "harm_table": "chi", "offence_set": "violence"} | given
    return hotspots.ask(services, HotspotQuery("Nonesuch Borough", YEAR, **asked))  # type: ignore[arg-type]


def test_an_imported_table_stands_beside_the_one_that_ships(services: Services) -> None:
    assert set(harm_tables(services, services.store.snapshot())) == {"chi", "starting-points"}
    assert set(services.registry.harm_tables()) == {"starting-points"}
    assert services.store.versions()[-1].changed == ("harm_tables/chi",)
    found = services.store.snapshot().harm_tables()["chi"]
    assert (found.leaves_out, found.rows.height) == (("found_by_police",), 8)
    assert "Cambridge" in found.notes[0]


def test_an_ambiguous_code_is_never_weighed_silently(services: Services) -> None:
    """Of 008/01 no description of the export is one of the index: it weighs 0, 20 or 500, for every incident."""
    nothing, lowest, highest = (ask(services, harm_score=score) for score in (None, "lowest", "highest"))
    (note,) = [note for note in nothing.notes if note.startswith("Code with several weights")]
    incidents = (highest.in_sample.harm_all - lowest.in_sample.harm_all) / 480
    assert lowest.in_sample.harm_all - nothing.in_sample.harm_all == incidents * 20
    assert f"({incidents * 20:,.0f} to {incidents * 500:,.0f} in all)" in note
    assert "they count as 0" in note
    assert f"008/01 {WOUNDING} (minor wound): lowest 20, highest 500, " in note
    assert any("they count with the highest" in note for note in highest.notes)
    assert highest.harm_label == "harm (chi, highest score)"
    assert highest.query.parameters()["harm score"] == "highest"


def test_harm_of_nothing_but_ambiguous_codes_is_refused_with_the_reason(services: Services) -> None:
    with pytest.raises(GeoServiceError) as caught:
        ask(services, offence_set="serious-youth-violence")
    assert "None of the offences asked about carries a harm weight" in str(caught.value)
    assert "Say how a code with several weights counts (--harm-score lowest or highest)" in str(caught.value)


def test_offences_found_by_police_come_in_when_asked_for_and_the_change_is_told(services: Services) -> None:
    out, put_in = (ask(services, offence_set="public-place", measure="count", proactive=flag) for flag in (False, True))
    assert put_in.in_sample.events_all > out.in_sample.events_all
    assert any(note.startswith("Left out, since they follow") for note in out.notes)
    assert any(note.startswith("Put in, as asked") for note in put_in.notes)
    both = int((out.chosen & put_in.chosen).sum())
    assert any(note.startswith(f"With them {both} of the {int(out.chosen.sum())} best") for note in put_in.notes)
    assert put_in.query.parameters()["proactive"] == "put in"


@pytest.mark.parametrize(
    ("table", "words"),
    [("starting-points", "needs a short id of its own"), ("My Own", "small letters"), ("own", "No mapping is known")],
)
def test_a_wrong_id_is_refused(services: Services, tmp_path: Path, table: str, words: str) -> None:
    file = tmp_path / "index.csv"
    file.write_text(INDEX)
    with pytest.raises(GeoServiceError) as caught:
        import_harm(services, file, table)
    assert words in str(caught.value)
