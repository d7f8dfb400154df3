"""An administrator who acts for an applicant, or for a partner, decides nothing in that call (VwVfG 20 and 21)."""

import pytest

from app import database
from app.domain import conflicts
from app.papers import exports
from tests import open_call
from tests.pages.test_ranking import BASE, rated
from tests.rating_call import RatingCall, rating_call
from tests.records import filled
from tests.world import Browser, Votum, words

RULE = "VwVfG, sections 20 and 21"
WAYS = ("applicant", "partner", "partner by name")


async def concerned(votum: Votum, how: str = "applicant", name: str = "cleo") -> tuple[RatingCall, Browser]:
    """P02 is rated like the others, and then Cleo turns out to act for its applicant or a partner."""
    call, browser = await rated(votum)
    await concern(votum, call, how, name)
    return call, browser


async def concern(votum: Votum, call: RatingCall, how: str, name: str = "cleo") -> None:
    person = await votum.person(f"{name}@example.org")
    if how == "applicant":
        await database.rows(
            "INSERT INTO membership (person, organisation, since)"
            " SELECT $1, organisation, now() FROM proposal WHERE id = $2",
            person,
            call.proposals["P02"],
        )
        return
    partner = await open_call.organisation(person, "Nähstube e. V.")
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO partner (proposal, organisation, name) VALUES ($1, $2, 'NÄHSTUBE e. V.')",
            call.proposals["P02"],
            partner if how == "partner" else None,
        )


@pytest.mark.parametrize("how", WAYS)
async def test_checks_ranking_recommendations_and_files_are_closed_with_the_rule(votum: Votum, how: str) -> None:
    _, browser = await concerned(votum, how)
    pages = ("intake", "intake/P02", "intake/P01", "ranking", "recommendations/P02", "recommendations/P01")
    for path in (*pages, *(f"exports/{what}.{form}" for what, form in exports.EVERY)):
        answer = await browser.get(f"{BASE}/{path}")
        assert (path, answer.status_code, RULE in words(answer)) == (path, 403, True)
        assert "another administrator of the authority" in words(answer)
        assert "Idee" not in words(answer)


@pytest.mark.parametrize(
    "path",
    [
        *("intake/P02/formal-decision", "intake/P01/formal-decision", "intake/P02/cure-request"),
        *("intake/P02/cure-answer", "recommendations/P02", "recommendations/P01", "freeze", "result"),
        "committee/members",
    ],
)
async def test_nothing_is_decided_in_the_own_case(votum: Votum, path: str) -> None:
    _, browser = await concerned(votum)
    tables = ("gate_result", "cure_request", "recommendation", "frozen_ranking", "result_publication", "invitation")
    count = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    before = await database.value(f"SELECT {count}")
    entered = {"status": "reserve", "reasons": "Mine", "missing": "x", "due": "2099-01-01", "answer": "x"}
    entered |= {"name": "Friend", "email": "friend@example.org", "role": "voting"}
    answer = await browser.send_form(f"{BASE}/{path}", **entered)
    assert (answer.status_code, RULE in words(answer)) == (403, True)
    assert await database.value(f"SELECT {count}") == before


async def test_the_office_page_says_who_carries_on_and_counts_nothing_more(votum: Votum) -> None:
    _, browser = await concerned(votum)
    page = await browser.get(f"{BASE}/office")
    assert (page.status_code, RULE in words(page)) == (200, True)
    for link in ("/intake", "/ranking", "/exports/"):
        assert f"{BASE}{link}" not in page.text
    for text in ("To be checked", "Admitted", "Places applied for"):
        assert text not in words(page)
    assert f"{BASE}/check" in page.text
    german = words(await (await votum.signed_in("cleo@example.org", "de")).get(f"{BASE}/office"))
    assert "§§ 20 und 21 VwVfG" in german
    members = await browser.get(f"{BASE}/committee/members")
    assert (members.status_code, "Send the invitation" in words(members)) == (200, False)


async def test_progress_and_conflicts_tell_nothing_of_the_own_proposal_and_record_nothing(votum: Votum) -> None:
    call, browser = await concerned(votum)
    ada, finn = await votum.signed_in("ada@example.org"), await votum.signed_in("finn@example.org")
    await ada.send_form(f"{await call.sheet('Ada', 'P02')}/conflict", ground="other", note="About P02")
    await finn.send_form(f"{await call.sheet('Finn', 'P01')}/conflict", ground="other", note="About P01")
    page = words(await browser.get(f"{BASE}/conflicts"))
    assert ("About P01" in page, "About P02" in page) == (True, False)
    assert "Sheets handed in 2 of 5" in words(await browser.get(f"{BASE}/committee"))
    about = await database.value("SELECT id FROM conflict WHERE proposal = $1", call.proposals["P01"])
    entered = {"decision": "not_excluded", "for_exclusion": "0", "against": "5", "abstain": "0", "reason": "x"}
    answer = await browser.send_form(f"{BASE}/conflicts/{about}", **entered)
    assert (answer.status_code, RULE in words(answer)) == (403, True)
    assert await database.value("SELECT count(*) FROM conflict WHERE decided_at IS NOT NULL") == 0


async def test_other_calls_and_another_administrator_are_untouched(votum: Votum) -> None:
    call, browser = await concerned(votum)
    await open_call.call("other")
    person = await votum.person("ira@example.org")
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO administration (person, authority, since)"
            " SELECT $1, authority, now() FROM call WHERE key = 'rating'",
            person,
        )
    assert (await browser.get("/calls/other/intake")).status_code == 200
    desk = words(await browser.get("/desk"))
    assert "Calls I administer" in desk
    ira = await votum.signed_in("ira@example.org")
    for path in ("intake/P02", "ranking", "recommendations/P02", "exports/scores.csv"):
        assert (await ira.get(f"{BASE}/{path}")).status_code == 200
    assert call.key == "rating"


async def test_a_draft_that_was_never_handed_in_concerns_nobody(votum: Votum) -> None:
    call, browser = await rated(votum)
    cleo = await votum.person("cleo@example.org")
    await open_call.organisation(cleo, "Cleos Verein")
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO proposal (call, organisation, title, created_at, saved_at)"
            " SELECT $1, organisation, 'Entwurf', now(), now() FROM membership WHERE person = $2",
            call.id,
            cleo,
        )
    assert (await browser.get(f"{BASE}/ranking")).status_code == 200


async def test_a_conflict_that_an_administrator_declared_as_a_member_counts_as_well(votum: Votum) -> None:
    call = await rating_call(votum)
    async with database.write_transaction():
        await database.rows("UPDATE member SET person = $1 WHERE key = 'M2'", await votum.person("cleo@example.org"))
    browser = await votum.signed_in("cleo@example.org")
    assert (await browser.get(f"{BASE}/intake/P02")).status_code == 200
    await browser.send_form(f"{await call.sheet('Ada', 'P02')}/conflict", ground="other")
    assert (await browser.get(f"{BASE}/intake/P02")).status_code == 403
    await database.rows("UPDATE conflict SET decision = 'not_excluded'")
    assert (await browser.get(f"{BASE}/intake/P02")).status_code == 200


async def test_whoever_administers_nothing_here_still_finds_nothing(votum: Votum) -> None:
    await concerned(votum, name="dan")
    browser = await votum.signed_in("dan@example.org")
    for path in ("intake", "ranking", "office", "exports/scores.csv"):
        assert (await browser.get(f"{BASE}/{path}")).status_code == 404
    assert conflicts.why_biased(filled(conflicts.Part)) is None
