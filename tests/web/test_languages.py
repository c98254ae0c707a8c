"""The public site in six languages: found by the path alone, drafts marked, numbers unaltered."""

# ruff: noqa: RUF001 - other languages have signs of their own

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog

from geo_service.errors import FaultError
from geo_service.languages import NAMES
from geo_service.languages.approvals import approvals, mark
from geo_service.model.release import FixedReleases
from geo_service.safe_places.opening import opening
from geo_service.safe_places.words import hours_words, walk_words
from geo_service.web.languages import SiteLanguage, languages
from geo_service.web.public import create_public

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.release import PublicRelease

PAGES = (
    "/", "/help", "/card", "/inside", "/leaving", "/easy", "/accessibility", "/about", "/place/p1", "/embed",
    "/nowhere",
)  # fmt: skip
OTHERS = tuple(code for code in NAMES if code != "en")
Client: TypeAlias = Any
_MADE: list[Client] = []
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def client(
    release: Callable[..., PublicRelease], client_of: Callable[..., Any], noon: dt.datetime, assets: Path
) -> Client:
    if not _MADE:  # nothing in it changes from test to test
        given = release(demonstration=True)
        _MADE.append(client_of(create_public(FixedReleases(given), clock=lambda: noon, assets=assets)))
    return _MADE[0]


def prefix(code: str) -> str:
    return "" if code == "en" else f"/{code}"


@pytest.mark.parametrize("code", NAMES)
def test_every_page_is_there_in_every_language_and_says_999(client: Client, code: str) -> None:
    lang, direction = {"en": "en-GB"}.get(code, code), "rtl" if code == "ur" else "ltr"
    titled = re.escape(languages()[code].gettext("Places and opening times"))
    for path in PAGES:
        answer = client.get(prefix(code) + path)
        assert answer.status_code == (404 if path == "/nowhere" else 200), path
        assert f'<html lang="{lang}" dir="{direction}">' in answer.text, path
        assert "999" in answer.text, path
        assert answer.headers.get("vary", "").casefold() in {"", "accept-encoding"}, path
        assert re.search(rf"<title>[^<]*{titled}", answer.text), path
        if path != "/embed":
            assert 'href="tel:999"' in answer.text, path


@pytest.mark.parametrize("code", OTHERS)
def test_links_stay_in_the_language_and_each_page_leads_to_itself_in_the_others(client: Client, code: str) -> None:
    for path in PAGES:
        page = client.get(prefix(code) + path).text
        own = "/" if path == "/nowhere" else path
        links = re.findall(r'<(?:a|form)\b[^>]*?\b(?:href|action)="(/[^"]*)"[^>]*>', page)
        elsewhere = {link for link in links if not link.startswith((f"/{code}/", "/assets/", "/open-data/"))}
        framed = path == "/embed"  # leads to the English alone, which its note of a draft names
        assert elsewhere == {own, *(f"/{other}{own}" for other in OTHERS if other != code and not framed)}, path
        for other, name in NAMES.items():
            address = re.escape(prefix(other) + own)
            assert framed or re.search(rf'<a[^>]*href="{address}"[^>]*hreflang="[^"]*"[^>]*>{name}</a>', page), path


@pytest.mark.parametrize("code", OTHERS)
def test_a_page_outside_english_says_that_it_is_a_draft_in_both_languages(client: Client, code: str) -> None:
    said = languages()[code]
    note = said.gettext("This translation is a draft. Nobody has checked it yet. Words marked “draft” are about your "
                        "safety: if in doubt, read the English.")  # fmt: skip
    for path in PAGES:
        page = client.get(prefix(code) + path).text
        assert "This translation is a draft." in page, path
        assert note in page, path
        assert f'<span class="app-draft">{said.gettext("draft")}</span>' in page, path
        assert "app-draft" not in client.get(path).text, path


def test_only_the_path_decides_the_language_and_no_unknown_one_is_taken_for_another(client: Client) -> None:
    asked = client.get("/", headers={"accept-language": "cy, pl;q=0.5"})
    assert asked.text == client.get("/").text
    assert client.get("/cy").text == client.get("/cy/").text
    assert '<html lang="en-GB"' in client.get("/fr/").text
    assert client.get("/fr/").status_code == 404
    assert client.get("/en/").status_code == 404
    assert client.get("/cy/pl/").status_code == 404
    assert client.get("/cy/static/leave.js").status_code == 404
    assert "set-cookie" not in client.get("/pl/").headers


@pytest.mark.parametrize("path", ["//evil.example/", "/cy//evil.example/", "/\\evil.example/", '/"><script>'])
def test_a_made_up_path_leads_to_no_other_site(client: Client, path: str) -> None:
    page = client.get(f"http://testserver{path}" if path.startswith("//") else path).text
    assert not re.search(r'(?:href|action)="(?://|/\\|[a-z]+://)evil', page)
    assert '"><script>' not in page


@pytest.mark.parametrize("code", OTHERS)
def test_a_search_is_answered_in_its_language(client: Client, code: str) -> None:
    page = client.post(f"{prefix(code)}/near", data={"where": "nowhere at all"}).text
    assert languages()[code].gettext("That place was not found") in page


def test_a_search_goes_along_into_another_language_and_into_no_address(client: Client) -> None:
    page = client.post("/near", data={"at": "55.0011,-1.0012", "toilet": "yes"}).text
    for code in OTHERS:
        form = re.search(rf'<form[^>]* action="/{code}/near"[^>]*>(.*?)</form>', page, re.DOTALL)
        assert form is not None
        sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
        assert sent == {"at": "55.0011,-1.0012", "toilet": "yes"}
        assert languages()[code].gettext("Places near you") in client.post(f"/{code}/near", data=sent).text
    assert not re.search(r'(?:href|action)="[^"]*55\.0011', page)


@pytest.mark.parametrize("code", NAMES)
def test_every_number_to_call_is_written_from_left_to_right(client: Client, code: str) -> None:
    page = client.get(prefix(code) + "/").text
    spaced = re.findall(r'<a([^>]*)href="tel:\+?\d+"([^>]*)>(?:<span[^>]*>)?([^<]*)', page)
    assert "01632 960001" in {words for _, _, words in spaced}
    for before, after, words in spaced:
        if re.fullmatch(r"[\d +]+", words) and " " in words:
            assert 'dir="ltr"' in before + after, words


@pytest.mark.parametrize(
    ("code", "count", "words"),
    [
        ("en", 1, "1 place."), ("en", 2, "2 places."),
        ("pl", 1, "1 miejsce."), ("pl", 3, "3 miejsca."), ("pl", 5, "5 miejsc."), ("pl", 12, "12 miejsc."),
        ("pl", 22, "22 miejsca."), ("pl", 112, "112 miejsc."),
        ("ro", 1, "1 loc."), ("ro", 0, "0 locuri."), ("ro", 19, "19 locuri."), ("ro", 20, "20 de locuri."),
        ("ro", 101, "101 locuri."), ("ro", 120, "120 de locuri."),
        ("cy", 1, "1 lle."), ("cy", 2, "2 le."), ("cy", 3, "3 lle."), ("cy", 7, "7 lle."),
        ("ur", 1, "1 جگہ۔"), ("ur", 2, "2 جگہیں۔"), ("pa", 1, "1 ਥਾਂ।"), ("pa", 2, "2 ਥਾਵਾਂ।"),
    ],
)  # fmt: skip
def test_a_number_takes_the_form_that_its_language_asks_for(code: str, count: int, words: str) -> None:
    assert languages()[code].ngettext("%(num)s place.", "%(num)s places.", count) == words


@pytest.mark.parametrize(
    ("code", "words", "hours", "walk"),
    [
        ("cy", "ar gau nawr, yn agor ddydd Llun am 09:00", "Dydd Llun – dydd Gwener 09:00 i 17:00", "1.2 cilometr"),
        (
            "pl",
            "teraz zamknięte, otwarcie w poniedziałek o 09:00",
            "Poniedziałek – piątek od 09:00 do 17:00",
            "1,2 k",
        ),
        ("ur", "ابھی بند ہے، پیر کو 09:00 بجے کھلے گا", "پیر تا جمعہ 09:00 سے 17:00 تک", "1.2 کلومیٹر"),
        ("pa", "ਹੁਣ ਬੰਦ ਹੈ, ਸੋਮਵਾਰ ਨੂੰ 09:00 ਵਜੇ ਖੁੱਲ੍ਹੇਗਾ", "ਸੋਮਵਾਰ ਤੋਂ ਸ਼ੁੱਕਰਵਾਰ 09:00 ਤੋਂ 17:00 ਤੱਕ", "1.2 ਕਿਲੋਮੀਟਰ"),
        ("ro", "închis acum, se deschide luni la 09:00", "Luni – vineri 09:00 – 17:00", "1,2 kilometri"),
    ],
)
def test_opening_times_and_ways_are_said_in_every_language(code: str, words: str, hours: str, walk: str) -> None:
    said, friday = languages()[code], dt.datetime(2025, 6, 6, 18, 0, tzinfo=LONDON)
    assert opening("Mo-Fr 09:00-17:00; PH off", friday, language=said).words == words
    assert hours_words("Mo-Fr 09:00-17:00", said) == (hours,)
    assert walk in walk_words(1240, said)


@pytest.mark.parametrize("code", NAMES)
def test_a_status_and_its_change_do_not_hang_on_the_language(code: str) -> None:
    for hour in range(0, 168, 5):
        at = dt.datetime(2025, 8, 22, tzinfo=dt.UTC) + dt.timedelta(hours=hour)
        for hours in ("Mo-Fr 09:00-17:00; PH off", "Fr-Sa 22:00-04:00", None, "24/7", "Mo-Su 10:00-24:00"):
            plain, said = opening(hours, at), opening(hours, at, language=languages()[code])
            assert (said.state, said.changes) == (plain.state, plain.changes)
            assert re.findall(r"\d\d:\d\d|\d+", said.words) == re.findall(r"\d\d:\d\d|\d+", plain.words)


def test_a_day_is_written_as_the_language_writes_it() -> None:
    day = dt.date(2023, 11, 1)
    assert {code: said.date(day) for code, said in languages().items()} == {
        "en": "1 November 2023", "cy": "1 Tachwedd 2023", "pl": "1 listopada 2023", "ur": "1 نومبر، 2023",
        "pa": "1 ਨਵੰਬਰ 2023", "ro": "1 noiembrie 2023",
    }  # fmt: skip
    assert languages()["pl"].date(None) == "nigdy"


def of(translation: str, approved: frozenset[str]) -> SiteLanguage:
    catalogue = Catalog(locale="cy")
    catalogue.add("Call 999.", translation)
    return SiteLanguage("cy", catalogue, approved)


def test_an_approved_text_is_no_draft_until_either_side_of_it_changes() -> None:
    catalogue = Catalog(locale="cy")
    catalogue.add("Call 999.", "Ffoniwch 999.")
    approved = frozenset({mark(catalogue["Call 999."])})
    assert of("Ffoniwch 999.", frozenset()).safety("Call 999.") == 'Ffoniwch 999. <span class="app-draft">draft</span>'
    assert of("Ffoniwch 999.", approved).safety("Call 999.") == "Ffoniwch 999."
    assert not of("Ffoniwch 999.", approved).draft
    assert of("Galwch 999.", approved).draft
    other = Catalog(locale="cy")
    other.add("Ring 999.", "Ffoniwch 999.")
    assert SiteLanguage("cy", other, approved).draft


def test_nobody_has_approved_anything_without_a_name_and_a_day(tmp_path: Path) -> None:
    file = tmp_path / "approved.toml"
    whole = '[[approval]]\nlanguage = "cy"\nreviewer = "A reader"\ndate = 2026-01-31\ntexts = ["0123456789abcdef"]\n'
    file.write_text(whole, "utf-8")
    assert approvals(file, NAMES) == {"cy": frozenset({"0123456789abcdef"})}
    for line in whole.splitlines()[1:]:
        file.write_text(whole.replace(f"{line}\n", ""), "utf-8")
        with pytest.raises(FaultError, match="approval 1 is not complete"):
            approvals(file, NAMES)
    file.write_text(whole.replace("A reader", "  "), "utf-8")
    with pytest.raises(FaultError, match="not complete"):
        approvals(file, NAMES)


def test_a_value_in_a_safety_text_is_shown_as_text() -> None:
    catalogue = Catalog(locale="cy")
    catalogue.add("Go to %(name)s.", "Ewch i %(name)s.")
    said = SiteLanguage("cy", catalogue, frozenset()).safety("Go to %(name)s.", name="<b>x</b>")
    assert said.startswith("Ewch i &lt;b&gt;x&lt;/b&gt;.")
