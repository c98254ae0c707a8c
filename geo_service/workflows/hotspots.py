"""Flow B: from a question to hotspots and patrol zones."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geo_service import harm, hotspots, overlay, spatial
from geo_service.errors import NotFoundError, QueryError
from geo_service.model.access import AuditEvent
from geo_service.model.cells import UNLOCATED
from geo_service.model.hotspots import Held, HotspotQuery, HotspotSurface, PatrolZone, ZoneRun
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS
from geo_service.model.layers import Provenance
from geo_service.model.periods import Period
from geo_service.workflows import runs, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo_service.model.access import Principal
    from geo_service.model.boundaries import Area
    from geo_service.model.cells import Cells, CellTable, Cube, Floats
    from geo_service.model.hotspots import Observed
    from geo_service.model.offences import OffenceSet, Weights
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services


@dataclass(frozen=True, slots=True)
class _Question:
    """Hold a question with everything that it names looked up."""

    query: HotspotQuery
    snapshot: Snapshot
    area: Area
    offence_set: OffenceSet
    cube: Cube
    groups: NDArray[np.bool_]
    """Offence groups that the set takes."""
    weights: Weights | None


def ask(services: Services, query: HotspotQuery) -> HotspotSurface:
    """Answer a question cell by cell.

    Raises QueryError for a parameter that cannot be answered, NotFoundError for an unknown boundary or set.
    """
    return _answer(services, _look_up(services, query))[0]


def find_zones(services: Services, query: HotspotQuery, principal: Principal) -> tuple[HotspotSurface, ZoneRun]:
    """Answer a question with patrol zones and keep the run, so that a sheet or map can name it."""
    question = _look_up(services, query)
    surface, observed = _answer(services, question)
    run = _run(question, surface, observed)
    runs.save(services.store, run)
    services.store.record(
        AuditEvent("consultation", principal.name, f"zones {run.id}", services.clock(), dict(surface.query.parameters()))
    )
    return surface, run


def zone_runs(services: Services) -> list[ZoneRun]:
    """List the kept runs, newest first."""
    return list(runs.kept(services.store))


def zone_run(services: Services, run_id: str) -> ZoneRun:
    """Return one run by its id, or the newest for `latest`; raise NotFoundError."""
    return runs.find(services.store, run_id)


def run_of_zone(services: Services, zone_id: str) -> ZoneRun:
    """Return the newest run that holds a zone; raise NotFoundError."""
    return runs.holding(services.store, zone_id)


def _look_up(services: Services, query: HotspotQuery) -> _Question:
    snapshot = services.store.snapshot(query.as_of)
    if not snapshot.months():
        raise QueryError(
            "No incidents are loaded",
            do="Import some first: `geo-service import incidents PATH`",
            field="from",
        )
    if query.statistic not in hotspots.statistics():
        raise QueryError(
            "Unknown statistic",
            found=query.statistic,
            do=f"Use one of {', '.join(hotspots.statistics())}",
            field="statistic",
        )
    sets = services.registry.offence_sets()
    if query.offence_set not in sets:
        raise QueryError(
            "Unknown offence set", found=query.offence_set, do=f"Use one of {', '.join(sets)}", field="offence_set"
        )
    area = overlay.find_area(
        snapshot.boundary_sets(),
        services.registry.boundaries(),
        query.boundary,
        boundary_set=query.boundary_set,
        on=query.period.last.last_day,
    )
    cube = snapshot.cube(query.resolution, area.boundary_set.id)
    groups = harm.select(cube.groups, sets[query.offence_set])
    weights = harm.choose_weights(
        cube.groups,
        measure=query.measure,
        proxy=query.proxy,
        harm_table=query.harm_table,
        tables=services.registry.harm_tables(),
        proxies=services.registry.proxies(),
    )
    # Filled in, so that the same question can be asked again when newer data and sets are there.
    asked = replace(query, as_of=snapshot.version, boundary_set=area.boundary_set.id)
    return _Question(asked, snapshot, area, sets[query.offence_set], cube, groups, weights)


def _answer(services: Services, question: _Question) -> tuple[HotspotSurface, Observed]:
    query, cube, area, weights = question.query, question.cube, question.area, question.weights
    table = spatial.cover(overlay.area_geometry(area), query.resolution)
    halo = spatial.halo(table.cells, query.ring)
    everywhere = np.concatenate([table.cells, halo])
    indptr, indices = spatial.neighbours(everywhere, query.ring)
    observe = hotspots.Observer(cube, table, halo, indptr, indices, area.members, question.groups)
    days = None if weights is None else np.asarray(weights.days)
    observed = observe(query.period, days if query.measure == "harm" else None)
    events = observe.inside(query.period)
    harm_inside = None if days is None else observe.inside(query.period, days)
    surface = hotspots.statistics()[query.statistic].surface(observed, query.ring)
    chosen = hotspots.choose(surface.score, events, table.covered_m2, table.cells, query.area_share)
    counts = cube.window(query.period)
    in_set = question.groups[cube.group]
    unlocated = int(counts[in_set & (cube.cell == UNLOCATED)].sum())
    months_missing = _missing(cube, query.period)
    notes = words.notes_of(services, question.snapshot, area, question.offence_set, weights, unlocated, months_missing)
    return (
        HotspotSurface(
            query=query,
            area=area,
            table=table,
            events=events,
            harm=harm_inside,
            harm_label=None if weights is None else weights.label,
            surface=surface,
            chosen=chosen,
            in_sample=_held(query.period, events, harm_inside, table, chosen),
            after=_afterwards(observe, query.period, days, table, chosen),
            located=int(events.sum()),
            unlocated=unlocated,
            months_missing=months_missing,
            provenance=Provenance(
                data_version=question.snapshot.version,
                data_to=str(question.snapshot.months()[-1]),
                parameters=_parameters(query, weights),
                demonstration=services.demonstration,
            ),
            licences=words.licences_of(question.snapshot, area),
            notes=notes,
        ),
        observed,
    )


def _parameters(query: HotspotQuery, weights: Weights | None) -> Mapping[str, str]:
    return dict(query.parameters()) | ({} if weights is None else {"harm table": weights.table})


def _missing(cube: Cube, period: Period) -> tuple[str, ...]:
    loaded = set(cube.months_loaded(period))
    return tuple(str(month) for month in period if month not in loaded)


def _held(
    period: Period, events: Floats, weighed: Floats | None, table: CellTable, chosen: NDArray[np.bool_]
) -> Held:
    return Held(
        period=period,
        events=float(events[chosen].sum()),
        events_all=float(events.sum()),
        area_m2=float(table.covered_m2[chosen].sum()),
        area_all_m2=float(table.covered_m2.sum()),
        harm=None if weighed is None else float(weighed[chosen].sum()),
        harm_all=None if weighed is None else float(weighed.sum()),
    )


def _afterwards(
    observe: hotspots.Observer, period: Period, days: Floats | None, table: CellTable, chosen: NDArray[np.bool_]
) -> Held | None:
    """Say what the chosen cells held in the loaded months right after the period, at most as many as it has."""
    cube = observe.cube
    after = [period.last + 1]
    while len(after) < len(period) and cube.months_loaded(Period(after[-1] + 1, after[-1] + 1)):
        after.append(after[-1] + 1)
    if not cube.months_loaded(Period(after[0], after[0])):
        return None
    later = Period(after[0], after[-1])
    weighed = None if days is None else observe.inside(later, days)
    return _held(later, observe.inside(later), weighed, table, chosen)


def _run(question: _Question, surface: HotspotSurface, observed: Observed) -> ZoneRun:
    query, table = surface.query, surface.table
    indptr, indices = spatial.neighbours(table.cells, 1)
    rules = hotspots.ZoneRules()
    months = len(question.cube.months_loaded(query.period))
    value = observed.value_inside[observed.inside]
    grown = hotspots.grow(
        surface.surface.score,
        value=value,
        events=surface.events,
        area_ha=table.area_m2 / 1e4,
        indptr=indptr,
        indices=indices,
        chosen=surface.chosen,
        months=months,
        rules=rules,
    )
    run_id = _digest(query, surface.provenance.data_version)
    zones = _name_zones(question, surface, value, grown.zones, run_id)
    with_zone = {zone.member_code for zone in zones}
    boundary_set = surface.area.boundary_set
    without = tuple(
        boundary_set.names[position]
        for position in surface.area.members
        if boundary_set.codes[position] not in with_zone
    )
    return ZoneRun(
        id=run_id,
        query=query,
        area_name=surface.area.name,
        vintage=surface.area.vintage,
        sentence=surface.sentence,
        sentence_after=surface.sentence_after,
        zones=zones,
        without=without,
        rules=rules.in_words(months) + (f"; {grown.below} place(s) fell below the bar" if grown.below else ""),
        harm_label=surface.harm_label,
        provenance=surface.provenance,
        licences=surface.licences,
        notes=surface.notes,
    )


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:8]


def _name_zones(
    question: _Question, surface: HotspotSurface, value: Floats, zones: list[NDArray[np.int64]], run_id: str
) -> tuple[PatrolZone, ...]:
    table, area = surface.table, surface.area
    members = _main_members(question, table.cells)
    mixes = _mixes(question, [table.cells[zone] for zone in zones])
    places = _places(question, [table.cells[zone] for zone in zones])
    named: list[PatrolZone] = []
    for number, zone in enumerate(zones, start=1):
        cells = table.cells[zone]
        lon, lat = spatial.cell_centres(cells)
        weight = np.maximum(surface.events[zone], 1e-9)
        east_m, north_m = spatial.to_grid(
            np.array([np.average(lon, weights=weight)]), np.array([np.average(lat, weights=weight)])
        )
        reference = spatial.grid_reference(float(east_m[0]), float(north_m[0]))
        member = _weightiest(members[zone], surface.events[zone])
        member_name = area.boundary_set.names[member]
        named.append(
            PatrolZone(
                id=_digest(run_id, *cells.tolist()),
                number=number,
                name=hotspots.name_zone(
                    places[number - 1], member_name, reference, taken=[zone.name for zone in named]
                ),
                cells=cells,
                area_ha=float(table.area_m2[zone].sum() / 1e4),
                events=round(surface.events[zone].sum()),
                harm=None if surface.harm is None else float(surface.harm[zone].sum()),
                score=float(value[zone].sum()),
                grid_reference=reference,
                member_code=area.boundary_set.codes[member],
                member_name=member_name,
                mix=mixes[number - 1],
            )
        )
    return tuple(named)


def _main_members(question: _Question, cells: Cells) -> NDArray[np.int32]:
    """Return the member of the area that each cell's centre lies in, else the area's first."""
    lon, lat = spatial.cell_centres(cells)
    member = overlay.assign(lon, lat, question.area.boundary_set)
    return np.where(np.isin(member, question.area.members), member, question.area.members[0])


def _weightiest(members: NDArray[np.int32], events: Floats) -> int:
    return int(np.argmax(np.bincount(members, weights=events + 1e-9)))


def _mixes(question: _Question, zones: list[Cells]) -> list[tuple[tuple[str, int], ...]]:
    """Count the offences of each zone, most first, from the cube."""
    cube = question.cube
    counts = cube.window(question.query.period)
    taken = question.groups[cube.group] & np.isin(cube.member, question.area.members)
    offences = cube.groups["offence"].fill_null("not stated").to_list()
    mixes = []
    for cells in zones:
        rows = taken & np.isin(cube.cell, cells)
        by_group = np.bincount(cube.group[rows], weights=counts[rows], minlength=len(offences))
        total: dict[str, int] = {}
        for group in np.flatnonzero(by_group):
            total[offences[group]] = total.get(offences[group], 0) + int(by_group[group])
        mixes.append(tuple(sorted(total.items(), key=lambda item: (-item[1], item[0]))))
    return mixes


def _places(question: _Question, zones: list[Cells]) -> list[list[tuple[str, int]]]:
    """Count the `On or near …` words of each zone's incidents."""
    if not zones:
        return []
    column = CELL_COLUMNS[question.query.resolution]
    rows = question.snapshot.incidents(
        ["place", column, *GROUP_COLUMNS],
        period=question.query.period,
        cells=np.concatenate(zones),
        resolution=question.query.resolution,
    )
    rows = rows.filter(harm.select(rows, question.offence_set)).drop_nulls("place")
    cell = rows[column].to_numpy()
    counted = []
    for cells in zones:
        found = rows.filter(np.isin(cell, cells))["place"].value_counts().sort(["count", "place"], descending=[True, False])
        counted.append([(place, count) for place, count in found.iter_rows()])
    return counted


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
