"""Print the sheets of every team of a force, some typeset while others are decided: a file each, or one of all."""

from __future__ import annotations

import multiprocessing
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from geo_service.errors import FaultError, GeoServiceError
from geo_service.workflows.markings import Export, file_name
from geo_service.workflows.paper.plan_sheet_sources import Sources
from geo_service.workflows.paper.plan_sheets import marks_of_plan, record_sheets, sheets_name, wanted_sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor

    from geo_service.model.plan_sheets import LaidOut, PlanSheet
    from geo_service.model.ports import Progress
    from geo_service.workflows.paper.plan_atlas import TeamSheets
    from geo_service.workflows.paper.plan_sheets import Wanted
    from geo_service.workflows.services import Services

PROCESSES: Final = 2
"""That typeset side by side."""
_AHEAD: Final = 2
"""Sheets for each of them that wait to be typeset: few, for a map takes memory."""
_Made = TypeVar("_Made")


def atlas(  # noqa: PLR0913 - what a long job is told
    services: Services,
    planned: Sequence[TeamSheets],
    wanted: Wanted,
    *,
    there: Callable[[str], bool] = lambda _: False,
    progress: Progress | None = None,
    processes: int = PROCESSES,
) -> Iterator[TeamSheets]:
    """Make the sheets of every team that has a plan, a file each, in order; record each disclosure.

    there: tells whether a file of a name was made before, so that what was interrupted goes on. A team whose sheets
    cannot be made is said and costs no other. processes: 1 typesets here.
    """
    typeset = _Typesetting(services, wanted, services.printer.print_plan, there, progress, processes)
    for one, pdf in typeset.each(planned):
        if one.plan is None or pdf is None:
            yield one
            continue
        record_sheets(services, one.plan, one.name, copies=wanted.copies)
        marks = marks_of_plan(services, one.plan, wanted.handling)
        yield replace(one, export=Export(one.name, pdf, "application/pdf", marks))


def atlas_in_one(  # noqa: PLR0913 - what a long job is told
    services: Services,
    planned: Sequence[TeamSheets],
    wanted: Wanted,
    *,
    of: str,
    progress: Progress | None = None,
    processes: int = PROCESSES,
) -> tuple[list[TeamSheets], Export | None]:
    """Make the sheets of every team that has a plan as one PDF, in order, its bookmarks the teams and their zones.

    of: whose teams they are, for the name. It is typeset as one document, so that it is as accessible as each sheet;
    what takes long of each team is done while others are decided. None where no team has sheets. The rest as `atlas`.
    """
    typeset = _Typesetting(services, wanted, services.printer.lay_out, _never, progress, processes)
    done: list[TeamSheets] = []
    laid: list[LaidOut] = []
    for one, sheets in typeset.each(planned):
        done.append(one)
        laid += sheets or ()
    plans = [one.plan for one in done if one.plan is not None and one.sheets]
    if not plans:
        return done, None
    every = [marks_of_plan(services, plan, wanted.handling) for plan in plans]
    marks = every[0]._replace(
        data_version=max(each.data_version for each in every),
        destroy_after=max(each.destroy_after for each in every),
    )
    name = file_name(marks, f"patrol plans of {of} {plans[0].request.shift.day}", ".pdf")
    made = Export(name, services.printer.print_laid_out(laid), "application/pdf", marks)
    for plan in plans:
        record_sheets(services, plan, made.name, copies=wanted.copies)
    return done, made


def _never(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[_Made]):
    """Hold sheets that are being typeset."""

    of: TeamSheets
    made: Future[_Made] | None
    """None where there are none to typeset."""

    def end(self) -> tuple[TeamSheets, _Made | None]:
        """Take what became of them from the typesetter."""
        try:
            return self.of, None if self.made is None else self.made.result()
        except Exception as problem:  # noqa: BLE001 - one team must not cost the others
            return replace(self.of, sheets=0, problem=_words(problem)), None


@dataclass(frozen=True, slots=True)
class _Typesetting(Generic[_Made]):
    """Decide what the sheets of one team say while those of others are typeset."""

    services: Services
    wanted: Wanted
    work: Callable[[Sequence[PlanSheet]], _Made]
    """What is done with the sheets of a team, in another process."""
    there: Callable[[str], bool]
    progress: Progress | None
    processes: int

    def each(self, planned: Sequence[TeamSheets]) -> Iterator[tuple[TeamSheets, _Made | None]]:
        """Yield each team with what became of its sheets, in order; None where there are none, or were before."""
        sources = Sources(self.services)
        _warm(sources, [one for one in planned if one.plan and not self.there(self._name(one))])
        with _typesetters(self.processes) as typesetters:
            waiting: deque[_Waiting[_Made]] = deque()
            try:
                for done, one in enumerate(planned):
                    if self.progress is not None:
                        self.progress(done, len(planned), f"sheets of {one.team.name}")
                    waiting.append(self._begin(sources, one, typesetters))
                    if len(waiting) > self.processes * _AHEAD:
                        yield waiting.popleft().end()
                while waiting:
                    yield waiting.popleft().end()
            finally:
                for left in waiting:
                    if left.made is not None:
                        left.made.cancel()

    def _name(self, one: TeamSheets) -> str:
        return "" if one.plan is None else sheets_name(self.services, one.plan, self.wanted)

    def _begin(self, sources: Sources, one: TeamSheets, typesetters: Executor) -> _Waiting[_Made]:
        """Decide what the sheets of a team say, and hand them to a typesetter."""
        if one.plan is None:
            return _Waiting(one, None)
        named = replace(one, name=self._name(one))
        if self.there(named.name):
            return _Waiting(named, None)
        try:
            sheets = wanted_sheets(self.services, one.plan, self.wanted, sources=sources)
        except Exception as problem:  # noqa: BLE001 - one team must not cost the others
            return _Waiting(replace(one, problem=_words(problem)), None)
        return _Waiting(replace(named, sheets=len(sheets)), typesetters.submit(self.work, sheets))


def _typesetters(processes: int) -> Executor:
    # Not forked: the libraries that read tables have threads of their own.
    context = multiprocessing.get_context("spawn")
    return ThreadPoolExecutor(1) if processes == 1 else ProcessPoolExecutor(processes, mp_context=context)


def _warm(sources: Sources, planned: Sequence[TeamSheets]) -> None:
    """Find out what is known of the zones of all teams at once; what cannot be had, each sheet says for itself."""
    zones: dict[str, set[str]] = {}
    for one in planned:
        if one.plan is not None:
            zones.setdefault(one.plan.run, set()).update(zone.id for zone in one.plan.zones)
    for run_id, wanted in zones.items():
        with suppress(Exception):
            run = sources.run(run_id)
            sources.warm(run, [zone for zone in run.zones if zone.id in wanted])


def _words(problem: Exception) -> str:
    if isinstance(problem, GeoServiceError):
        return problem.message
    return FaultError("A fault of the program", found=f"{type(problem).__name__}: {problem}").message
