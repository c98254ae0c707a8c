"""Read one layer of a map extract with GDAL, as far as it meets an area, and leave out what is not sound."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.errors import InputError
from geo_service.ingest.gdal import gdal_errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geo_service.model.boundaries import Geometries
    from geo_service.model.ports import Progress

_GRID: Final = "EPSG:27700"
_LON_LAT: Final = "EPSG:4326"


@dataclass
class Extract:
    """Read a file layer by layer, and count what is passed over."""

    path: Path
    within: shapely.Geometry | None
    """EPSG:4326; None for all of the file."""
    kind: str
    """What the file ought to be, for messages."""
    progress: Progress | None
    layers: int
    """Layers that will be read, for the progress."""
    skipped: dict[str, int] = field(default_factory=dict)
    _read: int = 0

    def skip(self, why: str, rows: int) -> None:
        """Count what is passed over."""
        if rows:
            self.skipped[why] = self.skipped.get(why, 0) + rows

    def layer(self, name: str, columns: Sequence[str], where: str | None = None) -> pl.DataFrame:
        """Return the features of an OGR layer that meet the area: texts, and `wkb` in EPSG:4326.

        Geometry that is not sound is there too, where its box meets the area: `sound` counts it by what it was. Raises
        InputError where GDAL cannot read the layer.
        """
        import pyogrio.raw  # noqa: PLC0415 (heavy)

        if self.progress is not None:
            self.progress(self._read, self.layers, name.replace("_", " "))
        self._read += 1
        crs = _LON_LAT
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # rings that are not closed are found here by name
                if self.path.suffix.lower() == ".gpkg":
                    crs = str(pyogrio.read_info(str(self.path.resolve()), layer=name)["crs"])
                meta, _, wkb, data = pyogrio.raw.read(
                    str(self.path.resolve()),
                    layer=name,
                    columns=list(columns),
                    where=where,
                    bbox=self._box(crs, name),
                    force_2d=True,
                )
        except gdal_errors() as problem:
            raise InputError(
                f"{self.path.name} cannot be read as {self.kind}", found=problem, do="Download it again", field="file"
            ) from None
        read = {
            column: pl.Series(values.tolist(), dtype=pl.String, strict=False)
            for column, values in zip(meta["fields"], data, strict=True)
        }
        frame = pl.DataFrame({**read, "wkb": pl.Series(wkb.tolist(), dtype=pl.Binary)})
        return self._met(frame, crs)

    def _box(self, crs: str, layer: str) -> tuple[float, ...] | None:
        if crs not in (_GRID, _LON_LAT):
            raise InputError(
                f"The layer {layer} of {self.path.name} is in another coordinate reference system",
                found=crs[:60],
                do=f"Give the file as it is published, in {_GRID}",
                field="file",
            )
        if self.within is None:
            return None
        area = np.array([self.within], dtype=object)
        return tuple(shapely.total_bounds(area if crs == _LON_LAT else spatial.project_geometry(area, to="grid")))

    def _met(self, frame: pl.DataFrame, crs: str) -> pl.DataFrame:
        """Keep what meets the area, not only its box, in degrees."""
        if frame.is_empty():
            return frame
        shapes = shapes_of(frame)
        if crs == _GRID:
            there = ~shapely.is_missing(shapes)
            shapes[there] = spatial.project_geometry(shapes[there], to="lonlat")
            frame = frame.with_columns(wkb=pl.Series(shapely.to_wkb(shapes).tolist(), dtype=pl.Binary))
        if self.within is None:
            return frame
        shapely.prepare(self.within)
        broken = shapely.is_missing(shapes) | ~shapely.is_valid(shapes)
        met = broken.copy()
        met[~broken] = shapely.intersects(self.within, shapes[~broken])
        return frame.filter(pl.Series(met, dtype=pl.Boolean))

    def sound(self, frame: pl.DataFrame, why: str) -> pl.DataFrame:
        """Return the features whose geometry is sound; count the others under `why`."""
        shapes = shapes_of(frame)
        sound = shapely.is_valid(shapes) & ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)
        self.skip(why, int((~sound).sum()))
        return frame.filter(pl.Series(sound, dtype=pl.Boolean))

    def bounds(self, layer: str) -> tuple[float, float, float, float] | None:
        """Return the bounds of a whole layer in degrees, None where it is empty."""
        whole = Extract(self.path, None, self.kind, None, 1)
        found = shapely.total_bounds(shapes_of(whole.layer(layer, [])))
        return tuple(float(edge) for edge in found) if np.isfinite(found).all() else None  # type: ignore[return-value]

    def refuse_nothing(self, streets: pl.DataFrame, layer: str) -> None:
        """Raise InputError where no street was found, saying whether the file lies elsewhere."""
        if not streets.is_empty():
            return
        bounds = None if self.within is None else self.bounds(layer)
        if bounds is None or self.within is None:
            raise InputError(
                f"{self.path.name} holds no street", do="Check that it is an extract of your area", field="file"
            )
        raise InputError(
            f"{self.path.name} does not cover your area",
            found=f"{_words(bounds)}; your area is {_words(self.within.bounds)}",
            do="Give an extract of your area, or name with --clip the boundary set that it covers",
            field="file",
        )


def shapes_of(frame: pl.DataFrame) -> Geometries:
    """Return the geometry of features, None where it cannot be made."""
    return np.atleast_1d(shapely.from_wkb(np.array(frame["wkb"].to_list(), dtype=object), on_invalid="ignore"))


def _words(bounds: Sequence[float]) -> str:
    west, south, east, north = bounds
    return f"longitude {west:.3f} to {east:.3f}, latitude {south:.3f} to {north:.3f}"
