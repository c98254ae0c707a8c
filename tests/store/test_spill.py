"""Rows that wait come back as they came, and partitions of a slot are the slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from geo_service.errors import ConflictError
from geo_service.model.access import OPERATOR, Principal
from geo_service.store import slots, spill, staging
from geo_service.store.columns import STORED_SCHEMA, replace_rows, stored_incidents
from geo_service.store.spill import FINEST, Spill, row_keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.access import Version
    from geo_service.model.ports import Store
    from geo_service.store import DiskStore

SLOT, MONTH = "incidents/force_csv/northshire/05", "incidents/police_uk/west-mercia/2025-01"
AUTHOR = Principal("analyst", OPERATOR)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut slots of more than 100 rows, and write what waits every 90 rows."""
    monkeypatch.setattr(staging, "MOST_ROWS", 100)
    monkeypatch.setattr(spill, "_WAITING_ROWS", 90)


def held(store: Store, prefix: str = "incidents/") -> dict[str, str]:
    return dict(store.snapshot().slots(prefix))


def all_rows(store: Store) -> pl.DataFrame:
    return store.snapshot().incidents(STORED_SCHEMA.names())


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("parts", [1, 2, 16, FINEST])
def test_partitions_together_are_all_rows_and_each_keeps_the_order_of_arrival(
    tmp_path: Path, make_incidents: Callable[..., pl.DataFrame], parts: int
) -> None:
    rows = pl.concat([make_incidents(seed, 100) for seed in range(4)])
    waiting = Spill(tmp_path, "rows", STORED_SCHEMA, slots.is_row_by_row)
    for start in range(0, rows.height, 33):
        waiting.add(SLOT, rows[start : start + 33])
        waiting.add(MONTH, rows[start : start + 33])
    frames = [waiting.part(SLOT, part, parts) for part in range(parts)]
    assert_frame_equal(pl.concat(frames), rows, check_row_order=False)
    numbered = rows.with_columns(key=pl.Series(row_keys(rows))).with_row_index("at")
    for frame in frames:
        keys = pl.Series(row_keys(frame)).unique().implode()
        mine = numbered.filter(pl.col("key").is_in(keys)).sort("key", "at", maintain_order=True)
        came = frame.with_columns(key=pl.Series(row_keys(frame))).sort("key", maintain_order=True)
        assert_frame_equal(came.drop("key"), mine.drop("at", "key"))
    assert sorted(waiting.keys(SLOT).tolist()) == sorted(row_keys(rows).tolist())
    assert_frame_equal(waiting.part(MONTH), rows)


def test_a_crime_number_has_its_partition_for_ever() -> None:
    # Written down on purpose: another partition in another release would store a crime twice.
    rows = pl.DataFrame({"crime_id": ["22X/1/25", None], "row": [1, 7]})
    assert row_keys(rows).tolist() == [
        row_keys(rows[:1])[0],
        row_keys(pl.DataFrame({"crime_id": ["row 7"], "row": [1]}))[0],
    ]
    assert int(row_keys(rows)[0]) == 0x7B41146AF00047FD


@pytest.mark.usefixtures("small_parts")
def test_a_slot_grows_into_partitions_and_every_crime_number_keeps_its_last_row(
    any_store: Store, put: Callable[..., Version | None], make_incidents: Callable[..., pl.DataFrame]
) -> None:
    rng = np.random.default_rng(8)
    numbers = pl.Series([f"22X/{number}/25" for number in range(700)])
    told: pl.DataFrame = STORED_SCHEMA.to_frame()
    counts = []
    for seed, rows in enumerate((60, 80, 400, 30, 900)):
        chosen = numbers.gather(rng.integers(0, [90, 150, 500, 500, 700][seed], rows))
        frame = make_incidents(seed, rows).with_columns(chosen.alias("crime_id"), row=pl.int_range(rows) + 1000 * seed)
        put(any_store, {SLOT: frame})
        told = replace_rows(told, frame)
        assert_frame_equal(stored_incidents(all_rows(any_store)), stored_incidents(told))
        before = held(any_store)
        assert put(any_store, {SLOT: frame}) is None
        assert held(any_store) == before
        counts.append(slots.parts_in(before))
        sizes = [any_store.snapshot().incident_slot(slot).height for slot in before]
        assert max(sizes) < 200
        assert {slots.whole_slot(slot) for slot in before} == {SLOT}
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert counts[-1] == 8


@pytest.mark.usefixtures("small_parts")
def test_undoing_one_partition_undoes_the_whole_that_was_cut(
    any_store: Store, put: Callable[..., Version | None], make_incidents: Callable[..., pl.DataFrame]
) -> None:
    put(any_store, {SLOT: make_incidents(1, 80, numbered=True)})
    before = held(any_store)
    put(any_store, {SLOT: make_incidents(2, 80, numbered=True)})
    assert sorted(held(any_store)) == [f"{SLOT}.0of2", f"{SLOT}.1of2"]
    any_store.undo(2, AUTHOR, only="05.1of2")
    assert held(any_store) == before


@pytest.mark.usefixtures("small_parts")
def test_an_import_that_cuts_a_slot_does_not_pass_one_that_fills_it_meanwhile(
    any_store: Store,
    put: Callable[..., Version | None],
    analyst: Principal,
    make_incidents: Callable[..., pl.DataFrame],
) -> None:
    with any_store.stage() as change:
        change.add_incidents(SLOT, make_incidents(1, 160, numbered=True))
        put(any_store, {SLOT: make_incidents(1, 20, numbered=True)})
        with pytest.raises(ConflictError, match="Run it again"):
            change.commit("import incidents", analyst, {})
    assert all_rows(any_store).height == 20


def test_what_an_earlier_release_stored_in_one_slot_is_led_over(
    store: DiskStore,
    put: Callable[..., Version | None],
    make_incidents: Callable[..., pl.DataFrame],
    request: pytest.FixtureRequest,
) -> None:
    first = make_incidents(1, 350, numbered=True)
    put(store, {SLOT: first})
    assert list(held(store)) == [SLOT]
    request.getfixturevalue("small_parts")
    again = first[:3].with_columns(offence=pl.lit("Reclassified"))
    put(store, {SLOT: again})
    assert slots.parts_in(held(store)) == 4
    assert_frame_equal(stored_incidents(all_rows(store)), stored_incidents(replace_rows(first, again)))
