"""Mails: everybody in their own language, each address once, whoever pressed the button."""

from datetime import date

import pytest

from app import clock, database, i18n
from app.domain import people, proposals
from app.records import mails
from tests import open_call
from tests.rating_call import rating_call
from tests.world import Votum


async def speaks(votum: Votum, email: str, language: str) -> int:
    """A person who reads this language."""
    person = await votum.person(email)
    await people.speak(person, language, at=clock.now())
    return person


async def told() -> dict[str, tuple[str, str]]:
    """Subject and body of each mail by its recipient; a second mail to one address would be missed, so it fails."""
    found = await database.rows("SELECT recipient, subject, body FROM mail ORDER BY id")
    assert len({row["recipient"] for row in found}) == len(found)
    return {row["recipient"]: (row["subject"], row["body"]) for row in found}


async def joins(person: int, organisation: int, since: str = "now") -> None:
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO membership (person, organisation, since) VALUES ($1, $2, $3::text::timestamptz)",
            *(person, organisation, since),
        )


def refused() -> None:
    with i18n.speaking("en"):
        assert i18n.date(date(2030, 1, 31)) == "31 January 2030"
        raise LookupError


def test_a_language_is_spoken_for_the_length_of_a_block_however_it_ends():
    with pytest.raises(LookupError):
        refused()
    assert i18n.date(date(2030, 1, 31)) == "31.01.2030"


async def test_each_recipient_reads_their_own_language_and_each_address_gets_one_mail(votum: Votum):
    both = [mails.Recipient("ada@example.org", "en"), mails.Recipient("bo@example.org", "de")]
    async with database.write_transaction():
        await mails.tell(
            [*both, mails.Recipient("Ada@example.org", "de"), mails.Recipient("", "de")],
            lambda: (i18n.gettext("Outbox"), i18n.date(date(2030, 1, 31))),
        )
    assert await told() == {
        "ada@example.org": ("Outbox", "31 January 2030"),
        "bo@example.org": ("Postausgang", "31.01.2030"),
    }


async def test_nobody_to_tell_is_no_mail(votum: Votum):
    async with database.write_transaction():
        await mails.tell([], lambda: ("Hello", "World"))
    assert await told() == {}


async def test_the_german_chair_reads_german_although_english_ada_declares_a_conflict(votum: Votum):
    call = await rating_call(votum)
    ada = await votum.signed_in("ada@example.org", "en")
    await ada.send_form(f"{await call.sheet('Ada', 'P02')}/conflict", ground="other")
    subject, body = (await told())["eve@example.org"]
    assert subject == "Befangenheit bei P02"
    assert body.startswith("Guten Tag")


async def test_who_asks_for_a_cure_in_english_asks_german_bo_in_german_and_english_ole_in_english(votum: Votum):
    await rating_call(votum)
    await database.rows("DELETE FROM assignment")
    await database.rows("DELETE FROM formal_decision")
    werkhof = await database.value(
        "UPDATE organisation SET email = 'werkhof@example.org' WHERE name ~ 'Werk' RETURNING id"
    )
    await joins(await speaks(votum, "ole@example.org", "en"), werkhof)
    cleo = await votum.signed_in("cleo@example.org", "en")
    await cleo.send_form("/calls/rating/intake/P01/cure-request", missing="Satzung", due="2099-01-31")
    mailed = await told()
    assert list(mailed) == ["bo@example.org", "ole@example.org", "werkhof@example.org"]
    assert "31.01.2099" in mailed["bo@example.org"][1]
    assert "31 January 2099" in mailed["ole@example.org"][1]
    assert mailed["werkhof@example.org"] == mailed["bo@example.org"]


async def test_an_invitation_speaks_german_to_a_stranger_and_english_to_english_ole(votum: Votum):
    await rating_call(votum)
    await speaks(votum, "ole@example.org", "en")
    cleo = await votum.signed_in("cleo@example.org", "en")
    for name in ("dan", "ole"):
        await cleo.send_form("/calls/rating/committee/members", name=name, email=f"{name}@example.org", role="voting")
    mailed = await told()
    assert mailed["dan@example.org"][0] == "Einladung in das Gremium"
    assert mailed["ole@example.org"][0] == "Invitation to the committee"
    assert "Work that does good" in mailed["ole@example.org"][1]


async def test_receipt_and_withdrawal_go_to_everybody_who_acts_for_the_organisation_once(votum: Votum):
    bo = await votum.person("bo@example.org")
    organisation = await open_call.organisation(bo, email="Bo@example.org")
    await joins(await speaks(votum, "ole@example.org", "en"), organisation)
    gone = await votum.person("gone@example.org")
    await joins(gone, organisation)
    await database.rows("UPDATE person SET active = false WHERE id = $1", gone)
    draft = await open_call.draft(bo, await open_call.call(), organisation)
    await proposals.hand_in(draft, by=bo, at=clock.now())
    receipts = await told()
    assert list(receipts) == ["bo@example.org", "ole@example.org"]
    assert receipts["bo@example.org"][0].startswith("Eingangsbestätigung V-")
    assert receipts["ole@example.org"][0].startswith("Receipt V-")
    assert "Work that does good" in receipts["ole@example.org"][1]
    await database.rows("DELETE FROM mail")
    await proposals.withdraw(draft, "Personal fehlt", by=bo, at=clock.now())
    withdrawn = await told()
    assert list(withdrawn) == ["bo@example.org", "ole@example.org"]
    assert withdrawn["ole@example.org"][0] == "Withdrawn: proposal P01"


@pytest.mark.parametrize(("known", "language"), [("", "en"), ("office@example.org", "de")])
async def test_the_organisations_own_address_reads_its_persons_language_else_its_longest_members(
    votum: Votum, known, language
):
    ole = await speaks(votum, "ole@example.org", "en")
    bo = await votum.person("bo@example.org")
    organisation = await open_call.organisation(bo, email="office@example.org")
    await joins(ole, organisation, "2020-01-01")
    if known:
        await votum.person(known)
    assert [(one.email, one.language) for one in await mails.of_organisation(organisation)] == [
        ("ole@example.org", "en"),
        ("bo@example.org", "de"),
        ("office@example.org", language),
    ]


async def test_an_organisation_that_nobody_acts_for_is_told_in_german(votum: Votum):
    bo = await votum.person("bo@example.org")
    organisation = await open_call.organisation(bo, email="office@example.org")
    await database.rows("DELETE FROM membership")
    assert await mails.of_organisation(organisation) == [mails.Recipient("office@example.org", "de")]


async def test_administrators_and_persons_are_told_while_their_account_is_open(votum: Votum):
    cleo = await speaks(votum, "cleo@example.org", "en")
    await open_call.call()
    authority = await database.value("SELECT id FROM authority")
    await database.rows("INSERT INTO administration (person, authority, since) VALUES ($1, $2, now())", cleo, authority)
    recipient = mails.Recipient("cleo@example.org", "en", cleo)
    assert await mails.of_administrators(authority) == await mails.of_person(cleo) == [recipient]
    assert await mails.of_address("Cleo@example.org") == recipient
    await database.rows("UPDATE person SET active = false WHERE id = $1", cleo)
    assert await mails.of_administrators(authority) == await mails.of_person(cleo) == []


async def test_a_stranger_at_an_address_reads_german(votum: Votum):
    with i18n.speaking("en"):
        assert await mails.of_address("dan@example.org") == mails.Recipient("dan@example.org", "de")
