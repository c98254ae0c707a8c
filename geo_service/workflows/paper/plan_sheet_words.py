"""The sentences of a plan's sheets: loops, visits, hours, notes, small print."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from geo_service.model.plan_sheets import LoopLine, VisitLine
from geo_service.model.sheets import SheetRow
from geo_service.workflows import words
from geo_service.workflows.planning.plan_ground import MIDDLE
from geo_service.workflows.planning.plan_reach import OUT_OF_REACH
from geo_service.workflows.planning.plan_words import BY, crew_word
from geo_service.workflows.sheets import (
    NEVER_ON_PAPER,
    SMALLEST_COUNT,
    incidents_words,
    notes_on_paper,
    showable,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.patrol import Commitment, Loop, PatrolPlan, PlanZone, Visit
    from geo_service.model.ports import Snapshot
    from geo_service.model.zone_facts import ZoneFacts

RECORDED: Final = "Visits are recorded: write down the time in and out of each. Stay in sight for the whole visit."
BY_SERGEANT: Final = "Times chosen by the sergeant, not from data."
BY_NOBODY: Final = "No hours are known: nobody has chosen times."
MOST_NAMED: Final = 4
"""Offences that a card names."""
_GRAVE: Final = (
    "Not loaded",
    "Not every source",
    "Both data.police.uk",
    "Harm here is a proxy",
    words.UNWEIGHED,
    *words.POLICE_UK_NOTES,
)
"""Beginnings of a run's notes that every number of it must go with."""
_SAID_ELSEWHERE: Final = (words.DEMONSTRATION, *words.POLICE_UK_NOTES, "Visits are recorded.")
_ON_THE_PAGE: Final = ("team", "shift", "parade station")
_SMALL: Final = re.compile(
    r"(?<![\w.,:/-])(?:[12]|one|two|once|twice)\b"
    r"(?! *(?:%|km|m\b|min|hour|day|week|month|year|times\b|in\b|to\b|of the))"
    r"[^.;]{0,40}?\b(?:incident|offence|crime|burglar|robber|assault|repeat|victim|case|event)",
    re.IGNORECASE,
)
"""A count below three of something that happened to somebody."""
_MONTH: Final = 7
"""Characters of `2026-10`."""


def on_paper(sentences: Iterable[str]) -> tuple[str, ...]:
    """Leave out what paper may not say: sexual and domestic offences, and counts below SMALLEST_COUNT."""
    return tuple(said for said in sentences if said and not NEVER_ON_PAPER.search(said) and not _SMALL.search(said))


def going(plan: PatrolPlan) -> str:
    """Return shift and way of going: `Fri 30 October 2026, 15:00 to 23:00, on foot`."""
    return f"{plan.request.shift.words}, {BY[plan.request.rules.mode]}"


def loop_line(plan: PatrolPlan, loop: Loop) -> LoopLine:
    """Write one loop of a plan."""
    shift = plan.request.shift
    number = {zone.id: zone.number for zone in plan.zones}
    return LoopLine(
        when=f"{shift.clock(loop.start_min)} to {shift.clock(loop.end_min)}",
        crew=crew_word(plan, loop.crew),
        stops=tuple((number[visit.zone], shift.clock(visit.start_min)) for visit in loop.visits),
        travel=f"{round(sum(loop.legs_min))} min",
        if_two=tuple(number[zone] for zone in loop.if_two),
    )


def visit_line(plan: PatrolPlan, loop: Loop, visit: Visit) -> VisitLine:
    """Write one visit with its crew."""
    shift = plan.request.shift
    return VisitLine(
        f"{crew_word(plan, loop.crew)}, {shift.clock(visit.start_min)} to {shift.clock(visit.end_min)}"
        + (" (fixed)" if visit.locked else "")
    )


def bound_line(plan: PatrolPlan, fixed: Commitment) -> VisitLine:
    """Write what a crew is bound to in a zone, which counts as a visit of it."""
    shift = plan.request.shift
    who = "Everybody" if fixed.crew is None else crew_word(plan, fixed.crew)
    return VisitLine(f"{who}, {shift.clock(fixed.start_min)} to {shift.clock(fixed.end_min)} ({fixed.what})")


def where(zone: PatrolZone, member: str, streets: Sequence[str]) -> tuple[SheetRow, ...]:
    """Say where exactly a zone is."""
    named = [SheetRow("Streets", ", ".join(streets))] if streets else []
    return (
        *named,
        SheetRow("Grid reference", f"{zone.grid_reference}, {zone.area_ha:.1f} ha"),
        SheetRow(f"{member[0].upper()}{member[1:]}", zone.member_name),
    )


def incidents(run: ZoneRun, zone: PatrolZone, snapshot: Snapshot) -> tuple[SheetRow, ...]:
    """Say how much a zone held, in words that give no small count; harm to two figures, so that none is worked out."""
    loaded = set(snapshot.months())
    months = sum(month in loaded for month in run.query.period)
    said = incidents_words(zone, months, run.query.period)
    if zone.harm is not None and run.harm_label is not None and zone.events >= SMALLEST_COUNT:
        said = f"{said}; {run.harm_label} about {two_figures(zone.harm)} days"
    return (SheetRow("Incidents", said),)


def two_figures(value: float) -> str:
    """Return a number rounded to two figures: `33,000`."""
    return f"{float(f'{value:.1e}'):,.0f}"


def mix(zone: PatrolZone) -> tuple[tuple[str, int], ...]:
    """Name the commonest offences of a zone as paper may."""
    return showable(zone.mix, MOST_NAMED)


def lately(facts: ZoneFacts) -> tuple[SheetRow, ...]:
    """Say whether it rises and what came near lately."""
    rows = [*(("Trend", said) for said in on_paper([facts.trend]))]
    rows += [("Near repeats", _first_sentence(said)) for said in on_paper([facts.near_repeats])]
    return tuple(SheetRow(label, said) for label, said in rows)


def _first_sentence(text: str) -> str:
    """Return the sentence that says it; what explains it is the same on every card."""
    return f"{text.split('. ', maxsplit=1)[0].rstrip('.')}." if text else ""


def hours(plan: PatrolPlan, zone: PlanZone, facts: ZoneFacts | None) -> tuple[str, ...]:
    """Say when to be in a zone, and who chose that."""
    shift = plan.request.shift
    spans = ", ".join(f"{shift.clock(first)} to {shift.clock(last)}" for first, last in zone.windows)
    if zone.whence == "sergeant":
        return (f"{spans}.", BY_SERGEANT)
    if zone.whence == "shift":
        return ("Any time of the shift.", BY_NOBODY)
    told = on_paper(facts.hours) if facts is not None else ()
    return (f"{spans} in this shift.", *(f"{line.split(', steadied')[0].rstrip('.')}." for line in told))


def changes(plan: PatrolPlan, differences: Sequence[str]) -> tuple[str, ...]:
    """Say what differs from the last plan, and what was changed by hand."""
    by_hand = tuple(f"Changed by hand: {edit[:1].lower()}{edit[1:]}" for edit in plan.edits)
    return (*differences, *by_hand)


def notes(plan: PatrolPlan, orders: Sequence[SheetRow], *, with_streets: bool) -> tuple[str, ...]:
    """Say what the reader must know on the street."""
    said = [RECORDED, f"Loops begin and end at {_station(plan)} (Station on the map)."]
    below = [str(zone.number) for zone in plan.zones if zone.below_bar]
    if below:
        said.append(
            f"Below the bar: {_listed(below)} {'does' if len(below) == 1 else 'do'} not hold enough to be a zone, and "
            f"{'stands' if len(below) == 1 else 'stand'} in for one."
        )
    said += _out_of_reach(plan)
    said += [_shortly(plan, line) for line in plan.unkept]
    said += [_commitment(plan, at) for at in range(len(plan.request.commitments))]
    said += [f"In force, place not on record: {row.label}. {row.text}" for row in orders]
    if words.POLICE_UK_NOTES[0] in plan.notes:
        said.append(words.POLICE_UK_NOTES[0])
    if not with_streets:
        said.append("No streets are loaded, so the maps show outlines only and ways are straight lines.")
    return tuple(said)


def _commitment(plan: PatrolPlan, at: int) -> str:
    fixed, shift = plan.request.commitments[at], plan.request.shift
    who = "Everybody" if fixed.crew is None else crew_word(plan, fixed.crew)
    there = "" if fixed.zone is None else f", which is a visit of zone {plan.zone(fixed.zone).number}"
    return f"{who}, {shift.clock(fixed.start_min)} to {shift.clock(fixed.end_min)}: {fixed.what}{there}."


def _shortly(plan: PatrolPlan, line: str) -> str:
    """Return what is not kept without the names of zones: they stand on the cards, and the maps need the room."""
    for zone in plan.zones:
        line = line.replace(f" ({zone.name})", "")
    return f"{line.replace('`', '').rstrip('.')}."


def _out_of_reach(plan: PatrolPlan) -> list[str]:
    return [note for note in plan.notes if note.startswith(OUT_OF_REACH)]


def _station(plan: PatrolPlan) -> str:
    return f"the {MIDDLE}" if plan.station_name == MIDDLE else plan.station_name


def _listed(numbers: Sequence[str]) -> str:
    return f"zone {numbers[0]}" if len(numbers) == 1 else f"zones {', '.join(numbers[:-1])} and {numbers[-1]}"


def returning(plan: PatrolPlan) -> str:
    """Say how the sheet comes back."""
    at = "" if plan.station_name == MIDDLE else f" at {plan.station_name}"
    when = "at the end of the shift, filled in or not"
    return f"Give it to the sergeant{at} {when}: times and outcomes are entered from it."


def method(plan: PatrolPlan, run: ZoneRun | None, facts: Iterable[ZoneFacts]) -> tuple[str, ...]:
    """Say what else must be known of the numbers, in small print, nothing twice and no more than there is room for."""
    said = [] if run is None else [run.sentence, *(note for note in notes_on_paper(run) if note.startswith(_GRAVE))]
    elsewhere = (*_SAID_ELSEWHERE, *_out_of_reach(plan))
    said += [note.replace("`", "") for note in plan.notes if note not in elsewhere]
    said += [_first_sentence(note) for fact in facts for note in on_paper(fact.notes)]
    return tuple(dict.fromkeys(note for note in said if note))


def parameters(plan: PatrolPlan) -> tuple[SheetRow, ...]:
    """Return the parameters that do not stand on the sheet already."""
    return tuple(
        SheetRow(label, text) for label, text in plan.provenance.parameters.items() if label not in _ON_THE_PAGE
    )


def licences(lines: Iterable[str]) -> tuple[str, ...]:
    """Return licence lines, those that say the same of several things as one."""
    together: dict[str, list[str]] = {}
    for line in dict.fromkeys(lines):
        what, colon, said = line.partition(": ")
        together.setdefault(said if colon else line, []).append(what if colon else "")
    return tuple(f"{'; '.join(whats)}: {said}" if whats[0] else said for said, whats in together.items())


def data_to(text: str) -> str:
    """Write the last month or day of the data in words."""
    try:
        if len(text) == _MONTH:
            return written(dt.date.fromisoformat(f"{text}-01"), day=False)
        return written(dt.date.fromisoformat(text))
    except ValueError:
        return text


def footer(plan: PatrolPlan, places: int) -> str:
    """Name all that a sheet hangs on: the same again gives the same sheet."""
    said = [f"Data version {plan.provenance.data_version}"]
    if places != plan.provenance.data_version:
        said.append(f"map and places of version {places}")
    said += [f"plan {plan.id} version {plan.version}", f"run {plan.run}", f"seed {plan.request.seed}"]
    return " · ".join(said)
