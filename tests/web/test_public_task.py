"""Find a place that is open now and how to get there: by keyboard alone, and with JavaScript off; then leave."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest

from geo_service import app
from geo_service.releases.watching import WatchedReleases
from geo_service.web.public import LEAVE_TO, create_public
from geo_service.workflows.importing import imports
from geo_service.workflows.releasing import releases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

CHECKOUT: Final = Path(__file__).parents[2]
ELSEWHERE: Final = "about:blank#before"
MIDDAY: Final = dt.datetime(2026, 3, 3, 12, 30, tzinfo=ZoneInfo("Europe/London"))
"""A Tuesday, no holiday: the town hall and the leisure centre are open."""
FROM: Final = "ZZ9 0BS"
"""A postcode of the demonstration, some steps from its town hall."""
MOST_TABS: Final = 120
SHOWS_FOCUS: Final = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" || style.boxShadow !== "none";
}"""


@pytest.fixture
def open_site(serve: Callable[..., Any], assets: Path) -> Callable[[Path], Any]:
    """Return what serves a folder of releases at midday."""

    def build(folder: Path) -> object:
        shown = WatchedReleases(folder)
        return serve(lambda _: create_public(shown, clock=lambda: MIDDAY, assets=assets))

    return build


@pytest.fixture
def public(open_site: Callable[[Path], Any], demonstration_dir: Path) -> Iterator[str]:
    with open_site(demonstration_dir / "public" / "releases") as site:
        yield site.origin


@pytest.fixture
def real(open_site: Callable[[Path], Any], shared: Path, tmp_path: Path) -> Iterator[str]:
    """Serve Redditch's directory as it was listed, checked by nobody."""
    services = app.open_area(tmp_path / "area")
    imports.import_postcodes(services, shared / "postcodes/code-point-open-2025-4-north-worcestershire.csv")
    imports.import_layer(services, "safe-places", CHECKOUT / "data/places/redditch-safe-places-2023-11-01.csv")
    releases.publish(services, area="Redditch", show_unverified=True)
    services.close()
    with open_site(tmp_path / "area" / "public" / "releases") as site:
        yield site.origin


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    opened.route(f"{LEAVE_TO}*", lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))
    yield opened
    opened.close()


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until what is wanted has the focus, which must then show."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            assert page.evaluate(SHOWS_FOCUS), wanted
            return
    pytest.fail(f"the keyboard does not reach {wanted}")


def test_the_keyboard_alone_finds_an_open_place_and_the_way_and_leaves(context: BrowserContext, public: str) -> None:
    page = context.new_page()
    page.goto(ELSEWHERE)
    page.goto(public)
    tab_to(page, "#where")
    page.keyboard.type(FROM)
    tab_to(page, "input[name=open]")
    page.keyboard.press("Space")
    tab_to(page, "#search [type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".app-place__far")
    assert page.evaluate("document.activeElement.id") == "found"
    first = page.locator(".app-place").first
    assert "Nonesuch Town Hall" in first.inner_text()
    assert "Open now, closes at 17:00" in first.inner_text()
    tab_to(page, "#place-nonesuch-04 .app-place__way")
    page.keyboard.press("Enter")
    page.wait_for_selector(".app-steps li")
    assert page.evaluate("document.activeElement.id") == "found"
    assert page.inner_text("#found") == "How to get to Inkle Leisure Centre"
    assert page.locator(".app-steps li").count() > 1
    assert page.url == f"{public}/"
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(f"{LEAVE_TO}*")
    page.go_back()
    assert page.url == ELSEWHERE


def test_the_map_is_used_by_keyboard_alone(context: BrowserContext, public: str) -> None:
    page = context.new_page()
    page.goto(public)
    tab_to(page, "#show-map")
    page.keyboard.press("Enter")
    page.wait_for_selector(".app-pin")
    tab_to(page, ".app-pin")
    named = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup-content")
    # A pin is named by its place, or by the first of several, and by whether it is open.
    name = named.removeprefix("Several places: ").rpartition(", ")[0]
    assert name
    assert name in str(page.text_content(".leaflet-popup-content"))
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup-content", state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == named


def test_without_javascript_an_open_place_and_the_way_are_found(browser: Browser, public: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(public)
    page.fill("#where", FROM)
    page.check("input[name=open]")
    page.click("#search [type=submit]")
    assert page.url == f"{public}/near"
    assert "Open now, closes at 17:00" in page.locator(".app-place").first.inner_text()
    page.click("#place-nonesuch-04 .app-place__way")
    assert page.url == f"{public}/way"
    assert page.locator(".app-steps li").count() > 1
    assert "the Back button still shows this page" in page.inner_text("noscript")
    assert context.cookies() == []
    context.close()


@pytest.mark.shared
@pytest.mark.parametrize("script", [True, False])
def test_in_redditch_no_hours_are_known_and_the_page_says_to_phone_first(
    browser: Browser, real: str, *, script: bool
) -> None:
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(real)
    page.fill("#where", "B97 4DY")
    page.press("#where", "Enter")
    page.wait_for_selector(".app-place__far")
    shown = page.inner_text("main")
    assert "No place is known to be open now within 15 minutes" in shown
    assert shown.index("999") < shown.index("Nearest first.")
    cards = page.locator(".app-place").all_inner_texts()
    assert len(cards) > 3
    # "Phone first" where there is a number to phone; the directory as it was listed has none.
    for card in cards:
        known = "Phone\n\nnot known" not in card and "Phone\nnot known" not in card
        assert ("Hours not known, phone first" if known else "Hours not known, check before you go") in card
    assert not any("Open now" in card for card in cards)
    assert "Nobody has checked" in page.inner_text("body")
    page.check("input[name=open]")
    page.click("#search [type=submit]")
    page.wait_for_selector("text=No place is known to fit.")
    assert "phone first" in page.inner_text("main")
    context.close()


@pytest.mark.parametrize("by", ["button", "keyboard link", "Shift"])
def test_after_three_pages_and_a_search_back_does_not_show_what_was_left(
    context: BrowserContext, public: str, by: str
) -> None:
    page = context.new_page()
    page.goto(ELSEWHERE)
    length = page.evaluate("history.length")
    page.goto(public)
    for path in ("/easy", "/leaving", "/about"):
        page.click(f"footer a[href='{path}']")
        page.wait_for_url(f"**{path}")
    page.click("footer a[href='/']")
    page.wait_for_selector("#search")
    page.fill("#where", FROM)
    page.press("#where", "Enter")
    page.wait_for_selector(".app-place__far")
    assert page.evaluate("history.length") == length + 1
    if by == "button":
        page.click("#leave")
    elif by == "Shift":
        for _ in range(3):
            page.keyboard.press("Shift")
    else:
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.locator("a.govuk-skip-link[data-leave]").press("Enter")
    page.wait_for_url(f"{LEAVE_TO}*")
    assert page.evaluate("history.length") == length + 1
    page.go_back()
    assert page.url == ELSEWHERE
    page.go_forward()
    assert page.url.startswith(LEAVE_TO)
