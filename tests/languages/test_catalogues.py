"""The catalogues of the public site's words: whole in every language, and nothing said outside them."""

from __future__ import annotations

import ast
import calendar
import re
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from geo_service.languages import NAMES
from geo_service.languages import written_languages as languages
from geo_service.languages.catalogues import PACKAGE, extracted, for_review
from geo_service.languages.written import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from babel.messages.catalog import Catalog, Message

OTHERS = tuple(code for code in NAMES if code != "en")
TEMPLATES = sorted((PACKAGE / "web" / "templates" / "public").glob("*.html"))
MODULES = sorted(
    path
    for files in (
        "languages/*.py",
        "safe_places/*.py",
        "web/*.py",
        "workflows/handouts/place_*.py",
        "workflows/places/entries.py",
    )
    for path in PACKAGE.glob(files)
)
SAYING = {"_", "gettext", "say", "safety", "ngettext"}
SAID_THE_SAME = {
    "%(days)s %(times)s",
    "%(on_weekday)s %(date)s",
    "%(day)s to %(last_day)s",
    "%(opens)s to %(closes)s",
    "%(sentence)s.",
}
"""Nothing but values and a dash or a space."""
ALSO_IN = {code: {"Map"} if code == "cy" else set() for code in OTHERS}
"""English words that are words of the language too."""
KEPT = (
    "JavaScript", "Shift", "Back", "incognito", "Chrome", "Edge", "Ctrl", "H", "Enter", "Tab", "Firefox", "Safari",
    "Samsung Internet", "Chromium", "History", "Delete", "Android", "iPhone", "BSL", "999bsl.co.uk", "/embed",
    "I need a Safe Place", "Safe Place", "register", "EHRC", "EASS", "AA", "Equality and Human Rights Commission",
    "Public Sector Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations 2018", "GOV.UK",
    "Equality Advisory and Support Service", "Web Content Accessibility Guidelines", "Relay UK", "BT",
    "Sign Language Interactions",
)  # fmt: skip
"""Names, keys and what has to be said to people in England: as they are in every language."""
SCRIPTS = {"ur": r"[\u0600-\u06ff]", "pa": r"[\u0a00-\u0a7f]"}


@cache
def said_now() -> Catalog:
    return extracted()


@cache
def catalogue(code: str) -> Catalog:
    with (FOLDER / code / "LC_MESSAGES" / "public.po").open("rb") as opened:
        return read_po(opened, locale=code, abort_invalid=True)


def texts(side: object) -> tuple[str, ...]:
    return (side,) if isinstance(side, str) else tuple(side or ())  # type: ignore[arg-type]


def messages(found: Catalog) -> dict[object, Message]:
    return {message.id: message for message in found if message.id}


def pairs(code: str) -> Iterator[tuple[str, str]]:
    """Return each translation with the English that has all of its values."""
    for message in messages(catalogue(code)).values():
        for said in texts(message.string):
            yield texts(message.id)[-1], said


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


def test_the_template_of_the_catalogues_is_what_templates_and_code_say_now() -> None:
    with (FOLDER / "public.pot").open("rb") as opened:
        kept = messages(read_po(opened))
    now = messages(said_now())
    assert kept.keys() == now.keys(), "run `make catalogues` and translate what is new"
    assert len(now) > 150


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_in_every_catalogue_and_none_is_empty_or_guessed(code: str) -> None:
    found = messages(catalogue(code))
    assert found.keys() == messages(said_now()).keys()
    assert [message.id for message in found.values() if not all(said.strip() for said in texts(message.string))] == []
    assert [message.id for message in found.values() if message.fuzzy] == []
    forms = catalogue(code).num_plurals
    assert {len(texts(message.string)) for message in found.values() if message.pluralizable} == {forms}


@pytest.mark.parametrize("code", OTHERS)
def test_no_value_no_mark_up_and_no_number_is_lost_or_added(code: str) -> None:
    for english, said in pairs(code):
        for pattern in (r"%\((\w+)\)s", r"<[^>]+>"):
            assert sorted(re.findall(pattern, said)) == sorted(re.findall(pattern, english)), (english, said)
        assert said.count("%") == english.count("%"), (english, said)
        assert numbers(said) == numbers(english), (english, said)
        assert not re.search(r"[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u0a66-\u0a6f]", said), said
        assert said.startswith(" ") == english.startswith(" ")


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_left_in_english(code: str) -> None:
    same = {english for english, said in pairs(code) if english == said} - SAID_THE_SAME - ALSO_IN[code]
    assert {english for english in same if english not in KEPT} == set()


@pytest.mark.parametrize("code", SCRIPTS)
def test_another_script_holds_latin_letters_only_in_names(code: str) -> None:
    for english, said in pairs(code):
        if english in SAID_THE_SAME or english in KEPT:
            continue
        assert re.search(SCRIPTS[code], said), (english, said)
        rest = re.sub(r"%\(\w+\)s", "", said)
        for name in sorted(KEPT, key=len, reverse=True):
            rest = rest.replace(name, "")
        assert not re.search(r"[A-Za-z]", rest), (english, said)


@pytest.mark.parametrize("code", OTHERS)
def test_plural_forms_part_numbers_as_cldr_does(code: str) -> None:
    # The header is gettext's; the categories are CLDR's, which Babel carries apart from it.
    form_of, seen = Locale.parse(code).plural_form, {}
    form = languages()[code].translations.plural  # type: ignore[attr-defined]
    for count in range(201):
        index = form(count)
        assert seen.setdefault(form_of(count), index) == index, (code, count)
    assert len(set(seen.values())) == catalogue(code).num_plurals


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_message_in_the_code_is_found_for_translation(path: Path) -> None:
    found = {texts(message.id)[0] for message in said_now() if message.id}
    for called in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(called, ast.Call) or path.name in {
            "written.py",
            "languages.py",
            "catalogues.py",
            "place_words.py",
        }:
            continue
        name = called.func.attr if isinstance(called.func, ast.Attribute) else getattr(called.func, "id", "")
        if name in SAYING:
            first = called.args[0]
            assert isinstance(first, ast.Constant), f"{path.name}:{called.lineno}: not a literal"
            assert first.value in found, f"{path.name}:{called.lineno}: {first.value}"


class Shown(HTMLParser):
    """Gather the letters that a page would show, but for what says itself that it is English."""

    EMPTY = frozenset({"meta", "link", "input", "br", "img", "hr"})
    READ_OUT = frozenset({"aria-label", "alt", "title", "placeholder", "aria-roledescription"})

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at what is read out, and go in."""
        values = {name: value or "" for name, value in attrs}
        if tag not in self.EMPTY:
            self.inside.append((tag, values.get("lang", "").startswith("en")))
        for name, value in values.items():
            words = name.startswith("data-") and re.search(r"[A-Za-z] [A-Za-z]", value)
            if (name in self.READ_OUT or words) and re.search(r"[A-Za-z]", value):
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        """Go out of the last of its kind."""
        for position in range(len(self.inside) - 1, -1, -1):
            if self.inside[position][0] == tag:
                del self.inside[position:]
                return

    def handle_data(self, data: str) -> None:
        """Keep letters."""
        named = re.fullmatch(r"\s*app-[a-z-]+\s*", data)  # a class, from a block that stands in an attribute
        if re.search(r"[A-Za-z]", data) and not named and not any(english for _, english in self.inside):
            self.found.append(data.strip())


def said_outside(template: str) -> list[str]:
    """Return what a template says that no catalogue holds: letters in its text, and sentences in its expressions."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    tree = environment.parse(template)
    shown = Shown()
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            shown.feed(part.data if isinstance(part, nodes.TemplateData) else "\ufffc")
    shown.close()
    in_messages = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in SAYING
        for constant in call.find_all(nodes.Const)
    }
    printed = [printed for output in tree.find_all(nodes.Output) for part in output.nodes for printed in _printed(part)]
    sentences = [
        constant
        for constant in tree.find_all(nodes.Const)
        if isinstance(constant.value, str)
        and (
            re.search(r"[A-Za-z]{2,} [A-Za-z]|^[A-Z][a-z]+", constant.value)
            or (constant in printed and re.fullmatch(r"[A-Za-z]{2,}( .*)?", constant.value))
        )
    ]
    return shown.found + [str(one.value) for one in sentences if id(one) not in in_messages]


def _printed(part: nodes.Node) -> Iterator[nodes.Const]:
    """Return the constants that an expression may print as they are."""
    if isinstance(part, nodes.Const):
        yield part
    elif isinstance(part, nodes.CondExpr | nodes.Or | nodes.Concat | nodes.Filter):
        inner = [part.node] if isinstance(part, nodes.Filter) else list(part.iter_child_nodes(exclude=("test",)))
        for child in inner:
            if child is not None:
                yield from _printed(child)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_says_anything_outside_the_catalogues(path: Path) -> None:
    days = set(calendar.day_name) if path.name == "schema_place.html" else set()  # schema.org's words, for programs
    assert [said for said in said_outside(path.read_text("utf-8")) if said not in days] == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Go away</p>",
        "<p>{{ x }} places</p>",
        '<a aria-label="Close" href="/">{{ x }}</a>',
        '<div data-wait="Please wait">{{ x }}</div>',
        '{{ "is" if x else "are" }}',
        '{{ x or "not known" }}',
        '{% for name, words in [("open", "open now")] %}{{ words }}{% endfor %}',
        '{% set label = "Languages" %}{{ label }}',
    ],
)
def test_a_sentence_outside_the_catalogues_is_found(template: str) -> None:
    assert said_outside(template) != []


def test_what_is_in_a_catalogue_or_said_to_be_english_is_let_be() -> None:
    assert said_outside('<p lang="en-GB">I need a Safe Place</p><p>{{ _("Go away") }}{{ to("/about") }}</p>') == []


EMERGENCY = re.compile(r"\b(?:999|101|55|18000|18001)\b")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_what_says_an_emergency_number_is_marked_as_a_safety_text(path: Path) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    said = [
        str(call.args[0].value)
        for call in environment.parse(path.read_text("utf-8")).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in SAYING - {"safety"}
        if call.args and isinstance(call.args[0], nodes.Const)
    ]
    allowed = {
        "Other ways to get help: 101, text, British Sign Language",  # leads to the page that says it
        "Your list of calls shows 999 and 101.",  # what stays in the phone
    }
    assert [text for text in said if EMERGENCY.search(text) and text not in allowed and "desk" not in text] == []


def test_a_reviewer_is_given_each_draft_with_its_mark_its_english_and_its_translation() -> None:
    listed = for_review("pl").split("\n\n")
    assert len(listed) == len(messages(catalogue("pl")))
    mark, english, said = next(part.split("\n") for part in listed if "\nCall 999.\n" in part)
    assert re.fullmatch(r"[0-9a-f]{16}", mark)
    assert (english, said) == ("Call 999.", "Zadzwoń pod 999.")
