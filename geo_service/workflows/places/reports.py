"""The queue of what people say is wrong with a place: nobody is named in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from geo_service.errors import ConflictError
from geo_service.model.safe_places import WRONG_PLACE
from geo_service.workflows.places import finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geo_service.workflows.services import Services


@dataclass(frozen=True, slots=True)
class Queued:
    """Hold one report as the coordinator works through it."""

    id: str
    version: int
    place: str
    """Id of the place as the public page knew it."""
    reason: str
    words: str
    day: str
    done: bool = False
    done_by: str = ""
    outcome: str = ""

    def content(self) -> dict[str, object]:
        """Return what the editable row holds."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in {"id", "version"}}


def queue(services: Services, *, all_of_them: bool = False) -> list[Queued]:
    """Take in what waits in the folder of the public site, and list what is not done yet, oldest first.

    A report becomes a row first and its file goes after, so that none is lost, and none is taken twice. Whoever is
    limited to areas sees those of the places there.
    """
    finding.refuse_others(services)
    waiting = services.reports.waiting()
    rows = {one.key: Queued(one.key, 0, one.place, one.reason, one.words, one.day).content() for one in waiting}
    items = services.store.items(WRONG_PLACE)
    if rows:
        items.add_all(rows)
        services.reports.discard(rows)
    held = [_queued(item.id, item.version, item.content) for item in items.all()]
    if services.principal.areas is not None:
        seen = {place.id for place in finding.listed(services)}
        held = [one for one in held if one.place in seen]
    return sorted((one for one in held if all_of_them or not one.done), key=lambda one: (one.done, one.day, one.id))


def settle(services: Services, report_id: str, version: int, outcome: str) -> Queued:
    """Mark a report as done, with what came of it; raise NotFoundError, LostRaceError, ConflictError."""
    finding.refuse_others(services)
    items = services.store.items(WRONG_PLACE)
    item = items.get(report_id)
    held = _queued(item.id, item.version, item.content)
    if services.principal.areas is not None:
        finding.find(services, held.place)
    if held.done:
        raise ConflictError("That report is done already", found=held.done_by, do="Nothing is left to do")
    said = " ".join(outcome.split())[:500]
    done = replace(held, done=True, done_by=finding.identity(services), outcome=said)
    kept = items.put(report_id, done.content(), version=version)
    return _queued(kept.id, kept.version, kept.content)


def _queued(report_id: str, version: int, content: Mapping[str, Any]) -> Queued:
    texts = {name: str(content.get(name) or "") for name in ("place", "reason", "words", "day", "done_by", "outcome")}
    return Queued(report_id, version, done=content.get("done") is True, **texts)


def names(services: Services, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of places by their ids, where they are known."""
    wanted = set(ids)
    return {place.id: place.name for place in finding.listed(services) if place.id in wanted}
