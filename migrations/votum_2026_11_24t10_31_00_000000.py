"""Every authority has a chain of the audit trail, which goes on from where the first one stood when it was opened."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T10:31:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "chains of authorities"

STATEMENTS = [
    "SELECT setval(pg_get_serial_sequence('audit_head', 'id'), 1)",
    "CREATE SEQUENCE audit_entry_seq",
    "SELECT setval('audit_entry_seq', greatest(1, max(seq)), max(seq) IS NOT NULL) FROM audit_entry",
    "CREATE UNIQUE INDEX audit_entry_chain ON audit_entry (chain, seq)",
    "DROP INDEX audit_entry_call_seq",
    """
    CREATE FUNCTION open_chain() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO audit_head (authority, seq, hash) SELECT NEW.id, 0, hash FROM audit_head WHERE id = 1;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER authority_has_a_chain AFTER INSERT ON authority FOR EACH ROW EXECUTE FUNCTION open_chain()",
    "INSERT INTO audit_head (authority, seq, hash)"
    " SELECT a.id, 0, h.hash FROM authority a JOIN audit_head h ON h.id = 1 ORDER BY a.id",
]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)

    async def run() -> None:
        from app.database import DB

        for statement in STATEMENTS:
            await DB.run_ddl(statement)

    manager.add_raw(run)
    return manager
