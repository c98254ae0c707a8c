"""Draw two years of incidents and write them as a force export holds them: every value a string."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service.demonstration import rhythm, scenes, traps
from geo_service.demonstration.ground import LANDMARKS, PARK
from geo_service.demonstration.rhythm import Calendar, Minutes
from geo_service.demonstration.streams import OTHER, STREAMS, Stream
from geo_service.errors import InputError
from geo_service.model.incidents import MARKERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.random import Generator
    from numpy.typing import NDArray

    from geo_service.demonstration.curves import Floats
    from geo_service.demonstration.ground import Ground
    from geo_service.model.periods import Period

COLUMNS: Final = (
    "crime_number", "offence_code", "offence", "recorded", "committed_from", "committed_to", "easting", "northing",
    "location", *MARKERS,
)  # fmt: skip
WRITTEN: Final = {"date": "%d/%m/%Y", "moment": "%d/%m/%Y %H:%M"}
"""How the export writes a day and a moment."""
_NO_MOMENT: Final = -1
_OPEN_ENDED: Final = 0.55
"""Share of the events with a known moment whose end nobody wrote down."""
_DAY_MIN: Final = 1_440
_NEAR_M: Final = 75.0
_NEAR_DAYS: Final = 9.0
_SIGN_M: Final = 32.0
"""An address this near to a landmark is described by it."""
_SIGNED: Final = ("arcade", "bus_station", "station", "hospital", "college", "leisure", "parade", "retail")


@dataclass(frozen=True, slots=True)
class _World:
    """Hold what every draw needs."""

    ground: Ground
    calendar: Calendar
    where: dict[str, Floats]
    """Weight of every address in each scene and phase."""
    courses: dict[str, Floats]
    """Level of each scene in each phase."""
    rng: Generator


def draw(ground: Ground, offences: pl.DataFrame, period: Period, rng: Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Draw the incidents of a period.

    offences: `offence_code` and `offence`; others than these pairs never occur. Returns the export (COLUMNS, all
    strings) and its bad rows (`line`, `crime_number`, `defect`). Raises InputError when there are no offences.
    """
    if offences.is_empty():
        raise InputError("There are no offences to draw from", do="Give a harm table that has rows", field="offences")
    calendar = Calendar.of(period)
    world = _World(ground, calendar, scenes.weights(ground, rng), scenes.courses(rng), rng)
    events = pl.concat([_stream(world, *asked) for asked in _assigned(offences["offence"].to_list())])
    events = traps.default_times(events, rng)
    events = events.with_columns(recorded=_recorded(events, calendar, rng)).sort(
        "recorded", "moment", maintain_order=True
    )
    return traps.spoil(_export(events, offences, calendar, ground, rng), rng)


def _assigned(offences: list[str]) -> Iterable[tuple[Stream, NDArray[np.int64], Floats]]:
    """Pair each stream with the offences that it asks for and their shares; what nobody asks for comes last."""
    asked: set[int] = set()
    for stream in STREAMS:
        found: dict[int, float] = {}
        for pattern, weight in stream.offences:
            for position, offence in enumerate(offences):
                if position not in found and re.search(pattern, offence, re.IGNORECASE):
                    found[position] = weight
        asked |= found.keys()
        if found:
            share = np.array([*found.values()], dtype=np.float64)
            yield stream, np.array([*found]), share / share.sum()
    for position in sorted(set(range(len(offences))) - asked):
        yield OTHER, np.array([position]), np.ones(1)


def _stream(world: _World, stream: Stream, offences: NDArray[np.int64], share: Floats) -> pl.DataFrame:
    """Draw one kind of event: how many, where, when, which offence, which markers."""
    calendar, rng = world.calendar, world.rng
    count = int(rng.poisson(stream.a_year * calendar.days / 365.25))
    names = [*stream.where]
    odds = np.array([*stream.where.values()])
    scene = rng.choice(len(names), size=count, p=odds / odds.sum())
    address = np.zeros(count, dtype=np.int64)
    moment = np.zeros(count, dtype=np.int64)
    for position, name in enumerate(names):
        here = np.flatnonzero(scene == position)
        moment[here] = calendar.draw(stream.rhythm, here.size, rng, world.courses[name])
        address[here] = _addresses(moment[here], world.where[name], calendar, rng)
    if stream.near_repeats:
        address, moment = _near_repeats(world, stream.near_repeats, address, moment)
    if stream.span is None:
        start, end = rhythm.as_reported(moment, rng), _brief(moment, calendar, rng)
    else:
        start, end = rhythm.interval(moment, stream.span, calendar.minutes - 1, rng)
    return pl.DataFrame(
        {
            "offence": offences[rng.choice(offences.size, size=count, p=share)],
            "address": address,
            "moment": moment,
            "start": start,
            "end": np.where(end < 0, end, np.maximum(end, start)),
            **{marker: rng.random(count) < stream.markers.get(marker, 0.0) for marker in MARKERS},
        }
    )


def _addresses(moment: Minutes, weights: Floats, calendar: Calendar, rng: Generator) -> NDArray[np.int64]:
    """Draw an address for each moment by the weights (phases, n) of its phase."""
    phase = moment * len(weights) // calendar.minutes
    # Phase after phase in one row of running totals, so that one search serves all.
    total = np.cumsum(weights, axis=1)
    along = phase + rng.random(moment.size) * total[phase, -1]
    found = np.searchsorted((total + np.arange(len(weights))[:, None]).ravel(), along, side="right")
    address: NDArray[np.int64] = np.clip(found - phase * weights.shape[1], 0, weights.shape[1] - 1)
    return address


def _brief(moment: Minutes, calendar: Calendar, rng: Generator) -> Minutes:
    """Return when a known moment ended: mostly not written down, else some minutes later."""
    end = np.minimum(moment + 5 * rng.integers(0, 7, moment.size), calendar.minutes - 1)
    return np.where(rng.random(moment.size) < _OPEN_ENDED, _NO_MOMENT, end)


def _near_repeats(
    world: _World, share: float, address: NDArray[np.int64], moment: Minutes
) -> tuple[NDArray[np.int64], Minutes]:
    """Turn a share of events into followers of others: nearby, within a few weeks, at about the same hour."""
    rng, addresses = world.rng, world.ground.addresses
    follows = rng.random(address.size) < share
    leaders, followers = np.flatnonzero(~follows), np.flatnonzero(follows)
    if not leaders.size:
        return address, moment
    led_by = rng.choice(leaders, size=followers.size)
    days = 1 + rng.exponential(_NEAR_DAYS, followers.size).astype(np.int64)
    later = moment[led_by] + days * _DAY_MIN + rng.integers(-90, 91, followers.size)
    fits = later < world.calendar.minutes
    led_by, followers, later = led_by[fits], followers[fits], later[fits]
    spots = addresses.at[address[led_by]] + rng.normal(0, _NEAR_M, (followers.size, 2))
    address, moment = address.copy(), moment.copy()
    address[followers], moment[followers] = addresses.nearest(spots), later
    return address, moment


def _recorded(events: pl.DataFrame, calendar: Calendar, rng: Generator) -> pl.Series:
    """Return the day each was recorded: mostly the same or the next, some weeks or months later, none after the end."""
    known = np.maximum(events["start"].to_numpy(), events["end"].to_numpy()) // _DAY_MIN
    how_late = rng.choice(4, size=known.size, p=[0.62, 0.24, 0.09, 0.05])
    later = (rng.integers(2, 15, known.size), np.exp(rng.normal(4.1, 0.8, known.size)).astype(np.int64))
    days = np.choose(how_late, [np.zeros_like(known), np.ones_like(known), *later])
    left = calendar.days - 1 - known
    return pl.Series(known + np.where(days <= left, days, (rng.random(known.size) * (left + 1)).astype(np.int64)))


def _export(
    events: pl.DataFrame, offences: pl.DataFrame, calendar: Calendar, ground: Ground, rng: Generator
) -> pl.DataFrame:
    """Write the events as strings in the export's columns."""
    address = traps.police_station(events["address"].to_numpy(), ground.landmark_at["police"], rng)
    at = ground.addresses.at[address].astype(np.int64)
    east, north, unplaced = traps.positions(at, rng)
    first = pl.lit(calendar.first).cast(pl.Datetime("us"))
    chosen = offences[events["offence"].to_numpy()]

    def written(column: str) -> pl.Expr:
        moment = first + pl.duration(minutes=pl.col(column))
        return pl.when(pl.col(column) >= 0).then(moment.dt.strftime(WRITTEN["moment"])).otherwise(pl.lit(""))

    day = first + pl.duration(days=pl.col("recorded"))
    number = pl.format("NB/{}/{}", pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(6), day.dt.strftime("%y"))
    return events.select(
        crime_number=number,
        offence_code=chosen["offence_code"].fill_null(""),
        offence=chosen["offence"],
        recorded=day.dt.strftime(WRITTEN["date"]),
        committed_from=written("start"),
        committed_to=written("end"),
        easting=east,
        northing=north,
        location=pl.Series(np.where(unplaced, "", _locations(ground)[address])),
        **{marker: pl.when(marker).then(pl.lit("Y")).otherwise(pl.lit("N")) for marker in MARKERS},
    )


def _locations(ground: Ground) -> NDArray[np.str_]:
    """Return the location words of every address: its street or park, or the landmark that it stands by."""
    addresses = ground.addresses
    words = np.array([f"On or near {name}" for name in ground.streets.names], dtype=object)[addresses.street]
    points = shapely.points(addresses.at)
    for landmark, building in zip(LANDMARKS, ground.buildings, strict=True):
        if landmark.key in _SIGNED:
            beside = shapely.dwithin(points, building, _SIGN_M) & (addresses.use != PARK)
            words[beside] = f"On or near {landmark.name}"
    return words.astype(np.str_)
