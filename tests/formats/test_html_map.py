"""The map is one file that opens with no network, and no name in it is run."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geo_service.errors import FaultError
from geo_service.formats.html_map import HtmlMap
from geo_service.model.access import Audience
from geo_service.model.layers import LayerStyle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from geo_service.model.layers import FeatureTable

BUILT = Path(str(resources.files("geo_service"))) / "assets" / "leaflet"
WARD = shapely.box(-1.95, 52.25, -1.85, 52.35)


@pytest.fixture(scope="module")
def writer() -> HtmlMap:
    if not (BUILT / "leaflet.js").is_file():
        pytest.skip("the front-end files are not built (make setup)")
    return HtmlMap()


@pytest.fixture(scope="module")
def page_of(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bytes], Page]]:
    """Open files in Chromium without a network; every other request, error and console message is a failure."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only where a browser is)

    heard: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(offline=True)

        def opened(data: bytes) -> Page:
            path = tmp_path_factory.mktemp("map") / "map.html"
            path.write_bytes(data)
            page = context.new_page()
            page.on("pageerror", lambda error: heard.append(f"error {error}"))
            page.on("console", lambda message: heard.append(f"console {message.text}"))
            page.on("request", lambda asked: None if asked.url == path.as_uri() else heard.append(asked.url))
            page.goto(path.as_uri())
            return page

        yield opened
        browser.close()
    assert heard == []


def test_missing_front_end_files_are_a_fault_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(FaultError, match=r"front-end files are not built.*Run `make setup`"):
        HtmlMap(tmp_path).write([], title="Map")


def test_the_file_names_no_address_that_could_be_fetched(writer: HtmlMap, hostile: FeatureTable) -> None:
    text = writer.write([hostile], title="Map").decode()
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", text.replace("<img src=x", ""))
    assert "cdn" not in text.lower()
    assert "sourceMappingURL" not in text
    assert not re.findall(r"url\((?!['\"]?data:)", text.split("<script>", maxsplit=1)[0])
    assert "default-src 'none'" in text


def test_no_name_is_run_as_a_template(writer: HtmlMap, hostile: FeatureTable) -> None:
    script = writer.write([hostile], title="{{7*7}}").decode()
    assert "<title>{{7*7}}</title>" in script
    assert "49 {%" not in script
    assert script.count("&#123;&#123;7*7&#125;&#125;") + script.count("\\u0026#123;\\u0026#123;7*7") >= 2


def test_the_same_tables_give_the_same_bytes(writer: HtmlMap, hostile: FeatureTable) -> None:
    assert writer.write([hostile], title="Map") == writer.write([hostile], title="Map")


def test_the_page_says_what_must_be_said(writer: HtmlMap, make_table: Callable[..., FeatureTable]) -> None:
    table = make_table([shapely.Point(-1.9, 52.3), None], name=["Hall", "Town Hall"], demonstration=True)
    text = writer.write([table], title="Places & more").decode()
    for words in (
        "<h1>Places &amp; more</h1>",
        "DEMONSTRATION: an invented place. Nothing on this map is real.",
        "<strong>Places</strong>: 2; without a pin: Town Hall",
        "Places: data version 7; data to 2025-09; area share 1.4 %; seed 42",
        "<li>A proxy, not a measure</li>",
        "<li>Licence two</li>",
    ):
        assert words in text
    marks = "OFFICIAL <span>data version 7; destroy after 2026-12-20</span>"
    assert text.count(f'<div class="marking">{marks}</div>') == 2
    for name, content in (("marking", "OFFICIAL"), ("data-version", "7"), ("destroy-after", "2026-12-20")):
        assert f'<meta name="{name}" content="{content}">' in text


def test_a_map_has_the_strictest_marks_of_what_is_on_it(
    writer: HtmlMap, make_table: Callable[..., FeatureTable]
) -> None:
    zones = make_table([shapely.Point(-1.9, 52.3)])
    sensitive = replace(zones, provenance=replace(zones.provenance, marking="OFFICIAL-SENSITIVE", data_version=6))
    sooner = replace(zones, provenance=replace(zones.provenance, destroy_after=dt.date(2026, 11, 30)))
    wards = replace(zones, audience=Audience.PUBLIC)
    text = writer.write([wards, sensitive, sooner], title="Map").decode()
    assert "OFFICIAL-SENSITIVE <span>data version 7; destroy after 2026-11-30</span>" in text
    public = writer.write([wards], title="Map").decode()
    assert "OFFICIAL <span>data version 7; public, no destroy-after</span>" in public


def test_a_map_of_nothing_says_so(writer: HtmlMap, make_table: Callable[..., FeatureTable]) -> None:
    for tables in ([], [make_table([])], [make_table([None], name=["Hall"])]):
        assert "the map is empty" in writer.write(tables, title="Nothing").decode()


@pytest.mark.browser
def test_hostile_names_are_shown_and_never_run(
    writer: HtmlMap, hostile: FeatureTable, names: tuple[str, ...], page_of: Callable[[bytes], Page]
) -> None:
    page = page_of(writer.write([hostile], title="Map"))
    pins = page.locator(".pin")
    assert pins.count() == len(names)
    for number, name in enumerate(names):
        pins.nth(number).focus()
        page.keyboard.press("Enter")
        page.locator(".leaflet-popup-content").wait_for()
        assert page.locator(".leaflet-popup-content tr:has(th:text-is('Name')) td").last.text_content() == name
        assert pins.nth(number).get_attribute("aria-label") == name
        page.keyboard.press("Escape")
    assert page.title() == "Map"
    assert page.locator("#layers label").inner_text().endswith(names[0])


@pytest.mark.browser
def test_layers_are_drawn_with_symbols_scale_and_switch(
    writer: HtmlMap, make_table: Callable[..., FeatureTable], page_of: Callable[[bytes], Page]
) -> None:
    ward = make_table([WARD], shape="area", title="Wards", name=["Abbey"])
    cameras = make_table([shapely.Point(-1.9, 52.3)] * 3, title="Cameras", name=["a", "b", "c"])
    page = page_of(writer.write([ward, cameras], title="Map"))
    assert page.locator("path.leaflet-interactive").count() == 1
    assert page.locator(".pin").count() == 1
    assert page.locator(".pin").get_attribute("data-here") == "3"
    assert page.locator(".leaflet-control-scale").is_visible()
    box = page.locator("path.leaflet-interactive").bounding_box()
    assert box is not None
    assert box["height"] > 100
    page.locator("#layers label").nth(1).click()
    assert page.locator(".pin").count() == 0


@pytest.mark.browser
def test_many_features_are_drawn(
    writer: HtmlMap, make_table: Callable[..., FeatureTable], page_of: Callable[[bytes], Page]
) -> None:
    corners = np.stack(np.meshgrid(np.arange(60), np.arange(60)), axis=-1).reshape(-1, 2) / 1000
    cells = shapely.box(corners[:, 0] - 2, corners[:, 1] + 52, corners[:, 0] - 1.999, corners[:, 1] + 52.001)
    page = page_of(writer.write([make_table(list(cells), shape="area")], title="Cells"))
    assert page.locator("canvas").count() == 1


@pytest.mark.parametrize("shape", ["circle", "square", "triangle", "diamond", "cross", "line", "area"])
def test_every_shape_has_a_symbol_of_its_own(shape: str) -> None:
    from geo_service.formats.symbols import symbol  # noqa: PLC0415

    drawn = symbol(LayerStyle(shape, "#00703c", "S"))
    assert drawn.startswith("<svg")
    assert ">S</text>" in drawn
    assert drawn != symbol(LayerStyle("nothing", "#00703c", "S")) or shape == "circle"
