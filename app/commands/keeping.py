"""Commands that keep: backup and restore."""

import asyncio
from pathlib import Path

import click

from app.commands import Failed, connected


@click.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def backup(out: Path) -> None:
    """Write the whole database into one file, consistent under load."""
    from app.operations import backup as backups

    with connected() as address:
        manifest = asyncio.run(backups.backup(address, out))
    rows = sum(manifest["rows"].values())
    click.echo(f"{out}: {rows} rows, audit trail up to {manifest['audit']['seq']} {manifest['audit']['hash']}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--drill", is_flag=True, help="Into a scratch database that is checked and dropped.")
def restore(file: Path, drill: bool) -> None:
    """Bring a backup back into an empty place, and check it."""
    from app.operations import backup as backups

    with connected() as address:
        if drill:
            broken, took = asyncio.run(backups.drill(address, file))
            done = f"restored and checked in {took.total_seconds():.1f} s"
        else:
            broken = asyncio.run(backups.restore(address, file))
            done = "restored and checked; unsent mails are held: see `votum mails list` and `votum mails release`"
    if broken:
        raise Failed("\n".join([f"{file} is restored, but this does not hold:", *broken]))
    click.echo(f"{file}: {done}")
