"""The languages of the public site: English without a prefix in the path, the others below `/cy/`, `/pl/` and so on.

Templates say `_("…")`, `{% trans %}…{% pluralize %}…{% endtrans %}` and, for what somebody in danger relies on,
`safety("…")`, which marks a translation that nobody has approved. Python says `language.gettext("…", name=value)` and
`language.ngettext("… %(num)s …", "…", count)`. Values stand as `%(name)s`; a percent sign is doubled. Links within the
site are `{{ to("/about") }}`. Nothing but the path decides the language.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from markupsafe import Markup

from geo_service.errors import FaultError
from geo_service.web.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from babel.messages.catalog import Catalog, Message
    from starlette.requests import HTTPConnection
    from starlette.responses import HTMLResponse
    from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER: Final = Path(__file__).parent / "locale"
DOMAIN: Final = "public"
NAMES: Final[Mapping[str, str]] = {
    "en": "English",
    "cy": "Cymraeg",
    "pl": "Polski",
    "ur": "اردو",
    "pa": "ਪੰਜਾਬੀ",
    "ro": "Română",
}
"""Each language in itself, by the segment of the path; English has none."""
_LOCALES: Final = {"en": "en_GB"}
_NEVER_PREFIXED: Final = ("/static/", "/assets/", "/open-data/")
_APART: Final = "\x04"


class SiteLanguage:
    """Be one language of the public site (see `Language`): its words, direction and links."""

    def __init__(self, code: str, catalogue: Catalog | None, approved: frozenset[str]) -> None:
        """Take the catalogue, None for English, and the marks of the texts that a reviewer approved."""
        self.code = code
        self.name = NAMES[code]
        self.locale = Locale.parse(_LOCALES.get(code, code))
        self.lang = "en-GB" if code == "en" else code
        self.direction = self.locale.text_direction
        self.prefix = "" if code == "en" else f"/{code}"
        self.translations = NullTranslations() if catalogue is None else _translations(catalogue)
        self._drafts = frozenset() if catalogue is None else frozenset(_drafts(catalogue, approved))
        self.date(dt.date(2000, 1, 1))  # reads the locale's names now, so that no request opens a file

    @property
    def draft(self) -> bool:
        """Tell whether any text of this language waits for a reviewer."""
        return bool(self._drafts)

    def gettext(self, message: str, /, **values: object) -> str:
        """Return a message in this language, its values filled in."""
        return self.translations.gettext(message) % values

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Return the form of a message that goes with a number, which is also the value `num`."""
        return self.translations.ngettext(one, many, count) % {"num": count, **values}

    def date(self, day: dt.date | None, *, year: bool = True) -> str:
        """Write a day of a month, as `1 November 2023` or `1 November`; `never` for None."""
        if day is None:
            return self.gettext("never")
        return str(format_date(day, "long" if year else "d MMMM", locale=self.locale))

    def number(self, value: float) -> str:
        """Write a number with one decimal, as `1.2` or `1,2`."""
        return str(format_decimal(value, "0.0", locale=self.locale))

    def safety(self, message: str, /, **values: object) -> Markup:
        """Return a text that somebody in danger relies on, marked where nobody has approved its translation."""
        said = Markup(self.translations.gettext(message)) % values  # noqa: S704 - catalogues are ours; values are escaped
        if message not in self._drafts:
            return said
        return Markup('{} <span class="app-draft">{}</span>').format(said, self.gettext("draft"))

    def to(self, path: str) -> str:
        """Return the address of a page of this site in this language."""
        return path if path.startswith(_NEVER_PREFIXED) else f"{self.prefix}{path}"


@cache
def languages() -> Mapping[str, SiteLanguage]:
    """Return every language of the site by its code, English first; raise FaultError where a catalogue is missing."""
    approved = approvals(FOLDER / "approved.toml")
    return {code: SiteLanguage(code, _catalogue(code), approved.get(code, frozenset())) for code in NAMES}


def language_of(connection: HTTPConnection) -> SiteLanguage:
    """Return the language that the path of a request names, English where it names none."""
    return languages()[_code(connection.scope["path"])]


def here(connection: HTTPConnection) -> str:
    """Return the path of a request without its language, so that the same page can be had in another."""
    path = connection.scope["path"]
    own = path.removeprefix(languages()[_code(path)].prefix)
    return "/" + quote(own.lstrip("/"))  # two slashes at the head would lead to another site


class LanguagePages:
    """Render the templates of one site in the language that a request asks for."""

    def __init__(self, folder: str, headers: Mapping[str, str], **everywhere: object) -> None:
        """Take the site's folder of templates, its headers and the values that every page shows."""
        self._pages = {}
        for code, language in languages().items():
            pages = Pages(folder, headers, **everywhere)
            pages.environment.add_extension("jinja2.ext.i18n")
            pages.environment.policies["ext.i18n.trimmed"] = True
            said = language.translations
            pages.environment.install_gettext_callables(said.gettext, said.ngettext, newstyle=True)  # type: ignore[attr-defined]
            pages.environment.filters["day"] = language.date
            pages.environment.globals |= {
                "language": language,
                "languages": tuple(languages().values()),
                "safety": language.safety,
                "to": language.to,
            }
            self._pages[code] = pages

    def __call__(self, request: HTTPConnection, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """Return one page; `here` is its path in any language, unless it is given."""
        return self._pages[language_of(request).code](name, status, **{"here": here(request), **values})

    def part(self, request: HTTPConnection, name: str, **values: object) -> str:
        """Return a part of a page."""
        return self._pages[language_of(request).code].part(name, **values)


class LanguagePaths:
    """Lead `/cy/about` to the route `/about`: each route is written once and found in every language."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its language as the root path."""
        if scope["type"] == "http":
            prefix = languages()[_code(scope["path"])].prefix
            own = scope["path"].removeprefix(prefix) or "/"
            if prefix and not own.startswith(_NEVER_PREFIXED):
                scope = {**scope, "path": prefix + own, "root_path": scope.get("root_path", "") + prefix}
        await self.app(scope, receive, send)


def approvals(file: Path) -> dict[str, frozenset[str]]:
    """Read which texts a named reviewer approved: the marks by language.

    Raises FaultError where an entry lacks its language, reviewer, date or marks.
    """
    found: dict[str, set[str]] = {}
    for number, entry in enumerate(tomllib.loads(file.read_text("utf-8")).get("approval", []), start=1):
        language, reviewer, date, marks = (entry.get(name) for name in ("language", "reviewer", "date", "texts"))
        named = isinstance(reviewer, str) and reviewer.strip()
        if language not in NAMES or not named or not isinstance(date, dt.date) or not isinstance(marks, list):
            raise FaultError(
                f"{file.name}: approval {number} is not complete",
                found=str(entry)[:200],
                do="Give it `language`, `reviewer`, `date` and `texts`",
            )
        found.setdefault(language, set()).update(marks)
    return {language: frozenset(marks) for language, marks in found.items()}


def mark(message: Message) -> str:
    """Return what an approval holds of a text: a digest of the English and of its translation.

    A change of either makes it a draft again.
    """
    sides = (message.id, message.string or "")
    said = [part for side in sides for part in ((side,) if isinstance(side, str) else side)]
    return hashlib.sha256(_APART.join(said).encode()).hexdigest()[:16]


def _drafts(catalogue: Catalog, approved: frozenset[str]) -> Iterator[str]:
    for message in catalogue:
        if message.id and mark(message) not in approved:
            yield message.id if isinstance(message.id, str) else message.id[0]


def _catalogue(code: str) -> Catalog | None:
    if code == "en":
        return None
    file = FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not file.is_file():
        raise FaultError("A catalogue of the public site's words is missing", found=f"{code}: {file.name}")
    with file.open("rb") as opened:
        return read_po(opened, locale=code, domain=DOMAIN, abort_invalid=True)


def _translations(catalogue: Catalog) -> Translations:
    """Return the catalogue as gettext reads it, made in memory: no compiled file can fall behind its source."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


def _code(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in NAMES and first != "en" else "en"
