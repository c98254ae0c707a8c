"""A phone of 2016, and a browser without style sheets: everything that matters works there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest

from geo_service.model.release import FixedReleases, Gazetteer
from geo_service.web.public import LEAVE_TO, create_public

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from geo_service.model.release import PublicRelease

PACKAGE: Final = Path(__file__).parents[2] / "geo_service"
SCRIPTS: Final = (
    "web/static/leave.js",
    "web/static/public.js",
    "web/static/public-map.js",
    "assets/leaflet/leaflet.js",
)
"""All that a browser runs that knows no modules."""
ELSEWHERE: Final = "about:blank#before"
# Node carries the parser acorn for its own prompt.
PARSE: Final = """
const acorn = require("internal/deps/acorn/acorn/dist/acorn");
acorn.parse(require("fs").readFileSync(0, "utf8"), { ecmaVersion: 5 });
"""
NEWER: Final = """
for (const [of, names] of [
  [window, ["fetch", "Request", "Response", "URL", "URLSearchParams", "AbortController", "IntersectionObserver"]],
  [Element.prototype, ["closest", "append", "prepend", "remove", "replaceWith", "replaceChildren", "toggleAttribute"]],
  [Document.prototype, ["append", "replaceChildren"]],
  [NodeList.prototype, ["forEach", "entries", "keys", "values", Symbol.iterator]],
  [HTMLCollection.prototype, [Symbol.iterator]],
  [Object, ["assign", "entries", "values", "fromEntries"]],
  [Array, ["from", "of"]],
  [Array.prototype, ["includes", "flat", "flatMap", "find", "at"]],
  [String.prototype, ["includes", "replaceAll", "padStart", "startsWith", "matchAll"]],
  [HTMLScriptElement.prototype, ["noModule"]],
]) for (const name of names) delete of[name];
"""
"""Takes from the browser what those of 2016 did not all have."""


def syntax_of(script: str) -> str:
    """Return what an ES5 parser says against a script, empty where nothing."""
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    node = shutil.which("node", path=path)
    assert node, "Node builds the front-end files: `make setup`"
    done = subprocess.run(
        [node, "--expose-internals", "-e", PARSE], input=script, capture_output=True, text=True, check=False
    )
    return done.stderr


@pytest.mark.parametrize("script", ["const a = 1;", "var f = (a) => a;", "var a = `b`;", "var a = { b };", "a?.b;"])
def test_newer_words_are_seen(script: str) -> None:
    assert "SyntaxError" in syntax_of(script)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_of_the_public_pages_is_written_for_old_browsers(name: str) -> None:
    assert syntax_of((PACKAGE / name).read_text("utf-8")) == ""


def test_every_colour_is_said_for_browsers_that_know_no_custom_properties(assets: Path) -> None:
    sheet = (assets / "web" / "public.css").read_text("utf-8")
    named = re.findall(r"([;{])((?!--)[\w-]+):([^;{}]*var\([^;{}]*)", sheet)
    assert len(named) > 50
    for rule in re.findall(r"\{([^{}]*)\}", sheet):
        said = [part.partition(":")[::2] for part in rule.split(";")]
        for before, (name, value) in zip([("", ""), *said], said, strict=False):
            if "var(" in value and not name.startswith("--"):
                assert before[0] == name, rule
                assert before[1].strip(), rule
                assert "var(" not in before[1], rule


@pytest.fixture
def public(
    release: Callable[..., PublicRelease], serve: Callable[..., Any], noon: dt.datetime, assets: Path
) -> Iterator[str]:
    gazetteer = Gazetteer(postcodes=pl.DataFrame({"postcode": ["ZZ1 1AA"], "lon": [-1.001], "lat": [55.001]}))
    given = FixedReleases(replace(release(), gazetteer=gazetteer))
    with serve(lambda _: create_public(given, clock=lambda: noon, assets=assets)) as site:
        yield site.origin


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.route(f"{LEAVE_TO}*", lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda problem: problems.append(str(problem)))
    opened.goto(ELSEWHERE)
    yield opened
    context.close()
    assert problems == []


def search_and_leave(page: Page, origin: str) -> None:
    page.goto(origin)
    page.fill("#where", "ZZ1 1AA")
    page.click("#search [type=submit]")
    page.wait_for_selector(".app-place__far")
    assert page.url == f"{origin}/"
    page.click("text=More about this place >> nth=0")
    page.wait_for_selector("#way")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(f"{LEAVE_TO}*")
    page.go_back()
    assert page.url == ELSEWHERE


@pytest.mark.browser
def test_an_old_browser_finds_shows_the_map_and_leaves_without_a_way_back(page: Page, public: str) -> None:
    page.add_init_script(NEWER)
    page.goto(public)
    page.click("#show-map")
    page.wait_for_selector("#map .app-pin")
    assert page.locator("#map path.leaflet-interactive, #map .leaflet-overlay-pane path").count() >= 2, "the outlines"
    assert page.locator("script[type=module]").count() == 0
    search_and_leave(page, public)


@pytest.mark.browser
def test_a_browser_that_can_show_no_page_by_script_still_leaves_without_a_way_back(page: Page, public: str) -> None:
    page.add_init_script(f"{NEWER}; delete window.DOMParser;")
    page.goto(public)
    page.click("text=Easy Read")
    page.wait_for_url(f"{public}/easy")
    page.click("#leave")
    page.wait_for_url(f"{LEAVE_TO}*")
    page.go_back()
    assert page.url == ELSEWHERE


@pytest.mark.browser
def test_after_a_search_that_found_nothing_the_keyboard_goes_on_from_what_is_wrong(page: Page, public: str) -> None:
    page.goto(public)
    page.fill("#where", "nowhere")
    page.click("#search [type=submit]")
    page.wait_for_selector("#where-error")
    assert page.evaluate("document.activeElement.id") == "where-error"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "nowhere"
    page.click("button:has-text('Polski')")
    page.wait_for_selector("html[lang=pl]")
    assert page.input_value("#where") == "nowhere"
    assert page.url == f"{public}/pl/"


@pytest.mark.browser
def test_without_style_sheets_everything_is_there_and_the_page_goes_at_once(page: Page, public: str) -> None:
    page.route("**/*.css", lambda route: route.abort())
    search_and_leave(page, public)
    page.goto(public)
    shown = page.evaluate("() => { document.getElementById('leave').click(); return document.body.innerText.trim(); }")
    assert shown == "Leaving this page.", "at once, before the next page comes"
