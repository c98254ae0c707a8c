"""Public releases as folders: written once, numbered, proved whenever they are opened, never changed.

It knows no store: the public site is fed from here alone.
"""

from geo_service.releases.folder import FOLDER, ReleaseFolder
from geo_service.releases.inbox import FOLDER as INBOX
from geo_service.releases.inbox import InboxFolder
from geo_service.releases.waiting import WaitingReports
from geo_service.releases.watching import WatchedReleases

__all__ = ["FOLDER", "INBOX", "InboxFolder", "ReleaseFolder", "WaitingReports", "WatchedReleases"]
