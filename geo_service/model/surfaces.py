"""What a statistic looks at, what it may be told, and the surface that it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias, cast

from geo_service.errors import QueryError
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray
    from scipy import sparse

    from geo_service.model.cells import Cells, Floats, Ints
    from geo_service.model.periods import Month

Kernel: TypeAlias = Literal["quartic", "gaussian"]
KERNELS: tuple[Kernel, ...] = ("quartic", "gaussian")
RINGS: Final = (1, 2, 3)
MOST_PERMUTATIONS: Final = 99_999
_TITLES: Final = {"half_life_months": "half-life", "bandwidth_m": "bandwidth"}
_UNITS: Final = {"half_life_months": "months", "bandwidth_m": "m"}
BANDWIDTHS_M: Final = (25.0, 5_000.0)
"""Least and most metres of a bandwidth."""


def one_of(field_name: str, value: object, allowed: tuple[object, ...]) -> None:
    """Refuse a value that is not among those allowed; raise QueryError naming the field."""
    if value not in allowed:
        raise QueryError(
            f"Unknown {field_name}", found=value, do=f"Use one of {', '.join(map(str, allowed))}", field=field_name
        )


@dataclass(frozen=True, slots=True)
class Tuning:
    """Hold what statistics may be told; each takes what concerns it and passes over the rest."""

    ring: int = Asked.ring
    """k-ring of the statistics that look at neighbours."""
    half_life_months: float = Asked.half_life
    """Months after which an incident counts half, in `recent`."""
    kernel: Kernel = "quartic"
    bandwidth_m: float | None = Asked.bandwidth
    """Of a kernel, in metres; None lets the held-out likelihood choose it."""
    permutations: int = Asked.permutations
    """Conditional permutations behind a p; 0 takes the analytical one."""
    seed: int = Asked.seed
    per: str = Asked.per
    """Denominator of a rate: `km2`, or a column of an imported denominator."""

    def __post_init__(self) -> None:
        """Refuse what cannot be answered, naming the parameter."""
        one_of("ring", self.ring, RINGS)
        one_of("kernel", self.kernel, KERNELS)
        _between("half_life", self.half_life_months, 0.1, 120, "months")
        if self.bandwidth_m is not None:
            _between("bandwidth", self.bandwidth_m, *BANDWIDTHS_M, "m")
        _between("permutations", self.permutations, 0, MOST_PERMUTATIONS, "permutations")
        _between("seed", self.seed, 0, 2**32 - 1, "")

    @classmethod
    def asked(cls, typed: Asked) -> Self:
        """Read what was typed; raise QueryError naming what is wrong."""
        return cls(
            ring=typed.ring,
            half_life_months=typed.half_life,
            kernel=cast("Kernel", typed.kernel),
            bandwidth_m=typed.bandwidth,
            permutations=typed.permutations,
            seed=typed.seed,
            per=typed.per,
        )

    def parameters(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return some fields as words, for provenance."""
        return {_TITLES.get(name, name): self._said(name) for name in names}

    def _said(self, name: str) -> str:
        value = getattr(self, name)
        if value is None:
            return "by held-out likelihood"
        return f"{value:g} {_UNITS[name]}" if name in _UNITS else str(value)


def _between(field_name: str, value: float, least: float, most: float, unit: str) -> None:
    if not least <= value <= most:
        raise QueryError(
            f"The {field_name.replace('_', ' ')} is out of range",
            found=f"{value:.12g} {unit}".strip(),
            do=f"Give {least:,.12g} to {most:,.12g} {unit}".strip(),
            field=field_name,
        )


@dataclass(frozen=True, slots=True)
class Points:
    """Hold the incidents behind `Observed`, one entry for each of r located incidents."""

    at: Ints
    """Position of the incident's cell in `Observed.cells` (r)."""
    east_north_m: Floats
    """EPSG:27700 (r, 2)."""
    first_day: Floats
    """First moment that it may have happened, in days since 1970-01-01 (r)."""
    last_day: Floats
    """Last moment that it may have happened; a month later on month-only data (r)."""
    value: Floats
    """1, or its harm (r)."""

    @property
    def is_daily(self) -> bool:
        """Tell whether every incident is known to the day."""
        return bool((self.last_day - self.first_day <= 1).all())


@dataclass(frozen=True, slots=True)
class Observed:
    """Hold what a statistic looks at: the cells of an area, zeros included, and a halo around them.

    All arrays have one entry for each of n cells: first the cells of the area, then the halo.
    """

    cells: Cells
    """Cell numbers (n)."""
    inside: NDArray[np.bool_]
    """Whether the cell belongs to the area (n)."""
    covered_m2: Floats
    """Square metres of the cell in the area; 0 in the halo (n)."""
    area_m2: Floats
    """Square metres of the whole cell (n)."""
    east_north_m: Floats
    """Centres of the cells, EPSG:27700 (n, 2)."""
    indptr: NDArray[np.int64]
    """Row starts of the neighbour graph in compressed sparse row form (n + 1)."""
    indices: NDArray[np.int64]
    """Neighbours of each cell within the ring, itself left out."""
    months: tuple[Month, ...]
    """Loaded months of the period, ascending (m)."""
    by_month: sparse.csr_array
    """Measure of the whole cell in each month, incidents beyond the border included (m, n)."""
    by_month_inside: sparse.csr_array
    """Measure of the part of the cell that lies in the area; 0 in the halo (m, n)."""
    value: Floats
    """Sum of `by_month` (n)."""
    value_inside: Floats
    """Sum of `by_month_inside` (n)."""
    denominator: Floats | None = None
    """Residents, households … of the part in the area (n); only for statistics that name it in `NEEDS`."""
    points: Points | None = None
    """The incidents themselves; only for statistics that name them in `NEEDS`."""


@dataclass(frozen=True, slots=True)
class Surface:
    """Give each cell of `Observed` (area cells only) a score; higher is hotter."""

    statistic: str
    score: Floats
    """What the cells are ranked by (n area cells)."""
    p: Floats | None = None
    """One-sided p for a hot cell."""
    q: Floats | None = None
    """p after Benjamini-Hochberg over the cells of the area."""
    is_amount: bool = False
    """Whether the score is an expected amount of the measure, so that it may be added up over cells."""
    classes: NDArray[np.str_] | None = None
    """Class of each cell, where the statistic gives one: `hot-hot`, `consecutive hot spot` …"""
    notes: tuple[str, ...] = ()
    """What must be said with the answer: a bandwidth that was chosen, a fit that did not settle."""
