"""Keep the catalogues of the public's words in step with templates and code: `make catalogues`.

`python -m geo_service.languages.catalogues` extracts every message into `locale/public.pot` and renews each language's
`public.po`: a new message stands there without a translation, one that is gone is dropped, and nothing is guessed.
`python -m geo_service.languages.catalogues approvals cy` lists the drafts of a language, with their marks.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from geo_service.languages.approvals import approvals, mark
from geo_service.languages.written import DOMAIN, FOLDER, NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE: Final = Path(__file__).parents[1]
_KEYWORDS: Final = {"_": None, "gettext": None, "say": None, "safety": None, "ngettext": (1, 2)}
_METHODS: Final = [
    ("languages/**.py", "python"),
    ("safe_places/**.py", "python"),
    ("web/**.py", "python"),
    ("workflows/handouts/place_*.py", "python"),
    ("workflows/places/entries.py", "python"),
    ("web/templates/public/**.html", "jinja2.ext:babel_extract"),
]
_OPTIONS: Final = {"web/templates/public/**.html": {"encoding": "utf-8", "silent": "false", "trimmed": "true"}}
_WIDTH: Final = 0
"""One line for each text: a change shows as one line."""


def extracted() -> Catalog:
    """Return the messages of the public site's templates and of the code that says words on it."""
    catalogue = Catalog(project="geo-service", charset="utf-8")
    found = extract_from_dir(
        PACKAGE, _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for _, _, message, comments, context in found:
        catalogue.add(message, auto_comments=comments, context=context)
    return catalogue


def renew() -> None:
    """Write the template of the catalogues, and each catalogue with the messages that there are now."""
    template = extracted()
    _write(FOLDER / f"{DOMAIN}.pot", template)
    for code in NAMES:
        if code == "en":
            continue
        file = FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.po"
        file.parent.mkdir(parents=True, exist_ok=True)
        catalogue = Catalog(locale=code, project="geo-service", charset="utf-8", fuzzy=False)
        if file.is_file():
            with file.open("rb") as opened:
                catalogue = read_po(opened, locale=code, domain=DOMAIN, abort_invalid=True)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _write(file, catalogue)


def _write(file: Path, catalogue: Catalog) -> None:
    """Write a catalogue without days and names of people, so that only its words make a difference."""
    head = ["Content-Type: text/plain; charset=utf-8"]
    if catalogue.locale is not None:
        head = [f"Language: {catalogue.locale}", *head, f"Plural-Forms: {catalogue.plural_forms}"]
    with file.open("wb") as opened:
        opened.write("\n".join(['msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in head), "", ""]).encode())
        write_po(opened, catalogue, width=_WIDTH, no_location=True, sort_output=True, omit_header=True)


def for_review(code: str) -> str:
    """Return the drafts of a language, each with its mark, its English and its translation."""
    approved = approvals(FOLDER / "approved.toml", NAMES).get(code, frozenset())
    with (FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as opened:
        catalogue = read_po(opened, locale=code, domain=DOMAIN, abort_invalid=True)
    parts = []
    for message in catalogue:
        if message.id and mark(message) not in approved:
            sides = (message.id, message.string or "")
            texts = [" | ".join((side,) if isinstance(side, str) else side) for side in sides]
            parts.append("\n".join([mark(message), *texts]))
    return "\n\n".join(parts)


def main(arguments: Sequence[str]) -> None:
    """Renew the catalogues, or list the drafts of a language."""
    if arguments[:1] == ["approvals"]:
        sys.stdout.write(f"{for_review(arguments[1])}\n")
    else:
        renew()


if __name__ == "__main__":
    main(sys.argv[1:])
