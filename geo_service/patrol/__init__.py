"""Plan who goes where and when, check and change plans, and say what was delivered; no file, clock or network."""

from geo_service.patrol.changes import Change
from geo_service.patrol.differences import differences
from geo_service.patrol.dosage import ALONE, Pings, StayRules, Stays, stays
from geo_service.patrol.presence import Presences, covered_minutes, presences, total
from geo_service.patrol.streets import StreetGraph, near_places, street_graph
from geo_service.patrol.travel import travel, way

__all__ = [
    "ALONE",
    "Change",
    "Pings",
    "Presences",
    "StayRules",
    "Stays",
    "StreetGraph",
    "covered_minutes",
    "differences",
    "near_places",
    "presences",
    "stays",
    "street_graph",
    "total",
    "travel",
    "way",
]
