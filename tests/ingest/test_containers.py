"""Zips are streamed, and what only a zip bomb does is refused before and while it unpacks."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import InputError
from geo_service.ingest import containers
from geo_service.ingest.containers import DiskFile, ZipMember, is_zip, zip_members

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOMB = b"0" * 4 * 1024**2


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_members_are_listed_in_order_and_streamed(write: Callable[..., Path]) -> None:
    path = write(zipped({"b/two.csv": b"2" * 100, "a/one.csv": b"1"}), "download.zip")
    assert zip_members(path) == ["a/one.csv", "b/two.csv"]
    assert list(ZipMember(path, "b/two.csv").chunks(64)) == [b"2" * 64, b"2" * 36]
    assert ZipMember(path, "b/two.csv").name == "two.csv"


def test_a_zip_bomb_is_refused_by_what_its_directory_declares(write: Callable[..., Path]) -> None:
    path = write(zipped({"2025-01-example-street.csv": BOMB}), "bomb.zip")
    with pytest.raises(InputError, match="zip bomb") as refused:
        zip_members(path)
    assert "2025-01-example-street.csv in bomb.zip" in refused.value.message


def test_a_bomb_whose_directory_lies_is_refused_while_it_unpacks(write: Callable[..., Path]) -> None:
    packed = bytearray(zipped({"a.csv": BOMB}))
    directory = packed.rindex(b"PK\x01\x02")
    packed[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")  # declared size in the directory
    path = write(bytes(packed), "liar.zip")
    assert zip_members(path) == ["a.csv"]
    with pytest.raises(InputError, match=r"a\.csv in liar\.zip"):
        list(ZipMember(path, "a.csv").chunks(1 << 16))


def test_too_much_altogether_is_refused(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(zipped({"a.csv": b"1" * 60, "b.csv": b"2" * 60}), "big.zip")
    monkeypatch.setattr(containers, "LARGEST_ZIP_BYTES", 100)
    with pytest.raises(InputError, match="120 bytes unpacked"):
        zip_members(path)
    monkeypatch.setattr(containers, "MOST_MEMBERS", 1)
    with pytest.raises(InputError, match="2 members"):
        zip_members(path)


def test_an_encrypted_member_is_refused_by_name(write: Callable[..., Path]) -> None:
    packed = bytearray(zipped({"secret.csv": b"1"}))
    packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match=r"secret\.csv in locked\.zip is encrypted"):
        zip_members(write(bytes(packed), "locked.zip"))


@pytest.mark.parametrize("cut", [0, 10, 60])
def test_a_damaged_zip_is_refused_by_name(cut: int, write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"half\.zip"):
        zip_members(write(zipped({"a.csv": b"1" * 100})[:cut], "half.zip"))


def test_flipped_bits_in_a_member_are_noticed(write: Callable[..., Path]) -> None:
    packed = bytearray(zipped({"a.csv": b"1,2,3\n" * 50}, zipfile.ZIP_STORED))
    packed[100] ^= 1
    path = write(bytes(packed), "flipped.zip")
    with pytest.raises(InputError, match=r"a\.csv in flipped\.zip is damaged"):
        list(ZipMember(path, "a.csv").chunks(1 << 16))


def test_a_zip_is_known_by_its_first_bytes_too(write: Callable[..., Path]) -> None:
    assert is_zip(write(zipped({"a.csv": b"1"}), "download"))
    assert not is_zip(write(b"a,b\n", "a.csv"))


def test_a_file_that_went_away_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv cannot be read"):
        list(DiskFile(tmp_path / "gone.csv").chunks(10))
