"""Read the TOML that says what a force calls the columns of its export."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from geo_service.errors import InputError
from geo_service.model.incidents import MARKERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FIELDS: Final = (
    "crime_number",
    "offence_code",
    "offence",
    "recorded",
    "committed_from",
    "committed_to",
    "easting",
    "northing",
    "place",
)
"""What a column can be mapped to, beside the markers."""
EITHER: Final = (("offence", "offence_code"), ("committed_from", "recorded"))
"""Of each of these at least one is needed."""
NEEDED: Final = ("crime_number", "easting", "northing")
BUILT_IN_ALIASES: Final = {
    "crime_number": ("crime number", "crime no", "crime ref", "crime reference"),
    "offence_code": ("offence code", "home office code", "home office offence code", "ho code"),
    "offence": ("offence", "offence description", "description", "home office offence description"),
    "recorded": ("recorded", "recorded date", "date recorded"),
    "committed_from": ("committed from", "committed from date", "date committed from"),
    "committed_to": ("committed to", "committed to date", "date committed to"),
    "easting": ("easting", "eastings", "east m"),
    "northing": ("northing", "northings", "north m"),
    "place": ("place", "location", "street"),
}
"""Names that are understood without a mapping; case, `_`, `-` and doubled blanks do not matter."""
_TABLES: Final = {"force", "delimiter", "columns", "markers", "formats", "words"}
_DELIMITERS: Final = (",", ";", "\t", "|")
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG: Final = 60
_DATE_PART, _TIME_PART = re.compile("%[dmYyjbBFDe]"), re.compile("%[HIMSpTR]")
_HOW: Final = "See data/mappings/demonstration.toml, which explains the format line by line"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Say which of a force's columns are read, and how its dates and yes/no words are written."""

    columns: Mapping[str, tuple[str, ...]]
    """Field -> the export's columns; several are joined with a blank."""
    markers: Mapping[str, str] = field(default_factory=dict)
    """Marker -> the export's column."""
    force: str = ""
    delimiter: str = ","
    date_formats: tuple[str, ...] = ("%Y-%m-%d", "%d/%m/%Y")
    """How a day alone is written, as `strftime` says it; the first that fits is taken."""
    time_formats: tuple[str, ...] = (
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%d/%m/%Y %H:%M",
        "%d/%m/%Y %H:%M:%S",
    )
    """How a day with a time is written."""
    true_words: tuple[str, ...] = ("y", "yes", "true", "1", "t")
    false_words: tuple[str, ...] = ("n", "no", "false", "0", "f")

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Return every column of the export that is read, each once."""
        named = [name for names in self.columns.values() for name in names]
        return tuple(dict.fromkeys([*named, *self.markers.values()]))


def built_in(header: tuple[str, ...]) -> tuple[ColumnMapping, tuple[str, ...]]:
    """Return the mapping that a header's names suggest, and what it lacks to be used."""
    plain = {_plain(name): name for name in reversed(header)}
    columns = {
        field_name: (plain[alias],)
        for field_name, aliases in BUILT_IN_ALIASES.items()
        for alias in [next((alias for alias in aliases if alias in plain), "")]
        if alias
    }
    markers = {marker: plain[_plain(marker)] for marker in MARKERS if _plain(marker) in plain}
    return ColumnMapping(columns, markers), _lacks(columns)


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping; raise InputError that names the key where anything is missing, unknown or of the wrong kind."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise InputError(f"The mapping {path.name} cannot be read", found=problem.strerror, do=_HOW) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InputError(f"The mapping {path.name} is not TOML", found=problem, do=_HOW) from problem
    return _Mapping(path.name, content).read()


@dataclass(frozen=True, slots=True)
class _Mapping:
    name: str
    content: Mapping[str, object]

    def read(self) -> ColumnMapping:
        self._known("", self.content, _TABLES)
        columns = {key: self._texts("columns", key, value) for key, value in self._table("columns", FIELDS).items()}
        markers = {key: self._text("markers", key, value) for key, value in self._table("markers", MARKERS).items()}
        if lacking := _lacks(columns):
            raise self._wrong(f"does not map {', '.join(lacking)}", "columns", ", ".join(columns) or "nothing")
        force, delimiter = (self._text("", key, self.content.get(key, "")) for key in ("force", "delimiter"))
        if delimiter and delimiter not in _DELIMITERS:
            raise self._wrong("needs a comma, semicolon, tab or | as delimiter", "delimiter", delimiter)
        said: dict[str, tuple[str, ...]] = {}
        for table, keys in (("formats", {"date", "time"}), ("words", {"true", "false"})):
            for key, value in self._table(table, keys).items():
                said[key] = self._texts(table, key, value)
        self._check_formats(said)
        default = ColumnMapping(columns)
        return ColumnMapping(
            columns=columns,
            markers=markers,
            force=check_force(force, f"The mapping {self.name}") if force else "",
            delimiter=delimiter or default.delimiter,
            date_formats=said.get("date", default.date_formats),
            time_formats=said.get("time", default.time_formats),
            true_words=tuple(word.casefold() for word in said.get("true", default.true_words)),
            false_words=tuple(word.casefold() for word in said.get("false", default.false_words)),
        )

    def _check_formats(self, said: Mapping[str, tuple[str, ...]]) -> None:
        for form in (*said.get("date", ()), *said.get("time", ())):
            if not _DATE_PART.search(form):
                raise self._wrong("has a date format without a day", "formats", form)
        for form in said.get("date", ()):
            if _TIME_PART.search(form):
                raise self._wrong("has a time in formats.date; it belongs to formats.time", "formats.date", form)
        for form in said.get("time", ()):
            if not _TIME_PART.search(form):
                raise self._wrong("has no time in formats.time; it belongs to formats.date", "formats.time", form)
        both = {word.casefold() for word in said.get("true", ())} & {word.casefold() for word in said.get("false", ())}
        if both:
            raise self._wrong("uses a word for true and for false", "words", ", ".join(sorted(both)))

    def _table(self, key: str, allowed: tuple[str, ...] | set[str]) -> Mapping[str, object]:
        value = self.content.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(f"needs [{key}] to be a table", key, value)
        self._known(key, value, allowed)
        return value

    def _known(self, table: str, value: Mapping[str, object], allowed: tuple[str, ...] | set[str]) -> None:
        unknown = [key for key in value if key not in allowed]
        if unknown:
            allowed_said = ", ".join(sorted(allowed))
            raise self._wrong(f"has an unknown key; known are {allowed_said}", table or "mapping", ", ".join(unknown))

    def _text(self, table: str, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self._wrong("needs text in quotes", f"{table}.{key}".strip("."), value)
        return value if key == "delimiter" else value.strip()

    def _texts(self, table: str, key: str, value: object) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        texts = tuple(self._text(table, key, one) for one in values)
        if not texts or not all(texts):
            raise self._wrong("needs a name in quotes, or a list of names", f"{table}.{key}", value)
        return texts

    def _wrong(self, what: str, key: str, found: object) -> InputError:
        return InputError(f"The mapping {self.name} {what}", found=found, do=_HOW, field=key)


def check_force(slug: str, who: str) -> str:
    """Return a force's slug; raise InputError where it is none."""
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST_SLUG:
        raise InputError(
            f"{who} does not name a force by a short name",
            found=slug,
            do="Write it in small letters, digits and hyphens, for example west-mercia",
            field="force",
        )
    return slug


def _lacks(columns: Mapping[str, object]) -> tuple[str, ...]:
    lacking = [name for name in NEEDED if name not in columns]
    return (*lacking, *(" or ".join(pair) for pair in EITHER if not any(name in columns for name in pair)))


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[_\-]+", " ", name).casefold().split())
