"""Problem solving prompts: what to look at and do in a zone, by kind of offence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ANY: Final = "any"
"""The kind that stands in where no other matches."""
LONGEST_PROMPT: Final = 72
"""Characters of a prompt: three of them fit into the box of a card."""


@dataclass(frozen=True, slots=True)
class PromptKind:
    """Hold the prompts of one kind of offence."""

    id: str
    words: tuple[str, ...]
    """In small letters; an offence whose description holds one of them is of this kind. None for ANY."""
    prompts: tuple[str, ...]
    """One line each, the most useful first."""
