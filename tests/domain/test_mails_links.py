"""Links: a mail is kept with a mark, and only sending makes an address of it, for its recipient alone."""

import importlib
import re

import pytest

from app import clock, database, seals
from app.domain import people
from app.records import mails
from app.records.mails import links
from tests.domain.test_mails_sending import all_sent, office, time_passes  # noqa: F401
from tests.pages.test_call_making import invited
from tests.pages.test_call_making import office as administration
from tests.world import BASE, Browser, Votum, mailed_link, words

UPGRADE = importlib.import_module("migrations.votum_2026_11_24t07_10_00_000000")
SENTENCE = "viele kleine gelbe Enten"
WRITTEN = """
INSERT INTO mail (recipient, subject, body, message_id, at, due_at, sent_at)
VALUES ($1, 'Alt', $2, $3, now(), now(), CASE WHEN $4 THEN now() END)
"""


async def registered(votum: Votum, **changed: str) -> Browser:
    browser = await votum.stranger()
    entered = {"name": "Bo", "email": "bo@example.org", "password": SENTENCE, "organisation": "Werkhof"}
    await browser.send_form("/register", legal_form="other", privacy="1", **{**entered, **changed})
    return browser


async def stored(email: str) -> str:
    return str(await database.value("SELECT body FROM mail WHERE recipient = $1 ORDER BY id DESC LIMIT 1", email))


async def test_no_link_that_opens_anything_stands_in_the_database(votum: Votum) -> None:
    await registered(votum)
    await people.ask_for_new_password("bo@example.org", at=clock.now())
    await invited(await administration(votum))
    bo = await votum.signed_in("bo@example.org")
    number = await database.value("SELECT max(organisation) FROM membership WHERE person = 1")
    await bo.send_form(f"/organisations/{number}/members", colleague="finn@example.org")
    found = await database.rows("SELECT recipient, body FROM mail ORDER BY id")
    places = [links.MARK.findall(row["body"])[0][0] for row in found]
    assert sorted(places) == ["confirmation", "invitations", "organisations/joining", "password"]
    for row in found:
        assert BASE not in row["body"]
        token = re.search(rf"{BASE}/\S+/(\S+)", links.written_out(row["body"], row["recipient"]))
        assert token
        assert token[1] not in row["body"]
        assert await links.lead_on(row["body"], row["recipient"])


async def test_the_link_that_is_sent_opens_what_it_promises(votum: Votum, office) -> None:  # noqa: F811
    browser = await registered(votum)
    await all_sent()
    [message] = office.taken
    link = re.search(rf"{BASE}(/confirmation/\S+)", message.get_content())
    assert link
    assert (await browser.send_form(link[1], password=SENTENCE)).url.path == "/desk"
    assert "[[" not in message.get_content()
    assert "[[confirmation " in await stored("bo@example.org")


async def test_the_demos_outbox_shows_links_that_lead_somewhere(votum: Votum) -> None:
    browser = await registered(votum)
    shown = await browser.get("/desk/outbox")
    link = re.search(rf'href="{BASE}(/confirmation/[^"]+)"', shown.text)
    assert link
    assert (await browser.send_form(link[1], password=SENTENCE)).url.path == "/desk"


async def test_a_mark_that_somebody_types_or_takes_elsewhere_stays_as_it_is(votum: Votum) -> None:
    await registered(votum)
    mark = links.MARK.search(await stored("bo@example.org"))
    assert mark
    for typed in (mark[0], "[[password a-b c-d]]", mark[0].replace("confirmation", "password")):
        assert links.written_out(typed, "dan@example.org") == typed
        assert not await links.lead_on(typed, "dan@example.org")
    moved = mark[0].replace("confirmation", "password")
    assert links.written_out(moved, "bo@example.org") == moved
    assert links.written_out("[[imprint a b]] [[x]]", "bo@example.org") == "[[imprint a b]] [[x]]"


async def test_a_mark_of_another_server_is_written_out_nowhere(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    await registered(votum)
    body = await stored("bo@example.org")
    monkeypatch.setattr(seals, "_secret", lambda file: b"another")
    assert links.written_out(body, "bo@example.org") == body
    assert not await links.lead_on(body, "bo@example.org")


async def test_a_process_with_another_secret_sends_no_mail_without_its_link_and_leaves_it_to_the_others(
    votum: Votum,
    office,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await registered(votum)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(seals, "_secret", lambda file: b"another")
        await all_sent()
    assert office.taken == []
    row = await database.row("SELECT last_error, refusals FROM mail")
    assert row
    assert ("VOTUM_SECRET_FILE" in row["last_error"], row["refusals"]) == (True, 0)
    await time_passes()
    await all_sent()
    assert f"{BASE}/confirmation/" in office.taken[0].get_content()


async def test_a_link_leads_on_until_it_is_used_or_too_old(votum: Votum) -> None:
    browser = await registered(votum)
    body = await stored("bo@example.org")
    assert await links.lead_on(body, "Bo@example.org")
    await database.rows("UPDATE email_token SET expires_at = now() - interval '1 second'")
    assert not await links.lead_on(body, "bo@example.org")
    await database.rows("UPDATE email_token SET expires_at = now() + interval '1 minute'")
    assert await links.lead_on(body, "bo@example.org")
    await browser.send_form(await mailed_link("bo@example.org"), password=SENTENCE)
    assert not await links.lead_on(body, "bo@example.org")
    assert await links.lead_on("no link at all", "bo@example.org")


@pytest.mark.parametrize("place", ["password", "confirmation", "invitations", "organisations/joining"])
async def test_mails_as_0_1_0_wrote_them_lose_their_links_and_those_that_wait_are_held(
    votum: Votum, place: str
) -> None:
    link, plain = f"https://votum.example.org/sub/{place}/AbC-_123.x", "See https://votum.example.org/proposals/1"
    for number, body in enumerate((f"Hello,\n\n{link}\n\nBye {link}.", plain)):
        for sent in (True, False):
            await database.rows(WRITTEN, "bo@example.org", body, f"{number}{sent}", sent)
    await database.rows(UPGRADE.WITHOUT_LINKS)
    cut = f"https://votum.example.org/sub/{place}/…"
    found = await database.rows("SELECT body, held FROM mail ORDER BY id")
    assert [row["body"] for row in found] == [f"Hello,\n\n{cut}\n\nBye {cut}"] * 2 + [plain] * 2
    assert [row["held"] for row in found] == [False, True, False, False]
    assert [await links.lead_on(row["body"], "bo@example.org") for row in found] == [False, False, True, True]


async def test_a_mail_without_links_is_written_out_as_it_is(votum: Votum) -> None:
    browser = await votum.stranger()
    async with database.write_transaction():
        await mails.tell([mails.Recipient("bo@example.org", "de")], lambda: ("Hello", "a [[b]] c"))
    assert "a [[b]] c" in words(await browser.get("/desk/outbox"))
