"""Mails that are given up say so, and those that version 0.1.0 wrote keep no link that opens anything.

One that was still waiting is held, for without its link it is of no use: `votum mails release` names it.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T07:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "mail.refusals, mail.given_up_at; no links in old mails"

LINK = r"'(https?://\S*/(?:password|confirmation|invitations|organisations/joining)/)\S+'"
STATEMENTS = [
    "ALTER TABLE mail ADD COLUMN refusals BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE mail ADD COLUMN given_up_at TIMESTAMPTZ DEFAULT null",
    rf"UPDATE mail SET body = regexp_replace(body, {LINK}, '\1…', 'g'), held = held OR sent_at IS NULL"
    rf" WHERE body ~ {LINK}",
]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)

    async def run() -> None:
        from app.database import DB

        for statement in STATEMENTS:
            await DB.run_ddl(statement)

    manager.add_raw(run)
    return manager
