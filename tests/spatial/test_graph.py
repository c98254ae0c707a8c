"""Neighbours, halo and contiguous groups are those that h3 draws."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import FaultError
from geo_service.spatial import cells_from_words, components, cover, graph, halo, index_cells, neighbours

CENTRE = h3.latlng_to_cell(52.31, -1.94, 10)
DISK = sorted(h3.grid_disk(CENTRE, 3))
some_cells = st.lists(st.sampled_from(DISK), unique=True, max_size=len(DISK))


@given(words=some_cells, ring=st.integers(1, 3))
def test_neighbours_are_the_cells_within_the_ring_in_whatever_order_they_come(words: list[str], ring: int) -> None:
    cells = cells_from_words(words)
    indptr, indices = neighbours(cells, ring)
    assert (indptr.dtype, indices.dtype) == (np.int64, np.int64)
    assert len(indptr) == len(words) + 1
    for place, word in enumerate(words):
        row = indices[indptr[place] : indptr[place + 1]]
        assert (np.diff(row) > 0).all()
        assert {words[other] for other in row} == set(h3.grid_disk(word, ring)) & set(words) - {word}


@given(words=some_cells.filter(bool), ring=st.integers(1, 3))
def test_the_graph_is_symmetric(words: list[str], ring: int) -> None:
    indptr, indices = neighbours(cells_from_words(words), ring)
    row = np.repeat(np.arange(len(words)), np.diff(indptr))
    assert set(zip(row, indices, strict=True)) == set(zip(indices, row, strict=True))


@given(words=some_cells, ring=st.integers(1, 6))
def test_the_halo_is_what_lies_around_and_not_in(words: list[str], ring: int) -> None:
    around = {other for word in words for other in h3.grid_disk(word, ring)} - set(words)
    assert halo(cells_from_words(words), ring).tolist() == sorted(h3.str_to_int(word) for word in around)


def test_a_pentagon_has_five_neighbours() -> None:
    pentagon = h3.get_pentagons(10)[0]
    cells = cells_from_words(h3.grid_disk(pentagon, 1))
    indptr, _ = neighbours(cells, 1)
    place = cells.tolist().index(h3.str_to_int(pentagon))
    assert indptr[place + 1] - indptr[place] == 5


@pytest.mark.parametrize("largest", [0, 2**25])
@pytest.mark.parametrize("places", [[(52.3, -1.9), (52.35, -1.8)], [(52.3, -1.9), (60.1, -1.2), (-33.9, 151.2)]])
def test_the_graph_is_the_same_looked_up_and_searched(
    places: list[tuple[float, float]], largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "_LARGEST_TABLE", largest)
    words = [word for place in places for word in h3.grid_disk(h3.latlng_to_cell(*place, 9), 3)][::-1]
    indptr, indices = neighbours(cells_from_words(words), 2)
    for place, word in enumerate(words):
        found = {words[other] for other in indices[indptr[place] : indptr[place + 1]]}
        assert found == set(h3.grid_disk(word, 2)) & set(words) - {word}


def test_a_cell_given_twice_is_a_fault() -> None:
    with pytest.raises(FaultError, match="given twice"):
        neighbours(cells_from_words([CENTRE, DISK[0], CENTRE]), 1)


def test_what_is_no_cell_is_a_fault() -> None:
    with pytest.raises(FaultError, match="Not an H3 cell"):
        neighbours(np.array([1], dtype=np.uint64), 1)


@given(words=some_cells.filter(bool), seed=st.integers(0, 99))
def test_groups_are_those_that_a_walk_from_cell_to_cell_finds(words: list[str], seed: int) -> None:
    chosen = np.random.default_rng(seed).random(len(words)) < 0.5
    labels = components(*neighbours(cells_from_words(words), 1), chosen)
    left = {word for word, taken in zip(words, chosen, strict=True) if taken}
    groups = []
    for word in words:
        if word not in left:
            continue
        group, todo = set(), [word]
        while todo:
            here = todo.pop()
            if here in left:
                left.remove(here)
                group.add(here)
                todo += h3.grid_disk(here, 1)
        groups.append(group)
    expected = [next((i for i, group in enumerate(groups) if word in group), -1) for word in words]
    assert labels.tolist() == expected


def test_nothing_chosen_makes_no_group() -> None:
    cells = cells_from_words(DISK)
    assert (components(*neighbours(cells, 1), np.zeros(len(cells), dtype=bool)) == -1).all()


def test_an_area_in_one_piece_is_one_group() -> None:
    table = cover(shapely.Point(-1.94, 52.31).buffer(0.02), 10)
    assert len(table.cells) > 200
    labels = components(*neighbours(table.cells, 1), np.ones(len(table.cells), dtype=bool))
    assert set(labels.tolist()) == {0}
    apart = np.concatenate([table.cells, index_cells([-3.0], [51.0], 10)])
    labels = components(*neighbours(apart, 1), np.ones(len(apart), dtype=bool))
    assert labels[-1] == 1
