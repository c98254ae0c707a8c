"""Read files of incidents, boundaries, postcodes and maps; what cannot be taken is said by name, row and field."""

from geo_service.ingest.basemaps import MapFiles
from geo_service.ingest.boundaries import OgrBoundaries
from geo_service.ingest.files import IncidentFinder
from geo_service.ingest.harm import HarmFiles
from geo_service.ingest.numbers import Numbers
from geo_service.ingest.postcodes import CodePointOpen, normalise_postcode, normalise_postcodes

__all__ = [
    "CodePointOpen",
    "HarmFiles",
    "IncidentFinder",
    "MapFiles",
    "Numbers",
    "OgrBoundaries",
    "normalise_postcode",
    "normalise_postcodes",
]
