"""Every public page in every language, in light and dark, wide and narrow, as axe judges it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest

from geo_service.languages import NAMES
from geo_service.releases.inbox import InboxFolder
from geo_service.releases.watching import WatchedReleases
from geo_service.web.languages import languages
from geo_service.web.public import create_public
from geo_service.web.public_pages import PLAIN_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

AXE: Final = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
EVENING: Final = dt.datetime(2026, 3, 3, 20, 30, tzinfo=ZoneInfo("Europe/London"))
"""Some places of the demonstration are open, some closed, and those near the library closed."""
PATHS: Final = ("/", *(f"/{name}" for name in PLAIN_PAGES), "/place/{id}", "/wrong/{id}", "/embed", "/nowhere")
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BY_LOOKS: Final = ["color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable"]
"""Rules that judge otherwise in the dark or on a narrow page; the others read what the page says."""


@pytest.fixture
def public(serve: Callable[..., Any], demonstration_dir: Path, tmp_path: Path, assets: Path) -> Iterator[str]:
    if not AXE.is_file():
        pytest.fail("axe is not there: run `npm ci`")
    releases, inbox = WatchedReleases(demonstration_dir / "public" / "releases"), InboxFolder(tmp_path / "inbox")
    with serve(lambda _: create_public(releases, clock=lambda: EVENING, assets=assets, inbox=inbox)) as site:
        yield site.origin


def judged(page: Page, where: str, only: dict[str, object] | list[str]) -> list[str]:
    """Return what axe finds; it is put in from outside the page, so that the page's own policy holds."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    # What lies half under the bar that stays in view is not the size that it is.
    page.evaluate("scrollTo(0, 0)")
    # What is still fading in has other colours than it will have.
    page.evaluate("Promise.allSettled(document.getAnimations().map((one) => one.finished))")
    options = json.dumps({"runOnly": only, "resultTypes": ["violations"]})
    found = page.evaluate(f"axe.run(document, {options}).then((said) => said.violations)")
    return [
        f"{where}: {one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found
        for node in one["nodes"]
    ]


def both(page: Page, where: str) -> list[str]:
    """Judge a page wide and light, then narrow and dark."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    found = judged(page, where, RULES)
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme="dark")
    english = page.evaluate("document.documentElement.lang") == "en-GB"
    return found + judged(page, f"{where} narrow and dark", RULES if english else {"type": "rule", "values": BY_LOOKS})


def test_axe_sees_what_is_wrong(browser: Browser, public: str) -> None:
    page = browser.new_page()
    page.goto(public)
    page.evaluate("document.querySelector('label[for=where]').remove()")
    assert any(": label: " in one for one in judged(page, "/", RULES))
    page.close()


@pytest.mark.parametrize("code", NAMES)
def test_no_page_of_words_has_a_violation(browser: Browser, public: str, code: str) -> None:
    page = browser.new_page()
    prefix = languages()[code].prefix
    found = []
    for path in PATHS:
        page.goto(public + prefix + path.format(id="nonesuch-01"))
        found += both(page, prefix + path)
    page.close()
    assert found == []


@pytest.mark.parametrize("code", NAMES)
def test_no_answer_to_a_form_has_a_violation(browser: Browser, public: str, code: str) -> None:
    page = browser.new_page()
    prefix = languages()[code].prefix
    found = []
    page.goto(f"{public}{prefix}/")
    for typed, shown in (("ZZ9 0AA", ".app-place__far"), ("Almond", "#found"), ("Atlantis", "#where-error")):
        page.evaluate("document.getElementById('found') && document.getElementById('found').remove()")
        page.fill("#where", typed)
        page.press("#where", "Enter")
        page.wait_for_selector(f"#found, {shown}")
        found += both(page, f"{prefix} {typed}")
    page.fill("#where", "ZZ9 0AA")
    page.press("#where", "Enter")
    page.wait_for_selector(".app-place__way")
    page.click("#show-map")
    page.wait_for_selector(".app-pin")
    page.locator(".app-pin").first.press("Enter")
    page.wait_for_selector(".leaflet-popup-content")
    found += both(page, f"{prefix} map")
    page.locator(".app-place__way").first.click()
    page.wait_for_selector("#phone-map")
    page.click("#phone-map summary")
    found += both(page, f"{prefix} way")
    page.goto(f"{public}{prefix}/wrong/nonesuch-01")
    page.locator("main button").click()
    page.wait_for_selector(".govuk-error-summary")
    found += both(page, f"{prefix} wrong, nothing chosen")
    page.close()
    assert found == []
