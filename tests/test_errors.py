"""An error is three sentences, and the tree decides exit code and status."""

from __future__ import annotations

import pytest

from geo_service import errors


def test_a_message_says_what_was_wrong_what_was_found_and_what_to_do() -> None:
    said = errors.QueryError("Not a month.", found="June", do="Write YYYY-MM", field="from")
    assert said.message == "Not a month. Found: June. Write YYYY-MM."
    assert str(said) == said.message


def test_an_empty_value_is_called_nothing_and_no_value_is_not_mentioned() -> None:
    assert errors.QueryError("Not a month", found=" ").message == "Not a month. Found: nothing."
    assert errors.QueryError("Not a month", do="Write YYYY-MM").message == "Not a month. Write YYYY-MM."


def test_a_question_keeps_its_mark() -> None:
    assert errors.UserError("Did you mean zones?", do="See the help").message == "Did you mean zones? See the help."


def test_a_hostile_value_does_not_flood_the_message() -> None:
    message = errors.InputError("Too long", found="x" * 10_000 + "\n\x00").message
    assert len(message) < 200
    assert "\n" not in message


@pytest.mark.parametrize(
    ("kind", "exit_code", "status"),
    [
        (errors.InputError, 2, 400),
        (errors.QueryError, 2, 400),
        (errors.NotFoundError, 2, 404),
        (errors.AccessError, 2, 403),
        (errors.ConflictError, 2, 409),
        (errors.FaultError, 1, 500),
        (errors.DamagedFileError, 1, 500),
    ],
)
def test_the_user_mends_what_ends_in_two_and_we_what_ends_in_one(
    kind: type[errors.GeoServiceError], exit_code: int, status: int
) -> None:
    assert (kind.exit_code, kind.http_status) == (exit_code, status)
