"""The house is as it says: rooms, families, floors. What is missing is named."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
PACKAGE = CHECKOUT / "geo_service"
TESTS = CHECKOUT / "tests"
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())
FAMILIES = {
    "hotspots/statistics": r"^NAME\b.*=",
    "formats": r"^FORMAT\b.*=",
    "ingest/readers": r"^NAME\b.*=",
    "registry/kinds": r"^KIND\b.*=",
}
"""Folder of each family of modules, and the line by which a member says that it is one."""
MEMBERS = [
    (folder, path)
    for folder, mark in FAMILIES.items()
    for path in sorted((PACKAGE / folder).glob("*.py"))
    if path.stem != "__init__" and re.search(mark, path.read_text(), re.MULTILINE)
]
MODULES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if "assets" not in path.parts and "node_modules" not in path.parts
]


def test_every_room_stands_on_a_floor() -> None:
    floors = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {room.strip() for floor in floors for room in floor.split("|")}
    assert sorted(set(ROOMS) - named) == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_tested(room: str) -> None:
    assert list((TESTS / room).rglob("test_*.py")), f"tests/{room} holds no test"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_begins_with_a_sentence(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text()))
    assert said, f"{path.name} has no docstring"


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "hotspots/statistics").glob("[a-z]*.py")), ids=lambda path: path.stem
)
def test_every_statistic_names_its_paper(path: Path) -> None:
    assert re.search(r"^REFERENCE\b.*=", path.read_text(), re.MULTILINE), f"{path.name} has no REFERENCE"


@pytest.mark.parametrize(("folder", "path"), MEMBERS, ids=lambda value: getattr(value, "stem", value))
def test_every_member_of_a_family_has_a_test_file_of_its_own(folder: str, path: Path) -> None:
    assert (TESTS / folder / f"test_{path.stem}.py").exists(), f"{path.stem} has no test file of its own"


@pytest.mark.parametrize("path", sorted(CHECKOUT.glob("layers/*.toml")), ids=lambda path: path.stem)
def test_a_layer_is_named_after_its_file(path: Path) -> None:
    assert tomllib.loads(path.read_text())["id"] == path.stem


@pytest.mark.parametrize(
    "path", sorted(CHECKOUT.glob("data/*/*.toml")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_a_descriptor_is_named_after_its_file(path: Path) -> None:
    if path.parent.name != "mappings":  # a mapping is a user's file and has no id
        assert tomllib.loads(path.read_text())["id"] == path.stem


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


BREAKERS = {
    "floors": ("model/breaker.py", "import geo_service.spatial"),
    "workflows-see-ports": ("workflows/breaker.py", "import geo_service.store"),
    "settings-protected": ("workflows/breaker.py", "import geo_service.settings"),
    "pure": ("hotspots/breaker.py", "import pathlib"),
    "door-h3-pyproj": ("overlay/breaker.py", "import h3"),
    "door-pdf": ("formats/breaker.py", "import typst"),
    "door-solver": ("formats/breaker.py", "import ortools"),
    "door-charts": ("printing/breaker.py", "import matplotlib"),
    "no-network-out": ("accounts/breaker.py", "import httpx"),
    "door-sign-in": ("web/breaker.py", "import jwt"),
    "sites-see-ports": ("web/breaker.py", "import geo_service.store"),
}


def test_every_contract_has_a_way_to_be_broken() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["id"] for contract in contracts} == set(BREAKERS)


@pytest.mark.parametrize("contract", BREAKERS)
def test_a_contract_fails_when_it_is_broken(contract: str, tmp_path: Path) -> None:
    where, line = BREAKERS[contract]
    for path in MODULES:
        copy = tmp_path / path.relative_to(CHECKOUT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((CHECKOUT / "pyproject.toml").read_bytes())
    (tmp_path / "geo_service" / where).write_text(f"{line}\n")
    lint = [Path(sys.executable).with_name("lint-imports"), "--contract", contract, "--no-cache"]
    done = subprocess.run(
        lint, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0, done.stdout
    assert "breaker" in done.stdout
