"""Forms while they are being written."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import ForeignKey, Integer, OnDelete, OnUpdate, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table

ID = "2026-11-24T14:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "form_draft"

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


class Authority(Table, tablename="authority"):
    """What form_draft.authority names."""


class Call(Table, tablename="call"):
    """What form_draft.call names."""


class Person(Table, tablename="person"):
    """What form_draft.saved_by names."""


def naming(table: type[Table]) -> dict[str, object]:
    return {
        "references": table,
        "on_delete": OnDelete.restrict,
        "on_update": OnUpdate.cascade,
        "target_column": None,
    }


COLUMNS = [
    ("authority", ForeignKey, {**naming(Authority), "index": True}),
    ("call", ForeignKey, {**naming(Call), "null": True, "index": True}),
    ("document", Text, {"default": ""}),
    ("offered", Text, {"default": None, "null": True}),
    ("version", Integer, {"default": 1}),
    ("saved_by", ForeignKey, {**naming(Person), "null": True}),
    ("saved_at", Timestamptz, {"default": TimestamptzNow()}),
]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)
    manager.add_table(class_name="FormDraft", tablename="form_draft", schema=None, columns=None)
    for name, kind, params in COLUMNS:
        manager.add_column(
            table_class_name="FormDraft",
            tablename="form_draft",
            column_name=name,
            db_column_name=name,
            column_class_name=kind.__name__,
            column_class=kind,
            params={**PLAIN, **params},
            schema=None,
        )
    return manager
