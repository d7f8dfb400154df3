"""Backup and restore: one moment of a busy database, back whole or not at all, and safe to go on with."""

import asyncio
import json
import os
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from app import clock, database
from app.database import write_transaction
from app.domain import people
from app.identity import sessions
from app.operations import backup
from app.operations.backup import BackupError
from app.records import audit, mails
from app.records.mails import sending
from tests.conftest import administer, of
from tests.domain.tampering import tampered
from tests.world import Votum

Restoring = Callable[[Path], Awaitable[list[str]]]


@pytest.fixture
async def elsewhere(server: str, prefix: str) -> AsyncIterator[str]:
    """The address of an empty database."""
    name = f"{prefix}_elsewhere"
    await administer(server, f'CREATE DATABASE "{name}"')
    yield of(server, name)
    await administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def restoring(elsewhere: str) -> AsyncIterator[Restoring]:
    """Restore a file elsewhere and go on there."""

    async def restore(file: Path) -> list[str]:
        await database.close_pool()
        try:
            return await backup.restore(elsewhere, file)
        finally:
            database.connect_to(elsewhere)
            await database.open_pool(least=1)

    yield restore
    await database.close_pool()


async def test_everything_comes_back(auental: Votum, restoring: Restoring, tmp_path: Path) -> None:
    file = tmp_path / "votum.zip"
    manifest = await backup.backup(auental.dsn, file)
    scores = await database.rows("SELECT * FROM score ORDER BY id")
    assert await restoring(file) == []
    assert await database.rows("SELECT * FROM score ORDER BY id") == scores
    assert manifest["rows"]["proposal"] == 14
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["votum.zip"]


async def test_the_trail_goes_on_and_says_that_there_was_a_restore(
    auental: Votum, restoring: Restoring, tmp_path: Path
) -> None:
    manifest = await backup.backup(auental.dsn, tmp_path / "votum.zip")
    await restoring(tmp_path / "votum.zip")
    seq, _ = (await audit.heads())[0]
    assert seq > max(number for number, _ in manifest["audit"]["chains"]) > manifest["audit"]["seq"]
    entry = await database.row("SELECT * FROM audit_entry WHERE seq = $1", seq)
    assert (entry["actor"], entry["action"], entry["previous"]) == (
        "votum restore",
        "backup.restored",
        manifest["audit"]["hash"],
    )


async def test_nobody_stays_signed_in_and_no_mail_goes_out_twice(
    auental: Votum, restoring: Restoring, tmp_path: Path
) -> None:
    ada = await auental.person("m1@example.org")
    await sessions.start_session(ada, "de")
    await people.ask_for_new_password("m1@example.org", at=clock.now())
    async with write_transaction():
        await mails.tell([mails.Recipient("bo@example.org", "de")], lambda: ("Sent", "before"))
        await database.rows("UPDATE mail SET sent_at = $1 WHERE subject = 'Sent'", clock.now())
    await backup.backup(auental.dsn, tmp_path / "votum.zip")
    await restoring(tmp_path / "votum.zip")
    assert await database.value("SELECT count(*) FROM session") == 0
    assert await database.value("SELECT count(*) FROM email_token") == 0
    held = await database.rows("SELECT recipient FROM mail WHERE held")
    assert [row["recipient"] for row in held] == ["m1@example.org"]
    assert not await sending.send_due()


async def test_receipts_go_on_in_a_new_block(auental: Votum, restoring: Restoring, tmp_path: Path) -> None:
    await backup.backup(auental.dsn, tmp_path / "votum.zip")
    await restoring(tmp_path / "votum.zip")
    assert await database.value("SELECT nextval('receipt_number')") == 10_001


async def test_a_backup_under_load_holds_one_moment(votum: Votum, restoring: Restoring, tmp_path: Path) -> None:
    stop = asyncio.Event()

    async def write() -> int:
        number = 0
        while not stop.is_set():
            number += 1
            async with write_transaction():
                await people.create("Bo", f"bo{number}@example.org", at=clock.now())
        return number

    writer = asyncio.create_task(write())
    await asyncio.sleep(0.2)
    manifest = await backup.backup(votum.dsn, tmp_path / "votum.zip")
    stop.set()
    written = await writer
    assert manifest["rows"]["person"] == manifest["rows"]["audit_entry"] == manifest["audit"]["seq"]
    assert 0 < manifest["rows"]["person"] < written
    assert await restoring(tmp_path / "votum.zip") == []


async def test_only_an_empty_place_takes_a_backup(auental: Votum, tmp_path: Path) -> None:
    await backup.backup(auental.dsn, tmp_path / "votum.zip")
    before = (await audit.heads())[0]
    with pytest.raises(BackupError, match="is not empty"):
        await backup.restore(auental.dsn, tmp_path / "votum.zip")
    assert (await audit.heads())[0] == before


def repacked(file: Path, out: Path, **changed: object) -> Path:
    """The same backup with another manifest."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        new.writestr("manifest.json", json.dumps({**manifest, **changed}))
        new.writestr("database.dump", old.read("database.dump"))
    return out


async def test_damaged_and_foreign_files_leave_the_place_empty(auental: Votum, elsewhere: str, tmp_path: Path) -> None:
    file = tmp_path / "votum.zip"
    await backup.backup(auental.dsn, file)
    whole = file.read_bytes()
    bad = {
        "cut.zip": whole[: len(whole) // 2],
        "words.zip": b"not a backup",
        "empty.zip": b"",
        "bit.zip": whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BackupError, match=r"damaged|no backup"):
            await backup.restore(elsewhere, tmp_path / name)
    with pytest.raises(BackupError, match="fingerprint"):
        await backup.restore(elsewhere, repacked(file, tmp_path / "a.zip", files={"database.dump": "0" * 64}))
    with pytest.raises(BackupError, match="newer Votum"):
        await backup.restore(elsewhere, repacked(file, tmp_path / "b.zip", migrations=["2099-01-01T00:00:00:000000"]))
    with pytest.raises(BackupError, match="expected votum-backup/1"):
        await backup.restore(elsewhere, repacked(file, tmp_path / "c.zip", schema="votum-backup/9"))
    connection = await asyncpg.connect(elsewhere)
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.close()


async def test_a_restore_says_what_is_not_as_the_manifest_says(
    auental: Votum, restoring: Restoring, tmp_path: Path
) -> None:
    manifest = await backup.backup(auental.dsn, tmp_path / "votum.zip")
    rows, head = {**manifest["rows"], "proposal": 15}, {**manifest["audit"], "hash": "0" * 64}
    faults = await restoring(repacked(tmp_path / "votum.zip", tmp_path / "changed.zip", rows=rows, audit=head))
    assert faults == [
        "proposal has 14 rows, the manifest says 15",
        "the audit trail does not end where the manifest says",
    ]


async def test_a_restore_says_which_invariant_was_broken_before(
    auental: Votum, restoring: Restoring, tmp_path: Path
) -> None:
    await tampered("UPDATE proposal SET places = 16 WHERE key = 'P01'")
    await backup.backup(auental.dsn, tmp_path / "votum.zip")
    [line] = await restoring(tmp_path / "votum.zip")
    assert line == "broken: a submitted proposal still says what was handed in: V-2017-000003"


async def test_a_drill_checks_and_leaves_nothing(auental: Votum, tmp_path: Path) -> None:
    await backup.backup(auental.dsn, tmp_path / "votum.zip")
    await database.close_pool()
    try:
        broken, took = await backup.drill(auental.dsn, tmp_path / "votum.zip")
    finally:
        database.connect_to(auental.dsn)
        await database.open_pool(least=1)
    assert broken == []
    assert took.total_seconds() > 0
    assert await database.value("SELECT count(*) FROM pg_database WHERE datname LIKE 'votum_drill%'") == 0


async def test_an_empty_server_has_nothing_to_back_up(elsewhere: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing to back up"):
        await backup.backup(elsewhere, tmp_path / "votum.zip")
    assert os.listdir(tmp_path) == []


async def test_a_backup_replaces_an_older_file_only_when_it_is_whole(elsewhere: str, tmp_path: Path) -> None:
    file = tmp_path / "votum.zip"
    file.write_bytes(b"the older one")
    with pytest.raises(BackupError):
        await backup.backup(elsewhere, file)
    assert file.read_bytes() == b"the older one"
