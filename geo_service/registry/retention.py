"""Read how long each kind of data is kept: `data/retention.toml`, and what an area sets otherwise."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from geo_service.errors import InputError
from geo_service.model.retention import KINDS, TIMED, Rule
from geo_service.registry.strict import Keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE: Final = "retention.toml"
_TIME: Final = re.compile(r"([1-9][0-9]{0,3}) (hours|days|months)")
_HOW: Final = 'Write a time, for example keep = "36 months", "90 days" or "10 hours"'


def read_rules(shipped: Path, own: Path | None = None) -> Mapping[str, Rule]:
    """Return the rule of every kind.

    shipped: TOML with a rule for each. own: TOML with what differs here, where it is there. Raises InputError naming
    file and kind where a rule is missing, unknown or no time.
    """
    rules = {kind: _rule(kind, keys) for kind, keys in _tables(shipped, f"data/{FILE}").items()}
    if missing := [kind for kind in KINDS if kind not in rules]:
        raise InputError(f"data/{FILE} has no rule for {missing[0]}", do=f"Add [{missing[0]}]", field=FILE)
    if own is not None and own.exists():
        for kind, keys in _tables(own, f"{FILE} in the data directory").items():
            rules[kind] = _changed(rules[kind], keys)
    return {kind: rules[kind] for kind in KINDS}


def _tables(path: Path, where: str) -> dict[str, Keys]:
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{where} is not TOML", found=str(error), do="Mend the file", field=FILE) from None
    except OSError as error:
        raise InputError(f"{where} cannot be read", found=error.strerror, field=FILE) from None
    for kind, table in found.items():
        if kind not in KINDS or not isinstance(table, dict):
            raise InputError(
                f"{where}: no kind of that name", found=kind, do=f"Use [{'], ['.join(KINDS)}]", field=f"{FILE}: {kind}"
            )
    return {kind: Keys(table, f"{where}, [{kind}]") for kind, table in found.items()}


def _rule(kind: str, keys: Keys) -> Rule:
    rule = Rule(kind, keys.text("title"), keep := keys.text("keep"), keys.text("why"))
    keys.close()
    return _timed(rule, keep, keys) if kind in TIMED else rule


def _changed(rule: Rule, keys: Keys) -> Rule:
    if rule.count is None:
        raise keys.refuse("this rule cannot be changed", found=rule.keep, do="Delete it; it states what always holds")
    keep, why = keys.text("keep"), keys.text("why", rule.why)
    keys.close()
    return _timed(replace(rule, keep=keep, why=why), keep, keys)


def _timed(rule: Rule, keep: str, keys: Keys) -> Rule:
    found = _TIME.fullmatch(keep)
    if found is None:
        raise keys.refuse("not a time", key="keep", found=keep, do=_HOW)
    if rule.kind == "incidents" and found[2] != "months":
        raise keys.refuse("incidents are kept by the month", key="keep", found=keep, do='Write keep = "36 months"')
    return replace(rule, count=int(found[1]), unit=found[2])
