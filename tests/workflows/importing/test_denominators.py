"""Denominators: imported against a boundary set, shared out over the cells of a question, named in its notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.app import open_area
from geo_service.errors import InputError, NotFoundError, QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.model.surfaces import Tuning
from geo_service.workflows.finding import hotspots
from geo_service.workflows.importing.denominators import denominator_of, import_denominator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.workflows.services import Services

SET, BOROUGH = "demonstration-wards", "Nonesuch Borough"
LICENCE = "Office of Nowhere, OGL v3"


@pytest.fixture(scope="module")
def services(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    import shutil  # noqa: PLC0415

    folder = shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("denominators") / "demo")
    opened = open_area(folder)
    counts(opened, folder / "residents.csv", lacking=1)
    yield opened
    opened.close()


def counts(services: Services, file: Path, *, lacking: int = 0, **given: str) -> object:
    codes = services.store.snapshot().boundary_sets()[SET].codes
    rows = [f"{code},{1000 * (n + 1)}" for n, code in enumerate(codes[lacking:])]
    file.write_text("\n".join(["code,people", *rows, "E99,7"]))
    options = {"boundary_set": SET, "code": "code", "value": "people", "licence": LICENCE} | given
    return import_denominator(services, file, options.pop("denominator_id", "residents"), **options)


def question(statistic: str, per: str) -> HotspotQuery:
    return HotspotQuery(BOROUGH, Period.parse("2025-08", "2026-07"), statistic=statistic, tuning=Tuning(per=per))


def test_an_import_says_what_it_lacks(services: Services, tmp_path: Path) -> None:
    done = counts(services, tmp_path / "people.csv", lacking=2, denominator_id="people")
    assert (len(done.denominator.codes), done.members, done.beyond) == (7, 9, 1)
    assert done.lacking == services.store.snapshot().boundary_sets()[SET].names[:2]
    assert services.store.versions()[-1].changed == ("denominators/people",)
    assert counts(services, tmp_path / "people.csv", lacking=2, denominator_id="people").version is None


def test_the_cells_of_the_borough_hold_all_of_its_residents(services: Services) -> None:
    question_ = hotspots.look_up(services, question("rate", "residents"))
    table = hotspots.spatial.cover(hotspots.overlay.area_geometry(question_.area), 10)
    found = denominator_of(question_.snapshot, question_.area, table, 5, "residents")
    assert found.values.sum() == pytest.approx(sum(1000 * (n + 1) for n in range(8)), rel=1e-6)
    assert (found.values[-5:] == 0).all()
    assert "Members in the area without a number of residents, which count as 0: 1 (" in found.notes[1]


@pytest.mark.parametrize("statistic", ["rate", "shrunk"])
def test_an_answer_names_what_it_divides_by(services: Services, statistic: str) -> None:
    found = hotspots.ask(services, question(statistic, "residents"))
    assert any(note.startswith("Denominator residents: people of demonstration-wards") for note in found.notes)
    assert LICENCE in found.licences
    assert found.provenance.parameters["per"] == "residents"
    by_km2 = hotspots.ask(services, question(statistic, "km2"))
    assert LICENCE not in by_km2.licences
    assert not np.array_equal(found.surface.score, by_km2.surface.score)


def test_a_statistic_that_divides_by_nothing_asks_for_no_denominator(services: Services) -> None:
    assert hotspots.ask(services, question("total", "nothing")).surface.statistic == "total"


def test_an_unknown_denominator_is_refused_with_what_is_there(services: Services) -> None:
    with pytest.raises(QueryError, match=r"Use km2, .*residents") as caught:
        hotspots.ask(services, question("rate", "households"))
    assert caught.value.field == "per"


def test_a_denominator_without_its_boundary_set_is_refused(services: Services) -> None:
    looked = hotspots.look_up(services, question("rate", "residents"))
    table = hotspots.spatial.cover(hotspots.overlay.area_geometry(looked.area), 8)
    there = looked.snapshot.denominators()["residents"]

    class Without:
        def denominators(self) -> dict[str, object]:
            return {"residents": replace(there, boundary_set="lsoa-2021")}

        def boundary_sets(self) -> dict[str, object]:
            return {}

    with pytest.raises(QueryError, match="lsoa-2021, whose members residents counts, is not imported"):
        denominator_of(Without(), looked.area, table, 0, "residents")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"denominator_id": "km2"}, InputError, "km2 is taken"),
        ({"denominator_id": "All people"}, InputError, "needs a short id"),
        ({"boundary_set": "wards-2025"}, NotFoundError, "there is: demonstration-wards"),
        ({"value": "persons"}, InputError, "no column persons. Found: code, people"),
        ({"code": "people", "value": "code"}, InputError, "is no number of at least 0"),
    ],
)
def test_a_wrong_import_is_refused(
    services: Services, tmp_path: Path, given: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        counts(services, tmp_path / "people.csv", **given)
    assert words in str(caught.value)
