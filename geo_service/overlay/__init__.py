"""Points and questions to boundaries: assign, summarise, find the area that is meant, check a set."""

from geo_service.overlay.apportion import apportion, meeting
from geo_service.overlay.areas import find_area
from geo_service.overlay.assign import MemberTotals, assign, summarise
from geo_service.overlay.coverage import Gap, Overlap, area_geometry, check_coverage

__all__ = [
    "Gap",
    "MemberTotals",
    "Overlap",
    "apportion",
    "area_geometry",
    "assign",
    "check_coverage",
    "find_area",
    "meeting",
    "summarise",
]
