"""What the next release says of the Safe Places: the rows that were approved, and the older list beside them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import shapely

from geo_service.model.layers import POSTCODE_CENTRE
from geo_service.model.safe_places import BY_NAME, KIND, SafePlace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Services

_COUNTED: Final = ("stand at the centre of their postcode", "have no position and are listed")
"""Notes of the older list that count its places."""


def with_approved(services: Services, found: FeatureTable) -> tuple[FeatureTable, Mapping[str, int]]:
    """Put what was approved in place of the rows of the older list with the same ids; count those left out by state.

    found: the imported layer, public columns only. A row of the older list stays as long as nobody edited, suspended or
    imported that place here.
    """
    kept = [SafePlace.of(item) for item in services.store.items(KIND).all()]
    if not kept:
        return found, {}
    older = ~found.rows["id"].is_in([place.id for place in kept])
    approved = [place for place in kept if place.approved is not None]
    centres = _centres(services, approved)
    rows = [_row(place, centres) for place in approved]
    schema = found.rows.schema
    made = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    points = [None if row["lon"] is None else shapely.Point(row["lon"], row["lat"]) for row in rows]
    table = replace(
        found,
        rows=pl.concat([found.rows.filter(older), made]),
        geometry=np.array([*found.geometry[older.to_numpy()], *points], dtype=object),
    )
    notes = [note for note in found.notes if not any(said in note for said in _COUNTED)]
    left_out = Counter(str(place.state) for place in kept if place.approved is None)
    return replace(table, notes=(*notes, *_counted(table))), dict(sorted(left_out.items()))


def _row(place: SafePlace, centres: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    said: dict[str, Any] = dict(place.approved or {})
    for name, field in BY_NAME.items():
        if field.kind == "date" and said.get(name):
            said[name] = dt.date.fromisoformat(said[name])
    centre = centres.get(str(said.get("postcode") or ""))
    if said.get("lon") is None or said.get("lat") is None:
        said |= {"lon": None, "lat": None}
        if centre is not None:
            said |= {"lon": centre[0], "lat": centre[1], "position_source": POSTCODE_CENTRE}
    status = "verified" if said.get("last_verified") else "unverified"
    return {**said, "id": place.id, "status": status}


def _centres(services: Services, places: list[SafePlace]) -> dict[str, tuple[float, float]]:
    postcodes = services.store.snapshot().postcodes()
    if postcodes is None:
        return {}
    wanted = sorted({str((place.approved or {}).get("postcode") or "") for place in places})
    held = postcodes.filter(pl.col("postcode").is_in(wanted)).select("postcode", "lon", "lat")
    return {code: (round(lon, 7), round(lat, 7)) for code, lon, lat in held.iter_rows()}


def _counted(table: FeatureTable) -> list[str]:
    total, notes = table.rows.height, []
    if at_centre := (table.rows["position_source"] == POSTCODE_CENTRE).sum():
        notes.append(f"{at_centre} of {total} stand at the centre of their postcode, not at their door.")
    if nowhere := sum(shape is None for shape in table.geometry):
        notes.append(f"{nowhere} of {total} have no position and are listed without a pin.")
    return notes
