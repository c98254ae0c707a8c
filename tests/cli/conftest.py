"""The command line in process, and files that a clumsy user would give it."""

from __future__ import annotations

import json
import struct
import sys
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas
import pytest
import shapely

from geo_service.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)
EXPORT = "crime_number,offence_code,offence,recorded,committed_from,committed_to,easting,northing,location\n"
"""Header that the shipped mapping reads."""


@dataclass(frozen=True)
class Said:
    """Hold what a command printed and how it left."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        """Return the one JSON object of `--json`."""
        assert self.out.count("\n") == 1, self.out
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Return a function that gives a command as its words, without a new process."""
    for name in ("GEO_SERVICE_DATA_DIR", main.TRACEBACK):
        monkeypatch.delenv(name, raising=False)

    def run(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["geo-service", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Said(left.value.code, said.out, said.err)

    return run


@pytest.fixture
def refused(say: Callable[..., Said]) -> Callable[..., str]:
    """Return a function that gives a wrong command and returns the one line that it says, in words and as JSON."""

    def run(*words: object) -> str:
        plain, as_json = say(*words), say(*words, "--json")
        assert (plain.code, plain.out, as_json.err) == (2, "", "")
        assert as_json.code == 2
        assert plain.err.count("\n") == 1, plain.err
        facts = as_json.facts
        assert list(facts) == ["error", "message", "field"]
        assert plain.err == f"{facts['error']}: {facts['message']}\n"
        return plain.err

    return run


@pytest.fixture(scope="session")
def slips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of files with one thing wrong in each."""
    folder = tmp_path_factory.mktemp("slips")
    row = "{},2025-01,West Mercia Police,West Mercia Police,{},On or near Mill Lane,E01,Town 001A,Burglary,,\n"
    (folder / "missing.csv").write_text("Crime ID,Month,Longitude,Location\na,2025-01,-2,Mill Lane\n")
    (folder / "missing-export.csv").write_text("crime_number,offence,recorded\nA,Burglary,01/02/2025\n")
    (folder / "swapped.csv").write_text(STREET + "".join(row.format(number, "52.3,-2.1") for number in range(3)))
    (folder / "empty.csv").write_text("")
    (folder / "header.csv").write_text(STREET)
    far = f"X1,28E/1,Burglary,01/02/2025,01/02/2025 10:00,,{'4' * 30},268000,Mill Lane\n"
    (folder / "easting.csv").write_text(EXPORT + far)
    near = "X2,28E/1,Burglary,01/02/2025,01/02/2025 10:00,,404000,268000,Mill Lane\n"
    (folder / "half.csv").write_text(EXPORT + far + near)
    (folder / "noise.csv").write_bytes(bytes(range(256)) * 8)
    (folder / "picture.txt").write_text("hello")
    (folder / "places.csv").write_text("name,colour\nLibrary,red\n")
    (folder / "mapping.toml").write_text("[columns\n")
    (folder / "broken.zip").write_text("hello")
    (folder / "folder").mkdir()
    _shapefile(folder)
    _bombs(folder)
    return folder


def _shapefile(folder: Path) -> None:
    """Write a zipped Shapefile with a sound ward and one that crosses itself."""
    bow_tie = shapely.Polygon([(404_000, 268_000), (405_000, 269_000), (405_000, 268_000), (404_000, 269_000)])
    sound = shapely.box(406_000, 268_000, 407_000, 269_000)
    wards = geopandas.GeoDataFrame(
        {"code": ["W1", "W2"], "name": ["Bow Tie", "Sound"]}, geometry=[bow_tie, sound], crs="EPSG:27700"
    )
    parts = folder / "shapefile"
    parts.mkdir()
    wards.to_file(parts / "wards.shp")
    wards[1:].to_file(folder / "sound.geojson")
    with zipfile.ZipFile(folder / "wards.zip", "w") as packed:
        for part in parts.iterdir():
            packed.write(part, part.name)


def _bombs(folder: Path) -> None:
    """Write a zip that unpacks to 50 MB, one that declares 4 GB, one that declares too little, and zips in a zip."""
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("2025-01/2025-01-west-mercia-street.csv", b"0" * 50_000_000)
    for name, declared in {"declared.zip": 0xFFFF_FFF0, "liar.zip": 5_000}.items():
        raw = bytearray((folder / "bomb.zip").read_bytes())
        entry, size = raw.rfind(b"PK\x01\x02"), struct.pack("<I", declared)
        raw[entry + 24 : entry + 28] = size
        raw[22:26] = size
        (folder / name).write_bytes(raw)
    with zipfile.ZipFile(folder / "nested.zip", "w") as packed:
        for number in range(9):
            packed.write(folder / "bomb.zip", f"{number}.zip")
