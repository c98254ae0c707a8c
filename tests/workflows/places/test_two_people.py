"""Whatever three people do, in whatever order: nobody makes public what they wrote, and nothing that nobody saw."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo_service.app import wire
from geo_service.errors import AccessError, ConflictError, LostRaceError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.settings import read_settings
from geo_service.workflows.importing import imports
from geo_service.workflows.places import finding, importing, keeping
from geo_service.workflows.releasing import releases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.workflows.services import Office, Services

PEOPLE: Final = ("anna", "ben", "carol")
WORDS: Final = {"phone": ("01632 960201", "01632 960202", ""), "category": ("Hall", "Shop", ""), "note": ("a", "b")}
STREET: Final = {"address": "3 Tansy Street", "town": "Nonesuch", "postcode": "ZZ9 0AL"}


@dataclass
class Kept:
    """Hold what anybody could write down of one place who only watches."""

    now: dict[str, str]
    wrote: set[tuple[str, str, str]]
    """(who, field, value) since the last approval."""
    version: int
    state: str = "draft"
    approved: dict[str, str] | None = None
    asked: str = ""
    seen_public: bool = False

    def public(self) -> dict[str, str]:
        """Return what would be published."""
        return {name: value for name, value in self.now.items() if name != "note" and value}

    def by(self, who: str) -> bool:
        """Tell whether somebody wrote any of what is not approved yet."""
        before = self.approved or {}
        names = {*self.now, *before} - {"note"}
        waits = {(name, self.now.get(name, "")) for name in names if self.now.get(name, "") != before.get(name, "")}
        return any(writer == who and (name, value) in waits for writer, name, value in self.wrote)


@dataclass
class Model:
    """Hold the places, and what was shown of them."""

    services: dict[str, Services]
    places: dict[str, Kept] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    """Of places that were removed: a row that comes again goes on counting."""
    passed: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """All that a second person let through."""
    releases: dict[int, list[str]] = field(default_factory=dict)


ACTS: Final = [
    "edit phone 0", "edit phone 1", "edit phone 2", "edit category 0", "edit category 1", "edit note 0", "edit note 1",
    *["submit"] * 4, *["approve"] * 8, "return", "suspend", "remove", "import", "publish", "use",
]  # fmt: skip
STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(["rook", "rook", "rook", "fern"]),
        st.sampled_from(ACTS),
        st.sampled_from([False] * 9 + [True]),
    ),
    min_size=25,
    max_size=40,
)
runs = count()


@pytest.fixture(scope="module")
def own_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return an area with one place of an older list and nothing else, in which publishing takes no time."""
    folder = tmp_path_factory.mktemp("two")
    opened = wire(read_settings(folder / "area"))
    (folder / "older.csv").write_text("id,name,town,status\nolder,The Old House,Nonesuch,verified\n")
    imports.import_layer(opened.services(Principal("root", OPERATOR)), "safe-places", folder / "older.csv")
    yield opened
    opened.doers.close()


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(STEPS)
def test_nobody_approves_what_they_wrote_and_nothing_is_public_that_nobody_approved(
    own_office: Office, steps: list[tuple[str, str, str, bool]]
) -> None:
    roles = frozenset({Role.COORDINATOR})
    model = Model({name: own_office.services(Principal(name, roles, None, name)) for name in PEOPLE})
    run = next(runs)
    for who, place, act, late in steps:
        play(model, who, f"{place}-{run}", act, late=late)
        check(model, who)


def play(model: Model, who: str, place_id: str, act: str, *, late: bool) -> None:
    """Do one act on both, and hold what the model expects to what came of it."""
    services, held = model.services[who], model.places.get(place_id)
    if act in {"publish", "use"}:
        shelf(model, services, act)
    elif act == "import" or held is None:
        bring(model, services, who, place_id)
    else:
        version = held.version - (late and held.version > 1)
        expected = LostRaceError if version != held.version else refusal(held, who, act)
        if expected is None:
            do(services, place_id, version, act)
            follow(model, who, place_id, act)
        else:
            with pytest.raises(expected):
                do(services, place_id, version, act)


def do(services: Services, place_id: str, version: int, act: str) -> None:
    """Do it on the system."""
    name, *words = act.split()
    if name == "edit":
        keeping.edit(services, place_id, version, {words[0]: WORDS[words[0]][int(words[1])]})
    elif name in {"return", "suspend"}:
        (keeping.give_back if name == "return" else keeping.suspend)(services, place_id, version, "look again")
    else:
        {"submit": keeping.submit, "approve": keeping.approve, "remove": keeping.remove}[name](
            services, place_id, version
        )


def refusal(held: Kept, who: str, act: str) -> type[Exception] | None:
    """Return what the model says that an act is refused with."""
    if act == "approve" and held.state == "waiting":
        return AccessError if held.by(who) or held.asked == who else None
    refused = {
        "approve": True,
        "submit": held.state in {"waiting", "public"},
        "return": held.state != "waiting",
        "suspend": held.state == "suspended",
        "remove": held.seen_public,
    }
    return ConflictError if refused.get(act) else None


def follow(model: Model, who: str, place_id: str, act: str) -> None:
    """Do it in the model."""
    held = model.places[place_id]
    held.version += 1
    if act.startswith("edit"):
        _, name, at = act.split()
        value = WORDS[name][int(at)]
        if held.now.get(name, "") != value:
            held.now[name] = value
            held.wrote.add((who, name, value))
            if name != "note" and held.approved is not None:
                held.state, held.asked = ("public", "") if held.public() == held.approved else ("waiting", who)
    elif act == "submit":
        held.state, held.asked = "waiting", who
    elif act == "approve":
        held.state, held.approved, held.asked, held.wrote, held.seen_public = "public", held.public(), "", set(), True
        model.passed.append((place_id, held.public()))
    elif act == "return":
        held.state, held.asked = "draft", ""
    elif act == "suspend":
        held.state, held.approved, held.asked = "suspended", None, ""
        note_release(model)
    elif act == "remove":
        model.versions[place_id] = held.version
        del model.places[place_id]


def bring(model: Model, services: Services, who: str, place_id: str) -> None:
    """Bring a file in: a place that is there already is never changed by one."""
    row = {"id": place_id, "name": f"{place_id.title()} House", **STREET}
    done = importing.take(services, "d.csv", f"{','.join(row)}\n{','.join(row.values())}\n".encode())
    if place_id in model.places:
        assert done.taken == ()
        return
    assert done.taken == (place_id,)
    now = {name: value for name, value in row.items() if name != "id"}
    version = model.versions.get(place_id, 0) + 1
    model.places[place_id] = Kept(now, {(who, name, value) for name, value in now.items()}, version)


def shelf(model: Model, services: Services, act: str) -> None:
    """Publish, or go back to the oldest release of this run."""
    if act == "publish":
        with suppress(ConflictError):  # nothing has changed
            releases.publish(services, area="", show_unverified=True)
        note_release(model)
    elif model.releases:
        number = min(model.releases)
        taken_off = [name for name in model.releases[number] if model.places[name].approved is None]
        with pytest.raises(ConflictError) if taken_off else nullcontext():
            releases.use(services, number)


def note_release(model: Model) -> None:
    """Remember which of our places the release lists that is shown."""
    services = model.services["anna"]
    if services.releases.number() is not None:
        current = services.releases.current()
        listed = set(current.places.rows["id"]) & {name for name, _ in model.passed}
        if listed:
            model.releases.setdefault(current.number, sorted(listed))


def check(model: Model, who: str) -> None:
    """Hold what is kept, what would be published and what is shown to the model."""
    services = model.services[who]
    table, _ = releases.candidates(services, show_unverified=True)
    coming = {row["id"]: row for row in table.rows.iter_rows(named=True)}
    for place_id, held in model.places.items():
        place = finding.find(services, place_id)
        assert (place.version, str(place.state)) == (held.version, held.state)
        assert place.approved == held.approved
        assert (place_id in coming) == (held.approved is not None)
        if held.approved is not None:
            assert {name: value for name, value in coming[place_id].items() if name in held.approved} == held.approved
    if services.releases.number() is None:
        return
    let_through = [(place_id, sorted(said.items())) for place_id, said in model.passed]
    for row in services.releases.current().places.rows.iter_rows(named=True):
        held = model.places.get(row["id"])
        if held is not None:
            said = {name: row[name] for name in ("name", "phone", "category", *STREET) if row[name]}
            assert (row["id"], sorted(said.items())) in let_through
            assert held.state != "suspended"
