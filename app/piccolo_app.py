"""Tells Piccolo where our tables and migrations are."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from app.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="votum",
    migrations_folder_path=str(Path(__file__).parent.parent / "migrations"),
    table_classes=TABLES,
    migration_dependencies=[],
    commands=[],
)
