"""The base map under the maps of the staff site: where its tiles are, and the file that is read in pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import FileResponse

from geo_service.errors import NotFoundError
from geo_service.workflows.importing import basemaps

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from geo_service.workflows.services import Services

ADDRESS: Final = "/map/basemap.pmtiles"
MEDIA_TYPE: Final = "application/vnd.pmtiles"
INVENTED: Final = "DEMONSTRATION: an invented place."


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Say where the tiles of a map are, and what must be said on it."""

    url: str
    licences: tuple[str, ...]


def base_map(services: Services) -> BaseMap | None:
    """Return the base map that a page shows, None where none is loaded."""
    found = basemaps.basemap(services)
    if found is None:
        return None
    tiles, licences = found
    # A new map is a new address, so that a browser never mixes pieces of two.
    return BaseMap(f"{ADDRESS}?v={tiles.sha256[:16]}", (INVENTED,) if services.demonstration else licences)


def tiles(services: Services, request: Request) -> Response:
    """Return the tiles, or the ranges of bytes that are asked for (RFC 9110, 14); the hash is the entity tag."""
    del request
    found = services.store.snapshot().tiles(basemaps.TILES)
    if found is None:
        raise NotFoundError("No base map is loaded", do="Import one: `geo-service import basemap FILE`")
    return FileResponse(found.path, headers={"ETag": f'"{found.sha256}"'}, media_type=MEDIA_TYPE)
