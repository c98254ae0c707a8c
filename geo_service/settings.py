"""Settings: flag, then environment `GEO_SERVICE_*`, then `geo-service.toml` in the data directory."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from geo_service.errors import InputError

if TYPE_CHECKING:
    from pydantic_settings.sources import PathType

SETTINGS_FILE = "geo-service.toml"
_PACKAGE = Path(__file__).parent


def _share() -> Path:
    """Return the folder with `layers/` and `data/`: inside the wheel, or the checkout."""
    installed = _PACKAGE / "share"
    return installed if installed.is_dir() else _PACKAGE.parent


class Settings(BaseSettings):
    """Hold what differs from one installation to the next."""

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_", extra="ignore", frozen=True)

    data_dir: Path = Path("geo-service-data")
    """Folder that everything imported is kept in."""
    share_dir: Path = _share()
    """Folder with `layers/` and `data/`."""
    assets_dir: Path = _PACKAGE / "assets"
    """Folder with the built front-end files and fonts."""
    demonstration: bool = False
    """Whether the data directory holds the invented demonstration area."""
    area: str = ""
    """Name of the area, for the headings of the public site."""

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
        toml: PathType = data_dir / SETTINGS_FILE
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml)


def read_settings(data_dir: Path | None = None) -> Settings:
    """Read the settings; raise InputError naming the setting that cannot be used."""
    try:
        return Settings() if data_dir is None else Settings(data_dir=data_dir)
    except (ValidationError, ValueError) as problem:
        raise InputError(
            "A setting cannot be used",
            found=str(problem).splitlines()[-1] if not isinstance(problem, ValidationError) else problem.errors()[0],
            do=f"Mend {SETTINGS_FILE} in the data directory or the environment variable GEO_SERVICE_…",
            field="settings",
        ) from None


def actor() -> str:
    """Return the name that the ledger records for commands: the operating system's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local user"
