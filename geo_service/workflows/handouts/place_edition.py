"""What every Safe Places paper of one printing shares: the release, the day, the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.model.language import ENGLISH
from geo_service.safe_places.opening import LONDON
from geo_service.workflows.handouts.place_words import PaperWords

if TYPE_CHECKING:
    import datetime as dt

    from geo_service.model.language import PublicLanguage
    from geo_service.model.release import PublicRelease


@dataclass(frozen=True, slots=True)
class Edition:
    """Hold what is printed from, when, and in which language."""

    release: PublicRelease
    today: dt.date
    language: PublicLanguage = ENGLISH

    def words(self) -> PaperWords:
        """Return words for one paper."""
        return PaperWords(self.language)

    def where(self, town: str) -> str:
        """Return the town, or the area where none is named."""
        return town or self.release.area

    def title(self, town: str, words: PaperWords) -> str:
        """Return what stands at the head."""
        where = words.english(self.where(town))
        return words.say("Safe Places in %(town)s", town=where) if where else words.say("Safe Places")

    def issued(self, words: PaperWords, *, count: int = 0) -> str:
        """Return the day and the release, after how many places there are."""
        say, release = words.say, self.release
        places = words.ngettext("%(num)s place.", "%(num)s places.", count) if count else ""
        day = words.date(self.today)
        if release.made is None:
            printed = say("Printed on %(day)s from release %(number)s.", day=day, number=release.number)
        else:
            made = words.date(release.made.astimezone(LONDON).date())
            printed = say(
                "Printed on %(day)s from release %(number)s of %(made)s.", day=day, number=release.number, made=made
            )
        return " ".join(filter(None, (places, printed)))

    def briefly_issued(self, words: PaperWords) -> str:
        """Return the same where there is little room."""
        day = words.date(self.today)
        return words.say("Release %(number)s, printed on %(day)s.", number=self.release.number, day=day)

    @property
    def keywords(self) -> tuple[str, ...]:
        """Return what the file says of itself."""
        return (self.release.places.provenance.marking, f"release {self.release.number}")

    @property
    def demonstration(self) -> bool:
        """Tell whether it is all invented."""
        return self.release.places.provenance.demonstration
