"""Points and questions to boundaries: assign, summarise, find the area that is meant, check a set."""

from geo_service.overlay.apportion import apportion, meeting
from geo_service.overlay.areas import find_area
from geo_service.overlay.assign import MemberTotals, assign, summarise
from geo_service.overlay.coverage import Gap, Overlap, area_geometry, check_coverage
from geo_service.overlay.segments import SegmentCounts, Segments, cut, nearest_segment, segment_counts

__all__ = [
    "Gap",
    "MemberTotals",
    "Overlap",
    "SegmentCounts",
    "Segments",
    "apportion",
    "area_geometry",
    "assign",
    "check_coverage",
    "cut",
    "find_area",
    "meeting",
    "nearest_segment",
    "segment_counts",
    "summarise",
]
