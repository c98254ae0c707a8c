"""A sample of `make faults` for the public site: it gives nothing away, never fails, and opens nothing but its release.

It is started as its users start it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import geo_service
from faults import leaks, public
from geo_service.releases import FOLDER

SEED = 3
PACKAGE = Path(geo_service.__file__).parent
SYSTEM = ("/usr/", "/lib/", "/lib64/", "/bin/", "/etc/", "/proc/", "/sys/", "/dev/")
OPENED = re.compile(r'\b(?:open|openat|openat2|creat)\([^"]*"((?:[^"\\]|\\.)*)".*= (-1 E\w+|\d+<([^>]*)>)')
RIGHTS = "-dac_override,-dac_read_search"
WITHOUT = (
    ("setpriv", f"--bounding-set={RIGHTS}", f"--inh-caps={RIGHTS}") if os.geteuid() == 0 else ()
)  # root reads whatever it likes, unless it has given that up


def needed(program: str) -> str:
    """Return the path of a program, or skip; where everything is promised to be there, that is a failure."""
    found = shutil.which(program)
    if found is None:
        if os.environ.get("GEO_SERVICE_NO_SKIPS"):
            pytest.fail(f"must not be skipped here: {program} is not installed")
        pytest.skip(f"{program} is not installed")
    return found


def test_what_staff_do_leaves_every_public_byte_and_header_as_it_was(demonstration_copy: Path) -> None:
    counts = leaks.staff_changes(16, SEED, demonstration_copy)
    assert counts.wrong == []
    assert len(counts.outcomes) >= 5, "changes of several kinds"


def test_the_search_for_differences_finds_one(demonstration_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def published(staff: leaks._Staff) -> str:
        leaks.releases.publish(staff.services, area=leaks.AREA, show_unverified=True)
        return "a publication"

    monkeypatch.setattr(leaks._Staff, "change", published)
    assert "other bytes or headers of /" in leaks.staff_changes(1, SEED, demonstration_copy).wrong[0]


def test_a_switch_and_a_roll_back_show_with_no_failed_request_under_load(demonstration_copy: Path) -> None:
    counts, _ = public.switches(4, 3, demonstration_copy)
    assert counts.wrong == []
    assert counts.outcomes["requests"] >= 20


def test_old_releases_are_removed_with_no_failed_request_under_load(demonstration_copy: Path) -> None:
    counts = public.prunings(4, 3, demonstration_copy)
    assert counts.wrong == []
    assert counts.outcomes["removed"] >= 2
    assert counts.outcomes["requests"] >= 20


def test_a_damaged_release_is_refused_by_name_and_the_former_one_stays(demonstration_dir: Path) -> None:
    assert public.damages(12, SEED, demonstration_dir).wrong == []


def test_the_public_process_opens_its_release_and_nothing_of_the_data(demonstration_copy: Path, tmp_path: Path) -> None:
    """The data folder cannot be read and no database is named: everything works, and the system saw nothing else."""
    trace, alone = tmp_path / "trace", tmp_path / "releases"
    shutil.copytree(demonstration_copy / FOLDER, alone)
    env = {name: value for name, value in os.environ.items() if not name.startswith("GEO_SERVICE_")}
    calls = "trace=open,openat,openat2,creat,connect,mkdir,unlink,rename"
    before = (*WITHOUT, needed("strace"), "-f", "-y", "-e", calls, "-o", str(trace))
    if WITHOUT:
        needed(WITHOUT[0])
    demonstration_copy.chmod(0)
    try:
        refused = subprocess.run([*WITHOUT, "ls", demonstration_copy], capture_output=True, check=False)
        assert b"Permission denied" in refused.stderr
        env |= {"GEO_SERVICE_DATA_DIR": str(demonstration_copy)}
        with public.public_process(alone, *before, env=env) as (origin, _):
            asked = everything(origin)
    finally:
        demonstration_copy.chmod(0o755)
    assert len(asked) > 10
    assert {path: status for path, status in asked.items() if status != 200} == {"/nowhere": 404}
    opened = [found.groups() for found in map(OPENED.search, trace.read_text().splitlines()) if found]
    data = str(demonstration_copy)
    assert [asked for asked, _, path in opened if asked.startswith(data) or (path or "").startswith(data)] == []
    allowed = (*SYSTEM, str(alone), str(PACKAGE), sys.prefix, sys.base_prefix)
    read = {path for _, _, path in opened if path and path.startswith("/")}
    assert {path for path in read if not path.startswith(allowed) and path not in sys.path} == set()
    assert {path for path in read if "/geo_service/store/" in path or "sqlalchemy" in path} == set()
    assert str(alone / "000001" / "places.parquet") in read, "the trace would have shown it"
    assert not re.search(r"\bconnect\(|\b(?:mkdir|unlink|rename)\(", trace.read_text())


def everything(origin: str) -> dict[str, int]:
    """Ask a real site for every page and file that its pages name, search, and ask a way; return the status of each."""
    found: dict[str, int] = {}
    with httpx.Client(base_url=origin, timeout=60) as client:
        wanted = {"/", "/nowhere"}
        while wanted:
            path = wanted.pop()
            answer = client.get(path)
            found[path] = answer.status_code
            if "html" in answer.headers.get("content-type", ""):
                wanted |= leaks.links(path, answer.text) - set(found)
        place = next(path.removeprefix("/place/") for path in found if path.startswith("/place/"))
        near = client.post("/near", data={"where": "Nonesuch"})
        way = client.post("/way", data={"where": "Nonesuch", "place": place})
        assert "Places near Nonesuch" in near.text
        assert place in way.text
        return found | {"POST /near": near.status_code, "POST /way": way.status_code}
