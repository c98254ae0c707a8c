"""A coordinator who is limited to areas keeps the places within them; of all others there is nothing to see or do."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import shapely

from geo_service.app import wire
from geo_service.errors import AccessError, NotFoundError
from geo_service.model.access import Principal, Role
from geo_service.settings import read_settings
from geo_service.workflows.places import finding, importing, keeping, listing, publishing, reports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.model.safe_places import SafePlace
    from geo_service.workflows.services import Office, Services

ACTS: dict[str, Callable[[Services, str, int], object]] = {
    "find": lambda services, place, _: finding.find(services, place),
    "edit": lambda services, place, version: keeping.edit(services, place, version, {"phone": "01632 960401"}),
    "submit": keeping.submit,
    "approve": keeping.approve,
    "return": lambda services, place, version: keeping.give_back(services, place, version, "no"),
    "verify": keeping.verify,
    "suspend": lambda services, place, version: keeping.suspend(services, place, version, "no"),
    "remove": keeping.remove,
}


@pytest.fixture(scope="module")
def own_office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("areas") / "demo")))
    yield opened
    opened.doers.close()


@pytest.fixture(scope="module")
def whole(own_office: Office) -> Services:
    return of(own_office, "whole")


def of(office: Office, name: str, *areas: str, role: Role = Role.COORDINATOR) -> Services:
    return office.services(Principal(name, frozenset({role}), areas or None, name))


@pytest.fixture(scope="module")
def ours(own_office: Office) -> Services:
    return of(own_office, "tess", "NSUCH-T1")


@pytest.fixture(scope="module")
def here_and_beyond(own_office: Office, whole: Services, ours: Services) -> tuple[SafePlace, SafePlace]:
    """Return a place within the areas and one beyond, both of the older list, once a row is kept of each."""
    inside = {place.id for place in finding.listed(ours)}
    found = [place for place in finding.listed(whole) if place.approved is not None and place.version == 0]
    here = next(place for place in found if place.id in inside)
    beyond = next(place for place in found if place.id not in inside and place.fields.get("postcode"))
    return keeping.verify(whole, here.id, 0), keeping.verify(whole, beyond.id, 0)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN])
def test_only_places_within_the_areas_are_there(
    own_office: Office, whole: Services, here_and_beyond: tuple[SafePlace, SafePlace], role: Role
) -> None:
    here, beyond = here_and_beyond
    services = of(own_office, "limited", "NSUCH-T1", role=role)
    seen = {line.place.id for line in listing.lines(services)}
    assert here.id in seen
    assert beyond.id not in seen
    assert seen < {line.place.id for line in listing.lines(whole)}
    snapshot = whole.store.snapshot()
    area = snapshot.area("NSUCH-T1", boundary_set=None, on=whole.today())
    outline = area.boundary_set.geometry[area.members]
    for place in finding.listed(services):
        if "lon" in place.fields:
            assert any(shape.covers(_point(place)) for shape in outline)
    assert finding.listed(of(own_office, "nobody", "NONE-SUCH")) == []


def _point(place: SafePlace) -> object:
    return shapely.Point(place.fields["lon"], place.fields["lat"])


@pytest.mark.parametrize("act", ACTS)
def test_a_place_beyond_is_as_one_that_is_not_there(
    ours: Services, whole: Services, here_and_beyond: tuple[SafePlace, SafePlace], act: str
) -> None:
    _, beyond = here_and_beyond
    before = finding.find(whole, beyond.id)
    unmade = next(place for place in finding.listed(whole) if place.version == 0 and place.id not in _ids(ours))
    for place_id, version in ((beyond.id, beyond.version), (unmade.id, 0), ("nowhere", 1)):
        with pytest.raises(NotFoundError) as refused:
            ACTS[act](ours, place_id, version)
        assert refused.value.what == "No Safe Place of that id"
    assert finding.find(whole, beyond.id) == before


def _ids(services: Services) -> set[str]:
    return {place.id for place in finding.listed(services)}


def test_a_place_is_neither_made_nor_moved_beyond(ours: Services, here_and_beyond: tuple[SafePlace, SafePlace]) -> None:
    here, beyond = here_and_beyond
    outside = {"postcode": str(beyond.fields["postcode"])}
    for where in (outside, {}):
        with pytest.raises(AccessError, match="outside your areas, or nobody knows where"):
            keeping.add(ours, {"name": "Foreign Hall", **where})
    with pytest.raises(AccessError, match="outside your areas"):
        keeping.edit(ours, here.id, here.version, {"lon": "", "lat": "", **outside})
    changed = keeping.edit(ours, here.id, here.version, {"phone": "01632 960402"})
    assert changed.state == "waiting"


def test_rows_beyond_are_refused_one_by_one(ours: Services, here_and_beyond: tuple[SafePlace, SafePlace]) -> None:
    here, beyond = here_and_beyond
    rows = [("Near House", here), ("Far House", beyond)]
    lines = [f"{name},{place.fields['postcode']},{place.fields['town']}" for name, place in rows]
    text = "\n".join(["name,postcode,town", *lines, "Lost House,,Nonesuch"])
    taken = importing.take(ours, "d.csv", text.encode())
    assert [row.outcome for row in taken.report.rows] == ["new", "refused", "refused"]
    said = [problem.sentence for problem in taken.report.problems if problem.level == "refused"]
    assert [problem.row for problem in taken.report.problems if problem.level == "refused"] == [3, 4]
    assert all(sentence.startswith("It is outside your areas") for sentence in said)
    assert len(taken.taken or ()) == 1


def test_what_is_of_the_whole_force_is_not_theirs(ours: Services) -> None:
    with pytest.raises(AccessError, match="whole force"):
        publishing.next_release(ours)
    assert reports.queue(ours) == []
