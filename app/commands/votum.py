"""All commands under one name."""

import click

from app.commands import auditing, catalogue, competitions, dossiers, keeping, mailing, serving


@click.group()
def votum() -> None:
    """Votum: calls for ideas, their rating and the recommendation that follows."""


for command in (
    *(serving.serve, serving.worker, serving.migrate),
    *(competitions.load, competitions.demo, competitions.export, competitions.appoint),
    *(auditing.check, auditing.audit, auditing.scheme, auditing.form, auditing.rank, dossiers.verify),
    *(keeping.backup, keeping.restore, mailing.mails, catalogue.catalogue),
):
    votum.add_command(command)
