"""Say on paper how to get help in danger: by 999 and 101, without speaking, in British Sign Language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.model.sheets import SheetRow

if TYPE_CHECKING:
    from geo_service.workflows.handouts.place_words import PaperWords


def emergency(words: PaperWords) -> tuple[SheetRow, ...]:
    """Return the ways to get help."""
    safety, by_text = words.safety, words.say("By text")
    return (
        _row(
            words,
            safety("In danger call 999."),
            safety("If you cannot speak: on a mobile, call 999, listen, and press 55 when you are asked to."),
        ),
        _row(words, safety("If it is not an emergency, call 101."), ""),
        _row(
            words,
            f"{by_text}:",
            safety("Texting 999 works only from a phone that was registered for it beforehand."),
            safety("To register, send a text with the word register to 999, when you are safe."),
        ),
        _row(
            words,
            "",
            safety(
                "British Sign Language: use the 999 BSL app, or 999bsl.co.uk. An interpreter makes the call with you."
            ),
        ),
    )


def short_emergency(words: PaperWords) -> tuple[SheetRow, ...]:
    """Return the same as a card has room for."""
    safety = words.safety
    return (
        _row(
            words,
            safety("In danger call 999."),
            safety("You cannot speak? Call 999 on a mobile. Listen. Press 55 when they ask."),
        ),
        _row(
            words,
            safety("If it is not an emergency, call 101."),
            safety("Texting 999 works only from a phone that was registered for it beforehand."),
        ),
    )


def _row(words: PaperWords, label: str, *said: str) -> SheetRow:
    """Return a line whose one mark stands at its end."""
    bare = words.without_mark(label)
    marked = words.together(label, *said)
    return SheetRow(bare, marked.removeprefix(bare).strip())
