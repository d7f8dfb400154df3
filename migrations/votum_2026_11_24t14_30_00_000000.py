"""The kind of a call's procedure, who wrote it last, its public versions, and what waits for its release."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import JSONB, ForeignKey, Integer, OnDelete, OnUpdate, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check, Unique
from piccolo.table import Table

ID = "2026-11-24T14:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "call.procedure_kind, call.written_by; call_version, call_change, call_handover"

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


class Call(Table, tablename="call"):
    """What the new tables speak of."""


class Person(Table, tablename="person"):
    """Who wrote and who released."""


def naming(table: type[Table]) -> dict[str, object]:
    return {
        "references": table,
        "on_delete": OnDelete.restrict,
        "on_update": OnUpdate.cascade,
        "target_column": None,
    }


NOW = {"default": TimestamptzNow()}
NEVER = {"null": True, "default": None}
OF_CALL = {**naming(Call)}
OF_PERSON = {**naming(Person)}
TABLES = {
    "CallVersion": [
        ("call", ForeignKey, {**OF_CALL, "index": True}),
        ("number", Integer, {"default": 0}),
        ("by", ForeignKey, {**OF_PERSON, "null": True}),
        ("released_by", ForeignKey, {**OF_PERSON, "null": True}),
        ("at", Timestamptz, NOW),
        ("why", Text, {"default": ""}),
        ("content", JSONB, {"default": "{}"}),
        ("sha256", Varchar, {"length": 64, "default": ""}),
    ],
    "CallChange": [
        ("call", ForeignKey, {**OF_CALL, "unique": True}),
        ("version", Integer, {"default": 0}),
        ("by", ForeignKey, OF_PERSON),
        ("at", Timestamptz, NOW),
        ("content", JSONB, {"default": "{}"}),
    ],
    "CallHandover": [
        ("call", ForeignKey, {**OF_CALL, "unique": True}),
        ("version", Integer, {"default": 0}),
        ("by", ForeignKey, OF_PERSON),
        ("at", Timestamptz, NOW),
        ("why", Text, {"default": ""}),
        ("returned_by", ForeignKey, {**OF_PERSON, "null": True}),
        ("returned_at", Timestamptz, NEVER),
        ("returned_why", Text, {"default": ""}),
    ],
    "Call": [
        ("procedure_kind", Varchar, {"length": 20, "default": "competition"}),
        ("written_by", ForeignKey, {**OF_PERSON, "null": True}),
    ],
}
NAMES = {"CallVersion": "call_version", "CallChange": "call_change", "CallHandover": "call_handover", "Call": "call"}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)
    for table, columns in TABLES.items():
        if table != "Call":
            manager.add_table(class_name=table, tablename=NAMES[table], schema=None, columns=None)
        for name, kind, params in columns:
            manager.add_column(
                table_class_name=table,
                tablename=NAMES[table],
                column_name=name,
                db_column_name=name,
                column_class_name=kind.__name__,
                column_class=kind,
                params={**PLAIN, **params},
                schema=None,
            )
    manager.add_constraint(
        table_class_name="CallVersion",
        tablename="call_version",
        constraint_name="call_version_once",
        constraint_class=Unique,
        params={"columns": ["call", "number"], "nulls_distinct": True},
        schema=None,
    )
    manager.add_constraint(
        table_class_name="Call",
        tablename="call",
        constraint_name="call_procedure_kind_is_known",
        constraint_class=Check,
        params={"condition": "procedure_kind IN ('competition', 'interest', 'two_stage')"},
        schema=None,
    )
    return manager
