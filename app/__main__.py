"""The `votum` command."""

import sys

import click

from app.commands import Failed, auditing, catalogue, competitions, keeping, serving
from app.settings import SettingsError


@click.group()
def votum() -> None:
    """Votum: calls for ideas, their rating and the recommendation that follows."""


for command in (
    *(serving.serve, serving.worker, serving.migrate),
    *(competitions.load, competitions.demo, competitions.export, competitions.appoint),
    *(auditing.check, auditing.audit, auditing.scheme, auditing.rank),
    *(keeping.backup, keeping.restore, catalogue.catalogue),
):
    votum.add_command(command)


def main() -> None:
    """Run the command; what cannot be done is said in a sentence, never in a traceback."""
    try:
        votum(prog_name="votum")
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        click.echo(f"votum: {said}", err=True)
        sys.exit(1)


def sentence(error: Exception) -> str | None:
    """What to tell of an error, or None for a fault of ours."""
    import asyncpg

    from app.database import DatabaseError
    from app.domain.backup import BackupError
    from app.domain.errors import Refusal
    from app.embedded import EmbeddedServerError
    from scoring.errors import Faulty

    if isinstance(error, Failed | SettingsError | DatabaseError | BackupError | EmbeddedServerError | Refusal | Faulty):
        return str(error)
    if isinstance(error, asyncpg.UndefinedTableError):
        return "The database is not in the newest form. Run `votum migrate` first."
    if isinstance(error, asyncpg.PostgresError):
        return f"The database refused: {error}"
    if isinstance(error, OSError):
        return f"{error.filename or 'The system refused'}: {error.strerror or error}"
    return None


if __name__ == "__main__":
    main()
