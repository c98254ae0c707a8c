"""Safe Places as Open Referral UK writes services: HSDS 3, as the answer of `/services` with every service whole.

Schema: https://docs.openreferral.org/en/v3.0/hsds/schema_reference.html
"""

from __future__ import annotations

import re
import uuid
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from babel import Locale

from geo_service.safe_places.nearness import read_directory
from geo_service.safe_places.schedules import weekly_within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo_service.model.layers import FeatureTable

_DECIMALS: Final = 6
_ACCESS: Final = {
    "step_free": "Step-free entrance",
    "toilet": "Toilet",
    "quiet_space": "Quiet space",
    "hearing_loop": "Hearing loop",
}
_LANGUAGES: Final = {
    "bengali": "bn", "british sign language": "bfi", "bsl": "bfi", "farsi": "fa", "irish sign language": "isg",
    "mandarin": "cmn", "sylheti": "syl",
}  # fmt: skip
"""ISO 639-1, else 639-3, of names that Unicode's list does not have."""
_INTERPRETED: Final = re.compile(r"\binterpret|\btranslat", re.IGNORECASE)
_CODE: Final = re.compile(r"[a-z]{2,3}")
_NOTES: Final = "On the clock of London; bank holidays aside, for which see the description."
_NEXT_DAY: Final = "It closes on the day after."
_WHAT: Final = "A place where somebody who feels frightened, bullied or lost can go in and ask for help."


def open_referral(table: FeatureTable, publisher: str, page: Callable[[str], str] = lambda _: "") -> dict[str, Any]:
    """Return the services of a release as one page; the same table gives the same document.

    publisher: who the list is of, the same in every release; ids are made from it and the id of the place, so that they
    stay from release to release. page: returns the address of the page of a place by its id, which is the
    `url` of its service that the UK's profile requires; where that is empty, it is the place's own web page, if any.
    """
    rows = list(table.rows.iter_rows(named=True))
    hours = read_directory(table.rows, table.geometry).hours
    return {
        "total_items": len(rows),
        "total_pages": 1,
        "page_number": 1,
        "size": len(rows),
        "first_page": True,
        "last_page": True,
        "empty": not rows,
        "license": list(table.licences),
        "notes": list(table.notes),
        "contents": [
            _service(
                row,
                page(str(row["id"])),
                (shape.x, shape.y) if shape is not None else None,
                said,
                f"safe-places/{publisher}/{row['id']}",
            )
            for row, shape, said in zip(rows, table.geometry, hours, strict=True)
        ],
    }


def _service(
    row: Mapping[str, Any], page: str, lonlat: tuple[float, float] | None, hours: Sequence[str], base: str
) -> dict[str, Any]:
    name, service_id = _text(row, "name") or _text(row, "id"), _id(base, "service")
    organization_id = _id(base, "organization")
    category = _text(row, "category")
    phone = _text(row, "phone")
    phones = [{"id": _id(base, "phone"), "service_id": service_id, "number": phone, "type": "voice"}] if phone else []
    verified = row.get("last_verified")
    return _filled(
        {
            "id": service_id,
            "organization_id": organization_id,
            "name": f"Safe Place: {name}",
            "description": f"{_WHAT} {_said(row)}".strip(),
            "url": page or _url(row),
            "status": "active",
            "eligibility_description": _text(row, "for_whom"),
            "assured_date": None if verified is None else verified.isoformat(),
            "alert": "Nobody has verified this place yet: check before you go."
            if _text(row, "status") == "unverified"
            else "",
            "organization": _filled(
                {"id": organization_id, "name": name, "description": category or "A Safe Place.", "website": _url(row)}
            ),
            "phones": phones,
            "schedules": _schedules(hours, service_id, base),
            "interpretation_services": _interpreted(_text(row, "languages")),
            "languages": _languages(_text(row, "languages"), service_id, base),
            "service_at_locations": [_at_location(row, lonlat, name, service_id, base)],
        }
    )


def _at_location(
    row: Mapping[str, Any], lonlat: tuple[float, float] | None, name: str, service_id: str, base: str
) -> dict[str, Any]:
    location_id = _id(base, "location")
    location = {
        "id": location_id,
        "location_type": "physical",
        "name": name,
        "description": _position(row, lonlat),
        "longitude": None if lonlat is None else round(lonlat[0], _DECIMALS),
        "latitude": None if lonlat is None else round(lonlat[1], _DECIMALS),
        "addresses": [
            {
                "id": _id(base, "address"),
                "location_id": location_id,
                # Required by the schema: empty where it is not known, never invented.
                "address_1": _text(row, "address"),
                "city": _text(row, "town"),
                "state_province": "",
                "postal_code": _text(row, "postcode"),
                "country": "GB",
                "address_type": "physical",
            }
        ],
        "accessibility": [
            {
                "id": _id(base, f"accessibility/{column}"),
                "location_id": location_id,
                "description": f"{label}: {'yes' if row[column] else 'no'}",
            }
            for column, label in _ACCESS.items()
            if row.get(column) is not None
        ],
    }
    return {
        "id": _id(base, "service_at_location"),
        "service_id": service_id,
        "location_id": location_id,
        "location": _filled(location),
    }


def _schedules(hours: Sequence[str], service_id: str, base: str) -> list[dict[str, Any]]:
    """Return one schedule for each time of the week; hours that are not as simple stand in words only.

    hours: of the place, then of the buildings that it is in: it is open while they are, at most.
    """
    own, *buildings = hours
    if not own:
        return []
    said = {"service_id": service_id, "description": _hours_words(own, buildings)}
    found = weekly_within(hours)
    if found is None:
        return [{"id": _id(base, "schedule"), **said, "notes": _why_words_only(hours)}]
    return [
        {
            "id": _id(base, f"schedule/{','.join(times.days)}/{times.opens_at}/{times.closes_at}"),
            **said,
            "freq": "WEEKLY",
            "byday": ",".join(times.days),
            "opens_at": times.opens_at,
            "closes_at": times.closes_at,
            "notes": _NOTES if times.closes_at > times.opens_at else f"{_NOTES} {_NEXT_DAY}",
        }
        for times in found
    ]


def _hours_words(own: str, buildings: Sequence[str]) -> str:
    around = [f"within the hours of the building, {text or 'which are not known'}" for text in buildings]
    return f"{', '.join([own, *around])} (OpenStreetMap opening_hours, Europe/London)"


def _why_words_only(hours: Sequence[str]) -> str:
    if not all(hours):
        return "Without times: the building's hours are not known, and the place is open while it is, at most."
    return "Without times: these hours cannot be said as times of a week. See the description."


def _languages(written: str, service_id: str, base: str) -> list[dict[str, Any]]:
    """Return the languages that are spoken there; those of an interpreter alone do not count as such."""
    return [
        _filled({"id": _id(base, f"language/{part}"), "service_id": service_id, "name": name, "note": note,
                 "code": _codes().get(name.casefold())})
        for part in _parts(written)
        if not _INTERPRETED.search(part)
        for name, note in [_language(part)]
    ]  # fmt: skip


def _interpreted(written: str) -> str:
    return "; ".join(part for part in _parts(written) if _INTERPRETED.search(part))


def _parts(written: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in re.split(r"[;,]", written) if part.strip()))


def _language(part: str) -> tuple[str, str]:
    """Return the language that a text begins with, and what else it says: `Polish on Mondays`."""
    words = part.split()
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if name.casefold() in _codes():
            return name, " ".join(words[length:])
    return part, ""


@cache
def _codes() -> Mapping[str, str]:
    """Return the codes of languages by their English names, small letters (Unicode CLDR)."""
    named = {name.casefold(): code for code, name in Locale("en").languages.items() if _CODE.fullmatch(code)}
    return named | _LANGUAGES


def _said(row: Mapping[str, Any]) -> str:
    category, listed = _text(row, "category"), _text(row, "as_listed")
    parts = [f"Kind of place: {category}." if category else "", f"As listed on {listed}." if listed else ""]
    return " ".join(filter(None, parts))


def _position(row: Mapping[str, Any], lonlat: tuple[float, float] | None) -> str:
    source = _text(row, "position_source")
    if lonlat is None:
        return "Its position is not known."
    return f"Position: {source}." if source else ""


def _url(row: Mapping[str, Any]) -> str:
    web = _text(row, "web")
    return web if web.startswith(("http://", "https://")) else ""


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


def _filled(record: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not known."""
    return {name: value for name, value in record.items() if value not in (None, "")}


def _id(base: str, kind: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{base}/{kind}"))
