"""What an authority says of itself on the duty pages."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import JSONB
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-24T06:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "authority.duties"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)
    manager.add_column(
        table_class_name="Authority",
        tablename="authority",
        column_name="duties",
        db_column_name="duties",
        column_class_name="JSONB",
        column_class=JSONB,
        params={
            "default": "{}",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )
    return manager
