"""The composition root: settings in, services and sites out. Only this module knows who does what.

Doers are loaded where they are wired: the process of the public site loads no store, no reader, no statistics.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.model.access import OPERATOR, Principal
from geo_service.releases import FOLDER, INBOX, InboxFolder, ReleaseFolder, WaitingReports, WatchedReleases
from geo_service.settings import actor, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from geo_service.settings import Settings
    from geo_service.workflows.services import Office, Services


def now() -> dt.datetime:
    """Return the time with its zone."""
    return dt.datetime.now(dt.UTC)


def holds_data(settings: Settings) -> bool:
    """Tell whether anything was ever imported into the data directory; nothing is touched."""
    from geo_service.store import disk_store

    return bool(settings.database_url) or disk_store.holds_data(settings.data_dir)


def wire(settings: Settings) -> Office:
    """Give each port its doer."""
    from geo_service import accounts, charting, formats, ingest, languages, printing, registry, store
    from geo_service.formats.html_map import HtmlMap
    from geo_service.formats.tiles import VectorTiles
    from geo_service.workflows.services import Doers, Office

    opened = store.open_store(settings.data_dir, now, settings.database_url, settings.syslog)
    known = registry.open_registry(settings.share_dir, demonstration=settings.demonstration, own=settings.data_dir)
    shelf = store.ScopeShelf(known.boundaries())
    doers = Doers(
        registry=known,
        incident_files=ingest.IncidentFinder(settings.share_dir / "data" / "mappings"),
        boundary_files=ingest.OgrBoundaries(),
        postcode_files=ingest.CodePointOpen(),
        basemap_files=ingest.MapFiles(),
        number_files=ingest.Numbers(),
        harm_files=ingest.HarmFiles(settings.share_dir / "data" / "mappings" / "harm"),
        formats=formats.formats(),
        map_writer=HtmlMap(settings.assets_dir / "leaflet"),
        tile_writer=VectorTiles(),
        printer=printing.TypstPrinter(settings.assets_dir / "fonts"),
        charts=charting.MatplotlibCharts(settings.assets_dir / "fonts"),
        releases=ReleaseFolder(settings.data_dir / FOLDER),
        reports=WaitingReports((settings.data_dir / FOLDER).parent / INBOX),
        languages=languages.written_languages,
        clock=now,
        demonstration=settings.demonstration,
        public_site=settings.public_site,
        close=opened.close,
    )
    return Office(
        doers,
        lambda principal: store.StoreRepository(opened, principal, now, shelf),
        lambda: accounts.open_authority(opened.people(), now),
    )


def public_site(settings: Settings, releases: Path | None = None) -> FastAPI:
    """Make the public site from a folder of releases, by default that of the data directory; it is given no store.

    Raises NotFoundError where nothing was published, DamagedFileError where no release is sound.
    """
    from geo_service.web.public import create_public

    folder = settings.data_dir / FOLDER if releases is None else releases
    inbox = InboxFolder(folder.absolute().parent / INBOX)
    return create_public(WatchedReleases(folder), clock=now, assets=settings.assets_dir, inbox=inbox)


def staff_site(  # noqa: PLR0913 - each says who comes in, and from where
    settings: Settings,
    office: Office,
    *,
    allowed_hosts: Sequence[str],
    token: str = "",
    api_token: str = "",
    address: str = "",
    proxied: bool = False,
) -> FastAPI:
    """Make the staff site with the API under `/api` (see `create_staff`)."""
    from geo_service import accounts
    from geo_service.api import create_api
    from geo_service.web.door import BACK
    from geo_service.web.gate import API_PATH
    from geo_service.web.staff import create_staff

    redirects = (
        accounts.open_redirects(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            redirect_uri=f"{address}{BACK}",
            groups=settings.data_dir / settings.oidc_roles,
            clock=now,
        )
        if settings.oidc_issuer
        else None
    )
    site = create_staff(
        office,
        token=token,
        api_token=api_token,
        allowed_hosts=allowed_hosts,
        assets=settings.assets_dir,
        address=address,
        redirects=redirects,
        proxied=proxied,
    )
    site.mount(API_PATH, create_api(office))
    return site


def open_area(data_dir: str | Path, principal: Principal | None = None) -> Services:
    """Open a data directory for Python and notebooks, as whoever runs them unless somebody else is given."""
    return wire(read_settings(Path(data_dir))).services(principal or Principal(actor(), OPERATOR))
