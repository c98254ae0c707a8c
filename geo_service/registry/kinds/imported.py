"""Serve the features that somebody imported into the data directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from geo_service.model.ports import Snapshot
    from geo_service.registry.described import LayerDescriptor
    from geo_service.registry.strict import Keys


class Imported:
    """Fetch features from the store.

    `locate_by = "postcode"` in `[source]` places a feature without coordinates at the centre of its postcode.
    """

    importable = True

    def options(self, keys: Keys) -> Mapping[str, Any]:
        """Read `locate_by`."""
        return {"kind": "imported", "locate_by": keys.word("locate_by", ("", "postcode"), "")}

    def serves(self, described: LayerDescriptor, *, demonstration: bool) -> bool:  # noqa: ARG002
        """Say yes: what a data directory holds belongs to its area."""
        return True

    def read(self, described: LayerDescriptor, snapshot: Snapshot | None) -> pl.DataFrame | None:
        """Return what was imported."""
        return None if snapshot is None else snapshot.features(described.layer.id)


KIND = Imported()
