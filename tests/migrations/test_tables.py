"""The migrations lead to the tables as the code describes them."""

from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import AppConfig

from app.piccolo_app import APP_CONFIG


async def statements(app: AppConfig) -> list[str]:
    """What a migration would have to do so that the tables are as described."""
    return [
        statement
        for alter in await AutoMigrationManager().get_alter_statements(app_config=app)
        for statement in alter.statements
    ]


async def test_no_change_of_a_table_waits_for_its_migration() -> None:
    assert await statements(APP_CONFIG) == []


async def test_a_table_that_no_migration_made_is_noticed() -> None:
    without = AppConfig(
        app_name=APP_CONFIG.app_name,
        migrations_folder_path=APP_CONFIG.migrations_folder_path,
        table_classes=APP_CONFIG.table_classes[1:],
    )
    assert any("drop_table" in one for one in await statements(without))
