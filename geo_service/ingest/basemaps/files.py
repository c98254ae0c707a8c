"""Choose the reader of a map extract by what the file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.errors import InputError
from geo_service.ingest.basemaps.openmap import read_openmap
from geo_service.ingest.basemaps.osm import read_osm

if TYPE_CHECKING:
    from pathlib import Path

    import shapely

    from geo_service.model.basemaps import Basemap
    from geo_service.model.ports import Progress

_HEAD_BYTES: Final = 1024
_GEOPACKAGE: Final = b"SQLite format 3\x00"


class MapFiles:
    """Read an extract of a map (port `BasemapFiles`)."""

    def read(self, path: Path, *, within: shapely.Geometry | None = None, progress: Progress | None = None) -> Basemap:
        """Read what meets `within` (EPSG:4326), all of the file where it is None.

        Takes .osm.pbf or .osm of OpenStreetMap, or the GeoPackage of OS OpenMap Local. Raises InputError for any other
        file, for one without a street, and for one that holds nothing there.
        """
        if not path.is_file():
            raise InputError(
                f"There is no file {path.name}" if not path.exists() else f"{path.name} is a folder",
                found=path,
                do="Check the path" if not path.exists() else "Name the file in it",
                field="file",
            )
        with path.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
        name = path.name.lower()
        # By content too: GDAL would follow some files to others, or to the network.
        if name.endswith((".pbf", ".osm")) and (b"OSMHeader" in head or b"<osm" in head):
            return read_osm(path, within, progress)
        if name.endswith(".gpkg") and head.startswith(_GEOPACKAGE):
            return read_openmap(path, within, progress)
        do = "Give .osm.pbf or .osm, as geofabrik.de offers them by county, or the .gpkg of OS OpenMap Local"
        raise InputError(
            f"{path.name} is no OpenStreetMap extract and no GeoPackage of OS OpenMap Local",
            found=path.suffix or "a name without an ending",
            do="Unpack it and give the .gpkg in it" if name.endswith(".zip") else do,
            field="file",
        )
