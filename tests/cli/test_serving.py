"""`geo-service serve` and `demo`, started as their users start them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from geo_service.app import open_area
from geo_service.workflows.importing import imports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WRONG = {
    "an unknown site": (["--site", "police"], "Unknown site. Found: police. Use --site staff or --site public."),
    "no site": ([], "Missing option '--site'."),
    "every address for staff": (
        ["--site", "staff", "--host", "0.0.0.0"],  # noqa: S104 - what must be refused
        "is for this machine only. Found: --host 0",
    ),
    "another machine for staff": (
        ["--site", "staff", "--host", "staff.example"],
        "Found: --host staff.example. Make an account first",
    ),
    "a proxy without accounts": (
        ["--site", "staff", "--behind-proxy", "https://patrol.example"],
        "is for this machine only. Found: --behind-proxy https://patrol.example",
    ),
    "a proxy in the clear": (
        ["--site", "staff", "--behind-proxy", "http://patrol.example"],
        "Found: http://patrol.example. Write it as https://",
    ),
    "a proxy below a path": (["--site", "staff", "--behind-proxy", "https://a.example/b"], "nothing after the name"),
    "a certificate without its key": (["--site", "staff", "--certificate", "a.pem"], "Give --key too."),
    "a key without its certificate": (["--site", "staff", "--key", "a.pem"], "Give --certificate too."),
    "a certificate that is not there": (
        ["--site", "staff", "--certificate", "no.pem", "--key", "no.pem"],
        "Found: no.pem: No such file",
    ),
    "a certificate and a proxy": (
        ["--site", "staff", "--certificate", "a.pem", "--key", "a.pem", "--behind-proxy", "https://a.example"],
        "Give --certificate and --key, or --behind-proxy.",
    ),
    "a port beyond the last": (["--site", "public", "--port", "65536"], "should be less than or equal to 65535"),
    "a port below the first": (["--site", "public", "--port", "-1"], "should be greater than or equal to 0"),
    "a host that is not there": (
        ["--site", "public", "--host", "no.host.invalid", "--port", "0"],
        "Give --host an address",
    ),
    "releases for staff": (["--site", "staff", "--releases", "."], "--releases is for the public site."),
    "a folder without releases": (
        ["--site", "public", "--releases", "no-such-folder"],
        "Nothing has been published yet. Publish the Safe Places first",
    ),
    "no host": (["--site", "public", "--host", "", "--port", "0"], "--host is empty."),
}


@contextmanager
def started(command: str, *words: object) -> Iterator[dict[str, Any]]:
    """Start a site, yield what it prints as JSON, and interrupt it; it must end well and say nothing more."""
    with subprocess.Popen(
        [command, *words, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as site:
        assert site.stdout is not None
        try:
            yield json.loads(site.stdout.readline())
        finally:
            site.send_signal(signal.SIGINT)
            rest, errors = site.communicate(timeout=60)
    assert (site.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize("slip", WRONG)
def test_a_site_that_cannot_be_served_is_refused_in_one_message(
    slip: str, refused: Callable[..., str], demonstration_dir: Path
) -> None:
    words, expected = WRONG[slip]
    assert expected in refused("--data-dir", demonstration_dir, "serve", *words)


@pytest.mark.parametrize("site", ["staff", "public"])
def test_a_port_in_use_is_told(site: str, refused: Callable[..., str], demonstration_dir: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused("--data-dir", demonstration_dir, "serve", "--site", site, "--port", port)
    assert f"127.0.0.1:{port}, Address already in use. Another program listens there" in said


def test_the_staff_site_opens_for_its_link_once_and_for_nobody_else(command: str, demonstration_copy: Path) -> None:
    with started(command, "--data-dir", demonstration_copy, "serve", "--site", "staff", "--port", "0") as keys:
        assert list(keys) == ["site", "link", "api", "api_token"]
        origin = keys["link"].partition("/sign-in")[0]
        wrong = httpx.get(f"{origin}/sign-in?token=wrong")
        assert (wrong.status_code, "Each link works once" in wrong.text) == (403, True)
        elsewhere = httpx.get(keys["link"], headers={"host": "evil.example"})
        assert (elsewhere.status_code, "This site answers to its own host only" in elsewhere.text) == (421, True)
        assert httpx.get(origin).status_code == 403
        assert httpx.get(keys["link"]).status_code == 200
        assert httpx.get(keys["link"]).status_code == 403
        zones = f"{keys['api']}/collections/zones/items"
        assert httpx.get(zones).status_code in {401, 403}
        answer = httpx.get(zones, headers={"authorization": f"Bearer {keys['api_token']}"})
        assert (answer.status_code, answer.json()["type"]) == (200, "FeatureCollection")


def test_the_public_site_opens_for_everybody_and_has_no_api(command: str, demonstration_copy: Path) -> None:
    with started(command, "--data-dir", demonstration_copy, "serve", "--site", "public", "--port", "0") as keys:
        assert list(keys) == ["site", "url"]
        page = httpx.get(keys["url"])
        assert (page.status_code, "DEMONSTRATION" in page.text) == (200, True)
        assert [httpx.get(f"{keys['url']}{path}").status_code for path in ("api/collections", "find")] == [404, 404]


def test_the_demonstration_serves_both_sites_and_prints_a_sheet(command: str, tmp_path: Path) -> None:
    area = tmp_path / "demo"
    with started(command, "--data-dir", area, "demo", "--staff-port", "0", "--public-port", "0") as said:
        assert " ".join(said) == (
            "data_dir seed read accepted unlocated rejected zones sentence run sheet release plan plan_sheets link "
            "public api api_token"
        )
        assert said["accepted"] + said["rejected"] == said["read"]
        assert httpx.get(said["link"]).status_code == 200
        assert httpx.get(said["public"]).status_code == 200
        bearer = {"authorization": f"Bearer {said['api_token']}"}
        assert httpx.get(f"{said['api']}/collections/zones/items", headers=bearer).status_code == 200
    printed = {said[name].rpartition("/")[2] for name in ("sheet", "plan_sheets")}
    assert {path.name for path in area.glob("DEMONSTRATION-OFFICIAL-*.pdf")} == printed
    assert said["plan"] in said["plan_sheets"]


def test_a_second_demonstration_in_one_place_is_refused(
    refused: Callable[..., str], say: Callable, demonstration_dir: Path
) -> None:
    before = say("--data-dir", demonstration_dir, "versions").out
    assert "The data directory holds data already." in refused("--data-dir", demonstration_dir, "demo", "--build-only")
    assert say("--data-dir", demonstration_dir, "versions").out == before


def test_a_real_area_is_never_made_a_demonstration(refused: Callable[..., str], slips: Path, tmp_path: Path) -> None:
    services = open_area(tmp_path)
    imports.import_incidents(services, [slips / "half.csv"], force="x")
    services.close()
    before = sorted(path.name for path in tmp_path.iterdir())
    assert "holds data already. Found: 1 version." in refused("--data-dir", tmp_path, "demo", "--build-only")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert not open_area(tmp_path).demonstration


def test_a_place_that_is_set_up_for_a_real_area_is_left_to_it(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "geo-service.toml").write_text('area = "Redditch"\n')
    assert "no demonstration's. Found: " in refused("--data-dir", tmp_path, "demo", "--build-only")
    assert [path.name for path in tmp_path.iterdir()] == ["geo-service.toml"]


def test_a_demonstration_is_not_built_where_the_environment_would_hide_that_it_is_one(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_SERVICE_DEMONSTRATION", "false")
    assert "GEO_SERVICE_DEMONSTRATION" in refused("--data-dir", tmp_path / "demo", "demo", "--build-only")
    assert list(tmp_path.iterdir()) == []


def test_a_demonstration_whose_port_is_taken_writes_nothing(refused: Callable[..., str], tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        said = refused("--data-dir", tmp_path / "demo", "demo", "--staff-port", "0", "--public-port", port)
    assert "choose another port with --public-port" in said
    assert list(tmp_path.iterdir()) == []
