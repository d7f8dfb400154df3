"""The `votum` command: what it prints, with which exit code, and that every refusal is a sentence."""

import asyncio
import csv
import io
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from app import competition_files, database
from app.commands import PROJECT
from app.database import write_transaction
from app.operations import demo
from app.records import audit, mails
from tests import world
from tests.conftest import administer, of
from tests.domain.commands import a_sentence, votum_command
from tests.world import Votum, mailed_link

TEXT = competition_files.EXAMPLE.read_text()


@pytest.fixture
async def fresh(server: str, prefix: str) -> AsyncIterator[str]:
    """The address of a database without any table."""
    name = f"{prefix}_fresh"
    await administer(server, f'CREATE DATABASE "{name}"')
    yield of(server, name)
    await administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


# Competitions


async def test_load_prints_the_key_of_the_call_and_only_once(votum: Votum) -> None:
    answer = await votum_command("load", competition_files.EXAMPLE, dsn=votum.dsn)
    assert (answer.code, answer.out, answer.err) == (0, "aufruf-2017\n", "")
    again = a_sentence(await votum_command("load", competition_files.EXAMPLE, dsn=votum.dsn))
    assert "call.key: there is already a call aufruf-2017" in again
    answer = await votum_command(
        "load", competition_files.EXAMPLE, "--now-in", "rating", "--password", "kurz", dsn=votum.dsn, VOTUM_DEMO="1"
    )
    assert (answer.code, answer.out) == (0, "aufruf-2017-rating\n")


async def test_load_refuses_a_bad_file_with_every_place(votum: Votum, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        TEXT.replace("M2: [5, 5, 5, 5, 4]", "M2: [5, 7, 5, 5, 4]").replace("  places: 13\n", "  place: 13\n")
    )
    said = a_sentence(await votum_command("load", bad, dsn=votum.dsn)).splitlines()
    assert said == [
        f"{bad} is not loaded.",
        "proposals[0].ratings.M2[1]: 7 is not a mark of k2: 0 to 5 in steps of 1",
        "proposals[2].place: unknown key",
        "proposals[2].ratings.M2[1]: 7 is not a mark of k2: 0 to 5 in steps of 1",
    ]
    assert await database.value("SELECT count(*) FROM audit_entry") == 0


async def test_load_refuses_fifty_megabytes_without_reading_them(votum: Votum, tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(50_000_000)
    assert "the file has 50000000 bytes" in a_sentence(await votum_command("load", large, dsn=votum.dsn))


async def test_load_gives_one_password_in_the_demo_only(votum: Votum) -> None:
    said = a_sentence(
        await votum_command("load", competition_files.EXAMPLE, "--password", "x", dsn=votum.dsn, VOTUM_DEMO="")
    )
    assert "VOTUM_DEMO=1" in said


async def test_the_demo_fills_an_empty_database_once(votum: Votum) -> None:
    answer = await votum_command("demo", dsn=votum.dsn, VOTUM_DEMO="1")
    assert answer.err == "loaded aufruf-2017\nloaded aufruf-2017-open\nloaded aufruf-2017-rating\n"
    assert (await votum_command("demo", dsn=votum.dsn, VOTUM_DEMO="1")).err == ""
    from app.domain import people

    assert await people.authenticated("m3@example.org", demo.PASSWORD)
    assert [row.email for row in await demo.sign_ins()][:2] == ["koordination@example.org", "vertretung@example.org"]


async def test_a_demo_that_was_interrupted_is_completed(auental: Votum) -> None:
    assert await demo.load() == ["aufruf-2017-open", "aufruf-2017-rating"]


async def test_the_demo_leaves_other_data_alone(votum: Votum) -> None:
    await votum.person("ada@example.org")
    assert await demo.load() == []
    assert await database.value("SELECT count(*) FROM call") == 0


async def test_export_writes_the_decision_list(auental: Votum, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    answer = await votum_command(
        "export", "aufruf-2017", "decision-list", "--format", "csv", "--out", out, dsn=auental.dsn
    )
    assert answer.code == 0, answer
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [row["proposal"] for row in rows if row["status"] == "recommended"] == ["P01", "P03", "P02"]
    assert rows[0]["total"] == "86.17"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("aufruf-1999", "decision-list", "--format", "csv"), "There is no call aufruf-1999"),
        (("aufruf-2017", "secrets", "--format", "csv"), "secrets"),
        (("aufruf-2017", "decision-list", "--format", "exe"), "decision-list"),
    ],
)
async def test_export_refuses_what_there_is_not(
    auental: Votum, tmp_path: Path, words: tuple[str, ...], problem: str
) -> None:
    answer = await votum_command("export", *words, "--out", tmp_path / "out", dsn=auental.dsn)
    assert problem in a_sentence(answer)
    assert os.listdir(tmp_path) == []


async def test_appoint_makes_the_first_administrator_who_registers_no_organisation(votum: Votum) -> None:
    answer = await votum_command("appoint", "Cleo@Example.org", "Landkreis Beispiel", "--name", "Cleo", dsn=votum.dsn)
    said = answer.out.splitlines()
    assert (answer.code, said[0]) == (0, "Cleo@Example.org administers the calls of Landkreis Beispiel.")
    found = await database.row(
        "SELECT p.email, p.name AS person, a.name, x.by FROM administration x JOIN person p ON p.id = x.person"
        " JOIN authority a ON a.id = x.authority"
    )
    assert tuple(found) == ("cleo@example.org", "Cleo", "Landkreis Beispiel", None)
    link = urlsplit(said[-1]).path
    assert link == await mailed_link("cleo@example.org")
    browser = await votum.stranger()
    desk = await browser.send_form(link, password="Ein guter Satz ist lang genug.")
    assert (desk.url.path, "Landkreis Beispiel" in world.words(desk)) == ("/desk", True)
    assert (
        await (await votum.stranger()).send_form(link, password="Noch ein guter Satz, lang genug.")
    ).status_code == 404
    again = await votum_command("appoint", "cleo@example.org", "Landkreis Beispiel", dsn=votum.dsn)
    assert (again.code, len(again.out.splitlines())) == (0, 1)  # she has a password
    assert await database.value("SELECT count(*) FROM administration") == 1
    assert await database.value("SELECT count(*) FROM membership") == 0
    assert "e-mail address" in a_sentence(await votum_command("appoint", "cleo", "Landkreis Beispiel", dsn=votum.dsn))
    assert "at most 200" in a_sentence(await votum_command("appoint", "cleo@example.org", " ", dsn=votum.dsn))


async def test_appoint_makes_the_first_administrator_of_the_installation(votum: Votum) -> None:
    answer = await votum_command("appoint", "ivo@example.org", "--installation", dsn=votum.dsn)
    assert (answer.code, answer.out.splitlines()[0]) == (0, "ivo@example.org administers this installation.")
    found = await database.rows("SELECT authority, since FROM administration")
    assert [row["authority"] for row in found] == [None]
    for named in ((), ("Landkreis Beispiel", "--installation")):
        wrong = await votum_command("appoint", "ivo@example.org", *named, dsn=votum.dsn)
        assert "either an authority or --installation" in a_sentence(wrong)


# Running and keeping


async def test_migrate_may_be_started_several_times_at_once(fresh: str) -> None:
    answers = await asyncio.gather(*(votum_command("migrate", dsn=fresh) for _ in range(3)))
    assert [answer.code for answer in answers] == [0, 0, 0]
    assert (await votum_command("check", dsn=fresh)).code == 0


async def test_commands_on_an_unmigrated_database_say_what_to_do(fresh: str) -> None:
    for words in (("check",), ("load", competition_files.EXAMPLE), ("audit", "verify")):
        assert "votum migrate" in a_sentence(await votum_command(*words, dsn=fresh))


async def test_a_database_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    nowhere = f"postgresql://votum@/votum?host={tmp_path}"
    for words in (("check",), ("backup", "--out", tmp_path / "x"), ("serve", "--port", "0")):
        assert a_sentence(await votum_command(*words, dsn=nowhere))


async def test_backup_and_restore_by_command(auental: Votum, fresh: str, tmp_path: Path) -> None:
    file = tmp_path / "votum.zip"
    made = await votum_command("backup", "--out", file, dsn=auental.dsn)
    seq, head = (await audit.heads())[0]
    assert made.code == 0, made
    assert f"audit trail up to {seq} {head}" in made.out
    drill = await votum_command("restore", file, "--drill", dsn=auental.dsn)
    assert (drill.code, "restored and checked in" in drill.out) == (0, True)
    restored = await votum_command("restore", file, dsn=fresh)
    assert (restored.code, "see `votum mails list` and `votum mails release`" in restored.out) == (0, True)
    assert "is not empty" in a_sentence(await votum_command("restore", file, dsn=fresh))
    assert (await votum_command("check", dsn=fresh)).code == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_serve_greets_answers_and_ends_in_order(auental: Votum, number: signal.Signals) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "serve", "--port", str(port)),
        env={**os.environ, "DATABASE_URL": auental.dsn, "PYTHONPATH": str(PROJECT), "VOTUM_DEMO": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await answered(f"http://127.0.0.1:{port}/calls/aufruf-2017")
        taken = await votum_command("serve", "--port", str(port), dsn=auental.dsn)
        assert "Choose another PORT" in a_sentence(taken)
    finally:
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), 30)
    assert b"Traceback" not in err
    assert out.decode().splitlines()[0] == f"Votum is served on http://127.0.0.1:{port} (Ctrl-C ends it)"
    assert "koordination@example.org" in out.decode()


async def answered(url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(120):
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.25)
    raise AssertionError(f"{url} does not answer")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_worker_sends_what_is_due_and_ends_in_order(votum: Votum, number: signal.Signals) -> None:
    """A mail server of a few lines takes the mail; nothing of ours stands in."""
    taken: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            taken.append(line.decode().strip())
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                taken.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            writer.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
        writer.close()

    async with write_transaction():
        await mails.tell([mails.Recipient("bo@example.org", "de")], lambda: ("Receipt", "It has arrived."))
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    smtp = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "worker"),
        env={**os.environ, "DATABASE_URL": votum.dsn, "PYTHONPATH": str(PROJECT), "VOTUM_SMTP_URL": smtp},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        for _ in range(120):
            if await database.value("SELECT sent_at FROM mail"):
                break
            await asyncio.sleep(0.25)
    finally:
        process.send_signal(number)
        _, err = await asyncio.wait_for(process.communicate(), 30)
        server.close()
    assert "RCPT TO:<bo@example.org>" in taken
    assert any("Subject: Receipt" in text for text in taken)
    assert (process.returncode, err) == (0, b"")


async def test_serve_refuses_the_demo_on_a_public_address(votum: Votum) -> None:
    said = a_sentence(await votum_command("serve", "--host", "0.0.0.0", dsn=votum.dsn, VOTUM_DEMO="1"))
    assert "VOTUM_DEMO=1 is refused on the address 0.0.0.0" in said


async def test_a_wrong_setting_is_a_sentence() -> None:
    assert "PORT must be a number" in a_sentence(await votum_command("check", PORT="eight"))


@pytest.fixture
def data(server: str) -> Iterator[str]:
    """A folder of its own for an embedded server, where any account gets to."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="votum-test-") as folder:
        Path(folder).chmod(0o755)
        yield folder


async def test_the_embedded_server_ends_with_the_command(data: str) -> None:
    assert (await votum_command("migrate", VOTUM_DATA=data)).code == 0
    assert (await votum_command("check", VOTUM_DATA=data)).out == "ok: 26 invariants hold\n"
    cluster = os.listdir(f"{data}/postgres/cluster")
    assert ("PG_VERSION" in cluster, "postmaster.pid" in cluster) == (True, False)
