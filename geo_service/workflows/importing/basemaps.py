"""Bring a map extract into the layers that the analysis and the maps work with, and draw its tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import spatial
from geo_service.errors import NotFoundError, QueryError
from geo_service.model.layers import BUILDINGS, EXCLUDED_PLACES, GROUND, LANDMARKS, STREETS
from geo_service.workflows.importing.imported import BasemapImport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from geo_service.model.ports import Progress, Snapshot, Staging, TileFile
    from geo_service.workflows.services import Services

DRAWN: Final = (STREETS, GROUND, BUILDINGS, LANDMARKS)
"""Layers that the tiles are drawn from."""
LAYERS: Final = (*DRAWN, EXCLUDED_PLACES)
"""Layers that a map extract fills."""
TILES: Final = "basemap"
AROUND_M: Final = 2_000.0
"""How far beyond the area a map still helps: a patrol's way leads out of it, and a card's map shows what adjoins."""
FARTHEST_M: Final = 200_000.0
_COARSE_M: Final = 50.0
"""Detail of the outline that features are chosen by."""


def import_basemap(
    services: Services,
    path: Path,
    *,
    clip: Sequence[str] = (),
    around_m: float = AROUND_M,
    progress: Progress | None = None,
) -> BasemapImport:
    """Import the layers of a map extract as one version, in place of what they held, and draw its tiles.

    clip: boundary sets whose members, with `around_m` metres around them, bound what is taken; all that are imported
    by default, and the whole file where there are none. Raises InputError for a file that is no extract or holds no
    street there, NotFoundError for an unknown set, QueryError for `around_m`.
    """
    if not 0 <= around_m <= FARTHEST_M:
        raise QueryError(
            "The metres around the area are out of range",
            found=f"{around_m:g}",
            do=f"Give 0 to {FARTHEST_M:,.0f}",
            field="around",
        )
    snapshot = services.store.snapshot()
    sets = _sets(snapshot, clip)
    read = services.basemap_files.read(path, within=_area(snapshot, sets, around_m), progress=progress)
    with services.store.stage() as staging:
        for layer, features in read.layers.items():
            staging.put_features(layer, features)
        if progress is not None:
            progress(1, 1, "drawing the tiles")
        drawn = redraw(services, staging, read.layers)
        rows = {layer: features.height for layer, features in read.layers.items()}
        detail = {"file": path.name, **rows, "clipped_to": list(sets), "around_m": around_m if sets else None}
        version = staging.commit("import basemap", services.principal, detail)
    return BasemapImport(
        version,
        rows={layer: _counts(features) for layer, features in read.layers.items()},
        skipped=read.skipped,
        clipped_to=sets,
        around_m=around_m,
        tile_bytes=drawn,
        licence=read.licence,
        notes=read.notes,
    )


def redraw(services: Services, staging: Staging, new: Mapping[str, pl.DataFrame]) -> int:
    """Draw the tiles from what the layers will hold and stage them with it; return their bytes, 0 where there are none.

    new: the layers that are staged too; of the others the features in force are drawn.
    """
    snapshot = services.store.snapshot()
    held = {layer: new[layer] if layer in new else snapshot.features(layer) for layer in DRAWN}
    content = services.tile_writer.write({layer: features for layer, features in held.items() if features is not None})
    if content is None:
        staging.drop_tiles(TILES)
        return 0
    staging.put_tiles(TILES, content)
    return len(content)


def basemap(services: Services) -> tuple[TileFile, tuple[str, ...]] | None:
    """Return the tiles of the base map and the licence lines that go with them, None where there is no base map."""
    snapshot = services.store.snapshot()
    tiles = snapshot.tiles(TILES)
    if tiles is None:
        return None
    lines: dict[str, None] = {}
    for layer in DRAWN:
        features = snapshot.features(layer, ["licence"])
        if features is not None and "licence" in features.columns:
            lines |= dict.fromkeys(features["licence"].drop_nulls().unique().sort().to_list())
    return tiles, tuple(lines)


def _sets(snapshot: Snapshot, clip: Sequence[str]) -> tuple[str, ...]:
    known = snapshot.boundary_sets()
    for wanted in clip:
        if wanted not in known:
            raise NotFoundError(
                "No boundary set of that name",
                found=wanted,
                do=f"There are: {', '.join(known) or 'none; import one first, or leave --clip out'}",
                field="clip",
            )
    return tuple(dict.fromkeys(clip)) or tuple(known)


def _area(snapshot: Snapshot, sets: Sequence[str], around_m: float) -> shapely.Geometry | None:
    """Return the members of some sets and what lies around them, EPSG:4326; None for no set."""
    if not sets:
        return None
    known = snapshot.boundary_sets()
    members = np.concatenate([known[set_id].geometry for set_id in sets])
    on_grid = spatial.project_geometry(members, to="grid")
    # Simplified before it is joined: coasts have a hundred thousand corners, and this is no map.
    joined = shapely.union_all(
        shapely.buffer(shapely.simplify(on_grid, _COARSE_M), max(around_m, _COARSE_M), quad_segs=4)
    )
    outline = shapely.simplify(joined, _COARSE_M)
    area: shapely.Geometry = spatial.project_geometry(np.array([outline], dtype=object), to="lonlat")[0]
    return area


def _counts(features: pl.DataFrame) -> Mapping[str, int]:
    of = features["class" if "class" in features.columns else "kind"]
    return dict(of.value_counts(name="rows").sort(["rows", of.name], descending=[True, False]).iter_rows())
