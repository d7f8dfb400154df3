"""Mails that are given up say so, and those that version 0.1.0 wrote keep no link that opens anything.

One that was still waiting is held, for without its link it is of no use: `votum mails release` names it.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import BigInt, Timestamptz
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-24T07:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "mail.refusals, mail.given_up_at; no links in old mails"

LINK = r"'(https?://\S*/(?:password|confirmation|invitations|organisations/joining)/)\S+'"
WITHOUT_LINKS = (
    rf"UPDATE mail SET body = regexp_replace(body, {LINK}, '\1…', 'g'), held = held OR sent_at IS NULL"
    rf" WHERE body ~ {LINK}"
)
PLAIN = {
    "primary_key": False,
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}
COLUMNS = [
    ("refusals", BigInt, {"default": 0, "null": False}),
    ("given_up_at", Timestamptz, {"default": None, "null": True}),
]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)

    async def run() -> None:
        from app.database import DB

        await DB.run_ddl(WITHOUT_LINKS)

    manager.add_raw(run)
    for name, kind, params in COLUMNS:
        manager.add_column(
            table_class_name="Mail",
            tablename="mail",
            column_name=name,
            db_column_name=name,
            column_class_name=kind.__name__,
            column_class=kind,
            params={**PLAIN, **params},
            schema=None,
        )
    return manager
