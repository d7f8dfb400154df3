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
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app import database
from app.commands import PROJECT, catalogue
from app.database import write_transaction
from app.domain import audit, competitions, demo, mails
from tests.conftest import administer, of
from tests.domain.tampering import tampered
from tests.world import Votum

TEXT = competitions.EXAMPLE.read_text()
SCHEMES = sorted((competitions.EXAMPLE.parent / "schemes").glob("*.yaml"))


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


async def votum_command(*words: str | Path, dsn: str = "", **environment: str) -> Answer:
    """Run the command in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *map(str, words)),
        env={**os.environ, "DATABASE_URL": dsn, "PYTHONPATH": str(PROJECT), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return Answer(process.returncode, out.decode(), err.decode())


def a_sentence(answer: Answer) -> str:
    """What was refused, in words and with exit code 1."""
    assert answer.code == 1, answer
    assert answer.err.startswith("votum: ")
    assert "Traceback" not in answer.err
    return answer.err.removeprefix("votum: ").strip()


@pytest.fixture
async def fresh(server: str, prefix: str) -> AsyncIterator[str]:
    """The address of a database without any table."""
    name = f"{prefix}_fresh"
    await administer(server, f'CREATE DATABASE "{name}"')
    yield of(server, name)
    await administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


# Competitions


async def test_load_prints_the_key_of_the_call_and_only_once(votum: Votum) -> None:
    answer = await votum_command("load", competitions.EXAMPLE, dsn=votum.dsn)
    assert (answer.code, answer.out, answer.err) == (0, "aufruf-2017\n", "")
    again = a_sentence(await votum_command("load", competitions.EXAMPLE, dsn=votum.dsn))
    assert "call.key: there is already a call aufruf-2017" in again
    answer = await votum_command(
        "load", competitions.EXAMPLE, "--now-in", "rating", "--password", "kurz", dsn=votum.dsn, VOTUM_DEMO="1"
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
        await votum_command("load", competitions.EXAMPLE, "--password", "x", dsn=votum.dsn, VOTUM_DEMO="")
    )
    assert "VOTUM_DEMO=1" in said


async def test_the_demo_fills_an_empty_database_once(votum: Votum) -> None:
    answer = await votum_command("demo", dsn=votum.dsn, VOTUM_DEMO="1")
    assert answer.err == "loaded aufruf-2017\nloaded aufruf-2017-open\nloaded aufruf-2017-rating\n"
    assert (await votum_command("demo", dsn=votum.dsn, VOTUM_DEMO="1")).err == ""
    from app.domain import people

    assert await people.authenticated("m3@example.org", demo.PASSWORD)
    assert [row["email"] for row in await demo.sign_ins()][:2] == ["koordination@example.org", "m1@example.org"]


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


async def test_appoint_makes_the_first_administrator(votum: Votum) -> None:
    answer = await votum_command("appoint", "Cleo@Example.org", "Landkreis Beispiel", dsn=votum.dsn)
    assert (answer.code, answer.out.splitlines()[0]) == (
        0,
        "Cleo@Example.org administers the calls of Landkreis Beispiel.",
    )
    found = await database.row(
        "SELECT p.email, p.email_confirmed_at, a.name FROM administration x JOIN person p ON p.id = x.person"
        " JOIN authority a ON a.id = x.authority"
    )
    assert (found["email"], found["name"]) == ("cleo@example.org", "Landkreis Beispiel")
    again = await votum_command("appoint", "cleo@example.org", "Landkreis Beispiel", dsn=votum.dsn)
    assert again.code == 0
    assert await database.value("SELECT count(*) FROM administration") == 1
    assert "e-mail address" in a_sentence(await votum_command("appoint", "cleo", "Landkreis Beispiel", dsn=votum.dsn))
    assert "at most 200" in a_sentence(await votum_command("appoint", "cleo@example.org", " ", dsn=votum.dsn))


# Auditors


async def test_check_says_ok_or_names_what_is_broken(auental: Votum) -> None:
    answer = await votum_command("check", dsn=auental.dsn)
    assert (answer.code, answer.out) == (0, "ok: 22 invariants hold\n")
    await tampered(
        "UPDATE proposal SET places = 16 WHERE key = 'P01'; UPDATE recommendation SET start_date = '2018-01-01'"
    )
    assert a_sentence(await votum_command("check", dsn=auental.dsn)).splitlines() == [
        "broken: no recommended project starts before the earliest start of its call: "
        "aufruf-2017/P01, aufruf-2017/P03, aufruf-2017/P02",
        "broken: a submitted proposal still says what was handed in: V-2017-000003",
    ]


async def test_audit_verify_prints_an_anchor_and_checks_earlier_ones(auental: Votum, tmp_path: Path) -> None:
    answer = await votum_command("audit", "verify", dsn=auental.dsn)
    seq, head = await audit.head()
    assert (answer.code, answer.out) == (0, f"ok: {seq} entries\n{seq} {head}\n")
    anchors = tmp_path / "anchors"
    anchors.write_text(f"# kept elsewhere\n\n{seq} {head}\n")
    assert (await votum_command("audit", "verify", "--anchors", anchors, dsn=auental.dsn)).code == 0
    anchors.write_text(f"{seq} {'0' * 64}\n")
    said = a_sentence(await votum_command("audit", "verify", "--anchors", anchors, dsn=auental.dsn))
    assert said == f"The audit trail is broken at entry {seq}: it differs from its anchor."
    anchors.write_text("first come, first served\n")
    said = a_sentence(await votum_command("audit", "verify", "--anchors", anchors, dsn=auental.dsn))
    assert "line 1: expected a number and a hash" in said


async def test_audit_verify_names_the_first_break(auental: Votum) -> None:
    await tampered("UPDATE audit_entry SET action = 'nothing.done' WHERE seq = 77")
    said = a_sentence(await votum_command("audit", "verify", dsn=auental.dsn))
    assert said == "The audit trail is broken at entry 77: it was changed."


async def test_scheme_check_says_ok_for_all_examples_of_the_field() -> None:
    answer = await votum_command("scheme", "check", *SCHEMES)
    lines = answer.out.splitlines()
    assert answer.code == 0, answer
    assert len(lines) == len(SCHEMES) == 13
    assert all(line.startswith("ok ") and line.endswith(" examples") for line in lines)


async def test_scheme_check_reports_a_wrong_expectation_and_an_unreadable_file(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(SCHEMES[0].read_text().replace("expect: {total: 80}", "expect: {total: 81}"))
    answer = await votum_command("scheme", "check", wrong, tmp_path / "absent.yaml", SCHEMES[1])
    assert answer.code == 1
    first, second, third = answer.out.splitlines()
    assert "example 'cheapest'" in first
    assert "absent.yaml: No such file or directory" in second
    assert third.startswith("ok ")


async def exported(auental: Votum, folder: Path) -> tuple[Path, Path, Path]:
    """Scheme, scores and proposals of the demo as files."""
    scheme = folder / "scheme.yaml"
    head, _, rest = TEXT.partition("rating_scheme:\n")
    assert head
    lines = []
    for line in rest.splitlines():
        if not line.startswith(" "):
            break
        lines.append(line.removeprefix("  "))
    scheme.write_text("\n".join(lines))
    scores = folder / "scores.csv"
    await votum_command("export", "aufruf-2017", "scores", "--format", "csv", "--out", scores, dsn=auental.dsn)
    proposals = folder / "proposals.csv"
    rows = await database.rows(
        "SELECT p.key, p.places, p.requested_grant_cents FROM proposal p JOIN formal_decision f ON f.proposal = p.id"
        " WHERE f.admitted ORDER BY p.key"
    )
    with proposals.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["proposal", "places", "grant_requested_cents", "grant_per_place_month"])
        writer.writerows([*row, row["requested_grant_cents"] // 3600 / row["places"]] for row in rows)
    return scheme, scores, proposals


async def test_rank_recomputes_the_demo_without_a_database(auental: Votum, tmp_path: Path) -> None:
    scheme, scores, proposals = await exported(auental, tmp_path)
    out = tmp_path / "ranking.csv"
    files = ("--scheme", scheme, "--scores", scores, "--proposals", proposals, "--out", out)
    answer = await votum_command("rank", *files, "--places", "42", "--budget", "37800000", dsn="postgresql://nowhere/x")
    assert answer.code == 0, answer
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [(row["rank"], row["proposal"], row["total"]) for row in rows][:5] == [
        ("1", "P01", "86.17"),
        ("2", "P03", "83.00"),
        ("3", "P02", "78.86"),
        ("4", "P07", "77.00"),
        ("5", "P04", "77.00"),
    ]
    assert [row["proposal"] for row in rows if row["status"] == "recommended"] == ["P01", "P03", "P02"]
    assert {row["proposal"]: row["failed"] for row in rows if row["failed"]} == {"P09": "k2", "P10": "total"}
    first = out.read_bytes()
    skip = await votum_command("rank", *files, "--places", "49", "--fill", "skip")
    assert skip.code == 0
    assert out.read_bytes() != first


@pytest.mark.parametrize(
    ("scores", "problem"),
    [
        (b"proposal,reviewer,criterion,value\nP01,M1,k1,7\n", "7 is not a mark of k1"),
        (b"proposal,reviewer,criterion,value\nP01,M1,k9,4\n", "k9"),
        (b"proposal,reviewer,criterion,value\nP01,M1,k1,4\nP01,M1,k1,4\n", "P01"),
        (b"proposal,reviewer,value\nP01,M1,4\n", "criterion"),
        (b"proposal,reviewer,criterion,value\nP01,M1,k1\n", "line 2: expected 4 fields, found 3"),
        (b"\xff\xff", "is not CSV in UTF-8"),
        (b"", "is empty"),
    ],
)
async def test_rank_refuses_bad_scores(tmp_path: Path, scores: bytes, problem: str) -> None:
    bad = tmp_path / "scores.csv"
    bad.write_bytes(scores)
    scheme = tmp_path / "scheme.yaml"
    scheme.write_text(
        "schema: rating-scheme/1\nkey: small\ntitle_de: Klein\n"
        "criteria: [{key: k1, type: scale, scale: {min: 0, max: 5, step: 1}}]\n"
    )
    answer = await votum_command("rank", "--scheme", scheme, "--scores", bad, "--out", tmp_path / "out.csv")
    assert problem in a_sentence(answer)
    assert not (tmp_path / "out.csv").exists()


async def test_rank_reads_what_export_writes(auental: Votum, tmp_path: Path) -> None:
    """Comments of several lines and text that a spreadsheet would take for a formula are only text."""
    await database.rows("UPDATE score SET comment = E'=one\n\"two\", three' WHERE comment <> ''")
    scheme, scores, proposals = await exported(auental, tmp_path)
    files = ("--scheme", scheme, "--scores", scores, "--proposals", proposals, "--out", tmp_path / "out.csv")
    answer = await votum_command("rank", *files)
    assert answer.code == 0, answer


# Running and keeping


async def test_migrate_may_be_started_several_times_at_once(fresh: str) -> None:
    answers = await asyncio.gather(*(votum_command("migrate", dsn=fresh) for _ in range(3)))
    assert [answer.code for answer in answers] == [0, 0, 0]
    assert (await votum_command("check", dsn=fresh)).code == 0


async def test_commands_on_an_unmigrated_database_say_what_to_do(fresh: str) -> None:
    for words in (("check",), ("load", competitions.EXAMPLE), ("audit", "verify")):
        assert "votum migrate" in a_sentence(await votum_command(*words, dsn=fresh))


async def test_a_database_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    nowhere = f"postgresql://votum@/votum?host={tmp_path}"
    for words in (("check",), ("backup", "--out", tmp_path / "x"), ("serve", "--port", "0")):
        assert a_sentence(await votum_command(*words, dsn=nowhere))


async def test_backup_and_restore_by_command(auental: Votum, fresh: str, tmp_path: Path) -> None:
    file = tmp_path / "votum.zip"
    made = await votum_command("backup", "--out", file, dsn=auental.dsn)
    seq, head = await audit.head()
    assert made.code == 0, made
    assert f"audit trail up to {seq} {head}" in made.out
    drill = await votum_command("restore", file, "--drill", dsn=auental.dsn)
    assert (drill.code, "restored and checked in" in drill.out) == (0, True)
    assert (await votum_command("restore", file, dsn=fresh)).code == 0
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


async def test_the_worker_sends_what_is_due_and_ends_in_order(votum: Votum) -> None:
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
        await mails.write("bo@example.org", "Receipt", "It has arrived.")
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
        process.send_signal(signal.SIGINT)
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
    assert (await votum_command("check", VOTUM_DATA=data)).out == "ok: 22 invariants hold\n"
    cluster = os.listdir(f"{data}/postgres/cluster")
    assert ("PG_VERSION" in cluster, "postmaster.pid" in cluster) == (True, False)


# The catalogue


def project(folder: Path, template: str = "<p>{{ _('Hello') }}</p>") -> Path:
    """A small project with some messages."""
    (folder / "app").mkdir()
    (folder / "templates").mkdir()
    (folder / "app" / "words.py").write_text(
        "_('One sentence')\nngettext('%(n)s mark', '%(n)s marks', 2)\nlater('Later')\n"
    )
    (folder / "templates" / "page.html").write_text(template)
    return folder


def test_every_kind_of_message_is_found(tmp_path: Path) -> None:
    template = "{{ _('Hello') }} {% trans count=n %}One{% pluralize %}{{ count }} things{% endtrans %}"
    found = catalogue.messages(project(tmp_path, template))
    assert {message.id for message in catalogue.each(found)} == {
        "One sentence",
        ("%(n)s mark", "%(n)s marks"),
        "Later",
        "Hello",
        ("One", "%(count)s things"),
    }


def po(text: str, folder: Path) -> Path:
    path = folder / "votum.po"
    path.write_text(catalogue.HEADER + text)
    return path


COMPLETE = """
msgid "%(n)s mark"
msgid_plural "%(n)s marks"
msgstr[0] "%(n)s Note"
msgstr[1] "%(n)s Noten"

msgid "Hello"
msgstr "Guten Tag"

msgid "Later"
msgstr "Später"

msgid "One sentence"
msgstr "Ein Satz"
"""


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("", ""), None),
        (('msgstr "Guten Tag"', 'msgstr ""'), "missing: 'Hello'"),
        (('"%(n)s Noten"', '""'), "missing: '%(n)s mark'"),
        (('msgid "Hello"', '#, fuzzy\nmsgid "Hello"'), "unsure (fuzzy): 'Hello'"),
        (('msgid "Later"\nmsgstr "Später"', ""), "missing: 'Later'"),
        (('msgid "Later"', 'msgid "Old"\nmsgstr "Alt"\n\nmsgid "Later"'), "no longer needed: 'Old'"),
        (('"%(n)s Noten"', '"%(m)s Noten"'), "wrong: '%(n)s mark'"),
    ],
)
def test_the_catalogue_must_be_complete(tmp_path: Path, change: tuple[str, str], fault: str | None) -> None:
    known = catalogue.read(po(COMPLETE.replace(*change), tmp_path))
    faults = list(catalogue.differences(catalogue.messages(project(tmp_path)), known))
    assert len(faults) == (fault is not None), faults
    assert all(found.startswith(str(fault)) for found in faults)


def test_an_update_keeps_translations_in_order_without_places(tmp_path: Path) -> None:
    found = catalogue.messages(project(tmp_path))
    known = catalogue.read(
        po(COMPLETE.replace('msgid "Later"\nmsgstr "Später"', 'msgid "Old"\nmsgstr "Alt"'), tmp_path)
    )
    text = catalogue.updated(found, known).decode()
    (tmp_path / "votum.po").write_text(text)
    assert list(catalogue.differences(found, catalogue.read(tmp_path / "votum.po"))) == ["missing: 'Later'"]
    assert 'msgid "Hello"\nmsgstr "Guten Tag"' in text
    assert "Old" not in text
    assert "words.py" not in text
    assert text.index("%(n)s mark") < text.index("Hello") < text.index("Later") < text.index("One sentence")
    assert catalogue.updated(found, catalogue.read(tmp_path / "votum.po")).decode() == text
