"""Set the invented directory, cameras, orders and postcodes into the borough."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service.demonstration import directory, names
from geo_service.demonstration.curves import CENTRE, Floats, Shapes
from geo_service.demonstration.ground import LANDMARKS, Ground
from geo_service.demonstration.junctions import joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INWARD: Final = "ABDEFGHJLNPQRSTUWXYZ"
"""Letters that the second half of a postcode may hold."""
_ACCESS: Final = ("step_free", "toilet", "hearing_loop", "quiet_space")
_PHONE: Final = "01632 960{:03d}"
_REVIEW_DAYS: Final = 365
_HOUSED_M: Final = 60.0
"""A shorter street shares its neighbour's postcode."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Hold the features of one layer."""

    rows: pl.DataFrame
    """Columns as the layer's file names them, all strings; blank where unknown."""
    geometry: Shapes
    """One geometry for each row, metres, EPSG:27700."""


def postcodes(ground: Ground) -> pl.DataFrame:
    """Give every street of any length a postcode, in the ten columns of Code-Point Open (metres, EPSG:27700)."""
    lines = ground.streets.lines
    housed = (np.array(ground.streets.classes) != "footway") & (shapely.length(lines) > _HOUSED_M)
    at = np.round(shapely.get_coordinates(shapely.line_interpolate_point(lines[housed], 0.5, normalized=True)))
    inside = shapely.contains_xy(ground.outline, at)
    at = at[inside]
    ward = _ward_of(ground, at)
    size = len(_INWARD)
    codes = [
        f"ZZ{9 - nth // (10 * size**2)} {nth // size**2 % 10}{_INWARD[nth // size % size]}{_INWARD[nth % size]}"
        for nth in range(len(at))
    ]
    blank = [""] * len(at)
    return pl.DataFrame(
        {
            "Postcode": codes,
            "Positional_quality_indicator": ["10"] * len(at),
            "Eastings": at[:, 0].astype(np.int64).astype(np.str_),
            "Northings": at[:, 1].astype(np.int64).astype(np.str_),
            "Country_code": ["X92000001"] * len(at),
            "NHS_regional_HA_code": blank,
            "NHS_HA_code": blank,
            "Admin_county_code": blank,
            "Admin_district_code": [names.BOROUGH_CODE] * len(at),
            "Admin_ward_code": [names.WARDS[position][0] for position in ward],
        }
    ).cast(pl.String)


def safe_places(ground: Ground, codes: pl.DataFrame, last_day: dt.date) -> Mapped:
    """Write the Safe Places directory; checks are dated back from the last day of the data."""
    at = np.stack([_spot(ground, place.near) for place in directory.PLACES])
    centres = codes.select(pl.col("Eastings", "Northings").cast(pl.Float64)).to_numpy()
    nearest = shapely.STRtree(shapely.points(centres)).nearest(shapely.points(at))
    streets = np.array(ground.streets.names)[ground.addresses.street[ground.addresses.nearest(at)]]
    rows = []
    for nth, place in enumerate(directory.PLACES):
        checked = None if place.verified_days is None else last_day - dt.timedelta(days=place.verified_days)
        again = "" if checked is None else str(checked + dt.timedelta(days=_REVIEW_DAYS))
        access = ["" if word == "-" else word for word in place.access.split()]
        rows.append(
            {
                "id": f"nonesuch-{nth + 1:02d}",
                "name": place.name,
                "category": place.category,
                "address": place.inside or f"{3 + 7 * nth} {streets[nth]}",
                "town": names.TOWN,
                "postcode": codes["Postcode"][int(nearest[nth])],
                "position_source": "set by hand on the invented map",
                "phone": _PHONE.format(100 + nth) if place.status != "unverified" else "",
                "web": place.web,
                "opening_hours": place.opening_hours,
                "within": "",
                "building_hours": place.building_hours,
                **dict(zip(_ACCESS, access, strict=True)),
                "languages": place.languages,
                "for_whom": place.for_whom,
                "last_verified": "" if checked is None else str(checked),
                "next_review": again,
                "status": place.status,
                "as_listed": str(last_day - dt.timedelta(days=60)),
                "note": place.note,
            }
        )
    return Mapped(pl.DataFrame(rows), shapely.points(at))


def cameras(ground: Ground) -> Mapped:
    """Set the fixed cameras."""
    rows = [
        {"id": f"cam-{nth:02d}", "name": name, "operator": directory.OPERATOR, "kind": kind}
        for nth, (name, _, kind) in enumerate(directory.CAMERAS, start=1)
    ]
    return Mapped(pl.DataFrame(rows), shapely.points([_spot(ground, near) for _, near, _ in directory.CAMERAS]))


def redeployable_cameras(ground: Ground, last_day: dt.date) -> Mapped:
    """Set the cameras that move, with reasons and dates."""
    rows = [
        {
            "id": f"move-{nth:02d}",
            "name": name,
            "reason": reason,
            "from": _before(last_day, came),
            "to": _before(last_day, went),
        }
        for nth, (name, _, reason, came, went) in enumerate(directory.REDEPLOYABLE, start=1)
    ]
    return Mapped(pl.DataFrame(rows), shapely.points([_spot(ground, entry[1]) for entry in directory.REDEPLOYABLE]))


def orders(ground: Ground, last_day: dt.date) -> Mapped:
    """Draw the Public Space Protection Orders: one proposed, one in force, one expired."""
    areas = {
        "centre": ground.bones.centre,
        "park": max(shapely.get_parts(ground.streets.parks[0]), key=lambda part: part.area),
        "parade": shapely.Point(ground.spot("parade")).buffer(190, quad_segs=6),
    }
    rows = [
        {
            "id": f"pspo-{nth:02d}",
            "name": name,
            "status": status,
            "prohibitions": forbids,
            "valid_from": _before(last_day, began),
            "valid_to": "" if began is None else _before(last_day, began - (runs or 0)),
            "council": directory.COUNCIL,
            "extended_from": "",
            "as_at": str(last_day),
            **_INVENTED,
        }
        for nth, (name, _, status, began, runs, forbids) in enumerate(directory.ORDERS, start=1)
    ]
    return Mapped(pl.DataFrame(rows), np.array([areas[entry[1]] for entry in directory.ORDERS], dtype=object))


def audits(ground: Ground, last_day: dt.date) -> Mapped:
    """Set the Environmental Visual Audits."""
    rows = [
        {
            "id": f"audit-{nth:02d}",
            "name": name,
            "audited": _before(last_day, days),
            "status": status,
            "found": found,
            "done": done,
            "partners": partners,
            **_INVENTED,
        }
        for nth, (name, _, days, status, found, done, partners) in enumerate(directory.AUDITS, start=1)
    ]
    return Mapped(pl.DataFrame(rows), shapely.points([_spot(ground, entry[1]) for entry in directory.AUDITS]))


def knife_arches(ground: Ground, last_day: dt.date) -> Mapped:
    """Set the days of the knife arch."""
    rows = [
        {
            "id": f"arch-{nth:02d}",
            "name": name,
            "date": _before(last_day, days),
            "purpose": purpose,
            "partners": "",
            "found": found,
            **_INVENTED,
        }
        for nth, (name, _, days, purpose, found) in enumerate(directory.ARCHES, start=1)
    ]
    return Mapped(pl.DataFrame(rows), shapely.points([_spot(ground, entry[1]) for entry in directory.ARCHES]))


def volunteers(ground: Ground, layer: str) -> Mapped:
    """Outline where volunteers walk: the built-up part of a ward."""
    codes = [code for code, _ in names.WARDS]
    listed = [entry for entry in directory.VOLUNTEERS if entry[0] == layer]
    rows = [
        {
            "id": f"{layer}-{nth:02d}",
            "name": name,
            "organisation": who,
            "hours": hours,
            "what": what,
            "from": "",
            "to": "",
            **_INVENTED,
        }
        for nth, (_, name, _, who, hours, what) in enumerate(listed, start=1)
    ]
    wards = ground.wards[[codes.index(ward) for _, _, ward, *_ in listed]]
    built = shapely.intersection(wards, ground.bones.town)
    return Mapped(pl.DataFrame(rows), np.array([_largest(shape) for shape in built], dtype=object))


def _largest(shape: shapely.Geometry) -> shapely.Geometry:
    return max(shapely.get_parts(shape), key=lambda part: part.area)


def parade_stations(ground: Ground) -> Mapped:
    """Give each team the place where its patrols begin and end: a front door beside its street."""
    at = np.stack([ground.spot(landmark) for _, _, landmark in directory.STATIONS])
    streets = np.array(ground.streets.names)[ground.addresses.street[ground.addresses.nearest(at)]]
    rows = [
        {
            "id": f"station-{nth:02d}",
            "name": name,
            "team": team,
            "address": f"{street}, {names.TOWN}",
            "postcode": "",
            "position_source": "set by hand on the invented map",
        }
        for nth, ((name, team, _), street) in enumerate(zip(directory.STATIONS, streets, strict=True), start=1)
    ]
    return Mapped(pl.DataFrame(rows), shapely.points(at))


def street_lines(ground: Ground) -> Mapped:
    """List streets, river and railway as lines."""
    laid, bones = ground.streets, ground.bones
    parts = [
        (names.RIVER, "river", bones.stream),
        ("Railway", "railway", bones.railway),
        *zip(laid.names, laid.classes, joined(laid.lines), strict=True),
    ]
    rows = [{"id": f"line-{nth:04d}", "name": name, "class": of} for nth, (name, of, _) in enumerate(parts, start=1)]
    return Mapped(pl.DataFrame(rows), np.array([part[2] for part in parts], dtype=object))


def excluded_places(ground: Ground) -> Mapped:
    """Outline the landmarks that no patrol zone takes in."""
    at = [_KEYS.index(key) for key in _EXCLUDED]
    rows = [
        {"id": f"place-{key}", "name": LANDMARKS[n].name, "kind": kind, "radius_m": ""}
        for (key, kind), n in zip(_EXCLUDED.items(), at, strict=True)
    ]
    return Mapped(pl.DataFrame(rows), ground.buildings[at])


def _ward_of(ground: Ground, at: Floats) -> NDArray[np.int64]:
    """Return the ward of each point, the nearest where a point lies on an edge."""
    found: NDArray[np.int64] = shapely.STRtree(ground.wards).nearest(shapely.points(at))
    return found


def _spot(ground: Ground, near: str | tuple[float, float]) -> Floats:
    """Return the position (2,) of a landmark, of the first park, or of the address nearest to a point."""
    if near == "park":
        spot: Floats = shapely.get_coordinates(shapely.point_on_surface(ground.streets.parks[0]))
    elif isinstance(near, str):
        spot = shapely.get_coordinates(shapely.centroid(ground.buildings[_KEYS.index(near)]))
    else:
        spot = ground.addresses.at[ground.addresses.nearest(CENTRE + np.array([near]))]
    return np.asarray(spot[0].round(), dtype=np.float64)


_INVENTED: Final = {"town": names.TOWN, "source": "invented", "note": ""}
_KEYS: Final = [landmark.key for landmark in LANDMARKS]
_EXCLUDED: Final = {"police": "police station", "hospital": "hospital"}


def _before(last_day: dt.date, days: int | None) -> str:
    return "" if days is None else str(last_day - dt.timedelta(days=days))
