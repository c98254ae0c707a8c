"""A release holds public tables only, and its parts fit."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.errors import FaultError
from geo_service.model.access import Audience
from geo_service.model.layers import FeatureTable, Provenance
from geo_service.model.release import FixedReleases, NewRelease, PublicRelease, Ways


@pytest.fixture
def places() -> FeatureTable:
    rows, points = pl.DataFrame({"id": ["a"]}), np.array([shapely.Point(0, 55)], dtype=object)
    return FeatureTable("t", "T", rows, points, Provenance(3, ""), ("One.", "Two."), audience=Audience.PUBLIC)


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.FORCE])
@pytest.mark.parametrize("part", ["places", "outline"])
def test_a_table_for_another_audience_is_refused(places: FeatureTable, audience: Audience, part: str) -> None:
    public = PublicRelease("Northmere", places, show_unverified=False)
    with pytest.raises(FaultError, match="Only public tables go to the public site"):
        replace(public, **{part: replace(places, audience=audience)})


def test_each_licence_is_named_once(places: FeatureTable) -> None:
    outline = replace(places, licences=("Two.", "Three."))
    release = PublicRelease("", places, show_unverified=False, outline=outline, licences=("Four.", "One."))
    assert release.all_licences == ("One.", "Two.", "Three.", "Four.")


def test_ways_whose_parts_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="1 lines, 0 classes, 1 names"):
        Ways(np.array([shapely.LineString([(0, 0), (1, 1)])], dtype=object), (), ("Quay Street",))


def test_a_fixed_release_is_always_the_one_that_is_shown(places: FeatureTable) -> None:
    release = PublicRelease("", places, show_unverified=False)
    assert FixedReleases(release).current() is release


def test_a_new_release_is_stamped_and_otherwise_the_same(places: FeatureTable) -> None:
    made = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    new = NewRelease(PublicRelease("Northmere", places, show_unverified=True), data_version=3)
    stamped = new.stamped(4, made, 5)
    assert (stamped.release.number, stamped.release.made, stamped.data_version) == (4, made, 5)
    assert (stamped.release.places, stamped.release.area, new.open_data(4)) == (places, "Northmere", {})
