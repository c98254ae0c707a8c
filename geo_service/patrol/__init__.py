"""Plan who goes where and when, check and change plans, and say what was delivered; no file, clock or network."""

from geo_service.patrol.dosage import ALONE, Pings, StayRules, Stays, stays
from geo_service.patrol.presence import Presences, covered_minutes, presences, total

__all__ = [
    "ALONE",
    "Pings",
    "Presences",
    "StayRules",
    "Stays",
    "covered_minutes",
    "presences",
    "stays",
    "total",
]
