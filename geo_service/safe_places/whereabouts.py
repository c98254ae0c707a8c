"""Hold postcodes and coordinates of a directory to each other, to the postcode file and to the area."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from geo_service import spatial
from geo_service.safe_places.entries import POSTCODE
from geo_service.safe_places.problems import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geo_service.model.places import BBox
    from geo_service.model.safe_places import Value

FAR_M: Final = 2_000.0
"""How far a place may be from the centre of its postcode: some in the country are wide."""
_AROUND_DEGREES: Final = 0.03
"""A place may serve the area from just beyond its border: about 2 to 3 km."""
_ENOUGH: Final = 3
_SHARE: Final = 0.75


class Whole(NamedTuple):
    """Hold one place that is checked with others."""

    row: int
    values: Mapping[str, Value]


def whereabouts(
    places: Sequence[Whole],
    postcodes: pl.DataFrame | None,
    area: BBox | None,
    others: Sequence[Mapping[str, Value]] = (),
) -> Iterator[Problem]:
    """Say what does not fit together.

    postcodes: `postcode`, `lon`, `lat` and perhaps `district`, None where none are loaded. area: around all that is
    loaded. others: places that are kept already.
    """
    usual = _usual_districts([*(place.values for place in places), *others])
    centres = _centres(places, usual, postcodes)
    administrative = _administrative(places, centres)
    for place in places:
        written = str(place.values.get("postcode") or "")
        centre = centres.get(written)
        yield from _of_postcode(place, written, centres, usual, loaded=postcodes is not None)
        if centre is not None:
            yield from _of_district(place, centre[2], administrative)
        yield from _of_position(place, centre, area)


def _usual_districts(all_values: Sequence[Mapping[str, Value]]) -> dict[str, Counter[str]]:
    """Count the postcode districts (as `B97`) of the places of each town."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for values in all_values:
        found = POSTCODE.fullmatch(str(values.get("postcode") or ""))
        if found:
            counted[_town(values)][found[1]] += 1
    return counted


def _town(values: Mapping[str, Value]) -> str:
    return str(values.get("town") or "").casefold()


def _centres(
    places: Sequence[Whole], usual: Mapping[str, Counter[str]], postcodes: pl.DataFrame | None
) -> dict[str, tuple[float, float, str]]:
    """Return (lon, lat, district) of the postcodes that are written, and of those that may have been meant."""
    if postcodes is None:
        return {}
    wanted: set[str] = set()
    for place in places:
        found = POSTCODE.fullmatch(str(place.values.get("postcode") or ""))
        if found:
            wanted |= {found[0]} | {f"{outward} {found[2]}" for outward in usual[_town(place.values)]}
    district = pl.col("district") if "district" in postcodes.columns else pl.lit("")
    held = postcodes.filter(pl.col("postcode").is_in(sorted(wanted))).select(
        "postcode", "lon", "lat", district.fill_null("").alias("district")
    )
    return {code: (lon, lat, of) for code, lon, lat, of in held.iter_rows()}


def _of_postcode(
    place: Whole,
    written: str,
    centres: Mapping[str, tuple[float, float, str]],
    usual: Mapping[str, Counter[str]],
    *,
    loaded: bool,
) -> Iterator[Problem]:
    if not written:
        do = "Look it up: without one, nobody who searches by postcode is led here"
        if place.values.get("lon") is None:
            do += ", and the place is on no map"
        yield Problem(place.row, "postcode", Level.LOOK, "There is no postcode", do=do)
        return
    found = POSTCODE.fullmatch(written)
    if found is None:
        return
    outward, counted, town = found[1], usual[_town(place.values)], place.values.get("town")
    rest = counted.total() - counted[outward]
    alone = counted[outward] == 1 and rest >= _ENOUGH
    known = written in centres
    if loaded and not known:
        meant = [code for other in counted if (code := f"{other} {found[2]}") in centres]
        do = f"Did you mean {' or '.join(meant)}?" if meant else "Look it up, for example at the place itself"
        yield Problem(place.row, "postcode", Level.MEND, "The postcode is in no postcode file", written, do)
    if alone:
        others = ", ".join(sorted(code for code in counted if code != outward))
        what = (
            f"The postcode is in another district ({outward}) than every other place in {town or 'the list'} ({others})"
        )
        yield Problem(place.row, "postcode", Level.LOOK, what, written, "Check it with the place")


def _administrative(places: Sequence[Whole], centres: Mapping[str, tuple[float, float, str]]) -> dict[str, str]:
    """Return the district that the postcodes of nearly all places of a town are in."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for place in places:
        centre = centres.get(str(place.values.get("postcode") or ""))
        if centre is not None and centre[2]:
            counted[_town(place.values)][centre[2]] += 1
    best = {town: found.most_common(1)[0] for town, found in counted.items()}
    return {
        town: code
        for town, (code, count) in best.items()
        if count >= _ENOUGH and count >= _SHARE * counted[town].total()
    }


def _of_district(place: Whole, district: str, administrative: Mapping[str, str]) -> Iterator[Problem]:
    usual = administrative.get(_town(place.values), "")
    if district and usual and district != usual:
        what = f"The postcode is in the district {district}, the other places of {place.values.get('town')} in {usual}"
        do = "Check postcode and town"
        yield Problem(place.row, "postcode", Level.LOOK, what, str(place.values.get("postcode")), do)


def _of_position(place: Whole, centre: tuple[float, float, str] | None, area: BBox | None) -> Iterator[Problem]:
    lon, lat = place.values.get("lon"), place.values.get("lat")
    given = isinstance(lon, float) and isinstance(lat, float)
    if (lon is None) != (lat is None):
        field = "lat" if lat is None else "lon"
        yield Problem(place.row, field, Level.MEND, "One coordinate is missing", do="Write both, or neither")
    at = (float(lon), float(lat)) if isinstance(lon, float) and isinstance(lat, float) else centre and centre[:2]
    if at and area is not None and not _within(at, area):
        field, found = ("lon", f"{at[0]}, {at[1]}") if given else ("postcode", str(place.values.get("postcode")))
        yield Problem(
            place.row, field, Level.MEND, "The place is outside the area", found, "Check it, or delete the row"
        )
    if given and at and centre:
        metres = apart_m(at, centre[:2])
        if metres > FAR_M:
            what = f"The coordinates are {metres / 1000:.1f} km from the centre of the postcode"
            do = "Check both; or leave the coordinates empty"
            yield Problem(place.row, "lon", Level.MEND, what, f"{at[0]}, {at[1]}", do)


def _within(at: tuple[float, float], area: BBox) -> bool:
    return (
        area.west - _AROUND_DEGREES <= at[0] <= area.east + _AROUND_DEGREES
        and area.south - _AROUND_DEGREES <= at[1] <= area.north + _AROUND_DEGREES
    )


def apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two positions (degrees) in metres of the National Grid."""
    east_m, north_m = spatial.to_grid(np.array([one[0], other[0]]), np.array([one[1], other[1]]))
    return float(np.hypot(east_m[1] - east_m[0], north_m[1] - north_m[0]))
