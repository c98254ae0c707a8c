"""What the public pages load besides: pins, tiles, pictures, open data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from geo_service.web.basemaps import INVENTED, MEDIA_TYPE
from geo_service.web.geojson import feature_collection
from geo_service.web.places import pins

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from geo_service.web.view import Views

MAP_TILES: Final = "/map.pmtiles"
_NOT_FOUND: Final = 404
_KINDS: Final = {
    ".geojson": "application/geo+json", ".csv": "text/csv; charset=utf-8", ".json": "application/json",
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
}  # fmt: skip


class PublicFiles:
    """Answer requests for files of the release that is shown."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def map_json(self, request: Request) -> Response:
        """Return the pins; what is said of a place stands in the list, which the map copies."""
        view = self._views.of(request)
        release = view.release
        demonstration = release.places.provenance.demonstration
        tiles = {
            # A new release is a new address, so that a browser never mixes pieces of two maps.
            "url": f"{MAP_TILES}?v={release.number}",
            "licences": (INVENTED,) if demonstration else release.all_licences,
        }
        body = {
            "pins": pins(view.places),
            "outline": None if release.outline is None else feature_collection(release.outline, columns=("id", "name")),
            "tiles": None if release.basemap is None else tiles,
        }
        return Response(orjson.dumps(body), media_type="application/json")

    def tiles(self, request: Request) -> Response:
        """Return the tiles of the base map, or the ranges of bytes that are asked for (RFC 9110, 14)."""
        release = self._views.of(request).release
        if release.basemap is None:
            raise HTTPException(_NOT_FOUND)
        return FileResponse(release.basemap, headers={"ETag": f'"{release.number}"'}, media_type=MEDIA_TYPE)

    def picture(self, request: Request) -> Response:
        """Return the photograph of a place's door."""
        return _file(self._views.of(request).release.pictures.get(request.path_params["id"]))

    def open_data(self, request: Request) -> Response:
        """Return a file to download."""
        name = request.path_params["name"]
        answer = _file(self._views.of(request).release.open_data.get(name))
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        # Other sites may read it: it is open data.
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer


def _file(path: Path | None) -> Response:
    if path is None:
        raise HTTPException(_NOT_FOUND)
    return FileResponse(path, media_type=_KINDS.get(path.suffix.casefold(), "application/octet-stream"))
