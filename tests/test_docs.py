"""Every command in the documentation is run."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TypeAlias
from unittest import mock

import httpx
import pytest

from geo_service.accounts.groups import read_groups
from geo_service.cli import main

Served: TypeAlias = Any
"""Where the staff site is served, from the conftest."""
CHECKOUT = Path(__file__).parents[1]
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
KINDS = {
    *(("sh", word) for word in ("", "real", "serve", "make", "api")),
    *(("python", word) for word in ("", "api")),
    *(("toml", word) for word in ("", "set")),
}
UNTRIED = {("text", "r"), ("text", "qgis"), ("text", "powerquery")}
"""For programs that the tests do not have."""
DOCUMENTED_ORIGIN = "http://127.0.0.1:8800"


def blocks(kind: tuple[str, str]) -> list[tuple[str, str]]:
    """List (page, text) of the blocks of one kind."""
    return [
        (page.name, text)
        for page in PAGES
        for language, word, text in BLOCK.findall(page.read_text())
        if (language, word) == kind
    ]


def run(text: str, folder: Path) -> None:
    """Run each line of a block as it stands, our own command without waiting for a new process."""
    for line in text.strip().splitlines():
        words = shlex.split(line)
        code, said = in_process(words, folder) if words[0] == "geo-service" else in_shell(words, folder)
        assert code == 0, f"{line}\n{said}"


def in_process(words: list[str], folder: Path) -> tuple[int | str | None, str]:
    """Return how the command left and what it said."""
    said = io.StringIO()
    with chdir(folder), redirect_stdout(said), redirect_stderr(said), mock.patch.object(sys, "argv", words):
        try:
            main.run()
        except SystemExit as left:
            return left.code, said.getvalue()
    return None, said.getvalue()


def in_shell(words: list[str], folder: Path) -> tuple[int, str]:
    """Return how another program left and what it said."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path}
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, f"{done.stdout}\n{done.stderr}"


def test_every_block_is_of_a_kind_that_is_run() -> None:
    found = {(language, word) for page in PAGES for language, word, _ in BLOCK.findall(page.read_text())}
    assert found <= KINDS | UNTRIED


@pytest.mark.parametrize(("page", "text"), blocks(("toml", "")), ids=lambda value: value.split()[0])
def test_groups_of_an_organisation_are_read_as_documented(page: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "oidc-roles.toml").write_text(text)
    groups = read_groups(tmp_path / "oidc-roles.toml")
    somebody = groups.principal({"sub": "1", groups.claim: list(groups.roles)})
    assert somebody.roles
    assert somebody.areas


@pytest.mark.parametrize(("page", "text"), blocks(("toml", "set")), ids=lambda value: value.split()[0])
def test_an_offence_set_in_the_documentation_is_asked_for(page: str, text: str, demonstration_copy: Path) -> None:
    (demonstration_copy / "offence_sets").mkdir()
    found = tomllib.loads(text)["id"]
    (demonstration_copy / f"offence_sets/{found}.toml").write_text(text)
    question = "hotspots --boundary demonstration-wards --from 2025-08 --to 2026-07"
    run(f"geo-service --data-dir {demonstration_copy} {question} --offences {found}", demonstration_copy)


@pytest.mark.parametrize(("page", "text"), blocks(("sh", "")), ids=lambda value: value.split()[0])
def test_a_block_of_commands_runs_on_the_demonstration_area(page: str, text: str, demonstration_copy: Path) -> None:
    run(text, demonstration_copy.parent)


@pytest.mark.shared
@pytest.mark.parametrize(("page", "text"), blocks(("sh", "real")), ids=lambda value: value.split()[0])
def test_a_block_of_commands_runs_on_real_data(page: str, text: str, shared: Path, tmp_path: Path) -> None:
    (tmp_path / "police-uk").symlink_to(shared / "police-uk/west-mercia")
    (tmp_path / "wards.geojson").symlink_to(shared / "boundaries/wards-2025-worcestershire.geojson")
    (tmp_path / "codepo.csv").symlink_to(shared / "postcodes/code-point-open-2025-4-north-worcestershire.csv")
    (tmp_path / "cambridge-chi-2020.xlsx").symlink_to(shared / "harm/cambridge-chi-2020.xlsx")
    (tmp_path / "extract.osm.pbf").symlink_to(shared / "osm/rutland.osm.pbf")
    for records in (*(CHECKOUT / "data/places").glob("*.csv"), *(CHECKOUT / "data/directories").glob("*.csv")):
        shutil.copy(records, tmp_path)
    run(text, tmp_path)


@pytest.mark.parametrize(
    "line", [line for _, text in blocks(("sh", "serve")) for line in text.strip().splitlines()], ids=str
)
def test_a_site_starts_as_documented_and_stops_when_interrupted(line: str, demonstration_copy: Path) -> None:
    name, *rest = shlex.split(line)
    command = [str(Path(sys.executable).with_name(name)), *rest, "--port", "0"]
    with subprocess.Popen(
        command, cwd=demonstration_copy.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as site:
        assert site.stdout is not None
        said = site.stdout.readline()
        site.send_signal(signal.SIGINT)
        _, errors = site.communicate(timeout=60)
    assert "http://127.0.0.1:" in said
    assert "Traceback" not in errors


@pytest.mark.parametrize(("page", "text"), blocks(("python", "")), ids=lambda value: value.split()[0])
def test_a_block_of_python_runs(page: str, text: str, demonstration_copy: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=demonstration_copy.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "of the area" in done.stdout


@pytest.mark.parametrize(("page", "text"), blocks(("sh", "api")), ids=lambda value: value.split()[0])
def test_a_block_of_commands_gets_its_answer_from_the_api(page: str, text: str, served: Served, tmp_path: Path) -> None:
    run(text.replace(DOCUMENTED_ORIGIN, served.origin).replace("KEY", served.key), tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_text(encoding="utf-8-sig").startswith("id,"), path.name


@pytest.mark.parametrize(("page", "text"), blocks(("python", "api")), ids=lambda value: value.split()[0])
def test_a_block_of_python_gets_its_answer_from_the_api(page: str, text: str, served: Served, tmp_path: Path) -> None:
    text = text.replace(DOCUMENTED_ORIGIN, served.origin).replace("KEY", served.key)
    done = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[1-9]\d* zones, [1-9]\d* cells\n", done.stdout)


def test_the_question_in_the_example_for_excel_is_answered(served: Served) -> None:
    found = re.search(r"Query = \[(.*)\]", blocks(("text", "powerquery"))[0][1])
    assert found is not None
    query = dict(re.findall(r'(\w+) = "([^"]+)"', found[1]))
    answer = httpx.get(f"{served.origin}/api/hotspots", params=query, headers=served.headers)
    assert answer.content.decode("utf-8-sig").startswith("id,")


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    named = {line.split()[1] for _, text in blocks(("sh", "make")) for line in text.strip().splitlines()}
    assert named <= targets


def test_every_direct_dependency_earns_its_place_in_one_line() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    direct = project["dependencies"] + project["optional-dependencies"]["dev"]
    page = (CHECKOUT / "docs/dependencies.md").read_text()
    missing = [name for name in (re.split(r"[<>=]", item)[0] for item in direct) if name not in page]
    assert missing == []
