"""Positions of officers' devices into visits: read, aggregated, and never kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
import shapely

from geo_service import patrol, spatial
from geo_service.errors import InputError, NotFoundError
from geo_service.model.access import COLLECTION, ERASURE
from geo_service.model.clock import LONDON
from geo_service.model.patrol import VISIT, VisitMade
from geo_service.workflows.finding import runs
from geo_service.workflows.planning.plan_keeping import find_plan
from geo_service.workflows.visiting.visits_import import read_bytes
from geo_service.workflows.visiting.visits_made import Place, content_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats
    from geo_service.model.hotspots import PatrolZone
    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Services

MOST_BYTES: Final = 2_000_000_000
SHORTEST_MIN: Final = 1.0
"""Who passes through for less makes no visit."""
NEVER_KEPT: Final = "Positions and device ids are not kept: only zones, times, minutes and the number of officers are."
INTERVAL: Final = (
    "Minutes lie in the interval given with about 90 %: crossings anywhere in the gap between two pings, positions off "
    "by their accuracy. It holds as far as devices tell that truly; among high buildings many do not, and minutes are "
    "then too few. A device that falls silent is not taken to have stayed, and what it was not heard for lies outside "
    "the interval."
)
_WAYS: Final = (("lon", "lat"), ("easting", "northing"))
_EXAMPLE: Final = "Give the columns device, time, and lon and lat or easting and northing; accuracy and crew if there"


@dataclass(frozen=True, slots=True)
class Aggregated:
    """Say what became of a file of pings."""

    read: int
    skipped: Mapping[str, int]
    """Reason -> rows that were passed over."""
    devices: int
    gap_s: float
    """Median time between two pings of a device."""
    visits: tuple[VisitMade, ...]
    added: int
    passes: int
    """Stays of less than SHORTEST_MIN."""
    deleted: bool
    sha256: str
    notes: tuple[str, ...]


class _Zones(NamedTuple):
    places: tuple[Place, ...]
    shapes: Geometries
    """EPSG:27700."""


def aggregate(  # noqa: PLR0913 - what is asked
    services: Services,
    path: Path,
    *,
    plan: str = "",
    run: str = "",
    rules: patrol.StayRules | None = None,
    delete_file: bool = False,
) -> Aggregated:
    """Turn a CSV of pings into visits to the zones of a plan or run, and keep these alone.

    The positions live in memory while this runs. delete_file: overwrite and remove the file afterwards; that, or that
    it was left where it is, is an event in the ledger. Raises InputError for a file that is no such table.
    """
    zones = _zones(services, plan, run)
    raw = read_bytes(path, MOST_BYTES)
    sha256 = hashlib.sha256(raw).hexdigest()
    table = _table(raw, path.name)
    del raw
    pings, skipped = _pings(services, table)
    made = patrol.presences(patrol.stays(pings, zones.shapes, rules))
    visits, contents, passes = _kept(zones, made)
    added = services.store.items(VISIT).add_all(contents)
    facts = {"file": path.name, "sha256": sha256, "pings": table.height, "visits": len(contents), "new": len(added)}
    services.store.record(f"{COLLECTION}: aggregate GPS pings to visits", "visits", facts | {"pings kept": 0})
    _delete(services, path, facts, wanted=delete_file)
    gaps = np.diff(pings.time_s)[np.diff(pings.device) == 0]
    return Aggregated(
        read=table.height,
        skipped=skipped,
        devices=len(np.unique(pings.device)),
        gap_s=float(np.median(gaps)) if len(gaps) else 0.0,
        visits=visits,
        added=len(added),
        passes=passes,
        deleted=delete_file,
        sha256=sha256,
        notes=_notes(path, deleted=delete_file),
    )


def _notes(path: Path, *, deleted: bool) -> tuple[str, ...]:
    left = (
        f"{path.name} was overwritten and deleted; copies of it elsewhere, and on disks that write to a new place, are "
        "whoever's who keeps them."
        if deleted
        else f"{path.name} was left where it is: delete it, or give --delete-file. The ledger says that none was kept."
    )
    return (
        NEVER_KEPT,
        left,
        INTERVAL,
    )


def _zones(services: Services, plan_id: str, run_id: str) -> _Zones:
    plan = None if run_id else find_plan(services, plan_id or "latest")
    run = runs.find(services.store, run_id or (plan.run if plan else "latest"))
    wanted = None if plan is None else {zone.id for zone in plan.zones}
    held = [zone for zone in run.zones if wanted is None or zone.id in wanted]
    if not held:
        raise NotFoundError(
            f"Run {run.id} has no zone to count visits of", do="Choose another plan or run", field="plan"
        )
    shapes = [_shape(spatial.cell_polygons(zone.cells)) for zone in held]
    return _Zones(
        tuple(_place(zone, plan, run.query.boundary_set or "") for zone in held), np.array(shapes, dtype=object)
    )


def _shape(cells: Geometries) -> shapely.Geometry:
    whole: shapely.Geometry = shapely.union_all(spatial.project_geometry(cells, "grid"), grid_size=0.01)
    return whole


def _place(zone: PatrolZone, plan: PatrolPlan | None, boundary_set: str) -> Place:
    members = (zone.member_code,) if plan is None else plan.members
    return Place(
        zone.id,
        zone.number,
        zone.name,
        boundary_set if plan is None else plan.boundary_set,
        members,
        "" if plan is None else plan.team_code,
        plan,
    )


def _table(raw: bytes, name: str) -> pl.DataFrame:
    """Read the file as text; the heads in small letters."""
    try:
        table = pl.read_csv(io.BytesIO(raw), infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as problem:
        said = str(problem).partition("\n")[0]
        raise InputError("The file is no CSV", found=f"{name}: {said}", do=_EXAMPLE, field="file") from None
    heads = [head.strip().casefold() for head in table.columns]
    if len(set(heads)) < len(heads):
        raise InputError("Two columns have one name", found=", ".join(heads)[:100], do=_EXAMPLE, field="file")
    table.columns = heads
    if "officer" in heads and "device" not in heads:
        table = table.rename({"officer": "device"})
    way = next((pair for pair in _WAYS if set(pair) <= set(table.columns)), None)
    if way is None or not {"device", "time"} <= set(table.columns):
        raise InputError("The table of pings lacks a column", found=", ".join(heads)[:100], do=_EXAMPLE, field="file")
    if not table.height:
        raise InputError("The table has no rows", found=name, do=_EXAMPLE, field="file")
    return table


def _pings(services: Services, table: pl.DataFrame) -> tuple[patrol.Pings, dict[str, int]]:
    """Return what can be used, and how many rows could not be and why."""
    first, second = next(pair for pair in _WAYS if set(pair) <= set(table.columns))
    accuracy = pl.col("accuracy") if "accuracy" in table.columns else pl.lit(None, dtype=pl.String)
    crew = pl.col("crew") if "crew" in table.columns else pl.lit(None, dtype=pl.String)
    read = table.select(
        device=pl.col("device").str.strip_chars(),
        time=_seconds(pl.col("time").str.strip_chars()),
        x=pl.col(first).str.strip_chars().cast(pl.Float64, strict=False),
        y=pl.col(second).str.strip_chars().cast(pl.Float64, strict=False),
        accuracy=accuracy.str.strip_chars().cast(pl.Float64, strict=False),
        crew=crew.str.strip_chars(),
    )
    now = services.now().timestamp()
    finite = pl.col("x").is_finite() & pl.col("y").is_finite()
    if first == "lon":
        finite &= (pl.col("x").abs() <= 180) & (pl.col("y").abs() <= 90)  # noqa: PLR2004 - the globe
    reason = (
        pl.when(pl.col("device").fill_null("") == "")
        .then(pl.lit("no device"))
        .when(pl.col("time").is_null())
        .then(pl.lit("time not read"))
        .when(pl.col("time") > now + 120)
        .then(pl.lit("in the future"))
        .when(~finite.fill_null(value=False))
        .then(pl.lit("no position"))
    )
    marked = read.with_columns(reason=reason)
    skipped = {
        str(why): int(count)
        for why, count in marked.drop_nulls("reason").group_by("reason").len().sort("reason").rows()
    }
    good = marked.filter(pl.col("reason").is_null()).sort("device", "time")
    if not good.height:
        told = ", ".join(f"{why}: {count}" for why, count in skipped.items())
        raise InputError("No row of the table can be used", found=told, do=_EXAMPLE, field="file")
    x, y = good["x"].to_numpy(), good["y"].to_numpy()
    east, north = spatial.to_grid(x, y) if first == "lon" else (x, y)
    return _arrays(good, east, north), skipped


def _arrays(good: pl.DataFrame, east: Floats, north: Floats) -> patrol.Pings:
    number = good["device"].rank("dense").to_numpy().astype(np.int64)
    named = good["crew"].fill_null("")
    crew = np.where(named.to_numpy() == "", patrol.ALONE, named.rank("dense").to_numpy().astype(np.int64))
    accuracy = good["accuracy"].fill_null(float("nan")).to_numpy()
    return patrol.Pings(number, good["time"].to_numpy(), east, north, accuracy, crew)


def _seconds(text: pl.Expr) -> pl.Expr:
    """Read moments as seconds since 1970: with an offset, or by London's clock; null where they are none."""
    iso = text.str.replace(" ", "T", literal=True).str.replace("Z$", "+00:00")
    with_zone = iso.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="ms")
    naive = pl.coalesce(
        iso.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="ms"),
        iso.str.to_datetime("%Y-%m-%dT%H:%M", strict=False, time_unit="ms"),
    ).dt.replace_time_zone("Europe/London", ambiguous="earliest", non_existent="null")
    return pl.coalesce(with_zone.dt.epoch("ms"), naive.dt.epoch("ms")).cast(pl.Float64) / 1_000


def _kept(zones: _Zones, made: patrol.Presences) -> tuple[tuple[VisitMade, ...], dict[str, dict[str, object]], int]:
    """Return the visits, what is kept of them, and how many passes were too short to be one."""
    visits, contents, passes = [], {}, 0
    for at in range(len(made)):
        if made.patrol_min[at] < SHORTEST_MIN:
            passes += 1
            continue
        place = zones.places[int(made.zone[at])]
        start, end = (dt.datetime.fromtimestamp(round(float(edge[at])), LONDON) for edge in (made.start_s, made.end_s))
        key = f"gps {place.zone} {start.isoformat()} {end.isoformat()} {made.officers[at]}"
        visit = VisitMade(
            id=f"{start.date()}/{hashlib.sha256(key.encode()).hexdigest()[:12]}",
            plan=place.plan.id if place.plan and _within(place.plan, start, end) else "",
            team=place.team,
            zone=place.zone,
            start=start,
            end=end,
            officers=int(made.officers[at]),
            source="gps",
            error_min=round(float(made.error_min[at]), 2),
            near_edge_min=round(float(made.near_edge_min[at]), 2),
            inside_min=round(float(made.patrol_min[at]), 2),
            officer_min=round(float(made.officer_min[at]), 2),
        )
        visits.append(visit)
        contents[visit.id] = content_of(visit, place)
    return tuple(visits), contents, passes


def _within(plan: PatrolPlan, start: dt.datetime, end: dt.datetime) -> bool:
    """Tell whether a visit is of the shift of a plan: a file of a week holds other shifts too."""
    shift = plan.request.shift
    return shift.minute(start) < shift.minutes and shift.minute(end) > 0


def _delete(services: Services, path: Path, facts: Mapping[str, object], *, wanted: bool) -> None:
    """Overwrite and remove the file and write that down, or write down that it was left."""
    if not wanted:
        services.store.record(f"{ERASURE}: GPS pings after aggregation", "pings", {**facts, "file left": True})
        return
    try:
        size = path.stat().st_size
        with path.open("r+b") as held:
            for first in range(0, size, _BLOCK):
                held.write(bytes(min(_BLOCK, size - first)))
            held.flush()
            os.fsync(held.fileno())
        path.unlink()
    except OSError as problem:
        services.store.record(
            f"{ERASURE}: GPS pings after aggregation", "pings", {**facts, "failed": str(problem.strerror)}
        )
        raise InputError(
            "The visits are kept, but the file of pings could not be deleted",
            found=f"{path}: {problem.strerror}",
            do="Delete it by hand",
            field="delete-file",
        ) from None
    services.store.record(f"{ERASURE}: GPS pings after aggregation", "pings", {**facts, "file deleted": True})


_BLOCK: Final = 1 << 20
