"""The `votum` command."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import click

from app import database
from app.settings import SETTINGS, SettingsError, refuse_public_demo


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run work on the database: connected, with a pool, and closed again."""

    async def inside() -> None:
        database.connect_to(database.address())
        await database.open_pool(least=1)
        try:
            await work()
        finally:
            await database.close_pool()

    asyncio.run(inside())


@click.group()
def main() -> None:
    """Votum: calls for ideas, their rating and the recommendation that follows."""


@main.command()
def migrate() -> None:
    """Bring the database to the newest form; safe to start several times at once."""

    async def inside() -> None:
        for name in await database.migrate():
            click.echo(f"applied {name}")

    run(inside)
    click.echo("The database is up to date.")


@main.command()
@click.option("--host", default=SETTINGS.host)
@click.option("--port", default=SETTINGS.port, type=int)
@click.option("--workers", default=1, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """The web application."""
    import os

    import uvicorn

    os.environ.update(HOST=host, PORT=str(port))
    refuse_public_demo(SETTINGS)
    os.environ["DATABASE_URL"] = database.address()
    database.connect_to(os.environ["DATABASE_URL"])
    uvicorn.run(
        "app.main:served",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
        proxy_headers=bool(SETTINGS.trusted_proxy),
        forwarded_allow_ips=SETTINGS.trusted_proxy or None,
    )


def entry() -> None:
    """Run the command; what cannot be done is one sentence, never a traceback."""
    from app.embedded import EmbeddedServerError

    try:
        main(standalone_mode=True)
    except (SettingsError, database.DatabaseError, EmbeddedServerError) as error:
        click.echo(f"votum: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    entry()
