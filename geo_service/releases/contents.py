"""What a release is made of: its tables, and the files beside them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from geo_service.model.release import Gazetteer, PublicRelease, Ways
from geo_service.releases import manifest as manifests
from geo_service.releases import tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geo_service.model.release import NewRelease
    from geo_service.releases.holding import Hold
    from geo_service.releases.manifest import Manifest
    from geo_service.releases.parts import Parts

_WAYS: Final = "ways.parquet"
_GAZETTEER: Final = ("postcodes", "towns", "streets")


def files_of(new: NewRelease) -> dict[str, bytes | Path]:
    """Return the files of a release by name."""
    release = new.release
    files: dict[str, bytes | Path] = {"places.parquet": tables.dump_features(release.places)}
    files |= {f"{name}.parquet": tables.dump_frame(getattr(release.gazetteer, name)) for name in _GAZETTEER}
    if release.outline is not None:
        files["outline.parquet"] = tables.dump_features(release.outline)
    if release.ways is not None:
        files[_WAYS] = tables.dump_ways(release.ways)
    if release.basemap is not None:
        files["basemap.pmtiles"] = release.basemap
    files |= {f"pictures/{name}": content for name, content in new.pictures.items()}
    files |= {f"open-data/{name}": content for name, content in new.open_data(release.number).items()}
    return files


def hashes_of(files: Mapping[str, bytes | Path]) -> dict[str, str]:
    """Return the SHA-256 of files by name."""
    return {name: _hash(content) for name, content in files.items()}


def _hash(content: bytes | Path) -> str:
    if isinstance(content, bytes):
        return manifests.sha256_of(content)
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_release(folder: Path, manifest: Manifest, parts: Parts, hold: Hold) -> PublicRelease:
    """Read a release that was proved, what it shares with others from `parts`; raise whatever a library raises."""

    def within(below: str) -> dict[str, Path]:
        return {name.removeprefix(below): folder / name for name in manifest.files if name.startswith(below)}

    features = {
        name: tables.load_features((folder / name).read_bytes(), said, manifest.number)
        for name, said in manifest.tables.items()
    }

    def gazetteer() -> Gazetteer:
        return Gazetteer(**{name: tables.load_frame((folder / f"{name}.parquet").read_bytes()) for name in _GAZETTEER})

    def ways() -> Ways:
        return tables.load_ways((folder / _WAYS).read_bytes())

    names = tuple(manifest.files[f"{name}.parquet"] for name in _GAZETTEER)
    basemap = within("basemap.pmtiles")
    return PublicRelease(
        area=manifest.area,
        places=features["places.parquet"],
        show_unverified=manifest.show_unverified,
        outline=features.get("outline.parquet"),
        number=manifest.number,
        made=manifest.made,
        gazetteer=parts.of(names, gazetteer),
        ways=parts.of((manifest.files[_WAYS],), ways) if _WAYS in manifest.files else None,
        basemap=next(iter(basemap.values()), None),
        pictures={name.rpartition(".")[0]: path for name, path in within("pictures/").items()},
        open_data=within("open-data/"),
        licences=manifest.licences,
        hold=hold,
    )
