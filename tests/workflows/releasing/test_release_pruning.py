"""Who may prune, what is written down of it, and what stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.errors import AccessError, ConflictError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.releases import ReleaseFolder
from geo_service.workflows.releasing import releases
from geo_service.workflows.releasing.release_pruning import in_short, prune

if TYPE_CHECKING:
    from geo_service.workflows.services import Office

AREA = "Nonesuch Borough"


@pytest.fixture(scope="module")
def folder(office: Office) -> ReleaseFolder:
    """Return four releases of the demonstration area, the last of which is shown."""
    services = office.services(Principal("tests", OPERATOR))
    for number in range(2, 5):
        releases.publish(services, area=AREA, show_unverified=number % 2 == 0)
    root = services.releases
    assert isinstance(root, ReleaseFolder)
    return root


def test_a_look_changes_nothing_and_pruning_is_one_event(office: Office, folder: ReleaseFolder) -> None:
    coordinator = office.services(Principal("coordinator", frozenset({Role.COORDINATOR})))
    looked = prune(coordinator, 2, look=True)
    assert [old.number for old in looked.gone] == [1, 2]
    assert (looked.kept, looked.shown, folder.numbers()) == ((3, 4), 4, [1, 2, 3, 4])
    done = prune(coordinator, 2)
    assert (done.gone, done.kept, folder.numbers()) == (looked.gone, (3, 4), [3, 4])
    auditor = office.services(Principal("auditor", frozenset({Role.AUDITOR})))
    event = auditor.store.events(1)[0]
    assert (event.act, event.what, event.actor) == ("erasure: prune public releases", "releases 1-2", "coordinator")
    assert event.detail == {"releases": [1, 2], "bytes": done.bytes, "newest kept": 2}
    assert prune(coordinator, 2).gone == ()
    assert auditor.store.events(1)[0] == event, "what takes nothing is no event"


def test_what_cannot_be_written_down_is_not_removed(
    office: Office, folder: ReleaseFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = office.services(Principal("tests", OPERATOR))
    releases.publish(services, area=AREA, show_unverified=False)
    before = folder.numbers()

    def refuse(*_: object, **__: object) -> None:
        raise ConflictError("The ledger is closed")

    monkeypatch.setattr(type(services.store), "record", refuse)
    with pytest.raises(ConflictError, match="The ledger is closed"):
        prune(services, 1)
    assert folder.numbers() == before


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ANALYST, Role.AUDITOR], ids=str)
def test_others_than_coordinators_and_admins_may_not(office: Office, folder: ReleaseFolder, role: Role) -> None:
    before = folder.numbers()
    with pytest.raises(AccessError, match="Only a coordinator or admin"):
        prune(office.services(Principal("somebody", frozenset({role}))), 1)
    assert folder.numbers() == before


@pytest.mark.parametrize(
    ("numbers", "said"), [([], ""), ([3], "3"), ([1, 2, 3], "1-3"), ([1, 2, 4, 6, 7], "1-2, 4, 6-7")]
)
def test_numbers_are_written_in_short(numbers: list[int], said: str) -> None:
    assert in_short(numbers) == said
