"""Safe Places as their coordinators keep them: one asks, another approves, and what was approved stays public."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geo_service.app import open_area, wire
from geo_service.errors import AccessError, ConflictError, InputError, LostRaceError, NotFoundError
from geo_service.model.access import KEEPERS, OPERATOR, Principal, Role
from geo_service.model.accounts import Account
from geo_service.model.safe_places import WrongReport
from geo_service.settings import read_settings
from geo_service.workflows.places import approved, finding, keeping, listing, publishing, reports
from geo_service.workflows.releasing import releases

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from geo_service.model.release import NewRelease, PublicRelease
    from geo_service.model.safe_places import SafePlace
    from geo_service.workflows.services import Office, Services

COORDINATOR = frozenset({Role.COORDINATOR})
HALL = {"name": "Tansy Hall", "address": "3 Tansy Street", "town": "Nonesuch", "postcode": "ZZ9 0AL"}


@pytest.fixture(scope="module")
def own_office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("places") / "demo")
    opened = wire(read_settings(folder))
    yield opened
    opened.doers.close()


def of(office: Office, name: str, *, account: str = "") -> Services:
    return office.services(Principal(name, COORDINATOR, None, account))


@pytest.fixture
def anna(own_office: Office) -> Services:
    return of(own_office, "anna", account="anna")


@pytest.fixture
def ben(own_office: Office) -> Services:
    return of(own_office, "ben", account="ben")


def shown(services: Services) -> dict[str, dict[str, object]]:
    """Return what the next release would say, by id."""
    table, _ = releases.candidates(services, show_unverified=True)
    return {row["id"]: row for row in table.rows.iter_rows(named=True)}


def made_public(anna: Services, ben: Services, name: str) -> SafePlace:
    """Return a public place that anna wrote and ben approved."""
    place = keeping.add(anna, {**HALL, "name": name})
    place = keeping.submit(anna, place.id, place.version)
    return keeping.approve(ben, place.id, place.version)


def test_one_person_asks_and_another_approves(anna: Services, ben: Services) -> None:
    place = keeping.add(anna, HALL)
    assert (place.state, place.id) == ("draft", "tansy-hall-zz9-0al")
    assert place.id not in shown(anna)
    with pytest.raises(ConflictError):
        keeping.approve(ben, place.id, place.version)
    place = keeping.submit(anna, place.id, place.version)
    assert place.state == "waiting"
    assert place.id not in shown(anna)
    with pytest.raises(AccessError):
        keeping.approve(anna, place.id, place.version)
    place = keeping.approve(ben, place.id, place.version)
    assert place.state == "public"
    assert shown(anna)[place.id]["name"] == "Tansy Hall"
    assert [entry["act"] for entry in place.log] == ["added", "asked for approval", "approved"]
    assert [entry["by"] for entry in place.log] == ["anna", "anna", "ben"]


def test_the_same_person_by_another_name_does_not_approve(own_office: Office, anna: Services) -> None:
    """Two accounts of one subject, the organisation's own sign-in, and a name in capitals are one person's."""
    keeper = own_office.services(Principal("root", OPERATOR))
    for account in ("cleo", "cleo.two"):
        kept = Account(account, account, COORDINATOR, subject="s-17")
        keeper.store.items("account").put(account, kept.content(), version=0)
    place = keeping.add(of(own_office, "cleo", account="cleo"), {**HALL, "name": "Second Name Hall"})
    place = keeping.submit(of(own_office, "cleo", account="cleo"), place.id, place.version)
    for name in ("cleo", "cleo.two", "oidc:s-17", "CLEO"):
        with pytest.raises(AccessError):
            keeping.approve(of(own_office, name, account=name), place.id, place.version)
    with pytest.raises(AccessError):  # who runs a command on the machine has a name and no account
        keeping.approve(of(own_office, "cleo"), place.id, place.version)
    assert keeping.approve(anna, place.id, place.version).state == "public"


def test_a_change_of_a_public_place_waits_and_the_last_approved_content_stays(anna: Services, ben: Services) -> None:
    place = made_public(anna, ben, "Change Hall")
    changed = keeping.edit(ben, place.id, place.version, {"phone": "01632 960111"})
    assert changed.state == "waiting"
    assert changed.pending == {"phone": (None, "01632 960111")}
    assert shown(anna)[place.id]["phone"] is None
    with pytest.raises(AccessError):
        keeping.approve(ben, place.id, changed.version)
    keeping.approve(anna, place.id, changed.version)
    assert shown(anna)[place.id]["phone"] == "01632 960111"


def test_neither_of_two_who_wrote_what_waits_can_approve_it(own_office: Office, anna: Services, ben: Services) -> None:
    place = keeping.add(anna, {**HALL, "name": "Waiting Hall"})
    place = keeping.submit(anna, place.id, place.version)
    place = keeping.edit(ben, place.id, place.version, {"phone": "01632 960112"})
    with pytest.raises(AccessError, match="ben wrote Telephone"):
        keeping.approve(ben, place.id, place.version)
    with pytest.raises(AccessError, match="anna wrote Address, Name"):
        keeping.approve(anna, place.id, place.version)
    assert keeping.approve(of(own_office, "carol"), place.id, place.version).state == "public"


def test_what_another_wrote_over_is_nobodys_and_what_was_put_back_is(anna: Services, ben: Services) -> None:
    place = made_public(anna, ben, "Over Hall")
    place = keeping.edit(ben, place.id, place.version, {"phone": "01632 960131"})
    place = keeping.edit(anna, place.id, place.version, {"phone": "01632 960132", "toilet": "yes"})
    assert finding.mine(ben, place) == []
    back = keeping.edit(anna, place.id, place.version, {"phone": "01632 960131"})
    assert (finding.mine(ben, back), finding.mine(anna, back)) == (["Telephone"], ["Telephone", "Toilet"])


def test_who_wrote_a_place_cannot_approve_it_after_another_returned_it_and_asked(anna: Services, ben: Services) -> None:
    place = keeping.add(anna, {**HALL, "name": "Returned Hall"})
    place = keeping.submit(anna, place.id, place.version)
    place = keeping.give_back(ben, place.id, place.version, "Look again")
    place = keeping.submit(ben, place.id, place.version)
    for services in (anna, ben):
        with pytest.raises(AccessError):
            keeping.approve(services, place.id, place.version)


def test_who_asked_the_place_itself_may_approve_what_another_wrote(anna: Services, ben: Services) -> None:
    place = keeping.add(anna, {**HALL, "name": "Rung Hall"})
    place = keeping.submit(anna, place.id, place.version)
    place = keeping.verify(ben, place.id, place.version)
    assert keeping.approve(ben, place.id, place.version).state == "public"


def test_only_the_version_that_was_seen_is_approved(own_office: Office, anna: Services, ben: Services) -> None:
    place = keeping.add(anna, {**HALL, "name": "Seen Hall"})
    seen = keeping.submit(anna, place.id, place.version)
    keeping.edit(anna, place.id, seen.version, {"phone": "01632 960133"})
    with pytest.raises(LostRaceError, match="edited by anna"):
        keeping.approve(ben, place.id, seen.version)
    assert finding.find(ben, place.id).state == "waiting"


def test_a_note_is_never_published_and_needs_nobody(anna: Services, ben: Services) -> None:
    place = made_public(anna, ben, "Note Hall")
    noted = keeping.edit(anna, place.id, place.version, {"note": "Ask for the manager"})
    assert noted.state == "public"
    assert "note" not in shown(anna)[place.id]


def test_a_note_of_another_does_not_let_whoever_wrote_what_waits_approve_it(anna: Services, ben: Services) -> None:
    place = made_public(anna, ben, "Noted Hall")
    place = keeping.edit(anna, place.id, place.version, {"phone": "01632 960115"})
    place = keeping.edit(ben, place.id, place.version, {"note": "They answer after ten"})
    assert place.state == "waiting"
    with pytest.raises(AccessError):
        keeping.approve(anna, place.id, place.version)
    assert keeping.approve(ben, place.id, place.version).state == "public"


def test_a_place_that_was_suspended_comes_back_with_no_earlier_release_before_it_is_made_public(
    anna: Services, ben: Services
) -> None:
    place = made_public(anna, ben, "Asked Hall")
    listed = releases.publish(anna, area="", show_unverified=True).release
    done = keeping.suspend(anna, place.id, place.version, "Nobody was let in").place
    asked = keeping.submit(anna, place.id, done.version)
    with pytest.raises(ConflictError, match=r"suspended by now.*Asked Hall"):
        releases.use(anna, listed.number)
    keeping.approve(ben, place.id, asked.version)
    releases.use(anna, listed.number)
    assert place.id in anna.releases.current().places.rows["id"]


def test_a_place_that_is_suspended_while_a_release_is_made_is_not_shown_with_it(
    anna: Services, ben: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = made_public(anna, ben, "Meanwhile Hall")
    before, keep = anna.releases.number(), anna.releases.keep

    def kept_late(new: NewRelease, made: dt.datetime) -> PublicRelease:
        monkeypatch.undo()
        keeping.suspend(ben, place.id, place.version, "It has closed")
        return keep(new, made)

    monkeypatch.setattr(anna.releases, "keep", kept_late)
    with pytest.raises(ConflictError, match=r"suspended while the release was made.*Meanwhile Hall"):
        releases.publish(anna, area="", show_unverified=True)
    assert anna.releases.number() == before


def test_returning_gives_a_reason_and_leaves_what_was_made_public(anna: Services, ben: Services) -> None:
    place = made_public(anna, ben, "Return Hall")
    place = keeping.edit(anna, place.id, place.version, {"category": "Hall"})
    with pytest.raises(InputError):
        keeping.give_back(ben, place.id, place.version, "  ")
    place = keeping.give_back(ben, place.id, place.version, "It is a church")
    assert (place.state, place.why) == ("draft", "It is a church")
    assert shown(anna)[place.id]["category"] is None


def test_verifying_shows_with_the_next_release_and_makes_the_place_verified(anna: Services, ben: Services) -> None:
    place = made_public(anna, ben, "Verified Hall")
    assert shown(anna)[place.id]["status"] == "unverified"
    done = keeping.verify(anna, place.id, place.version)
    today = anna.today()
    assert done.day("last_verified") == today
    assert done.state == "public"
    assert shown(anna)[place.id]["status"] == "verified"
    assert shown(anna)[place.id]["last_verified"] == today
    assert listing.review_words(done, today) == ""
    assert listing.review_words(done, done.day("next_review") or today) == "review today"
    with pytest.raises(InputError):
        keeping.verify(anna, place.id, done.version, today.isoformat())


def test_suspending_takes_one_person_and_leaves_the_public_site_at_once(anna: Services, ben: Services) -> None:
    place = made_public(anna, ben, "Suspended Hall")
    release = releases.publish(anna, area="", show_unverified=True).release
    assert place.id in release.places.rows["id"]
    done = keeping.suspend(anna, place.id, place.version, "It has closed")
    current = anna.releases.current()
    assert done.release == current.number > release.number
    assert place.id not in current.places.rows["id"]
    with pytest.raises(ConflictError):
        keeping.suspend(ben, place.id, done.place.version, "again")
    back = keeping.submit(anna, place.id, done.place.version)
    assert place.id not in shown(anna)
    keeping.approve(ben, place.id, back.version)
    assert place.id in shown(anna)


def test_a_place_of_the_older_list_stays_public_until_it_is_suspended_here(anna: Services, ben: Services) -> None:
    found = next(place for place in finding.listed(anna) if place.version == 0 and place.approved is not None)
    assert shown(anna)[found.id]["name"] == found.name
    changed = keeping.edit(anna, found.id, 0, {"category": "Somewhere else"})
    assert shown(anna)[found.id]["category"] == found.fields.get("category")
    keeping.approve(ben, found.id, changed.version)
    assert shown(anna)[found.id]["category"] == "Somewhere else"
    keeping.suspend(anna, found.id, changed.version + 1, "closed")
    assert found.id not in shown(anna)


def test_what_others_did_meanwhile_is_said(anna: Services, ben: Services) -> None:
    place = keeping.add(anna, {**HALL, "name": "Race Hall"})
    keeping.edit(ben, place.id, place.version, {"phone": "01632 960113"})
    with pytest.raises(LostRaceError, match="edited by ben"):
        keeping.edit(anna, place.id, place.version, {"phone": "01632 960114"})
    now = finding.find(anna, place.id)
    assert now.fields["phone"] == "01632 960113"
    assert "Telephone: 01632 960113 (was nothing)" in listing.later_words(now, place.version)[0]


def test_what_has_to_be_mended_cannot_be_asked_for(anna: Services) -> None:
    place = keeping.add(anna, {**HALL, "name": "Unknown Hall", "postcode": "ZZ9 9ZZ"})
    with pytest.raises(keeping.PlaceRefusedError, match="no postcode file"):
        keeping.submit(anna, place.id, place.version)
    with pytest.raises(keeping.PlaceRefusedError, match="stay secret"):
        keeping.edit(anna, place.id, place.version, {"name": "A women's refuge"})
    with pytest.raises(keeping.PlaceRefusedError, match="cannot be read"):
        keeping.edit(anna, place.id, place.version, {"opening_hours": "nine to five"})
    with pytest.raises(NotFoundError):
        keeping.edit(anna, "nowhere", 1, {"phone": ""})


def test_a_draft_can_be_removed_and_nothing_else(anna: Services, ben: Services) -> None:
    place = keeping.add(anna, {**HALL, "name": "Mistake Hall"})
    keeping.remove(ben, place.id, place.version)
    with pytest.raises(NotFoundError):
        finding.find(anna, place.id)
    public = made_public(anna, ben, "Kept Hall")
    with pytest.raises(ConflictError):
        keeping.remove(anna, public.id, public.version)
    gone = keeping.suspend(anna, public.id, public.version, "closed").place
    with pytest.raises(ConflictError):  # its history stays
        keeping.remove(anna, public.id, gone.version)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SERGEANT, Role.ANALYST, Role.AUDITOR])
def test_nobody_else_keeps_the_places(own_office: Office, role: Role) -> None:
    with pytest.raises(AccessError):
        finding.listed(own_office.services(Principal("sid", frozenset({role}))))


def test_what_publishing_would_change_is_said_in_words(anna: Services, ben: Services) -> None:
    place = made_public(anna, ben, "Words Hall")
    assert "New: Words Hall (3 Tansy Street, Nonesuch)." in publishing.next_release(anna, show_unverified=True).changes
    releases.publish(anna, area="", show_unverified=True)
    assert publishing.next_release(anna).changes == ()
    changed = keeping.edit(anna, place.id, place.version, {"phone": "01632 960115"})
    assert publishing.next_release(anna).changes == ()
    keeping.approve(ben, place.id, changed.version)
    assert publishing.next_release(anna).changes == ("Words Hall (3 Tansy Street, Nonesuch): Telephone: 01632 960115.",)


def test_an_older_list_alone_is_published_as_it_is(demonstration_copy: Path) -> None:
    untouched = open_area(demonstration_copy)
    older = untouched.registry.features("safe-places", untouched.principal.audience, untouched.store.snapshot())
    table, left_out = approved.with_approved(untouched, older)
    untouched.close()
    assert table is older
    assert left_out == {}


class Waiting:
    """Stand in for the folder of the public site."""

    def __init__(self, *reports: WrongReport) -> None:
        self.held = {report.key: report for report in reports}

    def waiting(self) -> Sequence[WrongReport]:
        """List them."""
        return list(self.held.values())

    def discard(self, keys: Collection[str]) -> None:
        """Remove some."""
        for key in list(keys):
            del self.held[key]


def test_reports_are_taken_in_once_and_worked_through(anna: Services) -> None:
    waiting = Waiting(WrongReport("a1", "p1", "closed", "The door was locked", "2026-11-20"))
    services = replace(anna, reports=waiting)
    assert [one.words for one in reports.queue(services)] == ["The door was locked"]
    assert waiting.held == {}
    one = reports.queue(services)[0]
    done = reports.settle(services, one.id, one.version, "It has moved")
    assert (done.done_by, done.outcome) == ("anna", "It has moved")
    assert reports.queue(services) == []
    assert [kept.done for kept in reports.queue(services, all_of_them=True)] == [True]
    with pytest.raises(ConflictError):
        reports.settle(services, one.id, done.version, "")


def test_a_report_that_is_there_already_is_not_taken_twice(anna: Services) -> None:
    report = WrongReport("b1", "p1", "hours", "", "2026-11-20")
    before = len(reports.queue(replace(anna, reports=Waiting(report))))
    assert len(reports.queue(replace(anna, reports=Waiting(report)))) == before


def test_admins_keep_them_too(own_office: Office) -> None:
    assert finding.listed(own_office.services(Principal("root", KEEPERS)))
