"""What a crossover trial showed, by the incidents of its zones and the visits that were made."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service import harm
from geo_service.errors import QueryError
from geo_service.evaluation import crossover, trial
from geo_service.model.access import CONSULTATION
from geo_service.model.evaluation import finite
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS
from geo_service.model.layers import Provenance
from geo_service.model.periods import Month, Period, month_words
from geo_service.workflows import words
from geo_service.workflows.evaluating import trial_words
from geo_service.workflows.evaluating.trials import sealed_at
from geo_service.workflows.finding import runs
from geo_service.workflows.finding.zones import zone_of
from geo_service.workflows.importing.harm_tables import harm_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.evaluation.crossover import Design
    from geo_service.evaluation.trial import Compliance, Effect
    from geo_service.model.cells import Floats
    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.offences import OffenceSet, ProxyLevel
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.evaluating.trials import Proved
    from geo_service.workflows.services import Services

_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - local clock times have no zone
_SECOND: Final = 1 / 86_400


@dataclass(frozen=True, slots=True)
class TrialResult:
    """Say what a trial showed."""

    design: Design
    effect: Effect
    effect_harm: Effect | None
    harm_label: str | None
    placebo: Effect | None
    """The same allocation laid over as many days right before, when nobody had patrolled."""
    compliance: Compliance | None
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    licences: tuple[str, ...]
    provenance: Provenance

    @property
    def facts(self) -> dict[str, object]:
        """Return what JSON can hold."""
        found: dict[str, object] = finite(self._facts())
        return found

    def _facts(self) -> dict[str, object]:
        compliance = None if self.compliance is None else asdict(self.compliance)
        if compliance is not None:
            compliance["by_zone"] = dict(zip(self.design.zones, compliance["by_zone"].tolist(), strict=True))
        return {
            "sentences": self.sentences,
            "effect": asdict(self.effect),
            "effect_harm": None if self.effect_harm is None else asdict(self.effect_harm),
            "harm_label": self.harm_label,
            "placebo": None if self.placebo is None else asdict(self.placebo),
            "compliance": compliance,
            "notes": self.notes,
            "licences": self.licences,
            "provenance": asdict(self.provenance),
            "parameters": dict(self.provenance.parameters),
        }


def analyse(  # noqa: PLR0913 - the parts of an analysis
    services: Services,
    proved: Proved,
    sealed: str,
    *,
    offence_set: str,
    harm_table: str | None = None,
    proxy: ProxyLevel | None = None,
    level: float = trial.LEVEL,
    visits: Sequence[tuple[str, dt.date]] | None = None,
    as_of: int | None = None,
) -> TrialResult:
    """Analyse a trial whose allocation was proved, by the incidents of its zones.

    visits: zone and operational day of each. Raises QueryError for data without hours, or without a month of the trial.
    """
    snapshot = services.store.snapshot(as_of)
    sets = services.registry.offence_sets()
    if offence_set not in sets:
        raise QueryError("Unknown offence set", found=offence_set, do=f"Use one of {', '.join(sets)}", field="offences")
    run, design = runs.find(services.store, proved.run), proved.design
    loaded = set(snapshot.months())
    _refuse_missing(design, loaded)
    before = replace(design, first_day=design.first_day - dt.timedelta(days=design.days))
    has_before = all(month in loaded for month in _months(before))
    first = before.first_day if has_before else design.first_day
    # Until six on the morning after the last day.
    rows = _incidents(snapshot, run, design.zones, sets[offence_set], Period(Month.of(first), _months(design).last + 1))
    days, label, is_proxy = _days(services, snapshot, rows, harm_table, proxy)
    counted, unsure = _daily(rows, design, np.ones(rows.height))
    effect = trial.analyse(design, proved.patrolled, counted, level=level)
    of_harm = None
    if days is not None:
        of_harm = trial.analyse(design, proved.patrolled, _daily(rows, design, days)[0], is_count=False, level=level)
    placebo = None
    if has_before:
        earlier, _ = _daily(rows, before, np.ones(rows.height))
        placebo = trial.analyse(design, proved.patrolled, earlier, level=level)
    made = _visits(design, visits or ())
    compliance = None if visits is None else trial.comply(design, proved.patrolled, made[0], effect)
    notes = _notes(
        services,
        sealed,
        [
            (unsure, "incidents are not known to lie in one operational day (06:00 to 06:00)"),
            (made[1], "visits are of other zones or days"),
        ],
    )
    if not has_before:
        notes.append(f"No placebo check: of {_months(before)} not every month is loaded.")
    if is_proxy:
        notes.append(f"Harm here is a proxy by category, not a measured harm: {label}.")
    of_police_uk = words.POLICE_UK in snapshot.sources()
    notes += [note for note in sets[offence_set].notes if of_police_uk or "data.police.uk" not in note]
    made_of = TrialResult(
        design=design,
        effect=effect,
        effect_harm=of_harm,
        harm_label=label,
        placebo=placebo,
        compliance=compliance,
        sentences=(),
        notes=tuple(notes),
        licences=run.licences,
        provenance=Provenance(
            data_version=snapshot.version,
            data_to=str(snapshot.months()[-1]),
            parameters={
                "sealed": sealed.strip().casefold(),
                "run": run.id,
                "offence set": offence_set,
                "level": f"{level:.0%}",
                "redraws": str(effect.redraws),
            },
            seed=design.seed,
            demonstration=services.demonstration,
        ),
    )
    result = replace(made_of, sentences=tuple(trial_words.sentences(made_of)))
    services.store.record(f"{CONSULTATION}: trial", f"the trial {sealed[:8]}", dict(result.provenance.parameters))
    return result


def _notes(services: Services, sealed: str, left_out: Sequence[tuple[int, str]]) -> list[str]:
    """Say whether the ledger holds the seal, and what was left out."""
    when = sealed_at(services, sealed)
    known = f", written into the ledger {when}." if when else "; this ledger does not hold the seal."
    return [
        *([words.DEMONSTRATION] if services.demonstration else []),
        f"Proved: the allocation is the one that SHA-256 {sealed.strip().casefold()} seals{known}",
        *(f"{number:,} {what}: left out." for number, what in left_out if number),
    ]


def _months(design: Design) -> Period:
    return Period(Month.of(design.dates[0]), Month.of(design.dates[-1]))


def _refuse_missing(design: Design, loaded: set[Month]) -> None:
    missing = [month for month in _months(design) if month not in loaded]
    if missing:
        raise QueryError(
            "Months of the trial are not loaded, so its incidents are not all there",
            found=month_words(missing),
            do="Import them first",
            field="allocation",
        )


def _incidents(
    snapshot: Snapshot, run: ZoneRun, zones: Sequence[str], offence_set: OffenceSet, period: Period
) -> pl.DataFrame:
    """Return the incidents of the zones with the columns `zone` and `operational_day`, null where it is not known."""
    resolution = run.query.resolution
    cells = [zone_of(run, zone).cells for zone in zones]
    column = CELL_COLUMNS[resolution]
    rows = snapshot.incidents(
        ["committed_from", "committed_to", column, *GROUP_COLUMNS],
        period=period,
        cells=np.concatenate(cells),
        resolution=resolution,
    )
    rows = rows.filter(harm.select(rows, offence_set))
    if rows.height and not rows["committed_from"].count():
        raise QueryError(
            "The incidents have months and no days, so no day of a trial can be told from another",
            found="data.police.uk" if words.POLICE_UK in snapshot.sources() else "no committed times",
            do="Import the force's own export, which has times",
            field="allocation",
        )
    holder = pl.DataFrame(
        {column: np.concatenate(cells), "zone": np.repeat(np.arange(len(cells)), [len(each) for each in cells])}
    )
    rows = rows.join(holder, on=column, how="left", maintain_order="left")
    begun = _moments(rows["committed_from"])
    ended = np.where(np.isnan(_moments(rows["committed_to"])), begun, _moments(rows["committed_to"]))
    # A span that ends at midnight ends with the day, it does not begin the next one.
    ended = np.where(ended > begun, ended - _SECOND, begun)
    known = np.isfinite(begun)
    day = np.full(rows.height, -1, dtype=np.int64)
    day[known] = crossover.operational_days(begun[known])
    last = day.copy()
    last[known] = crossover.operational_days(ended[known])
    return rows.with_columns(pl.Series("operational_day", np.where(day == last, day, -1)))


def _moments(column: pl.Series) -> Floats:
    seconds = (column.cast(pl.Datetime("us")) - _EPOCH).dt.total_seconds()
    moments: Floats = seconds.cast(pl.Float64).fill_null(float("nan")).to_numpy() * _SECOND
    return moments


def _daily(rows: pl.DataFrame, design: Design, weights: Floats) -> tuple[Floats, int]:
    """Add up by hotspot and operational day (z, d), and count the incidents whose day is not known."""
    first = (design.first_day - dt.date(1970, 1, 1)).days
    day = rows["operational_day"].to_numpy()
    at = day - first
    inside = (day >= 0) & (at >= 0) & (at < design.days)
    daily = np.zeros((len(design.zones), design.days))
    np.add.at(daily, (rows["zone"].to_numpy()[inside], at[inside]), weights[inside])
    begun = np.floor(_moments(rows["committed_from"])) - first
    unsure = (day < 0) & ~((begun < 0) | (begun >= design.days))
    return daily, int(unsure.sum())


def _days(
    services: Services, snapshot: Snapshot, rows: pl.DataFrame, harm_table: str | None, proxy: ProxyLevel | None
) -> tuple[Floats | None, str | None, bool]:
    """Return the harm of each row, how it is called, and whether it is a proxy; None where it is not weighed."""
    groups = rows.select(GROUP_COLUMNS).unique(maintain_order=True)
    weights = harm.choose_weights(
        groups,
        measure="count",
        proxy=proxy,
        harm_table=harm_table,
        tables=harm_tables(services, snapshot),
        proxies=services.registry.proxies(),
    )
    if weights is None:
        return None, None, False
    weighed = groups.with_columns(pl.Series("days", weights.days, dtype=pl.Float64))
    joined = rows.join(weighed, on=list(GROUP_COLUMNS), how="left", nulls_equal=True, maintain_order="left")
    return joined["days"].to_numpy(), weights.label, weights.is_proxy


def _visits(design: Design, visits: Sequence[tuple[str, dt.date]]) -> tuple[Floats, int]:
    """Count visits by hotspot and day (z, d), and those of other zones or days."""
    made = np.zeros((len(design.zones), design.days))
    place = {zone: at for at, zone in enumerate(design.zones)}
    left = 0
    for zone, day in visits:
        at, number = place.get(zone), (day - design.first_day).days
        if at is None or not 0 <= number < design.days:
            left += 1
        else:
            made[at, number] += 1
    return made, left
