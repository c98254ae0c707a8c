"""Feature tables of everything that can be mapped, exported or served."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.errors import NotFoundError
from geo_service.model.access import READERS, Audience
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.workflows import words
from geo_service.workflows.finding import hotspots, runs
from geo_service.workflows.places.approved import PLACES, as_it_stands

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.hotspots import HotspotSurface, ZoneRun
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

BOUNDARIES = "boundaries-"
ZONE_STYLE = LayerStyle(shape="area", colour="#d4351c", letter="Z")
CELL_STYLE = LayerStyle(shape="area", colour="#f47738")
BOUNDARY_STYLE = LayerStyle(shape="line", colour="#505a5f")
OFF_STYLE = LayerStyle(shape="circle", colour="#505a5f", letter="x")
NOT_THERE = ("suspended", "waiting")
"""Status of places that nobody is to be sent to."""


def zone_table(services: Services, run: ZoneRun) -> FeatureTable:
    """Return the zones of a run as polygons."""
    del services
    zones, period = run.zones, run.query.period
    rows = pl.DataFrame(
        {
            "id": [zone.id for zone in zones],
            "number": [zone.number for zone in zones],
            "name": [zone.name for zone in zones],
            "events": [zone.events for zone in zones],
            "harm": [zone.harm for zone in zones],
            "harm_label": [run.harm_label for _ in zones],
            "area_ha": [round(zone.area_ha, 3) for zone in zones],
            "grid_reference": [zone.grid_reference for zone in zones],
            "member_code": [zone.member_code for zone in zones],
            "member_name": [zone.member_name for zone in zones],
            "stability": [zone.stability for zone in zones],
            "offences": ["; ".join(f"{offence} {count}" for offence, count in zone.mix) for zone in zones],
            "run": [run.id for _ in zones],
            "period_first": [period.first.first_day for _ in zones],
            "period_last": [period.last.last_day for _ in zones],
        },
        schema_overrides={
            "id": pl.String,
            "number": pl.Int64,
            "name": pl.String,
            "events": pl.Int64,
            "harm": pl.Float64,
            "harm_label": pl.String,
            "area_ha": pl.Float64,
            "stability": pl.Float64,
            "period_first": pl.Date,
            "period_last": pl.Date,
        },
    )
    return FeatureTable(
        id="zones",
        title=f"Patrol zones of {run.area_name}, {period}",
        rows=rows,
        geometry=_outlines([spatial.cell_polygons(zone.cells) for zone in zones]),
        provenance=run.provenance,
        licences=run.licences,
        notes=(run.sentence, run.sentence_after, *run.notes),
        time_columns=("period_first", "period_last"),
        style=ZONE_STYLE,
    )


def _outlines(groups: list[Geometries]) -> Geometries:
    outlines = np.empty(len(groups), dtype=object)
    outlines[:] = [shapely.union_all(polygons) for polygons in groups]
    return outlines


def hotspot_table(
    services: Services, surface: HotspotSurface, *, chosen_only: bool = True, first: int = 0, most: int | None = None
) -> FeatureTable:
    """Return the cells of an answer as polygons, the best ones by default.

    first, most: the part of them that is wanted, counted from 0 in order of rank; only its shapes are drawn.
    """
    del services
    keep = surface.chosen if chosen_only else np.ones(len(surface.chosen), dtype=bool)
    order = np.flatnonzero(keep)[np.argsort(-surface.surface.score[keep], kind="stable")]
    order = order[first:] if most is None else order[first : first + most]
    table, period = surface.table, surface.query.period
    columns: dict[str, object] = {
        "id": spatial.cell_words(table.cells[order]),
        "rank": np.arange(first + 1, first + len(order) + 1),
        "events": surface.events[order].astype(np.int64),
        "score": surface.surface.score[order],
        "statistic": [surface.surface.statistic] * len(order),
        "cell_area_m2": table.area_m2[order].round(1),
        "share_inside": table.share[order],
        "chosen": surface.chosen[order],
    }
    if surface.harm is not None:
        columns |= {"harm": surface.harm[order], "harm_label": [surface.harm_label] * len(order)}
    if surface.surface.p is not None and surface.surface.q is not None:
        columns |= {"p": surface.surface.p[order], "q": surface.surface.q[order]}
    if surface.surface.classes is not None:
        columns["class"] = surface.surface.classes[order]
    columns |= {
        "period_first": [period.first.first_day] * len(order),
        "period_last": [period.last.last_day] * len(order),
    }
    return FeatureTable(
        id="hotspot-cells",
        title=f"Hotspot cells of {surface.area.name}, {period}",
        rows=pl.DataFrame(columns, schema_overrides={"id": pl.String, "period_first": pl.Date, "period_last": pl.Date}),
        geometry=spatial.cell_polygons(table.cells[order]),
        provenance=surface.provenance,
        licences=surface.licences,
        notes=(surface.sentence, surface.sentence_after, *surface.notes),
        time_columns=("period_first", "period_last"),
        style=CELL_STYLE,
    )


def boundary_table(services: Services, boundary_set: str, as_of: int | None = None) -> FeatureTable:
    """Return the members of a boundary set as imported now, or by a data version; raise NotFoundError."""
    snapshot = services.store.snapshot(as_of)
    found = snapshot.boundary_sets().get(boundary_set)
    if found is None:
        raise NotFoundError(
            "No such boundary set is imported",
            found=boundary_set,
            do=f"Imported are {', '.join(snapshot.boundary_sets()) or 'none'}",
            field="boundary_set",
        )
    return FeatureTable(
        id=f"{BOUNDARIES}{found.id}",
        title=found.title,
        rows=pl.DataFrame(
            {
                "id": found.codes,
                "name": found.names,
                "parent_code": found.parent_codes,
                "parent_name": found.parent_names,
                "vintage": [found.vintage] * len(found),
            }
        ),
        geometry=found.geometry,
        provenance=Provenance(snapshot.version, "", {"vintage": found.vintage}, demonstration=services.demonstration),
        licences=(found.licence,),
        notes=(words.DEMONSTRATION,) if services.demonstration else (),
        audience=Audience.PUBLIC,
        style=BOUNDARY_STYLE,
    )


def area_table(services: Services, run: ZoneRun) -> FeatureTable:
    """Return the members that the area of a run is made of, as they were in the data that it was found in."""
    query, version = run.query, run.provenance.data_version
    whole = boundary_table(services, query.boundary_set or "", version)
    snapshot = services.store.snapshot(version)
    area = snapshot.area(query.boundary, boundary_set=query.boundary_set, on=query.period.last.last_day)
    return replace(whole, rows=whole.rows[area.members], geometry=whole.geometry[area.members])


def layer_table(services: Services, layer: str) -> FeatureTable:
    """Return the features of a layer that may be seen, where they may be seen; raise NotFoundError."""
    return features(services, layer, services.store.snapshot())


def features(services: Services, layer: str, snapshot: Snapshot) -> FeatureTable:
    """Return the features of a layer in a snapshot that may be seen; raise NotFoundError.

    The Safe Places are as they stand now, whatever the snapshot: a place that was suspended since helps nobody.
    """
    table = services.registry.features(layer, services.principal.audience, snapshot)
    return as_it_stands(services, table) if layer == PLACES else table


def layer_today(services: Services, layer: str) -> FeatureTable:
    """Return the features of a layer that are there today, where they may be seen; raise NotFoundError."""
    table = layer_table(services, layer)
    there = there_on(table, services.today())
    return replace(table, rows=table.rows.filter(there), geometry=table.geometry[there])


def drawn(table: FeatureTable) -> list[FeatureTable]:
    """Return a layer as maps draw it: places that nobody is to be sent to apart, in grey and by another name."""
    if "status" not in table.rows.columns or table.id != PLACES:
        return [table]
    off = table.rows["status"].is_in(NOT_THERE).fill_null(value=False).to_numpy()
    if not off.any():
        return [table]
    apart = replace(table, id=f"{table.id}-off", title=f"{table.title}, suspended or waiting", style=OFF_STYLE)
    return [
        replace(found, rows=found.rows.filter(keep), geometry=found.geometry[keep])
        for found, keep in ((table, ~off), (apart, off))
        if keep.any()
    ]


def there_on(table: FeatureTable, day: dt.date) -> NDArray[np.bool_]:
    """Say of each feature whether it is there on a day: come by then and not gone before."""
    if table.time_columns is None:
        return np.ones(table.rows.height, dtype=np.bool_)
    first, last = (pl.col(column) for column in table.time_columns)
    there = (first <= day).fill_null(value=True) & (last >= day).fill_null(value=True)
    return table.rows.select(there.alias("there"))["there"].to_numpy()


def collections(services: Services) -> list[tuple[str, str, str]]:
    """List (id, title, description) of every table that `collection` can give."""
    listed = [
        (layer.id, layer.title, layer.description) for layer in services.registry.layers(services.principal.audience)
    ]
    listed += [
        (f"{BOUNDARIES}{found.id}", found.title, f"Members of {found.title}, {found.vintage}.")
        for found in services.store.snapshot().boundary_sets().values()
    ]
    if services.principal.may(READERS) and next(runs.kept(services.store), None) is not None:
        listed.append(("zones", "Patrol zones", "Zones of the newest run of `zones`."))
        if _can_be_asked_again(services, runs.find(services.store, runs.NEWEST)):
            listed.append(("hotspot-cells", "Hotspot cells", "Best cells of the newest run of `zones`."))
    return listed


def _can_be_asked_again(services: Services, run: ZoneRun) -> bool:
    """Tell whether the data that a run was found in is still there: its zones outlive an erasure, its cells do not."""
    try:
        services.store.snapshot(run.query.as_of)
    except NotFoundError:
        return False
    return True


def collection(services: Services, collection_id: str) -> FeatureTable:
    """Return one collection: a layer id, `boundaries-<set>`, `zones` or `hotspot-cells`; raise NotFoundError."""
    if collection_id not in {listed for listed, _, _ in collections(services)}:
        raise NotFoundError(
            "No such collection",
            found=collection_id,
            do="List them at /collections",
            field="collectionId",
        )
    if collection_id.startswith(BOUNDARIES):
        return boundary_table(services, collection_id.removeprefix(BOUNDARIES))
    of_newest_run: dict[str, Callable[[ZoneRun], FeatureTable]] = {
        "zones": lambda run: zone_table(services, run),
        "hotspot-cells": lambda run: hotspot_table(services, hotspots.ask(services, run.query)),
    }
    if collection_id in of_newest_run:
        return of_newest_run[collection_id](runs.find(services.store, runs.NEWEST))
    return layer_table(services, collection_id)
