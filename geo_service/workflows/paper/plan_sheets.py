"""Flow C: from a patrol plan to its printed sheets. Every word, number and shape is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo_service.errors import QueryError
from geo_service.model.access import DISCLOSURE
from geo_service.model.layers import Marks as MarksOf
from geo_service.model.patrol import OUTCOMES
from geo_service.model.plan_sheets import LARGE_PRINT_MAP_MM, OVERVIEW_MAP_MM, PlanSheet
from geo_service.workflows.markings import USUAL, Export, Handling, file_name
from geo_service.workflows.paper import plan_sheet_words as said
from geo_service.workflows.paper.plan_sheet_cards import PlanBoxes
from geo_service.workflows.paper.plan_sheet_places import Marks
from geo_service.workflows.paper.plan_sheet_sources import Sources
from geo_service.workflows.planning.plan_words import crew_word
from geo_service.workflows.sheets import MOST_ZONES, written

if TYPE_CHECKING:
    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Services

MOST_COPIES: Final = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Say how the sheets of a plan are wanted."""

    handling: Handling = USUAL
    copies: int = 1
    """Copies of each sheet, numbered."""
    per_crew: bool = False
    """Whether each crew has a sheet of its own, with its own loops and visits."""
    large_print: bool = False

    def __post_init__(self) -> None:
        """Refuse copies that nobody prints."""
        if not 1 <= self.copies <= MOST_COPIES:
            raise QueryError(
                "That number of copies cannot be printed",
                found=self.copies,
                do=f"Give 1 to {MOST_COPIES}",
                field="copies",
            )


def plan_sheets(  # noqa: PLR0913 - how the sheets are wanted, word by word
    services: Services,
    plan: PatrolPlan,
    *,
    handling: Handling = USUAL,
    copies: int = 1,
    per_crew: bool = False,
    large_print: bool = False,
    sources: Sources | None = None,
) -> tuple[PlanSheet, ...]:
    """Decide every word, number and shape of the sheets of a plan: four zones each, one set for each copy.

    sources: what other plans were filled from already. Whatever is missing or wrong costs its box, never the sheet.
    Raises QueryError for a number of copies that cannot be.
    """
    wanted = Wanted(handling, copies, per_crew, large_print)
    filled = PlanBoxes(sources or Sources(services), plan)
    crews: list[int | None] = [None]
    if per_crew and plan.loops:
        crews = list(dict.fromkeys(loop.crew for loop in plan.loops))
    each = [crew for crew in crews for _ in range(copies)]
    return tuple(
        _sheet(filled, wanted, part, crew, f"Copy {number} of {len(each)}")
        for number, crew in enumerate(each, start=1)
        for part in range(_parts(plan))
    )


def wanted_sheets(
    services: Services, plan: PatrolPlan, wanted: Wanted, *, sources: Sources | None = None
) -> tuple[PlanSheet, ...]:
    """Decide what the sheets of a plan say, as `plan_sheets` does."""
    return plan_sheets(
        services,
        plan,
        handling=wanted.handling,
        copies=wanted.copies,
        per_crew=wanted.per_crew,
        large_print=wanted.large_print,
        sources=sources,
    )


@dataclass(frozen=True, slots=True)
class Printed:
    """Hold the sheets of a plan as content and as a file."""

    sheets: tuple[PlanSheet, ...]
    export: Export


def print_sheets(services: Services, plan: PatrolPlan, wanted: Wanted, *, sources: Sources | None = None) -> Printed:
    """Print the sheets of a plan as one PDF, and record the disclosure."""
    sheets = wanted_sheets(services, plan, wanted, sources=sources)
    marks = marks_of_plan(services, plan, wanted.handling)
    made = Export(sheets_name(services, plan, wanted), services.printer.print_plan(sheets), "application/pdf", marks)
    record_sheets(services, plan, made.name, copies=len({sheet.copy for sheet in sheets}))
    return Printed(sheets, made)


def print_plan(  # noqa: PLR0913 - how the sheets are wanted, word by word
    services: Services,
    plan: PatrolPlan,
    *,
    handling: Handling = USUAL,
    copies: int = 1,
    per_crew: bool = False,
    large_print: bool = False,
    sources: Sources | None = None,
) -> Export:
    """Return the sheets of a plan as one PDF, and record the disclosure; raises as `plan_sheets` does."""
    return print_sheets(services, plan, Wanted(handling, copies, per_crew, large_print), sources=sources).export


def record_sheets(services: Services, plan: PatrolPlan, name: str, *, copies: int) -> None:
    """Record that sheets of a plan leave."""
    services.store.record(
        DISCLOSURE,
        f"sheets of plan {plan.id}",
        {"zones": [zone.id for zone in plan.zones], "version": plan.version, "copies": copies, "file": name},
    )


def marks_of_plan(services: Services, plan: PatrolPlan, handling: Handling) -> MarksOf:
    """Return the marks of whatever leaves of a plan."""
    last = handling.destroy_after(plan.request.shift.day).isoformat()
    return MarksOf(handling.marking, plan.provenance.data_version, last, services.demonstration)


def sheets_name(services: Services, plan: PatrolPlan, wanted: Wanted) -> str:
    """Return the file name of a plan's sheets: the same for the same plan, version and wishes, and for no other."""
    how = [" large print"] if wanted.large_print else []
    how += [" by crew"] if wanted.per_crew else []
    how += [f" {wanted.copies} copies"] if wanted.copies > 1 else []
    what = f"patrol plan {plan.id} v{plan.version}{''.join(how)} {plan.request.shift.day} {plan.team_name}"
    return file_name(marks_of_plan(services, plan, wanted.handling), what, ".pdf")


def _sheet(filled: PlanBoxes, wanted: Wanted, part: int, crew: int | None, copy: str) -> PlanSheet:
    """Lay out one sheet: the zones of one part, the loops of one crew or of all."""
    plan, handling, services = filled.plan, wanted.handling, filled.sources.services
    here = filled.zones[part * MOST_ZONES : (part + 1) * MOST_ZONES]
    loops = [loop for loop in plan.loops if crew in {None, loop.crew}]
    who = None if crew is None else crew_word(plan, crew)
    marks = None if filled.places is None else Marks(filled.places)
    orders = () if filled.places is None else filled.places.unlocated_orders()
    large = wanted.large_print
    destroy_after = written(handling.destroy_after(plan.request.shift.day))
    cards = tuple(filled.card(zone, loops, marks, cards=len(here), large=large) for zone in here)
    overview = filled.overview(LARGE_PRINT_MAP_MM if large else OVERVIEW_MAP_MM, who)
    parts = _parts(plan)
    return PlanSheet(
        title=f"Patrol plan: {plan.team_name}",
        subtitle=" · ".join(
            [
                said.going(plan),
                *([who] if who else []),
                *([f"sheet {part + 1} of {parts}"] if parts > 1 else []),
            ]
        ),
        marking=handling.marking,
        copy=copy,
        demonstration=services.demonstration,
        overview=overview,
        loops=tuple(said.loop_line(plan, loop) for loop in loops),
        cards=cards,
        changes=filled.changes,
        notes=(*said.notes(plan, orders, with_streets=filled.with_streets), *filled.missing()),
        returning=said.returning(plan),
        outcomes=OUTCOMES,
        method=said.method(plan, filled.run, [zone.facts for zone in here if zone.facts is not None]),
        data_to=said.data_to(plan.provenance.data_to),
        printed_for=written(plan.request.shift.day),
        destroy_after=destroy_after,
        parameters=said.parameters(plan),
        licences=filled.licences(marks),
        footer=said.footer(plan, filled.sources.newest.version),
        keywords=(handling.marking, f"data version {plan.provenance.data_version}", f"destroy after {destroy_after}"),
        large_print=large,
    )


def _parts(plan: PatrolPlan) -> int:
    """Return how many sheets the zones of a plan take."""
    return max(1, -(-len(plan.zones) // MOST_ZONES))
