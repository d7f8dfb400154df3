"""The `votum` command."""

import sys


def main() -> None:
    """Run the command; what cannot be done is said in a sentence, never in a traceback."""
    try:
        from app.commands.votum import votum  # slow: what breaks while it loads is said in a sentence, too

        votum(prog_name="votum")
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        sys.stderr.write(f"votum: {said}\n")
        sys.exit(1)


def sentence(error: Exception) -> str | None:
    """What to tell of an error, or None for a fault of ours: what we raise ourselves is a sentence already."""
    import asyncpg

    if type(error).__module__.split(".")[0] in ("app", "scoring"):
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
