"""`geo-service safe-places publish`, `releases`, `use` and `prune`, and a site that follows them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import httpx

from faults import public
from geo_service.releases import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def test_a_release_is_made_listed_and_gone_back_from(say: Callable, demonstration_copy: Path) -> None:
    area = ("--data-dir", demonstration_copy, "safe-places")
    made = say(*area, "publish", "--show-unverified", "--json").facts
    assert (made["number"], made["before"], made["places"], made["left_out"]) == (2, 1, 13, {"suspended": 2})
    assert made["open_data"] == ["safe-places-open-referral.json", "safe-places.csv", "safe-places.geojson"]
    assert say(*area, "use", "1").out == "The public site shows release 1 in place of 2.\n"
    assert say(*area, "use", "1").out == "The public site still shows release 1.\n"
    listed = say(*area, "releases", "--json").facts["releases"]
    assert [(line["number"], line["current"], line["show_unverified"], line["damage"]) for line in listed] == [
        (1, True, False, ""), (2, False, True, ""),
    ]  # fmt: skip
    (demonstration_copy / FOLDER / "000002" / "places.parquet").unlink()
    assert "Public release 000002 is damaged: places.parquet" in say(*area, "releases").out


def test_old_releases_are_removed_after_a_look_and_one_that_is_served_later(
    say: Callable, refused: Callable[..., str], demonstration_copy: Path
) -> None:
    area = ("--data-dir", demonstration_copy, "safe-places")
    for number in range(2, 6):
        say(*area, "publish", *(["--show-unverified"] if number % 2 == 0 else []))
    say(*area, "use", 1)
    with public.public_process(demonstration_copy / FOLDER) as (origin, _):
        say(*area, "use", 5)
        looked = say(*area, "prune", "--keep", 1)
        assert looked.out.splitlines()[0].startswith("Would be removed: 2 releases, ")
        assert looked.out.splitlines()[1:] == [
            "Stays because a site serves it still: 1.",
            "Would be kept: 1, 4-5; 5 is shown.",
            "Nothing was changed yet: add --yes to do it.",
        ]
        assert httpx.get(f"{origin}/").status_code == httpx.codes.OK
    done = say(*area, "prune", "--keep", 1, "--yes", "--json").facts
    assert (done["releases"], done["kept"], done["shown"], done["removed"]) == ([1, 2, 3], [4, 5], 5, True)
    assert sorted(path.name for path in (demonstration_copy / FOLDER).glob("0*")) == ["000004", "000005"]
    assert say(*area, "prune", "--keep", 1).out.startswith("There is nothing to remove. What stays: the newest")
    assert "There are: 4, 5." in refused(*area, "use", "1")
    assert "greater than or equal to 1" in refused(*area, "prune", "--keep", "0")


def test_what_cannot_be_published_or_shown_is_said_in_one_message(
    refused: Callable[..., str], demonstration_copy: Path
) -> None:
    area = ("--data-dir", demonstration_copy, "safe-places")
    assert "Nothing has changed since the release that is shown. Found: release 1." in refused(*area, "publish")
    assert "No public release of that number. Found: 7. There are: 1." in refused(*area, "use", "7")
    assert "is not a valid integer" in refused(*area, "use", "first")


def test_before_anything_is_published_both_sides_say_how(
    say: Callable, refused: Callable[..., str], demonstration_copy: Path
) -> None:
    shutil.rmtree(demonstration_copy / "public")
    area = ("--data-dir", demonstration_copy)
    assert "Nothing has been published yet" in say(*area, "safe-places", "releases").out
    said = refused(*area, "serve", "--site", "public", "--port", "0")
    assert "Nothing has been published yet. Publish the Safe Places first" in said


def test_a_site_that_runs_shows_what_a_command_publishes(say: Callable, demonstration_copy: Path) -> None:
    def listed(origin: str) -> Iterator[bool]:
        # While the new pages are made beside the requests, those who ask are given the former ones.
        for _ in range(1_000):
            yield "Fiddlestow Parade Bakery" in httpx.get(f"{origin}/").text

    with public.public_process(demonstration_copy / FOLDER) as (origin, _):
        assert not next(listed(origin))
        say("--data-dir", demonstration_copy, "safe-places", "publish", "--show-unverified")
        assert any(listed(origin))
        say("--data-dir", demonstration_copy, "safe-places", "use", "1")
        assert not all(listed(origin))
