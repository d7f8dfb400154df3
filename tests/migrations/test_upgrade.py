"""What version 0.1.0 kept comes through every later migration, and what it said can still be computed and proved.

The folder 0.1.0 holds a backup of its demo, and of the finished call the decision list and the dossier that it exported.
"""

import csv
import io
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from app import database
from app.domain import programmes, rankings
from app.records import audit
from app.domain.calls import CALL, Call
from app.operations import backup, invariants
from app.papers import exports
from app.papers.dossier import verified
from tests.conftest import administer, forget, of
from tests.migrations.test_tables import changes_of_the_queue

OLD = Path(__file__).parent / "0.1.0"


@pytest.fixture
async def upgraded(server: str, prefix: str) -> AsyncIterator[list[str]]:
    """The database of 0.1.0, restored and migrated; what does not hold in it."""
    name = f"{prefix}_upgraded"
    await administer(server, f'CREATE DATABASE "{name}"')
    forget()
    broken = await backup.restore(of(server, name), OLD / "backup.votum")
    database.connect_to(of(server, name))
    await database.open_pool(least=1)
    yield broken
    await database.close_pool()
    await administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def finished() -> Call:
    call = await database.one_of(Call, f"{CALL} WHERE c.key = 'aufruf-2017'")
    assert call is not None
    return call


async def test_an_upgrade_breaks_no_invariant_and_no_link_of_the_trail(upgraded: list[str]) -> None:
    assert upgraded == []
    assert await invariants.broken() == []
    count, broken = await audit.verify()
    assert broken is None
    assert count > 276  # what 0.1.0 had written, and that it was restored


async def test_the_queue_of_the_jobs_is_there_as_its_library_makes_it(upgraded: list[str]) -> None:
    assert await changes_of_the_queue() == ()


async def test_what_a_file_said_of_a_programme_is_public_as_its_first_version(upgraded: list[str]) -> None:
    found = {one.key: one for one in await programmes.listed()}
    assert set(found) == {"teilhabe-durch-arbeit", "buero-netz", "jobcoach", "service-center", "teilhabeplanung"}
    assert {one.number for one in found.values()} == {1}
    assert found["buero-netz"].facts.places == ["Region Nord", "Region Mitte", "Region Süd"]
    assert found["jobcoach"].facts.fte_after == 2
    assert [part.wanted for part in found["service-center"].facts.parts] == [50, 110, 50]
    assert found["teilhabe-durch-arbeit"].facts.granting_body == "Förderbank des Landes (Demo)"
    assert all(one.facts.as_of for one in found.values())


async def test_every_receipt_still_has_the_fingerprint_of_its_text(upgraded: list[str]) -> None:
    rows = await database.rows("SELECT content, sha256 FROM submission")
    assert len(rows) > 14
    assert all(sha256(row["content"].encode()).hexdigest() == row["sha256"] for row in rows)


async def test_the_frozen_ranking_is_opened_and_packed_to_the_same_bytes(upgraded: list[str]) -> None:
    for row in await database.rows("SELECT id, content, sha256 FROM frozen_ranking"):
        ranking = (await rankings.by_id(row["id"])).ranking
        assert rankings.packed(ranking) == (row["content"], row["sha256"])


async def test_the_ranking_computed_today_is_the_one_that_was_frozen(upgraded: list[str]) -> None:
    call = await finished()
    newest = (await rankings.seals(call.id))[0]
    assert (await rankings.compute(call)).sha256 == newest.sha256


async def test_the_decision_list_says_what_it_said(upgraded: list[str]) -> None:
    """In the columns that it had; the sentence of the reason may be put better."""
    before = list(csv.DictReader(io.StringIO((OLD / "decision-list.csv").read_text(), newline="")))
    export = await exports.export(await finished(), "decision-list", "csv")
    after = list(csv.DictReader(io.StringIO(export.body.decode(), newline="")))
    facts = [name for name in before[0] if name != "reason"]
    assert [[row[name] for name in facts] for row in after] == [[row[name] for name in facts] for row in before]


async def test_no_mail_that_0_1_0_wrote_keeps_a_link_and_one_that_waits_is_held(
    server: str, prefix: str, tmp_path: Path
) -> None:
    name = f"{prefix}_with_links"
    await administer(server, f'CREATE DATABASE "{name}"')
    backup._unpacked(OLD / "backup.votum", tmp_path)
    await backup._filled(of(server, name), tmp_path)
    database.connect_to(of(server, name))
    await database.open_pool(least=1)
    for sent in ("NULL", "now()"):
        await database.rows(
            "INSERT INTO mail (recipient, subject, body, message_id, at, due_at, sent_at) VALUES ('a@example.org',"
            f" 'Passwort', 'Link:\n\nhttps://votum.example.org/password/k-3_x\n\nEnde', '{sent}', now(), now(), {sent})"
        )
    waiting = await database.value("SELECT count(*) FROM mail WHERE sent_at IS NULL")
    await database.migrate()
    found = await database.rows("SELECT body, held FROM mail WHERE subject = 'Passwort' ORDER BY id")
    assert {row["body"] for row in found} == {"Link:\n\nhttps://votum.example.org/password/…\n\nEnde"}
    assert [row["held"] for row in found] == [True, False]
    assert await database.value("SELECT count(*) FROM mail WHERE sent_at IS NULL AND NOT held") == waiting - 1
    await database.close_pool()
    await administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def test_its_dossier_still_verifies() -> None:
    assert verified.verify(OLD / "dossier.zip") == []
