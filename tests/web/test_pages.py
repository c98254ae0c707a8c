"""Numbers, moments and details in words."""

from __future__ import annotations

import datetime as dt

import pytest

from geo_service.web import pages


@pytest.mark.parametrize(
    ("value", "said", "whole"),
    [(None, "-", "-"), (0, "0", "0"), (1234, "1,234", "1,234"), (14814.5, "14,814.5", "14,814"), (2.0, "2", "2")],
)
def test_a_number_is_written_with_its_thousands_separated(value: float | None, said: str, whole: str) -> None:
    assert pages.number_words(value) == said
    assert pages.whole_words(value) == whole


def test_a_moment_is_told_by_london_s_clock() -> None:
    assert pages.moment_words(dt.datetime(2025, 6, 30, 23, 5, tzinfo=dt.UTC)) == "1 July 2025, 00:05"
    assert pages.day_words(None) == "never"


def test_a_command_in_a_message_is_set_as_code_and_what_a_user_typed_stays_text() -> None:
    assert pages.code_words("Run `geo-service zones` <b>first</b>") == (
        "Run <code>geo-service zones</code> &lt;b&gt;first&lt;/b&gt;"
    )
    assert pages.code_words("`<script>`") == "<code>&lt;script&gt;</code>"


def test_the_detail_of_an_event_is_told_without_braces_and_hashes() -> None:
    detail = {"files": [{"name": "a.csv", "read": 26851, "sha256": "8fa0"}], "area_share": "1.4 %"}
    assert pages.detail_words(detail) == "files name a.csv, read 26,851, area share 1.4 %"
    assert pages.detail_words({}) == ""
    assert pages.detail_words({"zones": list("abcdefghijklmnop")}).endswith("k; l; and 4 more")
