"""Plans as editable rows: kept once, found again, and edited on the version that was read."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from geo_service import patrol
from geo_service.errors import BusyError, ConflictError, LostRaceError, NotFoundError, UnconditionalError
from geo_service.model.patrol import PATROL_PLAN
from geo_service.workflows.planning.plans_json import made_at, plan_of, shift_day, to_content, to_facts, travel_of

if TYPE_CHECKING:
    import datetime as dt

    from geo_service.model.access import Item
    from geo_service.model.patrol import PatrolPlan, Travel
    from geo_service.model.ports import Items
    from geo_service.patrol import Change
    from geo_service.workflows.services import Services

NEWEST: Final = "latest"
_MOST_TOLD: Final = 5
"""Edits of others that whoever lost a race is told in words."""


class Made(NamedTuple):
    """Hold a plan as it is kept."""

    plan: PatrolPlan
    new: bool
    """Whether it was not kept before."""


def find_plan(services: Services, plan_id: str = NEWEST) -> PatrolPlan:
    """Return a plan by its id, or the one made last for `latest`; raise NotFoundError."""
    if plan_id != NEWEST:
        return plan_of(_get(services.store.items(PATROL_PLAN), plan_id))
    found = plans(services, most=1)
    if not found:
        raise NotFoundError("No plan has been made yet", do="Make one: `geo-service plan --team CODE …`", field="plan")
    return found[0]


def plans(
    services: Services, team: str = "", *, most: int | None = None, days: tuple[dt.date, dt.date] | None = None
) -> list[PatrolPlan]:
    """List the plans, made last first; a kept row is read as a plan only where it is wanted.

    team: code or name; empty for every team. most: no more than so many. days: of shifts that begin from one day to
    another, both included.
    """
    wanted = (item for item in _newest_first(services) if not team or _is_of(item, team))
    within = (item for item in wanted if days is None or days[0] <= shift_day(item) <= days[1])
    return [plan_of(item) for item in islice(within, most)]


def plans_kept(services: Services) -> int:
    """Count the plans."""
    return len(services.store.items(PATROL_PLAN).all())


def known_plan(services: Services, plan_id: str) -> PatrolPlan | None:
    """Return a plan by its id, None where it is not kept."""
    with suppress(NotFoundError):
        return plan_of(services.store.items(PATROL_PLAN).get(plan_id))
    return None


def keep(services: Services, plan: PatrolPlan, travel: Travel) -> Made:
    """Keep a new plan; where it was kept meanwhile, return that one as it is."""
    items = services.store.items(PATROL_PLAN)
    try:
        return Made(plan_of(items.put(plan.id, to_content(plan, travel, services.now()), version=0)), new=True)
    except BusyError:
        raise
    except ConflictError:
        # The same request twice at once is one plan, and nobody's edit of it is written over.
        return Made(plan_of(items.get(plan.id)), new=False)


def plan_before(services: Services, team_code: str, boundary_set: str, start: dt.datetime, plan_id: str) -> str:
    """Return the id of the team's last plan: of the latest shift that began no later, of these the one made last."""
    own = [
        item
        for item in _newest_first(services)
        if (item.content["team_code"], item.content["boundary_set"]) == (team_code, boundary_set) and item.id != plan_id
    ]
    earlier = [plan for plan in map(plan_of, own) if plan.request.shift.start <= start]
    latest = max((plan.request.shift.start for plan in earlier), default=None)
    return next((plan.id for plan in earlier if plan.request.shift.start == latest), "")


def edit_plan(services: Services, plan_id: str, change: Change, *, version: int | None) -> PatrolPlan:
    """Change a plan by hand on the version that was read, and keep it; every rule is checked again.

    Raises UnconditionalError without a version, LostRaceError where somebody edited it meanwhile, saying what they
    changed, QueryError naming the rule that the change would break, NotFoundError.
    """
    items = services.store.items(PATROL_PLAN)
    if version is None:
        raise UnconditionalError(
            "An edit of a plan must say on which version it was made",
            do="Read it, and send its ETag as If-Match, or its version",
            field="version",
        )
    item = _get(items, plan_id)
    if item.version != version:
        raise _lost(item, version)
    edited = patrol.edit(plan_of(item), change, travel_of(item))
    content = {**item.content, **to_facts(edited)}
    try:
        return plan_of(items.put(item.id, content, version=version))
    except LostRaceError as problem:
        lost = _lost(_get(items, plan_id), version)
        lost.changed = problem.changed
        raise lost from None


def _get(items: Items, plan_id: str) -> Item:
    try:
        return items.get(plan_id)
    except NotFoundError:
        raise NotFoundError(
            "No plan of that id", found=plan_id, do="List them with `geo-service plans`", field="plan"
        ) from None


def _lost(item: Item, version: int) -> LostRaceError:
    """Say what was changed since a version, in the words of the edits: each edit is one version."""
    later = plan_of(item).edits[max(version - 1, 0) :]
    shown = [f"{len(later) - _MOST_TOLD} more", *later[-_MOST_TOLD:]] if len(later) > _MOST_TOLD else later
    since = f". Since then: {'; '.join(shown)}" if later else ""
    lost = LostRaceError(
        f"Plan {item.id} was changed meanwhile: version {version} is not the newest, {item.version} is{since}",
        found=f"last changed by {item.actor}",
        do="Look at the plan as it is now, and make the change on that",
        field="version",
    )
    lost.changed = {"edits": (item.actor, item.at.isoformat())}
    return lost


def _newest_first(services: Services) -> list[Item]:
    items = services.store.items(PATROL_PLAN).all()
    return sorted(items, key=lambda item: (made_at(item), item.id), reverse=True)


def _is_of(item: Item, team: str) -> bool:
    return team.strip().casefold() in {str(item.content[name]).casefold() for name in ("team_code", "team_name")}
