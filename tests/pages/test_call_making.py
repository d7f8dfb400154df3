"""The office makes a call: what is taken, what comes back, what stands after publication, and who may join."""

import asyncio
import json
import re
from datetime import timedelta

import pytest

from app import clock, database
from app.identity import attempts
from tests import open_call
from tests.office import begun, colleague, handed_over, kept_form, published, released, version, written
from tests.rating_call import SCHEME, rating_call
from tests.world import Browser, Votum, mailed_link, words

SENTENCE = "viele kleine gelbe Enten"
MEMBERS = "/calls/rating/committee/members"
PLAIN = {"title_de": "Neuer Aufruf", "committee_name": "Jury"}
DATES = "/calls/neuer-aufruf/edit/dates"


async def office(votum: Votum, **changed: object) -> Browser:
    """Cleo's browser beside the call in rating; with a draft call of the same authority."""
    await rating_call(votum)
    browser = await votum.signed_in("cleo@example.org")
    await begun(browser, **{**PLAIN, **changed})
    return browser


async def upload(browser: Browser, content: bytes, key: str = "neuer-aufruf"):
    return await browser.post(
        f"/calls/{key}/scheme",
        data={"csrf_token": browser.token},
        files={"rating_scheme": ("scheme.yaml", content)},
        follow_redirects=True,
    )


async def test_everything_that_was_typed_comes_back_with_all_faults(votum: Votum) -> None:
    browser = await office(votum)
    typed = {"title_de": "", "contact_email": "nobody", "text_de": "Ein <b>Text</b>", "procedure_kind": "lottery"}
    answer = await browser.send_form("/calls/neuer-aufruf/edit/text", **typed, version="1")
    assert answer.status_code == 422
    assert "Ein &lt;b&gt;Text&lt;/b&gt;" in answer.text
    assert all(f'href="#{field}"' in answer.text for field in ("title_de", "contact_email", "procedure_kind"))
    sent = {"limits": {"places_max": "many", "budget_max_cents": "12 Euro 50"}, "dates": {"deadline": "32.13.2026"}}
    for step, typed in sent.items():
        answer = await browser.send_form(f"/calls/neuer-aufruf/edit/{step}", **typed, version="1")
        assert answer.status_code == 422
        for field, value in typed.items():
            assert f'value="{value}"' in answer.text
            assert f'href="#{field}"' in answer.text
    assert (await browser.send_form("/calls/new", title_de=" ", committee_name="x")).status_code == 422
    assert await database.value("SELECT count(*) FROM call") == 2


async def test_dates_in_the_wrong_order_are_refused(votum: Votum) -> None:
    browser = await office(votum)
    dates = {"opens_at": "2027-02-01T09:00", "deadline": "2027-01-01T09:00", "rating_from": "2027-03-01"}
    answer = await browser.send_form(DATES, **dates, version=await version("neuer-aufruf"))
    assert answer.status_code == 422
    assert "Deadline (cut-off): This lies before the step that comes earlier (Open from)." in words(answer)
    assert 'value="2027-01-01T09:00"' in answer.text


@pytest.mark.parametrize(("day", "status"), [("2027-02-28", 422), ("2027-03-01", 200), ("2027-03-02", 200)])
async def test_a_step_may_be_on_the_day_of_the_one_before_and_not_earlier(votum: Votum, day: str, status: int) -> None:
    browser = await office(votum)
    dates = {"deadline": "2027-03-01T23:59", "rating_from": day}
    assert (await browser.send_form(DATES, **dates, version=await version("neuer-aufruf"))).status_code == status


async def test_the_time_line_is_drawn_from_the_dates_as_they_are_typed(votum: Votum) -> None:
    browser = await office(votum)
    dates = {"opens_at": "2027-01-01T09:00", "deadline": "2027-01-11T12:00", "meeting_at": "2027-01-21T10:00"}
    answer = await browser.send_htmx("/calls/neuer-aufruf/line", **dates)
    assert "Open for proposals 1 January 2027 – 11 January 2027" in words(answer)
    assert 'x="0.0" width="50.0"' in answer.text
    assert "As soon as two dates" in words(await browser.send_htmx("/calls/neuer-aufruf/line", deadline="no date"))
    assert await database.value("SELECT deadline FROM call WHERE key = 'neuer-aufruf'") is None
    await browser.send_form(DATES, **dates, version=await version("neuer-aufruf"))
    assert "Meeting of the committee 21 January 2027, 10:00 CET" in words(await browser.get(DATES))


async def test_two_calls_of_one_title_have_addresses_of_their_own(votum: Votum) -> None:
    browser = await office(votum)
    kind = {"procedure_kind": "interest"}
    assert (await browser.send_form("/calls/new", **PLAIN, **kind)).url.path == "/calls/neuer-aufruf-2/office"
    answer = await browser.send_form("/calls/new", **{**PLAIN, **kind, "title_de": "New"})
    assert answer.url.path == "/calls/call-new/office"


async def test_whoever_saves_second_reads_both_texts(votum: Votum) -> None:
    browser = await office(votum)
    path = "/calls/neuer-aufruf/edit/text"
    form = await kept_form(browser, path)
    await browser.send_form(path, **{**form, "title_de": "Von der Ersten"})
    answer = await browser.send_form(path, **{**form, "title_de": "Vom Zweiten"})
    assert answer.status_code == 409
    assert "Von der Ersten" in words(answer)
    assert "Vom Zweiten" in words(answer)
    assert await database.value("SELECT title_de FROM call WHERE key = 'neuer-aufruf'") == "Von der Ersten"


async def test_both_versions_of_a_call_are_written_as_people_write_them(votum: Votum) -> None:
    browser = await office(votum)
    path = "/calls/neuer-aufruf/edit/limits"
    form = await kept_form(browser, path)
    await browser.send_form(path, **{**form, "budget_max_cents": "1250", "fill_rule": "skip"})
    answer = words(await browser.send_form(path, **{**form, "budget_max_cents": "0"}))
    assert "Total funds: €0" in answer
    assert "Total funds: €1,250 How the capacity is filled: in rank order; a later proposal" in answer
    dates = {"deadline": "2030-01-31T12:00", "rating_from": "2030-02-01"}
    answer = words(await browser.send_form(DATES, **dates, version="1"))
    assert "Deadline (cut-off): 31 January 2030, 12:00 CET" in answer
    assert "Rating from: 1 February 2030" in answer
    assert "Deadline (cut-off): – Rating from: –" in answer


async def test_the_scheme_is_uploaded_or_taken_over(votum: Votum) -> None:
    browser = await office(votum)
    assert "all worked examples come out right" in words(
        await upload(browser, json.dumps({**SCHEME, "key": "mine"}).encode())
    )
    assert await chosen() == "mine"
    earlier = await database.value("SELECT id FROM rating_scheme WHERE key = 'small'")
    await browser.send_form("/calls/neuer-aufruf/scheme", scheme=str(earlier))
    assert await chosen() == "small"


async def chosen() -> str:
    return str(
        await database.value(
            "SELECT s.key FROM call c JOIN rating_scheme s ON s.id = c.rating_scheme WHERE c.key = 'neuer-aufruf'"
        )
    )


async def test_the_scheme_of_another_authority_does_not_exist(votum: Votum) -> None:
    browser = await office(votum)
    async with database.write_transaction():
        other = await database.value("INSERT INTO authority (name) VALUES ('Nebenan') RETURNING id")
        foreign = await database.value(
            "INSERT INTO rating_scheme (key, title_de, document, sha256, authority, added_at)"
            " SELECT key, title_de, document, sha256, $1, added_at FROM rating_scheme RETURNING id",
            other,
        )
    assert (await browser.send_form("/calls/neuer-aufruf/scheme", scheme=str(foreign))).status_code == 404


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00", "not YAML"),
        (b"criteria: [", "line 2"),
        (json.dumps({**SCHEME, "colour": "red"}).encode(), "colour"),
        (json.dumps({**SCHEME, "criteria": SCHEME["criteria"][:2]}).encode(), "60"),
        (b"a: &a [1]\nb: *a\n", "alias"),
        (b"x" * 1_000_001, "too large"),
    ],
)
async def test_a_bad_scheme_names_its_faults_and_changes_nothing(votum: Votum, content: bytes, sentence: str) -> None:
    browser = await office(votum)
    answer = await upload(browser, content)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert await database.value("SELECT rating_scheme FROM call WHERE key = 'neuer-aufruf'") is None


async def test_no_file_is_a_fault_too(votum: Votum) -> None:
    browser = await office(votum)
    answer = await browser.send_form("/calls/neuer-aufruf/scheme")
    assert (answer.status_code, "Please choose a file." in words(answer)) == (422, True)


async def ready(votum: Votum, **changed: str) -> Browser:
    """A draft that lacks nothing but what was changed."""
    soon = clock.now().astimezone(clock.BERLIN) + timedelta(days=3)
    browser = await office(
        votum,
        **{
            "text_de": "Ein Text",
            "contact_email": "office@example.org",
            "deadline": f"{soon:%Y-%m-%dT%H:%M}",
            "rating_from": f"{soon + timedelta(days=1):%Y-%m-%d}",
            "earliest_start": "2030-01-01",
            "places_max": "42",
            **changed,
        },
    )
    await upload(browser, json.dumps(SCHEME).encode())
    return browser


async def is_public() -> bool:
    return bool(
        await database.value(
            "SELECT count(*) FROM call_publication p JOIN call c ON c.id = p.call WHERE c.key = 'neuer-aufruf'"
        )
    )


LEFT = {
    "Bitte bis [Datum einsetzen]. Mehr [hier](https://example.org).": "[Datum einsetzen]",
    "[plista widget=1] Text": "[plista widget=1]",
    "TODO: Ziel": "TODO",
    "Frist am XX.XX.2027": "XX.XX.",
    "Lorem ipsum dolor": "Lorem ipsum",
    "Anträge in diesem Monat": "diesem Monat",
    "bis nächste Woche": "nächste Woche",
    "Next week we meet": "Next week",
}


@pytest.mark.parametrize("field", ["title_en", "text_de", "text_en", "target_group_de", "target_group_en"])
async def test_a_placeholder_left_in_a_text_keeps_the_call_from_being_published(votum: Votum, field: str) -> None:
    browser = await ready(votum, **{field: next(iter(LEFT))})
    place = f"/calls/neuer-aufruf/edit/{'english' if field.endswith('_en') else 'text'}"
    for page in ("office", "check"):
        answer = await browser.get(f"/calls/neuer-aufruf/{page}")
        assert f'<a href="{place}#{field}">A placeholder was left in the text: [Datum einsetzen].</a>' in answer.text
    answer = await browser.get(place)
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (200, True)
    answer = await handed_over(browser, "neuer-aufruf")
    assert (answer.status_code, "[Datum einsetzen]" in words(answer)) == (403, True)
    assert not await is_public()


@pytest.mark.parametrize("text", LEFT)
async def test_placeholders_and_relative_times_are_found_and_named(votum: Votum, text: str) -> None:
    browser = await ready(votum, text_de=text)
    assert LEFT[text] in words(await browser.get("/calls/neuer-aufruf/check"))
    assert (await handed_over(browser, "neuer-aufruf")).status_code == 403


async def test_links_and_plain_words_are_no_placeholders(votum: Votum) -> None:
    text = "Siehe [Satzung](https://example.org/s), Wochen, Monate, nächste Schritte, in den nächsten drei Jahren; XX"
    browser = await ready(votum, text_de=text)
    assert (await published(votum, browser, "neuer-aufruf")).status_code == 200
    assert await is_public()


@pytest.mark.parametrize("field", ["text_de", "contact_email", "deadline", "rating_from", "earliest_start"])
async def test_what_is_missing_keeps_the_call_from_being_published(votum: Votum, field: str) -> None:
    browser = await ready(votum, **{field: ""})
    assert (await handed_over(browser, "neuer-aufruf")).status_code == 403
    assert not await is_public()


async def test_the_office_of_a_draft_says_what_is_lacking_and_leads_there(votum: Votum) -> None:
    browser = await office(votum)
    answer = await browser.get("/calls/neuer-aufruf/office")
    steps = {"text_de": "text", "contact_email": "text", "deadline": "dates", "rating_from": "dates"}
    for name, step in steps.items():
        assert f'href="/calls/neuer-aufruf/edit/{step}#{name}"' in answer.text
        assert f'id="{name}"' in (await browser.get(f"/calls/neuer-aufruf/edit/{step}")).text
    assert '<a href="/calls/neuer-aufruf/scheme">The rating scheme is missing.</a>' in answer.text
    assert "2 entries missing or wrong" in words(answer)
    assert "No dates yet." in words(answer)
    assert "Places applied for" not in words(answer)
    await upload(browser, json.dumps({**SCHEME, "key": "mine"}).encode())
    assert "The rating scheme is missing." not in words(await browser.get("/calls/neuer-aufruf/office"))


async def test_publication_fixes_scheme_and_capacity_and_only_extends_the_deadline(votum: Votum) -> None:
    browser = await ready(votum)
    await published(votum, browser, "neuer-aufruf")
    assert await is_public()
    assert (await upload(browser, json.dumps({**SCHEME, "key": "late"}).encode())).status_code == 403
    assert await chosen() == "small"
    answer = await written(browser, "neuer-aufruf", places_max="43")
    assert (answer.status_code, "This cannot be changed, since the call is published." in words(answer)) == (422, True)
    answer = await written(browser, "neuer-aufruf", procedure_kind="interest")
    assert (answer.status_code, "This cannot be changed, since the call is published." in words(answer)) == (422, True)
    before = clock.now().astimezone(clock.BERLIN)
    for days, status in ((2, 422), (4, 200)):
        moved = f"{before + timedelta(days=days):%Y-%m-%dT%H:%M}"
        answer = await written(browser, "neuer-aufruf", deadline=moved, rating_from="2029-01-01")
        assert answer.status_code == status
    assert (await released(await colleague(votum), "neuer-aufruf")).status_code == 403  # nobody handed it over


# ── the committee ──────────────────────────────────────────────────────────────────────────────


async def invited(browser: Browser, email: str = "kim@example.org", role: str = "voting", name: str = "Kim"):
    return await browser.send_form(MEMBERS, name=name, email=email, role=role)


async def link(email: str = "kim@example.org") -> str:
    return await mailed_link(email)


async def members() -> int:
    return int(await database.value("SELECT count(*) FROM member"))


async def test_an_invitation_sent_again_replaces_the_first_link(votum: Votum) -> None:
    browser = await office(votum)
    await invited(browser)
    first = await link()
    await invited(browser)
    stranger = await votum.stranger()
    assert (await stranger.get(first)).status_code == 404
    assert (await stranger.get(await link())).status_code == 200
    assert await database.value("SELECT count(*) FROM invitation") == 1


async def test_who_is_a_member_is_not_invited_again_and_there_is_one_chair(votum: Votum) -> None:
    browser = await office(votum)
    answer = await invited(browser, "ada@example.org", name="Ada <i>Zwei</i>")
    assert (answer.status_code, "already a member" in words(answer)) == (422, True)
    assert "Ada &lt;i&gt;Zwei&lt;/i&gt;" in answer.text
    answer = await invited(browser, role="chair")
    assert (answer.status_code, "already has a chair" in words(answer)) == (422, True)
    assert await database.value("SELECT count(*) FROM mail") == 0


async def test_a_person_sends_sixty_invitations_a_day_to_committees_and_organisations_together(votum: Votum) -> None:
    browser = await office(votum)
    cleo = await votum.person("cleo@example.org")
    for _ in range(59):
        await attempts.keep_out_inviting(cleo)
    assert (await invited(browser, "p60@example.org")).status_code == 200
    answer = await invited(browser, "p61@example.org", name="Kim Sechzig")
    assert (answer.status_code, "Too many attempts" in words(answer)) == (429, True)
    assert all(f'value="{typed}"' in answer.text for typed in ("p61@example.org", "Kim Sechzig"))
    assert await database.value("SELECT count(*) FROM mail") == 1
    await database.rows("UPDATE attempt SET at = at - interval '25 hours'")
    assert (await invited(browser, "p61@example.org")).status_code == 200
    for _ in range(59):
        await attempts.keep_out_inviting(cleo)
    held = await open_call.organisation(cleo)
    answer = await browser.send_form(f"/organisations/{held}/members", colleague="p62@example.org")
    assert (answer.status_code, 'value="p62@example.org"' in answer.text) == (429, True)


async def test_an_invitation_makes_one_member_however_often_it_is_opened(votum: Votum) -> None:
    browser = await office(votum)
    await invited(browser)
    before, path = await members(), await link()
    answers = await asyncio.gather(
        *[(await votum.stranger()).post(path, data={"password": SENTENCE}) for _ in range(5)]
    )
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404, 404]
    assert await members() == before + 1
    assert (await (await votum.stranger()).get(path)).status_code == 404


async def test_the_account_of_the_address_is_the_one_that_accepts(votum: Votum) -> None:
    browser = await office(votum)
    await invited(browser, "bo@example.org")
    async with database.write_transaction():
        await database.rows("UPDATE person SET password_hash = 'x' WHERE email = 'bo@example.org'")
    before, path = await members(), await link("bo@example.org")
    for other in (await votum.stranger(), await votum.signed_in("dan@example.org")):
        answer = await other.send_form(path, password=SENTENCE)
        assert answer.status_code == 403
    assert await members() == before
    bo = await votum.signed_in("bo@example.org")
    assert (await bo.send_form(path)).url.path == "/desk"
    assert await members() == before + 1
    assert await database.value("SELECT password_hash FROM person WHERE email = 'bo@example.org'") == "x"


async def test_an_old_invitation_is_worth_nothing(votum: Votum) -> None:
    browser = await office(votum)
    await invited(browser)
    async with database.write_transaction():
        await database.rows("UPDATE invitation SET expires_at = now() - interval '1 second'")
    stranger, before = await votum.stranger(), await members()
    assert (await stranger.get(await link())).status_code == 404
    assert (await stranger.send_form(await link(), password=SENTENCE)).status_code == 404
    assert await members() == before


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ("This link no longer works", "It has been used already.", "counts for 30 days", "ask the office")),
        ("de", ("Dieser Link gilt nicht mehr", "schon benutzt", "gilt 30 Tage", "bitten Sie die Geschäftsstelle")),
    ],
)
async def test_used_old_and_unknown_invitations_get_one_page_that_leads_on(votum: Votum, language, sentences) -> None:
    browser = await office(votum)
    await invited(browser)
    used = await link()
    assert (await (await votum.stranger()).send_form(used, password=SENTENCE)).url.path == "/desk"
    await invited(browser, "old@example.org")
    old = await link("old@example.org")
    async with database.write_transaction():
        await database.rows("UPDATE invitation SET expires_at = now() - interval '1 second' WHERE accepted_at IS NULL")
    stranger = await votum.stranger(language)
    unknown = "/invitations/unknown"
    answers = {path: await stranger.get(path) for path in (used, old, unknown)}
    answers |= {f"{path}!": await stranger.send_form(path, password=SENTENCE) for path in (used, old, unknown)}
    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({answer.text.replace(path.rstrip("!"), "") for path, answer in answers.items()}) == 1
    for sentence in sentences:
        assert sentence in words(answers[used])
    for way in ('href="/sign-in"', 'href="/imprint"'):
        assert way in answers[used].text
    assert 'href="/desk"' in (await browser.get(used)).text


async def test_a_weak_password_does_not_spend_the_invitation(votum: Votum) -> None:
    browser = await office(votum)
    await invited(browser)
    stranger = await votum.stranger()
    answer = await stranger.send_form(await link(), password="short")
    assert (answer.status_code, "at least 12 characters" in words(answer)) == (422, True)
    assert (await stranger.send_form(await link(), password=SENTENCE)).url.path == "/desk"


async def test_who_joins_during_the_rating_has_all_sheets_at_once(votum: Votum) -> None:
    browser = await office(votum)
    await invited(browser)
    stranger = await votum.stranger()
    page = await stranger.send_form(await link(), password=SENTENCE)
    assert len(set(re.findall(r"/assignments/\d+", page.text))) == 3


async def test_once_the_rating_is_closed_nobody_is_invited(votum: Votum) -> None:
    browser = await office(votum)
    async with database.write_transaction():
        await database.rows("INSERT INTO rating_closure (call, at) SELECT id, now() FROM call WHERE key = 'rating'")
    assert (await invited(browser)).status_code == 403


@pytest.mark.parametrize("others", [10, 100])
async def test_the_offices_pages_take_a_fixed_number_of_statements(votum: Votum, others: int) -> None:
    await rating_call(votum, others)
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO invitation (committee, email, name, role, token_hash, at, expires_at) SELECT k.id,"
            " n || '@example.org', 'N', 'advisory', n::text, now(), now() + interval '1 day'"
            " FROM committee k, generate_series(1, $1) n",
            others,
        )
    for number in range(others):
        await open_call.call(f"call-{number}")
    browser = await votum.signed_in("cleo@example.org")
    stated = {
        "office": 4,
        "committee/members": 4,
        "scheme": 3,
        "edit/text": 3,
        "edit/dates": 3,
        "check": 5,
        "preview": 3,
    }
    for path, statements in stated.items():
        await browser.get(f"/calls/rating/{path}")
        with votum.counted() as seen:
            answer = await browser.get(f"/calls/rating/{path}")
        assert (path, answer.status_code, len(seen)) == (path, 200, statements)


async def test_a_draft_without_any_date_has_an_office_page(votum: Votum) -> None:
    browser = await office(votum)
    answer = await begun(browser, title_de="Ohne Termine", committee_name="Gremium")
    assert answer.status_code == 200
    assert "Ohne Termine" in words(answer)


@pytest.mark.parametrize(("name", "given"), [("opens_at", "2020-01-01T00:00"), ("opens_at", ""), ("rating_from", "")])
async def test_a_date_that_has_taken_effect_stays(votum: Votum, name: str, given: str) -> None:
    await rating_call(votum)  # it is open no longer, and it is being rated
    cleo = await votum.signed_in("cleo@example.org")
    answer = await written(cleo, "rating", **{name: given})
    assert answer.status_code == 422
    assert "This date has taken effect; it can no longer be changed." in words(answer)


async def test_before_it_takes_effect_a_date_can_be_put_right(votum: Votum) -> None:
    now = clock.now()
    call = {"opens_at": now + timedelta(days=1), "rating_from": (now + timedelta(days=9)).date()}
    await open_call.call("later", now + timedelta(days=5), **call)
    cleo = await votum.signed_in("cleo@example.org")
    day = f"{now + timedelta(days=11):%Y-%m-%d}"
    answer = await written(cleo, "later", rating_from=day)
    assert "This date has taken effect" not in words(answer)
