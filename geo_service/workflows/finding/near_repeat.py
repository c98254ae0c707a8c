"""Flow B for near repeats: do offences follow each other, what was preventable, and whom to visit today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.errors import QueryError
from geo_service.hotspots.repeats.cocoon import CocoonRules, Cocoons, cocoons
from geo_service.hotspots.repeats.knox import Bands, Knox, Preventable, knox, preventable
from geo_service.model.access import CONSULTATION
from geo_service.model.layers import Provenance
from geo_service.workflows import words
from geo_service.workflows.finding.hotspots import look_up
from geo_service.workflows.finding.visits import CELLS, Visitable, places_around
from geo_service.workflows.rows import refuse_month_only, rows_of

if TYPE_CHECKING:
    from geo_service.hotspots.repeats.knox import Metric
    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.services import Services

LONGEST_DAYS: Final = 7
"""Longest span, in days, of an incident whose day is still said to be known: the middle one."""
_EPOCH: Final = dt.date(1970, 1, 1)
_DAY_US: Final = 86_400_000_000
_COLUMNS: Final = ("crime_id", "place", "committed_from", "committed_to", "offence", "domestic_abuse")


@dataclass(frozen=True, slots=True)
class NearRepeatQuery:
    """Ask whether offences follow each other, or who is to be visited on a day."""

    query: HotspotQuery
    bands: Bands
    rules: CocoonRules
    cocoon: dt.date | None = None
    """Day whose live cocoons are asked for; None asks for the table."""
    places: str = CELLS
    """What is visited: `cells`, or a layer of homes or streets."""

    @property
    def permutations(self) -> int | None:
        """Return the permutations behind p, None for as many as the pairs allow."""
        return self.query.tuning.permutations or None


def read_bands(distances: str, days: str, metric: str) -> Bands:
    """Read bands as somebody types them, numbers with commas; raise QueryError naming what is wrong."""
    return Bands(_numbers(distances, "distances"), _numbers(days, "bands"), cast("Metric", metric))


def read_rules(radius_m: float, days: int, most: int) -> CocoonRules:
    """Read how far and how long a cocoon reaches; raise QueryError naming what is wrong."""
    return CocoonRules(radius_m, days, most)


def _numbers(text: str, field: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise QueryError(
            "Not numbers with commas between them", found=text, do="Write them as 100,200,400", field=field
        ) from None


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what must be said with an answer."""

    asked: NearRepeatQuery
    area_name: str
    vintage: str
    provenance: Provenance
    licences: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NearRepeatAnswer:
    """Hold the Knox table and the preventable share."""

    told: Told
    knox: Knox
    preventable: Preventable
    undated: int
    """Incidents that no day is known of, left out."""

    @property
    def sentence(self) -> str:
        """Say whether offences follow each other."""
        table, bands = self.knox, self.knox.bands
        near = [
            (at, column)
            for at in range(len(bands.rows) - 1)
            for column in range(len(bands.columns) - 1)
            if table.p[at, column] <= 0.05 and table.ratio[at, column] > 1  # noqa: PLR2004 - one in twenty, and more than one
        ]
        said = f"{table.incidents:,} incidents of {self.told.area_name}, {self.told.asked.query.period}: "
        if not near or table.p_any > 0.05:  # noqa: PLR2004 - one in twenty
            return (
                f"{said}nearby and soon after another is not shown to be more common than chance gives (p "
                f"{table.p_any:.3f} over all near bands together)."
            )
        at, column = min(near, key=lambda place: (float(table.p[place]), -float(table.ratio[place])))
        times = f"{table.ratio[at, column]:.1f}"
        pairs = int(table.observed[at, column])
        return (
            f"{said}{bands.rows[at]} and {bands.columns[column]} apart are {pairs:,} pairs, {times} times what chance "
            f"gives (p {table.p[at, column]:.3f}; {table.p_any:.3f} over all near bands together); {len(near)} near "
            "bands are above chance at p 0.05 each."
        )

    @property
    def sentence_preventable(self) -> str:
        """Say what the ring would have reached."""
        found = self.preventable
        return (
            f"{found.share * 100:.1f} % of the incidents ({found.repeats:,} at the same place, {found.near_repeats:,} "
            f"nearby) came 1 to {found.within_days} days after another within {found.within_m:g} m, so a visited ring "
            f"would have reached them; {found.by_chance * 100:.1f} % would by chance (p {found.p:.2f})."
        )


@dataclass(frozen=True, slots=True)
class CocoonAnswer:
    """Hold the visits that are due on a day."""

    told: Told
    on: dt.date
    visits: Cocoons
    offences: pl.DataFrame
    """`crime_id`, `place`, `happened`, `recorded`, `offence`, `domestic_abuse`, `committed_from` and `committed_to` of
    each."""
    places: Visitable
    """Cells, homes or streets."""
    own: Geometries
    """EPSG:4326 point of each offence."""

    @property
    def sentence(self) -> str:
        """Say how many cocoons are live."""
        live = len(np.unique(self.visits.incident))
        rules = self.told.asked.rules
        return (
            f"Live cocoons on {self.on.isoformat()} in {self.told.area_name}: {live}. "
            f"Visits: {len(self.visits.order):,}, the place itself first and then what is nearest within "
            f"{rules.radius_m:g} m, until {rules.days} days after the offence."
        )


def look(services: Services, asked: NearRepeatQuery) -> NearRepeatAnswer | CocoonAnswer:
    """Answer for somebody who looks and takes nothing along; record that (raises as `ask` does)."""
    found = ask(services, asked)
    parameters = dict(found.told.provenance.parameters)
    services.store.record(f"{CONSULTATION}: near repeat", "cocoons" if asked.cocoon else "table", parameters)
    return found


def ask(services: Services, asked: NearRepeatQuery) -> NearRepeatAnswer | CocoonAnswer:
    """Give the Knox table with the preventable share, or the live cocoons of a day.

    Raises QueryError where the data has months only, naming the source, and for a parameter that cannot be answered;
    NotFoundError for an unknown area or layer.
    """
    question = look_up(services, asked.query)
    what = "Near repeats"
    refuse_month_only(question, what)
    if asked.cocoon is not None:
        _refuse_day(asked, asked.cocoon)
    rows = rows_of(question, [*_COLUMNS, "recorded"])
    refuse_month_only(question, what, rows)
    rows = rows.with_columns(day=_day())
    undated, rows = rows["day"].null_count(), rows.drop_nulls("day")
    at_m = np.column_stack(spatial.to_grid(rows["lon"], rows["lat"]))
    day = rows["day"].to_numpy().astype(np.int64)
    told = _told(services, question, replace(asked, query=question.query), undated)
    if asked.cocoon is not None:
        return _cocoons(services, question, told, rows, at_m)
    seed = asked.query.tuning.seed
    table = knox(at_m, day, asked.bands, permutations=asked.permutations, seed=seed)
    ring = preventable(
        at_m,
        day,
        within_m=asked.rules.radius_m,
        within_days=asked.rules.days,
        metric=asked.bands.metric,
        seed=seed,
    )
    said = {**told.provenance.parameters, "permutations": str(table.permutations)}
    told = replace(told, provenance=replace(told.provenance, parameters=said))
    return NearRepeatAnswer(told=told, knox=table, preventable=ring, undated=undated)


def _refuse_day(asked: NearRepeatQuery, on: dt.date) -> None:
    period = asked.query.period
    if not period.first.first_day <= on <= period.last.last_day + dt.timedelta(days=asked.rules.days):
        raise QueryError(
            "The day of the cocoons is not in the months that are asked about",
            found=f"{on}, asked about {period}",
            do="Choose months that hold the day and the weeks before it",
            field="cocoon",
        )


def _day() -> pl.Expr:
    """Return the day of an incident, since 1970: the middle of its span, null where that is longer than a week."""
    first, last = pl.col("committed_from"), pl.col("committed_to").fill_null(pl.col("committed_from"))
    known = (last - first).dt.total_days().is_between(0, LONGEST_DAYS - 1)
    middle = (first.dt.epoch("us") + last.dt.epoch("us")) // 2 // _DAY_US
    return pl.when(known).then(middle)


def _cocoons(services: Services, question: Question, told: Told, rows: pl.DataFrame, at_m: Floats) -> CocoonAnswer:
    """Lay the cocoons of a day over what can be visited."""
    asked, on = told.asked, told.asked.cocoon
    assert on is not None  # noqa: S101 - asked for
    ended = pl.coalesce("committed_to", "committed_from").dt.date()
    offences = rows.select(*_COLUMNS, happened=ended, recorded=pl.max_horizontal(pl.coalesce("recorded", ended), ended))
    day, known = (offences[name].to_physical().to_numpy().astype(np.int64) for name in ("happened", "recorded"))
    number = (on - _EPOCH).days
    live = (known <= number) & (number <= day + asked.rules.days)
    offences, at_m, day, known = offences.filter(pl.Series(live)), at_m[live], day[live], known[live]
    places = places_around(services, question, asked.places, at_m, asked.rules.radius_m)
    shapes_m = spatial.project_geometry(places.shapes, "grid")
    found = cocoons(at_m, day, shapes_m, on=number, known_day=known, rules=asked.rules)
    lon, lat = rows.filter(pl.Series(live)).select("lon", "lat").to_numpy().T
    told = replace(told, licences=tuple(dict.fromkeys((*told.licences, *places.licences))))
    return CocoonAnswer(told, on, found, offences, places, shapely.points(lon, lat))


def _told(services: Services, question: Question, asked: NearRepeatQuery, undated: int) -> Told:
    query, cube = question.query, question.cube
    left_out = ("statistic", "area share", "measure")
    said = {name: value for name, value in query.parameters().items() if name not in left_out}
    said |= {"within": f"{asked.rules.radius_m:g} m and {asked.rules.days} days", "distance": asked.bands.metric}
    if asked.cocoon is not None:
        said |= {"cocoons of": asked.cocoon.isoformat(), "places": asked.places}
    loaded = set(cube.months_loaded(query.period))
    missing = tuple(month for month in query.period if month not in loaded)
    notes = words.notes_of(
        services, question.snapshot, question.area, question.offence_set, None, 0, missing, cube.lacking(query.period)
    )
    kept = [note for note in notes if not note.startswith("In-sample: the cells")]
    if undated:
        kept.append(f"{undated:,} incidents are left out, for their day is not known to within a week.")
    return Told(
        asked=asked,
        area_name=question.area.name,
        vintage=question.area.vintage,
        provenance=Provenance(
            data_version=question.snapshot.version,
            data_to=str(question.snapshot.months()[-1]),
            parameters=said,
            seed=query.tuning.seed,
            demonstration=services.demonstration,
        ),
        licences=words.licences_of(services, question.snapshot, question.area),
        notes=(*kept, *(_OF_COCOONS if asked.cocoon is not None else _OF_TABLE)),
    )


_OF_TABLE: Final = (
    (
        "Pairs are counted by distance and by days between the middles of their spans, and held against tables of the "
        "same places with shuffled days; p is (permutations with as many pairs + 1) / (permutations + 1). Some of "
        "many bands are always above chance by chance: whether any is, the p over all near bands together tells. "
        "Incidents beyond the border of the area make no pairs."
    ),
    "What a visited ring reaches is an upper bound of what it prevents; the same day does not count.",
)
_OF_COCOONS: Final = (
    "For the force alone: the list says where somebody became a victim. The follow-up at the place itself comes first.",
)
