"""A chain of the audit trail for every authority, and how often what kept lists rest on has changed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, ForeignKey, Integer, OnDelete, OnUpdate, Varchar
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table

ID = "2026-11-24T10:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "audit_head.authority, audit_entry.chain, touched"

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
    """What audit_head.authority names."""


OF_AUTHORITY = {
    "references": Authority,
    "on_delete": OnDelete.restrict,
    "on_update": OnUpdate.cascade,
    "target_column": None,
    "null": True,
    "unique": True,
}
COLUMNS = [
    ("Touched", "touched", "what", Varchar, {"length": 40, "default": "", "primary_key": True}),
    ("Touched", "touched", "number", BigInt, {"default": 0}),
    ("AuditHead", "audit_head", "authority", ForeignKey, OF_AUTHORITY),
    ("AuditEntry", "audit_entry", "chain", Integer, {"default": 1}),
]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)
    manager.drop_constraint(
        table_class_name="AuditHead", tablename="audit_head", constraint_name="audit_head_is_alone", schema=None
    )
    manager.add_table(class_name="Touched", tablename="touched", schema=None, columns=None)
    for class_name, table, name, kind, params in COLUMNS:
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
    return manager
