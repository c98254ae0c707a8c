"""The sheets of super-cocoons: whom to visit around an offence, and nothing that tells where the offence was.

A sheet is for officers at the doors around a home, and paper gets lost. It names neither the home nor anybody, has no
mark there, does not lie around it, and leaves out other homes too (see `hotspots.repeats.screening`); its numbers are
those of the way, without a gap, and not of the distance. What leads back to the offence is the number of the cocoon,
which the list of the same question has in its ids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service import spatial
from geo_service.errors import QueryError
from geo_service.hotspots.repeats.screening import OWN_HOME_M, screened
from geo_service.model.access import DISCLOSURE
from geo_service.model.cocoon_sheets import COCOON_OUTCOMES, MOST_DOORS, CocoonSheet
from geo_service.model.layers import Marks
from geo_service.model.sheets import SheetRow
from geo_service.workflows.finding.visits import CELLS
from geo_service.workflows.markings import MARKINGS, Export, Handling, file_name
from geo_service.workflows.paper import plan_sheet_words as said
from geo_service.workflows.paper.cocoon_doors import Doors, doors_of, is_at_home
from geo_service.workflows.paper.plan_sheet_ground import load_ground
from geo_service.workflows.paper.plan_sheets import MOST_COPIES
from geo_service.workflows.planning.prompts import prompts_after
from geo_service.workflows.sheets import NEVER_ON_PAPER, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.model.cells import Ints
    from geo_service.workflows.finding.near_repeat import CocoonAnswer
    from geo_service.workflows.paper.plan_sheet_ground import Ground
    from geo_service.workflows.services import Services

SENSITIVE: Final = Handling(MARKINGS[1])
"""How sheets with addresses are handled unless somebody chooses otherwise."""
_NOBODY_NAMED: Final = (
    "Some homes are left out on purpose, so that this paper tells nothing about anybody. Do not ask which it was."
)
_FOLLOW_UP: Final = "The visit to the person it happened to is arranged apart and is not on this sheet."


@dataclass(frozen=True, slots=True)
class CocoonPaper:
    """Hold the sheets of live cocoons."""

    numbers: tuple[int, ...]
    """Of the cocoons that have a sheet: those that the ids of the list begin with."""
    sheets: tuple[CocoonSheet, ...]
    """One for each cocoon and copy."""
    without: tuple[str, ...]
    """Why a cocoon has none, in words."""
    export: Export


def print_cocoons(
    services: Services, answer: CocoonAnswer, *, crime: str = "", handling: Handling = SENSITIVE, copies: int = 1
) -> CocoonPaper:
    """Print the sheets of live cocoons as one PDF, and record the disclosure.

    crime: number of the one crime that is wanted; all if left out. Raises QueryError where no sheet can be.
    """
    if not 1 <= copies <= MOST_COPIES:
        raise QueryError(
            "That number of copies cannot be printed", found=copies, do=f"Give 1 to {MOST_COPIES}", field="copies"
        )
    made, without = _sheets(services, answer, crime, handling, copies)
    if not made:
        raise QueryError(
            "No cocoon has a sheet",
            found=" ".join(without) or "no live cocoon",
            do="Choose another day with --cocoon, or list the visits without --sheet",
            field="sheet",
        )
    sheets = tuple(sheet for _, each in made for sheet in each)
    last, of = handling.destroy_after(answer.on).isoformat(), answer.told
    marks = Marks(handling.marking, of.provenance.data_version, last, services.demonstration)
    which = f" {made[0][0]}" if len(made) == 1 else "s"
    name = file_name(marks, f"super-cocoon{which} of {of.area_name} on {answer.on}", ".pdf")
    export = Export(name, services.printer.print_cocoons(sheets), "application/pdf", marks)
    numbers = tuple(number for number, _ in made)
    about = {"cocoons": list(numbers), "parameters": dict(of.provenance.parameters), "copies": copies, "file": name}
    services.store.record(DISCLOSURE, f"super-cocoon sheets of {answer.on}", about)
    return CocoonPaper(numbers, sheets, tuple(without), export)


def _sheets(
    services: Services, answer: CocoonAnswer, crime: str, handling: Handling, copies: int
) -> tuple[list[tuple[int, list[CocoonSheet]]], list[str]]:
    """Lay out the sheets of each cocoon, newest offence first; say why one has none."""
    snapshot = services.store.snapshot(answer.told.provenance.data_version)
    ground = load_ground(services, snapshot, snapshot, "")
    made, without = [], []
    for cocoon in _cocoons(answer, crime):
        problem = cocoon.refused()
        try:
            doors = None if problem else doors_of(answer, ground, cocoon.listed())
        except QueryError as refused:
            problem, doors = refused.message, None
        if doors is None:
            without.append(f"Cocoon {cocoon.number}: {problem}")
            continue
        first = _sheet(services, cocoon, doors, ground, handling)
        copied = [replace(first, copy=f"Copy {copy} of {copies}") for copy in range(1, copies + 1)]
        made.append((cocoon.number, copied))
    return made, without


@dataclass(frozen=True, slots=True)
class _Cocoon:
    """Point at one live cocoon of an answer."""

    answer: CocoonAnswer
    row: int
    """Of the newest offence at its place."""
    oldest: int
    """Row of the oldest live offence there, whose secret it keeps: sheets of two offences at one home are the same."""

    @property
    def number(self) -> int:
        return self.row + 1

    @property
    def offence(self) -> dict[str, object]:
        return self.answer.offences.row(self.row, named=True)

    def refused(self) -> str:
        """Say why its offence is on no paper, nothing where it may be."""
        offence = self.offence
        if NEVER_ON_PAPER.search(str(offence["offence"] or "")) or offence["domestic_abuse"]:
            return "no paper is made about sexual and domestic offences."
        return ""

    def listed(self) -> Ints:
        """Return the positions, among all places that can be visited, of those that a sheet lists."""
        visits, rules = self.answer.visits, self.answer.told.asked.rules
        own = (visits.incident == self.row) & (visits.place >= 0)
        places, apart_m = visits.place[own], visits.distance_m[own]
        reach_m = rules.radius_m if len(places) < rules.most else float(apart_m.max())
        shapes = spatial.project_geometry(self.answer.places.shapes[places], "grid")
        names = [self.answer.places.names[place] for place in places]
        at_home = np.array([is_at_home(name, self.offence["place"]) for name in names], dtype=np.bool_)
        kept = screened(_at_m(self.answer)[self.row], shapes, reach_m=reach_m, secret=self._secret(), own=at_home)
        return np.asarray(places[kept[:MOST_DOORS]])

    def _secret(self) -> str:
        """Return what a reader of the sheet does not know of the offence."""
        known = self.answer.offences.row(self.oldest)
        return "|".join(map(str, (self.answer.told.provenance.seed, *known, *_at_m(self.answer)[self.oldest])))


def _cocoons(answer: CocoonAnswer, crime: str) -> Iterator[_Cocoon]:
    """Yield a cocoon for each place at which a live offence is, newest first."""
    rows = np.array(list(dict.fromkeys(answer.visits.incident.tolist())), dtype=np.int64)
    at_m, seen = _at_m(answer), set[int]()
    if crime and crime not in answer.offences["crime_id"].to_list():
        raise QueryError(
            "No live cocoon is of that crime",
            found=crime,
            do="See the list of the same day without --sheet",
            field="crime",
        )
    for row in rows.tolist():
        there = rows[np.hypot(*(at_m[rows] - at_m[row]).T) <= OWN_HOME_M]
        wanted = not crime or crime in answer.offences["crime_id"].gather(there).to_list()
        if row not in seen and wanted:
            yield _Cocoon(answer, row, int(there[-1]))
        seen.update(there.tolist())


def _at_m(answer: CocoonAnswer) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    lon, lat = np.array([(point.x, point.y) for point in answer.own], dtype=np.float64).reshape(-1, 2).T
    return np.column_stack(spatial.to_grid(pl.Series(lon), pl.Series(lat)))


def _sheet(services: Services, cocoon: _Cocoon, doors: Doors, ground: Ground, handling: Handling) -> CocoonSheet:
    answer = cocoon.answer
    provenance, offence = answer.told.provenance, str(cocoon.offence["offence"] or "")
    last_day = answer.visits.last_day[answer.visits.incident == cocoon.row][0]
    until = written(np.datetime64(int(last_day), "D").astype(object))
    destroy_after = written(handling.destroy_after(answer.on))
    return CocoonSheet(
        title=f"Super-cocoon visits {cocoon.number}{doors.around}",
        subtitle=f"{len(doors.lines)} {doors.plural} · visits until {until}",
        marking=handling.marking,
        copy="Copy 1 of 1",
        demonstration=services.demonstration,
        map=doors.map,
        each=doors.each,
        doors=doors.lines,
        counted=doors.counted,
        outcomes=COCOON_OUTCOMES,
        to_do=said.on_paper(prompts_after(offence, services.registry.prompts())),
        notes=_notes(answer, ground),
        returning="Give it to the sergeant at the end of the shift, filled in or not: outcomes are entered from it.",
        data_to=said.data_to(provenance.data_to),
        printed_for=written(answer.on),
        destroy_after=destroy_after,
        parameters=tuple(SheetRow(label, text) for label, text in provenance.parameters.items()),
        licences=said.licences((*answer.told.licences, *ground.licences)),
        footer=" · ".join(
            (
                f"Data version {provenance.data_version}",
                f"cocoon {cocoon.number} of {answer.on}",
                f"seed {provenance.seed}",
            )
        ),
        keywords=(handling.marking, f"data version {provenance.data_version}", f"destroy after {destroy_after}"),
    )


def _notes(answer: CocoonAnswer, ground: Ground) -> tuple[str, ...]:
    """Say what the reader must know at the doors."""
    every = "Visits are recorded: write the time in and out of each, and what came of it."
    if answer.told.asked.places == CELLS:
        every = "Visits are recorded: write the time in and out of each area, and at how many homes what came of it."
    streets = () if ground.with_streets else ("No streets are loaded, so the map shows places only.",)
    named = () if answer.told.asked.places == CELLS else (_NOBODY_NAMED,)
    return (every, *named, _FOLLOW_UP, "Never leave this paper at a door or in a car.", *streets, *ground.missing)
