"""Points and questions to boundaries: assign, summarise, find the area that is meant, check a set."""

from geo_service.overlay.anchors import Z_90, Spread, Together, catchments, held_by, shares, spread
from geo_service.overlay.apportion import apportion, meeting
from geo_service.overlay.areas import find_area
from geo_service.overlay.assign import MemberTotals, assign, summarise
from geo_service.overlay.barriers import crossing, touching, without
from geo_service.overlay.coverage import Gap, Overlap, area_geometry, check_coverage
from geo_service.overlay.segments import SegmentCounts, Segments, cut, nearest_segment, segment_counts

__all__ = [
    "Z_90",
    "Gap",
    "MemberTotals",
    "Overlap",
    "SegmentCounts",
    "Segments",
    "Spread",
    "Together",
    "apportion",
    "area_geometry",
    "assign",
    "catchments",
    "check_coverage",
    "crossing",
    "cut",
    "find_area",
    "held_by",
    "meeting",
    "nearest_segment",
    "segment_counts",
    "shares",
    "spread",
    "summarise",
    "touching",
    "without",
]
