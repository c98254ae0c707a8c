"""Read files of incidents, boundaries and postcodes; what cannot be taken is said by name, row and field."""

from geo_service.ingest.files import IncidentFinder

__all__ = ["IncidentFinder"]
