"""Turn a chart into SVG, PNG or PDF."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo_service.errors import FaultError

if TYPE_CHECKING:
    from geo_service.model.charts import Chart

CHART_FORMS: Final = ("svg", "png", "pdf")


class MatplotlibCharts:
    """Draw charts, every one with where its numbers come from."""

    def __init__(self, fonts: Path | None = None) -> None:
        """Take the folder of the fonts; None is the package's own, which `make setup` fills."""
        self._fonts = fonts if fonts is not None else Path(str(resources.files("geo_service"))) / "assets" / "fonts"

    def write(self, chart: Chart, form: str) -> bytes:
        """Return a chart as `svg`, `png` or `pdf`; the same chart gives the same bytes.

        Raises FaultError for another form.
        """
        if form not in CHART_FORMS:
            raise FaultError("A chart cannot be written so", found=form, do=f"Use one of {', '.join(CHART_FORMS)}")
        from geo_service.charting.figures import draw

        return draw(chart, form, self._fonts)
