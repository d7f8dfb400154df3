"""What every call asked so far is a form as well: the questions of 0.1.0, word for word."""

from hashlib import sha256
from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T14:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the form of the calls that there are"

ASKED = Path(__file__).parent / "auental_2017.json"
KEPT = """
INSERT INTO form (key, title_de, title_en, document, sha256, authority, added_at)
SELECT 'auental-2017', $1::json #>> '{title,de}', $1::json #>> '{title,en}', $1, $2, c.authority, min(c.created_at)
FROM call c GROUP BY c.authority
"""
GIVEN = "UPDATE call SET form = f.id FROM form f WHERE f.authority = call.authority"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)

    async def run() -> None:
        from app.database import rows

        text = ASKED.read_text().strip()
        await rows(KEPT, text, sha256(text.encode()).hexdigest())
        await rows(GIVEN)

    manager.add_raw(run)
    return manager
