"""The folder of releases: keep a new one, say which is shown, list them.

    000011/  manifest.json, manifest.sha256, places.parquet, …, open-data/…, pictures/…
    000012/
    current  {"number": 12, "manifest": "<SHA-256 of its manifest>", "places": ["<id>", …]}
    last     12, the highest number that was ever given: none is given twice

`places` says what is listed now, where the release itself can no longer say so. A release is written to a folder of its
own and renamed, and `current` is replaced: whoever reads finds all of one release or all of another, whenever the power
fails.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from geo_service.errors import ConflictError, DamagedFileError, NotFoundError
from geo_service.model.release import OldRelease, ReleaseLine
from geo_service.releases import copies
from geo_service.releases import manifest as manifests
from geo_service.releases.contents import files_of, hashes_of, read_release
from geo_service.releases.files import (
    LAST,
    PICTURES,
    POINTER,
    alone,
    disk_errors,
    remove_folder,
    write_file,
    write_folder,
)
from geo_service.releases.holding import Hold, alone_with
from geo_service.releases.parts import Parts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    from geo_service.model.release import NewRelease, PublicCopy, PublicRelease

FOLDER: Final = Path("public") / "releases"
"""Where the releases lie below a data directory."""
_NUMBER: Final = re.compile(r"[0-9]{6,}")
_NONE: Final = "Nothing has been published yet"
_PUBLISH: Final = "Publish the Safe Places first: `geo-service --data-dir DIR safe-places publish`"


class Pointer(NamedTuple):
    """Say which release is shown."""

    number: int
    sha256: str
    """Of its manifest."""
    places: frozenset[str] = frozenset()
    """Ids of the places that it lists."""

    def written(self) -> bytes:
        """Return the file that says so."""
        said = {"number": self.number, "manifest": self.sha256, "places": sorted(self.places)}
        return json.dumps(said, ensure_ascii=False).encode() + b"\n"


class ReleaseFolder:
    """Keep releases below one folder."""

    def __init__(self, root: Path, kept: int = 0) -> None:
        """Keep them below `root`, which need not be there yet.

        kept: for how many releases what the next one may share with them (gazetteer, streets) stays in memory.
        """
        self.root = root
        self._parts = Parts(kept)

    def pictures(self, places: Collection[str]) -> Mapping[str, bytes]:
        """Return the pictures of some places that were put beside the releases, by file name; raise InputError."""
        # Where there is none, the library that reads pictures is not loaded.
        folder = self.root.parent / PICTURES
        if not folder.is_dir():
            return {}
        from geo_service.releases.pictures import pictures  # noqa: PLC0415

        return pictures(folder, places)

    def path(self, number: int) -> Path:
        """Return the folder of a release."""
        return self.root / f"{number:06d}"

    def numbers(self) -> list[int]:
        """List the releases, oldest first."""
        if not self.root.is_dir():
            return []
        return sorted(int(path.name) for path in self.root.iterdir() if _NUMBER.fullmatch(path.name))

    def shown(self) -> Pointer | None:
        """Return which release is shown, None where none ever was; raise DamagedFileError."""
        path = self.root / POINTER
        try:
            said = json.loads(path.read_bytes())
            return Pointer(int(said["number"]), str(said["manifest"]), frozenset(map(str, said.get("places", ()))))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedFileError(
                "The file that says which public release is shown cannot be read",
                found=f"{POINTER}: {getattr(error, 'strerror', None) or error}",
                do="Write it anew with `geo-service --data-dir DIR safe-places use NUMBER`",
                field=POINTER,
            ) from error

    def number(self) -> int | None:
        """Return the number of the release that is shown, None where none is, or where that cannot be read."""
        try:
            shown = self.shown()
        except DamagedFileError:
            return None
        return None if shown is None else shown.number

    def current(self) -> PublicRelease:
        """Read the release that is shown; raise NotFoundError for none, DamagedFileError where it is not sound."""
        shown = self.shown()
        if shown is None:
            raise NotFoundError(_NONE, do=_PUBLISH)
        return self.read(shown.number, shown.sha256)

    def read(self, number: int, sha256: str = "") -> PublicRelease:
        """Prove and read a release; raise NotFoundError, DamagedFileError naming what is wrong with it."""
        folder = self.path(number)
        try:
            hold = Hold(folder)
        except FileNotFoundError:
            known = ", ".join(map(str, self.numbers()))
            raise NotFoundError(
                "No public release of that number", found=number, do=f"There are: {known or 'none'}", field="number"
            ) from None
        except OSError as error:
            raise manifests.damaged(folder, manifests.NAME, error.strerror) from error
        manifest = manifests.read(folder, sha256)
        if manifest.number != number:
            raise manifests.damaged(folder, manifests.NAME, f"it is the one of release {manifest.number}")
        manifests.proved(folder, manifest)
        try:
            return read_release(folder, manifest, self._parts, hold)
        except Exception as error:  # whatever a file that is what it was says, it must not take the site down
            raise manifests.damaged(folder, manifests.NAME, f"reading it failed: {error}") from error

    def lines(self) -> Sequence[ReleaseLine]:
        """List the releases and what is wrong with them, oldest first; every file of every one is hashed."""
        try:
            shown = self.shown()
        except DamagedFileError:
            shown = None
        return [self._line(number, shown) for number in self.numbers()]

    def _line(self, number: int, shown: Pointer | None) -> ReleaseLine:
        folder, current = self.path(number), shown is not None and shown.number == number
        try:
            manifest = manifests.read(folder, shown.sha256 if shown and current else "")
        except DamagedFileError as problem:
            return ReleaseLine(number, None, 0, 0, show_unverified=False, current=current, damage=problem.message)
        damage = ""
        try:
            manifests.proved(folder, manifest)
        except DamagedFileError as problem:
            damage = problem.message
        return ReleaseLine(
            number,
            manifest.made,
            manifest.rows,
            manifest.data_version,
            show_unverified=manifest.show_unverified,
            current=current,
            damage=damage,
        )

    def shows(self, new: NewRelease) -> bool:
        """Tell whether the release that is shown holds the same as a new one, but for its number and moment."""
        try:
            shown = self.shown()
            known = None if shown is None else manifests.read(self.path(shown.number), shown.sha256)
            if known is None:
                return False
            manifests.proved(self.path(known.number), known)
        except DamagedFileError:
            return False
        same = new.stamped(known.number, known.made, known.data_version)
        return manifests.sha256_of(manifests.written(same, hashes_of(files_of(same)))) == known.sha256

    def keep(self, new: NewRelease, made: dt.datetime) -> PublicRelease:
        """Write a new release, read it back and return it; it is shown only after `use`.

        Raises FaultError for a disk that fails, DamagedFileError where it cannot be read back.
        """
        with disk_errors(self.root), alone(self.root):
            number = self.last() + 1
            write_file(self.root / LAST, b"%d\n" % number)
            numbered = new.stamped(number, made, new.data_version)
            files = files_of(numbered)
            said = manifests.written(numbered, hashes_of(files))
            proof = manifests.sha256_of(said).encode() + b"\n"
            write_folder(self.path(number), {**files, manifests.NAME: said, manifests.PROOF: proof})
        return self.read(number)

    def use(self, number: int) -> None:
        """Show a release from now on; raise NotFoundError for an unknown one, DamagedFileError for one not sound."""
        release = self.read(number)
        sha256 = manifests.read(self.path(number)).sha256
        pointer = Pointer(number, sha256, frozenset(map(str, release.places.rows["id"])))
        with disk_errors(self.root), alone(self.root):
            write_file(self.root / POINTER, pointer.written())

    def last(self) -> int:
        """Return the highest number that was ever given to a release, 0 for none."""
        try:
            said = int((self.root / LAST).read_text("ascii"))
        except (OSError, ValueError):
            said = 0
        return max([said, self.number() or 0, *self.numbers()])

    def old(self, keep: int) -> Sequence[OldRelease]:
        """List the releases that may go, oldest first; raise DamagedFileError where nobody knows which is shown.

        keep: how many of the newest stay. So does the one that is shown, and the one before it, which a site shows
        where the one that is shown is found damaged.
        """
        numbers, shown = self.numbers(), self.shown()
        up_to_shown = [number for number in numbers if shown is not None and number <= shown.number]
        stay = {*numbers[-keep:], *up_to_shown[-2:]}
        found = []
        for number in numbers:
            if number not in stay:
                folder = self.path(number)
                with alone_with(folder) as free:
                    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
                    found.append(OldRelease(number, size, served=not free))
        return found

    def remove(self, number: int) -> bool:
        """Take a release away whole; return False where a site serves it, which leaves it as it is.

        Raises ConflictError for the one that is shown, NotFoundError, DamagedFileError, FaultError.
        """
        with disk_errors(self.root), alone(self.root):
            shown = self.shown()
            if shown is not None and shown.number == number:
                do = "Show another first: `geo-service safe-places use NUMBER`"
                raise ConflictError("The release that is shown cannot be removed", found=number, do=do)
            if number not in self.numbers():
                raise NotFoundError("No public release of that number", found=number, field="number")
            # Its number must not be given again, whatever is left of the others.
            write_file(self.root / LAST, b"%d\n" % self.last())
            with alone_with(self.path(number)) as free:
                if free:
                    remove_folder(self.path(number))
            return free

    def problems(self) -> Sequence[str]:
        """Return what is wrong with the releases, in words; every file of every one is hashed."""
        try:
            shown = self.shown()
        except DamagedFileError as problem:
            return [str(problem)]
        found = [
            line.damage if line.current else f"{line.damage} It is not the one that is shown."
            for line in self.lines()
            if line.damage
        ]
        if shown is not None and shown.number not in self.numbers():
            found.append(f"Release {shown.number} is to be shown on the public site, but it is not there.")
        return found

    def copy_to(self, data_dir: Path) -> PublicCopy:
        """Copy the release that is shown and what lies beside the releases, to where they lie in a data directory."""
        return copies.copy_public(self, ReleaseFolder(data_dir / FOLDER))
