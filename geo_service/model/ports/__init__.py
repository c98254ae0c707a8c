"""What the workflows need done, as Protocols; `app` alone knows who does it."""

from geo_service.model.ports.declaring import Registry
from geo_service.model.ports.files import (
    BasemapFiles,
    BoundaryFiles,
    FoundFiles,
    HarmFiles,
    IncidentFile,
    IncidentFiles,
    NumberFiles,
    PostcodeFiles,
)
from geo_service.model.ports.people import AccountRows, Accounts, Authority, Credentials, Redirects
from geo_service.model.ports.progress import Progress
from geo_service.model.ports.publishing import Inbox, PublicReleases, ReleaseShelf, Reports
from geo_service.model.ports.storing import Items, Repository, Saved, Snapshot, Staging, TileFile
from geo_service.model.ports.writing import ChartWriter, Format, MapWriter, SheetPrinter, TileWriter

__all__ = [
    "AccountRows",
    "Accounts",
    "Authority",
    "BasemapFiles",
    "BoundaryFiles",
    "ChartWriter",
    "Credentials",
    "Format",
    "FoundFiles",
    "HarmFiles",
    "Inbox",
    "IncidentFile",
    "IncidentFiles",
    "Items",
    "MapWriter",
    "NumberFiles",
    "PostcodeFiles",
    "Progress",
    "PublicReleases",
    "Redirects",
    "Registry",
    "ReleaseShelf",
    "Reports",
    "Repository",
    "Saved",
    "SheetPrinter",
    "Snapshot",
    "Staging",
    "TileFile",
    "TileWriter",
]
