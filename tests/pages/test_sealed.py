"""Before the deadline nobody but the organisation sees content: not the office, no member, no file, no public page."""

import re
from datetime import datetime, timedelta

import pytest

from app import clock, database, i18n
from app.domain import assignments, calls, closures, formal_checks, reviews
from app.errors import NotAllowed
from app.papers import exports
from tests.rating_call import RatingCall, mark, rate, rating_call
from tests.records import filled
from tests.world import Browser, Votum, words

BASE = "/calls/rating"
SEALED = "The proposals open at the deadline,"
CONTENT = ("P01", "P02", "Idee", "Werkhof", "Träger 2", "Tafelgarten", "123,120", "€")
DAY = timedelta(days=1)


async def reopened(deadline: timedelta = DAY) -> None:
    """The deadline lies ahead, although proposals were admitted and rated: what 0.1.0 let happen."""
    async with database.write_transaction():
        await database.rows("UPDATE call SET deadline = $1 WHERE key = 'rating'", clock.now() + deadline)


async def sealed(votum: Votum) -> tuple[RatingCall, Browser]:
    """The call with admitted and rated proposals whose deadline was extended; and Cleo's browser."""
    call = await rating_call(votum)
    await rate(votum, call, "Ada", "P01")
    await reopened()
    return call, await votum.signed_in("cleo@example.org")


def content_of(page: str) -> list[str]:
    return [text for text in CONTENT if text in page]


async def test_the_office_sees_how_many_there_are_and_when_they_open(votum: Votum) -> None:
    _, browser = await sealed(votum)
    for path in ("intake", "intake?order=organisation", "office"):
        page = words(await browser.get(f"{BASE}/{path}"))
        assert "3 proposals were submitted." in page
        assert SEALED in page
        assert content_of(page) == []
    office = re.sub(r"\d\d:\d\d", "", words(await browser.get(f"{BASE}/office")))  # a clock may show any number
    for text in ("Places applied for", "45", "To be checked", "Admitted", "Downloads", "Ranking, recommendation"):
        assert text not in office


async def test_when_they_open_is_said_in_the_readers_language(votum: Votum) -> None:
    await sealed(votum)
    deadline = datetime(2030, 1, 31, 11, tzinfo=clock.BERLIN)
    await database.rows("UPDATE call SET deadline = $1", deadline)
    english = words(await (await votum.signed_in("cleo@example.org")).get(f"{BASE}/intake"))
    assert "31 January 2030, 11:00" in english
    german = words(await (await votum.signed_in("cleo@example.org", "de")).get(f"{BASE}/intake"))
    assert "Die Vorschläge öffnen sich mit dem Ende der Frist, 31.01.2030" in german


@pytest.mark.parametrize(
    "path",
    ["intake/P01", "intake/P99", "ranking", "recommendations/P01", *(f"exports/{a}.{b}" for a, b in exports.EVERY)],
)
async def test_whatever_holds_content_is_refused_in_words(votum: Votum, path: str) -> None:
    _, browser = await sealed(votum)
    answer = await browser.get(f"{BASE}/{path}")
    assert (answer.status_code, SEALED in words(answer)) == (403, True)
    assert content_of(words(answer).replace(path, "")) == []


@pytest.mark.parametrize(
    "path",
    [
        *("intake/P01/formal-decision", "intake/P01/cure-request", "intake/P01/cure-answer"),
        *("recommendations/P01", "freeze", "result"),
    ],
)
async def test_nothing_is_admitted_rejected_asked_or_recommended(votum: Votum, path: str) -> None:
    _, browser = await sealed(votum)
    tables = ("formal_decision", "gate_result", "cure_request", "recommendation", "frozen_ranking", "mail")
    count = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    before = await database.value(f"SELECT {count}")
    entered = {"missing": "Statutes", "due": "2099-01-01", "answer": "x", "reason": "No", "status": "reserve"}
    answer = await browser.send_form(f"{BASE}/{path}", **entered, reasons="x")
    assert (answer.status_code, SEALED in words(answer)) == (403, True)
    assert await database.value(f"SELECT {count}") == before


async def test_the_verbs_of_the_formal_check_refuse_by_themselves(votum: Votum) -> None:
    await sealed(votum)
    i18n.locale.set("en")
    cleo = await votum.person("cleo@example.org")
    call = await calls.run_by(cleo, "rating")
    proposal = await database.row("SELECT *, NULL AS withdrawn_at, NULL AS admitted FROM proposal WHERE key = 'P01'")
    assert proposal is not None
    for verb in (
        lambda: formal_checks.decide(call, proposal, {}, {}, "No", by=cleo, at=clock.now()),
        lambda: formal_checks.ask_for_cure(call, proposal, "Statutes", clock.today() + DAY, by=cleo, at=clock.now()),
        lambda: formal_checks.note_cure(call, proposal, "Arrived", by=cleo, at=clock.now()),
        lambda: formal_checks.proposal_of(call, "P01"),
        lambda: exports.export(call, "scores", "csv"),
    ):
        with pytest.raises(NotAllowed, match=SEALED):
            await verb()


async def test_members_read_nothing_even_where_something_was_admitted_and_rated(votum: Votum) -> None:
    call, _ = await sealed(votum)
    for name in ("Ada", "Finn", "Eve"):
        browser, sheet = await votum.signed_in(f"{name.lower()}@example.org"), await call.sheet(name, "P01")
        nothing = await browser.get("/assignments/999999999")
        for answer in (await browser.get(sheet), await browser.get(f"{sheet}/conflict"), nothing):
            assert answer.status_code == 404
        for form in (await mark(browser, sheet, "need", "3", "x", 1), await browser.send_form(f"{sheet}/conflict")):
            assert form.status_code == 404
        desk = words(await browser.get("/desk"))
        assert "There is nothing to rate yet." in desk
        assert content_of(desk) == []


async def test_the_chair_sees_no_proposal_on_progress_and_conflicts(votum: Votum) -> None:
    call = await rating_call(votum)
    ada = await votum.signed_in("ada@example.org")
    await ada.send_form(f"{await call.sheet('Ada', 'P02')}/conflict", ground="other", note="Träger 2 is next door")
    await belongs(votum, call, "Finn")
    await belongs(votum, call, "Eve")
    await reopened()
    for who in ("eve", "cleo"):
        browser = await votum.signed_in(f"{who}@example.org")
        for path in ("committee", "conflicts"):
            answer = await browser.get(f"{BASE}/{path}")
            assert (answer.status_code, content_of(words(answer))) == (200, [])
        number = await database.value("SELECT id FROM conflict")
        assert (await browser.get(f"{BASE}/conflicts/{number}")).status_code == 404
    row = filled(calls.Call, id=call.id, committee=call.committee)
    assert await closures.proposals(row) == []
    assert {member.asked for member in await closures.members(row)} == {0}
    assert await reviews.marks(call.id) == []
    assert await closures.closed_to(await votum.person("finn@example.org"), call.id) == []


async def belongs(votum: Votum, call: RatingCall, name: str) -> None:
    """Let a member act for the applicant of P02."""
    await database.rows(
        "INSERT INTO membership (person, organisation, since)"
        " SELECT $1, organisation, now() FROM proposal WHERE id = $2",
        await votum.person(f"{name.lower()}@example.org"),
        call.proposals["P02"],
    )


async def test_the_organisation_reads_its_own(votum: Votum) -> None:
    call, _ = await sealed(votum)
    bo = await votum.signed_in("bo@example.org")
    assert "Idee 1" in words(await bo.get("/desk"))
    assert (await bo.get(f"/proposals/{call.proposals['P01']}")).status_code == 200
    assert (await bo.get(f"/proposals/{call.proposals['P02']}")).status_code == 404


async def test_the_public_learns_neither_number_nor_places(votum: Votum) -> None:
    await sealed(votum)
    page = words(await (await votum.stranger()).get(BASE))
    for text in ("submitted.", "Ideas for"):
        assert text not in page
    await reopened(-DAY)
    assert "3 proposals were submitted." in words(await (await votum.stranger()).get(BASE))


async def test_with_the_deadline_everything_opens_as_it_was(votum: Votum) -> None:
    call, cleo = await sealed(votum)
    await reopened(timedelta(seconds=-1))
    assert "Idee 1" in words(await cleo.get(f"{BASE}/intake"))
    for path in ("intake/P01", "ranking", "recommendations/P01", "exports/scores.csv"):
        assert (await cleo.get(f"{BASE}/{path}")).status_code == 200
    ada = await votum.signed_in("ada@example.org")
    assert (await ada.get(await call.sheet("Ada", "P01"))).status_code == 200
    assert (await cleo.get(f"{BASE}/intake/P99")).status_code == 404


@pytest.mark.parametrize(
    ("seconds", "sealed_then"), [(-1, True), (-0.000001, True), (0, False), (0.000001, False), (3600, False)]
)
def test_the_seal_ends_with_the_deadline_itself(seconds: float, sealed_then: bool) -> None:
    deadline = datetime(2030, 1, 31, 11, tzinfo=clock.BERLIN)
    why = calls.why_sealed(filled(calls.Call, deadline=deadline), deadline + timedelta(seconds=seconds))
    assert (why is not None) == sealed_then
    assert calls.why_sealed(filled(calls.Call)) is None


async def test_who_joins_before_the_deadline_finds_the_sheets_after_it(votum: Votum) -> None:
    call, _ = await sealed(votum)
    new = await votum.person("ivy@example.org")
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO member (committee, person, key, role, since) VALUES ($1, $2, 'M9', 'voting', now())",
            call.committee,
            new,
        )
        await assignments.assign_all(call.id, clock.now())
    assert (await assignments.desk_of(new))[0].sheets == []
    await reopened(-DAY)
    assert [sheet.key for sheet in (await assignments.desk_of(new))[0].sheets] == ["P01", "P02", "P03"]
