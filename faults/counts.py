"""Counting what faults did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


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
