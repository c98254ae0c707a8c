"""Read boundary sets from any vector format that OGR knows; refuse by name what is not a sound polygon."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import spatial
from geo_service.errors import InputError
from geo_service.ingest.containers import DiskFile, Source, ZipMember, zip_members
from geo_service.ingest.gdal import gdal_errors
from geo_service.model.boundaries import BoundarySet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from geo_service.model.boundaries import BoundaryDescriptor, Geometries

_MOST_NAMED: Final = 10
"""Members that one message names."""
_VECTOR_FILES: Final = (".geojson", ".json", ".gpkg", ".shp", ".kml", ".kmz", ".gml", ".fgb", ".tab", ".mif")
_POINTERS: Final = (
    b"<OGRVRTDataSource",
    b"<VRTDataset",
    b"<OGRWFSDataSource",
    b"<OGRCSWDataSource",
    b"<OGROAPIFDataSource",
    b"<GDAL_W",
    b"gdal_streamed_alg",
)
"""What marks a file that GDAL would follow to other files or to the network."""
_HEAD_BYTES: Final = 64 * 1024
_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7
_GEOJSON: Final = "GeoJSON"
_SWAPPED_UK: Final = (49.0, -9.0, 61.5, 3.0)
"""Where the United Kingdom lies when latitude stands before longitude."""


@dataclass(frozen=True, slots=True)
class _Read:
    crs: str | None
    driver: str
    columns: dict[str, tuple[str, ...]]
    geometry: Geometries


class OgrBoundaries:
    """Read boundaries (port `BoundaryFiles`)."""

    def read(self, path: Path, descriptor: BoundaryDescriptor) -> BoundarySet:
        """Read one set from a file, a zip or a folder with one vector file; any CRS.

        Geometry comes back in EPSG:4326, without z, its vertices else unchanged: nothing is mended. Raises
        InputError for a missing field (naming those that there are), a missing CRS, a blank or repeated code, and
        naming up to ten members that are empty, no polygon or invalid, with the reason and place.
        """
        fields = (
            descriptor.code_field,
            descriptor.name_field,
            descriptor.parent_code_field,
            descriptor.parent_name_field,
        )
        read = _read(path, fields)
        blank = ("",) * len(read.geometry)
        codes, names, parent_codes, parent_names = (read.columns.get(name, blank) if name else blank for name in fields)
        _check_codes(path.name, codes, descriptor.code_field)
        names = tuple(name or code for code, name in zip(codes, names, strict=True))
        labels = np.array([f"{code} {name}" if name != code else code for code, name in zip(codes, names, strict=True)])
        return BoundarySet(
            id=descriptor.id,
            title=descriptor.title,
            vintage=descriptor.vintage,
            valid_from=descriptor.valid_from,
            licence=descriptor.licence,
            codes=codes,
            names=names,
            parent_codes=parent_codes,
            parent_names=parent_names,
            geometry=_sound(path.name, labels, read),
        )


def _read(path: Path, fields: Sequence[str]) -> _Read:
    import pyogrio.raw  # noqa: PLC0415 (heavy)

    target = _target(path)
    wanted = [name for name in dict.fromkeys(fields) if name]
    # GDAL must never wait for the network: no schema is fetched for GML, and whatever else tries gives up at once.
    pyogrio.set_gdal_config_options(
        {"GML_SKIP_RESOLVE_ELEMS": "ALL", "GDAL_HTTP_TIMEOUT": "1", "GDAL_HTTP_CONNECTTIMEOUT": "1"}
    )
    options = {"DOWNLOAD_SCHEMA": "NO"} if path.suffix.lower() == ".gml" else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL warns of what is checked here by name
            layer, info = _layer(path.name, target, wanted)
            meta, _, geometry, data = pyogrio.raw.read(target, layer=layer, columns=wanted, force_2d=True, **options)
    except gdal_errors() as problem:
        raise InputError(
            f"{path.name} cannot be read as a file of boundaries",
            found=problem,
            do="Give GeoJSON, GeoPackage, Shapefile (all its parts, or zipped) or KML",
        ) from problem
    if geometry is None or len(geometry) == 0:
        raise InputError(f"{path.name} holds no boundaries", do="Check that it is the right file and layer")
    columns = {name: _texts(values) for name, values in zip(meta["fields"], data, strict=True)}
    return _Read(meta["crs"], info["driver"], columns, shapely.from_wkb(geometry, on_invalid="ignore"))


def _target(path: Path) -> str:
    """Return what GDAL opens: the file itself, or the one vector file of a folder or zip."""
    if path.is_dir() and path.suffix.lower() != ".gdb":
        names = [found.name for found in sorted(path.iterdir()) if found.suffix.lower() in _VECTOR_FILES]
        return _target(path / _only(path.name, names))
    if not path.exists():
        raise InputError(f"There is no file {path.name}", found=path, do="Check the path")
    if not path.is_file():
        return str(path.resolve())
    members = zip_members(path) if path.suffix.lower() in {".zip", ".kmz"} else []
    if path.suffix.lower() == ".zip":
        vectors = [name for name in members if name.lower().endswith(_VECTOR_FILES)]
        member = _only(path.name, [name for name in vectors if not name.startswith("__MACOSX")])
        _refuse_pointers(ZipMember(path, member))
        return f"/vsizip/{path.resolve()}/{member}"
    _refuse_pointers(DiskFile(path))
    return str(path.resolve())


def _only(where: str, names: list[str]) -> str:
    if len(names) != 1:
        raise InputError(
            f"{where} must hold one vector file",
            found=", ".join(names) or "none",
            do=f"Give the file itself; known endings are {', '.join(_VECTOR_FILES)}",
        )
    return names[0]


def _refuse_pointers(source: Source) -> None:
    head = next(source.chunks(_HEAD_BYTES), b"")
    if not head.strip():
        raise InputError(f"{source.where} is empty", do="Export it again")
    for mark in _POINTERS:
        if mark in head:
            raise InputError(
                f"{source.where} only points to other files or to the network",
                found=mark.decode().strip("<"),
                do="Save the boundaries themselves, for example as GeoPackage",
            )


def _layer(name: str, target: str, wanted: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the one layer that has the fields."""
    import pyogrio  # noqa: PLC0415 (heavy)

    layers = [str(layer) for layer in pyogrio.list_layers(target)[:, 0]]
    infos = {layer: pyogrio.read_info(target, layer=layer) for layer in layers}
    fitting = [layer for layer, info in infos.items() if set(wanted) <= set(info["fields"])]
    if len(fitting) == 1:
        return fitting[0], infos[fitting[0]]
    if fitting:
        raise InputError(
            f"{name} has several layers with these fields",
            found=", ".join(fitting),
            do="Save the one that is meant as a file of its own",
        )
    if not layers:
        raise InputError(f"{name} holds no boundaries", do="Check that it is the right file")
    there = list(dict.fromkeys(field for info in infos.values() for field in info["fields"]))
    missing = [field for field in wanted if field not in there] or list(wanted)
    raise InputError(
        f"{name} has no field {', '.join(missing)}; its fields are {', '.join(there) or 'none'}",
        do="Name the fields with --code and --name",
        field=missing[0] if missing else "",
    )


def _texts(values: NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(_text(value) for value in values.tolist())


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())


def _check_codes(name: str, codes: Sequence[str], field: str) -> None:
    blank = [number + 1 for number, code in enumerate(codes) if not code]
    if blank:
        raise InputError(
            f"{name} has members without a code",
            found=f"feature {_listed([str(number) for number in blank])}",
            do=f"Fill the field {field}, or name another with --code",
            field=field,
        )
    repeated = [f"{code} ({times} times)" for code, times in Counter(codes).items() if times > 1]
    if repeated:
        raise InputError(
            f"{name} uses a code for more than one member: {_listed(repeated)}",
            do=f"Unite the parts of each member into one, or name a field other than {field} with --code",
            field=field,
        )


def _sound(name: str, labels: NDArray[np.str_], read: _Read) -> Geometries:
    """Return polygons in EPSG:4326, or refuse those that are none by name."""
    geometry = _polygons_only(read.geometry)
    missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    _refuse(name, "without a shape that can be read", labels[missing])
    kinds = shapely.get_type_id(geometry)
    wrong = ~np.isin(kinds, [_POLYGON, _MULTIPOLYGON])
    said = [f"{label} is a {shape.geom_type}" for label, shape in zip(labels[wrong], geometry[wrong], strict=True)]
    _refuse(name, "that are no polygons", said)
    in_degrees = _in_degrees(name, geometry, read)
    invalid = ~shapely.is_valid(in_degrees)
    reasons = shapely.is_valid_reason(in_degrees[invalid])
    _refuse(
        name,
        "with invalid geometry",
        [f"{label}: {_place(reason)}" for label, reason in zip(labels[invalid], reasons, strict=True)],
    )
    return in_degrees


def _polygons_only(geometry: Geometries) -> Geometries:
    """Turn collections that hold nothing but polygons, as KML has them, into multipolygons."""
    kinds = shapely.get_type_id(geometry)
    changed = geometry.copy()
    for at in np.flatnonzero(kinds == _COLLECTION):
        parts = shapely.get_parts(shapely.get_parts(geometry[at]))
        if len(parts) and (shapely.get_type_id(parts) == _POLYGON).all():
            changed[at] = shapely.multipolygons(parts)
    return changed


def _in_degrees(name: str, geometry: Geometries, read: _Read) -> Geometries:
    if read.crs is None and read.driver != _GEOJSON:
        raise InputError(
            f"{name} does not say which coordinate reference system it is in",
            do="Save it with one (a Shapefile needs its .prj), for example EPSG:27700",
            field="crs",
        )
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        finite = [np.isfinite(shapely.get_coordinates(shape)).all() for shape in geometry]
        raise InputError(
            f"{name} has coordinates that are no numbers",
            found=f"feature {finite.index(False) + 1}",
            do="Export it again",
        )
    in_degrees = spatial.reproject(geometry, read.crs or "EPSG:4326")
    west, south, east, north = shapely.total_bounds(in_degrees)
    box = _SWAPPED_UK
    if west >= box[0] and south >= box[1] and east <= box[2] and north <= box[3]:
        raise InputError(
            f"{name} has latitude and longitude swapped, as it seems",
            found=f"x {west:g} to {east:g}, y {south:g} to {north:g}",
            do="Write longitude first",
            field="geometry",
        )
    return in_degrees


def _place(reason: str) -> str:
    """Say `Self-intersection[-1.9 52.3]` as words, to the decimetre."""
    what, _, where = reason.partition("[")
    place = " ".join(f"{float(number):.6f}" for number in where.rstrip("]").split())
    return f"{what} at longitude, latitude {place}" if place else what


def _refuse(name: str, what: str, members: Sequence[str] | NDArray[np.str_]) -> None:
    if len(members):
        raise InputError(
            f"{name} has {len(members):,} member{'s' if len(members) > 1 else ''} {what}: {_listed(list(members))}",
            do="Mend them where the file was made (in QGIS: Vector > Geometry Tools > Check Validity)",
            field="geometry",
        )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return "; ".join(names[:_MOST_NAMED]) + (f"; and {more:,} more" if more > 0 else "")
