"""The command as a whole: its help, its errors, its ways out."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer

from geo_service import __version__
from geo_service.cli import main, wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HEAVY = {"polars", "geopandas", "fastapi", "numpy", "pyarrow", "shapely", "sqlalchemy", "uvicorn", "scipy", "typst"}


def commands(group: typer.core.TyperGroup, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """List the words of every command."""
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name)


COMMANDS = sorted(commands(typer.main.get_command(main.app)))


@pytest.mark.parametrize("words", [["--help"], ["import", "--help"], ["hotspots", "--help"], ["--version"], ["sheett"]])
def test_help_and_slips_are_answered_without_loading_what_only_work_needs(words: list[str]) -> None:
    asked = f"""
import sys
sys.argv = ["geo-service", *{words}]
from geo_service.cli.main import run
try:
    run()
finally:
    print(sorted({HEAVY} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert done.stderr.endswith("[]\n"), done.stderr


def test_a_command_does_not_wait_for_libraries_that_only_others_need(demonstration_dir: Path) -> None:
    asked = f"""
import sys
sys.argv = ["geo-service", "--data-dir", {str(demonstration_dir)!r}, "versions"]
from geo_service.cli.main import run
try:
    run()
finally:
    others = {{"alembic", "folium", "geopandas", "matplotlib", "ortools", "pandas", "scipy.optimize", "scipy.stats"}}
    print(sorted(others & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_is_for_and_takes_json(words: tuple[str, ...], say: Callable) -> None:
    said = say(*words, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: geo-service {' '.join(words)} ")
    assert "--json" in said.out
    assert "<" not in said.out.replace("0<=x<=65535", ""), "a value is told by a programmer's word for its type"


@pytest.mark.parametrize(
    "words", [(), ("import",), ("audit",), ("ledger",)], ids=["alone", "import", "audit", "ledger"]
)
def test_the_help_s_lines_are_not_cut_off(words: tuple[str, ...], say: Callable) -> None:
    said = say(*words, "--help")
    assert said.code == 0
    assert "..." not in said.out.partition("Commands:")[2]


def test_the_version_is_the_package_s(say: Callable) -> None:
    assert say("--version").out == f"geo-service {__version__}\n"


def test_without_a_command_the_help_is_shown_and_it_counts_as_a_slip(say: Callable) -> None:
    said = say()
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: geo-service")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["zoens"], "No such command 'zoens'. Did you mean 'zones'? See `geo-service --help`."),
        (["import", "wards"], "No such command 'wards'. See `geo-service import --help`."),
        (["versions", "--all"], "No such option: --all. See `geo-service versions --help`."),
        (["hotspots", "--from", "2025-01"], "Missing option '--boundary'. See `geo-service hotspots --help`."),
        (["import", "incidents"], "Missing argument 'PATH'. See `geo-service import incidents --help`."),
        (["undo", "first"], "Invalid value for 'VERSION': That is not a valid integer. See `geo-service undo --help`."),
        (
            ["hotspots", "--area-share", "1,4"],
            "Invalid value for '--area-share': That is not a valid number. See `geo-service hotspots --help`.",
        ),
        (
            ["keys", "add", "--data-dir", "demo"],
            "No such option: --data-dir. It stands before the command: `geo-service --data-dir DIR keys add …`.",
        ),
        (["issues", "--limit", "-1"], "Invalid value for '--limit': Input should be greater than or equal to 0"),
        (["serve", "--site", "staff", "--port", "99999"], "Invalid value for '--port': Input should be less than"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_slip_in_the_words_is_told_with_where_the_help_is(
    words: list[str], expected: str, refused: Callable[..., str]
) -> None:
    assert refused(*words).startswith(f"Bad command: {expected}")


def test_an_empty_data_directory_s_name_does_not_mean_the_current_folder(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "--data-dir is empty" in refused("--data-dir", "", "versions")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [command for command in COMMANDS if command[0] in {"issues", "versions", "doctor"}])
def test_a_mistyped_data_directory_makes_no_empty_area(
    command: tuple[str, ...], refused: Callable[..., str], tmp_path: Path
) -> None:
    assert f"There is no data directory {tmp_path / 'typo'}" in refused("--data-dir", tmp_path / "typo", *command)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_else_is_left_as_it_is(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear …")
    assert f"Nothing has been imported into {tmp_path}" in refused("--data-dir", tmp_path, "layers")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("command", [["versions"], ["import", "postcodes", "codepo.csv"], ["demo", "--build-only"]])
def test_a_file_in_place_of_the_data_directory_is_told(
    command: list[str], refused: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "area").write_text("hello")
    assert str(tmp_path / "area") in refused("--data-dir", tmp_path / "area", *command)
    assert (tmp_path / "area").read_text() == "hello"


def test_a_name_that_no_file_system_takes_is_told(refused: Callable[..., str]) -> None:
    assert "File name too long" in refused("--data-dir", "x" * 300, "import", "postcodes", "codepo.csv")


def test_what_nobody_foresaw_is_a_fault_in_one_line(
    say: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(wiring, "principal", lambda: 1 / 0)
    said = say("--data-dir", tmp_path, "import", "postcodes", "codepo.csv")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("Fault: Something went wrong that should not have. Found: ZeroDivisionError: ")
    assert said.err.count("\n") == 1
    as_json = say("--data-dir", tmp_path, "import", "postcodes", "codepo.csv", "--json")
    assert (as_json.code, as_json.facts["error"]) == (1, "Fault")


def test_all_of_a_fault_is_shown_to_who_asks(say: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wiring, "principal", lambda: 1 / 0)
    monkeypatch.setenv(main.TRACEBACK, "1")
    assert "Traceback" in say("--data-dir", tmp_path, "import", "postcodes", "codepo.csv").err


def test_a_reader_that_has_seen_enough_is_no_error(command: str, demonstration_dir: Path) -> None:
    for words in (["versions", "--json"], ["zoens"], ["zoens", "--json"]):
        with subprocess.Popen(
            [command, "--data-dir", demonstration_dir, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as done:
            assert done.stdout is not None
            done.stdout.close()
            assert done.stderr is not None
            errors = done.stderr.read()
        assert "Traceback" not in errors
        assert done.returncode == (2 if "zoens" in words else 0)


def test_the_command_itself_says_errors_on_standard_error(command: str, demonstration_dir: Path) -> None:
    asked = [command, "--data-dir", demonstration_dir, "undo", "999"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Not found: No version of that number. Found: 999.")
