"""The invented Safe Places directory, cameras and orders as they would be written down.

Telephone numbers are from the range that Ofcom keeps for drama (01632 960000 to 960999), web addresses from the
domain that is kept for examples (RFC 2606), postcodes from an area that does not exist (ZZ). Nobody is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """Write one entry of the directory down."""

    name: str
    category: str
    near: str | tuple[float, float]
    """Landmark, or metres east and north of the town's middle."""
    opening_hours: str
    status: str
    verified_days: int | None
    """Days between the last check and the end of the data; None: never checked."""
    access: str = "yes yes no no"
    """step_free, toilet, hearing_loop, quiet_space: yes, no or - for unknown."""
    web: str = ""
    languages: str = "English"
    for_whom: str = "Everybody"
    note: str = ""
    inside: str = ""
    """Where in a larger building, for the address."""
    building_hours: str = ""
    """When the building itself is open."""


PLACES: Final = (
    Place("Nonesuch Library", "Library", "library", "Mo-Fr 09:00-18:00; Sa 09:00-16:00; PH off", "verified", 41,
          "yes yes yes yes", "https://library.nonesuch.example", "English; British Sign Language on Tuesdays"),
    Place("Nonesuch Town Hall, reception", "Council", "town_hall", "Mo-Fr 08:45-17:00; PH off", "verified", 88,
          "yes yes yes yes", "https://www.nonesuch.example"),
    Place("Inkle Valley Hospital, main reception", "Health", "hospital", "24/7", "verified", 23, "yes yes yes no",
          languages="English; interpreters by telephone"),
    Place("Inkle Leisure Centre", "Leisure", "leisure", "Mo-Fr 06:30-22:00; Sa-Su 08:00-20:00; PH 09:00-17:00",
          "verified", 130,
          "yes yes no no"),
    Place("Customer desk, Thimble Arcade", "Shop", "arcade", "Mo-Sa 09:00-18:00; Su 10:30-16:30", "verified", 61,
          "yes yes yes no", inside="Upper level, Thimble Arcade",
          building_hours="Mo-Sa 08:00-19:00; Su 10:00-17:00"),
    Place("Nonesuch Station, ticket office", "Transport", "station", "Mo-Sa 05:45-20:30; Su 08:00-20:30",
          "verified", 12,
          "yes yes yes no"),
    Place("Bus station travel shop", "Transport", "bus_station", "Mo-Fr 07:30-18:30; Sa 08:30-17:00; PH off",
          "verified", 77,
          "yes no yes no"),
    Place("The Lamplight night café", "Café", (130, -95), "Th 20:00-01:00; Fr-Sa 20:00-04:00", "verified", 35,
          "yes yes no yes", for_whom="Anybody out late", languages="English; Polish"),
    Place("Lanternby Community Centre", "Community", "centre_east", "Mo-Fr 09:30-21:00; Sa 10:00-14:00", "verified",
          402,
          "yes yes - yes", note="Last checked more than a year before the end of the data."),
    Place("Kettlewick Pharmacy", "Health", (-1_180, 640), "Mo-Fr 08:30-19:00; Sa 09:00-17:30; PH off", "verified",
          154,
          "no no no yes", languages="English; Punjabi; Urdu"),
    Place("Fiddlestow Parade Bakery", "Shop", "parade", "", "unverified", None, "- - - -",
          note="Listed without opening hours; nobody has called there yet."),
    Place("Pebblemere Community Centre", "Community", "centre_south", 'Mo-Fr 10:00-15:00 unknown "ring first"',
          "unverified", None,
          "yes - - -", note="Hours depend on volunteers."),
    Place("Quillholt College, reception", "Education", "college", 'off "closed for repairs"', "suspended", 210,
          "yes yes yes yes", for_whom="Young people and students",
          note="Building closed for repairs; ask again before reopening."),
    Place("Garden café at Bobbin Retail Park", "Café", "retail", "Mo-Sa 09:00-17:30; Su 10:00-16:00", "suspended",
          300,
          "yes yes no no", note="New owners have not yet joined."),
    Place("Nonesuch Fire Station", "Emergency service", "fire", "Mo-Su 08:00-20:00", "verified", 9, "yes yes no yes"),
)  # fmt: skip

CAMERAS: Final = (
    ("Market Place", (-40, 30), "dome"),
    ("Thimble Arcade, main doors", "arcade", "fixed"),
    ("Bus station, stands A to D", "bus_station", "fixed"),
    ("Bus station, entrance", (-235, -85), "dome"),
    ("Town Hall steps", "town_hall", "dome"),
    ("Night-time strip, north end", (115, -80), "dome"),
    ("Night-time strip, south end", (140, -165), "dome"),
    ("Taxi rank", (75, -60), "fixed"),
    ("Station forecourt", "station", "dome"),
    ("Station cycle store", (515, 205), "fixed"),
    ("Multi-storey car park, exit", (-200, 175), "fixed"),
    ("Fiddlestow Parade", "parade", "dome"),
    ("Bobbin Retail Park, entrance", "retail", "fixed"),
    ("Inkle Valley Hospital, ambulance bay", "hospital", "dome"),
)
"""Name, landmark or metres from the middle, kind."""

REDEPLOYABLE: Final = (
    ("Behind Fiddlestow Parade", (-1_190, -900), "Criminal damage and nuisance after dark", 118, None),
    ("Candle Meadows, east gate", "park", "Robberies of young people on the way home", 46, None),
    ("Fiddlestow, residential street", (-1_330, -1_010), "Repeated domestic abuse at an address nearby", 260, 130),
)
"""Name, place, reason, days before the end of the data at which it came and (None: still there) went."""

ORDERS: Final = (
    (
        "Nonesuch town centre order",
        "centre",
        "in force",
        410,
        1_095,
        "Drinking alcohol when told to stop; begging beside cash machines; urinating in the street",
    ),
    (
        "Candle Meadows order",
        "park",
        "proposed",
        None,
        None,
        "Riding motor vehicles; lighting fires; being in the park between 22:00 and 06:00 in a group that causes alarm",
    ),
    (
        "Fiddlestow Parade order",
        "parade",
        "expired",
        1_300,
        1_095,
        "Gathering in groups that cause alarm; riding off-road motorcycles",
    ),
)
"""Name, area, status, days before the end of the data at which it began, days it runs for, what it forbids."""
AUDITS: Final = (
    (
        "Candle Meadows and its paths",
        "park",
        150,
        "acted on",
        "Hedges hide the east gate; two lamps out; no sight line from the road",
        "Hedges cut back; lamps mended; a bench moved to where the road sees it",
        "Nonesuch Borough Council; Nonesuch Central team; residents",
    ),
    (
        "Fiddlestow Parade, rear yards",
        "parade",
        35,
        "recommendations made",
        "Unlit yards; bins that help somebody climb; an alley without a gate",
        "",
        "Nonesuch Borough Council; Nonesuch West team; shopkeepers",
    ),
)
"""Where, landmark, days before the end of the data, status, what was found, what was done, who took part."""

ARCHES: Final = (
    ("Nonesuch Station", "station", 80, "Joint operation with the railway's police on a Friday evening", ""),
    (
        "Nonesuch Bus Station",
        "bus_station",
        45,
        "After school, with youth workers beside the arch",
        "Knives handed in",
    ),
    ("Night-time strip", (130, -120), 20, "Night-time economy, outside licensed premises", ""),
)
"""Where, landmark or metres from the middle, days before the end of the data, purpose, what was found."""

VOLUNTEERS: Final = (
    ("street-watch", "Lanternby", "X99000002", "Lanternby StreetWatch", "Tu,Th 18:30-20:00; Sa 10:00-11:30",
     "Walk in pairs, talk to neighbours, report what is broken"),
    ("street-pastors", "Town centre", "X99000001", "Nonesuch Street Pastors", "Sa 22:00-04:00",
     "Water, shoes, a way home for people who are out late"),
)  # fmt: skip
"""Layer, name, code of the ward, who, days and hours (OSM syntax), what they do."""

STATIONS: Final = (
    ("Nonesuch Police Station, parade room", "NSUCH-T1", "police"),
    ("Inkle Leisure Centre, police desk", "NSUCH-T2", "leisure"),
    ("Pebblemere Community Centre, police desk", "NSUCH-T3", "centre_south"),
)
"""Name, code of the team, landmark."""
OPERATOR: Final = "Nonesuch Borough Council control room"
COUNCIL: Final = "Nonesuch Borough Council"
