"""What the public site is given: public columns of public layers, nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from geo_service.model.access import Audience
from geo_service.model.release import PublicRelease
from geo_service.workflows import tables

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

PLACES = "safe-places"


def public_release(services: Services, *, area: str, show_unverified: bool) -> PublicRelease:
    """Take the Safe Places that the public may see: verified ones, and unverified ones only when asked for."""
    snapshot = services.store.snapshot()
    places = services.registry.features(PLACES, Audience.PUBLIC, snapshot)
    shown = ["verified", "unverified"] if show_unverified else ["verified"]
    keep = places.rows.select(pl.col("status").is_in(shown)).to_series().to_numpy()
    places = replace(places, rows=places.rows.filter(keep), geometry=places.geometry[keep])
    sets = snapshot.boundary_sets()
    towns = list(places.rows["town"].drop_nulls().unique(maintain_order=True))
    return PublicRelease(
        area=area or (towns[0] if len(towns) == 1 else ""),
        places=places,
        show_unverified=show_unverified,
        outline=tables.boundary_table(services, next(iter(sets))) if services.demonstration and sets else None,
    )
