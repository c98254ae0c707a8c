"""Every page and file of the public site, in every language: it asks nobody else, keeps nothing and writes nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urldefrag, urljoin
from zoneinfo import ZoneInfo

import httpx
import pytest

from geo_service.languages import NAMES
from geo_service.releases.inbox import InboxFolder
from geo_service.releases.watching import WatchedReleases
from geo_service.web.languages import languages
from geo_service.web.public import LEAVE_TO, create_public
from geo_service.web.public_pages import PLAIN_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext

EVENING: Final = dt.datetime(2026, 3, 3, 20, 30, tzinfo=ZoneInfo("Europe/London"))
INLINE: Final = re.compile(r"<[^>]*\s(?:style|on\w+)\s*=|<style|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
ADDRESS: Final = re.compile(r'\s(?:href|src|action|data-source|data-map-script)="([^"]+)"')
ELSEWHERE: Final = ("https://", "http://", "//")
SEARCHES: Final = 200
KEPT: Final = """async () => [
  localStorage.length, sessionStorage.length, document.cookie.length, (await indexedDB.databases()).length,
  (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length,
]"""


@pytest.fixture
def public(serve: Callable[..., Any], demonstration_dir: Path, tmp_path: Path, assets: Path) -> Iterator[str]:
    releases, inbox = WatchedReleases(demonstration_dir / "public" / "releases"), InboxFolder(tmp_path / "inbox")
    with serve(lambda _: create_public(releases, clock=lambda: EVENING, assets=assets, inbox=inbox)) as site:
        yield site.origin


def crawl(origin: str) -> dict[str, httpx.Response]:
    """Follow every address of the site's own from the first page; return what was answered to each."""
    answers: dict[str, httpx.Response] = {}
    waiting = [f"{origin}/", f"{origin}/embed", f"{origin}/near", f"{origin}/nowhere"]
    with httpx.Client() as client:
        while waiting:
            address = waiting.pop()
            if address in answers:
                continue
            answers[address] = answer = client.get(address)
            if answer.headers.get("content-type", "").startswith("text/html"):
                found = (urldefrag(urljoin(address, link))[0] for link in ADDRESS.findall(answer.text))
                waiting += [link for link in found if link.startswith(f"{origin}/")]
    return answers


def watch(context: BrowserContext, origin: str) -> list[str]:
    """Gather requests elsewhere, errors in the console (a refusal by the policy is one), and what a script raised."""
    wrong: list[str] = []
    context.on("request", lambda asked: None if asked.url.startswith(f"{origin}/") else wrong.append(asked.url))
    context.on(
        "console",
        lambda said: wrong.append(f"{said.text} {said.location}") if said.type in {"error", "warning"} else None,
    )
    context.on("weberror", lambda problem: wrong.append(str(problem.error)))
    return wrong


def test_every_page_and_file_names_nobody_else_sets_nothing_and_runs_nothing_inline(public: str) -> None:
    answers = crawl(public)
    pages = {path: one for path, one in answers.items() if one.headers["content-type"].startswith("text/html")}
    # Each page of words, each place and each form about it, in each language.
    assert len(pages) >= len(NAMES) * (8 + 2 * 10)
    assert {one.status_code for path, one in answers.items() if not path.endswith(("/near", "/nowhere"))} == {200}
    for path, answer in answers.items():
        assert "set-cookie" not in answer.headers, path
        assert "unsafe" not in answer.headers["content-security-policy"], path
        assert answer.headers["referrer-policy"] == "no-referrer", path
    for path, page in pages.items():
        assert INLINE.search(page.text) is None, path
        # What an `itemprop` names is a word of a vocabulary: no browser asks for it.
        asked = re.sub(r'<link itemprop="[^>]*>', "", page.text)
        named = {link for link in ADDRESS.findall(asked) if link.startswith(ELSEWHERE)}
        assert named <= {LEAVE_TO}, path
    for path, answer in answers.items():
        if path.endswith(".css"):
            assert not re.search(r"@import|url\((?!['\"]?(?:data:|images/|#))", answer.text), path


@pytest.mark.browser
def test_the_watch_sees_what_is_wrong(browser: Browser, public: str) -> None:
    context = browser.new_context()
    wrong = watch(context, public)
    page = context.new_page()
    page.goto(public)
    with page.expect_event("console"):
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    assert any("style-src" in said for said in wrong)
    page.evaluate("localStorage.setItem('a', 'b')")
    assert page.evaluate(KEPT)[0] == 1
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("code", NAMES)
def test_in_chromium_no_page_asks_elsewhere_breaks_the_policy_or_keeps_anything(
    browser: Browser, public: str, code: str
) -> None:
    context = browser.new_context()
    wrong = watch(context, public)
    page = context.new_page()
    start = f"{public}{languages()[code].prefix}/"
    # In English every place; in the others one, as their pages are of one template.
    places = [f"nonesuch-{number:02}" for number in range(1, 11 if code == "en" else 2)]
    for path in ("", *PLAIN_PAGES, "embed", *(f"{kind}/{one}" for kind in ("place", "wrong") for one in places)):
        answer = page.goto(start + path)
        assert answer is not None
        assert answer.ok, path
    page.goto(start)
    page.fill("#where", "ZZ9 0AA")
    page.press("#where", "Enter")
    page.wait_for_selector(".app-place__way")
    page.click("#show-map")
    page.wait_for_selector(".app-pin")
    page.locator(".app-place__way").first.click()
    page.wait_for_selector("#phone-map")
    assert page.evaluate(KEPT) == [0] * 6
    assert context.cookies() == []
    assert wrong == []
    context.close()


@contextmanager
def started(command: str, folder: Path, home: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the public site as its users do; yield its address and a list that is filled with all that it said."""
    kept = {name: value for name, value in os.environ.items() if name not in {"HOME", "TMPDIR"}}
    said: list[str] = []
    with subprocess.Popen(
        [command, "serve", "--site", "public", "--port", "0", "--releases", folder, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=home,
        env={**kept, "HOME": str(home), "TMPDIR": str(home)},
    ) as site:
        assert site.stdout is not None
        try:
            first = site.stdout.readline()
            yield json.loads(first)["url"].rstrip("/"), said
        finally:
            site.send_signal(signal.SIGINT)
            said += [first, site.communicate(timeout=60)[0]]
    assert site.returncode == 0


def test_after_two_hundred_searches_nothing_written_says_where_anybody_was(
    command: str, demonstration_copy: Path, tmp_path: Path
) -> None:
    folder, home = demonstration_copy / "public" / "releases", tmp_path / "home"
    home.mkdir()
    gazetteer = WatchedReleases(folder).current().gazetteer
    postcodes, streets = gazetteer.postcodes["postcode"].to_list(), gazetteer.streets["name"].to_list()
    before = {path: path.read_bytes() for path in demonstration_copy.parent.rglob("*") if path.is_file()}
    secrets: set[str] = set()
    with started(command, folder, home) as (origin, said), httpx.Client() as client:
        for number in range(SEARCHES):
            lon_lat = f"53.85{number:03},1.11{number:03}"
            where = (postcodes[number % 5], streets[number % len(streets)], f"Lost Lane {number}", "")[number % 4]
            at = "" if where else lon_lat
            secrets |= {where or lon_lat, *lon_lat.split(",")}
            path, more = (("/near", {}), ("/pl/near", {"open": "yes"}), ("/way", {"place": "nonesuch-01"}))[number % 3]
            assert client.post(origin + path, data={"where": where, "at": at, **more}).status_code == 200
            if number % 10 == 0:  # what goes wrong must not be written down either
                client.post(f"{origin}/nowhere/{number}", data={"where": where, "at": lon_lat})
                # The connection of a form that is too large is closed.
                httpx.post(f"{origin}/near", data={"where": where * 9_000, "at": "54,999"})
                client.get(f"{origin}/near", params={"where": where, "at": lon_lat})
    assert len(secrets) > SEARCHES
    after = {path: path.read_bytes() for path in demonstration_copy.parent.rglob("*") if path.is_file()}
    assert after == before
    written = "".join(said)
    assert list(home.iterdir()) == []
    assert [one for one in secrets if one.lower() in written.lower()] == []
    assert len(written.splitlines()) == 1
