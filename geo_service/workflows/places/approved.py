"""What stands: the Safe Places that were approved and the older list beside them, for releases and for the staff."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from geo_service.model.access import KEEPERS, Role
from geo_service.model.layers import POSTCODE_CENTRE
from geo_service.model.safe_places import BY_NAME, PlaceState, SafePlace
from geo_service.safe_places.spots import spots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import shapely

    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Services

_COUNTED: Final = ("stand at the centre of their postcode", "have no position and are listed")
"""Notes of the older list that count its places."""


PLACES: Final = "safe-places"
"""Layer of the Safe Places."""
STATE: Final = "state"
"""Column of the staff's layer: how far each place has come."""
_APPROVED, _CHANGE_WAITS = "approved", "approved, a change waits for a second person"
_WAITS, _SUSPENDED = "waits for a second person", "suspended"


def with_approved(services: Services, found: FeatureTable) -> tuple[FeatureTable, Mapping[str, int]]:
    """Put what was approved in place of the rows of the older list with the same ids; count those left out by state.

    found: the imported layer, public columns only. A row of the older list stays as long as nobody edited, suspended or
    imported that place here.
    """
    kept = services.store.kept_places()
    if not kept:
        return found, {}
    approved = [(place.id, place.approved) for place in kept if place.approved is not None]
    left_out = Counter(str(place.state) for place in kept if place.approved is None)
    return _in_place_of(services, found, kept, approved), dict(sorted(left_out.items()))


def as_it_stands(services: Services, found: FeatureTable) -> FeatureTable:
    """Return the layer as the staff see it: what was approved, what is suspended, and the column STATE.

    Of what was never approved only those who keep the Safe Places see what waits. found: the imported layer. Where no
    row is kept of any place, it stays as it is.
    """
    kept = services.store.kept_places()
    if not kept:
        return found
    keeps = services.principal.may(KEEPERS | {Role.COORDINATOR})
    states = {place.id: _state(place, keeps=keeps) for place in kept}
    said = [
        (place.id, {**(place.approved or place.fields), "status": _status(place)}) for place in kept if states[place.id]
    ]
    table = _in_place_of(services, found, kept, said)
    there = services.store.snapshot().inside(table.geometry)
    if services.principal.areas is not None:
        table = replace(table, rows=table.rows.filter(there), geometry=table.geometry[there])
    older = pl.when(pl.col("status") == _SUSPENDED).then(pl.lit(_SUSPENDED)).otherwise(pl.lit("in the older list"))
    state = pl.col("id").replace_strict(states, default=older, return_dtype=pl.String)
    return replace(table, rows=table.rows.with_columns(state.alias(STATE)))


def _state(place: SafePlace, *, keeps: bool) -> str:
    if place.state is PlaceState.SUSPENDED:
        return _SUSPENDED
    if place.approved is not None:
        return _CHANGE_WAITS if place.pending else _APPROVED
    return _WAITS if place.state is PlaceState.WAITING and keeps else ""


def _status(place: SafePlace) -> str | None:
    """Return the status of what is no approved place; None where its day of verification says it."""
    if place.state is PlaceState.SUSPENDED:
        return _SUSPENDED
    return None if place.approved is not None else "waiting"


def _in_place_of(
    services: Services, found: FeatureTable, kept: Sequence[SafePlace], said: Sequence[tuple[str, Mapping[str, Any]]]
) -> FeatureTable:
    """Put rows in place of those of the older list that are kept here."""
    older = ~found.rows["id"].is_in([place.id for place in kept])
    points = spots([fields for _, fields in said], services.store.snapshot().postcodes())
    rows = [_row(place_id, fields, at) for (place_id, fields), at in zip(said, points, strict=True)]
    schema = found.rows.schema
    made = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    table = replace(
        found,
        rows=pl.concat([found.rows.filter(older), made]),
        geometry=np.array([*found.geometry[older.to_numpy()], *points], dtype=object),
    )
    return counted_anew(table)


def _row(place_id: str, fields: Mapping[str, Any], at: shapely.Point | None) -> dict[str, Any]:
    said: dict[str, Any] = dict(fields)
    for name, field in BY_NAME.items():
        if field.kind == "date" and said.get(name):
            said[name] = dt.date.fromisoformat(said[name])
    if said.get("lon") is None or said.get("lat") is None:
        said |= {"lon": None, "lat": None}
        if at is not None:
            said |= {"lon": at.x, "lat": at.y, "position_source": POSTCODE_CENTRE}
    status = said.get("status") or ("verified" if said.get("last_verified") else "unverified")
    return {**said, "id": place_id, "status": status}


def counted_anew(table: FeatureTable) -> FeatureTable:
    """Return a table of Safe Places whose notes count the places that are in it now."""
    notes = [note for note in table.notes if not any(said in note for said in _COUNTED)]
    return replace(table, notes=(*notes, *_counted(table)))


def _counted(table: FeatureTable) -> list[str]:
    total, notes = table.rows.height, []
    if at_centre := (table.rows["position_source"] == POSTCODE_CENTRE).sum():
        notes.append(f"{at_centre} of {total} stand at the centre of their postcode, not at their door.")
    if nowhere := sum(shape is None for shape in table.geometry):
        notes.append(f"{nowhere} of {total} have no position and are listed without a pin.")
    return notes
