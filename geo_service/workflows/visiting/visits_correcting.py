"""Correct a visit that has ended: times, zone or outcome that were tapped or written down wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from geo_service.errors import InputError, LostRaceError
from geo_service.model.patrol import VISIT
from geo_service.workflows.visiting.visits_made import NOT_ENDED, Wanted, checked, place_of, rows_of, time_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Services


class Correction(NamedTuple):
    """Say what a visit was in truth."""

    zone: str
    """Id, or its number in the plan."""
    start: dt.datetime
    """With its zone, as `end`."""
    end: dt.datetime
    outcome: str = ""


def versions(services: Services, plan: PatrolPlan) -> Mapping[str, int]:
    """Return row -> version of the visits of a plan that have ended and that no device recorded."""
    found = rows_of(services, plan.id, None, None)
    return {item.id: item.version for item in found if item.content["end"] and item.content["source"] != "gps"}


def correct(services: Services, plan: PatrolPlan, row: str, correction: Correction, *, version: int) -> None:
    """Write what a visit was in truth, on the version that was read; the ledger tells who changed which fields.

    Raises InputError naming the field that cannot be right, NotFoundError, LostRaceError where somebody changed it
    meanwhile: theirs stands.
    """
    items = services.store.items(VISIT)
    item = items.get(row)
    if item.content["plan"] != plan.id or not item.content["end"] or item.content["source"] == "gps":
        raise InputError(
            "Only a visit of this plan that was tapped or written down can be corrected",
            do="End it first, or load the positions again",
            field="correct",
        )
    if item.version != version:
        raise LostRaceError(
            f"Somebody changed that visit meanwhile: it is now {time_of(item.content['start']):%H:%M} to "
            f"{time_of(item.content['end']):%H:%M}",
            found=f"last changed by {item.actor}",
            do="Look at it as it is now, and correct that",
            field="version",
        )
    place = place_of(services, correction.zone, plan.id)
    same = place.zone == item.content["zone"]
    wanted = Wanted(
        zone=correction.zone,
        start=correction.start,
        end=correction.end,
        officers=int(str(item.content["officers"])),
        outcome=correction.outcome,
        plan=plan.id,
        visit=str(item.content["visit"]) if same else "",
    )
    _, content = checked(services, wanted, place)
    content |= {"source": item.content["source"], NOT_ENDED: False}
    items.put(row, content, version=version)
