"""Bring a map extract into the layers that the analysis works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.model.layers import EXCLUDED_PLACES, STREETS
from geo_service.workflows.imported import BasemapImport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from geo_service.workflows.services import Services


def import_basemap(services: Services, path: Path) -> BasemapImport:
    """Import streets, railways, rivers and excluded places as one version, in place of those that were there.

    Raises InputError for a file that is no extract, or holds no street.
    """
    read = services.basemap_files.read(path)
    with services.store.stage() as staging:
        staging.put_features(STREETS, read.streets)
        staging.put_features(EXCLUDED_PLACES, read.excluded_places)
        detail = {"file": path.name, "streets": read.streets.height, "places": read.excluded_places.height}
        version = staging.commit("import basemap", services.principal, detail)
    return BasemapImport(
        version,
        streets=_counts(read.streets["class"]),
        places=_counts(read.excluded_places["kind"]),
        skipped=read.skipped,
        licence=read.licence,
    )


def _counts(of: pl.Series) -> Mapping[str, int]:
    return dict(of.value_counts(name="rows").sort(["rows", of.name], descending=[True, False]).iter_rows())
