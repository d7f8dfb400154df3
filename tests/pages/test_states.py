"""Where a proposal stands: the same word on its page, on the desk and in the office, and nothing before its time."""

import csv
import io
import re
from datetime import date, datetime, time, timedelta

import pytest

from app import clock, database, i18n
from app.domain import calls, proposals, rating_schemes
from app.domain.rating_schemes import Scheme
from tests import open_call
from tests.rating_call import SCHEME, RatingCall, rating_call
from tests.records import filled
from tests.world import Browser, Votum, words

DAY = timedelta(days=1)


async def bos_proposal(votum: Votum, **call: object) -> int:
    """Bo's proposal, handed in in a call that is open (unless its dates are changed afterwards); its id."""
    person = await votum.person("bo@example.org", "Bo")
    organisation = await open_call.organisation(person)
    draft = await open_call.draft(person, await open_call.call(contact_email="office@example.org"), organisation)
    await proposals.hand_in(draft, by=person, at=clock.now())
    if call:
        await over(**call)
    return draft


async def over(**changed: object) -> None:
    """The deadline has passed; and other dates of the call."""
    await database.rows("UPDATE call SET deadline = $1", clock.now() - DAY)
    for column, value in changed.items():
        await database.rows(f"UPDATE call SET {column} = $1", value)


async def asked_for(proposal: int, due: date) -> None:
    await database.rows(
        "INSERT INTO cure_request (proposal, missing, due, at) VALUES ($1, 'Der Registerauszug', $2, now())",
        proposal,
        due,
    )


async def decided(proposal: int, admitted: bool) -> None:
    await database.rows(
        "INSERT INTO formal_decision (proposal, admitted, reason, at) VALUES ($1, $2, $3, now())",
        proposal,
        admitted,
        "" if admitted else "Ohne Unterschrift",
    )


async def word_of(browser: Browser, proposal: int) -> str:
    """The state on the page of a proposal; the desk must say the same."""
    page = (await browser.get(f"/proposals/{proposal}")).text
    found = re.findall(r'id="standing"[^>]*>([^<]+)<', page)
    assert len(found) == 1
    badges = re.findall(r'kern-badge--\w+">([^<]+)<', (await browser.get("/desk")).text)
    assert badges == found
    return str(found[0])


# ── the organisation ───────────────────────────────────────────────────────────────────────────


async def test_a_proposal_is_called_by_where_it_stands(votum: Votum) -> None:
    draft = await bos_proposal(votum)
    bo = await votum.signed_in("bo@example.org")
    assert await word_of(bo, draft) == "Handed in"
    await asked_for(draft, clock.today())
    assert await word_of(bo, draft) == "Something is missing"
    await database.rows("UPDATE cure_request SET answered_at = now(), answer = 'Da'")
    assert await word_of(bo, draft) == "Answer received"
    await decided(draft, True)
    await over(rating_from=clock.today() + DAY)
    assert await word_of(bo, draft) == "Admitted to the rating"
    await over(rating_from=clock.today())
    assert await word_of(bo, draft) == "In rating"
    await database.rows("INSERT INTO rating_closure (call, at) SELECT id, now() FROM call")
    assert await word_of(bo, draft) == "In rating"
    await database.rows("INSERT INTO withdrawal (proposal, at) VALUES ($1, now())", draft)
    assert await word_of(bo, draft) == "Withdrawn"


async def test_a_draft_is_late_from_the_deadline_on(votum: Votum) -> None:
    person = await votum.person("bo@example.org")
    draft = await open_call.draft(person, await open_call.call(), await open_call.organisation(person))
    bo = await votum.signed_in("bo@example.org")
    assert await word_of(bo, draft) == "Draft"
    await over()
    assert await word_of(bo, draft) == "Not handed in"
    page = await bo.get(f"/proposals/{draft}")
    assert "/submission" not in page.text
    assert "Delete the draft" in words(page)


@pytest.mark.parametrize(("days", "word"), [(-1, "Something was missing"), (0, "Something is missing")])
async def test_what_is_missing_can_be_sent_to_the_end_of_the_day(votum: Votum, days: int, word: str) -> None:
    draft = await bos_proposal(votum)
    await asked_for(draft, clock.today() + days * DAY)
    bo = await votum.signed_in("bo@example.org")
    assert await word_of(bo, draft) == word
    for path in (f"/proposals/{draft}", "/desk"):
        page = words(await bo.get(path))
        assert ("Please send it by" in page) == (days == 0)
        assert ("The period ended on" in page) == (days < 0)


async def test_the_last_day_ends_at_midnight_in_germany(votum: Votum) -> None:
    draft = await bos_proposal(votum)
    await asked_for(draft, date(2026, 12, 1))
    held = await proposals.held_by(await votum.person("bo@example.org"), draft)
    midnight = datetime.combine(date(2026, 12, 2), time(), clock.BERLIN)
    assert proposals.state(held, held, at=midnight - timedelta(seconds=1)) == "curing"
    assert proposals.state(held, held, at=midnight) == "cure_over"


async def test_a_rejection_is_read_at_once_with_its_reason_and_nothing_is_asked_for_any_more(votum: Votum) -> None:
    draft = await bos_proposal(votum)
    await asked_for(draft, clock.today() + 7 * DAY)
    await decided(draft, False)
    bo = await votum.signed_in("bo@example.org")
    assert await word_of(bo, draft) == "Formally rejected"
    page = words(await bo.get(f"/proposals/{draft}"))
    assert "Reason: Ohne Unterschrift" in page
    assert "The call is still open: you can hand in a new proposal" in page
    for path in (f"/proposals/{draft}", "/desk"):
        assert "Please send it by" not in words(await bo.get(path))
        assert "Something is missing" not in words(await bo.get(path))
    await over()
    page = await bo.get(f"/proposals/{draft}")
    assert "If you think that this is wrong, please write to office@example.org" in words(page)
    assert "still open" not in words(page)
    assert "/copy" not in page.text


async def test_after_a_rejection_a_copy_can_be_handed_in_while_the_call_is_open(votum: Votum) -> None:
    draft = await bos_proposal(votum)
    await decided(draft, False)
    bo = await votum.signed_in("bo@example.org")
    page = await bo.send_form(f"/proposals/{draft}/copy")
    copied = int(page.url.path.split("/")[2])
    assert copied != draft
    page = await bo.send_form(f"/proposals/{copied}/submission")
    assert "P02" in words(page)


async def test_what_is_rejected_is_not_withdrawn(votum: Votum) -> None:
    draft = await bos_proposal(votum)
    bo = await votum.signed_in("bo@example.org")
    assert "/withdrawal" in (await bo.get(f"/proposals/{draft}")).text
    await decided(draft, False)
    assert "/withdrawal" not in (await bo.get(f"/proposals/{draft}")).text
    answer = await bo.send_form(f"/proposals/{draft}/withdrawal", reason="")
    assert (answer.status_code, "nothing to take back" in words(answer)) == (409, True)


async def test_the_course_says_when_each_step_was_or_is_expected(votum: Votum) -> None:
    draft = await bos_proposal(
        votum,
        formal_check_until=date(2027, 1, 8),
        rating_from=date(2027, 1, 11),
        rating_until=date(2027, 2, 1),
        results_on=date(2027, 3, 1),
    )
    bo = await votum.signed_in("bo@example.org")
    page = await bo.get(f"/proposals/{draft}")
    assert steps(page.text) == ["done Received", "current Formal check", "todo Rating by the committee", "todo Result"]
    for text in ("expected: 8 January 2027", "expected: 11 January 2027 – 1 February 2027", "expected: 1 March 2027"):
        assert text in words(page)
    await decided(draft, True)
    page = await bo.get(f"/proposals/{draft}")
    assert steps(page.text)[1:3] == ["done Formally checked: admitted", "todo Rating by the committee"]
    await over(rating_from=clock.today())
    assert steps((await bo.get(f"/proposals/{draft}")).text)[2] == "current Rating by the committee"
    await database.rows("INSERT INTO rating_closure (call, at) SELECT id, now() FROM call")
    page = await bo.get(f"/proposals/{draft}")
    assert steps(page.text)[2:] == ["done Rating by the committee", "current Result"]
    await database.rows("UPDATE formal_decision SET admitted = false, reason = 'Nein'")
    assert steps((await bo.get(f"/proposals/{draft}")).text) == ["done Received", "done Formally rejected"]


def steps(page: str) -> list[str]:
    """The steps on a page: done, current or todo, and what each is called."""
    found = re.findall(r"votum-steps__item--(\w+)\"[^>]*>\s*<span class=\"votum-steps__label\">([^<]+)", page)
    return [f"{state} {label.strip()}" for state, label in found]


# ── the result ─────────────────────────────────────────────────────────────────────────────────

RESULTS = {"o01": "Recommended", "o07": "Reserve list", "o09": "Not recommended", "o13": "Formally rejected"}


@pytest.mark.parametrize(("who", "word"), RESULTS.items())
async def test_recommended_and_refused_are_told_apart_on_the_desk(auental: Votum, who: str, word: str) -> None:
    browser = await auental.signed_in(f"{who}@example.org")
    proposal = int(re.findall(r'href="/proposals/(\d+)"', (await browser.get("/desk")).text)[0])
    assert await word_of(browser, proposal) == word
    page = await browser.get(f"/proposals/{proposal}")
    assert page.text.count("kern-alert--success") == 0
    assert "/withdrawal" not in page.text
    office = await auental.signed_in("koordination@example.org")
    key = await database.value("SELECT key FROM proposal WHERE id = $1", proposal)
    row = re.findall(rf"<td>{key}</td>.*?kern-badge--\w+\">([^<]+)<", (await office.get(INTAKE)).text, re.DOTALL)
    assert row[:1] == [word]
    assert word in words(await office.get(f"{INTAKE}/{key}"))


INTAKE = "/calls/aufruf-2017/intake"


async def test_before_the_result_is_public_no_page_of_an_organisation_says_a_word_of_it(auental: Votum) -> None:
    browsers = {who: await auental.signed_in(f"{who}@example.org") for who in RESULTS}
    await database.rows("ALTER TABLE result_publication DISABLE TRIGGER USER")
    await database.rows("DELETE FROM result_publication")
    assert await database.value("SELECT count(*) FROM frozen_ranking") > 0
    for who, browser in browsers.items():
        proposal = int(re.findall(r'href="/proposals/(\d+)"', (await browser.get("/desk")).text)[0])
        assert await word_of(browser, proposal) == ("Formally rejected" if who == "o13" else "In rating")
        page = words(await browser.get(f"/proposals/{proposal}"))
        for word in ("ecommended", "eserve", "minimum", "capacity", "suffice"):
            assert word not in page


async def test_the_desk_asks_no_more_often_for_many_proposals_with_a_result(auental: Votum) -> None:
    browser = await auental.signed_in("o01@example.org")
    await browser.get("/desk")
    with auental.counted() as few:
        await browser.get("/desk")
    await database.rows(
        "INSERT INTO membership (person, organisation, since) SELECT p.id, o.id, now() FROM person p, organisation o"
        " WHERE p.email = 'o01@example.org' ON CONFLICT DO NOTHING"
    )
    with auental.counted() as many:
        page = await browser.get("/desk")
    assert page.text.count("/proposals/") > 10
    assert len(many) == len(few) == 5


# ── the office ─────────────────────────────────────────────────────────────────────────────────


async def office_asks(votum: Votum, due: date) -> tuple[RatingCall, Browser]:
    """Cleo has asked Bo for something that is missing in P01."""
    call = await rating_call(votum)
    await database.rows("DELETE FROM assignment")
    await database.rows("DELETE FROM formal_decision")
    await asked_for(call.proposals["P01"], due)
    await over(rating_scheme=await with_a_gate())
    return call, await votum.signed_in("cleo@example.org")


async def with_a_gate() -> int:
    gates = [{"key": "complete", "label_de": "Complete", "ko": True, "curable": True}]
    scheme = Scheme.from_document({**SCHEME, "gates": gates})
    async with database.write_transaction():
        return await rating_schemes.keep(
            scheme, await database.value("SELECT authority FROM call"), by=None, at=clock.now()
        )


CHECK = "/calls/rating/intake/P01"
REFUSED = {"gate-complete": "no", "reason": "Ohne <b>Unterschrift</b>"}


@pytest.mark.parametrize(("days", "asked"), [(1, True), (0, True), (-1, False)])
async def test_a_rejection_while_the_period_runs_is_to_be_confirmed(votum: Votum, days: int, asked: bool) -> None:
    _, cleo = await office_asks(votum, clock.today() + days * DAY)
    assert "Reject although" not in words(await cleo.get(CHECK))
    answer = await cleo.send_form(f"{CHECK}/formal-decision", **REFUSED)
    assert (answer.status_code == 422) == asked
    if asked:
        assert "the organisation may still send what it was asked for" in words(answer)
        assert "Ohne &lt;b&gt;Unterschrift&lt;/b&gt;" in answer.text
        assert re.search(r'name="gate-complete"[^>]*value="no"[^>]*checked', answer.text)
        assert await database.value("SELECT count(*) FROM formal_decision") == 0
        answer = await cleo.send_form(f"{CHECK}/formal-decision", **REFUSED, despite_period="1")
    assert "P01 is formally rejected." in words(answer)


async def test_an_admission_while_the_period_runs_needs_no_confirmation(votum: Votum) -> None:
    _, cleo = await office_asks(votum, clock.today() + DAY)
    answer = await cleo.send_form(f"{CHECK}/formal-decision", **{"gate-complete": "yes"})
    assert "P01 is admitted to the rating." in words(answer)


async def test_the_tick_is_kept_while_something_else_is_wrong(votum: Votum) -> None:
    _, cleo = await office_asks(votum, clock.today() + DAY)
    sent = {**REFUSED, "reason": "", "despite_period": "1"}
    answer = await cleo.send_form(f"{CHECK}/formal-decision", **sent)
    assert answer.status_code == 422
    assert re.search(r'name="despite_period"[^>]*checked', answer.text)


async def test_the_office_reads_that_a_period_is_over_and_the_file_keeps_its_words(votum: Votum) -> None:
    await office_asks(votum, clock.today() - DAY)
    cleo = await votum.signed_in("cleo@example.org")
    assert "cure period over" in words(await cleo.get("/calls/rating/intake"))
    assert "cure period over" in words(await cleo.get(CHECK))
    file = await cleo.get("/calls/rating/exports/intake-list.csv")
    assert [row["formal_check"] for row in csv.DictReader(io.StringIO(file.text))] == ["curing", "new", "new"]


# ── the call ───────────────────────────────────────────────────────────────────────────────────

NOW = datetime(2026, 11, 24, 12, tzinfo=clock.BERLIN)
CALL = {
    "published_at": NOW - 60 * DAY,
    "opens_at": None,
    "information_event_at": None,
    "questions_until": None,
    "deadline": NOW - 20 * DAY,
    "formal_check_until": (NOW - 15 * DAY).date(),
    "rating_from": (NOW - 14 * DAY).date(),
    "rating_until": (NOW + DAY).date(),
    "rating_closed_at": None,
    "meeting_at": NOW + 10 * DAY,
    "results_on": (NOW + 30 * DAY).date(),
    "result_at": None,
    "earliest_start": (NOW + 90 * DAY).date(),
}


@pytest.fixture
def english() -> None:
    i18n.locale.set("en")


def timetable(**changed: object) -> dict[str, tuple[object, str]]:
    return {
        label: (when, state) for label, when, state in calls.timetable(filled(calls.Call, **{**CALL, **changed}), NOW)
    }


def test_what_is_published_is_done_on_the_very_day(english: None) -> None:
    table = timetable(published_at=NOW, deadline=NOW + DAY)
    assert table["Call published"] == (NOW.date(), "done")
    assert table["Deadline for proposals"][1] == "current"


def test_a_rating_ends_when_it_is_closed_and_not_by_its_date(english: None) -> None:
    late = timetable(rating_until=(NOW - DAY).date())
    assert late["Rating by the committee"][1] == "current"
    closed = timetable(rating_closed_at=NOW - 2 * DAY)
    assert closed["Rating by the committee"] == ((CALL["rating_from"], (NOW - 2 * DAY).date()), "done")
    assert closed["Meeting of the committee"][1] == "current"


def test_with_the_result_everything_before_it_is_done_and_it_has_its_real_day(english: None) -> None:
    table = timetable(rating_closed_at=NOW - DAY, result_at=NOW)
    assert [state for _when, state in table.values()] == ["done"] * 5 + ["current"]
    assert table["Result published"] == (NOW.date(), "done")
    assert "Meeting of the committee" not in table  # the plan was the tenth day from now
    assert list(table)[-1] == "Earliest start"


def test_a_result_that_is_overdue_is_not_called_published(english: None) -> None:
    table = timetable(rating_closed_at=NOW - 9 * DAY, meeting_at=NOW - 5 * DAY, results_on=(NOW - DAY).date())
    assert table["Result"] == ((NOW - DAY).date(), "current")
    assert "Result published" not in table


async def test_the_public_page_of_a_result_names_no_earlier_step_as_the_current_one(auental: Votum) -> None:
    page = (await (await auental.stranger()).get("/calls/aufruf-2017")).text
    found = steps(page)
    place = found.index("done Result published")
    assert all(step.startswith("done ") for step in found[:place])


async def test_the_first_page_explains_four_steps_and_calls_none_of_them_done(votum: Votum) -> None:
    page = await (await votum.stranger()).get("/")
    way = re.findall(r'<ol class="votum-way">(.*?)</ol>', page.text, re.DOTALL)
    assert [one.count("<li>") for one in way] == [4]
    assert "(done)" not in words(page)


async def test_the_first_page_does_not_call_open_what_opens_later(votum: Votum) -> None:
    await open_call.call(opens_at=clock.now() + DAY)
    await open_call.organisation(await votum.person("bo@example.org"))
    assert "Work that does good" not in words(await (await votum.stranger()).get("/"))
    assert "Start a proposal" not in words(await (await votum.signed_in("bo@example.org")).get("/desk"))


async def test_whoever_has_no_proposal_yet_reads_how_it_goes(votum: Votum) -> None:
    await open_call.call()
    await open_call.organisation(await votum.person("bo@example.org"))
    page = words(await (await votum.signed_in("bo@example.org")).get("/desk"))
    assert "Your organisation has no proposal yet." in page
    assert "Start a proposal: Work that does good" in page


# ── the mails ──────────────────────────────────────────────────────────────────────────────────


async def mailed() -> list[tuple[str, str, str]]:
    """What was written since the last look: recipient, subject, body."""
    found = await database.rows("SELECT recipient, subject, body FROM mail ORDER BY id")
    await database.rows("DELETE FROM mail")
    return [(row["recipient"], row["subject"], row["body"]) for row in found]


async def test_a_rejection_is_mailed_at_once_to_everybody_in_their_language_and_told_again_if_it_changes(
    votum: Votum,
) -> None:
    call, cleo = await office_asks(votum, clock.today() - DAY)
    await open_call.organisation(await votum.person("ole@example.org"))
    await database.rows("UPDATE organisation SET email = 'post@werkhof.example' WHERE name = 'Werkhof e. V.'")
    await database.rows("UPDATE person SET language = 'en' WHERE email = 'ole@example.org'")
    await database.rows("UPDATE person SET language = 'de' WHERE email = 'bo@example.org'")
    await database.rows("UPDATE call SET contact_email = 'office@example.org'")
    await cleo.send_form(f"{CHECK}/formal-decision", **REFUSED)
    told = {recipient: (subject, body) for recipient, subject, body in await mailed()}
    assert set(told) == {"bo@example.org", "ole@example.org", "post@werkhof.example"}
    assert told["ole@example.org"][0] == "Formally rejected: proposal P01"
    assert told["bo@example.org"][0] == "Formal abgelehnt: Vorschlag P01"
    for _subject, body in told.values():
        assert "Ohne <b>Unterschrift</b>" in body
        assert "office@example.org" in body
        assert f"http://votum.test/proposals/{call.proposals['P01']}" in body
    assert "The call is still open" not in told["ole@example.org"][1]
    await cleo.send_form(f"{CHECK}/formal-decision", **REFUSED)
    assert await mailed() == []
    await cleo.send_form(f"{CHECK}/formal-decision", **{"gate-complete": "yes"})
    assert {subject for _who, subject, _body in await mailed()} == {
        "Admitted to the rating: proposal P01",
        "Zur Bewertung zugelassen: Vorschlag P01",
    }


async def test_the_mail_about_something_missing_leads_to_the_proposal(votum: Votum) -> None:
    call, cleo = await office_asks(votum, clock.today())
    await cleo.send_form(f"{CHECK}/cure-request", missing="Der Registerauszug", due=clock.today().isoformat())
    assert [f"/proposals/{call.proposals['P01']}" in body for _who, _subject, body in await mailed()] == [True]
