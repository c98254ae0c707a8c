"""Serve what the folders `layers/` and `data/` describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from geo_service.errors import InputError, NotFoundError
from geo_service.model.access import Audience
from geo_service.model.layers import POSTCODE_CENTRE, FeatureTable, Provenance
from geo_service.model.offences import HarmTable, ProxyTable
from geo_service.registry import descriptors
from geo_service.registry.checking import check_file, conform, empty_features, geometry_of
from geo_service.registry.kinds import kinds
from geo_service.registry.locating import locate_by_postcode
from geo_service.registry.prompts import FILE as PROMPTS
from geo_service.registry.prompts import read_prompts
from geo_service.registry.retention import FILE as RETENTION
from geo_service.registry.retention import read_rules
from geo_service.registry.strict import members
from geo_service.registry.written import NAMES, place_names, written_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from geo_service.model.boundaries import BoundaryDescriptor
    from geo_service.model.layers import Layer
    from geo_service.model.offences import OffenceSet
    from geo_service.model.ports import Snapshot
    from geo_service.model.prompts import PromptKind
    from geo_service.model.retention import Rule
    from geo_service.registry.described import LayerDescriptor

DEMONSTRATION_NOTE = "DEMONSTRATION: an invented place"


class FileRegistry:
    """Know layers, offence sets, harm tables and boundary descriptors; everything is read once, when it is opened."""

    def __init__(  # noqa: PLR0913 - one argument for each kind of descriptor
        self,
        *,
        layers: Mapping[str, LayerDescriptor],
        offence_sets: Mapping[str, OffenceSet],
        tables: Sequence[HarmTable | ProxyTable],
        boundaries: Mapping[str, BoundaryDescriptor],
        demonstration: bool,
        retention: Callable[[], Mapping[str, Rule]] = dict,
        prompts: Callable[[], Sequence[PromptKind]] = tuple,
        place_names: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Take what the descriptors say; retention, prompts, place_names: read theirs when they are asked for."""
        self.retention = retention
        self.prompts = prompts
        self.place_names = place_names
        self.written_rows = written_rows
        self._layers = layers
        self._offence_sets = offence_sets
        self._harm = {table.id: table for table in tables if isinstance(table, HarmTable)}
        self._proxies = {table.id: table for table in tables if isinstance(table, ProxyTable)}
        self._boundaries = boundaries
        self._demonstration = demonstration

    def layers(self, audience: Audience) -> Sequence[Layer]:
        """List the layers that an audience may see, by id."""
        return [described.layer for described in self._layers.values() if described.layer.audience <= audience]

    def features(self, layer: str, audience: Audience, snapshot: Snapshot | None) -> FeatureTable:
        """Return a layer's features, columns above the audience left out.

        Geometry is in EPSG:4326, None for a feature without a position. Raises NotFoundError for a layer that is not
        there or not for this audience.
        """
        described = self._described(layer, audience)
        frame, notes = self._located(described, snapshot)
        if snapshot is not None:
            # A feature of a public layer without a position is nowhere that somebody may not see.
            nowhere = described.layer.audience is Audience.PUBLIC
            geometry = geometry_of(frame)
            frame = frame.filter(snapshot.inside(geometry) | (shapely.is_missing(geometry) & nowhere))
        fields = [field for field in described.layer.fields if field.audience <= audience]
        names = [field.name for field in fields]
        return FeatureTable(
            id=described.layer.id,
            title=described.layer.title,
            rows=frame.select(names),
            geometry=geometry_of(frame),
            provenance=Provenance(
                data_version=0 if snapshot is None else snapshot.version, data_to="", demonstration=self._demonstration
            ),
            licences=_licences(described.layer, frame),
            notes=(DEMONSTRATION_NOTE, *notes) if self._demonstration else notes,
            # A public layer with a column that is not for the public is no public table.
            audience=max(described.layer.audience, *(field.audience for field in fields)),
            time_columns=described.time if set(described.time or ()) <= set(names) else None,
            style=described.layer.style,
        )

    def read_features(self, layer: str, path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Check a CSV or GeoJSON file against a layer's schema; return the good rows (with `wkb`) and the rejects.

        Raises InputError for a file that cannot be read or whose columns do not fit, NotFoundError for the layer.
        """
        described = self._described(layer, Audience.FORCE)
        if not kinds()[described.layer.kind].importable:
            raise InputError(
                f"The features of the layer {layer} come with its descriptor",
                found=path.name,
                do="Import into another layer",
                field="layer",
            )
        return check_file(described, path)

    def offence_sets(self) -> Mapping[str, OffenceSet]:
        """Return the offence sets by id."""
        return self._offence_sets

    def harm_tables(self) -> Mapping[str, HarmTable]:
        """Return the harm tables by id."""
        return self._harm

    def proxies(self) -> Mapping[str, ProxyTable]:
        """Return the proxy tables by id."""
        return self._proxies

    def boundaries(self) -> Mapping[str, BoundaryDescriptor]:
        """Return the boundary descriptors by id."""
        return self._boundaries

    def _described(self, layer: str, audience: Audience) -> LayerDescriptor:
        described = self._layers.get(layer)
        if described is None or described.layer.audience > audience:
            raise NotFoundError(
                "No such layer",
                found=layer,
                do=f"Use one of {', '.join(known.id for known in self.layers(audience))}",
                field="layer",
            )
        return described

    def _located(self, described: LayerDescriptor, snapshot: Snapshot | None) -> tuple[pl.DataFrame, tuple[str, ...]]:
        """Return stored features, located by postcode where the layer asks for it, and what must be said of that."""
        layer = described.layer
        stored = kinds()[layer.kind].read(described, snapshot)
        frame = empty_features(layer) if stored is None else conform(layer, stored)
        by_postcode = layer.source.get("locate_by") == "postcode"
        postcodes = snapshot.postcodes() if by_postcode and snapshot is not None else None
        if postcodes is not None:
            frame = locate_by_postcode(frame, postcodes)
        notes = []
        if "position_source" in frame.columns and (at_centre := (frame["position_source"] == POSTCODE_CENTRE).sum()):
            notes.append(f"{at_centre} of {frame.height} stand at the centre of their postcode, not at their door.")
        if nowhere := frame["wkb"].null_count():
            why = "; no postcode file is imported" if by_postcode and postcodes is None else ""
            notes.append(f"{nowhere} of {frame.height} have no position and are listed without a pin{why}.")
        return frame, tuple(notes)


def _licences(layer: Layer, frame: pl.DataFrame) -> tuple[str, ...]:
    """Return the licence lines that the features bring, or the layer's own where any of them brings none."""
    if "licence" not in frame.columns or frame.is_empty():
        return (layer.licence,)
    said = frame["licence"]
    own = (layer.licence,) if said.null_count() else ()
    return (*own, *said.drop_nulls().unique(maintain_order=True))


def open_registry(share: Path, *, demonstration: bool = False, own: Path | None = None) -> FileRegistry:
    """Read every descriptor below `share`, the folder that holds `layers/` and `data/`.

    demonstration: whether the area is the invented one, which is served only what is marked for it and what a data
    directory holds. own: the data directory, which may keep rules of retention, prompts and folders `offence_sets` and
    `boundaries` of its own: a force describes its teams there as lists of wards.
    Raises InputError naming file and key for a descriptor that is wrong.
    """
    if not (share / "layers").is_dir():
        raise InputError("No folder `layers` there", found=share, do="Name the folder that holds layers and data")
    data = share / "data"
    layers = [descriptors.layer(keys, share / "layers") for keys in members(share / "layers", "layers")]
    boundaries = [descriptors.boundary(keys) for keys in members(data / "boundaries", "data/boundaries")]
    sets = [descriptors.offence_set(keys) for keys in members(data / "offence_sets", "data/offence_sets")]
    if own is not None:  # after those that ship, whose place one of the same id takes
        sets += [descriptors.offence_set(keys) for keys in members(own / "offence_sets", "offence_sets")]
        boundaries += [descriptors.boundary(keys) for keys in members(own / "boundaries", "boundaries")]
    return FileRegistry(
        layers={
            described.layer.id: described
            for described in layers
            if kinds()[described.layer.kind].serves(described, demonstration=demonstration)
        },
        offence_sets={offence_set.id: offence_set for offence_set in sets},
        tables=[descriptors.harm(keys) for keys in members(data / "harm", "data/harm")],
        boundaries={read.id: read for read, invented in boundaries if invented == demonstration},
        demonstration=demonstration,
        retention=lambda: read_rules(data / RETENTION, None if own is None else own / RETENTION),
        prompts=lambda: read_prompts(data / PROMPTS, None if own is None else own / PROMPTS),
        place_names=lambda: place_names(data / NAMES, None if own is None else own / NAMES),
    )
