"""The chair reads the ranking once the rating is closed: no form, no name, and nothing of what a conflict closes."""

import re

import pytest

from app import database
from tests.pages.test_own_case import concern
from tests.pages.test_ranking import BASE, freeze, rated, recommend
from tests.rating_call import rate, rating_call
from tests.world import Votum, words

PAGES = ("ranking", "rankings/1", "recommendations/P01")


async def test_before_the_closing_there_is_no_ranking_for_the_chair(votum: Votum) -> None:
    _, cleo = await rated(votum, closed=False)
    eve = await votum.signed_in("eve@example.org")
    for path in PAGES:
        assert (await eve.get(f"{BASE}/{path}")).status_code == 404
    assert f"{BASE}/ranking" not in (await eve.get(f"{BASE}/committee")).text
    assert (await cleo.get(f"{BASE}/ranking")).status_code == 200


async def test_the_closed_rating_leads_the_chair_to_the_ranking(votum: Votum) -> None:
    _, cleo = await rated(votum)
    await recommend(cleo, "P01", conditions="A skilled worker")
    await freeze(cleo)
    eve = await votum.signed_in("eve@example.org")
    assert f'href="{BASE}/ranking"' in (await eve.get(f"{BASE}/committee")).text
    for path in PAGES:
        answer = await eve.get(f"{BASE}/{path}")
        assert answer.status_code == 200
        assert "recommended with conditions" in words(answer)
        assert f'<form method="post" action="{BASE}' not in answer.text
        assert not re.search(rf'action="{BASE}/', answer.text)
        for closed in ("/office", "/exports/", "/intake"):
            assert f"{BASE}{closed}" not in answer.text
    assert "66.83" in words(await eve.get(f"{BASE}/ranking"))
    assert "Ranking no. 1 was frozen on" in words(await eve.get(f"{BASE}/ranking"))
    assert "A skilled worker" in words(await eve.get(f"{BASE}/recommendations/P01"))


@pytest.mark.parametrize("path", ["recommendations/P01", "freeze", "result"])
async def test_the_chair_only_reads(votum: Votum, path: str) -> None:
    await rated(votum)
    eve = await votum.signed_in("eve@example.org")
    answer = await eve.send_form(f"{BASE}/{path}", status="reserve", reasons="x", version="0")
    assert answer.status_code == 404
    assert (await eve.get(f"{BASE}/exports/scores.csv")).status_code == 404
    assert (await eve.get(f"{BASE}/intake")).status_code == 404
    assert await database.value("SELECT count(*) FROM recommendation") == 0


@pytest.mark.parametrize("name", ["ada", "finn", "gus", "bo", "dan"])
async def test_nobody_else_sees_it_after_the_closing(votum: Votum, name: str) -> None:
    _, cleo = await rated(votum)
    await freeze(cleo)
    browser = await votum.signed_in(f"{name}@example.org")
    for path in PAGES:
        assert (await browser.get(f"{BASE}/{path}")).status_code == 404


async def test_marks_stand_there_without_names_and_seats(votum: Votum) -> None:
    call = await rating_call(votum)
    await rate(votum, call, "Ada", "P01", need="5")
    await rate(votum, call, "Finn", "P01", need="3")
    eve = await rate(votum, call, "Eve", "P01")
    finn = await votum.signed_in("finn@example.org")
    await finn.send_form(f"{await call.sheet('Finn', 'P01')}/conflict", ground="other")
    await eve.send_form(f"{BASE}/rating-closure")
    answer = await eve.get(f"{BASE}/recommendations/P01")
    page = words(answer)
    assert "Where the total comes from" in page
    assert "Member 1 (" in page
    assert "Member 2 (" in page
    for said in ("M1", "M2", "M3", "Ada", "Finn", "does not count", "Member 3"):
        assert said not in page.replace("Signed in as Eve", "")
    office = words(await (await votum.signed_in("cleo@example.org")).get(f"{BASE}/recommendations/P01"))
    assert ("M3 does not count" in office, "M2 (5)" in office) == (True, True)


@pytest.mark.parametrize("how", ["applicant", "partner", "declared"])
async def test_what_a_conflict_closes_is_not_in_the_chairs_list(votum: Votum, how: str) -> None:
    call, cleo = await rated(votum)
    await freeze(cleo)
    eve = await votum.signed_in("eve@example.org")
    assert "P02" in words(await eve.get(f"{BASE}/ranking"))
    if how == "declared":
        await eve.send_form(f"{await call.sheet('Eve', 'P02')}/conflict", ground="other")
    else:
        await concern(votum, call, how, "eve")
    for path in ("ranking", "rankings/1", "recommendations/P01"):
        answer = await eve.get(f"{BASE}/{path}")
        assert answer.status_code == 200
        for said in ("P02", "Idee 2", "Träger 2"):
            assert said not in words(answer)
    nothing = await eve.get(f"{BASE}/recommendations/P99")
    closed = await eve.get(f"{BASE}/recommendations/P02")
    assert (closed.status_code, nothing.status_code) == (404, 404)
    assert "P02" in words(await cleo.get(f"{BASE}/ranking"))
    assert "P02" in words(await cleo.get(f"{BASE}/rankings/1"))


async def test_sums_leave_out_what_is_closed_and_ranks_stay(votum: Votum) -> None:
    call = await rating_call(votum)
    for name in ("Ada", "Finn"):
        await rate(votum, call, name, "P01", need="3")
        await rate(votum, call, name, "P02", need="5")
    eve = await votum.signed_in("eve@example.org")
    await eve.send_form(f"{BASE}/rating-closure")
    whole = words(await eve.get(f"{BASE}/ranking"))
    assert "Recommended 2 Places 30" in whole
    await concern(votum, call, "applicant", "eve")
    page = words(await eve.get(f"{BASE}/ranking"))
    assert "Recommended 1" not in page  # neither sums that are untrue nor sums that tell what is closed
    assert re.search(r"Requested 2 P01 Idee 1", page)
    assert "conflict of interest" not in page.split("What the columns mean")[0]


async def test_a_biased_chair_who_also_administers_reads_like_a_chair(votum: Votum) -> None:
    call, _ = await rated(votum)
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO administration (person, authority, since)"
            " SELECT $1, authority, now() FROM call WHERE key = 'rating'",
            await votum.person("eve@example.org"),
        )
    eve = await votum.signed_in("eve@example.org")
    assert "Freeze this ranking" in words(await eve.get(f"{BASE}/ranking"))
    await concern(votum, call, "applicant", "eve")
    page = words(await eve.get(f"{BASE}/ranking"))
    assert ("Freeze this ranking" in page, "P02" in page, "P01" in page) == (False, False, True)
    assert (await eve.send_form(f"{BASE}/freeze")).status_code == 404


@pytest.mark.parametrize("proposals", [10, 100])
async def test_the_chairs_pages_take_as_many_statements_as_the_offices(votum: Votum, proposals: int) -> None:
    call = await rating_call(votum, proposals)
    await rate(votum, call, "Ada", "P01")
    eve = await votum.signed_in("eve@example.org")
    await eve.send_form(f"{BASE}/rating-closure")
    for path, statements in (("ranking", 4), ("recommendations/P01", 4)):
        await eve.get(f"{BASE}/{path}")
        with votum.counted() as seen:
            answer = await eve.get(f"{BASE}/{path}")
        assert (path, answer.status_code, len(seen)) == (path, 200, statements)
