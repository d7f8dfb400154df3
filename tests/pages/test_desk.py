"""The desk: what awaits a person in each role, and nothing of others."""

from datetime import timedelta

import pytest

from app import clock, database
from app.domain import appointments
from tests import open_call
from tests.rating_call import mark, rate, rating_call
from tests.world import Votum, words


async def test_a_member_sees_what_is_due_and_the_way_to_the_next_sheet(votum):
    call = await rating_call(votum)
    browser = await rate(votum, call, "Ada", "P01")
    await mark(browser, await call.sheet("Ada", "P02"), "need", "3")
    page = await browser.get("/desk")
    for text in (
        "Work that does good",
        "In rating",
        "Sheets handed in 1 of 3",
        "To the next sheet: P02",
        "handed in",
        "1 of 5",
        "not begun",
    ):
        assert text in words(page)
    assert f'href="{await call.sheet("Ada", "P02")}"' in page.text
    assert "Progress of the committee" not in words(page)
    assert '<progress value="1" max="3" aria-hidden="true">' in page.text  # the sentence beside it says the same


async def test_what_is_due_stands_first_until_it_is_done(votum):
    call = await rating_call(votum)
    browser = await votum.signed_in("ada@example.org")
    for number in (1, 2, 3):
        page = words(await browser.get("/desk"))
        left = "1 sheet is" if number == 3 else f"{4 - number} sheets are"
        assert f"My desk To do now {left} to be handed in Work that does good" in page
        assert f"To the next sheet: P0{number}" in page
        await rate(votum, call, "Ada", f"P0{number}")
    page = words(await browser.get("/desk"))
    assert ("Nothing is due at the moment." in page, "To do now" in page) == (True, False)


async def test_a_draft_is_due_until_the_deadline_and_its_day_is_named(votum: Votum):
    bo = await votum.person("bo@example.org")
    house = await open_call.organisation(bo)
    call = await open_call.call(deadline=clock.now() + timedelta(days=3))
    await open_call.draft(bo, call, house)
    page = words(await (await votum.signed_in("bo@example.org")).get("/desk"))
    assert "To do now Finish your proposal and hand it in Tafelgarten" in page
    assert page.count("3 days left") == 2  # of the draft, and of the call in which another can be started
    await database.rows("UPDATE call SET deadline = now() - interval '1 minute'")
    page = words(await (await votum.signed_in("bo@example.org")).get("/desk"))
    assert ("To do now" in page, "Nothing is due at the moment." in page) == (False, True)


@pytest.mark.parametrize(("closed", "said"), [(False, "Nothing is due"), (True, "freeze the ranking")])
async def test_the_office_is_told_when_a_call_waits_for_it(votum: Votum, closed: bool, said: str):
    await rating_call(votum)
    if closed:
        await database.rows("INSERT INTO rating_closure (call, at) SELECT id, now() FROM call")
    assert said in words(await (await votum.signed_in("cleo@example.org")).get("/desk"))


async def test_the_chair_finds_the_way_to_the_progress(votum):
    await rating_call(votum)
    page = await (await votum.signed_in("eve@example.org")).get("/desk")
    assert 'href="/calls/rating/committee"' in page.text


@pytest.mark.parametrize("proposals", [10, 100])
async def test_the_desk_takes_six_statements_however_many_sheets_there_are(votum, proposals):
    await rating_call(votum, proposals)
    browser = await votum.signed_in("ada@example.org")
    await browser.get("/desk")
    with votum.counted() as seen:
        page = await browser.get("/desk")
    assert len(seen) == 6
    assert f"{proposals} proposals" in words(page)


async def test_a_desk_without_a_part_says_so(votum):
    await rating_call(votum)
    page = await (await votum.signed_in("dan@example.org")).get("/desk")
    assert page.status_code == 200
    assert "Nothing to do at the moment" in words(page)
    assert "P01" not in words(page)


async def test_an_advisory_member_has_nothing_to_rate(votum):
    await rating_call(votum)
    page = words(await (await votum.signed_in("gus@example.org")).get("/desk"))
    assert "advisory role" in page
    assert "P01" not in page


async def test_a_stranger_is_asked_to_sign_in(votum):
    assert (await (await votum.stranger()).get("/desk")).headers["location"] == "/sign-in?next=/desk"


async def test_what_a_conflict_closes_stands_there_without_content_and_does_not_count(votum):
    call = await rating_call(votum)
    browser = await votum.signed_in("ada@example.org")
    await browser.send_form(f"{await call.sheet('Ada', 'P02')}/conflict", ground="other")
    page = words(await browser.get("/desk"))
    assert "P02 Träger 2 – closed to you because of a conflict of interest" in page
    assert "Idee 2" not in page
    assert "Sheets handed in 0 of 2" in page


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Declare a conflict of interest"), ("de", "Befangenheit erklären")]
)
async def test_the_name_of_a_link_begins_with_what_is_read_there(votum, language, said):
    call = await rating_call(votum)
    page = (await (await votum.signed_in("ada@example.org", language)).get("/desk")).text
    sheet = await call.sheet("Ada", "P02")
    assert f'<a href="{sheet}/conflict">{said}<span class="kern-sr-only"> P02</span></a>' in page


async def test_a_desk_in_german_and_before_anything_is_assigned(votum):
    call = await rating_call(votum)
    await database.rows("DELETE FROM assignment")
    page = await (await votum.signed_in("ada@example.org", "de")).get("/desk")
    assert page.status_code == 200
    assert '<html lang="de">' in page.text
    assert "Arbeit, die gut tut" in words(page)
    assert call.key in page.text


async def test_somebody_with_several_parts_sees_all_of_them(votum: Votum):
    await rating_call(votum)
    person = await votum.person("bo@example.org")
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO member (committee, person, key, role, since)"
            " SELECT id, $1, 'M9', 'voting', now() FROM committee",
            person,
        )
    page = words(await (await votum.signed_in("bo@example.org")).get("/desk"))
    assert "Arbeitskreis" in page
    assert "There is nothing to rate yet." in page
    assert "Idee 1" in page


async def administers(votum: Votum, email: str = "una@example.org", authority: str = "Landkreis Neu") -> None:
    """Somebody administers an authority that has no call yet."""
    await appointments.appoint(email, authority, at=clock.now())


@pytest.mark.parametrize(("language", "label"), [("en", "First call"), ("de", "Erster Aufruf")])
async def test_a_fresh_administrator_finds_the_way_to_the_first_call(votum: Votum, language: str, label: str):
    await administers(votum)
    browser = await votum.signed_in("una@example.org", language)
    page = await browser.get("/desk")
    assert 'href="/calls/new"' in page.text
    assert (label in words(page), "Landkreis Neu" in words(page)) == (True, True)
    assert "Nothing to do at the moment" not in words(page)
    assert (await browser.get("/calls/new")).status_code == 200


async def test_the_calls_of_all_authorities_stand_on_the_desk_in_one_statement(votum: Votum):
    await rating_call(votum)
    await administers(votum, "cleo@example.org")
    browser = await votum.signed_in("cleo@example.org")
    await browser.get("/desk")
    with votum.counted() as seen:
        page = await browser.get("/desk")
    assert page.text.count('href="/calls/rating/office"') == 1
    assert 'href="/calls/new"' in page.text
    assert len(seen) == 6  # session, seats, proposals, open calls, office, what waits for its release
    ada = await votum.signed_in("ada@example.org")
    assert 'href="/calls/new"' not in (await ada.get("/desk")).text
