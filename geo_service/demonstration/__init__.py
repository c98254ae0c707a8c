"""An invented borough at sea, generated from a seed: nothing in it is real, and it says so everywhere."""

from geo_service.demonstration.build import LAST_MONTH, Demonstration, build
from geo_service.demonstration.files import files

__all__ = ["LAST_MONTH", "Demonstration", "build", "files"]
