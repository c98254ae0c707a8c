"""What happens in the borough: kinds of events with their offences, places, hours and markers.

The yearly numbers are our own round figures for an English town of some sixty thousand people; no real place is copied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from geo_service.demonstration.rhythm import Rhythm, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVEN: Final = (1.0, 1.0, 1.0, 1.0, 1.05, 1.05, 0.95)
_WORKDAYS: Final = (1.0, 1.0, 1.0, 1.0, 1.05, 0.5, 0.35)

NIGHTLIFE: Final = Rhythm(
    (0.35, 0.35, 0.45, 0.7, 2.3, 2.8, 0.6), ((23.3, 1.7, 1.0), (26.0, 1.1, 0.6), (18, 2.5, 0.12)), 0.02, 0.08
)
AT_HOME: Final = Rhythm((1.0, 0.95, 0.95, 0.95, 1.1, 1.3, 1.25), ((20.5, 3.0, 1.0), (11, 3.5, 0.4)), 0.12, 0.06)
AFTER_SCHOOL: Final = Rhythm((1.0, 1.0, 1.05, 1.05, 1.3, 0.9, 0.5), ((15.8, 1.0, 1.0), (19.5, 2.2, 0.7)), 0.02, 0.05)
SHOPS: Final = Rhythm((1.0, 1.0, 1.0, 1.05, 1.15, 1.2, 0.35), ((12, 1.8, 0.8), (15.5, 1.9, 1.0)), 0.004, -0.08)
EVENING: Final = Rhythm((0.9, 0.9, 0.95, 1.0, 1.25, 1.3, 0.95), ((19.5, 2.4, 1.0), (22.5, 1.6, 0.4)), 0.03, 0.28)
NIGHT: Final = Rhythm((1.0, 1.0, 1.0, 1.0, 1.1, 1.1, 0.95), ((26, 2.6, 1.0), (20, 2.5, 0.35)), 0.06, -0.06)
HOMES_EMPTY: Final = Rhythm(_WORKDAYS, ((13.0, 2.4, 1.0), (18.5, 2.0, 0.75), (26.5, 1.6, 0.35)), 0.04, -0.2)
SHEDS_AT_NIGHT: Final = Rhythm(_EVEN, ((26.5, 2.2, 1.0),), 0.04, 0.02)
DAYTIME: Final = Rhythm((1.0, 1.0, 1.0, 1.0, 1.1, 1.0, 0.75), ((13.0, 3.2, 1.0), (18, 2.5, 0.6)), 0.06, 0.05)
PATROLS: Final = Rhythm((0.8, 0.9, 1.0, 1.1, 1.4, 1.4, 0.7), ((15.5, 2.2, 0.8), (22.0, 2.0, 1.0)), 0.02)


@dataclass(frozen=True, slots=True)
class Stream:
    """Describe one kind of event."""

    name: str
    a_year: int
    offences: tuple[tuple[str, float], ...]
    """(pattern searched in the description, relative weight)."""
    where: Mapping[str, float]
    """Share of each component of `scenes.SCENES`."""
    rhythm: Rhythm
    span: Span | None = None
    """None: the moment is known."""
    markers: Mapping[str, float] = field(default_factory=dict)
    """Chance of each marker."""
    near_repeats: float = 0.0
    """Share that follows an earlier one nearby within a few weeks."""


_YOUNG: Final = {"victim_under_25": 0.34, "suspect_under_25": 0.36}

STREAMS: Final = (
    Stream(
        "nightlife violence", 1_000,
        (("actual bodily", 40), ("minor wound", 9), ("serious wound", 3), ("with intent", 1.5), ("common assault",
         55), ("affray", 6)),
        {"strip": 0.46, "high street": 0.18, "station": 0.07, "bus station": 0.05, "parades": 0.13, "streets": 0.11},
        NIGHTLIFE, markers={**_YOUNG, "knife": 0.04, "hate": 0.02},
    ),
    Stream(
        "violence at home", 2_400,
        (("common assault", 70), ("actual bodily", 26), ("^harassment$", 45), ("threats to kill", 9), ("minor wound",
         2), ("with intent", 1)),
        {"homes": 0.70, "estate": 0.17, "parades": 0.08, "hospital": 0.05},
        AT_HOME, markers={"victim_under_25": 0.24, "suspect_under_25": 0.2, "domestic_abuse": 0.62, "knife": 0.015,
        "hate": 0.015},
    ),
    Stream(
        "violence among the young", 620,
        (("actual bodily", 34), ("common assault", 46), ("minor wound", 6), ("serious wound", 2), ("with intent", 1.2)),
        {"parade": 0.24, "bus station": 0.16, "park": 0.17, "college": 0.12, "high street": 0.1, "parades": 0.12,
         "streets": 0.09},
        AFTER_SCHOOL, markers={"victim_under_25": 0.82, "suspect_under_25": 0.78, "knife": 0.08, "hate": 0.02},
    ),
    Stream(
        "shoplifting", 1_550, (("shoplift", 1),),
        {"high street": 0.4, "retail": 0.33, "parades": 0.13, "parade": 0.08, "station": 0.03, "shops": 0.03},
        SHOPS, markers={"suspect_under_25": 0.18},
    ),
    Stream(
        "burglary of homes", 640, (("residential, dwelling", 70), ("non-dwelling", 30)),
        {"homes": 0.82, "estate": 0.15, "streets": 0.03}, HOMES_EMPTY, Span(6, 0.8), {"suspect_under_25": 0.08}, 0.3,
    ),
    Stream(
        "burglary of business", 210, (("burglary business", 1),),
        {"works": 0.3, "shops": 0.3, "parades": 0.25, "retail": 0.15}, SHEDS_AT_NIGHT, Span(12, 0.5), {}, 0.1,
    ),
    Stream(
        "vehicle crime", 860, (("from a motor vehicle", 55), ("of a motor vehicle", 26), ("interference", 16)),
        {"homes": 0.66, "car park": 0.1, "retail": 0.06, "station": 0.05, "works": 0.06, "estate": 0.07},
        NIGHT, Span(9, 0.6), {"suspect_under_25": 0.1}, 0.08,
    ),
    Stream(
        "theft from people", 190, (("from the person", 1),),
        {"high street": 0.36, "strip": 0.28, "bus station": 0.16, "station": 0.1, "retail": 0.1}, DAYTIME,
        markers={"victim_under_25": 0.3},
    ),
    Stream(
        "cycle theft", 170, (("pedal cycle", 1),),
        {"station": 0.34, "high street": 0.18, "college": 0.16, "hospital": 0.08, "homes": 0.24},
        DAYTIME, Span(4, 0.7), {"victim_under_25": 0.4},
    ),
    Stream(
        "other theft", 720, (("other theft", 1),),
        {"high street": 0.16, "strip": 0.08, "retail": 0.06, "hospital": 0.04, "works": 0.08, "homes": 0.5,
         "parades": 0.08},
        DAYTIME, Span(3, 1.0), {"suspect_under_25": 0.08},
    ),
    Stream(
        "robbery", 190, (("robbery of personal", 85), ("robbery of business", 12)),
        {"park": 0.2, "high street": 0.15, "bus station": 0.14, "station": 0.11, "parade": 0.2, "parades": 0.1,
         "streets": 0.1},
        EVENING, markers={"victim_under_25": 0.5, "suspect_under_25": 0.55, "knife": 0.22}, near_repeats=0.1,
    ),
    Stream(
        "damage", 980,
        (("damage to a dwelling", 28), ("damage to a vehicle", 40), ("damage, other", 28), ("arson not", 6),
         ("arson endangering", 0.8)),
        {"homes": 0.52, "estate": 0.14, "parade": 0.08, "park": 0.05, "strip": 0.06, "parades": 0.1, "station": 0.05},
        EVENING, Span(3, 1.0), {"suspect_under_25": 0.22},
    ),
    Stream(
        "public order", 860, (("fear or provocation", 45), ("intentional harassment", 50), ("affray", 4)),
        {"strip": 0.16, "high street": 0.15, "bus station": 0.09, "station": 0.06, "hospital": 0.06, "parade": 0.1,
         "homes": 0.38},
        EVENING, markers={"suspect_under_25": 0.25, "hate": 0.12, "found_by_police": 0.06},
    ),
    Stream(
        "weapons", 130, (("blade", 55), ("offensive weapon", 45)),
        {"high street": 0.2, "strip": 0.15, "park": 0.2, "parade": 0.22, "station": 0.13, "streets": 0.1},
        PATROLS, markers={"suspect_under_25": 0.5, "knife": 0.7, "found_by_police": 0.72},
    ),
    Stream(
        "drugs", 330, (("cannabis", 62), ("possession of a class a", 22), ("supply", 12)),
        {"park": 0.2, "parade": 0.22, "strip": 0.14, "station": 0.12, "estate": 0.12, "streets": 0.2},
        PATROLS, markers={"suspect_under_25": 0.45, "found_by_police": 0.95},
    ),
    Stream(
        "sexual offences", 210, (("rape", 32), ("sexual assault", 68)),
        {"homes": 0.72, "strip": 0.12, "streets": 0.06, "parades": 0.1},
        AT_HOME, markers={"victim_under_25": 0.48, "suspect_under_25": 0.2, "domestic_abuse": 0.24},
    ),
    Stream(
        "nuisance", 2_300, (("anti-social|antisocial|nuisance", 1),),
        {"high street": 0.11, "parade": 0.1, "bus station": 0.07, "park": 0.08, "station": 0.04, "parades": 0.12,
         "estate": 0.1, "homes": 0.38},
        EVENING, markers={"suspect_under_25": 0.3},
    ),
)  # fmt: skip

OTHER: Final = Stream("anything else", 12, (("", 1),), {"homes": 0.7, "parades": 0.3}, DAYTIME)
"""How an offence is treated that none of the streams asks for; so many a year for each such offence."""
