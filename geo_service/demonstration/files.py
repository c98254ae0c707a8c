"""Write the demonstration as the files that a user would bring."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Final

import polars as pl
import shapely

from geo_service.spatial.projection import project_geometry, to_lonlat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.demonstration.build import Demonstration
    from geo_service.demonstration.places import Mapped
    from geo_service.model.boundaries import BoundarySet, Geometries

_DEGREES: Final = 7
"""Decimals of a degree: about a centimetre."""
WORDS: Final = "DEMONSTRATION: an invented place at sea, generated from a seed. Nothing here is real."


def files(demonstration: Demonstration) -> Mapping[str, bytes]:
    """Return file name -> content: boundaries, layers, postcodes and the incident export.

    GeoJSON is in EPSG:4326 and says that it is a demonstration; the CSV files keep to the columns of their kind and
    say so by their invented names. The same demonstration gives the same bytes.
    """
    seed = demonstration.seed
    return {
        "wards.geojson": _geojson("Wards", _ward_rows(demonstration.wards), demonstration.wards.geometry, seed),
        "ground.geojson": _layer("Water, parks and woods", demonstration.ground, seed),
        "buildings.geojson": _layer("Buildings", demonstration.buildings, seed),
        "landmarks.geojson": _layer("Stations, schools and other landmarks", demonstration.landmarks, seed),
        "streets.geojson": _layer("Streets, railways and rivers as lines", demonstration.streets, seed),
        "excluded-places.geojson": _layer("Places that no patrol zone takes in", demonstration.excluded_places, seed),
        "cctv.geojson": _layer("CCTV, fixed cameras", demonstration.cctv, seed),
        "cctv-redeployable.geojson": _layer("CCTV, redeployable cameras", demonstration.cctv_redeployable, seed),
        "pspo.geojson": _layer("Public Space Protection Orders", demonstration.pspos, seed),
        "environmental-visual-audits.geojson": _layer("Environmental Visual Audits", demonstration.audits, seed),
        "knife-arch.geojson": _layer("Knife-arch deployments", demonstration.knife_arches, seed),
        "street-watch.geojson": _layer("StreetWatch areas", demonstration.street_watch, seed),
        "street-pastors.geojson": _layer("Street Pastors areas", demonstration.street_pastors, seed),
        "parade-stations.geojson": _layer("Parade stations", demonstration.parade_stations, seed),
        "safe-places.csv": _csv(_with_position(demonstration.safe_places)),
        "postcodes.csv": _csv(demonstration.postcodes, header=False),
        "incidents.csv": _csv(demonstration.incidents),
    }


def _csv(frame: pl.DataFrame, *, header: bool = True) -> bytes:
    out = BytesIO()
    frame.write_csv(out, include_header=header)
    return out.getvalue()


def _ward_rows(wards: BoundarySet) -> pl.DataFrame:
    return pl.DataFrame(
        {"code": wards.codes, "name": wards.names, "parent_code": wards.parent_codes, "parent_name": wards.parent_names}
    )


def _with_position(places: Mapped) -> pl.DataFrame:
    """Put longitude and latitude after the postcode."""
    lon, lat = to_lonlat(shapely.get_x(places.geometry), shapely.get_y(places.geometry))
    found = places.rows.with_columns(
        lon=pl.Series(lon).round(6).cast(pl.String), lat=pl.Series(lat).round(6).cast(pl.String)
    )
    names = places.rows.columns
    after = names.index("postcode") + 1
    return found.select(*names[:after], "lon", "lat", *names[after:])


def _layer(title: str, layer: Mapped, seed: int) -> bytes:
    return _geojson(title, layer.rows, project_geometry(layer.geometry, "lonlat"), seed)


def _geojson(title: str, rows: pl.DataFrame, geometry: Geometries, seed: int) -> bytes:
    """Write a FeatureCollection; blank properties become null."""
    shapes = shapely.to_geojson(shapely.transform(geometry, lambda degrees: degrees.round(_DEGREES)))
    features = [
        {
            "type": "Feature",
            "properties": {key: value or None for key, value in row.items()},
            "geometry": json.loads(shape),
        }
        for row, shape in zip(rows.to_dicts(), shapes, strict=True)
    ]
    collection = {
        "type": "FeatureCollection",
        "name": f"DEMONSTRATION: {title}",
        "demonstration": True,
        "description": WORDS,
        "seed": seed,
        "features": features,
    }
    return (json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
