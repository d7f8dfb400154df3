"""Programmes that were there: what a file once said of them becomes the typed document, and stays public."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T13:31:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "programme.draft and programme_publication of what is there"

OLD = "SELECT id, title_de, title_en, granting_body, as_of, facts FROM programme ORDER BY id"
KEPT = """
WITH kept AS (UPDATE programme SET draft = $2::text::jsonb WHERE id = $1 RETURNING id, draft)
INSERT INTO programme_publication (programme, number, facts, at) SELECT id, 1, draft, now() FROM kept
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)

    async def run() -> None:
        import json

        # what the column holds is the text of a file, and such files are read by this reader for good
        from app.competition_files import programme_part
        from app.competition_files.parts import Programme
        from app.database import rows
        from app.domain.programmes.facts import written

        for row in await rows(OLD):
            said = json.loads(row["facts"] or "{}")
            titles = {name: row[name] for name in ("title_de", "title_en", "granting_body", "as_of")}
            given = Programme(key="", facts=said if isinstance(said, dict) else {}, **titles)
            await rows(KEPT, row["id"], written(programme_part.facts(given)))

    manager.add_raw(run)
    return manager
