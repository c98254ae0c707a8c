"""One who writes again and again does not keep others from writing once."""

from __future__ import annotations

import pytest

from geo_service.releases.crowd import ABOUT_ONE_PLACE, FEW, FOR_ALL, FOR_OTHERS, HOUR_S, Crowd

FLOOD = "192.0.2.1"


class Clock:
    """Be seconds that are set by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        """Return them."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def crowd(clock: Clock) -> Crowd:
    return Crowd(clock)


def send(crowd: Crowd, sender: str, times: int, first: int = 0) -> int:
    """Send reports about as many places, from the first on; return how many were taken."""
    taken = 0
    for number in range(first, first + times):
        if crowd.admits(sender, f"p{number}"):
            crowd.note(sender, f"p{number}")
            taken += 1
    return taken


def test_one_sender_fills_the_first_half_and_others_still_come(crowd: Crowd) -> None:
    assert send(crowd, FLOOD, 1_000) == FOR_ALL
    assert send(crowd, "192.0.2.2", 1_000) == FEW
    rest = FOR_OTHERS - FEW
    assert [send(crowd, f"198.51.100.{number}", 1, number) for number in range(rest)] == [1] * rest
    assert send(crowd, "203.0.113.9", 1, rest) == 0


def test_after_an_hour_nobody_is_remembered(crowd: Crowd, clock: Clock) -> None:
    send(crowd, FLOOD, 1_000)
    clock.now_s = HOUR_S + 1
    assert send(crowd, FLOOD, 1_000) == FOR_ALL
    assert len(crowd._came) == FOR_ALL


def test_one_sender_cannot_use_up_what_is_taken_about_one_place(crowd: Crowd) -> None:
    def sent(sender: str) -> bool:
        taken = crowd.admits(sender, "p1")
        if taken:
            crowd.note(sender, "p1")
        return taken

    assert sum(sent(FLOOD) for _ in range(100)) == ABOUT_ONE_PLACE
    assert [sent(f"198.51.100.{number}") for number in range(ABOUT_ONE_PLACE)] == [True] * ABOUT_ONE_PLACE
    assert not sent("203.0.113.9")
    assert crowd.admits("203.0.113.9", "p2")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "", True),
        ("testclient", "another", False),
    ],
)
def test_a_household_s_addresses_are_one_sender(crowd: Crowd, one: str, other: str, same: bool) -> None:  # noqa: FBT001
    for number in range(FEW):
        crowd.note(one, f"p{number}")
    assert crowd.admits(other, "p9", crowded=True) is not same


def test_what_is_held_does_not_say_who_it_was(crowd: Crowd, clock: Clock) -> None:
    crowd.note(FLOOD, "p1")
    again = Crowd(clock)
    again.note(FLOOD, "p1")
    assert FLOOD.encode() not in crowd._came[0].sender
    assert crowd._came[0].sender != again._came[0].sender, "another key with each start"
