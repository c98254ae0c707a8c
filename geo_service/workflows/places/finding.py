"""Find the Safe Places: those that rows are kept of and those of the older list, as far as whoever asks may look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo_service.errors import AccessError, NotFoundError
from geo_service.model.access import KEEPERS, Role
from geo_service.model.layers import POSTCODE_CENTRE
from geo_service.model.places import BBox
from geo_service.model.safe_places import BY_NAME, FIELDS, KIND, Actor, PlaceState, SafePlace, Value
from geo_service.safe_places.directory import Known, problems_of
from geo_service.workflows.places.approved import PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from geo_service.model.ports import Snapshot
    from geo_service.safe_places.problems import Problem
    from geo_service.workflows.services import Services

COORDINATORS: Final = KEEPERS | {Role.COORDINATOR}
"""Who keeps the Safe Places."""
_SUSPENDED: Final = "suspended"


def listed(services: Services) -> list[SafePlace]:
    """List every place, by name: those that are kept as rows, and those of the older list that no row is kept of."""
    refuse_others(services)
    kept = {item.id: SafePlace.of(item) for item in services.store.items(KIND).all()}
    return sorted(({**older(services)} | kept).values(), key=lambda place: (place.name.casefold(), place.id))


def find(services: Services, place_id: str) -> SafePlace:
    """Return one place; raise NotFoundError."""
    refuse_others(services)
    try:
        return SafePlace.of(services.store.items(KIND).get(place_id))
    except NotFoundError:
        found = older(services).get(place_id)
        if found is None:
            raise NotFoundError(
                "No Safe Place of that id",
                found=place_id,
                do="`geo-service safe-places list` shows the ids",
                field="id",
            ) from None
        return found


def older(services: Services) -> dict[str, SafePlace]:
    """Return the places of the imported layer, which stay as they are until somebody edits or suspends them here.

    A place that stands nowhere that is known is of the whole force.
    """
    found = services.registry.features(PLACES, services.principal.audience, services.store.snapshot())
    whole = services.principal.areas is None
    # One that was moved out of somebody's areas has a row, which they do not see; what it said before is not it.
    moved = set() if whole else {place.id for place in services.store.kept_places()}
    rows = zip(found.rows.iter_rows(named=True), found.geometry, strict=True)
    return {row["id"]: _older(row) for row, shape in rows if row["id"] not in moved and (whole or shape is not None)}


def _older(row: Mapping[str, Any]) -> SafePlace:
    at_centre = row.get("position_source") == POSTCODE_CENTRE
    fields: dict[str, Value] = {}
    for name, field in BY_NAME.items():
        value = row.get(name)
        if value is not None and not (at_centre and name in {"lon", "lat"}):
            fields[name] = value.isoformat() if field.kind == "date" else value
    if row["status"] == _SUSPENDED:
        return SafePlace(row["id"], fields, PlaceState.SUSPENDED)
    return SafePlace(row["id"], fields, PlaceState.PUBLIC, approved=public_fields(fields))


def public_fields(fields: Mapping[str, Value]) -> dict[str, Value]:
    """Return what may be published of a place."""
    return {field.name: fields[field.name] for field in FIELDS if field.public and fields.get(field.name) is not None}


def known(services: Services, places: Sequence[SafePlace] | None = None) -> Known:
    """Gather what a directory or a place is checked against."""
    snapshot = services.store.snapshot()
    kept = listed(services) if places is None else places
    return Known(
        services.today(),
        snapshot.postcodes(),
        _area(snapshot),
        tuple(_names(services, snapshot)),
        {place.id: place.fields for place in kept},
    )


def _area(snapshot: Snapshot) -> BBox | None:
    """Return the box around the members of all boundary sets that are loaded."""
    outlines = [found.geometry for found in snapshot.boundary_sets().values() if len(found)]
    return BBox(*shapely.total_bounds(np.concatenate(outlines)).tolist()) if outlines else None


def _names(services: Services, snapshot: Snapshot) -> list[str]:
    streets: pl.DataFrame | None = snapshot.features("streets", ["name"])
    named = [] if streets is None or "name" not in streets.columns else streets["name"].drop_nulls().unique().to_list()
    return [*services.registry.place_names(), *sorted(named)]


def problems(services: Services, place: SafePlace, against: Known | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with a place as it is written now."""
    return problems_of(place.id, place.fields, against or known(services))


def refuse_others(services: Services) -> None:
    """Raise AccessError for whoever does not keep the Safe Places."""
    if not services.principal.may(COORDINATORS):
        raise AccessError("Only coordinators and admins keep the Safe Places", found=services.principal.name)


def refuse_limited(services: Services) -> None:
    """Raise AccessError for whoever sees only a part of what is published."""
    if services.principal.areas is not None:
        raise AccessError(
            "Only a coordinator or admin of the whole force publishes the Safe Places",
            found=services.principal.name,
            do="Ask one of them",
        )


def identity(services: Services) -> str:
    """Return by what whoever asks is told from others: their account, else their name."""
    return services.principal.account or services.principal.name


def actor(services: Services) -> Actor:
    """Return whoever asks, as the history of a place names them."""
    return Actor(services.principal.name, identity(services))


def mine(services: Services, place: SafePlace) -> list[str]:
    """Return the titles of what whoever asks wrote of what is not approved yet."""
    me = identity(services)
    return [
        BY_NAME[name].title
        for name, hands in place.writers.items()
        if any(services.store.same_person(me, hand) for hand in hands)
    ]


def asked(services: Services, place: SafePlace) -> bool:
    """Tell whether whoever asks is who asked for approval."""
    me = identity(services)
    return any(services.store.same_person(me, hand) for hand in place.hands)
