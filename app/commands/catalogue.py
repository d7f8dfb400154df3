"""The command that keeps the German catalogue complete: every message of the source has its translation."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.commands import PROJECT, Failed

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

CATALOGUE = PROJECT / "app" / "locale" / "de" / "LC_MESSAGES" / "votum.po"
SOURCES = (
    *(("app", "*.py", "python"), ("scoring", "*.py", "python")),
    *(("templates", "*.html", "jinja2"), ("templates", "*.txt", "jinja2")),
)
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "later": None}
OPTIONS = {"python": {}, "jinja2": {"newstyle_gettext": "true", "trimmed": "false", "silent": "false"}}
HEADER = r"""# German, formal.
msgid ""
msgstr ""
"Language: de\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""


@click.command()
@click.option("--check", "work", flag_value="check", help="List what is missing, unsure, wrong or no longer needed.")
@click.option("--update", "work", flag_value="update", help="Write the catalogue anew, keeping its translations.")
def catalogue(work: str | None) -> None:
    """The German catalogue against the messages of templates and code."""
    found, known = messages(PROJECT), read(CATALOGUE)
    if work == "update":
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        CATALOGUE.write_bytes(updated(found, known))
        known = read(CATALOGUE)
    faults = list(differences(found, known))
    if faults:
        raise Failed("\n".join([*faults, f"{len(faults)} of {len(found)} messages are not in order."]))
    click.echo(f"ok: {len(found)} messages")


def messages(project: Path) -> "Catalog":
    """Every message of the source."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract

    found = Catalog(locale="de")
    for folder, pattern, method in SOURCES:
        for path in sorted((project / folder).rglob(pattern)):
            with path.open("rb") as file:
                for _line, message, _comments, context in extract(method, file, KEYWORDS, (), OPTIONS[method]):
                    found.add(message, context=context)
    return found


def read(path: Path) -> "Catalog":
    """The catalogue of a file, an empty one where there is none."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    if not path.exists():
        return Catalog(locale="de")
    with path.open("rb") as file:
        return read_po(file, locale="de", abort_invalid=True)


def updated(found: "Catalog", known: "Catalog") -> bytes:
    """The catalogue with exactly the messages of the source, by message, without places and dates."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    fresh = Catalog(locale="de")
    for message in each(found):
        old = known.get(message.id, message.context)
        flags = {flag for flag in old.flags if flag == "fuzzy"} if old else set()
        fresh.add(message.id, old.string if old else "", flags=flags, context=message.context)
    body = BytesIO()
    write_po(body, fresh, no_location=True, omit_header=True, sort_output=True, width=120)
    return HEADER.encode() + body.getvalue()


def differences(found: "Catalog", known: "Catalog") -> Iterator[str]:
    """What keeps the catalogue from being complete, a line each."""
    for message in each(found):
        old = known.get(message.id, message.context)
        if old is None or not all(strings(old)):
            yield f"missing: {shown(message)}"
        elif old.fuzzy:
            yield f"unsure (fuzzy): {shown(message)}"
        else:
            yield from (f"wrong: {shown(message)}: {fault}" for fault in old.check(known))
    for message in each(known):
        if found.get(message.id, message.context) is None:
            yield f"no longer needed: {shown(message)}"


def each(of: "Catalog") -> "Iterator[Message]":
    """The messages of a catalogue without its header."""
    return (message for message in of if message.id)


def strings(message: "Message") -> tuple[str, ...]:
    """All forms of a translation."""
    found = message.string
    return tuple(found) if isinstance(found, tuple | list) else (str(found or ""),)


def shown(message: "Message") -> str:
    """The message in one line."""
    text = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return repr(text if len(text) <= 100 else f"{text[:100]}...")
