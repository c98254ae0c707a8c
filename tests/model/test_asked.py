"""A question is the same question wherever it was typed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from geo_service.errors import QueryError
from geo_service.model.asked import Asked
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period

TYPED = Asked("Redditch", "2025-01", "2025-06")


def test_what_is_not_typed_is_what_a_question_has_by_default() -> None:
    assert HotspotQuery.asked(TYPED) == HotspotQuery("Redditch", Period.parse("2025-01", "2025-06"))


@pytest.mark.parametrize(
    ("percent", "share"), [(1.4, 0.014), (0.1, 0.001), (2.3, 0.023), (100.0, 1.0), (1e-9, 1e-11), (0.7, 0.007)]
)
def test_a_share_is_typed_in_percent_and_is_the_number_that_was_meant(percent: float, share: float) -> None:
    query = HotspotQuery.asked(Asked("Redditch", "2025-01", "2025-06", area_share=percent))
    assert query.area_share == share


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"measure": "fear"}, "measure"),
        ({"proxy": "some"}, "proxy"),
        ({"resolution": 7}, "resolution"),
        ({"ring": 9}, "ring"),
        ({"area_share": 0.0}, "area_share"),
        ({"area_share": float("nan")}, "area_share"),
        ({"area_share": float("inf")}, "area_share"),
        ({"first": "2025"}, "from"),
        ({"last": "2024-12"}, "to"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_by_its_name(typed: dict[str, object], field: str) -> None:
    with pytest.raises(QueryError) as refused:
        HotspotQuery.asked(Asked(**{**vars(TYPED), **typed}))
    assert refused.value.field == field


def test_the_defaults_are_known_without_loading_what_answers_need() -> None:
    heavy = "import sys; import geo_service.model.asked; print({'polars', 'numpy', 'shapely'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", heavy], check=True, capture_output=True).stdout == b"set()\n"
