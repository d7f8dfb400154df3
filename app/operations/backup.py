"""Backup and restore: the whole database in one file, with what is needed to prove that nothing is missing.

The file is a zip of `database.dump` (pg_dump, custom format) and `manifest.json`: version, migrations, rows of every
table, the head of the audit trail, and the dump's SHA-256, all of one moment, however busy the database is.
"""

import asyncio
import json
import os
import re
import secrets
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from hashlib import file_digest
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from app import clock, database
from app.database import write_transaction
from app.operations import invariants
from app.records import audit, events
from app.tables import TABLES

SCHEMA = "votum-backup/1"
ACTOR = "votum restore"
DUMP, MANIFEST = "database.dump", "manifest.json"
WITHOUT_JOBS = "--exclude-table-data=pgqueuer*"  # what was asked for then is not to be done when it comes back
COUNT = 'SELECT count(*) FROM "{}"'
PSQL = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction")
SETTING = re.compile(rb"SET (\w+) = [^;]*;$")
AFTERWARDS = (
    "DELETE FROM session",
    "DELETE FROM email_token",
    "UPDATE invitation SET expires_at = now() WHERE accepted_at IS NULL AND expires_at > now()",
    "UPDATE appointment SET expires_at = now() WHERE accepted_at IS NULL AND expires_at > now()",
    "UPDATE mail SET held = true WHERE sent_at IS NULL",
    "SELECT setval('receipt_number', (last_value / 10000 + 1) * 10000) FROM receipt_number",
)


class BackupError(Exception):
    """A backup cannot be made or restored; the message says why."""


async def backup(dsn: str, out: Path) -> Mapping[str, Any]:
    """Write a backup of the database at an address and return its manifest; a file that is there is replaced at last.

    Taken under load it holds one moment: the dump, the row counts and the audit head are read from one snapshot.
    """
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".votum-backup-") as folder:
        dump = Path(folder) / DUMP
        manifest = await _dumped(dsn, dump)
        packed = Path(folder) / "packed"
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr(MANIFEST, json.dumps(manifest, indent=1))
            file.write(dump, DUMP)
        packed.chmod(0o600)
        packed.replace(out)
    return manifest


async def restore(dsn: str, file: Path) -> list[str]:
    """Restore a backup into an empty database; returns what does not hold in it, nothing if all is well.

    Sessions, mailed links and open invitations end, unsent mails are held, receipts go on in a new block of numbers,
    and the audit trail says so. Raises BackupError for a damaged file, a newer one, or a database that is not empty;
    then nothing was written.
    """
    with tempfile.TemporaryDirectory(prefix="votum-restore-") as folder:
        manifest = await asyncio.to_thread(_unpacked, file, Path(folder))
        await _refuse_filled(dsn)
        await _filled(dsn, Path(folder))
    database.connect_to(dsn)
    await database.open_pool(least=1)
    try:
        return await _settled(manifest)
    finally:
        await database.close_pool()


async def drill(dsn: str, file: Path) -> tuple[list[str], timedelta]:
    """Restore into a scratch database on the same server, check and drop it: what does not hold, how long it took."""
    begun = clock.now()
    name = f"votum_drill_{secrets.token_hex(6)}"
    server = await asyncpg.connect(dsn)
    try:
        await server.execute(f'CREATE DATABASE "{name}"')
        try:
            return await restore(urlunsplit(urlsplit(dsn)._replace(path=f"/{name}")), file), clock.now() - begun
        finally:
            await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()


# Taking


async def _dumped(dsn: str, dump: Path) -> dict[str, Any]:
    """Dump one snapshot and describe it."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if await connection.fetchval("SELECT to_regclass('audit_head')") is None:
                raise BackupError(
                    "There is nothing to back up: the database holds no Votum. Run `votum migrate` first."
                )
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            await _run("pg_dump", dsn, "--format=custom", WITHOUT_JOBS, f"--snapshot={snapshot}", f"--file={dump}")
            return await _described(connection, dump)
    finally:
        await connection.close()


async def _described(connection: "asyncpg.Connection[asyncpg.Record]", dump: Path) -> dict[str, Any]:
    (seq, fingerprint), *others = await connection.fetch(audit.HEADS)
    migrations = await connection.fetch("SELECT name FROM migration ORDER BY name")
    return {
        "schema": SCHEMA,
        "version": _version(),
        "made_at": clock.now().isoformat(timespec="seconds"),
        "migrations": [row["name"] for row in migrations],
        "rows": await _counted(connection),
        "audit": {"seq": seq, "hash": fingerprint, "chains": [tuple(head) for head in others]},
        "files": {DUMP: await asyncio.to_thread(_fingerprint, dump)},
    }


async def _counted(connection: Any) -> dict[str, int]:
    """The number of rows of every table; before the migration not all of them are there."""
    names = [table._meta.tablename for table in TABLES]
    there = await connection.fetch(
        "SELECT name FROM unnest($1::text[]) name WHERE to_regclass(quote_ident(name)) IS NOT NULL", names
    )
    return {row["name"]: await connection.fetchval(COUNT.format(row["name"])) for row in there}


def _fingerprint(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def _version() -> str:
    with suppress(PackageNotFoundError):
        return version("votum")
    return "0.1.0"


# Bringing back


def _unpacked(file: Path, folder: Path) -> dict[str, Any]:
    """The manifest; the dump lies in the folder, with the fingerprint that the manifest says."""
    try:
        with zipfile.ZipFile(file) as packed:
            manifest = json.loads(packed.read(MANIFEST))
            packed.extract(DUMP, folder)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, zlib.error) as error:
        raise BackupError(f"{file} is no backup of Votum, or it is damaged: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise BackupError(f"{file} is no backup that this Votum can read; expected {SCHEMA}.")
    if _fingerprint(folder / DUMP) != manifest["files"][DUMP]:
        raise BackupError(f"{file} is damaged: the dump does not have the fingerprint of its manifest.")
    known = {found.stem for found in database.MIGRATIONS.glob("votum_*.py")}
    unknown = [name for name in manifest["migrations"] if database.file_name(name) not in known]
    if unknown:
        raise BackupError(f"{file} was made by a newer Votum ({manifest['version']}). Restore it with that one.")
    return manifest


async def _refuse_filled(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    if tables:
        raise BackupError("The database is not empty. A backup is restored into an empty place only.")


async def _filled(dsn: str, folder: Path) -> None:
    """Bring the dump into the database, all of it or nothing, as statements that an older server knows as well."""
    statements, fitting = folder / "all.sql", folder / "fitting.sql"
    await _run("pg_restore", "", "--no-owner", "--no-privileges", f"--file={statements}", str(folder / DUMP))
    known = await _settings_of(dsn)
    await asyncio.to_thread(_write_fitting, statements, fitting, known)
    await _run("psql", dsn, *PSQL, f"--file={fitting}")


async def _settings_of(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return {row["name"] for row in await connection.fetch("SELECT name FROM pg_settings")}
    finally:
        await connection.close()


def _write_fitting(statements: Path, out: Path, known: set[str]) -> None:
    """The same statements; of the settings at their head only those that the server knows."""
    head = True
    with statements.open("rb") as read, out.open("wb") as write:
        for line in read:
            setting = SETTING.match(line) if head else None
            head = head and (setting is not None or not line.startswith((b"CREATE ", b"ALTER ", b"COPY ")))
            if setting is None or setting[1].decode() in known:
                write.write(line)


async def _settled(manifest: Mapping[str, Any]) -> list[str]:
    """Compare with the manifest, bring to the newest form, end what must not go on, and check what must hold."""
    faults = await _missing(manifest)
    await database.migrate()
    async with write_transaction():
        for statement in AFTERWARDS:
            await database.rows(statement)
        detail = {"made_at": manifest["made_at"], "audit": manifest["audit"]}
        await events.happened(ACTOR, "backup.restored", "database:1", detail=detail, at=clock.now())
    return faults + await invariants.broken()


async def _missing(manifest: Mapping[str, Any]) -> list[str]:
    """Where the restored rows are not those of the manifest."""
    assert database.DB.pool is not None
    async with database.DB.pool.acquire() as connection:
        found = await _counted(connection)
    faults = [
        f"{name} has {found.get(name)} rows, the manifest says {count}"
        for name, count in manifest["rows"].items()
        if found.get(name) != count
    ]
    (seq, fingerprint), *others = await audit.heads()
    said = manifest["audit"]
    if (seq, fingerprint) != (said["seq"], said["hash"]) or others != [tuple(head) for head in said.get("chains", ())]:
        faults.append("the audit trail does not end where the manifest says")
    return faults


# PostgreSQL's programs


async def _run(name: str, dsn: str, *options: str) -> None:
    """Run one of PostgreSQL's programs, on a database if one is named.

    A password goes by the environment, where nobody can list it.
    """
    address = urlsplit(dsn)
    environment = {**os.environ, **({"PGPASSWORD": unquote(address.password)} if address.password else {})}
    bare = urlunsplit(address._replace(netloc=address.netloc.replace(f":{address.password}@", "@")))
    where = [f"--dbname={bare}"] if dsn else []
    process = await asyncio.create_subprocess_exec(
        *(_program(name), *where, *options),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        raise BackupError(f"{name} failed: {said.decode(errors='replace').strip()}")


def _program(name: str) -> str:
    """PostgreSQL's program of this name: ours, else the system's."""
    from app import embedded  # optional: an installation with a database of its own has none

    try:
        return str(embedded.binary(name))
    except embedded.EmbeddedServerError:
        found = shutil.which(name)
    if found is None:
        raise BackupError(f"{name} is missing. Install the client programs of PostgreSQL.")
    return found
