"""Whatever is imported and undone in whatever order, the state is what a simple model says."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from geo_service.errors import ConflictError
from geo_service.model.access import OPERATOR, Principal
from geo_service.store import open_store
from geo_service.store.columns import STORED_SCHEMA
from geo_service.store.state import FileRecord, Held, Proposal, stale_assignments

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTHOR = Principal("analyst", OPERATOR)
JAN = "incidents/police_uk/somewhere/2025-01"
CONTENT = st.dictionaries(st.sampled_from(["2025-01", "2025-02", "2025-03"]), st.integers(1, 3), min_size=1, max_size=3)


def month_of(rows: int) -> pl.DataFrame:
    """Return so many incidents; their number is all that tells them apart."""
    columns = {"row": range(2, rows + 2), "month": [24300] * rows, "cell_10": [0] * rows}
    known = pl.DataFrame(columns, schema={name: STORED_SCHEMA[name] for name in columns})
    return known.select(
        pl.col(name) if name in columns else pl.lit(None, dtype).alias(name) for name, dtype in STORED_SCHEMA.items()
    )


class Imports(RuleBasedStateMachine):
    """Keep beside the store a list of the states that it should have been in."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        moment = dt.datetime(2025, 11, 1, tzinfo=dt.UTC)
        self.store = open_store(Path(self.folder.name), lambda: moment)
        self.states: list[Mapping[str, int]] = [{}]

    @rule(content=CONTENT)
    def import_months(self, content: dict[str, int]) -> None:
        """Import months; the same again makes no version."""
        with self.store.stage() as staging:
            for month, rows in content.items():
                staging.add_incidents(f"incidents/police_uk/somewhere/{month}", month_of(rows))
            version = staging.commit("import incidents", AUTHOR, {})
        wanted = {**self.states[-1], **content}
        assert (version is None) == (wanted == self.states[-1])
        if version is not None:
            self.states.append(wanted)

    @precondition(lambda self: len(self.states) > 1)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """Undo any version; it is refused where a later one changed a month again."""
        number = data.draw(st.integers(1, len(self.states) - 1))
        before, after, now = self.states[number - 1], self.states[number], self.states[-1]
        changed = {month for month in before.keys() | after.keys() if before.get(month) != after.get(month)}
        if any(now.get(month) != after.get(month) for month in changed):
            with pytest.raises(ConflictError, match="first"):
                self.store.undo(number, AUTHOR)
            return
        self.store.undo(number, AUTHOR)
        kept = {month: rows for month, rows in now.items() if month not in changed}
        self.states.append(kept | {month: before[month] for month in changed if month in before})

    @invariant()
    def every_version_answers_as_it_was(self) -> None:
        """Compare every version with the list."""
        assert [version.number for version in self.store.versions()] == list(range(1, len(self.states)))
        for number, wanted in enumerate(self.states):
            snapshot = self.store.snapshot(number)
            found = {slot[-7:]: snapshot.incident_slot(slot).height for slot in snapshot.slots()}
            assert found == wanted

    def teardown(self) -> None:
        """Let the doctor have the last word."""
        assert [problem for problem in self.store.check() if "free" not in problem] == []
        self.store.close()
        self.folder.cleanup()


TestImports = Imports.TestCase
TestImports.settings = settings(max_examples=6, stateful_step_count=8, deadline=None)


def record(sha256: str, kind: str = "incidents", **of: str) -> FileRecord:
    return FileRecord(sha256, kind, 1, 1, **of)


def test_an_assignment_is_stale_once_either_side_is_another() -> None:
    place = f"assignments/wards/{JAN}"
    pair = {JAN: record("a"), "boundaries/wards": record("b", "boundaries")}
    fitting = record("c", "assignments", of_incidents="a", of_boundaries="b")
    assert stale_assignments({**pair, place: fitting}) == set()
    assert stale_assignments({**pair, JAN: record("other"), place: fitting}) == {place}
    assert stale_assignments({JAN: pair[JAN], place: fitting}) == {place}


def test_a_proposal_that_contradicts_itself_is_refused() -> None:
    wrong = record("c", "assignments", of_incidents="another", of_boundaries="b")
    base = {JAN: Held(record("a"), 1), "boundaries/wards": Held(record("b", "boundaries"), 1)}
    with pytest.raises(ValueError, match="other incidents or boundaries"):
        Proposal(base, {f"assignments/wards/{JAN}": wrong}).changes(base)
