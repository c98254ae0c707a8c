"""Serve the features that ship in a GeoJSON or CSV file beside the descriptor."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from geo_service.errors import InputError
from geo_service.registry.checking import check_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from geo_service.model.ports import Snapshot
    from geo_service.registry.described import LayerDescriptor
    from geo_service.registry.strict import Keys


class File:
    """Fetch features from `file`, which must stand beside the descriptor.

    Shipped features belong to real areas unless `[source]` says `demonstration = true`.
    """

    importable = False

    def options(self, keys: Keys) -> Mapping[str, Any]:
        """Read `file` and `demonstration`."""
        name = keys.text("file")
        if PurePosixPath(name).name != name or "\\" in name:
            raise keys.refuse(
                "the file must stand beside the descriptor", key="file", found=name, do="Give its name only"
            )
        return {"kind": "file", "file": name, "demonstration": keys.flag("demonstration", default=False)}

    def serves(self, described: LayerDescriptor, *, demonstration: bool) -> bool:
        """Say whether the descriptor was written for this kind of area."""
        return bool(described.layer.source["demonstration"]) == demonstration

    def read(self, described: LayerDescriptor, snapshot: Snapshot | None) -> pl.DataFrame | None:  # noqa: ARG002
        """Return the features; raise InputError naming the first bad row, since shipped data has none."""
        good, rejects = check_file(described, described.folder / str(described.layer.source["file"]))
        if rejects.height:
            bad = rejects.row(0, named=True)
            raise InputError(
                f"layers/{bad['file']}, row {bad['row']}: {bad['reason']}",
                found=bad["value"],
                do=f"Mend `{bad['field']}` ({rejects.height} rows are wrong)",
                field=str(bad["field"]),
            )
        return good


KIND = File()
