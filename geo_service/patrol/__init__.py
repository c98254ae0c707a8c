"""Plan who goes where and when, check and change plans, and say what was delivered; no file, clock or network."""

from geo_service.patrol.changes import Change
from geo_service.patrol.checking import check
from geo_service.patrol.differences import differences
from geo_service.patrol.dosage import ALONE, Pings, StayRules, Stays, stays
from geo_service.patrol.editing import edit
from geo_service.patrol.lacking import Lack, lack_words, lacks
from geo_service.patrol.presence import Presences, covered_minutes, presences, total
from geo_service.patrol.problem import whole_minutes
from geo_service.patrol.rounds import walking_order
from geo_service.patrol.solving import Solved, greedy, harm_minutes, solve
from geo_service.patrol.streets import StreetGraph, near_places, street_graph
from geo_service.patrol.travel import travel, way
from geo_service.patrol.walks import Route, Walks

__all__ = [
    "ALONE",
    "Change",
    "Lack",
    "Pings",
    "Presences",
    "Route",
    "Solved",
    "StayRules",
    "Stays",
    "StreetGraph",
    "Walks",
    "check",
    "covered_minutes",
    "differences",
    "edit",
    "greedy",
    "harm_minutes",
    "lack_words",
    "lacks",
    "near_places",
    "presences",
    "solve",
    "stays",
    "street_graph",
    "total",
    "travel",
    "walking_order",
    "way",
    "whole_minutes",
]
