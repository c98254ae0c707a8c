"""What is given to the public, and what the public says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from geo_service.model.place_reports import PlaceReport
    from geo_service.model.release import NewRelease, OldRelease, PublicCopy, PublicRelease, ReleaseLine
    from geo_service.model.safe_places import WrongReport


class PublicReleases(Protocol):
    """Know which release the public site shows."""

    def current(self) -> PublicRelease:
        """Return it; asked for each request, so that a switch shows at once.

        A request asks once and goes by the answer to its end. Raises NotFoundError where there never was one.
        """


class Inbox(Protocol):
    """Take what people say is wrong with a place; the public site writes nothing else."""

    def put(self, report: PlaceReport, sender: str) -> bool:
        """Keep a report; return False where too many came, or where it could not be kept.

        sender: network address, empty where it is not known; it may be counted, and is not kept.
        """


class Reports(Protocol):
    """Hold what people said is wrong with a place until the coordinator's side has taken it in."""

    def waiting(self) -> Sequence[WrongReport]:
        """List the reports that wait, oldest day first; what cannot be read as one is left out."""

    def discard(self, keys: Collection[str]) -> None:
        """Remove reports that were taken in."""


class ReleaseShelf(PublicReleases, Protocol):
    """Keep public releases, which never change, and say which of them is shown."""

    def pictures(self, places: Collection[str]) -> Mapping[str, bytes]:
        """Return the pictures of some places, by file name (the id of the place, and an ending); raise InputError."""

    def number(self) -> int | None:
        """Return the number of the release that is shown, None where none is, or where that cannot be read."""

    def numbers(self) -> Sequence[int]:
        """List the numbers of the releases, oldest first."""

    def shows(self, new: NewRelease) -> bool:
        """Tell whether the release that is shown holds the same as a new one, but for its number and moment."""

    def keep(self, new: NewRelease, made: dt.datetime) -> PublicRelease:
        """Write a new release, read it back and return it; it is shown only after `use`."""

    def read(self, number: int) -> PublicRelease:
        """Prove and read a release; raise NotFoundError, DamagedFileError naming what is wrong with it."""

    def use(self, number: int) -> None:
        """Show a release from now on; raise NotFoundError for an unknown one, DamagedFileError for one not sound."""

    def lines(self) -> Sequence[ReleaseLine]:
        """List the releases and what is wrong with them, oldest first."""

    def old(self, keep: int) -> Sequence[OldRelease]:
        """List the releases that may go where `keep` of the newest stay, oldest first; raise DamagedFileError.

        The one that is shown stays too, and the one before it.
        """

    def remove(self, number: int) -> bool:
        """Take a release away whole, False where a site serves it; raise ConflictError for the one that is shown."""

    def problems(self) -> Sequence[str]:
        """Return what is wrong with the releases, in words; empty when all is well."""

    def copy_to(self, data_dir: Path) -> PublicCopy:
        """Copy the release that is shown and what lies beside the releases, to where they lie in a data directory."""
