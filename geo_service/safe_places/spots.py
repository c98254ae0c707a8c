"""Where places stand, as far as that is known: at their own position, else at the centre of their postcode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray


def spots(entries: Sequence[Mapping[str, Any]], postcodes: pl.DataFrame | None) -> NDArray[np.object_]:
    """Return a point (EPSG:4326) for each entry, None where nobody knows.

    entries: `lon`, `lat` and `postcode` of each, as far as they are known. postcodes: `postcode`, `lon`, `lat`.
    """
    centres = postcode_centres([str(entry.get("postcode") or "") for entry in entries], postcodes)
    found = np.full(len(entries), None, dtype=object)
    for at, entry in enumerate(entries):
        lon, lat = entry.get("lon"), entry.get("lat")
        lonlat = centres.get(str(entry.get("postcode") or "")) if lon is None or lat is None else (lon, lat)
        found[at] = None if lonlat is None else shapely.Point(lonlat)
    return found


def postcode_centres(wanted: Sequence[str], postcodes: pl.DataFrame | None) -> dict[str, tuple[float, float]]:
    """Return (longitude, latitude) of the centre of each postcode that is known."""
    named = sorted({code for code in wanted if code})
    if postcodes is None or not named:
        return {}
    held = postcodes.filter(pl.col("postcode").is_in(named)).select("postcode", "lon", "lat")
    return {code: (round(lon, 7), round(lat, 7)) for code, lon, lat in held.iter_rows()}
