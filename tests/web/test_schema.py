"""What the pages say to programs of each place, read as microdata (HTML, 5) and held to schema.org's own names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from geo_service.model.release import FixedReleases
from geo_service.web.public import create_public

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.release import PublicRelease

NAMES = {
    "Place": {"name", "address", "telephone", "geo", "image", "amenityFeature", "openingHoursSpecification"},
    "GeoCoordinates": {"latitude", "longitude"},
    "LocationFeatureSpecification": {"name", "value"},
    "OpeningHoursSpecification": {"dayOfWeek", "opens", "closes"},
}
"""Properties of schema.org's types, of those that are used here."""
VOID = {"meta", "link", "img", "br", "input", "hr"}
DAYS = [f"https://schema.org/{day}day" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")]


@dataclass
class Item:
    """Hold what is said of one thing."""

    kind: str
    said: dict[str, list[Any]] = field(default_factory=dict)


class Microdata(HTMLParser):
    """Read the items of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.items: list[Item] = []
        self.stray: list[str] = []
        self._open: list[tuple[str, Item | None, tuple[Item, str, list[str]] | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an item, or take what a tag says of the one around it."""
        given = {name: value or "" for name, value in attrs}
        around = next((item for _, item, _ in reversed(self._open) if item is not None), None)
        made = Item(given["itemtype"].removeprefix("https://schema.org/")) if "itemscope" in given else None
        name, text = given.get("itemprop"), None
        if name and around is None:
            self.stray.append(name)
        elif name and around is not None:
            values = around.said.setdefault(name, [])
            if made is not None or tag in {"meta", "link"}:
                values.append(made or given.get("content", given.get("href")))
            else:
                text = (around, name, [])
        elif made is not None:
            self.items.append(made)
        if tag not in VOID:
            self._open.append((tag, made, text))

    def handle_data(self, data: str) -> None:
        """Take text of what is open."""
        for _, _, text in self._open:
            if text is not None:
                text[2].append(data)

    def handle_endtag(self, tag: str) -> None:
        """End what was begun."""
        while self._open:
            closed, _, text = self._open.pop()
            if text is not None:
                text[0].said[text[1]].append("".join(text[2]).strip())
            if closed == tag:
                return


@pytest.fixture
def read(
    release: Callable[..., PublicRelease], client_of: Callable[..., Any], noon: dt.datetime, assets: Path
) -> Callable[..., Microdata]:
    """Return the items of a page; the columns of the list may be changed."""

    def ask(path: str, **columns: list[str | None]) -> Microdata:
        given = release()
        rows = given.places.rows.with_columns(pl.Series(name, said, dtype=pl.String) for name, said in columns.items())
        shown = replace(given, places=replace(given.places, rows=rows))
        site = client_of(create_public(FixedReleases(shown), clock=lambda: noon, assets=assets))
        return Microdata(site.get(path).text)

    return ask


def kinds(items: list[Any]) -> list[Item]:
    inner = [item for item in items if isinstance(item, Item)]
    return [*inner, *(found for item in inner for values in item.said.values() for found in kinds(values))]


@pytest.mark.parametrize("path", ["/", "/embed", "/place/p1", "/place/p2", "/place/p4", "/ur/place/p1"])
def test_every_name_is_one_that_schema_org_has_for_its_type(read: Callable[..., Microdata], path: str) -> None:
    found = read(path)
    assert found.stray == []
    assert {item.kind for item in found.items} == {"Place"}
    for item in kinds(found.items):
        assert set(item.said) <= NAMES[item.kind]
        assert all(values for values in item.said.values())


def test_a_place_says_where_it_is_what_it_has_and_when_it_is_open(read: Callable[..., Microdata]) -> None:
    place = read("/place/p1").items[0].said
    assert (place["name"], place["telephone"]) == (["Harbour Library"], ["01632 960001"])
    assert place["geo"][0].said == {"latitude": ["55.001"], "longitude": ["-1.001"]}
    assert {item.said["name"][0]: item.said["value"][0] for item in place["amenityFeature"]} == dict.fromkeys(
        ["Step-free entrance", "Toilet", "Quiet space", "Hearing loop"], "true"
    )
    assert [item.said for item in place["openingHoursSpecification"]] == [
        {"dayOfWeek": DAYS[:6], "opens": ["09:00"], "closes": ["12:40"]}
    ]


def test_day_and_night_ends_a_minute_before_it_begins_again(read: Callable[..., Microdata]) -> None:
    place = read("/place/p4").items[0].said
    assert [item.said for item in place["openingHoursSpecification"]] == [
        {"dayOfWeek": DAYS, "opens": ["00:00"], "closes": ["23:59"]}
    ]
    assert {item.said["name"][0]: item.said["value"][0] for item in place["amenityFeature"]} == {
        "Toilet": "true", "Quiet space": "true", "Step-free entrance": "false",
    }  # fmt: skip


@pytest.mark.parametrize("hours", ["", 'Mo "ring first"', "Tu 10:00-12:00"])
def test_a_place_in_a_building_says_no_times_that_the_building_does_not_have(
    read: Callable[..., Microdata], hours: str
) -> None:
    within = ["p2", None, None, None, None]
    open_hours = ["Mo-Sa 09:00-18:00", hours, None, None, None]
    said = read("/place/p1", within=within, opening_hours=open_hours).items[0].said
    found = [item.said for item in said.get("openingHoursSpecification", [])]
    assert found == ([{"dayOfWeek": DAYS[1:2], "opens": ["10:00"], "closes": ["12:00"]}] if ":" in hours else [])
