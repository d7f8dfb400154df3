"""The audit trail: its chains grow with every change, lose or change no entry unseen, and let personal detail go."""

import asyncio
import json
from contextvars import Context
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from app import clock, database
from app.database import write_transaction
from app.records import audit, events
from tests import open_call
from tests.domain.tampering import seen_while_tampered, tampered
from tests.world import Votum


async def entries(count: int) -> None:
    for number in range(1, count + 1):
        async with write_transaction():
            await events.happened(
                "test", "thing.done", f"thing:{number}", detail={"name": f"Bo {number}"}, at=clock.now()
            )


async def test_an_empty_trail_holds(votum: Votum) -> None:
    assert await audit.verify() == (0, None)
    assert (await audit.heads())[0] == (0, "")


async def test_entries_are_numbered_without_a_gap_and_chained(votum: Votum) -> None:
    await entries(5)
    assert await audit.verify() == (5, None)
    found = await database.rows("SELECT seq, previous, hash FROM audit_entry ORDER BY seq")
    assert [row["seq"] for row in found] == [1, 2, 3, 4, 5]
    assert [row["previous"] for row in found][1:] == [row["hash"] for row in found][:-1]
    assert (await audit.heads())[0] == (5, found[-1]["hash"])


async def test_an_entry_says_who_did_what_to_which_and_when(votum: Votum) -> None:
    person = await votum.person("ada@example.org")
    before, _ = (await audit.heads())[0]
    async with write_transaction():
        at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        await events.happened(person, "score.saved", "assignment:9", detail={"value": 4}, at=at)
    entry = await database.row("SELECT * FROM audit_entry WHERE seq = $1", before + 1)
    assert entry["actor"] == f"person:{person}"
    assert (entry["action"], entry["object"], entry["at"]) == (
        "score.saved",
        "assignment:9",
        "2026-01-02T03:04:05.000+00:00",
    )
    assert json.loads(entry["detail"])["value"] == 4


async def test_entries_of_many_writers_leave_no_gap(votum: Votum) -> None:
    async def write(number: int) -> None:
        async with write_transaction():
            await events.happened("test", "thing.done", f"thing:{number}", at=clock.now())

    await asyncio.gather(*(write(number) for number in range(40)))
    assert await audit.verify() == (40, None)


async def authority(name: str) -> int:
    """A new authority, whose chain has one entry."""
    async with write_transaction():
        new = int(await database.value("INSERT INTO authority (name) VALUES ($1) RETURNING id", name))
        await events.happened("test", "authority.described", f"authority:{new}", authority=new, at=clock.now())
    return new


async def test_two_authorities_do_not_wait_for_each_other_and_one_waits_for_itself(votum: Votum) -> None:
    auental, kalkrode = await authority("Landkreis Auental"), await authority("Landkreis Kalkrode")
    about = {auental: await open_call.call("auental"), kalkrode: await open_call.call("kalkrode", authority=kalkrode)}

    async def write(body: int) -> None:
        async with write_transaction():
            await database.rows("SET LOCAL lock_timeout = '1s'")
            await events.happened("test", "thing.done", "thing:2", call=about[body], at=clock.now())

    async with write_transaction():
        await events.happened("test", "thing.done", "thing:1", call=about[auental], at=clock.now())
        await asyncio.create_task(write(kalkrode), context=Context())
        await asyncio.create_task(entries(1), context=Context())
        with pytest.raises(asyncpg.LockNotAvailableError):
            await asyncio.create_task(write(auental), context=Context())
    assert await audit.verify() == (7, None)
    assert len(await audit.heads()) == 3


async def test_a_chain_goes_on_from_the_first_and_the_first_says_where_it_stood(votum: Votum) -> None:
    await entries(2)
    _, first = (await audit.heads())[0]
    await authority("Landkreis Auental")
    assert await database.value("SELECT previous FROM audit_entry WHERE seq = 3") == first
    await tampered("UPDATE audit_entry SET previous = repeat('0', 64) WHERE seq = 3")
    assert await audit.verify() == (2, audit.Break(3, "its chain begins at no entry of the first"))


async def test_who_cuts_the_chain_of_an_authority_is_betrayed_by_what_was_noted_of_its_end(votum: Votum) -> None:
    auental = await authority("Landkreis Auental")
    async with write_transaction():
        last = await events.happened("test", "authority.described", "authority:1", authority=auental, at=clock.now())
    await audit.anchor()
    cut = (
        f"DELETE FROM audit_entry WHERE seq = {last}; UPDATE audit_head h SET seq = e.seq, hash = e.hash"
        f" FROM audit_entry e WHERE e.chain = h.id AND h.authority = {auental}"
    )
    (found,) = await seen_while_tampered(cut, audit.verify)
    assert found[1] == audit.Break(last, "an anchored entry is not there")
    await database.rows("UPDATE audit_entry SET detail = NULL WHERE action = 'chains.anchored'")
    assert (await seen_while_tampered(cut, audit.verify))[0][1] is None


async def test_the_ends_are_noted_once_for_what_has_happened(votum: Votum) -> None:
    await audit.anchor()  # there is nothing to note
    auental = await authority("Landkreis Auental")
    for _ in range(2):
        async with write_transaction():
            await events.happened("test", "authority.described", "authority:1", authority=auental, at=clock.now())
        await audit.anchor()
        await audit.anchor()
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'chains.anchored'") == 2
    assert (await audit.verify())[1] is None


async def test_listeners_hear_of_an_event_once_it_is_committed(votum: Votum) -> None:
    heard: list[str] = []
    listener = await asyncpg.connect(votum.dsn)
    await listener.add_listener("votum", lambda *said: heard.append(said[3]))
    async with write_transaction():
        seq = await events.happened("test", "thing.done", "thing:1", at=clock.now())
        await listener.execute("SELECT")
        assert heard == []
    await listener.execute("SELECT")
    await listener.close()
    assert heard == [str(seq)]


async def test_what_rests_on_a_call_or_on_organisations_is_outdated_by_what_happens_to_them(votum: Votum) -> None:
    call = await open_call.call()

    async def told(subject: str, **changed: Any) -> bool:
        before = await events.version(f"call:{call}", "organisation")
        async with write_transaction():
            await events.happened("test", "thing.done", subject, **changed, at=clock.now())
        return await events.version(f"call:{call}", "organisation") > before

    assert await told("proposal:1", call=call)
    assert await told("organisation:1")
    assert not await told("person:1")
    assert not await told("assignment:1", call=call, touches=())
    assert await told("person:1", touches=("organisation", f"call:{call}"))


async def test_an_entry_goes_with_the_change_that_failed(votum: Votum) -> None:
    await entries(1)

    async def failing() -> None:
        async with write_transaction():
            await events.happened("test", "thing.done", "thing:2", at=clock.now())
            await database.rows("SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await failing()
    assert await audit.verify() == (1, None)


@pytest.mark.parametrize(
    "change", ["UPDATE audit_entry SET actor = 'me'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
async def test_the_database_refuses_to_change_entries(votum: Votum, change: str) -> None:
    await entries(2)
    with pytest.raises(asyncpg.PostgresError, match="never change"):
        await database.rows(change)
    assert await audit.verify() == (2, None)


async def test_personal_detail_can_be_erased_and_the_chain_holds(votum: Votum) -> None:
    await entries(3)
    await database.rows("UPDATE audit_entry SET detail = NULL WHERE seq = 2")
    assert await audit.verify() == (3, None)


@pytest.mark.parametrize(
    ("change", "seq", "why"),
    [
        ("UPDATE audit_entry SET actor = 'somebody' WHERE seq = 3", 3, "it was changed"),
        ("UPDATE audit_entry SET at = '2020-01-01T00:00:00.000+00:00' WHERE seq = 3", 3, "it was changed"),
        ("UPDATE audit_entry SET object = 'thing:9' WHERE seq = 3", 3, "it was changed"),
        ("UPDATE audit_entry SET detail = '{}' WHERE seq = 3", 3, "its detail was changed"),
        ("UPDATE audit_entry SET detail_hash = repeat('0', 64), detail = NULL WHERE seq = 3", 3, "it was changed"),
        ("UPDATE audit_entry SET hash = repeat('0', 64) WHERE seq = 3", 3, "it was changed"),
        ("UPDATE audit_entry SET previous = repeat('0', 64) WHERE seq = 3", 3, "it does not continue"),
        ("DELETE FROM audit_entry WHERE seq = 3", 4, "it does not continue"),
        ("DELETE FROM audit_entry WHERE seq = 1", 2, "it does not continue"),
        ("DELETE FROM audit_entry WHERE seq = 5", 5, "the chain's head names an entry that is not there"),
        ("UPDATE audit_head SET hash = repeat('0', 64)", 6, "the chain's head names an entry"),
        ("DELETE FROM audit_head", 6, "the chain's head names an entry"),
    ],
)
async def test_the_first_break_is_named(votum: Votum, change: str, seq: int, why: str) -> None:
    await entries(5)
    await tampered(change)
    _, broken = await audit.verify()
    assert broken is not None
    assert broken.seq == seq
    assert why in broken.why


async def rewritten() -> None:
    """The owner of the database writes the whole trail anew, so that it holds by itself."""
    await tampered("DELETE FROM audit_entry")
    await database.rows("UPDATE audit_head SET seq = 0, hash = ''")
    await database.rows("SELECT setval('audit_entry_seq', 1, false)")
    await entries(4)


async def test_a_trail_that_was_written_anew_is_seen_by_its_anchors(votum: Votum) -> None:
    await entries(4)
    seq, anchor = (await audit.heads())[0]
    assert await audit.verify({seq: anchor}) == (4, None)
    await rewritten()
    assert await audit.verify() == (4, None)
    _, broken = await audit.verify({seq: anchor})
    assert broken == audit.Break(4, "it differs from its anchor")


async def test_a_tail_that_was_cut_is_seen_by_its_anchors(votum: Votum) -> None:
    await entries(4)
    seq, anchor = (await audit.heads())[0]
    await tampered("DELETE FROM audit_entry WHERE seq = 4")
    await database.rows("UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit_entry WHERE seq = 3)")
    assert await audit.verify() == (3, None)
    _, broken = await audit.verify({seq: anchor})
    assert broken == audit.Break(4, "an anchored entry is not there")


async def test_a_long_trail_is_read_in_steps(votum: Votum) -> None:
    await entries(7)
    assert [entry["seq"] async for entry in audit._entries(audit.FIRST, 3)] == [1, 2, 3, 4, 5, 6, 7]
