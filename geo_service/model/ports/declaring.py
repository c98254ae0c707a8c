"""What the owner of an area declares: layers, offence sets, rules of age, prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from geo_service.model.access import Audience
    from geo_service.model.boundaries import BoundaryDescriptor
    from geo_service.model.layers import FeatureTable, Layer
    from geo_service.model.offences import HarmTable, OffenceSet, ProxyTable
    from geo_service.model.ports.storing import Snapshot
    from geo_service.model.prompts import PromptKind
    from geo_service.model.retention import Rule
    from geo_service.model.safe_places import WrittenRows


class Registry(Protocol):
    """Know layers, offence sets, harm tables and boundary descriptors by id."""

    def layers(self, audience: Audience) -> Sequence[Layer]:
        """List the layers that an audience may see."""

    def features(self, layer: str, audience: Audience, snapshot: Snapshot | None) -> FeatureTable:
        """Return a layer's features, columns above the audience left out; raise NotFoundError."""

    def read_features(self, layer: str, path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Check a file against a layer's schema; return the good rows (with `wkb`) and the rejects."""

    def written_rows(self, name: str, data: bytes) -> WrittenRows:
        """Read a directory of Safe Places as it was written; raise InputError where it cannot be read at all."""

    def place_names(self) -> Sequence[str]:
        """Return names of buildings, streets and towns that are right; raise InputError."""

    def retention(self) -> Mapping[str, Rule]:
        """Return how long each kind of data is kept; raise InputError where the rules cannot be read."""

    def prompts(self) -> Sequence[PromptKind]:
        """Return the problem solving prompts by kind of offence; raise InputError where they cannot be read."""

    def offence_sets(self) -> Mapping[str, OffenceSet]:
        """Return the offence sets by id."""

    def harm_tables(self) -> Mapping[str, HarmTable]:
        """Return the harm tables by id."""

    def proxies(self) -> Mapping[str, ProxyTable]:
        """Return the proxy tables by id."""

    def boundaries(self) -> Mapping[str, BoundaryDescriptor]:
        """Return the boundary descriptors by id."""
