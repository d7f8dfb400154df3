"""The auditor's command for a dossier: verify."""

from pathlib import Path

import click

from app.commands import Failed


@click.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(bundle: Path) -> None:
    """Check the hashes of BUNDLE.zip and compute its ranking again, without any database."""
    from app.papers.dossier import verified

    found = verified.examined(bundle)
    if found.differences:
        more = len(found.differences) - 1
        raise Failed(f"{found.differences[0]}" + (f"\n{more} more differences." if more else ""))
    click.echo(f"ok: {found.rows} rows as computed, {len(found.deviations)} reasoned deviations")
    for deviation in found.deviations:
        click.echo(deviation)
