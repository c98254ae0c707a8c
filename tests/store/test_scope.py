"""What is kept of one scope answers for no other."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo_service.model.boundaries import BoundarySet
from geo_service.model.cells import Cube, DenseCounts
from geo_service.model.periods import Period
from geo_service.store.scope import Scope, ScopeShelf
from geo_service.store.scoped import ScopedSnapshot

WARDS = "wards"


def test_the_cube_of_one_scope_never_answers_for_another_that_takes_its_place_in_memory() -> None:
    shelf = ScopeShelf({})
    months, one = Period.parse("2025-01", "2025-01"), np.arange(3, dtype=np.int32)
    whole = Cube(
        resolution=10, steps=np.array([months.first.ordinal]), held={}, groups=pl.DataFrame({"offence": list("abc")}),
        cell=np.arange(1, 4, dtype=np.uint64), member=one, group=one, counts=DenseCounts(np.ones((2, 3), np.int32)),
    )  # fmt: skip
    snapshot: Any = SimpleNamespace(version=1, cube=lambda *_: whole)
    for turn in range(60):
        # Nobody holds it after its turn, so that the next ones may stand where it stood.
        scope = Scope({WARDS: np.array([turn % 3], dtype=np.int32)}, (WARDS,), shapely.Point(), {})
        part = shelf.cube(snapshot, scope, 10, WARDS)
        assert part.cell.tolist() == [turn % 3 + 1]
        assert part.groups["offence"].to_list() == ["abc"[turn % 3]]
        assert shelf.cube(snapshot, scope, 10, WARDS) is part  # and it was kept at all


def test_an_area_answers_by_a_name_that_one_elsewhere_has_too_and_that_one_stays_unsaid() -> None:
    boxes = np.array([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)], dtype=object)
    names = {"codes": ("A1", "B1"), "names": ("Central", "Central"), "parent_codes": ("A", "B")}
    found = BoundarySet(
        WARDS, "Wards", "2025", None, "none", **names, parent_names=("Near", "Far"), geometry=boxes
    )  # fmt: skip
    whole: Any = SimpleNamespace(version=1, boundary_sets=lambda: {WARDS: found}, slots=lambda _: {WARDS: "sha256"})
    shelf, day = ScopeShelf({}), dt.date(2025, 1, 1)
    for code in found.codes:
        seen = ScopedSnapshot(whole, shelf, shelf.scope(whole, (code,), day), crime=True)
        assert seen.area("Central", boundary_set=None, on=day).code == code
