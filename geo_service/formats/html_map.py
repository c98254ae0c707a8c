"""One HTML file that holds a whole map and opens with no network, drawn with folium.

folium 0.20 parses every text that it is given a second time as a template, so that a name such as `{{7*7}}` would be
run. Nothing of a table's text reaches it before `inert` has made it plain characters of HTML.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import jinja2
import markupsafe
import numpy as np
import orjson
import polars as pl
import shapely

from geo_service.errors import FaultError
from geo_service.formats import map_words
from geo_service.formats.columns import plain_rows
from geo_service.formats.geojson import geometry_json
from geo_service.formats.symbols import SIZE, dash, symbol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.resources.abc import Traversable

    import folium

    from geo_service.model.layers import FeatureTable

_ENTITIES: Final = {character: f"&#{ord(character)};" for character in "&<>\"'{}`"}
_POSITION: Final = ("lon", "lat", "wkt")
_FLAT: Final = ("line", "area")
_FAINT: Final = 0.08
_FILLED: Final = 0.35
_GROUND_FILLED: Final = 0.7
_MANY: Final = 3_000
"""Features from which on a canvas draws faster than SVG."""
_GROUND: Final = {"water": "#9cc5dd", "park": "#c3dbb3", "wood": "#b5cfa0", "street": "#a3a8ab", "building": "#c8c4c0"}
_NAME_PINS: Final = """function (feature, layer) {
    layer.on('popupopen', function () { layer.closeTooltip(); });
    layer.on('add', function () {
        const element = layer.getElement && layer.getElement();
        if (element && element.classList.contains('pin')) {
            const text = document.createElement('div');
            text.innerHTML = feature.properties.tip;
            element.setAttribute('aria-label', text.textContent);
            if (feature.properties.here > 1) {
                element.dataset.here = feature.properties.here;
            }
        }
    });
}"""


class HtmlMap:
    """Write feature tables as one self-contained HTML file with popups, legend, layer switch and scale."""

    def __init__(self, assets: Traversable | None = None) -> None:
        """Take the folder that holds `leaflet.js` and `leaflet.css`; the built front-end files by default."""
        self._assets = assets or resources.files("geo_service").joinpath("assets", "leaflet")

    def write(self, tables: Sequence[FeatureTable], *, title: str) -> bytes:
        """Draw the tables, lowest first, on a map that needs no network; the same tables give the same bytes.

        Raises FaultError where the front-end files have not been built.
        """
        script, style = self._asset("leaflet.js"), self._asset("leaflet.css")
        drawn = _draw(tables)
        root: Any = drawn.get_root()  # branca declares less than it gives
        _number(root)
        root.render()
        page = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True).from_string(
            resources.files(__package__).joinpath("map_page.html").read_text(encoding="utf-8")
        )
        return page.render(
            title=title,
            leaflet_js=markupsafe.Markup(script),  # noqa: S704 (our own build)
            leaflet_css=markupsafe.Markup(style),  # noqa: S704 (the same)
            map_html=markupsafe.Markup(root.html.render()),  # noqa: S704 (folium's frame, no text of a table)
            map_script=markupsafe.Markup(root.script.render()),  # noqa: S704 (texts are inert, see above)
            map_name=drawn.get_name(),
            nothing=_bounds(tables) is None,
            **map_words.beside(tables, _dashes(tables)),
        ).encode()

    def _asset(self, name: str) -> str:
        try:
            text = self._assets.joinpath(name).read_text(encoding="utf-8")
        except OSError:
            raise FaultError(
                "The front-end files are not built", found=f"no {name}", do="Run `make setup`", field=name
            ) from None
        if name.endswith(".css"):
            return re.sub(r"url\((?!['\"]?data:)[^)]*\)", "none", text)
        return re.sub(r"//# sourceMappingURL=\S*", "", text)


def inert(texts: pl.Expr) -> pl.Expr:
    """Return texts as characters of HTML that neither a browser, a script nor a template takes for its own."""
    return texts.str.replace_many(_ENTITIES)


def _inert(text: str) -> str:
    return str(pl.select(inert(pl.lit(text))).item())


def _draw(tables: Sequence[FeatureTable]) -> folium.Map:
    import folium  # noqa: PLC0415 (heavy)

    drawn = folium.Map(
        location=(54.0, -2.5),
        zoom_start=6,
        tiles=None,
        control_scale=True,
        zoom_snap=0.25,
        attribution_control=False,
        prefer_canvas=sum(table.rows.height for table in tables) > _MANY,
    )
    drawn.default_js, drawn.default_css = [], []  # they are on the network
    highest = max((n for n, table in enumerate(tables) if table.style.shape in _FLAT), default=0)
    for n, (table, dashes) in enumerate(zip(tables, _dashes(tables), strict=True)):
        fill = _FILLED if n == highest else _FAINT  # an area below only gives the frame
        layer = folium.GeoJson(
            {"type": "FeatureCollection", "features": _features(table, dashes, fill)},
            name=f"{symbol(table.style, dashes=dashes)}<span>{_inert(table.title)}</span>",
            marker=_marker(table),
            on_each_feature=folium.JsCode(_NAME_PINS),
        )
        if layer.data["features"]:
            folium.GeoJsonTooltip(["tip"], labels=False, sticky=False).add_to(layer)
            folium.GeoJsonPopup(["card"], labels=False, localize=False, max_width=340, min_width=240).add_to(layer)
        layer.add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    # The view opens on what the map is about; what frames it may lie outside.
    bounds = _bounds(tables[highest : highest + 1]) or _bounds(tables)
    if bounds is not None:
        west, south, east, north = bounds
        drawn.fit_bounds([[south, west], [north, east]], padding=(24, 24), max_zoom=17)
    return drawn


def _dashes(tables: Sequence[FeatureTable]) -> list[str]:
    flat = [table.style.shape == "area" for table in tables]
    return [dash(sum(flat[:n])) if is_flat else "" for n, is_flat in enumerate(flat)]


def _marker(table: FeatureTable) -> folium.Marker:
    import folium  # noqa: PLC0415 (heavy)

    icon = folium.DivIcon(
        html=symbol(table.style), icon_size=(SIZE, SIZE), icon_anchor=(SIZE // 2, SIZE // 2), class_name="pin"
    )
    return folium.Marker(icon=icon)


def _features(table: FeatureTable, dashes: str, fill: float) -> list[dict[str, Any]]:
    """Return what is drawn, with its words as HTML and its style; points on one spot become one pin."""
    there = ~(shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry))
    rows = plain_rows(table).filter(pl.Series(there))
    words = rows.select(_tip(rows).alias("tip"), _card(rows).alias("card"), _colour(table, rows).alias("colour"))
    words = words.with_columns(pl.Series("shape", geometry_json(table.geometry[there]), dtype=pl.String))
    words = words.with_columns(here=pl.lit(1)) if table.style.shape in _FLAT else _stacked(words)
    line = {"weight": 2.5, "fillOpacity": fill, "dashArray": dashes or None}
    if table.style.shape == "line":
        # The ground has water and parks to fill; the outline of a boundary frames what lies below it.
        line = {"weight": 1.5, "fillOpacity": _GROUND_FILLED if "kind" in rows.columns else 0}
    return [
        {
            "type": "Feature",
            "id": str(number),
            "geometry": orjson.loads(row["shape"]),
            "properties": {
                "tip": row["tip"],
                "card": row["card"],
                "here": row["here"],
                "style": {**line, "color": row["colour"], "fillColor": row["colour"]},
            },
        }
        for number, row in enumerate(words.iter_rows(named=True))
    ]


def _stacked(words: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each spot: without that, only the last of several pins on a spot could be reached."""
    return words.group_by("shape", maintain_order=True).agg(
        pl.when(pl.len() > 1)
        .then(pl.format("{} here: {}", pl.len(), pl.col("tip").fill_null("?").str.join(", ")))
        .otherwise(pl.col("tip").first())
        .first()
        .alias("tip"),
        pl.col("card").str.join(""),
        pl.col("colour").first(),
        pl.len().alias("here"),
    )


def _tip(rows: pl.DataFrame) -> pl.Expr:
    return inert(pl.coalesce(pl.col(name).cast(pl.String) for name in map_words.NAMES if name in rows.columns))


def _card(rows: pl.DataFrame) -> pl.Expr:
    """Return all facts of a feature as rows of an HTML table; an empty cell is left out."""
    lines = [
        pl.concat_str(
            pl.lit(f"<tr><th>{_inert(name.replace('_', ' ').capitalize())}</th><td>"),
            inert(_worded(name, kind)),
            pl.lit("</td></tr>"),
        )
        for name, kind in rows.schema.items()
        if name not in _POSITION
    ]
    return pl.concat_str([pl.lit('<table class="card">'), *lines, pl.lit("</table>")], ignore_nulls=True)


def _worded(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Boolean:
        return pl.when(column).then(pl.lit("yes")).when(~column).then(pl.lit("no"))
    if kind.is_float():
        return column.round_sig_figs(6).cast(pl.String).str.replace(r"\.0$", "")
    return column.cast(pl.String)


def _colour(table: FeatureTable, rows: pl.DataFrame) -> pl.Expr:
    """Return the layer's colour, or that of the kind of ground (water, park, street, building)."""
    colour = pl.lit(table.style.colour)
    if table.style.shape == "line" and rows.schema.get("kind") == pl.String:
        return pl.coalesce(pl.col("kind").replace_strict(_GROUND, default=None, return_dtype=pl.String), colour)
    return colour


def _bounds(tables: Sequence[FeatureTable]) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of all that is drawn; None where nothing has a position."""
    edges = [bounds for bounds in (shapely.bounds(table.geometry) for table in tables) if np.isfinite(bounds).any()]
    if not edges:
        return None
    corners = np.concatenate(edges)
    west, south = np.nanmin(corners[:, :2], axis=0)
    east, north = np.nanmax(corners[:, 2:], axis=0)
    return float(west), float(south), float(east), float(north)


def _number(element: Any, count: Iterator[int] | None = None) -> None:  # noqa: ANN401 (branca has no types)
    """Give folium's elements numbers for names in place of random ones."""
    count = iter(range(1_000_000)) if count is None else count
    element._id = f"{next(count):06d}"  # noqa: SLF001 (folium takes no seed)
    for child in element._children.values():  # noqa: SLF001
        _number(child, count)
