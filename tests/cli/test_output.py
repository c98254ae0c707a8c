"""What every command prints and writes with."""

from __future__ import annotations

import errno
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from geo_service.cli import output
from geo_service.errors import FaultError, InputError


def test_a_file_is_written_whole_over_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_text("older")
    output.write_file(path, b"newer")
    assert path.read_bytes() == b"newer"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fills_up_leaves_the_older_file_and_no_scrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "sheet.pdf"
    path.write_text("older")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match=r"sheet\.pdf: No space left on device.* Choose another place with -o"):
        output.write_file(path, b"newer")
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_is_refused_before_any_work_is_done(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match="place of a folder"):
        output.check_place(tmp_path)
    with pytest.raises(InputError, match=r"Let it end in \.html or \.htm"):
        output.check_place(tmp_path / "map.pdf", ".html", ".htm")
    with pytest.raises(InputError, match="no folder to write to"):
        output.check_place(tmp_path / "nowhere" / "map.html")
    with pytest.raises(InputError, match="no folder to write to"):
        output.check_place(tmp_path / "notes.txt" / "map.html")
    output.check_place(tmp_path / "MAP.HTML", ".html")
    output.check_place(Path("map.html"))


def test_columns_are_as_wide_as_their_longest_word() -> None:
    said = output.table(["no", "name"], [[1, "Mill Lane"], [10, "Quay"]])
    assert said == "no  name\n1   Mill Lane\n10  Quay"


def test_json_is_one_line_whatever_the_facts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("words", {"name": "Caf\u00e9\n2", "where": Path("a")}, as_json=True)
    assert capsys.readouterr().out == '{"name": "Caf\u00e9\\n2", "where": "a"}\n'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_an_answer_that_cannot_be_printed_is_a_fault(command: str, slips: Path, tmp_path: Path) -> None:
    words = ["--data-dir", tmp_path, "import", "incidents", slips / "half.csv", "--force", "x"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([command, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == FaultError.exit_code
    assert done.stderr == (
        "Fault: What was asked for is done, but the answer cannot be printed. Found: No space left on device.\n"
    )


def on_terminal(words: list[object], environment: dict[str, str]) -> tuple[str, str]:
    """Run a command whose standard error is a terminal; return what the terminal got, and standard output."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, stderr=theirs, stdout=subprocess.PIPE, text=True, env=environment) as running:
        os.close(theirs)
        got = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # how Linux says that the other end is closed
                break
            if not piece:
                break
            got += piece
        assert running.stdout is not None
        out = running.stdout.read()
    os.close(ours)
    assert running.returncode == 0
    return got.decode(), out


def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    command: str, demonstration_dir: Path, tmp_path: Path
) -> None:
    source = demonstration_dir / "demonstration/incidents.csv"
    words = ["import", "incidents", source, "--force", "x"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "80", "NO_COLOR": "1"}
    terminal, out = on_terminal([command, "--data-dir", tmp_path / "a", *words], environment)
    assert "incidents.csv" in terminal
    assert "%" in terminal
    assert "\x1b[3" not in terminal, "NO_COLOR was asked for"
    assert "%" not in out
    piped = subprocess.run([command, "--data-dir", tmp_path / "b", *words], capture_output=True, text=True, check=True)
    assert (piped.stderr, piped.stdout) == ("", out)


def test_without_a_terminal_nobody_is_told_of_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    with output.progress_bar() as progress:
        assert progress is None


def test_a_file_name_is_shown_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with output.progress_bar() as progress:
        assert progress is not None
        progress(1, 2, "[bold]wards[/nothing].csv")
    assert "[bold]wards[/nothing].csv" in capsys.readouterr().err


def test_an_error_is_said_on_standard_error_or_as_json_on_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problem = InputError("wards.csv is empty", do="Export it again", field="file")
    output.say_problem(problem, as_json=False)
    assert capsys.readouterr() == ("", "Bad input: wards.csv is empty. Export it again.\n")
    output.say_problem(problem, as_json=True)
    said = capsys.readouterr()
    assert said == ('{"error": "Bad input", "message": "wards.csv is empty. Export it again.", "field": "file"}\n', "")
