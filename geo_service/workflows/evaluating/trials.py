"""Crossover trials: the allocation drawn, sealed and proved."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service.errors import InputError, NotFoundError
from geo_service.evaluation import crossover
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.workflows.finding import runs
from geo_service.workflows.finding.zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geo_service.evaluation.crossover import Design
    from geo_service.model.evaluation import TrialQuery
    from geo_service.model.hotspots import ZoneRun
    from geo_service.workflows.services import Services

KIND: Final = "trial"
DESIGN: Final = ("first_day", "days", "period_days", "block_periods", "wash_out_days", "allocation_seed", "run")
"""Columns of an allocation that say how it was drawn."""
TOO_LATE: Final = "The first day is not after today: a seal that is made afterwards proves nothing."
COLUMNS: Final = ("zone", "day", "condition", *DESIGN)
KEEP_IT: Final = (
    "Publish the hash before the first day. Keep the file to whoever plans the shifts, and tell each shift its own day."
)


@dataclass(frozen=True, slots=True)
class Allocation:
    """Hold a drawn allocation with its seal."""

    run: str
    design: Design
    patrolled: NDArray[np.bool_]
    """(z, d)."""
    sealed: str
    """SHA-256."""
    provenance: Provenance
    names: tuple[str, ...]
    notes: tuple[str, ...] = (KEEP_IT,)

    @property
    def facts(self) -> dict[str, object]:
        """Return what JSON can hold, without the allocation itself."""
        return {
            "sealed_sha256": self.sealed,
            "run": self.run,
            "zones": self.design.zones,
            "design": {name: str(value) for name, value in asdict(self.design).items() if name != "zones"},
            "patrolled_each_day": self.patrolled.sum(axis=0).tolist(),
            "notes": self.notes,
            "provenance": asdict(self.provenance),
            "parameters": dict(self.provenance.parameters),
        }


def allocate(services: Services, query: TrialQuery, first_day: dt.date) -> Allocation:
    """Draw the hotspot-days of a trial in the zones of a run, and keep their seal in the ledger."""
    run = runs.find(services.store, query.run)
    zones = [zone_of(run, zone_id) for zone_id in query.zones] if query.zones else list(run.zones)
    design = crossover.Design(
        zones=tuple(zone.id for zone in zones),
        first_day=first_day,
        days=query.days,
        seed=query.seed,
        period_days=query.period_days,
        block_periods=query.block_periods,
        wash_out_days=query.wash_out_days,
    )
    patrolled = crossover.allocate(design)
    said = {name: str(value) for name, value in asdict(design).items() if name not in ("zones", "seed")}
    made = Allocation(
        run=run.id,
        design=design,
        patrolled=patrolled,
        sealed=crossover.seal(design, patrolled),
        provenance=replace(
            run.provenance, parameters={"run": run.id, "zones": str(len(zones)), **said}, seed=design.seed
        ),
        names=tuple(zone.name for zone in zones),
        notes=(KEEP_IT,) if first_day > services.today() else (KEEP_IT, TOO_LATE),
    )
    _keep(services, made, run)
    return made


def _keep(services: Services, made: Allocation, run: ZoneRun) -> None:
    """Write the seal into the ledger, once: when it was made is part of the proof."""
    kept_id = made.sealed[:8]
    if sealed_at(services, made.sealed) is None:
        query = run.query
        snapshot = services.store.snapshot()
        area = snapshot.area(query.boundary, boundary_set=query.boundary_set, on=query.period.last.last_day)
        payload = {name: value for name, value in made.facts.items() if name != "id"}
        payload["sealed_at"] = services.now().isoformat(timespec="seconds")
        runs.save_analysis(services.store, KIND, kept_id, payload, made.provenance.data_version, area)


def sealed_at(services: Services, sealed: str) -> str | None:
    """Return when a seal was written into the ledger, None where it never was."""
    try:
        found = runs.find_analysis(services.store, KIND, sealed[:8])
    except NotFoundError:
        return None
    return str(found["sealed_at"]) if found["sealed_sha256"] == sealed else None


def allocation_table(made: Allocation) -> FeatureTable:
    """Return a row for each hotspot-day."""
    design, (zones, days) = made.design, made.patrolled.shape
    dates = design.dates * zones
    rows = pl.DataFrame(
        {
            "id": [f"{zone}/{day}" for zone in design.zones for day in design.dates],
            "zone": np.repeat(design.zones, days),
            "zone_name": np.repeat(made.names, days),
            "day": dates,
            "weekday": [f"{day:%a}" for day in dates],
            "condition": np.where(made.patrolled.ravel(), crossover.TREATED, crossover.CONTROL),
            "analysed": np.tile(design.counted, zones),
            **{name: [value] * (zones * days) for name, value in _design_columns(made).items()},
        }
    )
    return FeatureTable(
        id="trial",
        title=f"Allocation of a crossover trial from {design.first_day}",
        rows=rows,
        geometry=np.full(rows.height, None, dtype=object),
        provenance=made.provenance,
        notes=(*made.notes, f"Sealed: SHA-256 {made.sealed}."),
        style=LayerStyle(shape="none", colour="#505a5f"),
    )


def _design_columns(made: Allocation) -> Mapping[str, object]:
    design = made.design
    values = (design.first_day.isoformat(), design.days, design.period_days, design.block_periods)
    return dict(zip(DESIGN, (*values, design.wash_out_days, design.seed, made.run), strict=True))


@dataclass(frozen=True, slots=True)
class Proved:
    """Hold an allocation that was read back and proved."""

    run: str
    design: Design
    patrolled: NDArray[np.bool_]


def prove(rows: Sequence[Mapping[str, str]], sealed: str) -> Proved:
    """Read an allocation back and prove it by its seal and by its seed.

    rows: texts by COLUMNS. Raises InputError where a column is missing, a hotspot-day is missing or double, or the
    allocation is not the one that was sealed.
    """
    if not rows or any(name not in rows[0] for name in COLUMNS):
        lacking = ", ".join(name for name in COLUMNS if not rows or name not in rows[0])
        raise InputError(
            "That is no allocation of a trial",
            found=f"without the columns {lacking}" if rows else "no rows",
            do="Give the CSV that `geo-service evaluate trial allocate` wrote",
            field="allocation",
        )
    zones = tuple(dict.fromkeys(row["zone"] for row in rows))
    design, run = _design_of(rows, zones)
    place = {(zone, str(day)): (z, d) for z, zone in enumerate(zones) for d, day in enumerate(design.dates)}
    seen = np.zeros((len(zones), design.days), dtype=np.int64)
    patrolled = np.zeros(seen.shape, dtype=np.bool_)
    for row in rows:
        at = place.get((row["zone"], row["day"]))
        if at is None or row["condition"] not in (crossover.TREATED, crossover.CONTROL):
            raise _not_sealed(f"{row['zone']} on {row['day']}: {row['condition']}")
        seen[at] += 1
        patrolled[at] = row["condition"] == crossover.TREATED
    if (seen != 1).any():
        raise _not_sealed(f"{int((seen != 1).sum())} hotspot-days are missing or double")
    found = crossover.seal(design, patrolled)
    if found != sealed.strip().casefold():
        raise _not_sealed(f"SHA-256 {found}")
    if (crossover.allocate(design) != patrolled).any():
        raise _not_sealed("conditions that its seed does not draw")
    return Proved(run, design, patrolled)


def _not_sealed(found: str) -> InputError:
    return InputError(
        "The allocation is not the one that was sealed",
        found=found,
        do="Give the file as it was written, and the hash as it was published",
        field="allocation",
    )


def _design_of(rows: Sequence[Mapping[str, str]], zones: tuple[str, ...]) -> tuple[Design, str]:
    said = {tuple(row[name] for name in DESIGN) for row in rows}
    if len(said) != 1:
        raise _not_sealed("rows of several trials")
    first_day, days, period_days, block_periods, wash_out_days, seed, run = said.pop()
    try:
        numbers = [int(text) for text in (days, seed, period_days, block_periods, wash_out_days)]
        day = dt.date.fromisoformat(first_day)
    except ValueError:
        raise _not_sealed("a design that is no numbers") from None
    return crossover.Design(zones, day, *numbers), run
