"""Make a data directory of a synthetic force, to time plans and sheets of many teams on.

`python -m benchmarks.force DIR [--shared FOLDER] [--rows N]` writes it: wards of the West Midlands, 88 teams as lists
of adjoining wards, incidents drawn from a seed around hot places, the streets of a small town laid under everything, a
parade station for each team, and one run of zones. Every incident, team and street name there is invented or displaced;
nothing it prints says anything about the real places.
"""

from __future__ import annotations

import argparse
import json
import time
import tomllib
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas
import numpy as np
import polars as pl
import shapely

from benchmarks import force_layers
from benchmarks.force_streets import on_tile, read_town, tiles_under, write_osm
from geo_service.app import open_area
from geo_service.hotspots import ZoneRules
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Month, Period
from geo_service.spatial.projection import project_geometry
from geo_service.workflows.finding import zones
from geo_service.workflows.importing import imports
from geo_service.workflows.importing.basemaps import import_basemap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.random import Generator

SEED: Final = 88
TEAMS: Final = 88
SET: Final = "synthetic-teams"
WHOLE: Final = "synthetic-force"
WARDS: Final = "wards-2025"
ROWS: Final = 250_000
FIRST_DAY: Final = np.datetime64("2025-05-01")
LAST_DAY: Final = np.datetime64("2026-10-31")
ZONES_PERIOD: Final = Period(Month.parse("2025-11"), Month.parse("2026-10"))
HOT_PLACES: Final = 7
"""For each team, of which four at least should become zones."""
APART_M: Final = (450.0, 350.0, 250.0)
"""Least distance of two hot places; the next where a team has too little room."""
TOWN_M: Final = 250.0
"""How fast hot places become rare with the distance from the middle of a team's area."""
IN_HOT: Final = 0.62
"""Share of the incidents that happen at a hot place."""
AREA_SHARE: Final = 0.04
KINDS: Final = (
    (21.5, 110, (1, 1, 1, 1, 2, 4, 4)),
    (16.0, 90, (3, 3, 3, 3, 4, 2, 1)),
    (13.0, 150, (2, 2, 2, 2, 2, 3, 1)),
)
"""Of hot places: middle hour, spread in minutes, weights of Monday to Sunday."""
_LICENCE: Final = "Synthetic: drawn from a seed for load tests. Nothing here is real."


class Teams(NamedTuple):
    """Hold the teams and where they are."""

    codes: list[str]
    names: list[str]
    members: list[list[str]]
    outlines: np.ndarray
    """EPSG:27700."""


class HotPlaces(NamedTuple):
    """Hold the places around which incidents are drawn."""

    team: np.ndarray
    east_north_m: np.ndarray
    a_year: np.ndarray
    kind: np.ndarray


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say how long a step took."""
    start = time.perf_counter()
    yield
    print(f"  {what:<44} {time.perf_counter() - start:7.1f} s", flush=True)


def group_wards(wards: geopandas.GeoDataFrame) -> Teams:
    """Join adjoining wards of one district, the smallest first, until as many groups as teams are left."""
    metres = project_geometry(wards.geometry.to_numpy(), "grid")
    district = wards["LAD25CD"].to_numpy()
    left, right = shapely.STRtree(metres).query(metres, predicate="intersects")
    near = {row: set() for row in range(len(wards))}
    for one, other in zip(left, right, strict=True):
        if one != other and district[one] == district[other]:
            near[int(one)].add(int(other))
    groups = {row: [row] for row in near}
    while len(groups) > TEAMS:
        key = min((key for key in groups if near[key]), key=lambda key: (len(groups[key]), key))
        into = min(near[key], key=lambda other: (len(groups[other]), other))
        groups[into] += groups.pop(key)
        for other in near.pop(key):
            near[other].discard(key)
            if other != into:
                near[other].add(into)
                near[into].add(other)
    codes = [f"SYN-{number:02d}" for number in range(1, len(groups) + 1)]
    return Teams(
        codes,
        [f"Synthetic team {number:02d}" for number in range(1, len(groups) + 1)],
        [[wards["WD25CD"].iloc[row] for row in rows] for rows in groups.values()],
        np.array([shapely.union_all(metres[rows]) for rows in groups.values()]),
    )


def describe_teams(folder: Path, teams: Teams, districts: list[str]) -> None:
    """Write the descriptors of the teams and of the whole force."""
    folder.mkdir(parents=True, exist_ok=True)
    head = (
        'title = "{}"\nvintage = "synthetic"\nvalid_from = 2025-05-01\n'
        f'licence = "{_LICENCE}"\nsource = "benchmarks/force.py"\nhow_to_get = "Nothing to get."\n'
        f'members_of = ["{WARDS}"]\n'
    )
    areas = "".join(
        f'\n[[area]]\ncode = "{code}"\nname = "{name}"\nmembers = {json.dumps(members)}\n'
        for code, name, members in zip(teams.codes, teams.names, teams.members, strict=True)
    )
    (folder / f"{SET}.toml").write_text(f'id = "{SET}"\n{head.format("Teams of a synthetic force")}{areas}')
    whole = f'\n[[area]]\ncode = "{WHOLE}"\nname = "Synthetic force"\nparents = {json.dumps(districts)}\n'
    (folder / f"{WHOLE}.toml").write_text(f'id = "{WHOLE}"\n{head.format("Synthetic force")}{whole}')


def choose_hot_places(teams: Teams, corners: np.ndarray, rng: Generator) -> HotPlaces:
    """Choose street corners that lie apart, for each team."""
    points = shapely.points(corners)
    tree = shapely.STRtree(points)
    chosen: list[np.ndarray] = []
    team: list[int] = []
    for number, outline in enumerate(teams.outlines):
        inside = corners[tree.query(outline, predicate="contains")]
        ours: list[np.ndarray] = []
        # Around one middle, as around a town's: from there a patrol on foot can reach several within the hour.
        away_m = np.hypot(*(inside - shapely.get_coordinates(shapely.centroid(outline))).T)
        likely = inside[np.argsort(away_m / TOWN_M + rng.gumbel(0, 1, len(inside)))]
        for apart in APART_M:
            for at in likely:
                if len(ours) == HOT_PLACES:
                    break
                others = np.array([*ours, *chosen[-60:]]).reshape(-1, 2)
                if not len(others) or np.hypot(*(others - at).T).min() >= apart:
                    ours.append(at)
        chosen += ours
        team += [number] * len(ours)
    n = len(chosen)
    return HotPlaces(np.array(team), np.array(chosen), rng.lognormal(0, 0.3, n), rng.integers(0, len(KINDS), n))


def draw_incidents(
    hot: HotPlaces, corners: np.ndarray, offences: pl.DataFrame, rows: int, rng: Generator
) -> pl.DataFrame:
    """Draw a force export: around hot places at their hours, and anywhere at any hour."""
    in_hot = rng.random(rows) < IN_HOT
    place = rng.choice(len(hot.a_year), rows, p=hot.a_year / hot.a_year.sum())
    # Each hot place has a dozen doors that everything is recorded at, as real anchors are.
    doors = hot.east_north_m[:, None] + rng.normal(0, 30, (len(hot.a_year), 12, 2))
    door = np.minimum(rng.geometric(0.2, rows) - 1, 11)
    at = np.where(in_hot[:, None], doors[place, door], corners[rng.integers(0, len(corners), rows)])
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    day, minute = rng.integers(0, len(days), rows), rng.integers(0, 1440, rows)
    for number, (hour, spread, weights) in enumerate(KINDS):
        here = np.flatnonzero(in_hot & (hot.kind[place] == number))
        odds = np.array(weights, dtype=float)[weekday]
        day[here] = rng.choice(len(days), len(here), p=odds / odds.sum())
        minute[here] = (hour * 60 + rng.normal(0, spread, len(here))).astype(np.int64)
    begun = (days[day].astype("datetime64[m]") + minute).astype("datetime64[us]")
    odds = 1 / (1 + offences["days"].to_numpy()) ** 0.6
    offence = rng.choice(offences.height, rows, p=odds / odds.sum())
    yes = {"victim_under_25": 0.15, "suspect_under_25": 0.12, "knife": 0.02, "domestic_abuse": 0.1, "hate": 0.01}
    frame = pl.DataFrame(
        {
            "number": np.arange(rows), "offence": offence, "begun": begun, "hot": in_hot, "place": place + 1,
            "ended": begun + rng.integers(0, 20, rows) * np.timedelta64(60_000_000, "us"),
            "easting": at[:, 0].round().astype(np.int64), "northing": at[:, 1].round().astype(np.int64),
            **{name: rng.random(rows) < share for name, share in {**yes, "found_by_police": 0.05}.items()},
        }
    ).sort("begun")  # fmt: skip
    return frame.select(
        crime_number=pl.format("25SYN/{}", "number"),
        offence_code=pl.lit(offences["code"]).gather(pl.col("offence")),
        offence=pl.lit(offences["offence"]).gather(pl.col("offence")),
        recorded=pl.col("begun").dt.strftime("%d/%m/%Y"),
        committed_from=pl.col("begun").dt.strftime("%d/%m/%Y %H:%M"),
        committed_to=pl.col("ended").dt.strftime("%d/%m/%Y %H:%M"),
        easting="easting",
        northing="northing",
        location=pl.when("hot")
        .then(pl.format("On or near Synthetic Street {}", "place"))
        .otherwise(pl.lit("No Location")),
        **{name: pl.when(pl.col(name)).then(pl.lit("Y")).otherwise(pl.lit("N")) for name in (*yes, "found_by_police")},
    )


def build(target: Path, shared: Path, rows: int) -> None:
    """Make everything, with the time that each step took."""
    rng = np.random.default_rng(SEED)
    made = target / "made"
    made.mkdir(parents=True)
    boundaries = shared / "boundaries" / "wards-2025-west-midlands.geojson"
    with step("teams"):
        wards = geopandas.read_file(boundaries)
        teams = group_wards(wards)
        describe_teams(target / "boundaries", teams, sorted(set(wards["LAD25CD"])))
    with step("streets under the wards"):
        town = read_town(shared / "osm" / "rutland.osm.pbf")
        tiles = tiles_under(shapely.union_all(teams.outlines))
        ways = write_osm(made / "streets.osm", town, tiles)
    with step("incidents"):
        streets = town._replace(shapes=town.shapes[town.street])
        corners = np.concatenate([shapely.get_coordinates(on_tile(streets, *tile)) for tile in tiles])
        corners = corners[np.unique(shapely.STRtree(shapely.points(corners)).query(teams.outlines, "contains")[1])]
        hot = choose_hot_places(teams, corners, rng)
        harm = tomllib.loads((Path(__file__).parents[1] / "data/harm/starting-points.toml").read_text())["row"]
        offences = pl.DataFrame(harm).select("code", "offence", "days")
        draw_incidents(hot, corners, offences, rows, rng).write_csv(made / "incidents.csv")
    layers = force_layers.layers(teams.codes, teams.names, hot.team, hot.east_north_m, rng)
    for name, collection in layers.items():
        (made / f"{name}.geojson").write_text(json.dumps(collection))
    services = open_area(target)
    with step("import of the boundaries"):
        imports.import_boundaries(services, boundaries, WARDS)
    with step(f"import of the base map ({ways:,} ways)"):
        import_basemap(services, made / "streets.osm")
    for name in layers:
        with step(f"import of the layer {name}"):
            imports.import_layer(services, name, made / f"{name}.geojson")
    with step(f"import of {rows:,} incidents"):
        imports.import_incidents(services, [made / "incidents.csv"], force="synthetic")
    with step("zones"):
        query = HotspotQuery(
            boundary=WHOLE, period=ZONES_PERIOD, boundary_set=WHOLE, measure="harm", harm_table="starting-points",
            area_share=AREA_SHARE,
        )  # fmt: skip
        _, run = zones.find_zones(services, query, ZoneRules())
    team_of = {member: code for code, members in zip(teams.codes, teams.members, strict=True) for member in members}
    found = Counter(team_of[zone.member_code] for zone in run.zones)
    few = [code for code in teams.codes if found[code] < 4]  # noqa: PLR2004 - as many as a sheet holds
    print(
        f"{target}: {rows:,} incidents, {len(hot.team)} hot places, {len(teams.codes)} teams over {len(wards)} wards, "
        f"{len(tiles)} tiles of streets; run {run.id} with {len(run.zones)} zones, "
        f"{min(found[code] for code in teams.codes)} to {max(found.values())} for a team; "
        f"teams with fewer than four: {', '.join(few) or 'none'}"
    )


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Make a data directory of a synthetic force for load tests.")
    parser.add_argument("folder", type=Path, help="data directory to make; must not be there")
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--rows", type=int, default=ROWS)
    asked = parser.parse_args()
    if asked.folder.exists():
        parser.error(f"{asked.folder} is there already; name a new folder or remove it")
    if not asked.shared.is_dir():
        parser.error(f"there is no folder {asked.shared}; name the one with boundaries/ and osm/ by --shared")
    start = time.perf_counter()
    build(asked.folder, asked.shared, asked.rows)
    print(f"made in {time.perf_counter() - start:.0f} s; ask it with geo-service --data-dir {asked.folder}")


if __name__ == "__main__":
    main()
