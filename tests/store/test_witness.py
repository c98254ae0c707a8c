"""The system's log is told how far the ledger has come, and never holds anything up."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import InputError
from geo_service.model.chain import Link
from geo_service.store.head import Head
from geo_service.store.witness import MISSED, NoWitness, heads_told, line, witness_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD = Head("a-store", Link(3, "a" * 64), Link(12, "b" * 64), Link(0, "0" * 64))


def listen_at(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(path))
    listening.settimeout(5)
    return listening


@pytest.fixture
def log(tmp_path: Path) -> Iterator[socket.socket]:
    with listen_at(tmp_path / "log") as listening:
        yield listening


def test_a_line_says_to_the_log_what_it_says_when_read_back(tmp_path: Path, log: socket.socket) -> None:
    witness = witness_at(str(tmp_path / "log"), tmp_path)
    witness.tell(HEAD)
    said = log.recv(2000).decode()
    # Facility 10 (authpriv) times 8 and severity 5 (notice), RFC 5424.
    assert said.startswith("<85>geo-service: head store=a-store version=3:")
    written = ["Nov  1 host other: something", f"Nov  1 09:00:00 host {said[4:]}", line(HEAD._replace(store="other"))]
    assert [(told.row, told.head) for told in heads_told(written, "a-store")] == [(2, HEAD)]
    assert list(witness.problems()) == []
    witness.close()


def test_a_log_on_another_machine_is_told_by_datagram(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        witness = witness_at(f"udp://localhost:{listening.getsockname()[1]}", tmp_path)
        witness.tell(HEAD)
        assert line(HEAD) in listening.recv(2000).decode()
        witness.close()


def test_a_log_that_is_not_there_holds_nothing_up_and_the_doctor_says_so_until_it_is(tmp_path: Path) -> None:
    witness = witness_at(str(tmp_path / "log"), tmp_path)
    witness.tell(HEAD)
    witness.tell(HEAD._replace(event=Link(13, "c" * 64)))
    assert "takes no lines" in "".join(witness.problems())
    with listen_at(tmp_path / "log"):
        (told,) = witness.problems()
        assert "missed lines, the first after event 12" in told
        assert list(witness.problems()) == []
    witness.close()


def test_a_log_that_takes_nothing_more_holds_nothing_up(tmp_path: Path, log: socket.socket) -> None:
    witness = witness_at(str(tmp_path / "log"), tmp_path)
    # More than any queue of datagrams holds (net.unix.max_dgram_qlen); a send that waits would wait for ever.
    for number in range(5_000):
        witness.tell(HEAD._replace(event=Link(number, "b" * 64)))
    assert (tmp_path / MISSED).exists()
    witness.close()


def test_a_log_that_was_started_anew_is_found_again(tmp_path: Path) -> None:
    witness = witness_at(str(tmp_path / "log"), tmp_path)
    for _ in range(2):
        with listen_at(tmp_path / "log") as listening:
            witness.tell(HEAD)
            assert line(HEAD) in listening.recv(2000).decode()
        (tmp_path / "log").unlink()
    assert not (tmp_path / MISSED).exists()
    witness.close()


def test_without_a_setting_nobody_is_told(tmp_path: Path) -> None:
    assert isinstance(witness_at(" ", tmp_path), NoWitness)


@pytest.mark.parametrize(
    "address", ["dev/log", "udp://log.example:514", "tcp://192.0.2.1", "udp://192.0.2.1:99999", "udp://", "udp://[::"]
)
def test_an_address_that_could_wait_or_means_nothing_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="setting syslog"):
        witness_at(address, tmp_path)
