"""Where things happen: a few small scenes that draw events, and the long tail of ordinary streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.demonstration.curves import CENTRE, Floats
from geo_service.demonstration.ground import HOME, PARK, ROAD, SHOP, WORKS

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from geo_service.demonstration.ground import Addresses, Ground


@dataclass(frozen=True, slots=True)
class _Scene:
    """Say how far a scene reaches about a landmark or a point."""

    reach_m: float
    landmark: str = ""
    near: tuple[float, float] = (0.0, 0.0)
    use: int = -1
    """Only addresses of this use; -1 for all but parks."""


_POINTS: Final = {
    "high street": _Scene(135, near=(-40, 30)),
    "strip": _Scene(80, near=(120, -120)),
    "car park": _Scene(50, near=(-200, 170)),
    "bus station": _Scene(75, "bus_station"),
    "station": _Scene(90, "station"),
    "parade": _Scene(120, "parade"),
    "estate": _Scene(320, "parade"),
    "retail": _Scene(130, "retail"),
    "hospital": _Scene(80, "hospital"),
    "college": _Scene(110, "college"),
}
_USES: Final = {"homes": (HOME,), "shops": (SHOP,), "works": (WORKS,), "streets": (HOME, ROAD)}
SCENES: Final = (*_POINTS, "park", "parades", *_USES)
"""Names that `streams.Stream.where` may use."""
PHASES: Final = 8
"""Stretches of the whole period. Between them places change, so that last year's map does not foretell this year's
better than real ones do."""
RISING: Final = {"parade": 0.9, "estate": 0.4}
"""Growth over the whole period of the scenes whose trouble grows."""
_WAVERING: Final = (*(name for name in _POINTS if name not in RISING), "park")
_LEVEL_SPREAD: Final = 0.25
"""How much a small scene's level differs from phase to phase (standard deviation of the logarithm)."""
_PARADES: Final = 22
_PARADE_SPREAD: Final = 0.8
_COUNTRY_ROAD: Final = 0.06
"""Weight of an address on a road through fields."""
_STREET_SPREAD: Final = 0.9
_ADDRESS_SPREAD: Final = 0.85
_LASTING: Final = 0.45
"""Share of the differences between streets, and between addresses, that lasts over all phases."""


def courses(rng: Generator) -> dict[str, Floats]:
    """Return the level of every scene in each phase, 1 on average."""
    steady = {name: np.ones(PHASES) for name in SCENES}
    waver = {name: np.exp(rng.normal(0, _LEVEL_SPREAD, PHASES)) for name in _WAVERING}
    grow = {name: np.linspace(1 - rise / 2, 1 + rise / 2, PHASES) for name, rise in RISING.items()}
    return {**steady, **waver, **grow}


def weights(ground: Ground, rng: Generator) -> dict[str, Floats]:
    """Return the weight of every address in each scene, shape (PHASES, n); each phase adds up to one.

    Streets and addresses differ log-normally, which is what makes a few of them hold much of what happens.
    """
    addresses = ground.addresses
    street = _differing(len(ground.streets.lines), _STREET_SPREAD, rng)[:, addresses.street]
    own = _differing(len(addresses.at), _ADDRESS_SPREAD, rng)
    near = np.exp(-np.hypot(*(addresses.at - CENTRE).T) / 1_500)
    usual = street * own * (0.25 + near) * np.where(addresses.use == ROAD, _COUNTRY_ROAD, 1.0)
    found = {name: own * _around(ground, scene) for name, scene in _POINTS.items()}
    found["park"] = own * _in_parks(ground)
    found["parades"] = own * _parades(addresses, usual[0], rng)
    found |= {name: usual * np.isin(addresses.use, uses) for name, uses in _USES.items()}
    return {name: weight / weight.sum(axis=1, keepdims=True) for name, weight in found.items()}


def _differing(count: int, spread: float, rng: Generator) -> Floats:
    """Draw log-normal weights, shape (PHASES, count), that keep part of their differences from phase to phase."""
    lasting, passing = rng.normal(size=count), rng.normal(size=(PHASES, count))
    found: Floats = np.exp(spread * (np.sqrt(_LASTING) * lasting + np.sqrt(1 - _LASTING) * passing))
    return found


def _around(ground: Ground, scene: _Scene) -> Floats:
    """Weigh addresses by their distance from a scene."""
    middle = ground.spot(scene.landmark) if scene.landmark else CENTRE + np.array(scene.near)
    near: Floats = _kernel(ground.addresses.at, middle, scene.reach_m) * (ground.addresses.use != PARK)
    return near


def _kernel(at: Floats, middle: Floats, reach_m: float) -> Floats:
    far: Floats = np.hypot(*(at - middle).T)
    near: Floats = np.exp(-0.5 * (far / reach_m) ** 2)
    return near


def _in_parks(ground: Ground) -> Floats:
    """Weigh the paths of the parks: nearly all in the first one, by one end of it."""
    addresses = ground.addresses
    in_park: NDArray[np.bool_] = addresses.use == PARK
    first = addresses.at[np.flatnonzero(in_park)[0]]
    busy: Floats = in_park * (_kernel(addresses.at, first, 200) + 0.02)
    return busy


def _parades(addresses: Addresses, usual: Floats, rng: Generator) -> Floats:
    """Choose lesser scenes (rows of shops, pubs) among the addresses, each on average less busy than the one before."""
    built = np.where(np.isin(addresses.use, (HOME, SHOP)), usual, 0)
    chosen = rng.choice(len(usual), size=_PARADES, replace=False, p=built / built.sum())
    size = np.exp(rng.normal(0, _PARADE_SPREAD, (PHASES, _PARADES))) / (np.arange(_PARADES) + 3)
    near = np.stack([_kernel(addresses.at, addresses.at[position], 65) for position in chosen])
    busy: Floats = size @ (near / near.sum(axis=1, keepdims=True)) * (addresses.use != PARK)
    return busy
