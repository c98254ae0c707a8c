"""Tables that the tests of several formats write."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.model.layers import FeatureTable, LayerStyle, Provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HOSTILE: Final = (
    "</script><script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "{{7*7}} {% for x in y %} {# note",
    "`${document.title='pwned'}`",
    '=HYPERLINK("http://example.org","x")',
    "+44 1527 000000",
    "-2+3",
    "@SUM(A1)",
    "\ttab",
    '"quoted", and a comma',
    "two\nlines",
    "Nesta' Café, £1",
    "\u2028 \u202e reversed",
    "&amp; &lt;b&gt;",
    " =1+1",
    '"=1+1"',
    "'=1+1",
    "''+44",
    "\u200b\uff1d1",
    "\u00a0@SUM(A1)",
    "\uff0d2",
    "-",
)


def _table(
    geometry: Sequence[Any],
    *,
    shape: str = "circle",
    title: str = "Places",
    demonstration: bool = False,
    **columns: object,
) -> FeatureTable:
    return FeatureTable(
        id="things",
        title=title,
        rows=pl.DataFrame({"id": [f"f{n}" for n in range(len(geometry))], **columns}),
        geometry=np.array([*geometry, None], dtype=object)[:-1],
        provenance=Provenance(
            7, "2025-09", {"area share": "1.4 %"}, 42, "OFFICIAL", demonstration, dt.date(2026, 12, 20)
        ),
        licences=("Licence one", "Licence two"),
        notes=("A proxy, not a measure",),
        style=LayerStyle(shape, "#00703c", "S"),
    )


@pytest.fixture(scope="session")
def make_table() -> Callable[..., FeatureTable]:
    """Return a maker of tables whose ids are f0, f1 and so on."""
    return _table


@pytest.fixture(scope="session")
def names() -> tuple[str, ...]:
    """Return names that attack whoever writes or opens a file."""
    return HOSTILE


@pytest.fixture(scope="session")
def hostile() -> FeatureTable:
    """Return points with hostile names."""
    points = [shapely.Point(-1.9 + n / 1000, 52.3) for n in range(len(HOSTILE))]
    return _table(points, name=list(HOSTILE), title=HOSTILE[0])
