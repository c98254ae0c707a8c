"""Open the services for a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from geo_service.model.access import Principal
    from geo_service.settings import Settings
    from geo_service.workflows.services import Services

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def settings_of(context: typer.Context) -> Settings:
    """Read the settings of the data directory that the command line names."""
    from geo_service.settings import read_settings

    return read_settings(context.obj.data_dir)


def services_of(context: typer.Context) -> Services:
    """Wire the services of the data directory that the command line names."""
    from geo_service.app import wire

    return wire(settings_of(context))


def principal() -> Principal:
    """Return who runs the command, for the ledger."""
    from geo_service.model.access import Audience, Principal
    from geo_service.settings import actor

    return Principal(actor(), Audience.FORCE)
