"""Choose what a sheet asks officers to look at and do in a zone, by what happens there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.model.prompts import ANY
from geo_service.workflows.sheets import NEVER_ON_PAPER, SMALLEST_COUNT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.prompts import PromptKind

MOST: Final = 3
COCOON: Final = "super-cocoon"
"""What stands before the description of an offence where the homes around it are visited."""


def prompts_for(mix: Sequence[tuple[str, int]], kinds: Sequence[PromptKind]) -> tuple[str, ...]:
    """Return at most three prompts for a mix of offences: the first of each of its commonest kinds, then their next.

    mix: offences with their counts. Offences that no sheet names, and kinds of fewer than three incidents, choose no
    prompt, so none can be told from one; where no kind is left, those of `any` are taken.
    """
    counts = dict.fromkeys((kind.id for kind in kinds), 0)
    for offence, count in mix:
        said = offence.casefold()
        of = next((kind.id for kind in kinds if any(word in said for word in kind.words)), None)
        if of is not None and not NEVER_ON_PAPER.search(offence):
            counts[of] += count
    # A sort keeps the order of equals, which is that of the file.
    ranked = sorted((kind for kind in kinds if counts[kind.id] >= SMALLEST_COUNT), key=lambda kind: -counts[kind.id])
    chosen = ranked[:MOST] or [kind for kind in kinds if kind.id == ANY]
    depth = max((len(kind.prompts) for kind in chosen), default=0)
    lines = [kind.prompts[at] for at in range(depth) for kind in chosen if at < len(kind.prompts)]
    return tuple(dict.fromkeys(lines))[:MOST]


def prompts_after(offence: str, kinds: Sequence[PromptKind]) -> tuple[str, ...]:
    """Return what to say, ask and leave at the homes around one offence: all prompts of the kind `COCOON offence`.

    `super-cocoon burglary`, say, is looked for as the description of an offence is; other files may have no words for
    it, so that the kind of the offence itself stands in, and `any` where none matches.
    """
    said = f"{COCOON} {offence.casefold()}"
    of = next((kind for kind in kinds if any(word in said for word in kind.words)), None)
    return next(kind for kind in kinds if kind.id == ANY).prompts if of is None else of.prompts
