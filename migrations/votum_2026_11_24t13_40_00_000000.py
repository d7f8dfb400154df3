"""Settings of authorities, who is appointed to administer them or the installation, and whom a mail speaks for."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Boolean, Bytea, ForeignKey, OnDelete, OnUpdate, Serial, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Unique
from piccolo.table import Table

ID = "2026-11-24T13:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "settings of authority; arms, retirement, appointment; administration of the installation; mail.authority"

PLAIN = {
    "null": False,
    "primary_key": False,
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}
ID_COLUMN = {**PLAIN, "primary_key": True, "db_column_name": "id"}


class Authority(Table, tablename="authority"):
    """What is settled, appointed to, retired or spoken for."""

    id = Serial(**ID_COLUMN)


class Person(Table, tablename="person"):
    """Who appoints and retires."""

    id = Serial(**ID_COLUMN)


NAMING = {"on_delete": OnDelete.restrict, "on_update": OnUpdate.cascade, "target_column": None}
AUTHORITY = {"references": Authority, **NAMING}
BY = ("by", ForeignKey, {"references": Person, **NAMING, "null": True})
WHEN = {"default": TimestamptzNow()}
TABLES = {
    ("Arms", "arms"): [
        ("name", Varchar, {"length": 80, "default": "", "primary_key": True}),
        ("content", Bytea, {"default": b""}),
    ],
    ("Retirement", "retirement"): [
        ("authority", ForeignKey, {**AUTHORITY, "unique": True}),
        BY,
        ("at", Timestamptz, WHEN),
    ],
    ("Appointment", "appointment"): [
        ("authority", ForeignKey, {**AUTHORITY, "null": True, "index": True}),
        ("name", Varchar, {"length": 200, "default": ""}),
        ("email", Varchar, {"length": 254, "default": ""}),
        ("token_hash", Varchar, {"length": 64, "default": "", "unique": True}),
        BY,
        ("at", Timestamptz, WHEN),
        ("expires_at", Timestamptz, WHEN),
        ("accepted_at", Timestamptz, {"default": None, "null": True}),
    ],
}
COLUMNS = {
    ("Authority", "authority"): [
        ("name_en", Varchar, {"length": 200, "default": ""}),
        ("short_name", Varchar, {"length": 40, "default": ""}),
        ("sender_name", Varchar, {"length": 100, "default": ""}),
        ("reply_to", Varchar, {"length": 254, "default": ""}),
        ("colour", Varchar, {"length": 7, "default": ""}),
        ("colour_dark", Varchar, {"length": 7, "default": ""}),
        ("arms", Varchar, {"length": 80, "default": ""}),
        ("two_eyes", Boolean, {"default": False}),
    ],
    ("Administration", "administration"): [BY],
    ("Mail", "mail"): [("authority", ForeignKey, {**AUTHORITY, "null": True})],
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)
    for class_name, table in TABLES:
        manager.add_table(class_name=class_name, tablename=table, schema=None, columns=None)
    for (class_name, table), columns in (*TABLES.items(), *COLUMNS.items()):
        for name, kind, params in columns:
            manager.add_column(
                table_class_name=class_name,
                tablename=table,
                column_name=name,
                db_column_name=name,
                column_class_name=kind.__name__,
                column_class=kind,
                params={**PLAIN, **params},
                schema=None,
            )
    manager.alter_column(
        table_class_name="Administration",
        tablename="administration",
        column_name="authority",
        db_column_name="authority",
        params={"null": True},
        old_params={"null": False},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )
    manager.drop_constraint(
        table_class_name="Administration",
        tablename="administration",
        constraint_name="administration_once",
        schema=None,
    )
    manager.add_constraint(
        table_class_name="Administration",
        tablename="administration",
        constraint_name="administration_is_once",
        constraint_class=Unique,
        params={"columns": ["person", "authority"], "nulls_distinct": False},
        schema=None,
    )
    return manager
