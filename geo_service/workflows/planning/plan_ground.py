"""Where the patrols of a plan begin, and how long it takes from place to place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
import shapely

from geo_service import patrol, spatial
from geo_service.errors import NotFoundError, QueryError
from geo_service.model.layers import STREETS
from geo_service.model.places import EastNorth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.boundaries import Area
    from geo_service.model.layers import FeatureTable
    from geo_service.model.patrol import PatrolRules, PlanRequest, PlanZone, Travel
    from geo_service.model.ports import Snapshot
    from geo_service.patrol import StreetGraph
    from geo_service.workflows.services import Services

STATIONS: Final = "parade-stations"
AROUND_M: Final = 1_500.0
"""How far around the zones and the station streets are looked at: a way round a river is found."""
MIDDLE: Final = "middle of the zones"
"""What the station is called where none is known."""
_MOST_LISTED: Final = 10


class Station(NamedTuple):
    """Name where the patrols of a plan begin and end."""

    at: EastNorth
    name: str
    licences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Streets(NamedTuple):
    """Hold the streets between the places of a plan."""

    graph: StreetGraph | None
    licences: tuple[str, ...] = ()


class Known(NamedTuple):
    """Hold the parade station of a plan, if it is known."""

    station: Station | None
    listed: bool
    """Whether the layer names one."""


def station_of(
    services: Services, request: PlanRequest, area: Area, members: Sequence[str], zones: Sequence[PlanZone]
) -> Station:
    """Find the parade station that is asked for, else the team's own, else the middle of the zones.

    Raises NotFoundError for a station that is not there, QueryError for one without a position.
    """
    known = known_station(services, request, area, members)
    return known.station or _middle(area, zones, listed=known.listed)


def known_station(services: Services, request: PlanRequest, area: Area, members: Sequence[str]) -> Known:
    """Find the parade station that is asked for, else the team's own; raises as `station_of` does."""
    table = _layer(services, STATIONS, services.store.snapshot())
    rows = [] if table is None else list(table.rows.iter_rows(named=True))
    if request.station is not None:
        wanted = _asked_for(rows, request.station)
    else:
        # The team's own before one of a ward of it.
        own = [at for at, row in enumerate(rows) if _is_of(row["team"], (area.code, area.name))]
        wanted = own or [at for at, row in enumerate(rows) if _is_of(row["team"], members)]
    placed = [at for at in wanted if table is not None and table.geometry[at] is not None]
    if request.station is not None and not placed:
        raise QueryError(
            "The parade station has no position",
            found=request.station,
            do="Import its address or postcode, or choose another",
            field="station",
        )
    if not placed or table is None:
        return Known(None, listed=bool(wanted))
    point = shapely.centroid(table.geometry[placed[0]])
    east_m, north_m = spatial.to_grid([point.x], [point.y])
    at = EastNorth(round(float(east_m[0]), 1), round(float(north_m[0]), 1))
    return Known(Station(at, str(rows[placed[0]]["name"]), table.licences), listed=True)


def _asked_for(rows: Sequence[Mapping[str, object]], station: str) -> list[int]:
    wanted = [at for at, row in enumerate(rows) if station.strip() in (row["id"], row["name"])]
    if not wanted:
        listed = ", ".join(f"{row['id']} ({row['name']})" for row in rows[:_MOST_LISTED])
        do = f"There is: {listed or 'none'}"
        raise NotFoundError("No parade station of that id", found=station, do=do, field="station")
    return wanted


def stations(services: Services) -> list[tuple[str, str]]:
    """List (id, name) of the parade stations that may be seen, each once."""
    table = _layer(services, STATIONS, services.store.snapshot())
    rows = () if table is None else table.rows.select("id", "name").unique("name", maintain_order=True).iter_rows()
    return [(str(known), str(name)) for known, name in rows]


def _is_of(team: object, names: Sequence[str]) -> bool:
    return str(team or "").strip().casefold() in {name.casefold() for name in names}


def _middle(area: Area, zones: Sequence[PlanZone], *, listed: bool) -> Station:
    east_m, north_m = np.mean([zone.at for zone in zones], axis=0)
    why = "its parade station has no position" if listed else "no parade station of the team is known"
    note = (
        f"Loops begin and end at the middle of the zones of {area.name}, for {why}: import the layer `{STATIONS}`, or "
        "name one."
    )
    return Station(EastNorth(round(float(east_m), 1), round(float(north_m), 1)), MIDDLE, (), (note,))


def streets_between(
    services: Services, places: Sequence[EastNorth], rules: PatrolRules, as_of: int | None = None
) -> Streets:
    """Return the street graph around some places (EPSG:27700), None where no streets are loaded there."""
    table = _layer(services, STREETS, services.store.snapshot(as_of))
    if table is None or not table.rows.height:
        return Streets(None)
    corners = np.array(places, dtype=np.float64)
    west, south = corners.min(axis=0) - AROUND_M
    east, north = corners.max(axis=0) + AROUND_M
    lon, lat = spatial.to_lonlat([west, west, east, east], [south, north, south, north])
    window = shapely.box(lon.min(), lat.min(), lon.max(), lat.max())
    near = ~shapely.is_missing(table.geometry) & shapely.intersects(window, table.geometry)
    if not near.any():
        return Streets(None)
    lines_m = spatial.project_geometry(table.geometry[near], to="grid")
    classes = table.rows["class"].fill_null("").filter(pl.Series(near)).to_list()
    return Streets(patrol.street_graph(lines_m, classes, rules.mode), table.licences)


def travel_between(station: EastNorth, zones: Sequence[PlanZone], streets: Streets, rules: PatrolRules) -> Travel:
    """Return how long it takes from each place to each, the station first."""
    return patrol.travel([station, *(zone.at for zone in zones)], streets.graph, rules)


def _layer(services: Services, layer: str, snapshot: Snapshot) -> FeatureTable | None:
    """Return a layer that may be seen, None where there is none of that name."""
    if layer not in {known.id for known in services.registry.layers(services.principal.audience)}:
        return None
    return services.registry.features(layer, services.principal.audience, snapshot)
