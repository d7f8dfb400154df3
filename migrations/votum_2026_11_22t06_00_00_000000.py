"""What a column definition cannot say: records that never change, and the indexes of hot questions."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-22T06:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "records that never change"

STATEMENTS = [
    "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '')",
    "CREATE SEQUENCE receipt_number",
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% rows never change', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE FUNCTION refuse_change_but_erase_detail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.detail IS NULL
           AND (to_jsonb(NEW) - 'detail') = (to_jsonb(OLD) - 'detail') THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'audit_entry rows never change' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER audit_entry_stands BEFORE UPDATE OR DELETE ON audit_entry"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erase_detail()",
    "CREATE TRIGGER audit_entry_is_kept BEFORE TRUNCATE ON audit_entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    *(
        f"CREATE TRIGGER {table}_stands BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        for table in ("frozen_ranking", "submission", "rating_scheme", "result_publication")
    ),
    "CREATE INDEX audit_entry_call_seq ON audit_entry (call, seq) WHERE action <> 'score.saved'",
    "CREATE INDEX mail_due ON mail (due_at) WHERE sent_at IS NULL AND NOT held",
    "CREATE UNIQUE INDEX review_current ON review (assignment) WHERE reopened_at IS NULL",
    "CREATE UNIQUE INDEX committee_has_one_chair ON member (committee) WHERE role = 'chair'",
]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)

    async def run() -> None:
        from app.database import DB

        for statement in STATEMENTS:
            await DB.run_ddl(statement)

    manager.add_raw(run)
    return manager
