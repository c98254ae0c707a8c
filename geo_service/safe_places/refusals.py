"""Texts that no directory may hold: addresses that must stay secret, homes, and what is no plain text."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from geo_service.safe_places.problems import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECRET: Final = re.compile(
    r"\b(refuges?|wom[ae]n[\u2019']?s[\u2019']? aid|safe ?house|domestic (?:abuse|violence)|"
    r"shelter(?:ed)? (?:address|accommodation|housing)|(?:wom[ae]n[\u2019']?s|night) shelter|"
    r"(?:secret|confidential|undisclosed|withheld) (?:address|location)|"
    r"address (?:is )?(?:secret|confidential|withheld))\b",
    re.IGNORECASE,
)
_HOME: Final = re.compile(
    r"^(?:flat|apartment|apt\.?|bedsit|studio flat)\s*\w{1,5}\b|\bc/o\b|\b(?:home of|my (?:house|home)|"
    r"private (?:house|home|address|residence))\b",
    re.IGNORECASE,
)
_PERSON: Final = re.compile(r"^(?:mr|mrs|miss|ms|mx)\.?\s+\w", re.IGNORECASE)
_HOUSE_NAME: Final = re.compile(
    r"^\d+[a-z]?,?\s+[\w' ]+\b(?:street|st|road|rd|lane|ln|avenue|ave|close|drive|way|crescent|terrace|gardens|grove)$",
    re.IGNORECASE,
)
_HOMES: Final = frozenset({"house", "home", "private", "private house", "private home", "residential", "flat"})
_TAG: Final = re.compile(r"<\s*[a-zA-Z/!?]")
_ENTITY: Final = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,6});")
_SECOND: Final = "".join(bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xC0))
_MOJIBAKE: Final = re.compile(
    f"[\\u00c3\\u00c2][{re.escape(_SECOND)}\\u0080-\\u009f]|\\u00e2\\u20ac|\\u00ef\\u00bf\\u00bd|\\ufffd"
)
"""UTF-8 that was read as Windows-1252, and what no letter could be found for."""
_FORMULA: Final = re.compile(r"[=@]|[+-]\s*[A-Za-z(]")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


def secret_or_home(texts: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Return (field, what is wrong, found) for a refuge or a private address, None for neither.

    texts: name, category, address, web, for_whom and so on as written.
    """
    for field, text in texts.items():
        found = _SECRET.search(text)
        if found:
            return field, "This looks like a refuge or another address that must stay secret", text
    for field in ("address", "name"):
        if _HOME.search(texts.get(field, "")):
            return field, "This looks like somebody's home", texts[field]
    name, category = texts.get("name", ""), texts.get("category", "").strip().casefold()
    if _PERSON.search(name):
        return "name", "This looks like a person, not a place", name
    if category in _HOMES:
        return "category", "This looks like somebody's home", texts["category"]
    if _HOUSE_NAME.search(name.strip()):
        return "name", "This looks like a house without a business", name
    return None


def not_plain(row: int, field: str, text: str) -> Iterator[Problem]:
    """Say what makes a text none that people wrote: HTML, unseen signs, a formula, a wrong encoding."""
    if _TAG.search(text):
        yield Problem(row, field, Level.REFUSED, "There is HTML in the text", text, "Write plain words")
    elif _ENTITY.search(text):
        yield Problem(row, field, Level.MEND, "There is code of a web page in the text", text, "Write the sign itself")
    if any(unicodedata.category(sign) in _UNSEEN and sign not in "\n\r\t" for sign in text):
        shown = "".join(sign if sign.isprintable() else "·" for sign in text)
        yield Problem(row, field, Level.REFUSED, "There are signs in the text that nobody sees", shown, "Type it again")
    elif _MOJIBAKE.search(text):
        do = "Save the file again as CSV UTF-8"
        mended = _mended(text)
        yield Problem(
            row, field, Level.MEND, "Letters were garbled when the file was saved", text,
            f"Did you mean {mended}? {do}" if mended else do,
        )  # fmt: skip
    if _FORMULA.match(text):
        yield Problem(row, field, Level.REFUSED, "This is a formula of a spreadsheet", text, "Write the words")


def _mended(text: str) -> str:
    """Return what a text was before it was read in the wrong code page; empty where that is not known."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""
