"""`geo-service audit`: a list, a file, and proof by ledger and by log."""

from __future__ import annotations

import re
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geo_service.app import open_area

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def area(tmp_path: Path) -> Path:
    """Return a data directory with three events."""
    services = open_area(tmp_path / "area")
    for act in ("consultation", "disclosure: sheet", "disclosure"):
        services.store.record(act, f"a {act}")
    services.close()
    return tmp_path / "area"


def test_events_are_listed_and_this_list_is_one(say: Callable, area: Path) -> None:
    said = say("--data-dir", area, "audit", "--kind", "disclosure")
    assert (said.code, said.out.count("disclosure")) == (0, 4)
    facts = say("--data-dir", area, "audit", "--json").facts
    assert [event["act"] for event in facts["events"]][-2:] == ["consultation: audit", "consultation: audit"]
    assert facts["head"] == {"number": 5, "sha256": facts["events"][-1]["sha256"]}


def test_a_file_is_written_and_proved_and_an_altered_one_is_not(say: Callable, area: Path, tmp_path: Path) -> None:
    wrote = say("--data-dir", area, "audit", "-o", tmp_path / "trail.csv", "--json").facts
    file = Path(wrote["file"])
    assert re.fullmatch(r"OFFICIAL-SENSITIVE-trail-v\d+-destroy-after-\d{4}-\d\d-\d\d\.csv", file.name)
    assert say("--data-dir", area, "audit", "verify", file).out.startswith("Events as they were written: 4")
    assert say("--data-dir", tmp_path / "none", "audit", "verify", file, "--alone").code == 0
    file.write_bytes(file.read_bytes().replace(b"a consultation", b"a mere glance", 1))
    altered = say("--data-dir", area, "audit", "verify", file, "--json")
    assert altered.code == 1
    assert altered.facts["problems"][0] == "event 1 is not what was written"


def test_the_log_proves_a_ledger_whose_end_was_cut_off_together_with_its_head(
    say: Callable, area: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "messages"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "log"))
        listening.settimeout(5)
        monkeypatch.setenv("GEO_SERVICE_SYSLOG", str(tmp_path / "log"))
        for _ in range(3):
            say("--data-dir", area, "audit")
        log.write_text("".join(f"Nov  1 09:00:00 host {listening.recv(4000).decode()[4:]}\n" for _ in range(3)))
        monkeypatch.delenv("GEO_SERVICE_SYSLOG")
    verify = ["--data-dir", area, "audit", "verify", "--syslog", log]
    assert say(*verify).out == "The ledger is what 3 lines of the log say.\n"
    with closing(sqlite3.connect(area / "ledger.sqlite3")) as ledger, ledger:
        ledger.execute("DELETE FROM event WHERE id > 4")
    assert say(*verify).code == 1
    (area / "head.json").unlink()
    cut = say(*verify)
    assert cut.code == 1
    assert "event 5, told on line 2, is gone: the events were cut off after 4" in cut.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--kind", "dancing"], "No such kind of act. Found: dancing."),
        (["--from", "yesterday"], "Not a day. Found: yesterday."),
        (["-o", "trail.xlsx"], "Let it end in .csv or .json."),
        (["verify"], "Nothing to verify."),
        (["verify", "nowhere.csv"], "The file cannot be read. Found: nowhere.csv"),
        (["verify", "--syslog", "nowhere"], "The file cannot be read. Found: nowhere"),
    ],
)
def test_a_wrong_word_is_refused(refused: Callable[..., str], area: Path, words: list[str], expected: str) -> None:
    assert expected in refused("--data-dir", area, "audit", *words)


def test_an_answer_that_is_only_looked_at_is_one_event_too(say: Callable, demonstration_copy: Path) -> None:
    def acts() -> list[str]:
        return [event["act"] for event in say("--data-dir", demonstration_copy, "audit", "--json").facts["events"]]

    before = len(acts())
    assert say("--data-dir", demonstration_copy, "issues").code == 0
    asked = ["--boundary", "Nonesuch Borough", "--from", "2026-01", "--to", "2026-06"]
    assert say("--data-dir", demonstration_copy, "hotspots", *asked).code == 0
    assert acts()[before:] == ["consultation: rejected rows", "consultation: hotspots", "consultation: audit"]
