"""Flow C: from zones to a printed patrol sheet. Every word and number is decided here."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from geo_service import harm, hotspots
from geo_service.errors import NotFoundError, QueryError
from geo_service.model.access import DISCLOSURE
from geo_service.model.incidents import GROUP_COLUMNS
from geo_service.model.layers import Marks
from geo_service.model.sheets import SheetContent, SheetRow, SheetZone
from geo_service.workflows import sheet_maps, words
from geo_service.workflows.finding import runs
from geo_service.workflows.finding.zones import zone_of
from geo_service.workflows.markings import USUAL, Export, Handling, file_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.offences import OffenceSet
    from geo_service.model.periods import Period
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

MOST_ZONES = 4
SMALLEST_COUNT = 3
"""Offences with fewer incidents in a zone are put together: a sheet must not point at one victim."""
MOST_OFFENCES = 6
NEVER_ON_PAPER = re.compile(
    r"(?<!^violence and )\bsex|\brape|indecen|incest|groom|voyeur|expos(?:ure|ing)|prostitut|buggery|"
    r"intimate|forced marriage|genital|domestic(?! burglary)|coerci|cruelty to (?!animals)",
    re.IGNORECASE,
)
"""Words of offences that no sheet names, for paper gets lost: sexual and domestic ones."""
_MIXED = "Violence and sexual offences"
_MIXED_WORDS = "Violence (a category of data.police.uk that holds more than that)"


def sheet_content(
    services: Services, run: ZoneRun, zone_ids: Sequence[str], *, printed_for: dt.date, handling: Handling = USUAL
) -> SheetContent:
    """Decide every word, number and shape of a sheet for at most four zones of one run.

    It is destroyed some days after the day that it is for (see `Handling`).
    """
    if not 1 <= len(zone_ids) <= MOST_ZONES:
        raise QueryError(
            "A sheet holds one to four zones",
            found=len(zone_ids),
            do="Print the others on a second sheet",
            field="zone",
        )
    zones = [zone_of(run, zone_id) for zone_id in dict.fromkeys(zone_ids)]
    data, places = services.store.snapshot(run.provenance.data_version), services.store.snapshot()
    drawn = sheet_maps.draw(services, run, zones, data=data, places=places, day=printed_for)
    named = zones[0].name if len(zones) == 1 else f"{len(zones)} zones"
    member = words.member_word(services, run.query.boundary_set)
    destroy_after = written(handling.destroy_after(printed_for))
    return SheetContent(
        title=f"Patrol sheet: {named}",
        subtitle=f"{run.area_name} · {run.query.period} · offence set {run.query.offence_set}",
        marking=handling.marking,
        demonstration=services.demonstration,
        map=drawn.map,
        zones=tuple(_card(services, run, zone, data, member) for zone in zones),
        nearby=drawn.nearby,
        notes=_notes(run, member, with_streets=drawn.with_streets),
        method=tuple(note for note in notes_on_paper(run) if note != words.DEMONSTRATION),
        data_to=written(dt.date.fromisoformat(f"{run.provenance.data_to}-01"), day=False),
        printed_for=written(printed_for),
        destroy_after=destroy_after,
        keywords=(handling.marking, f"data version {run.provenance.data_version}", f"destroy after {destroy_after}"),
        parameters=tuple(SheetRow(label, text) for label, text in run.provenance.parameters.items()),
        licences=tuple(dict.fromkeys((*run.licences, *drawn.licences))),
        footer=_footer(run, places.version),
    )


def choose_zones(services: Services, zone_ids: Sequence[str], boundary: str, run_id: str) -> tuple[ZoneRun, list[str]]:
    """Find the run and the zones that a sheet is asked for.

    By the ids of zones, or their numbers in the run; by a ward or area, the newest run that has a zone there answering
    unless one is named; else the first four of the run. Raises NotFoundError.
    """
    if zone_ids:
        by_id = run_id == runs.NEWEST and not all(map(_is_number, zone_ids))
        run = runs.holding(services.store, zone_ids[0]) if by_id else runs.find(services.store, run_id)
        return run, [zone_of(run, zone_id).id for zone_id in zone_ids]
    for run in runs.kept(services.store) if boundary and run_id == runs.NEWEST else [runs.find(services.store, run_id)]:
        there = [zone.id for zone in run.zones if _lies_in(zone, run, boundary)]
        if there:
            return run, there[:MOST_ZONES]
    raise NotFoundError(
        "No zone has been found there",
        found=boundary or run_id,
        do="Find zones there first: `geo-service zones --boundary …`",
        field="boundary",
    )


def _is_number(zone_id: str) -> bool:
    """Tell the number of a zone in its run from an id of eight hexadecimal digits that happens to hold no letter."""
    return zone_id.isdecimal() and len(zone_id) < len("12345678")


def _lies_in(zone: PatrolZone, run: ZoneRun, boundary: str) -> bool:
    wanted = " ".join(boundary.split()).casefold()
    named = (zone.member_code, zone.member_name, run.area_name, run.query.boundary)
    return not wanted or wanted in {" ".join(name.split()).casefold() for name in named}


def print_sheet(
    services: Services, run: ZoneRun, zone_ids: Sequence[str], *, printed_for: dt.date, handling: Handling = USUAL
) -> Export:
    """Print a sheet as PDF; record the disclosure."""
    content = sheet_content(services, run, zone_ids, printed_for=printed_for, handling=handling)
    last = handling.destroy_after(printed_for).isoformat()
    marks = Marks(handling.marking, run.provenance.data_version, last, services.demonstration)
    named = content.zones[0].name if len(content.zones) == 1 else run.area_name
    name = file_name(marks, f"patrol sheet {named} {printed_for}", ".pdf")
    pdf = services.printer.print(content)
    services.store.record(
        DISCLOSURE, f"sheet of run {run.id}", {"zones": [zone.id for zone in content.zones], "file": name}
    )
    return Export(name, pdf, "application/pdf", marks)


def _card(services: Services, run: ZoneRun, zone: PatrolZone, snapshot: Snapshot, member: str) -> SheetZone:
    loaded = set(snapshot.months())
    months = sum(month in loaded for month in run.query.period)
    why = [SheetRow("Incidents", incidents_words(zone, months, run.query.period))]
    if zone.harm is not None and run.harm_label is not None:
        why.append(SheetRow("Harm", f"{zone.harm:,.0f} days, {run.harm_label}"))
    return SheetZone(
        number=zone.number,
        id=zone.id,
        name=zone.name,
        where=(
            SheetRow("Grid reference", zone.grid_reference),
            SheetRow(f"{member[0].upper()}{member[1:]}", zone.member_name),
            SheetRow("Size", f"{zone.area_ha:.1f} ha"),
        ),
        why=tuple(why),
        when=_hours(services.registry.offence_sets()[run.query.offence_set], run, zone, snapshot),
        mix=showable(zone.mix),
    )


def showable(mix: Sequence[tuple[str, int]], most: int = MOST_OFFENCES) -> tuple[tuple[str, int], ...]:
    """Name the commonest offences; what is rare, or must not be on paper, is counted together.

    No count below SMALLEST_COUNT is shown, nor can one be had by taking what is shown from the whole.
    """
    shown = [
        (_MIXED_WORDS if offence == _MIXED else offence, count)
        for offence, count in mix
        if count >= SMALLEST_COUNT and not NEVER_ON_PAPER.search(offence)
    ][:most]
    rest = sum(count for _, count in mix) - sum(count for _, count in shown)
    while shown and 0 < rest < SMALLEST_COUNT:
        rest += shown.pop()[1]
    return (*shown, ("All others", rest)) if rest >= SMALLEST_COUNT else tuple(shown)


def notes_on_paper(run: ZoneRun) -> tuple[str, ...]:
    """Return what must be said with a run's numbers, without the names of offences that no sheet names."""
    unweighed = words.UNWEIGHED
    return tuple(
        f"{unweighed} some offences." if note.startswith(unweighed) and NEVER_ON_PAPER.search(note) else note
        for note in run.notes
    )


def incidents_words(zone: PatrolZone, months: int, period: Period) -> str:
    """Say how many incidents a zone held, none where they are few."""
    within = "1 month" if months == 1 else f"{months} months"
    count = f"{zone.events:,}" if zone.events >= SMALLEST_COUNT else f"fewer than {SMALLEST_COUNT}"
    return f"{count} in {within} ({period})"


def _hours(offence_set: OffenceSet, run: ZoneRun, zone: PatrolZone, snapshot: Snapshot) -> str:
    rows = snapshot.incidents(
        ["committed_from", "committed_to", *GROUP_COLUMNS],
        period=run.query.period,
        cells=zone.cells,
        resolution=run.query.resolution,
    )
    rows = rows.filter(harm.select(rows, offence_set, proactive=run.query.proactive))
    best = hotspots.best_hours(rows["committed_from"], rows["committed_to"])
    if best is not None:
        return best
    if rows["committed_from"].count():
        return "Too few incidents have a known time to say when. The sergeant chooses the times."
    return "Hours are not known: this data has months only. The sergeant chooses the times."


def _notes(run: ZoneRun, member: str, *, with_streets: bool) -> tuple[str, ...]:
    said = [
        run.sentence,
        run.sentence_after,
        "Visits are recorded: write the time in and out, and send the sheet back.",
    ]
    if words.POLICE_UK_NOTES[0] in run.notes:
        said.append(words.POLICE_UK_NOTES[0])
    if not with_streets:
        said.append(f"No streets are loaded, so the map shows {member} outlines only.")
    return tuple(said)


def _footer(run: ZoneRun, places: int) -> str:
    """Name all that the sheet hangs on: the same again gives the same sheet."""
    version, seed = run.provenance.data_version, run.provenance.seed
    said = [f"Data version {version}"]
    if places != version:
        said.append(f"cameras and Safe Places of version {places}")
    said += [f"run {run.id}", f"seed {'none: nothing here is random' if seed is None else seed}"]
    return " · ".join(said)


def written(date: dt.date, *, day: bool = True) -> str:
    """Return `6 November 2026`, or `November 2026`."""
    return f"{date.day} {date:%B %Y}" if day else f"{date:%B %Y}"
