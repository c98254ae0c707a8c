"""Read descriptors strictly: a key that nobody asked for is a mistake, not a comment."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


class Keys:
    """Hand out the keys of one TOML table by type, and refuse what is left over."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        """Take a table; `where` names the file and the part of it in every refusal."""
        self._table = table
        self._asked: list[str] = []
        self.where = where

    def refuse(self, what: str, *, key: str = "", found: object = None, do: str = "") -> InputError:
        """Return the error for a key of this table, naming file and key."""
        return InputError(
            f"{self.where}: {what}", found=found, do=do, field=f"{self.where}: {key}" if key else self.where
        )

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default the key must be there and say something."""
        value = self._get(key, str, "text", default)
        if default is None and not value.strip():
            raise self.refuse(f"`{key}` is empty", key=key, do=f"Write the {key}")
        return " ".join(value.split())

    def word(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """Return a text that is one of the allowed words."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.refuse(f"unknown {key}", key=key, found=value, do=f"Use one of {', '.join(sorted(allowed))}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty where the key is missing."""
        values = self._get(key, list, "a list of texts", [])
        if not all(isinstance(value, str) for value in values):
            raise self.refuse(f"`{key}` must be a list of texts", key=key, found=values)
        return tuple(values)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        return bool(self._get(key, bool, "true or false", default))

    def number(self, key: str) -> float:
        """Return a finite number that is not negative."""
        value = self._get(key, (int, float), "a number", None)
        if isinstance(value, bool) or not math.isfinite(value) or value < 0:
            raise self.refuse(f"`{key}` must be a number of at least 0", key=key, found=value)
        return float(value)

    def date(self, key: str) -> dt.date | None:
        """Return a date, None where the key is missing."""
        if key not in self._table:
            self._asked.append(key)
            return None
        value = self._get(key, dt.date, "a date such as 2025-05-01, without quotation marks", None)
        if isinstance(value, dt.datetime):
            raise self.refuse(f"`{key}` must be a date without a time", key=key, found=value)
        assert isinstance(value, dt.date)  # noqa: S101 (told to the type checker; `_get` has made sure)
        return value

    def table(self, key: str) -> Keys:
        """Return a table within this one."""
        return Keys(self._get(key, dict, "a table", None), f"{self.where}, [{key}]")

    def tables(self, key: str) -> tuple[Keys, ...]:
        """Return the tables of a `[[key]]`; empty where there is none."""
        values = self._get(key, list, f"tables, each under [[{key}]]", [])
        if not all(isinstance(value, dict) for value in values):
            raise self.refuse(f"`{key}` must be tables, each under [[{key}]]", key=key, found=values)
        return tuple(Keys(value, f"{self.where}, [[{key}]] {n}") for n, value in enumerate(values, 1))

    def plain(self) -> dict[str, Any]:
        """Return the table as it stands, for a kind that checks its own keys."""
        self._asked.extend(self._table)
        return dict(self._table)

    def close(self) -> None:
        """Refuse a key that nobody asked for."""
        for key in self._table:
            if key not in self._asked:
                known = ", ".join(sorted(set(self._asked)))
                raise self.refuse("unknown key", key=key, found=key, do=f"Use only {known}")

    def _get(self, key: str, kind: type | tuple[type, ...], word: str, default: Any) -> Any:  # noqa: ANN401
        self._asked.append(key)
        if key not in self._table:
            if default is None:
                raise self.refuse(f"`{key}` is missing", key=key, do=f"Add `{key}`: {word}")
            return default
        value = self._table[key]
        if not isinstance(value, kind):
            raise self.refuse(f"`{key}` must be {word}", key=key, found=repr(value))
        return value


@lru_cache(maxsize=256)  # a registry may be opened often, and nobody changes what was parsed
def _parsed(text: str) -> Mapping[str, Any]:
    return tomllib.loads(text)


def read_toml(path: Path, where: str) -> Keys:
    """Read one descriptor; raise InputError naming the file where it is no TOML or its id is not its name."""
    try:
        table = _parsed(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{where} is not TOML", found=str(error), do="Mend the file", field=where) from None
    keys = Keys(table, where)
    if keys.text("id") != path.stem:
        raise keys.refuse(
            "the id must be the name of the file", key="id", found=table["id"], do=f'Write id = "{path.stem}"'
        )
    return keys


def members(folder: Path, name: str) -> tuple[Keys, ...]:
    """Read every descriptor of a folder, in the order of their names; none where the folder is missing."""
    paths = sorted(folder.glob("*.toml"), key=lambda path: path.stem)
    return tuple(read_toml(path, f"{name}/{path.name}") for path in paths)
