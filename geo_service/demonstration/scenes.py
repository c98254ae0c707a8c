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
    "high street": _Scene(115, near=(-40, 30)),
    "strip": _Scene(62, near=(120, -120)),
    "car park": _Scene(50, near=(-200, 170)),
    "bus station": _Scene(55, "bus_station"),
    "station": _Scene(65, "station"),
    "parade": _Scene(85, "parade"),
    "estate": _Scene(260, "parade"),
    "retail": _Scene(100, "retail"),
    "hospital": _Scene(60, "hospital"),
    "college": _Scene(80, "college"),
}
_USES: Final = {"homes": (HOME,), "shops": (SHOP,), "works": (WORKS,), "streets": (HOME, ROAD)}
SCENES: Final = (*_POINTS, "park", "parades", *_USES)
"""Names that `streams.Stream.where` may use."""
RISING: Final = {"parade": 0.9, "estate": 0.4}
"""Growth over the whole period of the scenes whose trouble grows; all others are steady."""
_PARADES: Final = 22
_COUNTRY_ROAD: Final = 0.06
"""Weight of an address on a road through fields."""
_STREET_SPREAD: Final = 0.85
_ADDRESS_SPREAD: Final = 0.8


def weights(ground: Ground, rng: Generator) -> dict[str, Floats]:
    """Return the weight of every address in each scene; each adds up to one.

    Streets and addresses differ log-normally, which is what makes a few of them hold much of what happens.
    """
    addresses = ground.addresses
    street = np.exp(rng.normal(0, _STREET_SPREAD, len(ground.streets.lines)))[addresses.street]
    own = np.exp(rng.normal(0, _ADDRESS_SPREAD, len(addresses.at)))
    near = np.exp(-np.hypot(*(addresses.at - CENTRE).T) / 1_500)
    usual = street * own * (0.25 + near) * np.where(addresses.use == ROAD, _COUNTRY_ROAD, 1.0)
    found = {name: own * _around(ground, scene) for name, scene in _POINTS.items()}
    found["park"] = own * _in_parks(ground)
    found["parades"] = own * _parades(addresses, usual, rng)
    found |= {name: usual * np.isin(addresses.use, uses) for name, uses in _USES.items()}
    return {name: weight / weight.sum() for name, weight in found.items()}


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
    busy: Floats = in_park * (_kernel(addresses.at, first, 150) + 0.02)
    return busy


def _parades(addresses: Addresses, usual: Floats, rng: Generator) -> Floats:
    """Choose lesser scenes (rows of shops, pubs) among the addresses, each less busy than the one before."""
    built = np.where(np.isin(addresses.use, (HOME, SHOP)), usual, 0)
    chosen = rng.choice(len(usual), size=_PARADES, replace=False, p=built / built.sum())
    size = 1 / (np.arange(_PARADES) + 3)
    near = np.stack([_kernel(addresses.at, addresses.at[position], 55) for position in chosen])
    busy: Floats = (near / near.sum(axis=1, keepdims=True) * size[:, None]).sum(axis=0) * (addresses.use != PARK)
    return busy
