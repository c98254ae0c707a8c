"""From a question to patrol zones that are kept, named and can be printed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geo_service import hotspots, spatial
from geo_service.errors import NotFoundError
from geo_service.model.hotspots import PatrolZone, ZoneRun
from geo_service.workflows.finding import runs, zone_identity, zone_stability
from geo_service.workflows.finding.hotspots import answer, look_up
from geo_service.workflows.finding.zone_ground import lay_ground
from geo_service.workflows.finding.zone_names import said_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Cells, Floats
    from geo_service.model.hotspots import HotspotQuery, HotspotSurface
    from geo_service.model.surfaces import Observed
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.finding.zone_ground import ZoneGround
    from geo_service.workflows.finding.zone_identity import Compared
    from geo_service.workflows.finding.zone_names import NamedLines, Said
    from geo_service.workflows.services import Services

_BELOW_BAR: Final = "below the bar"


def find_zones(  # noqa: PLR0913 - each says something of its own of the zones
    services: Services,
    query: HotspotQuery,
    rules: hotspots.ZoneRules | None = None,
    *,
    stability: int = 0,
    compare_with: str = zone_identity.AUTO,
    below_bar: bool = False,
) -> tuple[HotspotSurface, ZoneRun]:
    """Answer a question with patrol zones and keep the run, so that a sheet or map can name it.

    rules: what a zone must be. stability: shifted grids that each zone is looked for on, 0 for none. compare_with: run
    of an earlier period whose zones keep their ids and names (see `zone_identity.earlier_run`). below_bar: whether what
    is found stands in for zones that nothing qualifies as; such a run does not become the newest.
    """
    zone_stability.check_shifts(stability)
    question = look_up(services, query)
    surface, observed = answer(services, question)
    ground = lay_ground(services, question.snapshot, observed)
    wanted = Wanted(rules or hotspots.ZoneRules(), stability, compare_with, below_bar)
    run = _run(services, question, surface, observed, ground, wanted)
    runs.save(services.store, run, question.area, dict(surface.provenance.parameters))
    return surface, run


class Wanted(NamedTuple):
    """Hold what is asked of the zones beside the question."""

    rules: hotspots.ZoneRules
    stability: int
    compare_with: str
    below_bar: bool = False


def zone_runs(services: Services) -> list[ZoneRun]:
    """List the kept runs, newest first."""
    return list(runs.kept(services.store))


def zone_run(services: Services, run_id: str) -> ZoneRun:
    """Return one run by its id, or the newest for `latest`; raise NotFoundError."""
    return runs.find(services.store, run_id)


def has_data(services: Services, run: ZoneRun) -> bool:
    """Tell whether the data that a run was found in is there still: an erasure drops the versions before it."""
    try:
        services.store.snapshot(run.provenance.data_version)
    except NotFoundError:
        return False
    return True


def run_of_zone(services: Services, zone_id: str) -> ZoneRun:
    """Return the newest run that holds a zone; raise NotFoundError."""
    return runs.holding(services.store, zone_id)


def _run(  # noqa: PLR0913, PLR0917 - one answer has these parts
    services: Services,
    question: Question,
    surface: HotspotSurface,
    observed: Observed,
    ground: ZoneGround,
    wanted: Wanted,
) -> ZoneRun:
    query, rules, areas = surface.query, wanted.rules, services.principal.areas
    months = len(observed.months)
    sight = None if areas is None else tuple(sorted(areas))
    said = f"{rules.in_words(months)}; {ground.said}"
    explicit = [] if wanted.compare_with == zone_identity.AUTO else [wanted.compare_with]
    explicit += [_BELOW_BAR] if wanted.below_bar else []
    # Who sees less of what lies around an area gets an answer of their own to the same question.
    seen = () if sight is None else (list(sight),)
    run_id = _digest(query, surface.provenance.data_version, said, wanted.stability, *explicit, *seen)
    known = runs.known(services.store, run_id)
    if known is not None:
        return known
    grown = ground.grow(
        observed, surface.surface, events=surface.events, chosen=surface.chosen, share=query.area_share, rules=rules
    )
    cells_of = [ground.cells[zone] for zone in grown.zones]
    earlier = zone_identity.earlier_run(services, query, sight, wanted.compare_with)
    compared = None if earlier is None else zone_identity.compare(earlier, cells_of)
    value = observed.value_inside[observed.inside]
    zones = _name_zones(question, surface, value, grown.zones, run_id, ground.named, compared)
    if wanted.stability and zones:
        found = zone_stability.stability_of(question, observed, ground, rules, cells_of, wanted.stability)
        zones = tuple(
            replace(zone, stability=round(float(again), 3), overlap=round(float(overlap), 3))
            for zone, again, overlap in zip(zones, *found, strict=True)
        )
    return ZoneRun(
        id=run_id,
        query=query,
        area_name=surface.area.name,
        vintage=surface.area.vintage,
        sentence=surface.sentence,
        sentence_after=surface.sentence_after,
        zones=zones,
        without=_without(surface, zones),
        rules=said,
        harm_label=surface.harm_label,
        provenance=surface.provenance,
        licences=tuple(dict.fromkeys((*surface.licences, *ground.licences))),
        notes=(*_zone_notes(surface, ground, zones, wanted.stability), *surface.notes),
        compared="" if compared is None else compared.run.id,
        changes=() if compared is None else compared.changes([zone.id for zone in zones]),
        shifts=wanted.stability,
        sight=sight,
        below_bar=wanted.below_bar,
    )


def _without(surface: HotspotSurface, zones: tuple[PatrolZone, ...]) -> tuple[str, ...]:
    """Name the members of the area that hold no zone."""
    with_zone = {zone.member_code for zone in zones}
    boundary_set = surface.area.boundary_set
    return tuple(
        boundary_set.names[position]
        for position in surface.area.members
        if boundary_set.codes[position] not in with_zone
    )


def _zone_notes(
    surface: HotspotSurface, ground: ZoneGround, zones: tuple[PatrolZone, ...], shifts: int
) -> tuple[str, ...]:
    """Say what the zones hold together, and what their stability means."""
    if not zones:
        return ()
    area_ha, events = sum(zone.area_ha for zone in zones), sum(zone.events for zone in zones)
    every = float(surface.events.sum())
    together = (
        f"The {len(zones)} zone(s) together: {area_ha:,.1f} ha, {area_ha / ground.covered_ha * 100:.2g} % of the area, "
        f"with {events / every * 100:.1f} % of the events (in-sample)."
    )
    if not shifts:
        return (together,)
    return (
        together,
        (
            f"Stability: mean share of a zone's area that is found again when the grid of cells lies elsewhere, over "
            f"{shifts} positions. Below 50 % the answer to `where exactly` hangs on the grid."
        ),
    )


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:8]


def _name_zones(  # noqa: PLR0913, PLR0917 - the parts of one answer
    question: Question,
    surface: HotspotSurface,
    value: Floats,
    zones: list[NDArray[np.int64]],
    run_id: str,
    streets: NamedLines,
    compared: Compared | None = None,
) -> tuple[PatrolZone, ...]:
    boundary_set = surface.area.boundary_set
    cells_of = [surface.table.cells[zone] for zone in zones]
    earlier = [None] * len(zones) if compared is None else compared.inherited()
    taken = [zone.name for zone in earlier if zone is not None]
    named: list[PatrolZone] = []
    rows = _rows_of(question, cells_of)
    words = said_of(question, cells_of, streets)
    for zone, cells, inside, said, was in zip(zones, cells_of, rows, words, earlier, strict=True):
        reference = _reference(cells, surface.events[zone])
        member = _main_member(question, inside)
        name = _name(said, boundary_set.names[member], reference, taken) if was is None else was.name
        taken.append(name)
        named.append(
            PatrolZone(
                id=_digest(run_id, *cells.tolist()) if was is None else was.id,
                number=len(named) + 1,
                name=name,
                cells=cells,
                area_ha=float(surface.table.area_m2[zone].sum() / 1e4),
                events=round(surface.events[zone].sum()),
                harm=None if surface.harm is None else float(surface.harm[zone].sum()),
                score=float(value[zone].sum()),
                grid_reference=reference,
                member_code=boundary_set.codes[member],
                member_name=boundary_set.names[member],
                mix=_mix(question, inside),
            )
        )
    return tuple(named)


def _name(said: Said, member_name: str, reference: str, taken: list[str]) -> str:
    return hotspots.name_zone(
        said.places, member_name, reference, streets=said.streets, incidents=said.incidents, taken=taken
    )


def _reference(cells: Cells, events: Floats) -> str:
    """Return the grid reference of the middle of the incidents in some cells."""
    lon, lat = spatial.cell_centres(cells)
    weight = np.maximum(events, 1e-9)
    east_m, north_m = spatial.to_grid([np.average(lon, weights=weight)], [np.average(lat, weights=weight)])
    return spatial.grid_reference(float(east_m[0]), float(north_m[0]))


def _rows_of(question: Question, zones: list[Cells]) -> list[NDArray[np.int64]]:
    """Return the rows of the cube that the incidents of each zone stand in: of the offence set, and in the area."""
    if not zones:
        return []
    cube = question.cube
    taken = question.groups[cube.group] & np.isin(cube.member, question.area.members)
    rows = np.flatnonzero(taken & np.isin(cube.cell, np.concatenate(zones)))
    return [rows[np.isin(cube.cell[rows], cells)] for cells in zones]


def _main_member(question: Question, rows: NDArray[np.int64]) -> int:
    """Return the member of the area that holds most of the incidents of a zone, the first of equals."""
    counts = question.cube.window(question.query.period)
    return int(np.argmax(np.bincount(question.cube.member[rows], weights=counts[rows])))


def _mix(question: Question, rows: NDArray[np.int64]) -> tuple[tuple[str, int], ...]:
    """Count the offences of a zone, most first."""
    cube = question.cube
    counts = cube.window(question.query.period)
    by_group = np.bincount(cube.group[rows], weights=counts[rows], minlength=cube.groups.height)
    total: dict[str, int] = {}
    for group in np.flatnonzero(by_group):
        offence = cube.groups["offence"][int(group)] or "not stated"
        total[offence] = total.get(offence, 0) + int(by_group[group])
    return tuple(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def zone_of(run: ZoneRun, zone_id: str) -> PatrolZone:
    """Return one zone of a run by id or number; raise NotFoundError."""
    for zone in run.zones:
        if zone_id in (zone.id, str(zone.number)):
            return zone
    raise NotFoundError(
        "No such zone in the run",
        found=zone_id,
        do=f"The run has {', '.join(f'{zone.number} ({zone.id})' for zone in run.zones) or 'no zones'}",
        field="zone",
    )
