"""Codes and descriptions meet however a force writes them."""

from __future__ import annotations

import polars as pl
import pytest

from geo_service.harm.codes import code_key, description_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("008/06", "008/06"),
        ("8/6", "008/06"),
        (" 8 / 06 ", "008/06"),
        ("00806", "008/06"),
        ("105/01", "105/01"),
        ("104/23", "104/23"),
        ("8n", "8N"),
        ("", ""),
        (None, ""),
    ],
)
def test_codes_of_a_force_export_come_to_one_form(written: str | None, key: str) -> None:
    frame = pl.DataFrame({"code": [written]}, schema={"code": pl.String})
    assert frame.select(code_key(pl.col("code"))).item() == key


def test_descriptions_are_compared_without_case_and_spacing() -> None:
    frame = pl.DataFrame({"said": ["  Theft  from the\tPerson ", None]})
    assert frame.select(description_key(pl.col("said"))).to_series().to_list() == ["theft from the person", ""]
