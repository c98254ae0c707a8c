"""Find files of incidents on disk, in folders and in zips, and read each by the reader that takes its header."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, overload

from geo_service.errors import InputError
from geo_service.ingest.containers import DiskFile, Source, ZipMember, is_zip, zip_members
from geo_service.ingest.mapping import check_force, read_mapping
from geo_service.ingest.readers import Options, Table, choose, delimiter_of, readers
from geo_service.ingest.records import Layout, read_records
from geo_service.ingest.text import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from geo_service.ingest.records import RawBatch
    from geo_service.ingest.text import TextFile
    from geo_service.model.incidents import CleanBatch

_OTHER_TABLES: Final = {"-outcomes.csv": "outcomes", "-stop-and-search.csv": "stop and search"}
"""Files that a download of data.police.uk holds beside the incidents."""
_ONE_SLOT_ONE_FILE: Final = "police_uk"
"""The reader whose slots are each published as one file."""


@dataclass(frozen=True, slots=True)
class CsvIncidentFile:
    """Be one CSV of incidents (port `IncidentFile`)."""

    reader: str
    notes: tuple[str, ...]
    """What was done to read it, for example that it is not UTF-8."""
    _source: Source
    _text: TextFile
    _header: tuple[str, ...]
    _options: Options
    _owners: dict[str, str]
    """Slot -> the file that its rows came from, shared by the files of one import."""

    @property
    def name(self) -> str:
        """Return the file's own name."""
        return self._source.name

    @property
    def sha256(self) -> str:
        """Return the hash of the (unpacked) bytes."""
        return self._text.sha256

    @property
    def size_bytes(self) -> int:
        """Return the (unpacked) size."""
        return self._text.size_bytes

    def batches(self, progress: Callable[[int], None] | None = None) -> Iterator[CleanBatch]:
        """Read and clean in batches of about 8 MB; call `progress` with the bytes read so far.

        Raises InputError where the file cannot be read, changed since it was found, or holds the same force and
        month as another file of the same import.
        """
        cleaner = readers()[self.reader].cleaner(Table(self.name, self._header, self._options, self._scan))
        for batch in self._scan(cleaner.wanted, progress):
            cleaned = cleaner.clean(batch)
            if self.reader == _ONE_SLOT_ONE_FILE:
                self._claim(cleaned.accepted["partition"].unique().to_list())
            yield cleaned

    def _scan(self, wanted: Mapping[str, int], progress: Callable[[int], None] | None = None) -> Iterator[RawBatch]:
        delimiter = delimiter_of(readers()[self.reader], self._options)
        layout = Layout(len(self._header), dict(wanted), delimiter)
        return read_records(self._source, self._text, layout, progress)

    def _claim(self, slots: list[str]) -> None:
        for slot in slots:
            owner = self._owners.setdefault(slot, self._source.where)
            if owner != self._source.where:
                force_and_month = " ".join(slot.split("/")[-2:])
                raise InputError(
                    f"Two files hold different rows for {force_and_month}",
                    found=f"{owner} and {self._source.where}",
                    do="Keep the newer of the two and import again",
                )


@dataclass(frozen=True, slots=True)
class FoundFiles(Sequence[CsvIncidentFile]):
    """List the files that were found, with notes on what was skipped."""

    files: tuple[CsvIncidentFile, ...]
    notes: tuple[str, ...] = ()

    @overload
    def __getitem__(self, index: int) -> CsvIncidentFile: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[CsvIncidentFile, ...]: ...

    def __getitem__(self, index: int | slice) -> CsvIncidentFile | tuple[CsvIncidentFile, ...]:
        """Return a file, or some."""
        return self.files[index]

    def __len__(self) -> int:
        """Return how many files there are."""
        return len(self.files)


class IncidentFinder:
    """Find files of incidents (port `IncidentFiles`)."""

    def __init__(self, mappings: Path | None = None) -> None:
        """Take the folder of mappings that are tried where none is given."""
        self._mappings = mappings

    def find(self, paths: Sequence[Path], *, mapping: Path | None = None, force: str = "") -> FoundFiles:
        """List the files below `paths` (files, folders, zips).

        mapping: TOML that names the columns of a force export, or the name of a shipped one. Without, the shipped
        ones are tried, then the names that are understood by themselves. force: slug that rows belong to. Of files
        with the same bytes one is kept. Raises InputError for what is not there, empty, no text, or taken by no
        reader.
        """
        attempts = self._attempts(mapping, check_force(force, "--force") if force else "")
        skipped: Counter[str] = Counter()
        owners: dict[str, str] = {}
        by_hash: dict[str, CsvIncidentFile] = {}
        notes: list[str] = []
        for source in _sources(paths, skipped):
            found = _open(source, attempts, owners)
            if found.sha256 in by_hash:
                first = by_hash[found.sha256].name
                notes.append(f"{source.where} holds the same bytes as {first} and is read once")
                continue
            by_hash[found.sha256] = found
            notes += found.notes
        notes += [f"{number:,} {what} skipped" for what, number in sorted(skipped.items())]
        if not by_hash:
            raise InputError(
                "There is no CSV file of incidents",
                found="; ".join(notes) or f"nothing in {', '.join(path.name for path in paths)}",
                do="Give a CSV, a folder of CSVs, or a zip as downloaded from data.police.uk",
            )
        return FoundFiles(tuple(by_hash.values()), tuple(notes))

    def _attempts(self, mapping: Path | None, force: str) -> list[Options]:
        shipped = sorted(self._mappings.glob("*.toml")) if self._mappings else []
        if mapping is not None:
            by_name = {path.stem: path for path in shipped}
            return [Options(read_mapping(by_name.get(str(mapping), mapping)), force)]
        return [*(Options(read_mapping(path), force) for path in shipped), Options(None, force)]


def _open(source: Source, attempts: Sequence[Options], owners: dict[str, str]) -> CsvIncidentFile:
    text = inspect(source)
    reader, options = choose(source.where, text.header, attempts)
    notes = () if text.encoding == "utf-8" else (f"{source.where} is not UTF-8 and is read as Windows-1252",)
    header = text.header(delimiter_of(reader, options))
    return CsvIncidentFile(reader.NAME, notes, source, text, header, options, owners)


def _sources(paths: Sequence[Path], skipped: Counter[str]) -> Iterator[Source]:
    for path in paths:
        if path.is_dir():
            for below in _walk(path, skipped):
                yield from _of_file(below, skipped)
        elif path.is_file():
            yield from _of_file(path, skipped)
        else:
            raise InputError(f"There is no file or folder {path.name or path}", found=path, do="Check the path")


def _of_file(path: Path, skipped: Counter[str]) -> Iterator[Source]:
    if not is_zip(path):
        if not _is_other_table(path.name, skipped):
            yield DiskFile(path)
        return
    for member in zip_members(path):
        name = member.rsplit("/", 1)[-1]
        if not _is_skipped(member.split("/"), skipped) and not _is_other_table(name, skipped):
            yield ZipMember(path, member)


def _walk(folder: Path, skipped: Counter[str]) -> list[Path]:
    """List the CSVs and zips below a folder in order of path, without following links to folders."""
    found: list[Path] = []
    for base, folders, files in os.walk(folder):
        hidden = {name for name in folders if name.startswith(".")}
        if hidden:
            skipped["hidden folder(s)"] += len(hidden)
        folders[:] = [name for name in folders if name not in hidden]
        for name in files:
            is_visible_zip = name.lower().endswith(".zip") and not name.startswith(".")
            if is_visible_zip or not _is_skipped([name], skipped):
                found.append(Path(base) / name)
    return sorted(found)


def _is_skipped(parts: Sequence[str], skipped: Counter[str]) -> bool:
    if any(part.startswith((".", "__MACOSX")) and part not in {".", ".."} for part in parts):
        skipped["hidden file(s)"] += 1
        return True
    if not parts[-1].lower().endswith(".csv"):
        skipped["file(s) that are not CSV"] += 1
        return True
    return False


def _is_other_table(name: str, skipped: Counter[str]) -> bool:
    for ending, what in _OTHER_TABLES.items():
        if name.lower().endswith(ending):
            skipped[f"file(s) of {what}"] += 1
            return True
    return False
