"""The languages of the public site: English without a prefix in the path, the others below `/cy/`, `/pl/` and so on.

Templates say `_("…")`, `{% trans %}…{% pluralize %}…{% endtrans %}` and, for what somebody in danger relies on,
`safety("…")`, which marks a translation that nobody has approved. Python says `language.gettext("…", name=value)` and
`language.ngettext("… %(num)s …", "…", count)`. Values stand as `%(name)s`; a percent sign is doubled. Links within the
site are `{{ to("/about") }}`. Nothing but the path decides the language.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from markupsafe import Markup

from geo_service.languages import NAMES, WrittenLanguage
from geo_service.languages.written import ENGLISH, languages_as
from geo_service.web.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel.messages.catalog import Catalog
    from starlette.requests import HTTPConnection
    from starlette.responses import HTMLResponse
    from starlette.types import ASGIApp, Receive, Scope, Send

_NEVER_PREFIXED: Final = ("/static/", "/assets/", "/open-data/")


class SiteLanguage(WrittenLanguage):
    """Be one language of the public site: its words, direction and links."""

    def __init__(self, code: str, catalogue: Catalog | None, approved: frozenset[str]) -> None:
        """Take what `WrittenLanguage` takes; English has no segment in the path, the others their code."""
        super().__init__(code, catalogue, approved)
        self.prefix = "" if code == ENGLISH else f"/{code}"

    def safety(self, message: str, /, **values: object) -> Markup:
        """Return a text that somebody in danger relies on, marked where nobody has approved its translation."""
        said = Markup(self.translations.gettext(message)) % values  # noqa: S704 - catalogues are ours; values are escaped
        if not self.is_draft(message):
            return said
        return Markup('{} <span class="app-draft">{}</span>').format(said, self.gettext("draft"))

    def to(self, path: str) -> str:
        """Return the address of a page of this site in this language."""
        return path if path.startswith(_NEVER_PREFIXED) else f"{self.prefix}{path}"


@cache
def languages() -> Mapping[str, SiteLanguage]:
    """Return every language of the site by its code, English first; raise FaultError where a catalogue is missing."""
    return languages_as(SiteLanguage)


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


def _code(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in NAMES and first != ENGLISH else ENGLISH
