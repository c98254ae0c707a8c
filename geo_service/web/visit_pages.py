"""The pages of visits: log one in two taps on a phone, and planned against delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.responses import RedirectResponse, Response

from geo_service.errors import GeoServiceError, QueryError
from geo_service.model.clock import LONDON
from geo_service.model.patrol import OUTCOMES
from geo_service.model.periods import Month
from geo_service.web.staff_pages import nav_of
from geo_service.workflows.planning.plan_keeping import find_plan, plans
from geo_service.workflows.planning.plan_words import crew_word
from geo_service.workflows.visiting import visits_taps as taps
from geo_service.workflows.visiting.dosage import dosage_of_month, dosage_of_plan, matched
from geo_service.workflows.visiting.visits_correcting import Correction, correct, versions
from geo_service.workflows.visiting.visits_import import read_time
from geo_service.workflows.visiting.visits_made import visits_made
from geo_service.workflows.visiting.visits_return import NOT_LOADED, month_return

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from geo_service.model.patrol import PatrolPlan, PlanZone, VisitMade
    from geo_service.web.pages import Pages
    from geo_service.workflows.services import Services

_SHOWN: Final = 20
"""Plans that a page lists."""
_LONGEST_VERSION: Final = 9
_LATE_MIN: Final = 45
"""A planned visit that should have begun so long ago stands among the earlier ones."""


class Due(NamedTuple):
    """Show one planned visit that is not made yet."""

    id: str
    zone: PlanZone
    when: str
    crew: str
    number: int
    """Of the crew."""


class Here(NamedTuple):
    """Show a visit that has begun."""

    id: str
    zone: PlanZone
    since: str


class Done(NamedTuple):
    """Show a visit that was made."""

    id: str
    zone: PlanZone
    when: str
    words: str
    made: VisitMade
    version: int
    """Of its row; 0 where it cannot be corrected: a device recorded it."""


class VisitPages:
    """Answer with the pages of visits."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def listed(self, services: Services, request: Request) -> Response:
        """List the newest plans, and hold a month's plans against what was made of them."""
        asked = request.query_params.get("month", "").strip()
        month, problem, dosage, returned = Month.of(services.today()), "", None, None
        try:
            month = Month.parse(asked) if asked else month
            returned = month_return(services, month)
            if plans(services, most=1, days=(month.first_day, month.last_day)):
                dosage = dosage_of_month(services, month)
        except QueryError as wrong:
            problem = wrong.message
        return self._page(
            services,
            "visits.html",
            400 if problem else 200,
            plans=plans(services, most=_SHOWN),
            month=asked or str(month),
            problem=problem,
            dosage=dosage,
            returned=returned,
            not_loaded=NOT_LOADED,
        )

    def log(self, services: Services, request: Request) -> Response:
        """Show the planned visits as buttons."""
        plan = find_plan(services, request.path_params["plan_id"])
        return self._log(services, plan, crew=request.query_params.get("crew", ""))

    def tap(self, services: Services, plan_id: str, filled: Mapping[str, str]) -> Response:
        """Begin, end or take back a visit, and show the page again: a second tap of the same changes nothing."""
        plan = find_plan(services, plan_id)
        crew = filled.get("crew", "")
        try:
            _act(services, plan, filled)
        except GeoServiceError as problem:
            if problem.exit_code == 1:
                raise
            return self._log(services, plan, crew=crew, status=problem.http_status, problem=problem.message)
        return RedirectResponse(f"/visits/{plan.id}{f'?crew={crew}' if crew.isdecimal() else ''}", 303)

    def delivered(self, services: Services, request: Request) -> Response:
        """Hold one plan against what was made of it."""
        dosage = dosage_of_plan(services, request.path_params["plan_id"])
        return self._page(services, "visits_delivered.html", plan=dosage.plans[0], dosage=dosage)

    def _log(
        self, services: Services, plan: PatrolPlan, *, crew: str = "", status: int = 200, problem: str = ""
    ) -> Response:
        ended = [one for one in visits_made(services, plan=plan.id) if one.source != "gps"]
        kept = versions(services, plan)
        here = [
            Here(one.id, plan.zone(one.zone), f"{one.start.astimezone(LONDON):%H:%M}")
            for one in taps.open_visits(services, plan)
        ]
        busy = {one.visit for one in taps.open_visits(services, plan)}
        due = _due(plan, busy | set(matched(plan, ended)))
        crews = sorted({one.number for one in due})
        chosen = [one for one in due if crew in ("", str(one.number))]
        now = plan.request.shift.minute(services.now())
        starts = {visit.id: visit.start_min for visit in plan.visits}
        late = [one for one in chosen if starts[one.id] < now - _LATE_MIN]
        return self._page(
            services,
            "visits_log.html",
            status,
            plan=plan,
            open_here=here,
            next=[one for one in chosen if one not in late],
            late=late,
            done=[_done(plan, one, kept.get(one.id, 0)) for one in reversed(ended)],
            crews=[(number, crew_word(plan, number)) for number in crews],
            crew=crew,
            after=len(ended) + len(here),
            outcomes=OUTCOMES,
            problem=problem,
        )

    def _page(self, services: Services, name: str, status: int = 200, **values: object) -> Response:
        return self.pages(name, status, nav=nav_of(services.principal), **values)


def _due(plan: PatrolPlan, without: set[str]) -> list[Due]:
    shift, crews = plan.request.shift, {visit.id: loop.crew for loop in plan.loops for visit in loop.visits}
    return [
        Due(
            visit.id,
            plan.zone(visit.zone),
            f"{shift.clock(visit.start_min)} to {shift.clock(visit.end_min)}",
            crew_word(plan, crews[visit.id]),
            crews[visit.id],
        )
        for visit in plan.visits
        if visit.id not in without
    ]


def _done(plan: PatrolPlan, one: VisitMade, version: int) -> Done:
    when = f"{one.start:%H:%M} to {one.end:%H:%M}"
    words = one.outcome or "no outcome given"
    if one.not_ended:
        words += f"; not ended on the phone, so it counts as {one.minutes:.0f} minutes"
    return Done(one.id, plan.zone(one.zone), when, words, one, version)


def _act(services: Services, plan: PatrolPlan, filled: Mapping[str, str]) -> None:
    """Do what was tapped; raise QueryError for what is none."""
    after = filled.get("after", "0")
    if visit := filled.get("visit", ""):
        taps.begin(services, plan, visit=visit)
    elif zone := filled.get("zone", ""):
        taps.begin(services, plan, zone=zone, after=int(after) if after.isdecimal() and len(after) < len("1000") else 0)
    elif row := filled.get("left", ""):
        taps.leave(services, row, filled.get("outcome", ""))
    elif row := filled.get("undo", ""):
        taps.undo(services, plan, row)
    elif row := filled.get("correct", ""):
        start, end = (read_time(filled.get(name, ""), name) for name in ("start", "end"))
        truth = Correction(filled.get("to", ""), start, end, filled.get("outcome", ""))
        said = filled.get("version", "")
        version = int(said) if said.isdecimal() and len(said) <= _LONGEST_VERSION else 0
        correct(services, plan, row, truth, version=version)
    else:
        raise QueryError("Nothing was chosen", do="Tap a visit", field="visit")
