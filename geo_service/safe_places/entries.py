"""Read what was written of one place, field by field, and say what is wrong with each."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from opening_hours import validate

from geo_service.model.safe_places import FIELDS, PlaceField, Value
from geo_service.safe_places.problems import Level, Problem
from geo_service.safe_places.refusals import not_plain, secret_or_home
from geo_service.safe_places.slips import is_broken, is_date, is_nothing, is_total, meant_hours

if TYPE_CHECKING:
    from collections.abc import Mapping

Read: TypeAlias = tuple[Value, list[Problem]]

POSTCODE: Final = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_YES, _NO = frozenset({"yes", "y", "true", "t", "1"}), frozenset({"no", "n", "false", "f", "0"})
_SLASHED: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{2}|\d{4})(?: .*)?")
_SERIAL: Final = re.compile(r"[34]\d{4}(?:\.\d+)?")
"""Days since 1899 as a spreadsheet counts them: 1982 to 2036."""
_EXCEL_EPOCH: Final = dt.date(1899, 12, 30)
_FIRST_YEAR: Final = 2000
_LAST_REVIEW_DAYS: Final = 3 * 366
_WEB: Final = re.compile(r"https?://[^\s/@:]+\.[^\s.]+\S*", re.IGNORECASE)
_FIVE_SHORT: Final = re.compile(r"1\d{2}")
_UNITED_KINGDOM: Final = (-9.0, 49.0, 2.5, 61.5)
_SWAPPED_DIGITS: Final = str.maketrans("OIL", "011")
_SWAPPED_LETTERS: Final = str.maketrans("015", "OIS")
_HOURS_HOW: Final = "Write them as in Mo-Fr 09:00-17:00; Sa 10:00-16:00; PH off"
_NEVER: Final = frozenset({"closed", "off"})
_MOST_NUMBER_DIGITS: Final = 11
_DOUBTFUL_HOURS: Final = re.compile(r"\b(?:SH|sunrise|sunset|dawn|dusk)\b|\d\+|\|\||\"")


def read_entry(row: int, cells: Mapping[str, str], today: dt.date) -> tuple[dict[str, Value], list[Problem]]:
    """Read the texts of one place; return its values and what is wrong with them.

    cells: text by field, what is empty left out. A text that is no value of its field stays where it can be mended in
    place, and is left out where the field holds dates, numbers or yes and no.
    """
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    secret = secret_or_home(cells)
    if secret is not None:
        do = "No refuge and no private address is ever listed. Delete the row"
        problems.append(Problem(row, secret[0], Level.REFUSED, secret[1], secret[2], do))
    for field in FIELDS:
        text = cells.get(field.name, "")
        if not text:
            continue
        slip = _slip(row, field.name, text)
        if slip is not None:
            problems.append(slip)
            continue
        problems += not_plain(row, field.name, text)
        if len(text) > field.longest:
            what = f"The text is longer than {field.longest} characters"
            problems.append(Problem(row, field.name, Level.REFUSED, what, f"{len(text)} characters", "Shorten it"))
        value, wrong = _read(row, field, text, today)
        problems += wrong
        if value is not None:
            values[field.name] = value
    if set(values) == {"name"} and is_total(str(values["name"])):
        what, do = "This is a line below the table, not a place", "Delete the row"
        problems.append(Problem(row, "name", Level.REFUSED, what, str(values["name"]), do))
    if "name" not in values:
        problems.append(
            Problem(row, "name", Level.REFUSED, "The name is missing", do="Write what stands over the door")
        )
    return values, problems


def _slip(row: int, field: str, text: str) -> Problem | None:
    """Return what is said of a text that stands for no value; it is left out."""
    if is_broken(text):
        do = "Write what belongs there, or leave it empty"
        return Problem(row, field, Level.MEND, "A spreadsheet shows this where a formula failed", text, do)
    if field not in {"name", "note"} and is_nothing(text):
        return Problem(row, field, Level.LOOK, "This says that it is not known, and is left empty", text)
    return None


def good_id(text: str) -> bool:
    """Tell whether a text can be the id of a place."""
    return _ID.fullmatch(text) is not None


def _read(row: int, field: PlaceField, text: str, today: dt.date) -> Read:
    if field.kind == "date":
        return _date(row, field.name, text, today)
    of_kind = {"yes_no": _yes_no, "number": _number, "hours": _hours}.get(field.kind)
    if of_kind is not None:
        return of_kind(row, field.name, text)
    special = {"postcode": _postcode, "phone": _phone, "web": _web}.get(field.name)
    if special is not None:
        return special(row, text)
    squeezed = " ".join(text.split())
    found = POSTCODE.search(squeezed) if field.name == "address" else None
    if found:
        do = "Move it into the column postcode"
        return squeezed, [Problem(row, "address", Level.MEND, "The postcode stands in the address", found[0], do)]
    return squeezed, []


def _yes_no(row: int, field: str, text: str) -> Read:
    word = text.strip().casefold()
    if word in _YES | _NO:
        return word in _YES, []
    return None, [Problem(row, field, Level.MEND, "This is neither yes nor no", text, "Write yes, no or nothing")]


def _date(row: int, field: str, text: str, today: dt.date) -> Read:
    try:
        day = dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        day = None
    if day is None:
        return None, [Problem(row, field, Level.MEND, *_no_date(text))]
    wrong = _odd_day(field, day, today)
    if wrong is None:
        return day.isoformat(), []
    level, what, do = wrong
    return (day.isoformat() if level is Level.LOOK else None), [Problem(row, field, level, what, text, do)]


def _no_date(text: str) -> tuple[str, str, str]:
    how = "Write the year first, as 2025-06-30"
    slashed = _SLASHED.fullmatch(text)
    if slashed:
        one, two, year = (int(part) for part in slashed.groups())
        days = [day for day in (_day(year, two, one), _day(year, one, two)) if day is not None]
        meant = " or ".join(dict.fromkeys(f"{day.isoformat()} ({day.day} {day:%B %Y})" for day in days))
        return (
            "A spreadsheet wrote this date, and it can be read in two ways" if meant.count("(") > 1
            else "The date is not written with the year first",
            text, f"Write {meant}" if meant else how,
        )  # fmt: skip
    if _SERIAL.fullmatch(text):
        day = _EXCEL_EPOCH + dt.timedelta(days=int(float(text)))
        return "This is how a spreadsheet counts days", text, f"Did you mean {day.isoformat()}?"
    return "This is not a day", text, how


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year if year >= 100 else 2000 + year, month, day)  # noqa: PLR2004 - two figures
    except ValueError:
        return None


def _odd_day(field: str, day: dt.date, today: dt.date) -> tuple[Level, str, str] | None:
    if day.year < _FIRST_YEAR:
        return Level.MEND, "The day is too long ago", "Check the year"
    if field == "last_verified" and day > today:
        return Level.MEND, "The day is in the future", "Write the day on which somebody asked the place"
    if field == "next_review" and day < today:
        return Level.LOOK, "The review is overdue", "Ask the place, and verify it"
    if field == "next_review" and (day - today).days > _LAST_REVIEW_DAYS:
        return Level.MEND, "The review is more than three years ahead", "Review each place once a year"
    return None


def _number(row: int, field: str, text: str) -> Read:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        do = "Write degrees with a point, for example -1.94567"
        return None, [Problem(row, field, Level.MEND, "This is not a number", text, do)]
    west, south, east, north = _UNITED_KINGDOM
    low, high = (west, east) if field == "lon" else (south, north)
    if low <= value <= high and value != 0.0:
        return value, []
    other = (south, north) if field == "lon" else (west, east)
    what, do = "This is not in the United Kingdom", "Write degrees, or leave both empty: the postcode gives them"
    if other[0] <= value <= other[1] and value != 0.0:
        what, do = "Longitude and latitude may be swapped", "Longitude is near -2 here, latitude near 52: swap the two"
    elif abs(value) > 360:  # noqa: PLR2004 - degrees of a circle
        what, do = "This looks like metres of the National Grid", "Write degrees of longitude and latitude"
    return None, [Problem(row, field, Level.MEND, what, text, do)]


def _hours(row: int, field: str, text: str) -> Read:
    squeezed = " ".join(text.split())
    if not validate(squeezed):
        meant = meant_hours(squeezed)
        do = f"Did you mean {meant}?" if meant else _HOURS_HOW
        made = ", a spreadsheet made a date of them" if is_date(squeezed) else ""
        return squeezed, [Problem(row, field, Level.MEND, f"The opening hours cannot be read{made}", text, do)]
    if squeezed.casefold() in _NEVER:
        what, do = "With these hours it is never open", "Leave them empty where they are not known"
        return squeezed, [Problem(row, field, Level.LOOK, what, text, do)]
    if _DOUBTFUL_HOURS.search(squeezed):
        what = "These hours hang on school holidays, the sun or a remark, and would count as not known"
        return squeezed, [Problem(row, field, Level.LOOK, what, text, _HOURS_HOW)]
    return squeezed, []


def _postcode(row: int, text: str) -> Read:
    squeezed = "".join(text.upper().split())
    found = POSTCODE.fullmatch(squeezed)
    if found:
        return f"{found[1]} {found[2]}", []
    guess = POSTCODE.fullmatch(_untangled(squeezed))
    do = f"Did you mean {guess[1]} {guess[2]}?" if guess else "Write it as in B97 4RA"
    return text.strip(), [Problem(row, "postcode", Level.MEND, "This is not a postcode", text, do)]


def _untangled(squeezed: str) -> str:
    """Return a postcode with O and 0, I and 1 where its figures and letters stand."""
    inward = squeezed[-3:]
    return (
        squeezed[:-3][:1].translate(_SWAPPED_LETTERS)
        + squeezed[:-3][1:].translate(_SWAPPED_DIGITS)
        + inward[:1].translate(_SWAPPED_DIGITS)
        + inward[1:].translate(_SWAPPED_LETTERS)
    )


def _phone(row: int, text: str) -> Read:
    digits = re.sub(r"[\s().\-\u2010-\u2015]", "", text)
    national = re.sub(r"^(?:\+44|0044)0?", "0", digits)
    if re.fullmatch(r"0[1-9]\d{8,9}", national) or re.fullmatch(r"116\d{3}", national):
        return " ".join(text.split()), []
    what, do = "This is not a telephone number", "Write one number, for example 01632 960001"
    if re.fullmatch(r"[1-9]\d{8,9}", national):
        what, do = "The 0 at the beginning is missing: spreadsheets take it away", f"Did you mean 0{national}?"
    elif re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", text.strip()):
        what, do = "A spreadsheet shortened the number", "Type it again, in a column that is set to text"
    elif _FIVE_SHORT.fullmatch(national) or national == "999":
        what, do = "This is not the number of the place", "Leave it empty: every page gives 999 and 101"
    elif len(re.sub(r"\D", "", text)) > _MOST_NUMBER_DIGITS + 2:
        do = "Write one number only"
    return " ".join(text.split()), [Problem(row, "phone", Level.MEND, what, text, do)]


def _web(row: int, text: str) -> Read:
    address = f"https://{text}" if text.casefold().startswith("www.") else text
    if _WEB.fullmatch(address):
        return address, []
    return text, [Problem(row, "web", Level.MEND, "This is not the address of a web page", text, "Begin with https://")]
