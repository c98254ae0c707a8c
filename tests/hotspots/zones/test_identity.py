"""A zone is the same while at least half of its area stays, and whatever became of the others is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.hotspots import changes, same_zones

if TYPE_CHECKING:
    from geo_service.model.hotspots import ZoneChange

Zones = list[set[int]]


def shared(before: Zones, after: Zones) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Measure zones of cells of one square metre."""
    common = np.array([[len(old & new) for new in after] for old in before], dtype=float)
    return (
        common.reshape(len(before), len(after)),
        np.array([len(old) for old in before], dtype=float),
        np.array([len(new) for new in after], dtype=float),
    )


def told(before: Zones, after: Zones) -> tuple[ZoneChange, ...]:
    return changes(
        *shared(before, after), [f"old {n}" for n in range(len(before))], [f"{n}" for n in range(len(after))]
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([{1, 2, 3, 4}], [{3, 4, 5, 6}], [("kept", ("old 0",), ("0",))]),
        ([{1, 2, 3, 4}], [{4, 5, 6, 7}], [("moved", ("old 0",), ("0",))]),
        ([{1, 2}], [{8, 9}], [("new", (), ("0",)), ("dropped", ("old 0",), ())]),
        ([{1, 2, 3}, {4, 5}], [{1, 2, 3, 4, 5}], [("merged", ("old 0", "old 1"), ("0",))]),
        ([{1, 2, 3, 4, 5}], [{1, 2, 3}, {4, 5}], [("split", ("old 0",), ("0", "1"))]),
        ([], [{1}], [("new", (), ("0",))]),
        ([{1}], [], [("dropped", ("old 0",), ())]),
    ],
)
def test_what_became_of_zones_is_said(
    before: Zones, after: Zones, expected: list[tuple[str, tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert [(change.kind, change.before, change.after) for change in told(before, after)] == expected


def test_a_merged_zone_is_the_one_that_gave_the_most_and_a_split_one_lives_on_in_its_larger_half() -> None:
    assert same_zones(*shared([{1, 2}, {3, 4, 5}], [{1, 2, 3, 4, 5}])[:2]).tolist() == [1]
    assert same_zones(*shared([{1, 2, 3, 4, 5}], [{4, 5}, {1, 2, 3}])[:2]).tolist() == [-1, 0]


def disjoint(owners: list[int]) -> Zones:
    return [zone for number in range(4) if (zone := {cell for cell, owner in enumerate(owners) if owner == number})]


SETS = st.lists(st.integers(0, 5), min_size=14, max_size=14).map(disjoint)


@given(before=SETS, after=SETS)
@settings(max_examples=150, deadline=None)
def test_identity_is_one_to_one_and_follows_half_of_the_area_and_every_zone_is_told_of(
    before: Zones, after: Zones
) -> None:
    same = same_zones(*shared(before, after)[:2]).tolist()
    inherited = [old for old in same if old >= 0]
    assert len(inherited) == len(set(inherited))
    for new, old in enumerate(same):
        halves = [number for number, zone in enumerate(before) if 2 * len(zone & after[new]) >= len(zone)]
        assert (old in halves) if old >= 0 else all(number in inherited for number in halves)
    found = told(before, after)
    assert {name for change in found for name in change.before} == {f"old {n}" for n in range(len(before))}
    assert {name for change in found for name in change.after} == {f"{n}" for n in range(len(after))}


@given(zones=SETS)
@settings(max_examples=40, deadline=None)
def test_unchanged_zones_are_all_kept(zones: Zones) -> None:
    assert same_zones(*shared(zones, zones)[:2]).tolist() == list(range(len(zones)))
    assert {change.kind for change in told(zones, zones)} <= {"kept"}
