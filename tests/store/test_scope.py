"""What is kept of one scope answers for no other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import shapely

from geo_service.store.scope import Scope, ScopeShelf

WARDS = "wards"


def test_the_cube_of_one_scope_never_answers_for_another_that_takes_its_place_in_memory() -> None:
    shelf = ScopeShelf({})
    whole = SimpleNamespace(member=np.arange(3, dtype=np.int32), chosen=lambda keep, _: keep)
    snapshot: Any = SimpleNamespace(version=1, cube=lambda *_: whole)
    for turn in range(60):
        # Nobody holds it after its turn, so that the next ones may stand where it stood.
        scope = Scope({WARDS: np.array([turn % 3], dtype=np.int32)}, (WARDS,), shapely.Point(), {})
        rows: Any = shelf.cube(snapshot, scope, 10, WARDS)
        assert rows.tolist() == [turn % 3]
        assert shelf.cube(snapshot, scope, 10, WARDS) is rows  # and it was kept at all
