"""Bounding boxes."""

from __future__ import annotations

import pytest

from geo_service.errors import QueryError
from geo_service.model.places import BBox


def test_a_box_reads_west_south_east_north() -> None:
    box = BBox.parse("-2, 52.2,-1.8,52.4")
    assert (box.west, box.south, box.east, box.north) == (-2.0, 52.2, -1.8, 52.4)
    assert BBox.parse(str(box)) == box


@pytest.mark.parametrize(
    "text",
    ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "3,2,1,4", "1,4,2,3", "-181,0,0,0", "0,-91,0,0", "nan,0,1,1", "0,0,inf,1"],
)
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="Not a bounding box") as refused:
        BBox.parse(text)
    assert refused.value.field == "bbox"
