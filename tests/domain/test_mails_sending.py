"""Sending: one bad mail holds up no other, nothing is held while the mail server thinks, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app import database
from app.records import mails
from app.records.mails import sending
from tests import open_call
from tests.domain.post_office import PostOffice, opened
from tests.world import Votum


@pytest.fixture
async def office(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostOffice]:
    async with opened(monkeypatch) as found:
        yield found


async def written(*recipients: str) -> None:
    async with database.write_transaction():
        await mails.tell([mails.Recipient(one, "de") for one in recipients], lambda: ("Hello", "World"))


async def written_by_0_1_0(recipient: str) -> None:
    """What a form of version 0.1.0 let through."""
    await database.rows(
        "INSERT INTO mail (recipient, subject, body, message_id, at, due_at)"
        " VALUES ($1, 'Hello', 'World', $1, now() - interval '1 hour', now() - interval '1 hour')",
        recipient,
    )


async def all_sent() -> None:
    while await sending.send_due():
        pass


async def time_passes() -> None:
    """Whatever was put off is due."""
    await database.rows("UPDATE mail SET due_at = now() WHERE sent_at IS NULL")


async def state_of(recipient: str) -> database.Row:
    found = await database.row(
        "SELECT *, sent_at IS NOT NULL AS sent, given_up_at IS NOT NULL AS given_up, due_at - now() AS pause"
        " FROM mail WHERE recipient = $1",
        recipient,
    )
    assert found is not None
    return found


async def test_of_1000_mails_one_is_refused_and_999_are_sent_and_no_connection_waits_for_them(
    votum: Votum, office: PostOffice
) -> None:
    office.at_the_name["m500@example.org"] = "550 no such user"
    everybody = [f"m{number}@example.org" for number in range(1, 1001)]
    await written(*everybody)
    await all_sent()
    assert sorted(office.recipients) == sorted(set(everybody) - {"m500@example.org"})
    assert await database.value("SELECT count(*) FROM mail WHERE sent_at IS NOT NULL") == 999
    refused = await state_of("m500@example.org")
    assert (refused["sent"], refused["given_up"], refused["attempts"], refused["refusals"]) == (False, False, 1, 1)
    assert "550 no such user" in refused["last_error"]
    assert office.busy_connections == 0


@pytest.mark.parametrize(
    "poison", ["a@[b.c", "a:;@b.c", "x:a@b.c,d@e.f;@g.h", "=?utf-8?q?=0aBcc:x@y.z?=@b.c", "a,b@c.de"]
)
async def test_an_address_that_0_1_0_let_through_does_not_stop_the_next_mail(
    votum: Votum, office: PostOffice, poison: str
) -> None:
    await written("before@example.org")
    await written_by_0_1_0(poison)
    await written("after@example.org")
    await all_sent()
    assert office.recipients == ["before@example.org", "after@example.org"]
    found = await state_of(poison)
    assert (found["sent"], found["refusals"]) == (False, 1)
    assert "one e-mail address" in found["last_error"]


async def test_a_server_that_says_later_is_asked_again_and_its_answer_brings_no_mail_nearer_to_its_end(
    votum: Votum, office: PostOffice
) -> None:
    office.at_the_name["ada@example.org"] = "451 try again later"
    await written("ada@example.org", "bo@example.org")
    for _ in range(sending.REFUSALS + 1):
        await all_sent()
        await time_passes()
    later = await state_of("ada@example.org")
    assert (later["sent"], later["given_up"], later["refusals"], later["attempts"]) == (False, False, 0, 11)
    office.at_the_name.clear()
    await all_sent()
    assert office.recipients == ["bo@example.org", "ada@example.org"]
    assert (await state_of("ada@example.org"))["last_error"] == ""


async def test_the_pauses_grow_to_an_hour(votum: Votum, office: PostOffice) -> None:
    office.at_the_name["ada@example.org"] = "451 try again later"
    await written("ada@example.org")
    pauses = []
    for _ in range(8):
        await all_sent()
        pauses.append(round((await state_of("ada@example.org"))["pause"] / timedelta(minutes=1)))
        await time_passes()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize("place", ["at_the_name", "at_the_data"])
async def test_a_mail_is_given_up_at_the_tenth_refusal_however_long_the_server_was_away_before(
    votum: Votum, office: PostOffice, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    await written("ada@example.org")
    reached = sending.SETTINGS
    monkeypatch.setattr(sending, "SETTINGS", replace(reached, smtp_url="smtp://127.0.0.1:1"))
    for _ in range(20):
        assert await sending.send_due() == 1
        await time_passes()
    monkeypatch.setattr(sending, "SETTINGS", reached)
    getattr(office, place)["ada@example.org"] = "550 never"
    for refusals in range(1, 10):
        assert await sending.send_due() == 1
        found = await state_of("ada@example.org")
        assert (found["refusals"], found["given_up"]) == (refusals, False)
        await time_passes()
    assert await sending.send_due() == 1
    assert (await state_of("ada@example.org"))["given_up"]
    await time_passes()
    assert await sending.send_due() == 0
    assert office.taken == []


async def test_a_server_that_refuses_the_sender_refuses_no_mail_for_good(votum: Votum, office: PostOffice) -> None:
    office.at_the_sender = "550 not from here"
    await written("ada@example.org")
    await all_sent()
    found = await state_of("ada@example.org")
    assert (found["refusals"], "not from here" in found["last_error"]) == (0, True)


async def test_a_server_that_hangs_at_one_mail_gets_the_next_on_another_connection(
    votum: Votum, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LONGEST", 0.5)
    office.slow.add("ada@example.org")
    await written("ada@example.org", "bo@example.org")
    await all_sent()
    assert office.recipients == ["ada@example.org", "bo@example.org"]
    assert (await state_of("bo@example.org"))["sent"]
    assert "TimeoutError" in (await state_of("ada@example.org"))["last_error"]


async def test_who_dies_between_sending_and_noting_leaves_the_mail_to_others_later_with_the_same_number(
    votum: Votum, office: PostOffice
) -> None:
    office.slow.add("ada@example.org")
    await written("ada@example.org")
    dies = asyncio.create_task(sending.send_due())
    await asyncio.wait_for(office.in_hand.wait(), 5)
    dies.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dies
    assert await sending.send_due() == 0
    left = await state_of("ada@example.org")
    assert (left["sent"], left["attempts"]) == (False, 1)
    assert timedelta(minutes=5) < left["pause"] <= sending.LEASE
    office.slow.clear()
    await time_passes()
    await all_sent()
    assert [message["Message-ID"] for message in office.taken] == [left["message_id"]] * 2
    assert (await state_of("ada@example.org"))["sent"]


async def test_two_processes_send_no_mail_twice(votum: Votum, office: PostOffice) -> None:
    everybody = [f"m{number}@example.org" for number in range(1, 61)]
    await written(*everybody)
    await asyncio.gather(all_sent(), all_sent(), all_sent())
    assert sorted(office.recipients) == sorted(everybody)


async def test_a_mail_bears_the_name_of_the_authority_and_is_sent_by_the_installation(
    votum: Votum, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SETTINGS", replace(sending.SETTINGS, sender="Votum <post@votum.example>"))
    first = await open_call.call("first")
    second = await open_call.call("second", authority=await open_call.authority("Stadt Nebenan"))
    await database.rows(
        "UPDATE authority SET sender_name = 'Geschäftsstelle, Sozialamt', reply_to = 'amt@auental.example'"
        " WHERE name = 'Landkreis Auental'"
    )
    async with database.write_transaction():
        for number, call in enumerate((first, second, None)):
            recipient = mails.Recipient(f"m{number}@example.org", "de")
            await mails.tell([recipient], lambda: ("Hello", "World"), call=call)
    await all_sent()
    found = {
        str(one["To"])[:2]: (one["From"].addresses[0].display_name, one["From"].addresses[0].addr_spec, one["Reply-To"])
        for one in office.taken
    }
    assert found == {
        "m0": ("Geschäftsstelle, Sozialamt", "post@votum.example", "amt@auental.example"),
        "m1": ("Stadt Nebenan", "post@votum.example", None),
        "m2": ("Votum", "post@votum.example", None),
    }
