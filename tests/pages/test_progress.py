"""The progress of the committee, and the end of the rating by the chair."""

import asyncio

import pytest

from app import database
from tests.rating_call import MARKS, REASON, mark, rate, rating_call
from tests.world import Votum, words

PAGE, CLOSURE = "/calls/rating/committee", "/calls/rating/rating-closure"


async def test_the_chair_sees_how_far_everybody_is(votum):
    call = await rating_call(votum)
    await rate(votum, call, "Ada", "P01")
    await rate(votum, call, "Finn", "P01")
    page = words(await (await votum.signed_in("eve@example.org")).get(PAGE))
    assert "Sheets handed in 2 of 9" in page
    assert "Ada 1 of 3" in page
    assert "2 proposals have fewer than the 2 valid ratings" in page
    assert "P02 · Idee 2 (Träger 2): 0 valid ratings" in page
    assert "P01 · " not in page
    assert "Gus" not in page
    assert "Close the rating" in page


async def test_the_office_sees_the_progress_but_does_not_close(votum):
    await rating_call(votum)
    cleo = await votum.signed_in("cleo@example.org")
    page = words(await cleo.get(PAGE))
    assert "Ada" in page
    assert "The chair closes the rating." in page
    assert (await cleo.get(CLOSURE)).status_code == 404
    assert (await cleo.send_form(CLOSURE)).status_code == 404
    assert await database.value("SELECT count(*) FROM rating_closure") == 0


@pytest.mark.parametrize("email", ["ada@example.org", "gus@example.org", "bo@example.org", "dan@example.org"])
async def test_nobody_else_sees_the_progress_or_closes(votum, email):
    await rating_call(votum)
    browser = await votum.signed_in(email)
    for answer in (await browser.get(PAGE), await browser.get(CLOSURE), await browser.send_form(CLOSURE)):
        assert answer.status_code == 404


@pytest.mark.parametrize("proposals", [10, 100])
async def test_the_progress_takes_six_statements(votum, proposals):
    await rating_call(votum, proposals)
    eve = await votum.signed_in("eve@example.org")
    await eve.get(PAGE)
    with votum.counted() as seen:
        await eve.get(PAGE)
    assert len(seen) == 6


async def test_before_closing_everything_that_is_missing_is_named(votum):
    call = await rating_call(votum)
    await rate(votum, call, "Ada", "P01")
    page = words(await (await votum.signed_in("eve@example.org")).get(CLOSURE))
    assert "8 sheets are not handed in" in page
    assert "Ada: 1 of 3 handed in" in page
    assert "3 proposals have fewer than the 2 valid ratings" in page


async def test_after_the_closing_nothing_changes_any_more(votum):
    call = await rating_call(votum)
    ada = await rate(votum, call, "Ada", "P01")
    sheet, other = await call.sheet("Ada", "P01"), await call.sheet("Ada", "P02")
    await mark(ada, other, "need", "3")
    eve = await votum.signed_in("eve@example.org")
    answer = await eve.send_form(CLOSURE)
    assert answer.url.path == PAGE
    assert "The rating was closed on" in words(answer)
    assert (await eve.send_form(CLOSURE)).status_code == 403
    answer = await mark(ada, other, "need", "4", "Too late", 1)
    assert answer.status_code == 409
    assert "The chair has closed the rating" in words(answer)
    assert "Too late" in words(answer)
    assert (await ada.send_form(f"{other}/review")).status_code == 403
    assert (await ada.send_form(f"{sheet}/reopening", reason="x")).status_code == 403
    assert "The chair has closed the rating" in words(await ada.get(other))
    assert await database.value("SELECT sum(value) FROM score WHERE criterion = 'need'") == 7


async def test_a_mark_saved_while_the_chair_closes_is_before_it_or_refused(votum: Votum):
    call = await rating_call(votum)
    ada, eve = await votum.signed_in("ada@example.org"), await votum.signed_in("eve@example.org")
    sheets = [await call.sheet("Ada", key) for key in ("P01", "P02", "P03")]
    saves = [mark(ada, sheet, criterion, value, REASON) for sheet in sheets for criterion, value in MARKS.items()]
    answers = await asyncio.gather(*saves[:6], eve.send_form(CLOSURE), *saves[6:])
    saved = [answer for answer in answers if answer.status_code == 200 and "Saved" in words(answer)]
    refused = [answer for answer in answers if answer.status_code == 409]
    assert len(saved) + len(refused) == 12
    actions = [
        row["action"]
        for row in await database.rows("SELECT action FROM audit_entry WHERE call = $1 ORDER BY seq", call.id)
    ]
    assert actions[-1] == "rating.closed"
    assert actions.count("score.saved") == len(saved)


async def test_an_excluded_chair_sees_the_same_whatever_happens_there(votum):
    call = await rating_call(votum)
    eve = await votum.signed_in("eve@example.org")
    await eve.send_form(f"{await call.sheet('Eve', 'P02')}/conflict", ground="other")
    before = {page: words(await eve.get(page)) for page in (PAGE, CLOSURE)}
    assert "a conflict of interest closes it to you: P02" in before[PAGE]
    assert "Ada 0 of 2" in before[PAGE]
    await rate(votum, call, "Ada", "P02")
    await rate(votum, call, "Finn", "P02")
    assert {page: words(await eve.get(page)) for page in (PAGE, CLOSURE)} == before


async def test_the_closing_is_kept_in_the_trail(votum):
    call = await rating_call(votum)
    eve = await votum.signed_in("eve@example.org")
    await eve.send_form(CLOSURE)
    row = await database.row("SELECT actor, object FROM audit_entry WHERE action = 'rating.closed'")
    assert tuple(row) == (f"person:{await votum.person('eve@example.org')}", f"call:{call.id}")
