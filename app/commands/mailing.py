"""Commands for the outbox: mails list, mails release."""

from datetime import timedelta

import click

from app import clock
from app.commands import run


@click.group()
def mails() -> None:
    """Mails that have not gone out."""


@mails.command("list")
def listed() -> None:
    """Each with its number, state, recipient, age, tries and last error; never what it says."""
    from app.records.mails import outbox

    unsent = run(outbox.unsent)
    for mail in unsent:
        old, tries = age(clock.now() - mail.at), f"{mail.attempts} tries"
        click.echo("\t".join((str(mail.id), mail.state, mail.recipient, old, tries, mail.last_error)).rstrip())
    click.echo(f"{len(unsent)} mails have not gone out", err=True)


@mails.command()
@click.option("--given-up", is_flag=True, help="Also those that the mail server refused for good.")
def release(given_up: bool) -> None:
    """Let the mails go out that a restore holds; those whose links lead nowhere stay and are named."""
    from app.records.mails import outbox

    found = run(lambda: outbox.release(given_up=given_up))
    click.echo(f"{len(found.mails)} mails go out now, {len(found.kept)} stay")
    for mail in found.kept:
        click.echo(f"{mail.id}\t{mail.recipient}\tits link leads nowhere any more, a new one must be asked for")


def age(since: timedelta) -> str:
    """In minutes, hours or days, whichever is the largest that fits."""
    minutes = int(since.total_seconds()) // 60
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes >= size:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
