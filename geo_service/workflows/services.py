"""The doers that the workflows are handed, for one principal at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo_service.safe_places.opening import LONDON
from geo_service.workflows.answers import Answers

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from geo_service.model.access import Principal
    from geo_service.model.language import PublicLanguage
    from geo_service.model.ports import (
        Accounts,
        BasemapFiles,
        BoundaryFiles,
        ChartWriter,
        Format,
        HarmFiles,
        IncidentFiles,
        MapWriter,
        NumberFiles,
        PostcodeFiles,
        Registry,
        ReleaseShelf,
        Reports,
        Repository,
        SheetPrinter,
        TileWriter,
    )


@dataclass(frozen=True, slots=True)
class Doers:
    """Hold one doer for each port that needs no principal, wired by `app`."""

    registry: Registry
    incident_files: IncidentFiles
    boundary_files: BoundaryFiles
    postcode_files: PostcodeFiles
    basemap_files: BasemapFiles
    number_files: NumberFiles
    harm_files: HarmFiles
    formats: Mapping[str, Format]
    map_writer: MapWriter
    tile_writer: TileWriter
    printer: SheetPrinter
    charts: ChartWriter
    releases: ReleaseShelf
    reports: Reports
    languages: Callable[[], Mapping[str, PublicLanguage]]
    """Reads the languages that the public is written to in, by code, for whoever writes in them."""
    clock: Callable[[], dt.datetime]
    """Time now, with its zone; an argument so that tests and printed sheets are repeatable."""
    demonstration: bool
    """Whether the data directory holds the invented demonstration area."""
    public_site: str
    """Address of the public site, `https://name`; empty where nobody has said it."""
    close: Callable[[], None]
    """Gives back files and connections of the store."""
    answers: Answers = field(default_factory=Answers)
    """The last answers, so that the next page of one need not be worked out again."""

    def now(self) -> dt.datetime:
        """Return the time in London, which every page, sheet and export goes by."""
        return self.clock().astimezone(LONDON)

    def today(self) -> dt.date:
        """Return the day in London."""
        return self.now().date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services(Doers):
    """Hold the doers for one principal: there is no way to the data that does not know who asks."""

    store: Repository

    @property
    def principal(self) -> Principal:
        """Return who asks."""
        return self.store.principal


@dataclass(frozen=True, slots=True)
class Office:
    """Give each principal services of their own."""

    doers: Doers
    repository: Callable[[Principal], Repository]
    authority: Callable[[], Accounts]
    """Makes who knows the accounts; called by what lets people in, no other command loads what it needs."""

    def services(self, principal: Principal) -> Services:
        """Return the services of one principal."""
        given = {name: getattr(self.doers, name) for name in Doers.__dataclass_fields__}
        return Services(**given, store=self.repository(principal))
