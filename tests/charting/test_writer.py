"""A chart says where its numbers come from, reads in grey, and is the same whenever it is drawn."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import pypdf
import pytest
from PIL import Image

from geo_service.charting import CHART_FORMS, MatplotlibCharts
from geo_service.errors import FaultError
from geo_service.model.charts import Chart, Heat, Panel, Series
from geo_service.model.layers import Provenance

TOLD = Provenance(
    3, "2026-07", {"boundary": "Nonesuch"}, seed=7, demonstration=True, destroy_after=dt.date(2026, 12, 20)
)
STEPS = np.arange(5.0)


def lines(*drawn: str, quiet: bool = False) -> Panel:
    series = [
        Series(f"the {number}th", STEPS, STEPS + number, STEPS, STEPS + 3, drawn=each, quiet=quiet)  # type: ignore[arg-type]
        for number, each in enumerate(drawn)
    ]
    return Panel(
        "What it is", "month", "share", series, ticks=[f"m{step}" for step in range(5)], percent=True, lines_at=[1]
    )


DAYS, CLOCK = [f"day {row}" for row in range(7)], [f"{hour:02d}" for hour in range(24)]
HOURS = Panel(heat=Heat(np.arange(168.0).reshape(7, 24), DAYS, CLOCK, "incidents", [(4, 22)]))


def chart(*panels: Panel, notes: tuple[str, ...] = ()) -> Chart:
    return Chart("some", "Some places hold more than others", panels, TOLD, ["A licence line."], notes)


def words(pdf: bytes) -> str:
    return " ".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def test_a_chart_says_its_marking_source_parameters_seed_licence_and_notes() -> None:
    said = words(MatplotlibCharts().write(chart(lines("line"), notes=("A note.",)), "pdf"))
    for wanted in (
        "DEMONSTRATION", "OFFICIAL", "Some places hold more than others", "Data version 3, to 2026-07",
        "boundary Nonesuch", "seed 7", "Destroy after 2026-12-20", "A licence line.", "A note.",
        "What it is", "the 0th",
    ):  # fmt: skip
        assert wanted in said


@pytest.mark.parametrize("form", CHART_FORMS)
def test_the_same_chart_gives_the_same_bytes(form: str) -> None:
    drawn = chart(lines("line", "steps", "points", "bars", "band"), HOURS)
    assert MatplotlibCharts().write(drawn, form) == MatplotlibCharts().write(drawn, form)


def test_lines_differ_by_more_than_colour() -> None:
    """Two lines that change places give another picture in grey, which they would not if only the hue differed."""
    one, other = (Series(name, STEPS, height + 0 * STEPS) for name, height in (("", 1.0), ("", 2.0)))
    turned = (Series("", STEPS, 2 + 0 * STEPS), Series("", STEPS, 1 + 0 * STEPS))
    pictures = [
        np.asarray(Image.open(io.BytesIO(MatplotlibCharts().write(chart(Panel(series=pair)), "png"))).convert("L"))
        > 128  # type: ignore[arg-type]
        for pair in ((one, other), turned)
    ]
    assert (pictures[0] != pictures[1]).sum() > 100


def test_a_frame_marks_hours_on_dark_and_on_light() -> None:
    plain = Panel(heat=Heat(HOURS.heat.values, HOURS.heat.rows, HOURS.heat.columns, "incidents"))  # type: ignore[union-attr]
    assert MatplotlibCharts().write(chart(HOURS), "png") != MatplotlibCharts().write(chart(plain), "png")


def test_a_letter_that_no_font_has_costs_a_box_and_not_the_chart() -> None:
    assert MatplotlibCharts().write(chart(lines("line"), notes=("\U0001f984",)), "svg").startswith(b"<?xml")


def test_another_form_is_refused() -> None:
    with pytest.raises(FaultError, match="svg, png, pdf"):
        MatplotlibCharts().write(chart(lines("line")), "xlsx")
