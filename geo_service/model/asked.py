"""A question as a person types it: the one place where its defaults stand.

It imports nothing heavy, because the command line shows the defaults in its help.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)  # without slots, so that the class itself tells the defaults
class Asked:
    """Hold what was typed at a command, in a form or in an address; `HotspotQuery.asked` reads it."""

    boundary: str
    """Code or name."""
    first: str
    """First month, `YYYY-MM`."""
    last: str
    boundary_set: str | None = None
    offences: str = "public-place"
    measure: str = "count"
    proxy: str | None = None
    harm_table: str | None = None
    statistic: str = "blended"
    """The one that held best on months it had not seen: docs/backtest.md."""
    resolution: int = 10
    ring: int = 1
    half_life: float = 6.0
    """Months after which an incident counts half."""
    kernel: str = "quartic"
    bandwidth: float | None = None
    """Metres."""
    permutations: int = 0
    seed: int = 1
    per: str = "km2"
    area_share: float = 1.4
    """Percentage of the area that the best cells may cover."""
    as_of: int | None = None
    harm_score: str | None = None
    """Of a code with several weights that no description tells apart: `lowest` or `highest`; None weighs it 0."""
    proactive: bool = False
    """Whether offences found by police activity are put in."""
