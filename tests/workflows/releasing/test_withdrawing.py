"""A suspended place leaves the public site at once, whoever may suspend it, and nothing else goes public by it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import polars as pl
import pytest

from geo_service.app import wire
from geo_service.errors import AccessError, ConflictError
from geo_service.model.access import Principal, Role
from geo_service.settings import read_settings
from geo_service.workflows.places import finding, keeping, listing
from geo_service.workflows.releasing import releases
from geo_service.workflows.releasing.withdrawing import withdraw

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.model.release import NewRelease, PublicRelease
    from geo_service.model.safe_places import SafePlace
    from geo_service.workflows.services import Office, Services


@pytest.fixture
def own_office(demonstration_dir: Path, tmp_path: Path) -> Iterator[Office]:
    opened = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path / "demo")))
    yield opened
    opened.doers.close()


def of(office: Office, name: str, *areas: str, role: Role = Role.COORDINATOR) -> Services:
    return office.services(Principal(name, frozenset({role}), areas or None, name))


def listed_of(services: Services) -> list[SafePlace]:
    """Return the places within the areas of somebody that the public site lists."""
    there = set(services.releases.current().places.rows["id"])
    return [place for place in finding.listed(services) if place.id in there]


def test_whoever_is_limited_to_areas_takes_a_place_off_and_changes_nothing_else(own_office: Office) -> None:
    whole, ours = of(own_office, "whole"), of(own_office, "tess", "NSUCH-T1")
    releases.publish(whole, area="", show_unverified=True)
    place, other = listed_of(ours)[:2]
    changed = keeping.edit(whole, other.id, other.version, {"phone": "01632 960499"})
    keeping.approve(of(own_office, "ben"), other.id, changed.version)
    before = whole.releases.current()

    done = keeping.suspend(ours, place.id, place.version, "Somebody waits outside")

    after = whole.releases.current()
    assert done.release == after.number > before.number
    assert "is on the public site now" in listing.suspended_words(done)
    assert after.places.rows.equals(before.places.rows.filter(pl.col("id") != place.id))
    assert (after.area, after.show_unverified, after.licences) == (before.area, before.show_unverified, before.licences)
    assert after.gazetteer.streets.equals(before.gazetteer.streets)
    data = json.loads(after.open_data[releases.GEOJSON].read_text("utf-8"))
    assert {found["properties"]["id"] for found in data["features"]} == set(after.places.rows["id"])
    assert all(place.id not in path.read_text("utf-8") for path in after.open_data.values())


def test_the_last_place_leaves_too(own_office: Office) -> None:
    whole = of(own_office, "whole")
    releases.publish(whole, area="", show_unverified=True)
    for place in listed_of(whole):
        assert keeping.suspend(whole, place.id, place.version, "It has closed").release is not None
    assert whole.releases.current().places.rows.is_empty()


def test_what_others_do_meanwhile_is_not_undone(own_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, ours = of(own_office, "whole"), of(own_office, "tess", "NSUCH-T1")
    releases.publish(whole, area="", show_unverified=True)
    place, other = listed_of(ours)[:2]
    keep = whole.releases.keep

    def kept_late(new: NewRelease, made: dt.datetime) -> PublicRelease:
        monkeypatch.undo()
        keeping.suspend(whole, other.id, other.version, "It has closed")
        return keep(new, made)

    monkeypatch.setattr(whole.releases, "keep", kept_late)
    keeping.suspend(ours, place.id, place.version, "It has closed too")
    assert not {place.id, other.id} & set(whole.releases.current().places.rows["id"])


def test_where_it_cannot_be_shown_both_are_said(own_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = of(own_office, "whole")
    releases.publish(whole, area="", show_unverified=True)
    place = listed_of(whole)[0]
    monkeypatch.setattr(whole.releases, "number", lambda: None)
    done = keeping.suspend(whole, place.id, place.version, "It has closed")
    assert finding.find(whole, place.id).state == "suspended"
    assert "The public site still shows it. Others changed" in listing.suspended_words(done)
    with pytest.raises(ConflictError):
        withdraw(whole)


def test_others_take_nothing_off(own_office: Office) -> None:
    with pytest.raises(AccessError):
        withdraw(of(own_office, "reader", role=Role.ANALYST))
