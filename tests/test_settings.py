"""Settings: flag before environment before file; what cannot be used is named with where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_service.errors import InputError
from geo_service.settings import SETTINGS_FILE, Settings, actor, environment_settings, read_settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"GEO_SERVICE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def settle(folder: Path, *lines: str) -> Path:
    """Make a data directory with a settings file."""
    folder.mkdir(exist_ok=True)
    (folder / SETTINGS_FILE).write_text("\n".join(lines))
    return folder


def test_without_a_word_the_data_lies_in_the_current_folder() -> None:
    settings = read_settings()
    assert settings.data_dir == Path("geo-service-data")
    assert (settings.area, settings.demonstration) == ("", False)
    assert not settings.data_dir.exists()


def test_the_flag_goes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEO_SERVICE_DATA_DIR", str(tmp_path / "environment"))
    assert read_settings().data_dir == tmp_path / "environment"
    assert read_settings(tmp_path / "flag").data_dir == tmp_path / "flag"


def test_the_file_is_that_of_the_data_directory_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(tmp_path / "environment", 'area = "Bromsgrove"')
    settle(tmp_path / "flag", 'area = "Redditch"')
    settle(tmp_path / "geo-service-data", 'area = "Wyre Forest"')
    assert read_settings().area == "Wyre Forest"
    monkeypatch.setenv("GEO_SERVICE_DATA_DIR", str(tmp_path / "environment"))
    assert read_settings().area == "Bromsgrove"
    assert read_settings(tmp_path / "flag").area == "Redditch"


def test_the_environment_goes_before_the_file_setting_by_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settle(tmp_path / "area", 'area = "Redditch"', "demonstration = true")
    monkeypatch.setenv("GEO_SERVICE_AREA", "Bromsgrove")
    settings = read_settings(folder)
    assert (settings.area, settings.demonstration) == ("Bromsgrove", True)


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = settle(tmp_path / "area", 'area = "Redditch"')
    monkeypatch.setenv("GEO_SERVICE_AREA", "")
    monkeypatch.setenv("GEO_SERVICE_DATA_DIR", "")
    assert read_settings().data_dir == Path("geo-service-data")
    assert read_settings(folder).area == "Redditch"


def test_a_variable_of_another_name_is_nobody_s_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEO_SERVICE_WEATHER", "fair")
    assert read_settings() == Settings()


@pytest.mark.parametrize(
    ("line", "expected", "field"),
    [
        ('aera = "Redditch"', r"not known\. Found: aera\. .*known are .*demonstration, area", "aera"),
        ("area = 7", r"The setting area cannot be used: .*string\. Found: 7\. Mend it in geo-service\.toml", "area"),
        ('demonstration = "perhaps"', r"setting demonstration cannot be used: .*Found: perhaps", "demonstration"),
        ("area = ", r"geo-service\.toml in the data directory cannot be read\. Found: Invalid value", SETTINGS_FILE),
        (
            'public_site = "http://site"',
            r"setting public_site cannot be used: an address of the form https",
            "public_site",
        ),
        ('public_site = "https://site/list"', r"Found: https://site/list", "public_site"),
        ('data_dir = "elsewhere"', r"cannot name it\. Found: elsewhere\. Delete data_dir there", "data_dir"),
    ],
    ids=["misspelt", "number", "neither yes nor no", "no TOML", "not https", "a page", "where it lies itself"],
)
def test_a_file_that_cannot_be_used_is_refused_by_the_name_of_the_setting(
    line: str, expected: str, field: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=expected) as refused:
        read_settings(settle(tmp_path / "area", line))
    assert refused.value.field == field


def test_a_file_that_is_no_text_or_no_file_is_refused(tmp_path: Path) -> None:
    settle(tmp_path / "area").joinpath(SETTINGS_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="it is not UTF-8 text"):
        read_settings(tmp_path / "area")
    (tmp_path / "other" / SETTINGS_FILE).mkdir(parents=True)
    with pytest.raises(InputError, match="it is a folder"):
        read_settings(tmp_path / "other")


def test_a_variable_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEO_SERVICE_DEMONSTRATION", "perhaps")
    with pytest.raises(InputError, match="Mend it in the environment variable GEO_SERVICE_DEMONSTRATION"):
        read_settings(tmp_path)


def test_a_password_in_the_ledger_s_address_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_settings(settle(tmp_path / "area", 'database_url = ["postgresql://ledger:hunter2@db/ledger"]'))
    assert "hunter2" not in refused.value.message
    settings = read_settings(settle(tmp_path / "area", 'database_url = "postgresql://ledger:hunter2@db/ledger"'))
    assert "hunter2" not in repr(settings)


def test_layers_and_data_are_found() -> None:
    settings = read_settings()
    assert (settings.share_dir / "layers" / "safe-places.toml").is_file()
    assert (settings.share_dir / "data" / "boundaries").is_dir()


def test_the_ledger_names_who_runs_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "sergeant")
    assert actor() == "sergeant"


@pytest.mark.parametrize("problem", [KeyError("no such user"), OSError("no such user")])
def test_a_user_without_a_name_is_a_local_user(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise problem

    monkeypatch.setattr("getpass.getuser", unknown)
    assert actor() == "local user"


def test_settings_of_the_environment_open_no_file_and_know_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "geo-service.toml").write_text('area = "Elsewhere"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEO_SERVICE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GEO_SERVICE_PUBLIC_ADDRESS", "https://places.example")
    monkeypatch.setenv("GEO_SERVICE_DATABASE_URL", "postgresql://secret@db/name")
    found = environment_settings()
    assert (found.area, found.public_address, found.database_url) == ("", "https://places.example", "")
    monkeypatch.setenv("GEO_SERVICE_DEMONSTRATION", "perhaps")
    with pytest.raises(InputError, match="GEO_SERVICE_DEMONSTRATION"):
        environment_settings()
