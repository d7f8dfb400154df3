"""The office makes a call: what is taken, what comes back, what stands after publication, and who may join."""

import asyncio
import json
import re
from datetime import timedelta

import pytest

from app import clock, database
from app.identity import attempts
from tests import open_call
from tests.rating_call import SCHEME, rating_call
from tests.world import Browser, Votum, mailed_link, words

SENTENCE = "viele kleine gelbe Enten"
MEMBERS = "/calls/rating/committee/members"
PLAIN = {"title_de": "Neuer Aufruf", "committee": "Jury", "fill_rule": "stop"}


async def office(votum: Votum, **changed: object) -> Browser:
    """Cleo's browser beside the call in rating; with a draft call of the same authority."""
    await rating_call(votum)
    browser = await votum.signed_in("cleo@example.org")
    await browser.send_form("/calls/new", **{**PLAIN, **changed})
    return browser


async def upload(browser: Browser, content: bytes, key: str = "neuer-aufruf"):
    return await browser.post(
        f"/calls/{key}/scheme",
        data={"csrf_token": browser.token},
        files={"rating_scheme": ("scheme.yaml", content)},
        follow_redirects=True,
    )


async def kept_form(browser: Browser, path: str) -> dict[str, str]:
    """The fields of a form as the page shows them."""
    page = (await browser.get(path)).text
    fields = dict(re.findall(r'<input[^>]*?name="(\w+)"[^>]*?value="([^"]*)"', page))
    return {name: value for name, value in fields.items() if name != "csrf_token"} | {"fill_rule": "stop"}


async def test_everything_that_was_typed_comes_back_with_all_faults(votum: Votum) -> None:
    browser = await office(votum)
    typed = {**PLAIN, "title_de": "", "places_max": "many", "budget_max_cents": "12 Euro 50", "deadline": "32.13.2026"}
    answer = await browser.send_form("/calls/new", **typed, contact_email="nobody", text_de="Ein <b>Text</b>")
    assert answer.status_code == 422
    assert "Ein &lt;b&gt;Text&lt;/b&gt;" in answer.text
    for value in ("many", "12 Euro 50", "32.13.2026", "nobody"):
        assert f'value="{value}"' in answer.text
    for field in ("title_de", "places_max", "budget_max_cents", "deadline", "contact_email"):
        assert f'href="#{field}"' in answer.text
    assert await database.value("SELECT count(*) FROM call") == 2


async def test_dates_in_the_wrong_order_are_refused(votum: Votum) -> None:
    browser = await office(votum)
    answer = await browser.send_form(
        "/calls/new", **PLAIN, opens_at="2027-02-01T09:00", deadline="2027-01-01T09:00", rating_from="2027-03-01"
    )
    assert answer.status_code == 422
    assert "Deadline (cut-off): This lies before the step that comes earlier (Open from)." in words(answer)


async def test_two_calls_of_one_title_have_addresses_of_their_own(votum: Votum) -> None:
    browser = await office(votum)
    assert (await browser.send_form("/calls/new", **PLAIN)).url.path == "/calls/neuer-aufruf-2/office"
    assert (await browser.send_form("/calls/new", **{**PLAIN, "title_de": "New"})).url.path == "/calls/call-new/office"


async def test_whoever_saves_second_reads_both_texts(votum: Votum) -> None:
    browser = await office(votum)
    form = await kept_form(browser, "/calls/neuer-aufruf/edit")
    await browser.send_form("/calls/neuer-aufruf/edit", **{**form, "title_de": "Von der Ersten"})
    answer = await browser.send_form("/calls/neuer-aufruf/edit", **{**form, "title_de": "Vom Zweiten"})
    assert answer.status_code == 409
    assert "Von der Ersten" in words(answer)
    assert "Vom Zweiten" in words(answer)
    assert await database.value("SELECT title_de FROM call WHERE key = 'neuer-aufruf'") == "Von der Ersten"


async def test_both_versions_of_a_call_are_written_as_people_write_them(votum: Votum) -> None:
    browser = await office(votum)
    form = await kept_form(browser, "/calls/neuer-aufruf/edit")
    await browser.send_form("/calls/neuer-aufruf/edit", **{**form, "budget_max_cents": "1250", "fill_rule": "skip"})
    mine = {"deadline": "2030-01-31T12:00", "budget_max_cents": "0", "rating_from": "2030-02-01"}
    answer = words(await browser.send_form("/calls/neuer-aufruf/edit", **{**form, **mine}))
    assert "Total funds: €0" in answer
    assert "Deadline (cut-off): 31 January 2030, 12:00 CET" in answer
    assert "Rating from: 1 February 2030" in answer
    assert "Total funds: €1,250 How the capacity is filled: in rank order; a later proposal" in answer
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


async def published() -> bool:
    return bool(
        await database.value(
            "SELECT count(*) FROM call_publication p JOIN call c ON c.id = p.call WHERE c.key = 'neuer-aufruf'"
        )
    )


@pytest.mark.parametrize("field", ["title_en", "text_de", "text_en", "target_group_de", "target_group_en"])
async def test_a_placeholder_left_in_a_text_keeps_the_call_from_being_published(votum: Votum, field: str) -> None:
    browser = await ready(votum, **{field: "Bitte bis [Datum einsetzen]. Mehr [hier](https://example.org)."})
    assert "[Datum einsetzen]" in words(await browser.get("/calls/neuer-aufruf/office"))
    answer = await browser.send_form("/calls/neuer-aufruf/publication")
    assert answer.status_code == 403
    assert not await published()


@pytest.mark.parametrize("field", ["text_de", "contact_email", "deadline", "rating_from", "earliest_start"])
async def test_what_is_missing_keeps_the_call_from_being_published(votum: Votum, field: str) -> None:
    browser = await ready(votum, **{field: ""})
    assert (await browser.send_form("/calls/neuer-aufruf/publication")).status_code == 403
    assert not await published()


async def test_the_office_of_a_draft_says_what_is_lacking_and_leads_there(votum: Votum) -> None:
    browser = await office(votum)
    answer = await browser.get("/calls/neuer-aufruf/office")
    for name in ("text_de", "contact_email", "deadline", "rating_from", "earliest_start"):
        assert f'href="/calls/neuer-aufruf/edit#{name}"' in answer.text
        assert f'id="{name}"' in (await browser.get("/calls/neuer-aufruf/edit")).text
    assert '<a href="/calls/neuer-aufruf/scheme">The rating scheme is missing.</a>' in answer.text
    assert "upload one, or take over one of an earlier call" in words(answer)
    assert "no deadline yet" in words(answer)
    assert "No dates yet." in words(answer)
    assert "Places applied for" not in words(answer)
    await upload(browser, json.dumps({**SCHEME, "key": "mine"}).encode())
    assert "upload one" not in words(await browser.get("/calls/neuer-aufruf/office"))


async def test_publication_fixes_scheme_and_capacity_and_only_extends_the_deadline(votum: Votum) -> None:
    browser = await ready(votum)
    await browser.send_form("/calls/neuer-aufruf/publication")
    assert await published()
    assert (await upload(browser, json.dumps({**SCHEME, "key": "late"}).encode())).status_code == 403
    assert await chosen() == "small"
    form = await kept_form(browser, "/calls/neuer-aufruf/edit")
    answer = await browser.send_form("/calls/neuer-aufruf/edit", **{**form, "text_de": "x", "places_max": "43"})
    assert (answer.status_code, "This cannot be changed, since the call is published." in words(answer)) == (422, True)
    before = clock.now().astimezone(clock.BERLIN)
    for days, status in ((2, 422), (4, 200)):
        moved = f"{before + timedelta(days=days):%Y-%m-%dT%H:%M}"
        changed = {**form, "text_de": "x", "deadline": moved, "rating_from": "2029-01-01"}
        assert (await browser.send_form("/calls/neuer-aufruf/edit", **changed)).status_code == status
    assert (await browser.send_form("/calls/neuer-aufruf/publication")).status_code == 403


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
    for path, statements in (("office", 3), ("committee/members", 4), ("scheme", 3), ("edit", 2)):
        await browser.get(f"/calls/rating/{path}")
        with votum.counted() as seen:
            answer = await browser.get(f"/calls/rating/{path}")
        assert (path, answer.status_code, len(seen)) == (path, 200, statements)


async def test_a_draft_without_any_date_has_an_office_page(votum: Votum) -> None:
    browser = await office(votum)
    bare = dict.fromkeys(PLAIN, "") | {"title_de": "Ohne Termine", "committee": "Gremium", "fill_rule": "stop"}
    answer = await browser.send_form("/calls/new", **bare)
    assert answer.status_code == 200
    assert "Ohne Termine" in words(answer)


@pytest.mark.parametrize(("name", "given"), [("opens_at", "2020-01-01T00:00"), ("opens_at", ""), ("rating_from", "")])
async def test_a_date_that_has_taken_effect_stays(votum: Votum, name: str, given: str) -> None:
    await rating_call(votum)  # it is open no longer, and it is being rated
    cleo = await votum.signed_in("cleo@example.org")
    form = await kept_form(cleo, "/calls/rating/edit")
    text = {"text_de": "Text", "committee": form["committee"]}
    answer = await cleo.send_form("/calls/rating/edit", **{**form, **text, name: given})
    assert answer.status_code == 422
    assert "This date has taken effect; it can no longer be changed." in words(answer)


async def test_before_it_takes_effect_a_date_can_be_put_right(votum: Votum) -> None:
    now = clock.now()
    call = {"opens_at": now + timedelta(days=1), "rating_from": (now + timedelta(days=9)).date()}
    await open_call.call("later", now + timedelta(days=5), **call)
    cleo = await votum.signed_in("cleo@example.org")
    form = await kept_form(cleo, "/calls/later/edit")
    text = {"text_de": "Text", "committee": "Jury", "contact_email": "a@example.org"}
    day = f"{now + timedelta(days=11):%Y-%m-%d}"
    answer = await cleo.send_form("/calls/later/edit", **{**form, **text, "rating_from": day})
    assert "This date has taken effect" not in words(answer)
