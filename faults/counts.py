"""Counting what faults did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo_service.errors import SignInError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Counts:
    """Count points of one kind of fault, and keep what went wrong."""

    title: str
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, outcome: str, wrong: str | None = None) -> None:
        """Count one point; `wrong` says what must not have happened."""
        self.outcomes[outcome] += 1
        if wrong is not None:
            self.wrong.append(f"{outcome}: {wrong}")

    @property
    def points(self) -> int:
        """Return how many points there were."""
        return self.outcomes.total()

    def __str__(self) -> str:
        """Say the counts on one line, and below it the first things that went wrong."""
        parts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        lines = [f"{self.title}: {self.points} ({parts}); wrong: {len(self.wrong)}"]
        return "\n  ".join([*lines, *self.wrong[:5]])


def expect_nobody(counts: Counts, name: str, attempt: Callable[[], object]) -> None:
    """Count one attempt that must bring nobody in, and must fail as a refusal does."""
    try:
        found = attempt()
    except SignInError:
        found = None
    except Exception as error:  # noqa: BLE001 - whatever else comes is what is looked for
        counts.note("broken", f"{name}: {type(error).__name__}: {error}")
        return
    counts.note("refused" if found is None else "let in", None if found is None else f"{name}: {found}")


def expect(counts: Counts, right: bool) -> None:  # noqa: FBT001 - the outcome itself
    """Count one that is as it should be and must come in: otherwise the refusals show nothing."""
    counts.note("good", None if right else "a good one was refused")
