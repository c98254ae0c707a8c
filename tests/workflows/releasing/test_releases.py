"""What goes public, who says so, and what is written down of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pyogrio
import pytest
from PIL import Image

from geo_service import app
from geo_service.errors import AccessError, ConflictError, InputError, NotFoundError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.releases import FOLDER, ReleaseFolder
from geo_service.settings import read_settings
from geo_service.workflows.importing import imports
from geo_service.workflows.releasing import releases
from geo_service.workflows.releasing.release_ground import POSTCODES_LICENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.workflows.services import Office, Services

AREA = "Nonesuch Borough"
OPERATES = Principal("tests", OPERATOR)


@pytest.fixture
def area(demonstration_copy: Path) -> Iterator[Office]:
    """Return the demonstration area with nothing published yet."""
    shutil.rmtree(demonstration_copy / "public")
    office = app.wire(read_settings(demonstration_copy))
    yield office
    office.doers.close()


@pytest.fixture
def services(area: Office) -> Services:
    return area.services(OPERATES)


@pytest.fixture
def folder(demonstration_copy: Path) -> ReleaseFolder:
    return ReleaseFolder(demonstration_copy / FOLDER)


def publish(services: Services, *, show_unverified: bool = False) -> releases.Published:
    return releases.publish(services, area=AREA, show_unverified=show_unverified)


def test_verified_places_are_published_and_what_is_left_out_is_counted(
    services: Services, folder: ReleaseFolder
) -> None:
    done = publish(services)
    shown = folder.current()
    assert set(shown.places.rows["status"]) == {"verified"}
    assert (done.release.number, shown.number, shown.area, shown.show_unverified) == (1, 1, AREA, False)
    assert done.left_out == {"suspended": 2, "unverified": 2}
    assert done.sentence == "Release 1 is shown on the public site: 11 places."
    assert "Left out, because suspended: 2." in done.notes


def test_unverified_places_are_listed_when_asked_for_and_suspended_ones_never(
    services: Services, folder: ReleaseFolder
) -> None:
    publish(services, show_unverified=True)
    assert set(folder.current().places.rows["status"]) == {"verified", "unverified"}


def test_nothing_of_a_force_only_column_or_another_layer_is_in_any_file(
    services: Services, folder: ReleaseFolder
) -> None:
    publish(services, show_unverified=True)
    # From the directory's column "what is wrong or missing", a camera's reason and a place that is left out.
    secrets = [b"Hours depend on volunteers", b"domestic abuse", b"Quillholt College", b"New owners have not"]
    for path in folder.root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".parquet":
                content = str(pl.read_parquet(path).rows()).encode()
            assert not [secret for secret in secrets if secret in content], path
    assert "note" not in folder.current().places.rows.columns


def test_what_lies_around_the_places_goes_with_them(services: Services, folder: ReleaseFolder) -> None:
    publish(services)
    shown = folder.current()
    snapshot = services.store.snapshot()
    postcodes = snapshot.postcodes()
    assert postcodes is not None
    assert set(shown.gazetteer.postcodes["postcode"]) == set(postcodes["postcode"])  # the borough is small
    assert shown.gazetteer.towns["name"].to_list() == ["Nonesuch"]
    assert shown.gazetteer.streets.height > 100
    assert shown.ways is not None
    assert not set(shown.ways.classes) & {"railway", "river", "motorway"}
    tiles = snapshot.tiles("basemap")
    assert tiles is not None
    assert shown.basemap is not None
    assert shown.basemap.read_bytes() == tiles.path.read_bytes()
    assert shown.outline is not None


def test_publishing_the_same_again_is_refused_and_a_change_makes_the_next_number(
    services: Services, folder: ReleaseFolder
) -> None:
    publish(services)
    with pytest.raises(ConflictError, match=r"Nothing has changed since the release that is shown\. Found: release 1"):
        publish(services)
    done = publish(services, show_unverified=True)
    assert (done.release.number, done.before) == (2, 1)
    assert releases.use(services, 1) == 2
    assert folder.current().number == 1
    assert [line.number for line in releases.lines(services) if line.current] == [1]
    assert publish(services, show_unverified=True).release.number == 3


def test_every_publication_and_switch_is_an_event(area: Office, services: Services) -> None:
    publish(services)
    publish(services, show_unverified=True)
    releases.use(services, 1)
    with pytest.raises(NotFoundError):
        releases.use(services, 9)
    auditor = area.services(Principal("auditor", frozenset({Role.AUDITOR})))
    newest = auditor.store.events(3)
    assert [(event.act, event.what, event.actor) for event in newest] == [
        ("alteration: switch public release", "release 1", "tests"),
        ("disclosure: publish Safe Places", "release 2", "tests"),
        ("disclosure: publish Safe Places", "release 1", "tests"),
    ]
    assert newest[0].detail["in place of"] == 2
    assert (newest[1].detail["places"], newest[1].detail["unverified shown"]) == (13, True)


def test_going_back_to_a_release_with_a_place_that_is_suspended_by_now_is_refused(
    services: Services, folder: ReleaseFolder, demonstration_copy: Path, tmp_path: Path
) -> None:
    publish(services)
    places = tmp_path / "safe-places.csv"
    rows = pl.read_csv(demonstration_copy / "demonstration/safe-places.csv", infer_schema=False)
    closed = pl.when(pl.col("id") == "nonesuch-01").then(pl.lit("suspended")).otherwise("status").alias("status")
    rows.with_columns(closed).write_csv(places)
    imports.import_layer(services, "safe-places", places)
    publish(services)
    with pytest.raises(ConflictError, match=r"are suspended by now\. Found: Nonesuch Library"):
        releases.use(services, 1)
    assert folder.number() == 2
    releases.use(services, 1, anyway=True)
    assert folder.number() == 1


def test_what_cannot_be_written_down_is_not_shown(
    services: Services, folder: ReleaseFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConflictError("The ledger is closed")

    monkeypatch.setattr(type(services.store), "record", refuse)
    with pytest.raises(ConflictError, match="The ledger is closed"):
        publish(services)
    assert folder.number() is None


@pytest.mark.parametrize(
    "principal",
    [
        Principal("officer", frozenset({Role.OFFICER})),
        Principal("analyst", frozenset({Role.ANALYST, Role.SERGEANT})),
        Principal("auditor", frozenset({Role.AUDITOR})),
        Principal("of one ward", frozenset({Role.COORDINATOR}), areas=("demonstration-wards:W1",)),
    ],
    ids=lambda principal: principal.name,
)
@pytest.mark.parametrize("act", ["publish", "use", "lines"])
def test_others_than_coordinators_and_admins_of_the_whole_force_may_not(
    area: Office, principal: Principal, act: str, folder: ReleaseFolder
) -> None:
    acts: dict[str, Callable[[Services], object]] = {
        "publish": publish,
        "use": lambda services: releases.use(services, 1),
        "lines": releases.lines,
    }
    with pytest.raises(AccessError, match="Only a coordinator or admin of the whole force"):
        acts[act](area.services(principal))
    assert not folder.root.exists()


def test_a_coordinator_publishes_the_same_as_an_admin(area: Office, folder: ReleaseFolder) -> None:
    publish(area.services(Principal("coordinator", frozenset({Role.COORDINATOR}))))
    first = {path.name: path.read_bytes() for path in folder.path(1).rglob("*.parquet")}
    shutil.rmtree(folder.root)
    publish(area.services(Principal("admin", frozenset({Role.ADMIN}))))
    assert {path.name: path.read_bytes() for path in folder.path(1).rglob("*.parquet")} == first


def test_a_directory_without_a_verified_place_is_not_published_by_mistake(services: Services, tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text("id,name,town,status\n1,Library,Overton,unverified\n")
    imports.import_layer(services, "safe-places", places)
    with pytest.raises(InputError, match="Verify them, or add --show-unverified"):
        publish(services)
    assert publish(services, show_unverified=True).without_position == 1


def test_the_open_data_are_read_by_other_programs_and_say_public(services: Services) -> None:
    done = publish(services, show_unverified=True)
    files = done.release.open_data
    assert set(files) == {"safe-places.geojson", "safe-places.csv", "safe-places-open-referral.json"}
    frame = pyogrio.read_dataframe(files["safe-places.geojson"])
    table = pl.read_csv(files["safe-places.csv"])
    document: dict[str, Any] = json.loads(files["safe-places-open-referral.json"].read_text())
    assert list(frame["id"]) == table["id"].to_list() == done.release.places.rows["id"].to_list()
    assert document["total_items"] == 13
    assert set(table["marking"]) == {"PUBLIC"}
    assert set(table["destroy_after"]) == {"public, no destroy-after"}
    assert json.loads(files["safe-places.geojson"].read_text())["marking"] == "PUBLIC"
    for licences in (table["licence"][0], " ".join(document["license"])):
        assert "Open Government Licence v3.0" in licences
    for path in files.values():
        assert "DEMONSTRATION" in path.read_text()
        assert "checked by nobody" in path.read_text()


def test_with_the_address_of_the_site_each_service_names_the_page_of_its_place(services: Services) -> None:
    named = publish(replace(services, public_site="https://places.example")).release
    document = json.loads(named.open_data["safe-places-open-referral.json"].read_text())
    assert [service["url"] for service in document["contents"]] == [
        f"https://places.example/place/{place}" for place in named.places.rows["id"]
    ]


def test_a_picture_of_the_door_is_made_small_and_says_nothing_of_who_took_it(
    services: Services, folder: ReleaseFolder
) -> None:
    taken = Image.new("RGB", (1600, 900), "green")
    exif = taken.getexif()
    exif[0x010F] = "Camera of somebody"
    given = folder.root.parent / "pictures"
    given.mkdir(parents=True)
    taken.save(given / "nonesuch-01.png", exif=exif)
    taken.save(given / "not-a-place.png")
    pictures = publish(services).release.pictures
    assert list(pictures) == ["nonesuch-01"]
    with Image.open(pictures["nonesuch-01"]) as shown:
        assert (shown.format, max(shown.size), len(shown.getexif())) == ("JPEG", 640, 0)
    assert b"somebody" not in pictures["nonesuch-01"].read_bytes()


def test_a_file_that_is_no_picture_is_named(services: Services, folder: ReleaseFolder) -> None:
    given = folder.root.parent / "pictures"
    given.mkdir(parents=True)
    (given / "nonesuch-01.jpg").write_text("no picture")
    with pytest.raises(InputError, match=r"nonesuch-01\.jpg: it cannot be read"):
        publish(services)


def test_who_made_the_ground_is_named_and_only_in_files_that_hold_it(tmp_path: Path) -> None:
    services = app.open_area(tmp_path / "area")
    places, streets, postcodes = (tmp_path / name for name in ("places.csv", "streets.csv", "postcodes.csv"))
    places.write_text(
        "id,name,town,postcode,lon,lat,status\n"
        "1,Library,Redditch,B97 4RA,,,verified\n"
        "2,Shop,Redditch,,-1.94,52.3,verified\n"
    )
    streets.write_text(
        "id,name,class,wkt,licence\n"
        'a,Mill Lane,residential,"LINESTRING (-1.94 52.301, -1.94 52.302)",© Some maps\n'
        'b,Far Lane,residential,"LINESTRING (-1.94 52.34, -1.94 52.341)",© Some maps\n'
        'c,Canal,canal,"LINESTRING (-1.94 52.301, -1.94 52.302)",© Some maps\n'
    )
    postcodes.write_text(
        '"B97 4RA",10,404000,267000,"E92000001","E19000002","E18000007","E10000034","E07000236","E05"\n'
    )
    imports.import_postcodes(services, postcodes)
    imports.import_layer(services, "streets", streets)
    imports.import_layer(services, "safe-places", places)
    release = releases.publish(services, area="", show_unverified=False).release
    services.close()
    assert release.area == "Redditch"
    assert release.gazetteer.postcodes["postcode"].to_list() == ["B97 4RA"]
    assert release.gazetteer.streets["name"].to_list() == ["Far Lane", "Mill Lane"]
    assert release.ways is not None
    assert release.ways.names == ("Mill Lane",)
    assert {"© Some maps", POSTCODES_LICENCE, releases.LICENCE} < set(release.all_licences)
    table = release.open_data["safe-places.csv"].read_text()
    assert POSTCODES_LICENCE in table
    assert "© Some maps" not in table
