"""Points to H3 cells in bulk, and what a cell is: its outline, centre, area, parent and word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

import numpy as np
import polars as pl
import polars_h3 as ph
import shapely

from geo_service.errors import InputError, QueryError
from geo_service.model.cells import UNLOCATED
from geo_service.model.incidents import CELL_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Cells, Floats

FINEST: Final = 15
_LIMITS: Final = {"lat": 90.0, "lon": 180.0}
_RESOLUTION_SHIFT: Final = np.uint64(52)
_RESOLUTION_MASK: Final = np.uint64(0xF << 52)


def index_cells(lon: ArrayLike, lat: ArrayLike, resolution: int) -> Cells:
    """Find the H3 cell of each point, as `h3.latlng_to_cell` would at that resolution.

    lon, lat: degrees, EPSG:4326, shape (n,). Returns uint64 (n); UNLOCATED where either is nan. Raises
    InputError naming the first position that is off the globe or infinite.
    """
    points = pl.DataFrame({"lon": np.asarray(lon, dtype=np.float64), "lat": np.asarray(lat, dtype=np.float64)})
    return _index(points, {resolution: "cell"})["cell"].to_numpy()


def index_all(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the cell of every resolution (CELL_COLUMNS, uint64) to rows with `lon` and `lat`.

    Each resolution is indexed directly, never as the parent of a finer one. UNLOCATED where a coordinate is
    null or nan. Row order is kept. Raises InputError as `index_cells`.
    """
    return frame.drop(CELL_COLUMNS.values(), strict=False).hstack(_index(frame.select("lon", "lat"), CELL_COLUMNS))


def _index(points: pl.DataFrame, columns: Mapping[int, str]) -> pl.DataFrame:
    """Return one column of cells for each resolution, the distinct positions being indexed once."""
    points = points.select(pl.col("lon", "lat").cast(pl.Float64).fill_nan(None))
    _refuse_off_globe(points)
    # Police data repeats anchor points: most rows share their position with others.
    distinct = (
        points.drop_nulls()
        .unique()
        .with_columns(
            ph.latlng_to_cell("lat", "lon", resolution, return_dtype=pl.UInt64).alias(name)
            for resolution, name in columns.items()
        )
    )
    joined = points.join(distinct, on=["lon", "lat"], how="left", maintain_order="left")
    return joined.select(pl.col(*columns.values()).fill_null(UNLOCATED))


def _refuse_off_globe(points: pl.DataFrame) -> None:
    """Range-check before indexing: polars-h3 takes latitude 91 without a word."""
    for axis, limit in _LIMITS.items():
        off = points.select((pl.col(axis).abs() > limit).fill_null(value=False).arg_true()).to_series()
        if len(off):
            position = int(off[0])
            lon, lat = points.row(position)
            raise InputError(
                f"{'Latitude' if axis == 'lat' else 'Longitude'} is off the globe at position {position}",
                found=f"lon {lon:g}, lat {lat:g}" if lon is not None and lat is not None else points[axis][position],
                do="Give degrees, longitude from -180 to 180 and latitude from -90 to 90; check that the two are not"
                " swapped or in metres",
                field=axis,
            )


def cell_areas_m2(cells: Cells) -> Floats:
    """Return the area of each cell in square metres, as `h3.cell_area` gives it; raise QueryError for a non-cell.

    H3 measures on a sphere of radius 6,371,007 m: in Britain that is 0.4 % less than on the ellipsoid. Shares of areas
    measured alike (`area_m2`) are not touched by that.
    """
    return _per_cell(cells, ph.cell_area("cell", "m^2")).to_numpy()


def cell_centres(cells: Cells) -> tuple[Floats, Floats]:
    """Return (lon, lat) of each cell's centre in degrees, EPSG:4326; raise QueryError for a non-cell."""
    return _per_cell(cells, ph.cell_to_lng("cell")).to_numpy(), _per_cell(cells, ph.cell_to_lat("cell")).to_numpy()


def cell_polygons(cells: Cells) -> Geometries:
    """Draw each cell as a polygon, EPSG:4326, shape (n); raise QueryError for a non-cell.

    Cells across the 180th meridian are not cut in two.
    """
    if len(cells) == 0:
        return np.empty(0, dtype=np.object_)
    corners = _per_cell(cells, ph.cell_to_boundary("cell"))
    owner = np.repeat(np.arange(len(cells)), corners.list.len().to_numpy())
    latlng = corners.explode().explode().to_numpy().reshape(-1, 2)
    return np.asarray(shapely.polygons(shapely.linearrings(latlng[:, ::-1], indices=owner)), dtype=np.object_)


def parents(cells: Cells, resolution: int) -> Cells:
    """Return the ancestor of each cell at a coarser (or the same) resolution; raise QueryError for a finer one.

    For roll-ups of cells only: an incident's own cell is indexed at its resolution. Works on the bits:
    resolution in bits 52 to 55, unused digits all ones.
    """
    own = (cells & _RESOLUTION_MASK) >> _RESOLUTION_SHIFT
    if not 0 <= resolution <= FINEST or (len(cells) and resolution > int(own.min())):
        raise QueryError(
            "A parent must be coarser than its cells",
            found=f"resolution {resolution} of cells at {int(own.min()) if len(cells) else 'none'}",
            do="Ask for a resolution from 0 up to that of the cells",
            field="resolution",
        )
    unused = np.uint64((1 << 3 * (FINEST - resolution)) - 1)
    return (cells & ~_RESOLUTION_MASK) | (np.uint64(resolution) << _RESOLUTION_SHIFT) | unused


def cell_words(cells: Cells) -> list[str]:
    """Write each cell as H3's hexadecimal word."""
    words: list[str] = (
        pl.Series("cell", cells, dtype=pl.UInt64).to_frame().select(ph.int_to_str("cell"))["cell"].to_list()
    )
    return words


def cells_from_words(words: Iterable[str]) -> Cells:
    """Read H3's hexadecimal words; raise QueryError naming the first that is no cell."""
    written: Sequence[str] = list(words)
    frame = pl.DataFrame({"word": pl.Series(written, dtype=pl.String).str.strip_chars().str.to_lowercase()})
    cell = frame.select(ph.str_to_int("word").cast(pl.UInt64).alias("cell"))
    good = cell.select(ph.is_valid_cell("cell").fill_null(value=False)).to_series()
    if not good.all():
        _refuse(written[int(good.not_().arg_true()[0])])
    return cell["cell"].to_numpy().astype(np.uint64)


def _per_cell(cells: Cells, expression: pl.Expr) -> pl.Series:
    answer = pl.DataFrame({"cell": pl.Series(cells, dtype=pl.UInt64)}).select(expression.alias("answer"))["answer"]
    if answer.null_count():
        _refuse(hex(int(cells[int(answer.is_null().arg_true()[0])])))
    return answer


def _refuse(word: str) -> NoReturn:
    raise QueryError(
        "Not an H3 cell",
        found=word or "(nothing)",
        do="Write a cell as 15 hexadecimal digits, for example 8a195da4a4affff",
        field="cell",
    )
