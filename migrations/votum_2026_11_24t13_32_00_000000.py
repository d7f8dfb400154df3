"""What the draft of a programme says now, the old columns no longer have to say."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T13:32:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "programme without facts, titles, granting_body and as_of"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)
    manager.drop_column(
        table_class_name="Programme",
        tablename="programme",
        column_name="as_of",
        db_column_name="as_of",
        schema=None,
    )

    manager.drop_column(
        table_class_name="Programme",
        tablename="programme",
        column_name="facts",
        db_column_name="facts",
        schema=None,
    )

    manager.drop_column(
        table_class_name="Programme",
        tablename="programme",
        column_name="granting_body",
        db_column_name="granting_body",
        schema=None,
    )

    manager.drop_column(
        table_class_name="Programme",
        tablename="programme",
        column_name="title_de",
        db_column_name="title_de",
        schema=None,
    )

    manager.drop_column(
        table_class_name="Programme",
        tablename="programme",
        column_name="title_en",
        db_column_name="title_en",
        schema=None,
    )

    return manager
