"""Remove old public releases, so that they do not fill the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.model.access import ERASURE
from geo_service.workflows.releasing.releases import refuse_others

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.release import OldRelease
    from geo_service.workflows.services import Services


@dataclass(frozen=True, slots=True)
class Pruned:
    """Say which old releases went, or would go."""

    gone: tuple[OldRelease, ...]
    served: tuple[OldRelease, ...]
    """Those that stay because a site serves them still."""
    kept: tuple[int, ...]
    shown: int | None

    @property
    def bytes(self) -> int:
        """Return how much room went, or would go."""
        return sum(old.bytes for old in self.gone)


def prune(services: Services, keep: int, *, look: bool = False) -> Pruned:
    """Remove old releases for good, but `keep` of the newest, the one that is shown and the one before it.

    look: only say which would go. One that a site serves still stays. Raises AccessError as `publish`,
    DamagedFileError where nobody knows which is shown.
    """
    refuse_others(services)
    shelf = services.releases
    old = shelf.old(keep)
    gone = tuple(release for release in old if not release.served)
    if gone and not look:
        numbers = [release.number for release in gone]
        detail = {"releases": numbers, "bytes": sum(release.bytes for release in gone), "newest kept": keep}
        services.store.record(f"{ERASURE}: prune public releases", f"releases {in_short(numbers)}", detail)
        gone = tuple(release for release in gone if shelf.remove(release.number))
    served = tuple(release for release in old if release not in gone)
    kept = tuple(line for line in shelf.numbers() if line not in {release.number for release in gone})
    return Pruned(gone, served, kept, shelf.number())


def in_short(numbers: Sequence[int]) -> str:
    """Write numbers in short, for example `1-4, 6`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
