"""Find the small places that hold the most: statistics, accuracy, patrol zones, their names and hours."""

from geo_service.hotspots.accuracy import choose, held
from geo_service.hotspots.observe import Observer, tally, tally_by_month
from geo_service.hotspots.statistics import Statistic, statistics
from geo_service.hotspots.week.hours import best_hours
from geo_service.hotspots.zones.finding import Grown, ZoneRules, best_zones
from geo_service.hotspots.zones.identity import changes, same_zones
from geo_service.hotspots.zones.naming import name_zone
from geo_service.hotspots.zones.surroundings import sought, surroundings

__all__ = [
    "Grown",
    "Observer",
    "Statistic",
    "ZoneRules",
    "best_hours",
    "best_zones",
    "changes",
    "choose",
    "held",
    "name_zone",
    "same_zones",
    "sought",
    "statistics",
    "surroundings",
    "tally",
    "tally_by_month",
]
