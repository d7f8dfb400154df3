"""The migrations lead to the tables as the code describes them."""

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import AppConfig

from app import database
from app.piccolo_app import APP_CONFIG
from tests.world import Votum


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


async def changes_of_the_queue() -> tuple[str, ...]:
    """What the library would have to do so that its tables are as it makes them."""
    connection = await asyncpg.connect(**database.DB.config)
    try:
        return (await Queries(AsyncpgDriver(connection)).plan_upgrade()).statements
    finally:
        await connection.close()


async def test_the_queue_of_the_jobs_is_as_its_library_makes_it(votum: Votum) -> None:
    assert await changes_of_the_queue() == ()


async def test_a_queue_that_its_library_does_not_know_is_noticed(votum: Votum) -> None:
    await database.rows("ALTER TABLE pgqueuer DROP COLUMN slot")
    assert any("slot" in statement for statement in await changes_of_the_queue())
