"""Commands that bring competitions in and take lists out: load, demo, appoint, export."""

from datetime import datetime
from pathlib import Path

import click

from app import clock
from app.commands import Failed, contents, run
from app.papers import exports

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--password", help="The password of every account of the file; only with VOTUM_DEMO=1.")
@click.option(
    "--now-in",
    type=click.Choice(["open", "rating", "meeting", "published"]),
    help="Move all dates so that today lies in this phase.",
)
def load(file: Path, password: str | None, now_in: str | None) -> None:
    """Load a whole competition from FILE (competition/1), all of it or nothing."""
    from app import competition_files

    try:
        found = competition_files.read(contents(file, competition_files.LARGEST))
        click.echo(run(lambda: competition_files.load(found, now_in=now_in, password=password)))
    except competition_files.CompetitionError as error:
        raise Failed(f"{file} is not loaded.\n{error}") from error


@click.command()
def demo() -> None:
    """Load the demo competition and two living copies into an empty database."""
    from app.operations import demo

    for key in run(demo.load):
        click.echo(f"loaded {key}", err=True)


@click.command()
@click.argument("email")
@click.argument("authority", required=False)
@click.option("--installation", is_flag=True, help="Instead of an authority: who makes authorities in the browser.")
@click.option("--name", default="", help="What the person is called, where the account is new.")
def appoint(email: str, authority: str | None, installation: bool, name: str) -> None:
    """Let the person with EMAIL administer the calls of AUTHORITY; both are made where they are missing.

    Somebody new chooses a password with the link that is printed and mailed; it works once, within seven days.
    """
    from app.domain import appointments

    if installation == (authority is not None):
        raise Failed("Name either an authority or --installation.")
    link = run(lambda: appointments.appoint(email, authority, name, at=clock.now()))
    click.echo(f"{email} administers {f'the calls of {authority}' if authority else 'this installation'}.")
    if link:
        click.echo(f"The account has no password yet. With this link it is chosen within seven days:\n{link}")


@click.command()
@click.argument("call")
@click.argument("what")
@click.option("--format", "form", required=True, help="csv, xlsx, json or pdf, where it makes sense.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as-of", type=datetime.fromisoformat, help="The ranking that was frozen by this moment.")
@click.option("--language", type=click.Choice(["de", "en"]), default="de")
def export(call: str, what: str, form: str, out: Path, as_of: datetime | None, language: str) -> None:
    """Write one list of CALL to a file: WHAT is decision-list, ranking, scores, intake-list ..."""
    from app import clock, database
    from app.domain import calls

    moment = as_of.replace(tzinfo=as_of.tzinfo or clock.BERLIN) if as_of else None

    async def made() -> bytes:
        found = await database.one_of(calls.Call, f"{calls.CALL} WHERE c.key = $1", call)
        if found is None:
            raise Failed(f"There is no call {call}.")
        return (await exports.export(found, what, form, as_of=moment, language=language)).body

    out.write_bytes(run(made))
