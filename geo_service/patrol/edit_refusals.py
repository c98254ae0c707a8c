"""Say which rule a change of a plan breaks, and how to make it fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geo_service.errors import QueryError
from geo_service.model.patrol import LONGEST_LOOP_MIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.patrol import PatrolPlan

_SPAN: Final = re.compile(r"from (-?\d+) to (-?\d+) minutes")
_MOMENT: Final = re.compile(r"from (-?\d+) and from (-?\d+) minutes")
_RULES: Final = (
    (re.compile(r"locked"), "locked"),
    (re.compile(r"the rule `(\w+)`"), ""),
    (re.compile(r"the windows of zone"), "windows"),
    (re.compile(r"its cap is"), "cap"),
    (re.compile(r"the commitment `"), "commitments"),
    (re.compile(r"outside the shift"), "shift"),
    (re.compile(r"at once|given to crew"), "crew"),
)
"""What the words of `check` speak of -> name of the rule; the group's name where it is empty."""
_TRAVEL: Final = "travel"


def refuse_broken(plan: PatrolPlan, broken: Sequence[str], fits: str = "") -> None:
    """Raise QueryError where a change of a plan breaks rules (words of `check`), naming the first of them as `field`.

    fits: a way in which the change would do, as a sentence; empty where none is known.
    """
    if not broken:
        return
    rule = rule_of(broken[0])
    more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
    advice = ". ".join(filter(None, (fits, _advice(plan, rule, broken[0]))))
    raise QueryError(
        f"That change breaks the rule `{rule}`", found=_by_clock(plan, broken[0]) + more, do=advice, field=rule
    )


def _by_clock(plan: PatrolPlan, words: str) -> str:
    """Give minutes of the shift as clock times."""

    def clocks(found: re.Match[str]) -> tuple[str, ...]:
        return tuple(plan.request.shift.clock(int(minute)) for minute in found.groups())

    words = _SPAN.sub(lambda found: "from {} to {}".format(*clocks(found)), words)
    return _MOMENT.sub(lambda found: "from {} and from {}".format(*clocks(found)), words)


def rule_of(words: str) -> str:
    """Return the name of the rule that words of `check` speak of."""
    for pattern, rule in _RULES:
        if found := pattern.search(words):
            return rule or found.group(1)
    return _TRAVEL


def _advice(plan: PatrolPlan, rule: str, words: str) -> str:
    rules = plan.request.rules
    longer = f", or plan again with --loop up to {LONGEST_LOOP_MIN}" if rules.loop_min < LONGEST_LOOP_MIN else ""
    said = {
        "locked": "Unlock that visit first",
        "loop": f"Drop a visit of that loop first{longer}",
        "gap": f"Leave {rules.gap_min} minutes between visits of a zone, or plan again with a smaller --gap",
        "pause": f"Leave {rules.pause_min} minutes between two loops of a crew, or plan again with a smaller --pause",
        "cap": "Drop another visit of that zone first, or plan again with a higher cap",
        "commitments": "Choose a time outside it, or another crew",
        "shift": f"The shift is {plan.request.shift.words}",
        "crew": "Choose another time or another crew, or drop a visit of the loop in the way first",
        _TRAVEL: "Leave more time for the way, or drop a visit between",
    }
    if rule != "windows":
        return said.get(rule, "Choose another time or another visit")
    zone = next(zone for zone in plan.zones if words.endswith(f"zone {zone.number}"))
    spans = " and ".join(
        f"{plan.request.shift.clock(start)} to {plan.request.shift.clock(end)}" for start, end in zone.windows
    )
    return f"Stay within {spans}, or plan again with other windows"
