"""Commands that run: serve, worker, migrate."""

import asyncio
import logging.config
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace

import click

from app import database, logs
from app.commands import Failed, connected, data_folder, pooled, run
from app.settings import SETTINGS, refuse_public_demo


@click.command()
@click.option("--host", default=SETTINGS.host)
@click.option("--port", default=SETTINGS.port, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """The web application."""
    refuse_public_demo(replace(SETTINGS, host=host))
    refuse_taken(host, port)
    with suppress(KeyboardInterrupt), connected() as address:
        os.environ.update(HOST=host, PORT=str(port), DATABASE_URL=address)
        listen(host, port, workers, asyncio.run(pooled(lambda: greeting(host, port, workers))))


def listen(host: str, port: int, workers: int, lines: list[str]) -> None:
    """Serve until the end; the lines are said as soon as somebody listens."""
    import uvicorn

    threading.Thread(target=greet, args=(host, port, lines), daemon=True).start()
    uvicorn.run(
        "app.main:served" if workers > 1 else "app.main:served_alone",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="app.web.arrival:Protocol",
        server_header=False,
        access_log=False,
        log_config=logs.configuration(),
        log_level="warning",
        timeout_graceful_shutdown=5,
        proxy_headers=bool(SETTINGS.trusted_proxy),
        forwarded_allow_ips=SETTINGS.trusted_proxy or None,
    )


def refuse_taken(host: str, port: int) -> None:
    """Say that a port is taken before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failed(
                f"Nothing can be served on {host}, port {port}: {error.strerror}. Choose another PORT."
            ) from error


def greet(host: str, port: int, lines: list[str]) -> None:
    """Say so once somebody listens, and not before."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while port:
        with suppress(OSError), socket.create_connection((own, port), timeout=1):
            break
        time.sleep(0.05)
    click.echo("\n".join(lines))


async def greeting(host: str, port: int, workers: int) -> list[str]:
    """The address, where the data lie if they are ours, and, in the demo, who can sign in."""
    from app.operations import demo

    shown = f"[{host}]" if ":" in host else host
    lines = [f"Votum is served on http://{shown}:{port} (Ctrl-C ends it)"]
    if not SETTINGS.database_url:
        lines.append(f"  data in {data_folder()}")
    if workers > 1:
        lines.append("  mails go out, and what is due is done, by `votum worker`: start it as well")
    people = await demo.sign_ins() if SETTINGS.demo else []
    if people:
        width = max(len(person.email) for person in people)
        lines += [f"  {person.email:{width}}  {person.name}, {person.part}" for person in people]
        lines.append(f"  password of everybody: {demo.PASSWORD}, or one click on the sign-in page")
    return lines


@click.command()
def worker() -> None:
    """Send mails and do what is due, beside any number of serving processes."""
    from app.operations import jobs  # slow

    logging.config.dictConfig(logs.configuration())
    run(jobs.run)


@click.command()
def migrate() -> None:
    """Bring the database to the newest form; safe to start several times at once."""

    async def migrated() -> None:
        for name in await database.migrate():
            click.echo(f"applied {name}")

    run(migrated)
    click.echo("The database is up to date.")
