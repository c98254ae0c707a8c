"""The sheets of super-cocoons of the demonstration area: what they list, and what they must not tell."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pypdf
import pytest
import shapely
from pyproj import Geod

from geo_service import spatial
from geo_service.errors import QueryError
from geo_service.hotspots.repeats.cocoon import CocoonRules
from geo_service.hotspots.repeats.knox import Bands
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding.near_repeat import CocoonAnswer, NearRepeatQuery, ask
from geo_service.workflows.importing import imports
from geo_service.workflows.paper.cocoon_doors import is_at_home
from geo_service.workflows.paper.cocoon_sheets import SENSITIVE, CocoonPaper, print_cocoons

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from geo_service.model.access import AuditEvent
    from geo_service.workflows.services import Services

DAY = dt.date(2026, 10, 20)
RULES = CocoonRules(radius_m=70, days=14, most=150)
GEOD = Geod(ellps="WGS84")


def asked(services: Services, places: str, rules: CocoonRules = RULES) -> CocoonAnswer:
    query = HotspotQuery("demonstration-wards", Period.parse("2026-09", "2026-10"), offence_set="burglary")
    found = ask(services, NearRepeatQuery(query, Bands(), rules, DAY, places))
    assert isinstance(found, CocoonAnswer)
    return found


def on_grid(point: shapely.Point) -> np.ndarray:
    return np.ravel(spatial.to_grid(np.array([point.x]), np.array([point.y])))


@pytest.fixture(scope="module")
def with_homes(demonstration: Services, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Return the area with homes around each live offence, in rows 15 m apart; one stands where it happened."""
    live = asked(demonstration, "cells")
    lines = ["id,name,lon,lat"]
    for number, point in enumerate(live.own):
        for north in range(-4, 5):
            for east in range(-4, 5):
                lon, lat = point.x + east * 15 / 65_500, point.y + north * 15 / 111_300
                name = f"{number}-{north}-{east} Cotter Row" if (north, east) != (0, 0) else f"{number} Victim House"
                lines.append(f"{number}:{north}:{east},{name},{lon!r},{lat!r}")
    file: Path = tmp_path_factory.mktemp("homes") / "homes.csv"
    file.write_text("\n".join(lines) + "\n")
    imports.import_layer(demonstration, "addresses", file)
    return demonstration


@pytest.fixture(scope="module")
def answer(with_homes: Services) -> CocoonAnswer:
    return asked(with_homes, "addresses")


@pytest.fixture(scope="module")
def paper(with_homes: Services, answer: CocoonAnswer) -> CocoonPaper:
    return print_cocoons(with_homes, answer)


@pytest.fixture(scope="module")
def pages(paper: CocoonPaper) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(paper.export.content), strict=True)
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_every_live_cocoon_has_two_pages(paper: CocoonPaper, pages: list[str], answer: CocoonAnswer) -> None:
    assert len(paper.numbers) + len(paper.without) <= answer.offences.height
    assert len(paper.numbers) >= 10, paper.without
    assert len(pages) == 2 * len(paper.sheets) == 2 * len(paper.numbers)


def test_no_page_has_the_home_or_the_crime(paper: CocoonPaper, pages: list[str], answer: CocoonAnswer) -> None:
    for at, number in enumerate(paper.numbers):
        text = pages[2 * at] + pages[2 * at + 1]
        offence = answer.offences.row(number - 1, named=True)
        assert f"{number - 1} Victim House" not in text
        assert offence["crime_id"] not in text
        assert spatial.grid_reference(*on_grid(answer.own[number - 1])) not in text


def test_every_home_listed_lies_in_its_cocoon_by_a_count_of_our_own(paper: CocoonPaper, answer: CocoonAnswer) -> None:
    at = dict(zip(answer.places.names, shapely.get_coordinates(answer.places.shapes), strict=True))
    for number, sheet in zip(paper.numbers, paper.sheets, strict=True):
        own = answer.own[number - 1]
        far = [GEOD.inv(own.x, own.y, *at[door.name])[2] for door in sheet.doors]
        assert max(far) <= RULES.radius_m
        assert min(far) > 8
        assert [door.number for door in sheet.doors] == list(range(1, len(sheet.doors) + 1))
        assert 10 <= len(sheet.doors) <= 40
        # The numbers are those of a way and not of the distance.
        assert far != sorted(far)


def test_the_map_does_not_lie_around_the_home_and_has_no_mark_there(paper: CocoonPaper, answer: CocoonAnswer) -> None:
    apart = []
    for number, sheet in zip(paper.numbers, paper.sheets, strict=True):
        home = on_grid(answer.own[number - 1])
        marks = np.array([pin.at for pin in sheet.map.pins])
        assert np.hypot(*(marks - home).T).min() > 8
        assert [pin.label for pin in sheet.map.pins] == [str(door.number) for door in sheet.doors]
        assert {shape.kind for shape in sheet.map.shapes} & {"zone", "route", "order"} == set()
        apart.append(float(np.hypot(*(np.array(sheet.map.centre) - home))))
    assert np.median(apart) > 10


def test_each_page_says_what_every_page_must(paper: CocoonPaper, pages: list[str]) -> None:
    for text in pages:
        assert text.count("OFFICIAL-SENSITIVE") == 2
        for said in ("Destroy after 17 November 2026", "Copy 1 of 1", "Data version", "seed 1"):
            assert said in text
    for text in pages[::2]:
        for said in ("Visits are recorded", "How to return this sheet", "Never say which home it was", "visits until"):
            assert said in text
    for text in pages[1::2]:
        for said in ("Time in", "Seen", "Card left", "No answer", "Refused", "Parameters", "Licences"):
            assert said in text
    name = paper.export.name
    assert name.startswith("DEMONSTRATION-OFFICIAL-SENSITIVE-super-cocoons-of-")
    assert name.endswith("-destroy-after-2026-11-17.pdf")


def test_equal_questions_give_equal_bytes_and_sheets_are_recorded(
    with_homes: Services, answer: CocoonAnswer, paper: CocoonPaper, events: Callable[[int], Sequence[AuditEvent]]
) -> None:
    crime = answer.offences["crime_id"][paper.numbers[0] - 1]
    one, two = (print_cocoons(with_homes, asked(with_homes, "addresses"), crime=crime, copies=2) for _ in range(2))
    assert one.export == two.export
    assert [sheet.copy for sheet in one.sheets] == ["Copy 1 of 2", "Copy 2 of 2"]
    assert one.sheets[0].doors == paper.sheets[0].doors
    assert (events(1)[0].act, events(1)[0].what) == ("disclosure", "super-cocoon sheets of 2026-10-20")


def test_without_a_list_of_homes_areas_are_visited(demonstration: Services) -> None:
    found = asked(demonstration, "cells", CocoonRules(radius_m=150, days=14))
    paper = print_cocoons(demonstration, found, crime=found.offences["crime_id"][0])
    (sheet,) = paper.sheets
    home = found.own[paper.numbers[0] - 1]
    zones = [shape for shape in sheet.map.shapes if shape.kind == "zone"]
    assert [shape.label for shape in zones] == [str(door.number) for door in sheet.doors]
    assert all(door.where.count(" ") == 2 for door in sheet.doors)
    # The cell in which it happened is one of many, and nothing tells it from the others.
    at = shapely.Point(on_grid(home))
    assert sum(bool(shapely.contains(shape.geometry, at).any()) for shape in zones) == 1
    assert len(zones) >= 4
    assert sheet.counted


@pytest.mark.parametrize(("offence", "domestic"), [("Sexual assault on a female", False), ("Burglary", True)])
def test_sexual_and_domestic_offences_are_on_no_paper(
    demonstration: Services, answer: CocoonAnswer, offence: str, *, domestic: bool
) -> None:
    told = answer.offences.with_columns(offence=answer.offences["offence"].replace_strict({}, default=offence))
    told = told.with_columns(domestic_abuse=told["crime_id"].is_not_null() & domestic)
    with pytest.raises(QueryError, match="no paper is made about sexual and domestic offences"):
        print_cocoons(demonstration, replace(answer, offences=told), crime=told["crime_id"][0])


def test_what_cannot_be_printed_is_refused(with_homes: Services, answer: CocoonAnswer) -> None:
    with pytest.raises(QueryError, match=r"No live cocoon is of that crime\. Found: X/1"):
        print_cocoons(with_homes, answer, crime="X/1")
    with pytest.raises(QueryError, match="number of copies"):
        print_cocoons(with_homes, answer, copies=0)
    near = asked(with_homes, "addresses", CocoonRules(radius_m=30, days=14))
    with pytest.raises(QueryError, match="So few homes are near that a sheet would tell"):
        print_cocoons(with_homes, near, handling=SENSITIVE)


def test_an_address_is_known_by_its_words() -> None:
    assert is_at_home("Flat 2, 12 Mill Lane", "12 MILL LANE")
    assert not is_at_home("112 Mill Lane", "12 Mill Lane")
    assert not is_at_home("5 Mill Lane", "On or near Mill Lane")
    assert not is_at_home("5 Mill Lane", None)
