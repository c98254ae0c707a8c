"""What the Safe Places say on paper, and what is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely
from pypdf import PdfReader

from geo_service.errors import NotFoundError, QueryError
from geo_service.model.access import DISCLOSURE, Audience
from geo_service.model.language import ENGLISH
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.model.release import Gazetteer, PublicRelease
from geo_service.workflows.handouts import place_papers
from geo_service.workflows.handouts.place_edition import Edition
from geo_service.workflows.handouts.place_prints import Papers, check_address, print_papers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo_service.model.access import AuditEvent
    from geo_service.model.language import PublicLanguage
    from geo_service.model.place_sheets import PlaceEntry
    from geo_service.workflows.services import Services

TODAY = dt.date(2026, 3, 2)
URL = "https://safe-places.northmere.example"
KNOWN = {
    "id": "a",
    "name": "Library",
    "category": "Library",
    "address": "1 Quay Street",
    "town": "Northmere",
    "postcode": "ZZ9 0BS",
    "position_source": "survey",
    "phone": "01632 960100",
    "opening_hours": "Mo-Fr 09:00-17:00; PH off",
    "step_free": True,
    "toilet": False,
    "hearing_loop": None,
    "quiet_space": True,
    "languages": "English",
    "for_whom": "Everybody",
    "last_verified": dt.date(2026, 1, 5),
    "status": "verified",
    "as_listed": "2026-01-01",
}
TYPES = {
    **dict.fromkeys(("step_free", "toilet", "hearing_loop", "quiet_space"), pl.Boolean()),
    "last_verified": pl.Date(),
    **dict.fromkeys(("phone", "opening_hours", "address", "category", "languages", "for_whom"), pl.String()),
}


def release(*places: Mapping[str, object], at: Sequence[tuple[float, float] | None] = ()) -> PublicRelease:
    """Make a release of places that are like KNOWN but for what is given."""
    rows = [{**KNOWN, "id": f"p{n}", **place} for n, place in enumerate(places)]
    points = [shapely.Point(*lon_lat) if lon_lat else None for lon_lat in at] or [None] * len(rows)
    geometry = np.empty(len(rows), dtype=object)
    geometry[:] = points
    table = FeatureTable(
        "safe-places",
        "Safe Places",
        pl.DataFrame(rows, schema_overrides=TYPES),
        geometry,
        Provenance(4, "2026-03", {}, marking="PUBLIC"),
        licences=("OGL v3.0 of the list.",),
        audience=Audience.PUBLIC,
        style=LayerStyle("circle", "#00703c", "S"),
    )
    return PublicRelease(
        area="Northmere Borough",
        places=table,
        show_unverified=True,
        number=7,
        made=dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC),
        gazetteer=Gazetteer(
            towns=pl.DataFrame({"name": ["Northmere"], "lon": [1.0], "lat": [54.0]}),
            streets=pl.DataFrame(
                {
                    "name": ["Far Row", "Rope Walk"],
                    "town": ["Northmere"] * 2,
                    "lon": [1.01, 1.0],
                    "lat": [54.0, 54.0005],
                }
            ),
        ),
        licences=("Streets: OGL v3.0.",),
    )


def edition(given: PublicRelease, language: PublicLanguage = ENGLISH) -> Edition:
    return Edition(given, TODAY, language)


def entry_of(place: Mapping[str, object], at: tuple[float, float] | None = None) -> PlaceEntry:
    (made,) = place_papers.directory(edition(release(place, at=[at])), "Northmere", large_print=False).places
    return made


# --- one place ------------------------------------------------------------------------------------


def test_every_fact_is_said_in_words() -> None:
    made = entry_of({})
    assert (made.name, made.kind, made.phone) == ("Library", "Library", "01632 960100")
    assert made.where == "1 Quay Street, ZZ9\N{NO-BREAK SPACE}0BS"
    assert made.hours == "Monday to Friday 09:00 to 17:00; bank holidays closed."
    assert [words for _, words in made.has] == ["Step-free entrance", "Quiet space"]
    assert (made.lacks, made.unknown) == ("Does not have: toilet.", "Not known: hearing loop.")
    assert made.more == ("Languages: English.", "Who it is for: Everybody.")
    assert (made.checked, made.doubtful, made.unsure) == ("Last checked 5 January 2026.", False, False)


@pytest.mark.parametrize(
    ("hours", "phone", "said"),
    [
        (None, "01632 960100", "Hours not known, phone first."),
        ("", None, "Hours not known, check before you go."),
        ('Mo-Fr 10:00-15:00 "ask"', "1", 'Mo-Fr 10:00-15:00 "ask"; hours not clear, phone first.'),
        ("Mo-Fr sunrise-17:00", None, "Mo-Fr sunrise-17:00; hours not clear, check before you go."),
    ],
)
def test_hours_that_nobody_knows_never_look_known(hours: str | None, phone: str | None, said: str) -> None:
    made = entry_of({"opening_hours": hours, "phone": phone})
    assert (made.hours, made.unsure) == (said, True)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"status": "unverified"}, "Never checked. As listed on 1 January 2026."),
        ({"status": "unverified", "as_listed": "spring 2025"}, "Never checked. As listed on spring 2025."),
        ({"last_verified": None, "as_listed": None}, "Never checked."),
        (
            {"last_verified": dt.date(2025, 3, 1)},
            "Last checked 1 March 2025. That is more than a year ago: check before you go.",
        ),
    ],
)
def test_what_was_not_checked_within_a_year_says_so(place: dict[str, object], said: str) -> None:
    made = entry_of(place)
    assert (made.checked, made.doubtful) == (said, True)


def test_a_place_checked_a_year_ago_today_is_not_marked() -> None:
    assert not entry_of({"last_verified": dt.date(2025, 3, 2)}).doubtful


@pytest.mark.parametrize(
    ("place", "at", "said"),
    [
        ({}, (1.0, 54.0), "Near Rope Walk, ZZ9\N{NO-BREAK SPACE}0BS"),
        ({}, (1.0, 54.003), "ZZ9\N{NO-BREAK SPACE}0BS"),  # 280 m from the nearest
        ({"position_source": "postcode centre"}, (1.0, 54.0), "ZZ9\N{NO-BREAK SPACE}0BS"),
        ({"postcode": None}, None, "Address not known."),
    ],
)
def test_a_place_without_an_address_says_what_it_is_near(
    place: dict[str, object], at: tuple[float, float] | None, said: str
) -> None:
    assert entry_of({"address": None, **place}, at).where == said


def test_a_place_inside_a_building_says_the_building_s_hours_too() -> None:
    hall = {"id": "hall", "name": "Hall", "opening_hours": "Mo-Sa 08:00-18:00", "within": None, "building_hours": None}
    desk = {"id": "desk", "name": "Desk", "opening_hours": "24/7", "within": "hall", "building_hours": None}
    kiosk = {"id": "kiosk", "name": "Kiosk", "within": None, "building_hours": "Mo-Su 07:00-19:00"}
    lost = {"id": "lost", "name": "Lost", "opening_hours": "24/7", "within": "nowhere", "building_hours": None}
    made = place_papers.directory(edition(release(hall, desk, kiosk, lost)), "Northmere", large_print=False)
    hours = {place.name: (place.hours, place.unsure) for place in made.places}
    assert hours["Desk"] == ("Day and night, every day. The building: Monday to Saturday 08:00 to 18:00.", False)
    assert hours["Kiosk"][0].endswith("The building: Monday to Sunday 07:00 to 19:00.")
    assert hours["Lost"] == (
        "Day and night, every day. The building's hours are not known, phone first.",
        True,
    )
    assert "day and night" not in made.intro  # for the hall is not
    cards = place_papers.wallet_cards(edition(release(hall, desk, kiosk, lost)), "Northmere").places
    brief = {line.name: line.hours for line in cards}
    assert (brief["Desk"], brief["Lost"]) == ("Hours: ask for the list", "Hours not clear")


# --- a town ---------------------------------------------------------------------------------------


def test_places_that_are_open_day_and_night_come_first_and_that_is_said() -> None:
    made = place_papers.directory(
        edition(release({"name": "B"}, {"name": "C", "opening_hours": "24/7"}, {"name": "A"})),
        "Northmere",
        large_print=True,
    )
    assert [place.name for place in made.places] == ["C", "A", "B"]
    assert made.intro.endswith("The first is open day and night.")
    assert made.large_print
    assert made.issued == "3 places. Printed on 2 March 2026 from release 7 of 1 March 2026."
    assert made.licences == ("OGL v3.0 of the list.", "Streets: OGL v3.0.")


def test_the_emergency_numbers_and_what_they_need_are_on_every_paper() -> None:
    one = edition(release({}))
    for made in (
        place_papers.directory(one, "Northmere", large_print=False),
        place_papers.wallet_cards(one, "Northmere"),
        place_papers.poster(one, "Northmere", url=URL, large_print=False),
    ):
        said = " ".join(f"{row.label} {row.text}" for row in made.emergency)
        for wanted in ("call 999", "55 when", "call 101", "registered for it beforehand"):
            assert wanted in said


def test_what_nobody_knows_of_any_place_is_said_once_and_what_differs_at_each() -> None:
    alike = {"status": "unverified", "hearing_loop": None}
    made = place_papers.directory(edition(release(alike, alike)), "Northmere", large_print=False)
    assert made.unknown == "Not known of any of them: hearing loop."
    assert [(place.unknown, place.checked) for place in made.places] == [("", "Never checked.")] * 2
    assert made.warning == (
        "Nobody has checked these places yet. They are shown as listed on 1 January 2026. Check before you go."
    )
    mixed = place_papers.directory(edition(release(alike, {"hearing_loop": True})), "Northmere", large_print=False)
    assert (mixed.unknown, sorted(place.unknown for place in mixed.places)) == (
        "",
        ["", "Not known: hearing loop."],
    )
    assert mixed.warning == "1 of these 2 places has never been checked. Check before you go."
    assert place_papers.directory(edition(release({}, {})), "Northmere", large_print=False).warning == ""


def test_a_card_names_the_places_nearest_to_the_middle_of_the_town_first() -> None:
    places = [{"name": name} for name in ("Far", "Nowhere", "Near", "Middle")]
    at = [(1.02, 54.0), None, (1.0, 54.004), (1.0, 54.0001)]
    made = place_papers.wallet_cards(edition(release(*places, at=at)), "Northmere")
    assert [line.name for line in made.places] == ["Middle", "Near", "Far", "Nowhere"]
    assert made.title == "I need a Safe Place"


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("24/7", "Day and night"),
        ("Mo-Su 08:00-20:00", "Every day 08:00\u201320:00"),
        ("Mo-Fr 09:00-17:00; Sa 10:00-12:00; PH off", "Mon\u2013Fri 09:00\u201317:00, Sat 10:00\u201312:00"),
        ("Mo,We,Th 09:00-17:00", "Mon Wed Thu 09:00\u201317:00"),
        ("Fr-Sa 20:00-04:00", "Fri Sat 20:00\u201304:00"),
        ("Mo-Fr 09:00-12:00,14:00-17:00", "Mon\u2013Fri 09:00\u201312:00, Mon\u2013Fri 14:00\u201317:00"),
        (None, "Hours not known"),
        ("sunrise-sunset", "Hours not clear"),
        ("Mo 9:00-12:00; Tu 10:00-16:00; We 09:00-12:30; Th 09:00-20:00", "Hours: ask for the list"),
    ],
)
def test_a_card_says_the_hours_briefly(hours: str | None, said: str) -> None:
    made = place_papers.wallet_cards(edition(release({"opening_hours": hours}, {"name": "Shop"})), "Northmere")
    line = made.places[0]
    assert (line.where, line.hours, line.phone) == ("1 Quay Street", said, "01632 960100")
    assert made.warning == "Hours can differ on bank holidays."


def test_a_card_says_once_that_no_hours_are_known() -> None:
    nobody = {"opening_hours": None, "status": "unverified"}
    made = place_papers.wallet_cards(edition(release(nobody, nobody)), "Northmere")
    assert [line.hours for line in made.places] == ["", ""]
    assert made.warning == "Hours are not known. Not checked by anybody: check before you go."


# --- what is printed ------------------------------------------------------------------------------


def test_every_place_of_the_release_that_is_shown_is_in_a_directory_and_no_other(demonstration: Services) -> None:
    shown = demonstration.releases.current()
    done = print_papers(demonstration, Papers(wallet=True, stickers=True, poster=True, url=URL))
    assert done.towns == {"Nonesuch": shown.places.rows.height}
    first = done.exports[0]
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(first.content)).pages).split())
    assert [name for name in shown.places.rows["name"] if name not in text] == []
    assert f"from release {shown.number}" in text
    assert "Fiddlestow" not in text  # listed by nobody's check, and not in the release
    for export in done.exports:
        assert export.name.startswith("DEMONSTRATION-PUBLIC-Safe-Places")
        assert export.name.endswith(f"-v{shown.number}-public-no-destroy-after.pdf")
        assert b"OFFICIAL" not in export.content
    assert len({export.name for export in done.exports}) == 4


def test_what_was_printed_is_an_event(demonstration: Services, events: Callable[[int], Sequence[AuditEvent]]) -> None:
    done = print_papers(demonstration, Papers(town=" nonesuch "))
    (event,) = events(1)
    assert event.act == DISCLOSURE
    assert done.exports[0].name in json.dumps(dataclasses.asdict(event), default=str)


def test_an_unknown_town_is_refused_with_those_that_there_are(demonstration: Services) -> None:
    with pytest.raises(NotFoundError, match="No place of the release is in that town") as refused:
        print_papers(demonstration, Papers(town="Redditch"))
    assert "Towns: Nonesuch" in str(refused.value)


@pytest.mark.parametrize("url", [URL, "https://a.example:8443/list/", "https://xn--caf-dma.example"])
def test_an_address_of_a_site_is_taken(url: str) -> None:
    check_address(url)
    assert Papers(poster=True, url=url).url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("safe-places.example", "Not an address"),
        ("https://", "Not an address"),
        ("https://a b.example", "Not an address"),
        ("https://a.example:port", "Not an address"),
        ("https://café.example", "Not an address"),
        ("http://safe-places.example", "does not begin with https"),
        ("javascript://safe-places.example", "does not begin with https"),
        ("https://who@safe-places.example", "says more than where the site is"),
        ("https://safe-places.example/?utm_source=poster", "says more than where the site is"),
        ("https://safe-places.example/#poster-7", "says more than where the site is"),
        (f"https://safe-places.example/{'x' * 120}", "longer than 120"),
    ],
)
def test_an_address_that_a_poster_must_not_lead_to_is_refused(url: str, why: str) -> None:
    with pytest.raises(QueryError, match=why):
        Papers(poster=True, url=url)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"poster": True}, "A poster needs the address"),
        ({"url": URL}, "--url goes with --poster"),
    ],
)
def test_what_cannot_be_printed_is_refused_before_anything_is_read(wanted: dict[str, object], why: str) -> None:
    with pytest.raises(QueryError, match=why):
        Papers(**wanted)  # type: ignore[arg-type]
