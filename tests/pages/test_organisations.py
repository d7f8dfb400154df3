"""Founding an organisation, its profile, and colleagues who join by a mailed link."""

from datetime import timedelta

import pytest

from app import clock, database, seals
from app.domain import organisations, people
from tests import open_call
from tests.world import mailed_link, words

SENTENCE = "viele kleine gelbe Enten"


@pytest.fixture
async def bo(votum):
    """Bo's browser; Bo acts for an organisation."""
    await open_call.organisation(await votum.person("bo@example.org", "Bo"))
    return await votum.signed_in("bo@example.org")


async def invited(bo, email):
    """The path of the link that was mailed to the address."""
    answer = await bo.send_form("/organisations/1/members", colleague=email)
    assert "The invitation is on its way." in words(answer)
    return await mailed_link(email)


async def belonging():
    rows = await database.rows("SELECT p.email FROM membership m JOIN person p ON p.id = m.person ORDER BY p.email")
    return [row["email"] for row in rows]


async def test_a_person_without_an_organisation_founds_one(votum):
    dan = await votum.signed_in("dan@example.org")
    assert "You do not act for an organisation yet" in words(await dan.get("/organisations"))
    page = await dan.send_form("/organisations/new", name="Neue gGmbH", legal_form="nonprofit_company", seat="Auenburg")
    assert "Neue gGmbH" in words(page)
    assert (await dan.get("/organisations")).headers["location"] == page.url.path


async def test_a_bad_or_known_name_comes_back_with_what_was_typed(votum, bo):
    for name, sentence in (("werkhof e. v.", "already registered"), ("", "fill in this field")):
        answer = await bo.send_form("/organisations/new", name=name, legal_form="association", seat="Kalkrode")
        assert answer.status_code == 422
        assert sentence in words(answer)
        assert 'value="Kalkrode"' in answer.text
    assert await database.value("SELECT count(*) FROM organisation") == 1


async def test_the_profile_is_shown_and_changed_but_not_the_name(votum, bo):
    page = await bo.send_form(
        "/organisations/1", legal_form="company", seat="Tannhof", email="Werkhof@example.org", name="Anders"
    )
    assert 'value="werkhof@example.org"' in page.text
    row = await database.row("SELECT name, legal_form, seat, email FROM organisation")
    assert tuple(row) == ("Werkhof e. V.", "company", "Tannhof", "werkhof@example.org")
    answer = await bo.send_form("/organisations/1", legal_form="empire", seat="Kalkrode", email="nobody")
    assert answer.status_code == 422
    assert 'value="Kalkrode"' in answer.text
    assert 'value="nobody"' in answer.text


async def test_a_new_colleague_joins_by_the_mailed_link(votum, bo):
    link = await invited(bo, "eva@example.org")
    assert await belonging() == ["bo@example.org"]
    browser = await votum.stranger()
    assert "Werkhof e. V." in words(await browser.get(link))
    answer = await browser.send_form(link, name="Eva", password="kurz")
    assert answer.status_code == 422
    assert 'value="Eva"' in answer.text
    assert (await browser.send_form(link, name="Eva", password=SENTENCE)).url.path == "/desk"
    assert await belonging() == ["bo@example.org", "eva@example.org"]
    assert await people.authenticated("eva@example.org", SENTENCE)


async def test_the_first_password_by_an_invitation_ends_the_links_to_choose_one(votum, bo):
    await votum.person("eva@example.org")  # known, without a password
    browser = await votum.stranger()
    await browser.send_form("/password", email="eva@example.org")
    earlier = await mailed_link("eva@example.org")
    assert (
        await browser.send_form(await invited(bo, "eva@example.org"), name="Eva", password=SENTENCE)
    ).url.path == "/desk"
    thief = await votum.stranger()
    assert (await thief.send_form(earlier, password="Zebras trinken keinen Kaffee")).status_code == 404


async def test_a_colleague_with_an_account_signs_in_first_and_twice_is_once(votum, bo):
    async with database.write_transaction():
        eva = await people.create(
            "Eva", "eva@example.org", await people.hash_password(SENTENCE), confirmed=True, at=clock.now()
        )
    link = await invited(bo, "eva@example.org")
    dan = await votum.signed_in("dan@example.org")
    assert "Sign in with it" in words(await dan.get(link))
    assert (await dan.send_form(link)).status_code == 403
    browser = await votum.signed_in("eva@example.org")
    for _ in range(2):
        assert (await browser.send_form(link)).url.path == "/desk"
    assert await belonging() == ["bo@example.org", "eva@example.org"]
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'colleague.joined'") == 1
    assert (await organisations.of(eva))[0].name == "Werkhof e. V."


async def test_links_that_are_changed_old_or_meant_for_something_else_lead_nowhere(votum, bo):
    said = {"organisation": 1, "email": "eva@example.org"}
    soon, past = clock.now() + timedelta(days=1), clock.now() - timedelta(seconds=1)
    good = seals.sealed("organisation", said, soon)
    assert seals.opened("organisation", good) == said
    body, signature = good.split(".")
    forged = seals.sealed("organisation", {**said, "email": "dan@example.org"}, soon).split(".")[0]
    browser = await votum.stranger()
    for token in (
        seals.sealed("organisation", said, past),
        seals.sealed("password", said, soon),
        f"{forged}.{signature}",
        body,
        f"{body}.",
        "a.b.c",
        "ä.ö",
        seals.sealed("organisation", {**said, "organisation": 4711}, soon),
    ):
        link = f"/organisations/joining/{token}"
        assert (await browser.get(link)).status_code == 404
        assert (await browser.send_form(link, name="x", password=SENTENCE)).status_code == 404
    assert await belonging() == ["bo@example.org"]


async def test_whoever_already_belongs_is_not_asked_again_and_nobody_floods_mailboxes(votum, bo):
    answer = await bo.send_form("/organisations/1/members", colleague="bo@example.org")
    assert answer.status_code == 422
    assert "already acts" in words(answer)
    answer = await bo.send_form("/organisations/1/members", colleague="keine Adresse")
    assert 'value="keine Adresse"' in answer.text
    statuses = [
        (await bo.send_form("/organisations/1/members", colleague=f"p{n}@example.org")).status_code for n in range(31)
    ]
    assert set(statuses) == {200, 429}
    assert await database.value("SELECT count(*) FROM mail") < 31


async def test_an_organisation_is_nobody_elses(votum, bo):
    dan = await votum.signed_in("dan@example.org")
    for number in (1, 4711, 10**30):
        assert (await dan.get(f"/organisations/{number}")).status_code == 404
        assert (await dan.send_form(f"/organisations/{number}", legal_form="other")).status_code == 404
        assert (await dan.send_form(f"/organisations/{number}/members", colleague="x@example.org")).status_code == 404
    assert await database.value("SELECT count(*) FROM mail") == 0
    assert (await (await votum.stranger()).get("/organisations/1")).status_code == 303


async def test_the_pages_ask_a_fixed_number_of_times(votum, bo):
    for expected in (1, 10):
        while len(await belonging()) < expected:
            person = await votum.person(f"p{len(await belonging())}@example.org")
            await database.rows("INSERT INTO membership (person, organisation, since) VALUES ($1, 1, now())", person)
        for path, statements in (("/organisations", 2), ("/organisations/1", 3), ("/organisations/new", 1)):
            with votum.counted() as seen:
                assert (await bo.get(path)).status_code in (200, 303)
            assert len(seen) == statements
