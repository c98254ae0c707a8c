"""The wheel stands on its own: it carries its data, and works outside the checkout."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT = Path(__file__).parents[1]
ASSETS = CHECKOUT / "geo_service/assets"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout, without a network."""
    if not (ASSETS / ".ready").is_file():
        reason = "the front-end files are not built: run `make setup`"
        if os.environ.get("GEO_SERVICE_NO_SKIPS"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    done = subprocess.run(build, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("geo_service-*.whl"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """Return the names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a folder, as pip does it."""
    folder = tmp_path_factory.mktemp("site")
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel]
        subprocess.run(pip, check=True, capture_output=True)
    else:
        # What pip does with a wheel of pure Python, where the environment was made without pip.
        shutil.unpack_archive(wheel, folder, "zip")
    return folder


@pytest.fixture(scope="module")
def outside(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs Python on the installed wheel, far from the checkout."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GEO_SERVICE_")}
    environment |= {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
        asked = [sys.executable, "-c", code, *words]
        return subprocess.run(asked, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)

    return run


def in_checkout(folder: str) -> set[str]:
    """List the files of a folder of the checkout, but for what is made while it runs."""
    found = (path for path in (CHECKOUT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(CHECKOUT)) for path in found}


@pytest.mark.parametrize("folder", ["layers", "data"])
def test_the_wheel_carries_the_data(folder: str, names: set[str]) -> None:
    wanted = {f"geo_service/share/{name}" for name in in_checkout(folder)}
    assert wanted
    assert wanted - names == set()


def test_the_wheel_carries_the_front_end_files_and_fonts(names: set[str]) -> None:
    wanted = in_checkout("geo_service/assets")
    assert {Path(name).suffix for name in wanted} >= {".css", ".js", ".ttf"}
    assert wanted - names == set()


def test_the_wheel_carries_the_package_with_its_templates_and_nothing_else(names: set[str]) -> None:
    package = in_checkout("geo_service")
    assert {Path(name).suffix for name in package} >= {".py", ".html", ".typ", ".js"}
    assert package - names == set()
    beyond = {name for name in names - package if not name.startswith("geo_service/share/")}
    assert {name.partition("/")[0] for name in beyond} == {next(iter(beyond)).partition("/")[0]}
    assert all(".dist-info/" in name for name in beyond), beyond


def test_the_wheel_names_no_folder_of_the_machine_that_built_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        inside = b"".join(
            packed.read(name) for name in packed.namelist() if name.endswith((".py", ".toml", "METADATA"))
        )
    assert str(CHECKOUT).encode() not in inside


def test_the_demonstration_is_built_outside_the_checkout(
    outside: Callable[..., subprocess.CompletedProcess[str]], site: Path, tmp_path: Path
) -> None:
    code = "import sys; sys.argv[0] = 'geo-service'; from geo_service.cli.main import run; run()"
    done = outside(code, "--data-dir", str(tmp_path / "demo"), "demo", "--build-only", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    facts = json.loads(done.stdout)
    sheet = Path(facts["sheet"])
    assert sheet.parent == tmp_path / "demo"
    assert sheet.read_bytes().startswith(b"%PDF")
    used = outside(
        "import geo_service.app, geo_service.settings as s, geo_service;"
        "print(geo_service.__file__, s.read_settings().share_dir, s.read_settings().assets_dir, sep='\\n')"
    )
    assert used.returncode == 0, used.stderr
    assert all(Path(path).is_relative_to(site) for path in used.stdout.splitlines()), used.stdout
