"""`python -m benchmarks.chicago PATH`: did the best windows of one year hold in the next?

PATH is a CSV (.csv or .csv.gz) of incidents in Chicago with columns `date` (local clock, to the minute), `longitude`,
`latitude`. Zones are made from the incidents of a year; their best windows of the week are chosen on that year and
looked at in the next. Windows of an even week hold their length over 10,080 minutes.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from scipy import sparse

from geo_service import spatial
from geo_service.hotspots.week import moments, profiles, windows
from geo_service.model.windows import STEP_MIN, WEEK_MIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.hotspots.week.moments import Spans

ZONE: Final = "America/Chicago"
LENGTHS_MIN: Final = (60, 240, 480, 600)
TUNED_ON: Final = range(2010, 2014)
"""First years of the pairs that `windows.PRIOR` was chosen on; the rest are reported."""
LEAST_EVENTS: Final = 24
ROUNDS: Final = 199


def recovery(at: pl.Series, seed: int = 1) -> dict[str, tuple[float, float, float]]:
    """Coarsen known times into spans and say which share then stands in a wrong hour of the week.

    Returns, for each way of coarsening, the error by spans (aoristic), by their starts and by their middles.
    """
    rng = np.random.default_rng(seed)
    minute = at.dt.epoch("us").to_numpy() / 60e6
    clock = minute % 1_440
    edges = np.array([0.0, 8.5 * 60, 18 * 60, 1_440])
    part = np.digitize(clock, edges[1:-1])
    away = rng.normal(0, 50, (2, len(at)))
    absent = (
        minute - clock + np.minimum(edges[part] + away[0], clock),
        minute - clock + np.maximum(edges[part + 1] + away[1], clock),
    )
    length = np.minimum(np.exp(rng.normal(np.log(5 * 60), 0.8, len(at))), 1_440)
    begun = minute - length * rng.random(len(at))
    none = pl.Series([None] * len(at), dtype=pl.Datetime("us"))
    truth = profiles.spread(moments.read_spans(at, none, zone=ZONE)).mass[0]

    def error(first: NDArray[np.float64], last: NDArray[np.float64] | None) -> float:
        begin, end = (
            none if each is None else pl.Series((each * 60e6).astype(np.int64)).cast(pl.Datetime("us"))
            for each in (first, last)
        )
        found = profiles.spread(moments.read_spans(begin, end, zone=ZONE)).mass[0]
        return float(np.abs(found / found.sum() - truth / truth.sum()).sum() / 2)

    ways = {
        "the hours that somebody was away (night, day, evening)": absent,
        "any span around it (median 5 h)": (begun, begun + length),
    }
    return {
        said: (error(*span), error(span[0], None), error((span[0] + span[1]) / 2, None)) for said, span in ways.items()
    }


@dataclass(frozen=True)
class Incidents:
    """Hold incidents with a moment each."""

    at: pl.Series
    spans: Spans
    cell: NDArray[np.uint64]
    year: NDArray[np.int64]


def read(path: Path, resolution: int = 10) -> Incidents:
    """Read incidents and place them on the week and in cells."""
    rows = pl.read_csv(path, columns=["date", "longitude", "latitude"])
    at = rows["date"].str.to_datetime("%Y-%m-%d %H:%M", time_unit="us")
    none = pl.Series([None] * len(at), dtype=pl.Datetime("us"))
    found = moments.find_defaults(at, none)
    print(found.words)
    spans = moments.read_spans(at, none, defaults=found, zone=ZONE)
    cell = spatial.index_cells(rows["longitude"].to_numpy(), rows["latitude"].to_numpy(), resolution)
    return Incidents(at, spans, cell, at.dt.year().to_numpy().astype(np.int64))


def zones_of(cell: NDArray[np.uint64]) -> list[NDArray[np.uint64]]:
    """Take the busiest cells of a year, each with the cells around it (some 9 hectares), none in two zones.

    A plain choice of places on purpose: what is tried here is when, not where.
    """
    cells, counts = np.unique(cell, return_counts=True)
    indptr, indices = spatial.neighbours(cells, 1)
    graph = sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(len(cells), len(cells)))
    around = counts + graph @ counts
    used = np.zeros(len(cells), dtype=np.bool_)
    zones = []
    for at in np.argsort(-around, kind="stable"):
        if around[at] < LEAST_EVENTS:
            break
        zone = np.append(indices[indptr[at] : indptr[at + 1]], at)
        if not used[zone].any():
            used[zone] = True
            zones.append(cells[zone])
    return zones


def groups_of(incidents: Incidents, zones: list[NDArray[np.uint64]], year: int) -> NDArray[np.int64]:
    """Return the zone of each incident of a year, -1 for none."""
    group = np.full(len(incidents.cell), -1, dtype=np.int64)
    for number, zone in enumerate(zones):
        group[np.isin(incidents.cell, zone)] = number
    return np.where(incidents.year == year, group, -1)


def trial(incidents: Incidents, year: int, length_min: int, strength: float = windows.PRIOR) -> dict[str, float]:
    """Choose windows on one year and say what they held in it and in the next."""
    zones = zones_of(incidents.cell[incidents.year == year])
    count, weight = len(zones), np.ones(len(incidents.cell))
    fit, later = (groups_of(incidents, zones, each) for each in (year, year + 1))
    now, then = (
        profiles.spread(incidents.spans, weight, group=group, groups=count, step_min=STEP_MIN) for group in (fit, later)
    )
    area = np.where(incidents.year == year, 0, -1)
    prior = profiles.spread(incidents.spans, weight, group=area, step_min=STEP_MIN).mass[0]
    best = windows.best_windows(now, now.known, length_min=length_min, prior=prior, strength=strength, most=1)
    chance = windows.chance_of_best(
        incidents.spans, weight, group=fit, groups=count, length_min=length_min, rounds=ROUNDS, seed=year
    )
    p = np.array(
        [
            windows.p_of(np.array([own[0].share * total]), chance[:, at])[0]
            for at, (own, total) in enumerate(zip(best, now.known.tolist(), strict=True))
        ]
    )
    held = np.array([own[0].held(then.mass[at]) * then.known[at] for at, own in enumerate(best)])
    return {
        "zones": count,
        "fit": float(now.known.sum()),
        "next": float(then.known.sum()),
        "inside": float(sum(own[0].share * total for own, total in zip(best, now.known.tolist(), strict=True))),
        "expected": float(sum(own[0].expected * total for own, total in zip(best, then.known.tolist(), strict=True))),
        "held": float(np.nansum(held)),
        "sure": float((windows.adjusted(p) <= 0.05).sum()),  # noqa: PLR2004 - one in twenty
    }


def table(incidents: Incidents, years: list[int], strength: float = windows.PRIOR) -> list[dict[str, Any]]:
    """Return one row for each length: shares over all zones and years, with a 95 % interval of the share held."""
    rows = []
    for length_min in LENGTHS_MIN:
        found = [trial(incidents, year, length_min, strength) for year in years]
        total = {name: sum(each[name] for each in found) for name in found[0]}
        share, even = total["held"] / total["next"], length_min / WEEK_MIN
        error = 1.96 * np.sqrt(share * (1 - share) / total["next"])
        rows.append(
            {
                "minutes": length_min,
                "zones": int(total["zones"]),
                "sure": int(total["sure"]),
                "in the year": total["inside"] / total["fit"],
                "expected": total["expected"] / total["next"],
                "held next year": share,
                "+-": error,
                "even week": even,
                "times": share / even,
            }
        )
    return rows


def main() -> None:
    """Print the table of the years that nothing was tuned on, and beside it those of each zone alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    incidents = read(parser.parse_args().path)
    print("\nshare in a wrong hour of the week, from coarsened times:    aoristic   start  middle")
    for said, errors in recovery(incidents.at).items():
        print(f"{said:<58} " + " ".join(f"{error:8.1%}" for error in errors))
    years = sorted(set(incidents.year.tolist()))[:-1]
    kept = [year for year in years if year not in TUNED_ON]
    for said, asked, strength in (
        (f"years {kept[0]} to {kept[-1]} and the year after each", kept, windows.PRIOR),
        ("the same, each zone by itself (no steadying)", kept, 0.0),
        (f"years {TUNED_ON[0]} to {TUNED_ON[-1]}, which the steadying was chosen on", list(TUNED_ON), windows.PRIOR),
    ):
        print(f"\n{said}")
        print("minutes zones  sure   in the year  expected   held next year    even week  times")
        for row in table(incidents, asked, strength):
            print(
                f"{row['minutes']:7d} {row['zones']:5d} {row['sure']:5d} {row['in the year']:12.1%} "
                f"{row['expected']:9.1%} {row['held next year']:9.2%} +- {row['+-']:5.2%} "
                f"{row['even week']:9.2%} {row['times']:6.2f}"
            )


if __name__ == "__main__":
    main()
