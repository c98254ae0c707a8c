"""What a release says of itself, and the proof that its files are what it says."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from geo_service.errors import DamagedFileError
from geo_service.model.release import MARKING
from geo_service.releases.tables import said_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geo_service.model.release import NewRelease

NAME: Final = "manifest.json"
PROOF: Final = "manifest.sha256"
_FORMAT: Final = 1
_DO: Final = "Publish again with `geo-service safe-places publish`, or switch to another with `safe-places use`"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Hold what a release says of itself."""

    number: int
    made: dt.datetime
    area: str
    show_unverified: bool
    data_version: int
    rows: int
    """Places in it."""
    tables: Mapping[str, Mapping[str, Any]]
    """By file, what is known of a table of features besides its rows."""
    licences: tuple[str, ...]
    files: Mapping[str, str]
    """SHA-256 by name."""
    sha256: str
    """Of the manifest itself."""


def written(new: NewRelease, files: Mapping[str, str]) -> bytes:
    """Return the manifest of a new release; the same release gives the same bytes.

    files: SHA-256 by name.
    """
    release = new.release
    tables = {"places.parquet": said_of(release.places)}
    if release.outline is not None:
        tables["outline.parquet"] = said_of(release.outline)
    made = release.made
    said = {
        "format": _FORMAT,
        "number": release.number,
        "made": None if made is None else made.isoformat(),
        "marking": MARKING,
        "area": release.area,
        "show_unverified": release.show_unverified,
        "data_version": new.data_version,
        "rows": release.places.rows.height,
        "tables": tables,
        "licences": list(release.licences),
        "files": dict(sorted(files.items())),
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def read(folder: Path, sha256: str = "") -> Manifest:
    """Read and prove the manifest of a release; the files are proved by `proved`.

    sha256: what it must be; by default what is written beside it. Raises DamagedFileError that names the release.
    """
    try:
        content = (folder / NAME).read_bytes()
        wanted = sha256 or (folder / PROOF).read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise damaged(folder, NAME, getattr(error, "strerror", None) or error) from error
    found = sha256_of(content)
    if found != wanted:
        raise damaged(folder, NAME, "its bytes are not those that were published")
    try:
        said = json.loads(content)
        if said["format"] != _FORMAT:
            raise damaged(folder, NAME, f"it is of format {said['format']}, which this version does not know")
        return Manifest(
            number=said["number"],
            made=dt.datetime.fromisoformat(said["made"]),
            area=said["area"],
            show_unverified=said["show_unverified"],
            data_version=said["data_version"],
            rows=said["rows"],
            tables=said["tables"],
            licences=tuple(said["licences"]),
            files=said["files"],
            sha256=found,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(folder, NAME, "it cannot be read") from error


def proved(folder: Path, manifest: Manifest) -> None:
    """Hash every file of a release; raise DamagedFileError naming the first that is not what it was."""
    for name, sha256 in manifest.files.items():
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts:
            raise damaged(folder, name, "it lies outside the release")
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise damaged(folder, name, error.strerror) from error
        if found != sha256:
            raise damaged(folder, name, "its bytes are not those that were published")


def damaged(folder: Path, name: str, found: object) -> DamagedFileError:
    """Return the error that names a damaged file of a release."""
    return DamagedFileError(f"Public release {folder.name} is damaged: {name}", found=found, do=_DO, field=name)


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()
