"""Pages are made once for a minute, and a switch keeps nobody waiting."""

from __future__ import annotations

import gc
import threading
import weakref
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from geo_service.web import view
from geo_service.web.view import Views

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from geo_service.model.release import PublicRelease

REQUEST: Any = SimpleNamespace(scope={"path": "/"})


class Switched:
    """Be releases that are switched by hand."""

    def __init__(self, release: PublicRelease) -> None:
        self.release = release

    def current(self) -> PublicRelease:
        """Return the one that was set."""
        return self.release


@pytest.fixture
def releases(release: Callable[..., PublicRelease]) -> Switched:
    return Switched(release())


@pytest.fixture
def views(releases: Switched, noon: dt.datetime) -> Views:
    return Views(releases, lambda: noon)


def test_while_a_view_of_the_next_release_is_made_others_are_given_the_former(
    views: Views, releases: Switched, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = views.of(REQUEST)
    releases.release = replace(releases.release, number=2)
    making, go_on = threading.Event(), threading.Event()
    true = view.read_places  # type: ignore[attr-defined]

    def slow(*values: Any) -> Any:  # noqa: ANN401 - as it is called
        making.set()
        assert go_on.wait(10)
        return true(*values)

    monkeypatch.setattr(view, "read_places", slow)
    found: list[int] = []
    first = threading.Thread(target=lambda: found.append(views.of(REQUEST).release.number))
    first.start()
    assert making.wait(10)
    assert views.of(REQUEST) is former
    go_on.set()
    first.join()
    assert found == [2]
    assert views.of(REQUEST).release.number == 2


def test_going_back_makes_nothing_of_the_former_release_again(
    views: Views, releases: Switched, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = releases.release
    ground = views.of(REQUEST).ground
    releases.release = replace(first, number=2)
    assert views.of(REQUEST).ground is not ground
    monkeypatch.setattr(view, "read_directory", lambda *_: pytest.fail("read again"))
    releases.release = first
    assert views.of(REQUEST).ground is ground


def test_releases_that_nobody_is_shown_any_more_are_let_go(views: Views, releases: Switched) -> None:
    urdu: Any = SimpleNamespace(scope={"path": "/ur/"})
    old = weakref.ref(views.of(urdu).ground.walking)
    for number in range(2, 6):
        releases.release = replace(releases.release, number=number)
        assert views.of(REQUEST).release.number == number
    gc.collect()
    assert old() is None


def test_what_is_made_beforehand_is_what_the_next_visitor_is_given(views: Views, releases: Switched) -> None:
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=views.follow, args=(stop, ready))
    thread.start()
    assert ready.wait(10)
    made = views.of(REQUEST)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert made.ground.walking.ready.is_set()
    assert views.of(REQUEST) is made
    assert made.release is releases.release


def test_a_release_that_cannot_be_made_beforehand_does_not_keep_the_site_from_starting(
    views: Views, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, ready = threading.Event(), threading.Event()
    monkeypatch.setattr(view, "read_directory", lambda *_: 1 / 0)
    thread = threading.Thread(target=views.follow, args=(stop, ready))
    thread.start()
    assert ready.wait(10)
    stop.set()
    thread.join(10)
    assert "made beforehand" in caplog.text
