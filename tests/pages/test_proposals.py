"""An organisation's way through the browser: start, write, check, hand in, receipt, withdraw."""

import asyncio
import json
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader

from app import clock, database
from app.domain import organisations, proposals
from tests import open_call
from tests.world import words

HOSTILE = "<script>alert(1)</script> {{7*7}} \"' %s ＝1+1 \u202egnp 🙂 漢字 العربية"


@pytest.fixture
async def bo(votum):
    """Bo's browser; Bo acts for an organisation, and a call is open."""
    await open_call.organisation(await votum.person("bo@example.org", "Bo"))
    await open_call.call()
    return await votum.signed_in("bo@example.org")


async def person_of(votum, email="bo@example.org"):
    return await votum.person(email)


async def a_draft(votum, **changed):
    person = await person_of(votum)
    call = await database.value("SELECT id FROM call WHERE key = 'arbeit'")
    return await open_call.draft(person, call, (await organisations.of(person))[0].id, **changed)


async def version_of(draft):
    return str(await database.value("SELECT version FROM proposal WHERE id = $1", draft))


# ── the whole way ──────────────────────────────────────────────────────────────────────────────


async def test_from_the_call_to_the_receipt(votum, bo):
    page = await bo.get("/calls/arbeit/proposals/new")
    assert "Werkhof e. V." in words(page)
    organisation = str((await organisations.of(await person_of(votum)))[0].id)
    page = await bo.send_form("/calls/arbeit/proposals/new", title="Tafelgarten", organisation=organisation)
    address = page.url.path.removesuffix("/edit")
    assert 'value="Tafelgarten"' in page.text
    page = await bo.send_form(f"{address}/edit", version="1", then="check", **open_call.TYPED)
    assert page.url.path == address
    assert "Everything is there" in words(page)
    page = await bo.send_form(f"{address}/submission")
    assert page.url.path == f"{address}/receipt"
    receipt = await database.row("SELECT * FROM submission")
    assert receipt["receipt_number"] in words(page)
    assert receipt["sha256"] in words(page)
    assert "Submitted on" in words(await bo.get(address))


async def test_the_receipt_proves_what_was_handed_in(votum, bo):
    draft = await a_draft(votum, title=HOSTILE)
    await bo.send_form(f"/proposals/{draft}/submission")
    receipt = await proposals.receipt(await person_of(votum), draft)
    file = await bo.get(f"/proposals/{draft}/receipt.json")
    assert sha256(file.content).hexdigest() == receipt.sha256
    assert json.loads(file.content)["title"] == HOSTILE
    assert file.headers["content-disposition"].startswith(f'attachment; filename="{receipt.receipt_number}.json"')
    answer = await bo.get(f"/proposals/{draft}/receipt.pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert receipt.receipt_number in text
    assert receipt.sha256 in text.replace("\n", "")
    assert answer.content == (await bo.get(f"/proposals/{draft}/receipt.pdf")).content


async def test_what_people_write_stays_text(votum, bo):
    draft = await a_draft(
        votum,
        title=HOSTILE,
        summary=HOSTILE,
        field=HOSTILE,
        sites=[HOSTILE],
        partners=[{"name": HOSTILE, "role": "other", "task": HOSTILE}],
        targets=[{"label": HOSTILE, "unit": "persons", "target": 1}],
    )
    for path in ("", "/edit"):
        answer = await bo.get(f"/proposals/{draft}{path}")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert" in answer.text
        assert "{{7*7}}" in answer.text


# ── writing ────────────────────────────────────────────────────────────────────────────────────


async def test_a_draft_may_be_incomplete_and_keeps_everything_typed(votum, bo):
    draft = await a_draft(votum)
    page = await bo.send_form(f"/proposals/{draft}/edit", version=await version_of(draft), title="Nur ein Titel")
    assert page.status_code == 200
    assert "Saved at " in words(page)
    stored = await proposals.held_by(await person_of(votum), draft)
    assert (stored.title, stored.summary) == ("Nur ein Titel", "")
    assert (stored.places, stored.own_funds_cents) == (None, 0)
    page = await bo.send_form(f"/proposals/{draft}/edit", version=await version_of(draft), **open_call.TYPED)
    for shown in ('value="149,778"', 'value="2027-03-15"', "Auenburg\nKalkrode", 'value="Nähstube e. V."'):
        assert shown in page.text


async def test_a_form_that_is_saved_unchanged_changes_nothing(votum, bo):
    draft = await a_draft(votum)
    person = await person_of(votum)

    async def content():
        return proposals.canonical(await proposals.held_by(person, draft), await proposals.partners(draft))

    before = await content()
    typed = {**open_call.TYPED, "field": "Vegetable garden for food banks", "version": await version_of(draft)}
    await bo.send_form(f"/proposals/{draft}/edit", **typed)
    assert await content() == before


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("places", "viele", "whole number"),
        ("personnel_cents", "12 Kühe", "amount in euro"),
        ("starts_on", "gestern", "date such as"),
        ("ends_on", "9999-12-31", "date such as"),
        ("places", "٣", "whole number"),
        ("overhead_cents", "NaN", "amount in euro"),
        ("own_funds_cents", "-1", "amount in euro"),
        ("third_party_cents", "1e9", "amount in euro"),
        ("summary", "x" * 4001, "shorten this to 4,000"),
        ("sites", "x" * 121, "one per line"),
        ("target-2-due", "bald", "date such as"),
    ],
)
async def test_what_is_no_number_or_day_comes_back_with_everything_typed(votum, bo, field, typed, sentence):
    draft = await a_draft(votum)
    sent = {**open_call.TYPED, "partner-3-name": "Dritter", "target-2-label": "Zweites", "title": "Neu", field: typed}
    answer = await bo.send_form(f"/proposals/{draft}/edit", version=await version_of(draft), **sent)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert sentence in words(answer)
    assert typed in answer.text
    assert 'value="Neu"' in answer.text
    assert 'value="23537"' in answer.text


async def test_another_row_is_a_save_that_leads_to_it(votum, bo):
    draft = await a_draft(votum)
    sent = {**open_call.TYPED, "version": await version_of(draft)}
    answer = await bo.post(f"/proposals/{draft}/edit", data={"csrf_token": bo.token, "then": "partner", **sent})
    assert answer.headers["location"] == f"/proposals/{draft}/edit#partner-2-name"
    assert 'id="partner-2-name"' in (await bo.get(f"/proposals/{draft}/edit")).text


async def test_rows_that_were_emptied_are_gone_and_the_others_move_up(votum, bo):
    draft = await a_draft(votum)
    sent = {**open_call.TYPED, "partner-1-name": "", "partner-1-task": "", "partner-3-name": "Dritter"}
    await bo.send_form(f"/proposals/{draft}/edit", version=await version_of(draft), **sent)
    assert [row.name for row in await proposals.partners(draft)] == ["Dritter"]


async def test_extra_fields_are_ignored(votum, bo):
    draft = await a_draft(votum)
    extra = {"key": "P99", "organisation": "7", "call": "7", "submitted_at": "2020-01-01", "id": "7", "created_by": "7"}
    before = await database.row("SELECT id, key, call, organisation, created_by FROM proposal WHERE id = $1", draft)
    await bo.send_form(f"/proposals/{draft}/edit", version=await version_of(draft), **open_call.TYPED, **extra)
    after = await database.row("SELECT id, key, call, organisation, created_by FROM proposal WHERE id = $1", draft)
    assert before == after


async def test_the_sums_are_answered_while_typing_and_nothing_is_stored(votum, bo):
    draft = await a_draft(votum)
    version = await version_of(draft)
    sent = {**open_call.TYPED, "version": version, "requested_grant_cents": "150.000,50", "places": "noch offen"}
    answer = await bo.send_htmx(f"/proposals/{draft}/totals", **sent)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith(f'<section id="totals-{draft}"')
    assert "€26,880.50 too much" in words(answer)
    answer = await bo.send_htmx(f"/proposals/{draft}/totals", **{**sent, "places": "10"})
    assert "416.67 euro (not kept) at most €250" in words(answer)
    assert await version_of(draft) == version


async def test_the_texts_of_two_who_save_at_once_are_both_shown_and_saving_again_is_a_choice(votum, bo):
    draft = await a_draft(votum)
    version = await version_of(draft)
    await bo.send_form(f"/proposals/{draft}/edit", version=version, **{**open_call.TYPED, "title": "Zuerst"})
    mine = {**open_call.TYPED, "title": "Danach", "requested_grant_cents": "1"}
    answer = await bo.send_form(f"/proposals/{draft}/edit", version=version, **mine)
    assert answer.status_code == 409
    assert "Title Danach Zuerst" in words(answer)
    assert "Requested grant €1 €123,120" in words(answer)
    now = await version_of(draft)
    assert f'name="version" value="{now}"' in answer.text
    await bo.send_form(f"/proposals/{draft}/edit", version=now, **mine)
    assert await database.value("SELECT title FROM proposal WHERE id = $1", draft) == "Danach"


async def test_a_form_opened_before_handing_in_is_refused_and_its_text_shown(votum, bo):
    draft = await a_draft(votum)
    version = await version_of(draft)
    await bo.send_form(f"/proposals/{draft}/submission")
    late = {**open_call.TYPED, "title": "Noch etwas"}
    answer = await bo.send_form(f"/proposals/{draft}/edit", version=version, **late)
    assert answer.status_code == 409
    assert "Noch etwas" in words(answer)
    assert "handed in meanwhile" in words(answer)
    assert (await bo.get(f"/proposals/{draft}/edit")).headers["location"] == f"/proposals/{draft}"


# ── handing in ─────────────────────────────────────────────────────────────────────────────────


async def test_what_is_missing_is_listed_with_links_and_refused(votum, bo):
    draft = await a_draft(votum, title="", own_funds_cents=0)
    for answer in (await bo.get(f"/proposals/{draft}"), await bo.send_form(f"/proposals/{draft}/submission")):
        for field in ("title", "requested_grant_cents", "own_funds_cents"):
            assert f'href="/proposals/{draft}/edit#{field}"' in answer.text
    assert answer.status_code == 422
    assert await database.value("SELECT count(*) FROM submission") == 0


async def test_twenty_clicks_are_one_submission(votum, bo):
    draft = await a_draft(votum)
    answers = await asyncio.gather(
        *(bo.post(f"/proposals/{draft}/submission", data={"csrf_token": bo.token}) for _ in range(20))
    )
    leads = {(answer.status_code, answer.headers["location"]) for answer in answers}
    assert leads == {(303, f"/proposals/{draft}/receipt")}
    assert await database.value("SELECT count(*) FROM submission") == 1


async def test_after_the_deadline_the_refusal_is_clear_and_nothing_is_lost(votum, bo):
    draft = await a_draft(votum)
    await database.rows("UPDATE call SET deadline = $1", clock.now() - timedelta(seconds=1))
    answer = await bo.send_form(f"/proposals/{draft}/submission")
    assert answer.status_code == 409
    assert "The deadline has passed" in words(answer)
    assert "Your text is saved" in words(answer)
    assert "Wir bauen Gemüse an." in words(answer)
    page = await bo.send_form(f"/proposals/{draft}/edit", version=await version_of(draft), **open_call.TYPED)
    assert "it can no longer be handed in" in words(page)
    page = await bo.get("/calls/arbeit/proposals/new")
    assert "No proposal can be started" in words(page)
    assert (await bo.send_form("/calls/arbeit/proposals/new", title="x", organisation="1")).status_code == 422


# ── afterwards ─────────────────────────────────────────────────────────────────────────────────


async def test_withdrawing_and_going_on_with_a_copy(votum, bo):
    draft = await a_draft(votum)
    await bo.send_form(f"/proposals/{draft}/submission")
    page = await bo.send_form(f"/proposals/{draft}/withdrawal", reason="Personal fehlt")
    assert "Personal fehlt" in words(page)
    assert "The proposal is withdrawn." in words(page)
    page = await bo.send_form(f"/proposals/{draft}/copy")
    copied = int(page.url.path.split("/")[2])
    assert copied != draft
    page = await bo.send_form(f"/proposals/{copied}/submission")
    assert "P02" in words(page)


async def test_withdrawing_is_refused_once_the_ranking_stands(votum, bo):
    draft = await a_draft(votum)
    await bo.send_form(f"/proposals/{draft}/submission")
    await database.rows(
        "INSERT INTO frozen_ranking (call, number, at, content, sha256) SELECT call, 1, now(), '', '' FROM proposal"
    )
    assert "The ranking is final" in words(await bo.get(f"/proposals/{draft}"))
    answer = await bo.send_form(f"/proposals/{draft}/withdrawal", reason="")
    assert answer.status_code == 409
    assert await database.value("SELECT count(*) FROM withdrawal") == 0


async def test_a_request_of_the_office_is_shown(votum, bo):
    draft = await a_draft(votum)
    await bo.send_form(f"/proposals/{draft}/submission")
    await database.rows(
        "INSERT INTO cure_request (proposal, missing, due, at) VALUES ($1, 'Der Registerauszug', $2, now())",
        draft,
        clock.today(),
    )
    assert "Der Registerauszug" in words(await bo.get(f"/proposals/{draft}"))
    assert "Something is missing" in words(await bo.get("/desk"))


async def test_a_draft_can_be_deleted_and_a_submission_cannot(votum, bo):
    draft, kept = await a_draft(votum), await a_draft(votum)
    await bo.send_form(f"/proposals/{kept}/submission")
    assert (await bo.send_form(f"/proposals/{draft}/removal")).url.path == "/desk"
    assert (await bo.send_form(f"/proposals/{kept}/removal")).status_code == 403
    assert [row["id"] for row in await database.rows("SELECT id FROM proposal")] == [kept]


# ── who may, and what it costs ─────────────────────────────────────────────────────────────────

ADDRESSES = [
    ("get", ""), ("get", "/edit"), ("post", "/edit"), ("post", "/totals"), ("post", "/submission"), ("get", "/receipt"),
    ("get", "/receipt.json"), ("get", "/receipt.pdf"), ("post", "/withdrawal"), ("post", "/copy"), ("post", "/removal"),
]  # fmt: skip


async def snapshot():
    return [
        await database.rows(f"SELECT * FROM {table} ORDER BY id")
        for table in ("proposal", "partner", "submission", "withdrawal")
    ]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
async def test_a_foreign_proposal_is_as_if_it_were_not_there(votum, bo, method, path):
    draft = await a_draft(votum)
    await bo.send_form(f"/proposals/{draft}/submission")
    before = await snapshot()
    await open_call.organisation(await votum.person("dan@example.org"), "Andere gGmbH")
    for browser in (await votum.signed_in("dan@example.org"), await votum.signed_in("ada@example.org")):
        pages = set()
        for number in (draft, 4711, 10**30):
            data = {"csrf_token": browser.token, **open_call.TYPED, "version": "1"} if method == "post" else None
            answer = await browser.request(method, f"/proposals/{number}{path}", data=data)
            assert answer.status_code == 404
            pages.add(answer.text.replace(f"/{number}", ""))
        assert len(pages) == 1
    assert await snapshot() == before


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
async def test_whoever_is_not_signed_in_is_asked_to(votum, bo, method, path):
    draft = await a_draft(votum)
    answer = await (await votum.stranger()).request(method, f"/proposals/{draft}{path}")
    if method == "post":  # who pressed a button reads that it was not carried out
        assert (answer.status_code, 'href="/sign-in?next=' in answer.text) == (401, True)
    else:
        assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in")


async def test_a_person_starts_only_for_their_own_organisation(votum, bo):
    await open_call.organisation(await votum.person("dan@example.org"), "Andere gGmbH")
    other = str((await organisations.of(await votum.person("dan@example.org")))[0].id)
    assert (await bo.send_form("/calls/arbeit/proposals/new", title="x", organisation=other)).status_code == 404
    assert await database.value("SELECT count(*) FROM proposal") == 0


async def test_who_acts_for_several_organisations_chooses_and_who_for_none_reads_what_to_do(votum, bo):
    await open_call.organisation(await person_of(votum), "Zweite gGmbH")
    page = await bo.get("/calls/arbeit/proposals/new")
    assert 'type="radio"' in page.text
    answer = await bo.send_form("/calls/arbeit/proposals/new", title="Ohne Wahl")
    assert answer.status_code == 422
    assert 'value="Ohne Wahl"' in answer.text
    dan = await votum.signed_in("dan@example.org")
    assert "You do not act for an organisation yet" in words(await dan.get("/calls/arbeit/proposals/new"))
    assert (await dan.get("/calls/nope/proposals/new")).status_code == 404


async def test_each_page_asks_the_database_a_fixed_number_of_times(votum, bo):
    first = await a_draft(votum)
    for _ in range(10):
        draft = await a_draft(votum)
    typed = {"csrf_token": bo.token, **open_call.TYPED, "version": await version_of(draft)}

    async def count(method, path, data=None):
        with votum.counted() as seen:
            answer = await bo.request(method, path, data=data)
        assert answer.status_code in (200, 303), words(answer)
        return len(seen)

    token = {"csrf_token": bo.token}
    assert await count("get", "/calls/arbeit/proposals/new") == 4
    assert await count("get", f"/proposals/{first}") == 3
    assert await count("get", f"/proposals/{draft}/edit") == 3
    assert await count("post", f"/proposals/{draft}/totals", typed) == 2
    assert await count("post", f"/proposals/{draft}/edit", typed) == 7
    assert await count("post", f"/proposals/{first}/submission", token) == 8
    assert await count("post", f"/proposals/{first}/submission", token) == 3
    await bo.get("/accessibility")  # here "Saved at …" is said
    assert await count("get", f"/proposals/{first}/receipt") == 2
    assert await count("get", f"/proposals/{first}/receipt.json") == 2
