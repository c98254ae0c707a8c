"""Read the problem solving prompts: `data/prompts.toml`, or the copy that an area keeps."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Final

from geo_service.errors import InputError
from geo_service.model.prompts import ANY, LONGEST_PROMPT, PromptKind
from geo_service.registry.strict import Keys

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE: Final = "prompts.toml"


def read_prompts(shipped: Path, own: Path | None = None) -> Sequence[PromptKind]:
    """Return the kinds in the order of the file, which is the order in which they are tried.

    own: a file that stands in place of the shipped one, where it is there. Raises InputError naming file and kind.
    """
    edited = own is not None and own.exists()
    path, where = (own, f"{FILE} in the data directory") if own is not None and edited else (shipped, f"data/{FILE}")
    keys = Keys(_table(path, where), where)
    kinds = [_kind(table) for table in keys.tables("kind")]
    keys.close()
    ids = [kind.id for kind in kinds]
    for kind in ids:
        if ids.count(kind) > 1:
            raise keys.refuse("two kinds of one id", key="kind", found=kind, do="Keep one of them")
    if ANY not in ids:
        raise keys.refuse(f"no kind `{ANY}`", key="kind", found=ids, do=f'Add [[kind]] with id = "{ANY}" and prompts')
    return kinds


def _table(path: Path, where: str) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{where} is not TOML", found=str(error), do="Mend the file", field=FILE) from None
    except OSError as error:
        raise InputError(f"{where} cannot be read", found=error.strerror, do="Check the file", field=FILE) from None


def _kind(keys: Keys) -> PromptKind:
    kind = keys.text("id")
    keys.where = f"{keys.where} ({kind})"
    words = tuple(" ".join(word.lower().split()) for word in keys.texts("words"))
    prompts = tuple(" ".join(prompt.split()) for prompt in keys.texts("prompts"))
    keys.close()
    if (kind == ANY) == bool(words) or not all(words):
        raise keys.refuse(
            f"every kind but `{ANY}` has words by which it is chosen",
            key="words",
            found=words,
            do='Write words = ["robbery"], or leave them out for `any`',
        )
    if not prompts:
        raise keys.refuse("no prompts", key="prompts", do='Write prompts = ["What to look at or do."]')
    for prompt in prompts:
        if not 0 < len(prompt) <= LONGEST_PROMPT:
            raise keys.refuse(
                f"a prompt must have 1 to {LONGEST_PROMPT} characters, to fit on a card",
                key="prompts",
                found=prompt or "an empty one",
                do="Make it shorter, or two of it",
            )
    return PromptKind(kind, words, prompts)
