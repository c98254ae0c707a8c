"""Read extracts of maps: OpenStreetMap and OS OpenMap Local."""

from geo_service.ingest.basemaps.files import MapFiles

__all__ = ["MapFiles"]
