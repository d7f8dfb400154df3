"""Where a call stands, in one place: what has happened to it, beside its own dates."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T13:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the view call_state"

CALL_STATE = """
CREATE VIEW call_state AS
SELECT c.id AS call, p.at AS published_at, x.at AS rating_closed_at, r.at AS result_at, r.ranking AS result_ranking,
    EXISTS (SELECT FROM frozen_ranking f WHERE f.call = c.id) AS frozen
FROM call c
LEFT JOIN call_publication p ON p.call = c.id
LEFT JOIN rating_closure x ON x.call = c.id
LEFT JOIN result_publication r ON r.call = c.id
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)

    async def run() -> None:
        from app.database import DB

        await DB.run_ddl(CALL_STATE)

    manager.add_raw(run)
    return manager
