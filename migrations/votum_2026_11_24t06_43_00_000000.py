"""Programmes that were there before they had an "as of": their facts were so on the day of the upgrade."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T06:43:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "programme.as_of of what is there"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)

    async def run() -> None:
        from app.database import DB

        await DB.run_ddl("UPDATE programme SET as_of = current_date WHERE as_of IS NULL")

    manager.add_raw(run)
    return manager
