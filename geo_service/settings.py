"""Settings: flag, then environment `GEO_SERVICE_*`, then `geo-service.toml` in the data directory."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from geo_service.errors import InputError

if TYPE_CHECKING:
    from pydantic_settings.sources import PathType

SETTINGS_FILE = "geo-service.toml"
ENVIRONMENT = "GEO_SERVICE_"
_PACKAGE = Path(__file__).parent


def _share() -> Path:
    """Return the folder with `layers/` and `data/`: inside the wheel, or the checkout."""
    installed = _PACKAGE / "share"
    return installed if installed.is_dir() else _PACKAGE.parent


def _site(address: str) -> str:
    """Refuse an address that a page's own cannot be put behind."""
    if address and not re.fullmatch(r"https://[^\s/?#@]+", address):
        raise PydanticCustomError("site", "an address of the form https://name is needed, with nothing behind the name")
    return address


class Settings(BaseSettings):
    """Hold what differs from one installation to the next."""

    # A misspelt setting in the file is refused; an empty variable of the environment is as good as none.
    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT, env_ignore_empty=True, extra="forbid", frozen=True)

    data_dir: Path = Path("geo-service-data")
    """Folder that everything imported is kept in."""
    database_url: str = Field(default="", repr=False)
    """Where the ledger is kept: `postgresql://…`, or empty for SQLite in the data directory. It may hold a password."""
    syslog: str = ""
    """Log that is told how far the ledger has come: `/dev/log`, `udp://192.0.2.1:514`, or empty for none."""
    share_dir: Path = _share()
    """Folder with `layers/` and `data/`."""
    assets_dir: Path = _PACKAGE / "assets"
    """Folder with the built front-end files and fonts."""
    demonstration: bool = False
    """Whether the data directory holds the invented demonstration area."""
    area: str = ""
    """Name of the area, for the headings of the public site."""
    public_site: Annotated[str, AfterValidator(_site)] = ""
    """Address of the public site, `https://name`: the open data names the page of each place by it."""
    oidc_issuer: str = ""
    """Address of the organisation's own sign-in (OpenID Connect), empty for none."""
    oidc_client_id: str = ""
    """What that server calls this installation."""
    oidc_client_secret: str = Field(default="", repr=False)
    """What proves it to that server; in the environment only."""
    oidc_roles: str = "oidc-roles.toml"
    """File in the data directory with the roles and areas of the organisation's groups."""

    certificate: Path | None = None
    """PEM file with the certificate of the sites, its whole chain in it; none: plain HTTP, for this machine only."""
    certificate_key: Path | None = None
    """PEM file with its key, without a password."""
    public_address: str = ""
    """Address of the staff site where a proxy stands in front of it: `https://name`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the data directory's own file last."""
        del dotenv_settings, file_secret_settings
        given: dict[str, Any] = {**env_settings(), **init_settings()}
        data_dir = Path(given.get("data_dir", cls.model_fields["data_dir"].default))
        return init_settings, env_settings, _file_of(settings_cls, data_dir)


class _Elsewhere(Settings):
    """Hold settings of the environment alone: there is no data directory to look into."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Leave every file out."""
        del settings_cls, dotenv_settings, file_secret_settings
        return init_settings, env_settings


def environment_settings() -> Settings:
    """Read the settings of the environment and open no file; raise InputError as `read_settings`."""
    try:
        return _Elsewhere(database_url="")
    except ValidationError as problem:
        raise _wrong(problem) from None


def read_settings(data_dir: Path | None = None) -> Settings:
    """Read the settings; raise InputError naming the setting that cannot be used, and where it was found."""
    try:
        return Settings() if data_dir is None else Settings(data_dir=data_dir)
    except ValidationError as problem:
        raise _wrong(problem) from None
    except UnicodeDecodeError:
        raise _unreadable("it is not UTF-8 text") from None
    except (ValueError, OSError) as problem:
        raise _unreadable(getattr(problem, "strerror", None) or problem) from None


def _wrong(problem: ValidationError) -> InputError:
    """Say which setting is wrong, and whether the environment or the file holds it."""
    first = problem.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "settings"
    if first["type"] == "extra_forbidden":
        return InputError(
            f"{SETTINGS_FILE} has a setting that is not known",
            found=name,
            do=f"Delete it or mend its name; known are {', '.join(_of_the_file())}",
            field=name,
        )
    variable = f"{ENVIRONMENT}{name.upper()}"
    where = f"the environment variable {variable}" if os.environ.get(variable) else SETTINGS_FILE
    return InputError(
        f"The setting {name} cannot be used: {first['msg'][:1].lower()}{first['msg'][1:]}",
        found=first["input"] if name in Settings.model_fields and Settings.model_fields[name].repr else None,
        do=f"Mend it in {where}",
        field=name,
    )


def _unreadable(found: object) -> InputError:
    return InputError(
        f"The file {SETTINGS_FILE} in the data directory cannot be read",
        found=found,
        do='Write each setting as TOML, for example area = "Redditch"',
        field=SETTINGS_FILE,
    )


def _of_the_file() -> list[str]:
    return [name for name in Settings.model_fields if name != "data_dir"]


def _file_of(settings_cls: type[BaseSettings], data_dir: Path) -> TomlConfigSettingsSource:
    """Read the data directory's file, which may say everything but where it lies itself."""
    toml: PathType = data_dir / SETTINGS_FILE
    if (data_dir / SETTINGS_FILE).is_dir():
        raise _unreadable("it is a folder")
    source = TomlConfigSettingsSource(settings_cls, toml)
    if "data_dir" in source.toml_data:
        raise InputError(
            f"{SETTINGS_FILE} lies in the data directory and cannot name it",
            found=source.toml_data["data_dir"],
            do=f"Delete data_dir there and use --data-dir or {ENVIRONMENT}DATA_DIR",
            field="data_dir",
        )
    if "oidc_client_secret" in source.toml_data:
        raise InputError(
            f"{SETTINGS_FILE} goes into backups and must not hold a secret",
            do=f"Delete oidc_client_secret there and set {ENVIRONMENT}OIDC_CLIENT_SECRET",
            field="oidc_client_secret",
        )
    return source


def actor() -> str:
    """Return the name that the ledger records for commands: the operating system's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local user"
