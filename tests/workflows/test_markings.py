"""Every export has one name, which says how it is to be handled and every system takes."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import PureWindowsPath

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import FaultError, QueryError
from geo_service.model.access import Audience
from geo_service.model.layers import PUBLIC, FeatureTable, Marks, Provenance, marks_of
from geo_service.workflows import markings
from geo_service.workflows.markings import Handling, file_name, own_name

MARKS = Marks("OFFICIAL", 12, "2026-12-20", demonstration=False)
SOME = st.builds(
    Marks,
    st.sampled_from(markings.MARKINGS),
    st.integers(0, 99_999),
    st.dates().map(str) | st.just(PUBLIC),
    st.booleans(),
)
SUFFIX = st.sampled_from([".csv", ".geojson", ".html", ".pdf"])
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))}


def test_the_name_says_marking_what_where_when_version_and_destroy_after() -> None:
    said = "Patrol zones of Ynys Môn, 2025-08 to 2026-07"
    tail = "v12-destroy-after-2026-12-20"
    assert file_name(MARKS, said, ".csv") == f"OFFICIAL-Patrol-zones-of-Ynys-Mon-2025-08-to-2026-07-{tail}.csv"
    sensitive = MARKS._replace(marking="OFFICIAL-SENSITIVE", demonstration=True)
    assert file_name(sensitive, "sheet", ".pdf") == f"DEMONSTRATION-OFFICIAL-SENSITIVE-sheet-{tail}.pdf"
    public = MARKS._replace(destroy_after=PUBLIC)
    assert file_name(public, "Wards", ".geojson") == "OFFICIAL-Wards-v12-public-no-destroy-after.geojson"


@settings(deadline=None)
@given(SOME, st.text(max_size=400), SUFFIX)
def test_any_name_is_taken_by_every_system_and_says_its_marks(marks: Marks, said: str, suffix: str) -> None:
    name = file_name(marks, said, suffix)
    assert re.fullmatch(r"[0-9A-Za-z-]+\.[a-z]+", name)
    assert len(name) <= markings.LONGEST_NAME
    assert PureWindowsPath(name).stem.upper() not in RESERVED
    assert name.startswith(f"DEMONSTRATION-{marks.marking}-" if marks.demonstration else f"{marks.marking}-")
    last = "public-no-destroy-after" if marks.destroy_after == PUBLIC else f"destroy-after-{marks.destroy_after}"
    assert name.endswith(f"-v{marks.data_version}-{last}{suffix}")
    assert own_name(marks, name) == name


@pytest.mark.parametrize(
    ("chosen", "written"),
    [
        ("zones.csv", "OFFICIAL-zones-v12-destroy-after-2026-12-20.csv"),
        ("OFFICIAL zones.csv", "OFFICIAL zones-v12-destroy-after-2026-12-20.csv"),
        ("OFFICIAL-zones-v12.csv", "OFFICIAL-zones-v12-destroy-after-2026-12-20.csv"),
        ("zones-v1.csv", "OFFICIAL-zones-v1-v12-destroy-after-2026-12-20.csv"),
        ("zones-v120.csv", "OFFICIAL-zones-v120-v12-destroy-after-2026-12-20.csv"),
        ("UNOFFICIAL.csv", "OFFICIAL-UNOFFICIAL-v12-destroy-after-2026-12-20.csv"),
        ("OFFICIAL-SENSITIVE-x.csv", "OFFICIAL-OFFICIAL-SENSITIVE-x-v12-destroy-after-2026-12-20.csv"),
        ("nul.csv", "OFFICIAL-nul-v12-destroy-after-2026-12-20.csv"),
        (
            "OFFICIAL-x-v12-destroy-after-2026-01-01.csv",
            "OFFICIAL-x-v12-destroy-after-2026-01-01-destroy-after-2026-12-20.csv",
        ),
    ],
)
def test_what_a_chosen_name_does_not_say_is_added_to_it(chosen: str, written: str) -> None:
    assert own_name(MARKS, chosen) == written


@settings(deadline=None)
@given(SOME, st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1), SUFFIX)
def test_a_name_that_was_given_once_is_given_again_unchanged(marks: Marks, stem: str, suffix: str) -> None:
    once = own_name(marks, f"{stem}{suffix}")
    assert own_name(marks, once) == once
    assert once.endswith(suffix)


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_copies_are_kept_for_a_day_to_a_year(days: int) -> None:
    with pytest.raises(QueryError, match="Give 1 to 366 days") as refused:
        Handling(keep_days=days)
    assert refused.value.field == "keep_days"
    assert Handling(keep_days=366).destroy_after(dt.date(2024, 1, 1)) == dt.date(2025, 1, 1)
    assert Handling().destroy_after(dt.date(2026, 11, 22)) == dt.date(2026, 12, 20)


def _table(audience: Audience, last: dt.date | None) -> FeatureTable:
    rows, point = pl.DataFrame({"id": ["a"]}), np.array([shapely.Point(0, 0)], dtype=object)
    return FeatureTable("t", "T", rows, point, Provenance(3, "", destroy_after=last), audience=audience)


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.FORCE])
def test_only_what_is_public_may_be_kept_for_ever(audience: Audience) -> None:
    assert marks_of([_table(Audience.PUBLIC, None)]).destroy_after == PUBLIC
    with pytest.raises(FaultError, match="must say when its copies are destroyed"):
        marks_of([_table(audience, None)])


def test_a_file_of_several_tables_has_the_strictest_marks() -> None:
    early, late = (_table(Audience.FORCE, dt.date(2026, month, 1)) for month in (9, 10))
    sensitive = replace(late, provenance=replace(late.provenance, marking="OFFICIAL-SENSITIVE", data_version=9))
    held = [_table(Audience.PUBLIC, None), sensitive, early]
    assert marks_of(held) == Marks("OFFICIAL-SENSITIVE", 9, "2026-09-01", demonstration=False)
