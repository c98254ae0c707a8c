"""Boundary sets small enough to check by eye, and the real ones."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_service.model.boundaries import BoundarySet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from shapely import Geometry


@pytest.fixture(scope="session")
def make_set() -> Callable[..., BoundarySet]:
    """Return a maker of boundary sets from (code, name, shape) and, where they matter, (parent code, parent name)."""

    def make(
        members: Sequence[tuple[str, str, Geometry]],
        parents: Sequence[tuple[str, str]] = (),
        name: str = "wards-2025",
        valid_from: dt.date | None = None,
    ) -> BoundarySet:
        codes, names, shapes = zip(*members, strict=True)
        parent_codes, parent_names = zip(*(parents or [("", "")] * len(members)), strict=True)
        vintage = f"{name}, valid from {valid_from}"
        geometry = np.array(shapes, dtype=np.object_)
        return BoundarySet(
            name, f"Title of {name}", vintage, valid_from, "none", codes, names, parent_codes, parent_names, geometry
        )

    return make


@pytest.fixture(scope="session")
def chequers(make_set: Callable[..., BoundarySet]) -> BoundarySet:
    """Return four squares of a hundredth of a degree that share edges, the codes in no order: C A / B D."""
    squares = {"B": (0, 0), "D": (1, 0), "C": (0, 1), "A": (1, 1)}
    return make_set(
        [
            (code, f"Ward {code}", shapely.box(x / 100, y / 100, (x + 1) / 100, (y + 1) / 100))
            for code, (x, y) in squares.items()
        ]
    )


@pytest.fixture(scope="session")
def worcestershire(shared: Path) -> BoundarySet:
    """Return the 112 real wards of 2025."""
    return _real(shared / "boundaries" / "wards-2025-worcestershire.geojson", 25, dt.date(2025, 5, 1))


@pytest.fixture(scope="session")
def old_redditch(shared: Path) -> BoundarySet:
    """Return the 12 wards that Redditch had before 2024."""
    return _real(shared / "boundaries" / "wards-2022-redditch.geojson", 22, dt.date(2022, 5, 5))


def _real(path: Path, year: int, valid_from: dt.date) -> BoundarySet:
    frame = gpd.read_file(path)
    columns = [tuple(frame[f"{name}{year}{kind}"]) for name in ("WD", "LAD") for kind in ("CD", "NM")]
    title = f"Wards of 20{year}"
    return BoundarySet(
        f"wards-20{year}", title, f"WD{year}", valid_from, "OGL v3", *columns, geometry=frame.geometry.to_numpy()
    )
