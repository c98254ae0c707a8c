"""The API's face: OGC API Features for every table, and `/hotspots` for the question itself."""

from geo_service.api.site import create_api

__all__ = ["create_api"]
