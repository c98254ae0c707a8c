"""The staff's layer of Safe Places follows what the coordinators approve, hold back and suspend."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from geo_service.app import wire
from geo_service.errors import ConflictError
from geo_service.model.access import Principal, Role
from geo_service.settings import read_settings
from geo_service.workflows import sheet_maps, tables
from geo_service.workflows.importing import imports
from geo_service.workflows.paper import plan_sheet_places
from geo_service.workflows.places import finding, keeping
from geo_service.workflows.places.approved import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from geo_service.workflows.services import Office, Services

HALL = {"name": "Tansy Hall", "address": "3 Tansy Street", "town": "Nonesuch", "postcode": "ZZ9 0AL"}


@pytest.fixture(scope="module")
def own_office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("layer") / "demo")))
    yield opened
    opened.doers.close()


def of(office: Office, name: str, role: Role = Role.COORDINATOR, *areas: str) -> Services:
    return office.services(Principal(name, frozenset({role}), areas or None, name))


def layer(services: Services) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in tables.layer_table(services, PLACES).rows.iter_rows(named=True)}


def on_sheets(services: Services) -> set[str]:
    """Return the ids of the Safe Places that cards may mark."""
    read = plan_sheet_places.load_places(services, services.store.snapshot(), services.today()).layers[PLACES]
    return {read.table.rows["id"][row] for row in read.rows}


def test_the_layer_follows_the_coordinators(own_office: Office) -> None:
    anna, ben, sid = of(own_office, "anna"), of(own_office, "ben"), of(own_office, "sid", Role.SERGEANT)
    older = layer(sid)
    assert "state" not in next(iter(older.values()))  # nobody has touched the imported list
    first, second = [place for place in finding.listed(anna) if place.approved is not None][:2]

    waiting = keeping.edit(anna, first.id, 0, {"phone": "01632 960301", "note": "Ask for the manager"})
    assert layer(sid)[first.id]["phone"] == older[first.id]["phone"]
    assert layer(sid)[first.id]["state"] == "approved, a change waits for a second person"
    assert layer(sid)[second.id]["state"] == "in the older list"
    keeping.approve(ben, first.id, waiting.version)
    assert layer(sid)[first.id]["phone"] == "01632 960301"
    assert layer(sid)[first.id]["state"] == "approved"
    assert "manager" not in str(layer(sid)[first.id])

    assert second.id in on_sheets(sid)
    keeping.suspend(anna, second.id, 0, "It has closed")
    assert (layer(sid)[second.id]["status"], layer(sid)[second.id]["state"]) == ("suspended", "suspended")
    assert second.id not in on_sheets(sid)
    assert first.id in on_sheets(sid)

    new = keeping.add(anna, HALL)
    assert new.id not in layer(anna)
    keeping.submit(anna, new.id, new.version)
    assert new.id not in layer(sid)
    assert (layer(ben)[new.id]["status"], layer(ben)[new.id]["state"]) == ("waiting", "waits for a second person")
    table = tables.layer_table(ben, PLACES)
    there = sheet_maps.in_use(table, ben.today())
    assert new.id not in table.rows["id"].filter(there)
    keeping.approve(ben, new.id, 2)
    assert new.id in layer(sid)
    assert layer(sid)[new.id]["position_source"] == "postcode centre"


def test_a_layer_of_places_is_not_imported_past_the_coordinators(own_office: Office, tmp_path: Path) -> None:
    anna, root = of(own_office, "anna"), of(own_office, "root", Role.ADMIN)
    keeping.add(anna, {**HALL, "name": "Rook Hall"})
    before = layer(root)
    (tmp_path / "more.csv").write_text("id,name,town,status\nmore,The New House,Nonesuch,verified\n")
    with pytest.raises(ConflictError, match="in the coordinators' hands"):
        imports.import_layer(root, PLACES, tmp_path / "more.csv")
    assert layer(root) == before


def test_maps_draw_apart_what_nobody_is_to_be_sent_to(own_office: Office) -> None:
    anna, sid = of(own_office, "anna"), of(own_office, "sid", Role.SERGEANT)
    place = next(place for place in finding.listed(anna) if place.state == "public")
    keeping.suspend(anna, place.id, place.version, "closed")
    shown, apart = tables.drawn(tables.layer_today(sid, PLACES))
    assert place.id in apart.rows["id"]
    assert place.id not in shown.rows["id"]
    assert set(apart.rows["status"]) == {"suspended"}
    assert len(apart.geometry) == apart.rows.height
    assert apart.style.letter != shown.style.letter
    assert len(tables.drawn(tables.layer_today(sid, "cctv"))) == 1


def test_who_is_limited_to_areas_sees_there_what_everybody_sees(own_office: Office) -> None:
    whole = tables.layer_table(of(own_office, "sid", Role.SERGEANT), PLACES)
    inside = tables.layer_table(of(own_office, "tom", Role.SERGEANT, "NSUCH-T1"), PLACES)
    assert 0 < inside.rows.height < whole.rows.height
    told = {row["id"]: row for row in whole.rows.iter_rows(named=True)}
    assert all(told[row["id"]] == row for row in inside.rows.iter_rows(named=True))
