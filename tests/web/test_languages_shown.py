"""Pages of other languages in Chromium: their direction, their room, their numbers, their history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo_service.model.release import FixedReleases
from geo_service.web.languages import languages
from geo_service.web.public import create_public

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from geo_service.model.release import PublicRelease

pytestmark = pytest.mark.browser

LEFTS = """(element) => {
  const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
  return [...text.data].map((_, index) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + 1);
    return range.getBoundingClientRect().left;
  });
}"""
"""Where each sign of an element's first text is drawn, in the order in which it is written."""
RUNS = """(pattern) => {
  const found = [];
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const run of texts.currentNode.data.matchAll(new RegExp(pattern, "g"))) {
      const lefts = [...run[0]].map((_, index) => {
        const range = document.createRange();
        range.setStart(texts.currentNode, run.index + index);
        range.setEnd(texts.currentNode, run.index + index + 1);
        return range.getBoundingClientRect().left;
      });
      found.push([run[0], lefts]);
    }
  }
  return found;
}"""
"""Each run of signs that a pattern finds, and where its signs are drawn."""


@pytest.fixture
def public(
    serve: Callable[..., Any], release: Callable[..., PublicRelease], noon: dt.datetime, assets: Path
) -> Iterator[str]:
    given = release(demonstration=True)
    with serve(lambda host: create_public(FixedReleases(given), clock=lambda: noon, assets=assets)) as site:
        yield site.origin


def test_urdu_runs_from_right_to_left_and_its_numbers_from_left_to_right(browser: Browser, public: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    for path in ("/ur/", "/ur/help", "/ur/place/p1"):
        page.goto(f"{public}{path}")
        assert page.eval_on_selector("body", "body => getComputedStyle(body).direction") == "rtl"
        for number, lefts in page.evaluate(RUNS, r"\b(?:999|101|55|18000|18001|\d\d:\d\d)\b"):
            assert lefts == sorted(lefts), (path, number)
    words = page.locator("h1").first.evaluate(LEFTS)
    page.goto(f"{public}/ur/")
    heading = page.locator("h1").first.evaluate(LEFTS)
    assert heading[0] > heading[5], "a line of Urdu begins at the right"
    assert words[0] < words[5], "an English name on it begins at the left"
    phone = page.locator(".app-place__phone span").first
    assert phone.inner_text() == "01632 960001"
    drawn = phone.evaluate(LEFTS)
    assert drawn == sorted(drawn)
    assert page.locator("#leave").bounding_box() is not None
    page.close()


def test_nothing_goes_off_the_side_of_a_narrow_page(browser: Browser, public: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 700})
    for language in languages().values():
        for path in ("/", "/help", "/card", "/leaving", "/easy", "/place/p1"):
            page.goto(f"{public}{language.to(path)}")
            wide = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            scroll, client = page.evaluate(wide)
            assert scroll <= client, (language.code, path)
    page.close()


def test_another_language_takes_the_page_s_place_in_the_history(browser: Browser, public: str) -> None:
    page = browser.new_page()
    page.goto(f"{public}/help")
    begun = page.evaluate("history.length")
    page.click("a[hreflang='pl']")
    page.wait_for_url("**/pl/help")
    page.click("a[hreflang='ur']")
    page.wait_for_url("**/ur/help")
    assert page.evaluate("history.length") == begun
    page.goto(f"{public}/")
    begun = page.evaluate("history.length")
    page.eval_on_selector("#at", "field => { field.value = '55.001,-1.001'; }")
    page.click("#search [type=submit]")
    page.wait_for_selector("#found")
    page.click("button[lang='pl']")
    page.wait_for_selector("html[lang='pl'] #found")
    assert page.inner_text("#found") == languages()["pl"].gettext("Places near you")
    assert page.evaluate("history.length") == begun
    page.close()


def test_pressing_shift_is_counted_in_the_language_of_the_page(browser: Browser, public: str) -> None:
    page = browser.new_page()
    for language in languages().values():
        page.goto(f"{public}{language.to('/help')}")
        page.keyboard.press("Shift")
        said = language.gettext("Shift, press 2 more times to leave.")
        page.wait_for_function("said => document.getElementById('leave-count').textContent.trim() === said", arg=said)
    page.close()
