"""Names of the places in the data that a file can fill, and what those names mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geo_service.errors import QueryError
from geo_service.model.periods import Month

if TYPE_CHECKING:
    from collections.abc import Iterable

INCIDENTS: Final = "incidents"
ASSIGNMENTS: Final = "assignments"
BOUNDARIES: Final = "boundaries"
POSTCODES: Final = "postcodes"
FEATURES: Final = "features"
REJECTS: Final = "rejects"
DENOMINATORS: Final = "denominators"
HARM_TABLES: Final = "harm_tables"
TILES: Final = "tiles"
KINDS: Final = (INCIDENTS, ASSIGNMENTS, BOUNDARIES, POSTCODES, FEATURES, DENOMINATORS, HARM_TABLES, TILES, REJECTS)
"""First part of every slot, and the folder below `files/` that its files lie in."""

REPLACED_ROW_BY_ROW: Final = frozenset({"force_csv"})
"""Readers whose republished crime number replaces its row; of the others a slot is replaced whole."""

_INCIDENT_PARTS: Final = 4
_PART: Final = re.compile(r"(?P<whole>incidents/.+)\.[0-9]+of(?P<parts>[0-9]+)")
_PRINTABLE: Final = re.compile(r"[^\x00-\x1f\x7f]+")


def kind_of(slot: str) -> str:
    """Return the kind of the files that a slot holds."""
    return slot.partition("/")[0]


def incident_slot(slot: str) -> str:
    """Return the slot of incidents unchanged; raise ValueError unless it is `incidents/<reader>/<force>/<part>`."""
    parts = slot.split("/")
    if len(parts) != _INCIDENT_PARTS or parts[0] != INCIDENTS or not all(map(_PRINTABLE.fullmatch, parts)):
        msg = f"not a slot of incidents: {slot!r}"
        raise ValueError(msg)
    return slot


def assignment_slot(boundary_set: str, slot: str) -> str:
    """Return the slot of the members of a boundary set that the rows of an incident slot fall in."""
    return f"{ASSIGNMENTS}/{boundary_set}/{slot}"


def parts_of_assignment(slot: str) -> tuple[str, str]:
    """Return the boundary set and the incident slot of an assignment slot."""
    _, boundary_set, incidents = slot.split("/", 2)
    return boundary_set, incidents


def boundary_slot(boundary_set: str) -> str:
    """Return the slot of a boundary set; raise ValueError for an id that cannot be part of a slot."""
    return f"{BOUNDARIES}/{_one_part(boundary_set)}"


def feature_slot(layer: str) -> str:
    """Return the slot of a layer's features; raise ValueError for an id that cannot be part of a slot."""
    return f"{FEATURES}/{_one_part(layer)}"


def denominator_slot(denominator: str) -> str:
    """Return the slot of a denominator; raise ValueError for an id that cannot be part of a slot."""
    return f"{DENOMINATORS}/{_one_part(denominator)}"


def harm_table_slot(table: str) -> str:
    """Return the slot of an imported harm table; raise ValueError for an id that cannot be part of a slot."""
    return f"{HARM_TABLES}/{_one_part(table)}"


def tile_slot(name: str) -> str:
    """Return the slot of a file of map tiles; raise ValueError for a name that cannot be part of a slot."""
    return f"{TILES}/{_one_part(name)}"


def reject_slot(key: str) -> str:
    """Return the slot of rejected rows: `rejects/<key>`; a key that begins with `rejects/` is one already."""
    return key if key.startswith(f"{REJECTS}/") else f"{REJECTS}/{key}"


def reader_of(slot: str) -> str:
    """Return the reader whose incidents a slot holds."""
    return slot.split("/")[1]


def force_of(slot: str) -> str:
    """Return reader and force of an incident slot as one key."""
    return slot.rpartition("/")[0]


def force_name(slot: str) -> str:
    """Return the short name of the force that an incident slot is of."""
    return slot.split("/")[2]


def month_of(slot: str) -> Month | None:
    """Return the month that an incident slot is named after, None where it is named otherwise."""
    try:
        return Month.parse(slot.rpartition("/")[2])
    except QueryError:
        return None


def is_row_by_row(slot: str) -> bool:
    """Tell whether a republished crime number replaces its row in an incident slot, and not the slot as a whole."""
    return reader_of(slot) in REPLACED_ROW_BY_ROW


def parts_in(names: Iterable[str]) -> int:
    """Return into how many partitions a slot is cut that these slots are all of; 1 for none."""
    return max((int(found["parts"]) for found in map(_PART.fullmatch, names) if found), default=1)


def part_slot(slot: str, part: int, parts: int) -> str:
    """Return the slot of one hash partition of an incident slot: itself where there is one, `…/05.3of8` otherwise."""
    return slot if parts == 1 else f"{slot}.{part}of{parts}"


def whole_slot(slot: str) -> str:
    """Return the incident slot that a hash partition is part of, itself where it is no partition."""
    found = _PART.fullmatch(slot)
    return found["whole"] if found else slot


def family_of(slot: str) -> str:
    """Return what slots that change together have in common: partitions their whole, others themselves."""
    return whole_slot(slot) if kind_of(slot) == INCIDENTS else slot


def months_written(months: Iterable[int]) -> str:
    """Write months (Month.ordinal) as the ascending runs that they make, `24276-24287,24290`."""
    runs: list[list[int]] = []
    for month in sorted(set(months)):
        if runs and runs[-1][1] + 1 == month:
            runs[-1][1] = month
        else:
            runs.append([month, month])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def months_read(written: str) -> set[int]:
    """Read what `months_written` wrote."""
    ends = [tuple(map(int, run.split("-"))) for run in written.split(",") if run]
    return {month for run in ends for month in range(run[0], run[-1] + 1)}


def mend(slot: str) -> str:
    """Say what to do when the file of a slot is damaged or missing."""
    kind = kind_of(slot)
    again = {
        INCIDENTS: "import the month again",
        ASSIGNMENTS: "import the boundary set again",
        BOUNDARIES: "import the boundary set again",
        POSTCODES: "import the postcodes again",
        FEATURES: "import the layer's features again",
        DENOMINATORS: "import the denominator again",
        HARM_TABLES: "import the harm table again",
        TILES: "import the base map again",
        REJECTS: "import the file that the rows came from again",
    }[kind]
    if kind == INCIDENTS and is_row_by_row(slot):
        again = "undo the imports that changed this slot and import them again"
    return f"Restore the file from a backup, or {again}. All other slots still answer"


def _one_part(name: str) -> str:
    if "/" in name or not _PRINTABLE.fullmatch(name):
        msg = f"not an id: {name!r}"
        raise ValueError(msg)
    return name
