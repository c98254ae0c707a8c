"""Print the Safe Places: a directory for each town, wallet cards, window stickers, a poster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from geo_service.errors import NotFoundError, QueryError
from geo_service.model.access import DISCLOSURE
from geo_service.model.language import ENGLISH
from geo_service.model.layers import PUBLIC, Marks
from geo_service.model.release import MARKING
from geo_service.workflows.handouts import place_papers
from geo_service.workflows.handouts.place_edition import Edition
from geo_service.workflows.markings import Export, file_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geo_service.model.language import PublicLanguage
    from geo_service.model.place_sheets import PlaceSheet
    from geo_service.model.release import PublicRelease
    from geo_service.workflows.services import Services

LONGEST_ADDRESS: Final = 120
"""Characters of an address that somebody may still type, and whose code is still read across a room."""
_VISIBLE: Final = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Papers:
    """Say what is to be printed beside the directories."""

    town: str | None = None
    """None for every town."""
    large_print: bool = False
    wallet: bool = False
    stickers: bool = False
    poster: bool = False
    url: str | None = None
    """Address of the public site, which the poster's code holds."""
    language: str = ENGLISH.code
    """Code of the language, as `cy`."""

    def __post_init__(self) -> None:
        """Refuse what cannot be printed, before anything is read."""
        if self.poster != (self.url is not None):
            what = "A poster needs the address that its code leads to" if self.poster else "--url goes with --poster"
            raise QueryError(
                what, do="Give both: --poster --url https://ADDRESS-OF-THE-PUBLIC-SITE", found=self.url, field="url"
            )
        if self.url is not None:
            check_address(self.url)


@dataclass(frozen=True, slots=True)
class PrintedPapers:
    """Hold what was printed."""

    release: PublicRelease
    towns: Mapping[str, int]
    """How many places the directory of each town lists."""
    exports: tuple[Export, ...]
    never_checked: int
    """Places in those directories that nobody has checked; the paper says so."""
    language: str
    draft: bool
    """Whether a text on it about somebody's safety waits for a reviewer; the paper says so."""


def print_papers(services: Services, wanted: Papers) -> PrintedPapers:
    """Print from the release that the public site shows, and record the disclosure.

    Raises NotFoundError where nothing was published or no place is in the town, InputError for letters that the
    print fonts do not have.
    """
    language = _language(services, wanted.language)
    release = services.releases.current()
    known = place_papers.towns(release)
    chosen = known if wanted.town is None else _one_town(known, wanted.town)
    marks = Marks(MARKING, release.number, PUBLIC, release.places.provenance.demonstration)
    edition = Edition(release, services.today(), language)
    sheets = tuple(_sheets(edition, wanted, list(chosen)))
    exports = tuple(
        Export(file_name(marks, said, ".pdf"), services.printer.print_places(sheet), "application/pdf", marks)
        for said, sheet in sheets
    )
    services.store.record(
        DISCLOSURE,
        f"Safe Places of release {release.number} on paper",
        {"towns": list(chosen), "language": language.code, "files": [export.name for export in exports]},
    )
    return PrintedPapers(
        release,
        chosen,
        exports,
        place_papers.never_checked(release, chosen),
        language=language.code,
        draft=any(sheet.language.draft for _, sheet in sheets),
    )


def check_address(url: str) -> None:
    """Raise QueryError for an address that a poster must not lead to, or that nobody could type."""
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    do = "Give the address of the public site as https://NAME, nothing after it that a short address does without"
    if not sound or not _VISIBLE.fullmatch(url):
        raise QueryError("Not an address of a site", found=url, do=do, field="url")
    if parts.scheme != "https":
        raise QueryError("The address does not begin with https://", found=url, do=do, field="url")
    if parts.username is not None or parts.query or parts.fragment or "?" in url or "#" in url:
        raise QueryError(
            "The address says more than where the site is: a name, a question or a mark could tell who scanned it",
            found=url,
            do=do,
            field="url",
        )
    if len(url) > LONGEST_ADDRESS:
        found = f"{len(url)} characters"
        raise QueryError(f"The address is longer than {LONGEST_ADDRESS} characters", found=found, do=do, field="url")


def _language(services: Services, code: str) -> PublicLanguage:
    known = services.languages()
    if code not in known:
        raise QueryError(
            "There is no such language here", found=code, do=f"Languages: {', '.join(known)}", field="lang"
        )
    return known[code]


def _one_town(known: Mapping[str, int], town: str) -> dict[str, int]:
    wanted = " ".join(town.split()).casefold()
    for name, count in known.items():
        if " ".join(name.split()).casefold() == wanted:
            return {name: count}
    listed = ", ".join(name or "(no town)" for name in known)
    raise NotFoundError("No place of the release is in that town", found=town, do=f"Towns: {listed}", field="town")


def _sheets(edition: Edition, wanted: Papers, chosen: list[str]) -> Iterator[tuple[str, PlaceSheet]]:
    """Give what each file is called and what stands on it."""
    large = " large print" if wanted.large_print else ""
    tongue = f" {wanted.language}" if wanted.language != ENGLISH.code else ""
    for town in chosen:
        named = f"{town or 'other places'}{tongue}"
        yield (
            f"Safe Places {named}{large}",
            place_papers.directory(edition, town, large_print=wanted.large_print),
        )
        if wanted.wallet:
            yield f"Safe Places wallet cards {named}", place_papers.wallet_cards(edition, town)
    only = chosen[0] if len(chosen) == 1 else ""
    named = f"{only or edition.release.area}{tongue}"
    if wanted.stickers:
        yield f"Safe Places stickers {named}", place_papers.stickers(edition, only)
    if wanted.poster and wanted.url is not None:
        made = place_papers.poster(edition, only, url=wanted.url, large_print=wanted.large_print)
        yield f"Safe Places poster {named}{large}", made
