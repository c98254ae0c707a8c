"""The pages in Chromium: complete without JavaScript, quiet with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from playwright.sync_api import sync_playwright

from geo_service.app import wire
from geo_service.model.release import FixedReleases
from geo_service.settings import read_settings
from geo_service.web.public import LEAVE_TO, create_public
from geo_service.web.staff import create_staff

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from fastapi import FastAPI
    from playwright.sync_api import Browser, BrowserContext, Page, Request

    from geo_service.model.release import PublicRelease

    Serve: TypeAlias = Callable[[Callable[[str], FastAPI]], AbstractContextManager[Any]]

pytestmark = pytest.mark.browser

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
ELSEWHERE = "about:blank#before"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def public(serve: Serve, release: Callable[..., PublicRelease], noon: dt.datetime, assets: Path) -> Iterator[str]:
    given = release(demonstration=True)
    with serve(lambda host: create_public(FixedReleases(given), clock=lambda: noon, assets=assets)) as site:
        yield site.origin


def left(asked: Request) -> bool:
    """Say whether a request was given up because the page was left, as that of an icon may be."""
    return str(asked.failure).endswith("ERR_ABORTED")


def watch(context: BrowserContext, origin: str) -> list[str]:
    """Gather what should not be: requests elsewhere, blocked or failed ones, errors in the console."""
    wrong: list[str] = []
    context.route(f"{LEAVE_TO}*", lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))
    context.on("request", lambda asked: None if asked.url.startswith((origin, LEAVE_TO)) else wrong.append(asked.url))
    context.on("requestfailed", lambda asked: None if left(asked) else wrong.append(f"{asked.url}: {asked.failure}"))
    context.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    context.on("weberror", lambda problem: wrong.append(str(problem.error)))
    return wrong


def show_map(page: Page) -> None:
    page.click("#show-map")
    page.wait_for_selector(".app-pin")


def test_the_public_page_is_complete_with_javascript_off(browser: Browser, public: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(public)
    assert page.locator(".app-place").count() == 5
    shown = page.inner_text("main")
    for words in ("999", "Open now, closes in 39 minutes", "Hours not known, check before you go", "01632 960001"):
        assert words in shown
    assert page.get_attribute("#leave", "href") == LEAVE_TO
    assert page.is_visible("text=The map needs JavaScript")
    assert not page.is_visible("#show-map")
    assert "the Back button still shows this page" in page.inner_text("noscript")
    context.close()


def test_the_public_page_asks_nobody_else_breaks_no_policy_and_keeps_nothing(browser: Browser, public: str) -> None:
    context = browser.new_context()
    wrong = watch(context, public)
    page = context.new_page()
    page.goto(public)
    show_map(page)
    page.locator(".app-pin").first.click()
    page.wait_for_selector(".leaflet-popup-content")
    page.click("footer a[href='/about']")
    page.wait_for_url("**/about")
    assert wrong == []
    assert context.cookies() == []
    kept = "[localStorage.length, sessionStorage.length]"
    assert page.evaluate(kept) == [0, 0]
    assert page.evaluate("indexedDB.databases().then(found => found.length)") == 0
    assert page.evaluate("caches.keys().then(found => found.length)") == 0
    context.close()


def test_the_map_says_what_the_list_says(browser: Browser, public: str) -> None:
    page = browser.new_page()
    page.goto(public)
    show_map(page)
    assert page.locator(".app-pin").count() == 3
    page.locator(".app-pin[aria-label*='Harbour Library']").press("Enter")
    page.wait_for_selector(".leaflet-popup-content")
    listed = str(page.text_content("#place-p1")).split()
    assert str(page.text_content(".leaflet-popup-content")).split() == listed
    names = page.eval_on_selector_all(".app-pin", "pins => pins.map(pin => pin.getAttribute('aria-label'))")
    assert any(name.startswith("Several places: ") and name.endswith("hours not known") for name in names)
    page.close()


def test_a_search_leaves_nothing_in_the_address_and_back_goes_to_where_one_came_from(
    browser: Browser, public: str
) -> None:
    context = browser.new_context()
    wrong = watch(context, public)
    page = context.new_page()
    page.goto(ELSEWHERE)
    page.goto(public)
    page.evaluate("document.getElementById('at').value = '55.001,-1.001'")
    page.press("#where", "Enter")
    page.wait_for_selector(".app-place__far")
    assert page.url == f"{public}/"
    assert page.evaluate("document.activeElement.id") == "found"
    page.click(".app-place__way >> nth=0")
    page.wait_for_selector("#phone-map")
    assert page.url == f"{public}/"
    assert wrong == []
    page.go_back()
    assert page.url == ELSEWHERE
    context.close()


def leave_by_button(page: Page) -> None:
    page.click("#leave")


def leave_by_shift(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [leave_by_button, leave_by_shift])
@pytest.mark.parametrize("detour", [(), ("a[href='#town-1']", "#search [type=submit]", "footer a[href='/about']")])
def test_leaving_goes_to_the_weather_and_back_never_returns(
    browser: Browser, public: str, leave: Callable[[Page], None], detour: tuple[str, ...]
) -> None:
    context = browser.new_context()
    watch(context, public)
    page = context.new_page()
    page.goto(ELSEWHERE)
    page.goto(public)
    for link in detour:
        page.click(link)
    if detour:
        page.wait_for_url("**/about")
    leave(page)
    page.wait_for_url(f"{LEAVE_TO}*")
    page.go_back()
    assert page.url == ELSEWHERE
    context.close()


def test_the_first_view_comes_in_under_60_kilobytes(browser: Browser, public: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    sizes: dict[str, float] = {}
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda done: sizes.update({done["requestId"]: done["encodedDataLength"]}))
    page.goto(public, wait_until="networkidle")
    assert len(sizes) >= 4
    assert sum(sizes.values()) < 60_000
    page.close()


def test_shift_held_for_a_capital_letter_does_not_leave(browser: Browser, public: str) -> None:
    page = browser.new_page()
    page.goto(public)
    for _ in range(4):
        page.keyboard.press("Shift+A")
    assert page.inner_text("#leave-count") == ""
    page.keyboard.press("Shift")
    assert page.inner_text("#leave-count") == "Shift, press 2 more times to leave."
    assert page.url == f"{public}/"
    page.close()


@pytest.mark.parametrize(("width", "height"), [(320, 256), (390, 800), (1280, 800)])
def test_nothing_runs_off_the_side_and_leaving_stays_in_view(
    browser: Browser, public: str, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    for path in ("/", "/easy", "/card", "/place/p1", "/accessibility"):
        page.goto(public + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        box = page.locator("#leave").bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height / 2
    page.close()


def test_everything_that_is_pressed_is_large_enough(browser: Browser, public: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(public)
    show_map(page)
    # WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, links within a sentence left out.
    wanted = (
        ".app-leave__button, .app-jump a, .app-place__phone, .app-pin, button:not([hidden]), .app-check, .leaflet-bar a"
    )
    boxes = page.eval_on_selector_all(
        wanted, "found => found.map(node => node.getBoundingClientRect()).map(box => [box.width, box.height])"
    )
    assert boxes
    assert all(min(box) >= 24 for box in boxes)
    page.close()


def test_the_keyboard_reaches_the_button_after_the_skip_link_and_focus_shows(browser: Browser, public: str) -> None:
    page = browser.new_page()
    page.goto(public)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "govuk-skip-link"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Leave this page now"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "leave"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.close()


@pytest.fixture
def staff(serve: Serve, demonstration_copy: Path, assets: Path) -> Iterator[str]:
    office = wire(read_settings(demonstration_copy))

    def build(host: str) -> FastAPI:
        return create_staff(office, token="link", allowed_hosts=[host], assets=assets)

    with serve(build) as site:
        yield site.origin
    office.doers.close()


def test_the_staff_link_works_once_and_the_site_asks_nobody_else(browser: Browser, staff: str) -> None:
    context = browser.new_context()
    wrong = watch(context, staff)
    page = context.new_page()
    page.goto(f"{staff}/sign-in?token=link")
    page.wait_for_url(f"{staff}/")
    page.wait_for_selector("#map .app-pin")
    page.wait_for_selector("#map .app-zone-label")
    page.click(".app-zone-list a")
    page.wait_for_selector("#map .app-zone-label")
    page.goto(f"{staff}/find")
    page.fill("#area_share", "1")
    page.click("main button")
    page.wait_for_url("**/runs/*")
    page.wait_for_selector("#map .app-zone-label")
    assert wrong == []
    assert [(cookie["httpOnly"], cookie["sameSite"]) for cookie in context.cookies()] == [(True, "Strict")]
    assert page.evaluate("document.cookie") == ""
    page.click("text=Sign out")
    page.wait_for_url("**/signed-out")
    assert context.cookies() == []
    context.close()

    other = browser.new_page()
    answer = other.goto(f"{staff}/sign-in?token=link")
    assert answer is not None
    assert answer.status == 403
    assert "Each link works once" in other.inner_text("main")
    other.close()


COLOURS = """() => {
  const seen = new Set();
  for (const canvas of document.querySelectorAll("#map canvas.leaflet-tile")) {
    if (!canvas.width) continue;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) if (data[at + 3]) seen.add(data.slice(at, at + 3).join());
  }
  return [...seen];
}"""


def test_the_base_map_lies_under_a_staff_map_and_says_whose_it_is(browser: Browser, staff: str) -> None:
    context = browser.new_context()
    wrong = watch(context, staff)
    page = context.new_page()
    page.goto(f"{staff}/sign-in?token=link")
    page.wait_for_url(f"{staff}/")
    page.wait_for_selector(".app-map__licence")
    assert page.inner_text(".app-map__licence") == "DEMONSTRATION: an invented place."
    # Paper, park, water and the white of streets.
    wanted = {"246,246,244", "230,236,223", "207,221,230", "255,255,255"}
    page.wait_for_function(
        f"(wanted) => {{ const seen = ({COLOURS})(); return wanted.every((one) => seen.includes(one)); }}",
        arg=sorted(wanted),
    )
    # Reading the pixels back is the test's own doing.
    assert [said for said in wrong if "getImageData" not in said] == []
    context.close()


def test_the_keyboard_can_pass_by_the_pins_of_a_staff_map(browser: Browser, staff: str) -> None:
    page = browser.new_page()
    page.goto(f"{staff}/sign-in?token=link")
    page.wait_for_url(f"{staff}/")
    page.wait_for_selector("#map .app-pin")
    page.focus("a[href='#after-map']")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("/runs/")
    page.close()


def test_the_map_stays_in_view_beside_a_long_list(browser: Browser, staff: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 600})
    page.goto(f"{staff}/sign-in?token=link")
    page.wait_for_url(f"{staff}/")
    page.locator("ol.app-zone-list li").last.scroll_into_view_if_needed()
    assert page.evaluate("scrollY") > 300
    box = page.locator("#map").bounding_box()
    assert box is not None
    assert (box["y"] >= 0, box["y"] + box["height"] <= 600) == (True, True)
    page.close()


def test_the_staff_pages_fit_a_phone(browser: Browser, staff: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{staff}/sign-in?token=link")
    page.wait_for_url(f"{staff}/")
    for path in ("/", "/find", "/runs/latest", "/history"):
        page.goto(staff + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.close()
