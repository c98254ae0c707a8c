"""`geo-service safe-places`: what is done with the Safe Places; each module of the group adds its own commands."""

from __future__ import annotations

import typer

from geo_service.cli import place_prints, place_queues, places, releases

app = typer.Typer(no_args_is_help=True)
for module in (place_queues, places, releases, place_prints):
    module.register(app)
