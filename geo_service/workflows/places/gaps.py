"""Find where many are out at night and no open Safe Place is near: by footfall, else by incidents; staff only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service import overlay, spatial
from geo_service.model.access import PLANNERS
from geo_service.safe_places.reach import beyond

if TYPE_CHECKING:
    from geo_service.model.boundaries import BoundarySet
    from geo_service.model.cells import Floats
    from geo_service.model.denominators import Denominator
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

FOOTFALL: Final = "footfall"
"""How the id of a denominator begins that counts people who are out in the evening."""
_MOST_GAPS: Final = 20
_GAP_MINUTES: Final = 10
_DUSK, _DAWN = 18, 6
_RESOLUTION: Final = 10
_SCHEMA: Final = {
    "id": pl.String(), "kind": pl.String(), "name": pl.String(), "share_5": pl.Float64(), "share_10": pl.Float64(),
    "share_15": pl.Float64(), "people": pl.Float64(), "people_5": pl.Float64(), "people_10": pl.Float64(),
    "people_15": pl.Float64(), "night": pl.Float64(),
}  # fmt: skip


def find_gaps(
    services: Services, snapshot: Snapshot, whole: shapely.Geometry, open_at: Floats
) -> tuple[tuple[pl.DataFrame, list[shapely.Geometry]], list[str]]:
    """Return where no open place is near, and what must be said of it; coordinators see footfall, no incidents."""
    footfall = next((held for key, held in snapshot.denominators().items() if key.startswith(FOOTFALL)), None)
    if footfall is not None and footfall.boundary_set in snapshot.boundary_sets():
        members = snapshot.boundary_sets()[footfall.boundary_set]
        at = np.flatnonzero(overlay.meeting(members.geometry, whole)).tolist()
        inside = shapely.point_on_surface(members.geometry[at])
        points = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
        numbers = numbers_of(footfall, members, at)
        names, shapes = [members.names[place] for place in at], list(members.geometry[at])
        return _most(names, shapes, points, numbers, open_at), [f"Gaps: {footfall.title}. {footfall.licence}."]
    if not services.principal.may(PLANNERS):
        return _most([], [], np.empty((0, 2)), np.empty(0), open_at), [
            "Gaps are found by evening footfall: none is loaded (`geo-service import denominator FILE --id footfall`)."
        ]
    return _by_incidents(snapshot, whole, open_at)


def _by_incidents(
    snapshot: Snapshot, whole: shapely.Geometry, open_at: Floats
) -> tuple[tuple[pl.DataFrame, list[shapely.Geometry]], list[str]]:
    months = snapshot.months()
    column = f"cell_{_RESOLUTION}"
    if not months:
        return _most([], [], np.empty((0, 2)), np.empty(0), open_at), ["Gaps: no incidents are loaded."]
    frame = snapshot.incidents(["month", "committed_from", column]).filter(
        (pl.col("month") > months[-1].ordinal - 12) & (pl.col(column) != 0)
    )
    hour = pl.col("committed_from").dt.hour()
    night = frame.filter((hour >= _DUSK) | (hour < _DAWN))
    note = f"Gaps: incidents from {_DUSK}:00 to 0{_DAWN}:00 in the 12 months to {months[-1]}, in cells of 1.4 ha."
    if night.is_empty():
        night, note = frame, f"Gaps: incidents of the 12 months to {months[-1]} at all hours: the data has no hour."
    counted = night.group_by(column).len().sort(["len", column], descending=[True, False])
    cells = counted[column].to_numpy()
    lon, lat = spatial.cell_centres(cells)
    inside = shapely.contains_xy(whole, lon, lat)
    points = np.column_stack([lon, lat])[inside]
    east_m, north_m = spatial.to_grid(points[:, 0], points[:, 1])
    names = [spatial.grid_reference(*at) for at in zip(east_m.tolist(), north_m.tolist(), strict=True)]
    shapes = spatial.cell_polygons(cells[inside])
    return _most(names, list(shapes), points, counted["len"].to_numpy()[inside].astype(float), open_at), [note]


def _most(
    names: list[str], shapes: list[shapely.Geometry], points: Floats, numbers: Floats, open_at: Floats
) -> tuple[pl.DataFrame, list[shapely.Geometry]]:
    """Return the busiest that are further than ten minutes from a place that is open at night."""
    order = np.argsort(-numbers, kind="stable")
    far = beyond(points, open_at, _GAP_MINUTES) if len(points) else np.zeros(0, dtype=np.bool_)
    kept = [int(place) for place in order if far[place] and numbers[place] > 0][:_MOST_GAPS]
    frame = pl.DataFrame(
        {
            "id": [f"gap-{number}" for number in range(1, len(kept) + 1)],
            "kind": ["gap"] * len(kept),
            "name": [names[place] for place in kept],
            "night": [float(numbers[place]) for place in kept],
        },
        schema_overrides={"id": pl.String, "kind": pl.String, "name": pl.String, "night": pl.Float64},
    )
    return with_all_columns(frame), [shapes[place] for place in kept]


def numbers_of(counted: Denominator, members: BoundarySet, at: list[int]) -> Floats:
    """Return what was counted in some members of a set, 0 where nothing was."""
    by_code = dict(zip(counted.codes, counted.values.tolist(), strict=True))
    return np.array([by_code.get(members.codes[place], 0.0) for place in at], dtype=np.float64)


def with_all_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows with every column of members and gaps, what is missing left empty."""
    missing = [pl.lit(None).alias(name) for name in _SCHEMA if name not in frame.columns]
    return frame.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
