"""A public release: all that the public site is given, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from geo_service.errors import FaultError
from geo_service.model.access import Audience

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.model.layers import FeatureTable

MARKING: Final = "PUBLIC"
"""Marking of a release and of every file in it."""
POSTCODE_SCHEMA: Final = {"postcode": pl.String(), "lon": pl.Float64(), "lat": pl.Float64()}
TOWN_SCHEMA: Final = {"name": pl.String(), "lon": pl.Float64(), "lat": pl.Float64()}
STREET_SCHEMA: Final = {"name": pl.String(), "town": pl.String(), "lon": pl.Float64(), "lat": pl.Float64()}


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Hold what somebody may name to say where they are; degrees WGS84."""

    postcodes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=POSTCODE_SCHEMA))
    """Whole postcodes with one space, as `B97 4RA`, and their centres; sorted by postcode."""
    towns: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TOWN_SCHEMA))
    """Towns that hold a place, sorted by name."""
    streets: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STREET_SCHEMA))
    """Named streets near the places, one row for each street of a town, at its middle; sorted by name and town.

    `town` is empty where no town is near."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Hold the streets and paths near the places that somebody can walk along, one entry for each line."""

    lines: NDArray[np.object_]
    """LineString or MultiLineString, EPSG:27700, metres."""
    classes: tuple[str, ...]
    """Kind of each as the layer `streets` names it, for example `residential`; empty where it is not known."""
    names: tuple[str, ...]
    """Name of each, empty for a path without one."""

    def __post_init__(self) -> None:
        """Refuse parts that do not fit."""
        if not len(self.lines) == len(self.classes) == len(self.names):
            msg = f"ways: {len(self.lines)} lines, {len(self.classes)} classes, {len(self.names)} names"
            raise ValueError(msg)


class ReleaseLine(NamedTuple):
    """Say of one release what a list of them shows."""

    number: int
    made: dt.datetime | None
    """With its zone; None where it cannot be read."""
    places: int
    data_version: int
    show_unverified: bool
    current: bool
    """Whether the public site shows this one."""
    damage: str
    """What is wrong with its files, in words; empty where nothing is."""


class OldRelease(NamedTuple):
    """Say of one release what pruning would take."""

    number: int
    bytes: int
    """Of its files."""
    served: bool
    """Whether a site still serves it: then it stays."""


class PublicCopy(NamedTuple):
    """Say what a backup holds of the public site, or what was restored of it."""

    release: int | None
    """Number of the release that is shown; None where none is, or it is left out."""
    reports: int
    """That a place is wrong, which nobody has taken in yet."""
    left_out: str = ""
    """Why the release that is shown is not in it, in words."""


@dataclass(frozen=True, slots=True)
class PublicRelease:
    """Hold all that the public site is given: public layers, nothing else.

    Raises FaultError where one of its tables is not public.
    """

    area: str
    """Name of the area, for headings."""
    places: FeatureTable
    """Safe Places, public columns only."""
    show_unverified: bool
    """Whether places that nobody has verified are among them; every page then says so."""
    outline: FeatureTable | None = None
    """Outlines to draw under the pins, where the licence of a loaded boundary set allows it."""
    number: int = 0
    """Counts the releases from 1; 0 for one that was not kept yet."""
    made: dt.datetime | None = None
    """When it was made, with its zone."""
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    ways: Ways | None = None
    """Streets for directions, None where none are loaded."""
    basemap: Path | None = None
    """PMTiles of the base map, None where none is loaded."""
    pictures: Mapping[str, Path] = field(default_factory=dict)
    """Picture of the door by the id of its place."""
    open_data: Mapping[str, Path] = field(default_factory=dict)
    """File to download by its name, for example `safe-places.geojson`."""
    licences: tuple[str, ...] = ()
    """Lines that go with everything made from it, besides those of its tables."""
    hold: object = field(default=None, repr=False, compare=False)
    """Keeps its files from being removed for as long as somebody has the release, or one made of it."""

    def __post_init__(self) -> None:
        """Refuse a table that is not public."""
        for table in (self.places, self.outline):
            if table is not None and table.audience is not Audience.PUBLIC:
                raise FaultError(
                    "Only public tables go to the public site", found=f"{table.id}, audience {table.audience.word}"
                )

    @property
    def all_licences(self) -> tuple[str, ...]:
        """Return every line that must be shown, each once."""
        tables = [table for table in (self.places, self.outline) if table is not None]
        return tuple(dict.fromkeys([*(line for table in tables for line in table.licences), *self.licences]))


@dataclass(frozen=True, slots=True)
class NewRelease:
    """Hold a release that is not kept yet, and the files that go into it."""

    release: PublicRelease
    data_version: int
    """Version of the data that it was made from; the public sees the release's own number in its place."""
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """By file name: the id of the place, and the ending."""
    open_data: Callable[[int], Mapping[str, bytes]] = field(default=lambda _: {})
    """Return the files to download, by name, for the number of a release."""

    def stamped(self, number: int, made: dt.datetime, data_version: int) -> NewRelease:
        """Return the same with a number, a moment and the version of the data."""
        return replace(self, release=replace(self.release, number=number, made=made), data_version=data_version)


@dataclass(frozen=True, slots=True)
class FixedReleases:
    """Be releases that never change (see `PublicReleases`): for a site made from one release in memory."""

    release: PublicRelease

    def current(self) -> PublicRelease:
        """Return it."""
        return self.release
