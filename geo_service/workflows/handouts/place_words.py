"""Say words on paper in one language: what nobody has approved is marked, what stays English is set apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.model.language import ENGLISH
from geo_service.model.place_sheets import ENGLISH_ENDS, ENGLISH_STARTS, PaperLanguage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from geo_service.model.language import PublicLanguage

_ISOLATES: Final = dict.fromkeys(range(0x2066, 0x206A))


class PaperWords:
    """Say words in one language, as `Language` does, and keep in mind whether any of them is a draft."""

    def __init__(self, language: PublicLanguage = ENGLISH) -> None:
        self.language = language
        self.translated = language.code != ENGLISH.code
        self.say = language.gettext
        self.ngettext = language.ngettext
        urdu = language.direction == "rtl"
        self.comma, self.semicolon = ("\u060c ", "\u061b ") if urdu else (", ", "; ")
        self._mark = f"[{language.gettext('draft')} · draft]" if self.translated else ""
        self._marked = False

    def safety(self, message: str, /, **values: object) -> str:
        """Return a text that somebody in danger relies on, marked where nobody has approved its translation."""
        return self.marked(self.language.gettext(message, **values), message)

    def marked(self, said: str, message: str) -> str:
        """Return what was said of a message, marked where that is a draft."""
        if not self.language.is_draft(message):
            return said
        self._marked = True
        return f"{said} {self._mark}"

    def together(self, *texts: str) -> str:
        """Return texts one after the other, with one mark for all of them."""
        kept = [text.removesuffix(self._mark).strip() for text in texts if text]
        drafts = bool(self._mark) and any(text.endswith(self._mark) for text in texts)
        return " ".join([*kept, self._mark] if drafts else kept)

    def without_mark(self, text: str) -> str:
        """Return a text whose mark stands elsewhere."""
        return self.together(text).removesuffix(self._mark).strip()

    def english(self, text: str) -> str:
        """Set apart what is English in every language: a name, an address, what is to be said to people in England."""
        if not self.translated or not text:
            return text
        return f"{ENGLISH_STARTS}{text.translate(_ISOLATES)}{ENGLISH_ENDS}"

    def sentence(self, text: str) -> str:
        """Return a text with a capital and a full stop."""
        return self.say("%(sentence)s.", sentence=f"{text[:1].upper()}{text[1:]}")

    def listed(self, parts: Sequence[str]) -> str:
        """Return parts as a list in words."""
        if len(parts) < 2:  # noqa: PLR2004 - one stands alone
            return "".join(parts)
        return self.say("%(these)s and %(last)s", these=self.comma.join(parts[:-1]), last=parts[-1])

    def date(self, day: dt.date) -> str:
        """Write a day."""
        return self.language.date(day)

    def paper(self) -> PaperLanguage:
        """Return the language of a paper whose words have all been said."""
        say, invented = self.say, "DEMONSTRATION: invented place, invented data."
        if not self.translated:
            return PaperLanguage(self.language.lang, self.language.direction, invented)
        said = say("DEMONSTRATION: invented place, invented data.")
        notes = (
            say("This translation is a draft: nobody has checked it yet. If in doubt, ask for the English paper."),
            "This translation is a draft: nobody has checked it yet. If in doubt, ask for the English paper.",
        )
        brief = f"{say('draft')} · draft"
        return PaperLanguage(
            self.language.lang,
            self.language.direction,
            f"{self.english('DEMONSTRATION')} · {said}",
            stop=say("%(sentence)s.", sentence=""),
            draft=self._mark if self._marked else "",
            brief=brief if self._marked else "",
            notes=(notes[0], self.english(notes[1])) if self._marked else (),
        )
