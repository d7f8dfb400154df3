"""Signing in and out, registering, mailed links, and the guard at the door."""

import re
import time
from datetime import timedelta
from html import unescape
from inspect import getsource

import pytest
from litestar.routes import HTTPRoute

from app import clock, database, i18n, seals, web
from app.domain import people
from app.identity import attempts, forged, sessions
from app.main import create_app
from tests.world import BASE, Votum, mailed_link, words

SENTENCE = "viele kleine gelbe Enten"


async def bo_registers(votum: Votum, **changed: str) -> tuple:
    browser = await votum.stranger()
    entered = {
        "name": "Bo Beispiel",
        "email": "Bo@Example.org",
        "password": SENTENCE,
        "organisation": "Werkhof e. V.",
        "legal_form": "association",
        "privacy": "1",
    }
    return browser, await browser.send_form("/register", **{**entered, **changed})


async def test_an_organisation_registers_confirms_and_is_signed_in(votum):
    browser, answer = await bo_registers(votum)
    assert answer.url.path == "/register/sent"
    page = await browser.get(await mailed_link("bo@example.org"))
    answer = await browser.send_form(page.url.path, password=SENTENCE)
    assert answer.url.path == "/desk"
    assert "Bo Beispiel" in words(answer)


async def test_nobody_signs_in_before_the_address_is_confirmed(votum):
    browser, _ = await bo_registers(votum)
    answer = await browser.send_form("/sign-in", email="bo@example.org", password=SENTENCE)
    assert answer.status_code == 422
    assert "confirm your e-mail address first" in words(answer)


async def test_registering_a_known_address_looks_the_same_and_tells_only_its_owner(votum):
    _, first = await bo_registers(votum)
    _, second = await bo_registers(votum, organisation="Anderer Verein")
    assert first.url == second.url
    assert await database.value("SELECT count(*) FROM person") == 1
    assert "already" in await database.value("SELECT subject FROM mail ORDER BY id DESC LIMIT 1")


async def test_a_bad_registration_comes_back_with_what_was_typed_and_all_faults(votum):
    _, answer = await bo_registers(votum, email="nobody", password="short", privacy="", legal_form="")
    assert answer.status_code == 422
    assert 'value="Werkhof e. V."' in answer.text
    assert "short" not in answer.text.replace("shorten", "")
    for sentence in ("name@example.org", "at least 12 characters", "Please fill in this field"):
        assert sentence in words(answer)


async def test_a_registration_names_every_fault_in_the_first_round_in_the_order_of_its_fields(votum):
    _, answer = await bo_registers(votum, organisation="", name="", email="x", password="short", privacy="")
    faults = re.findall(r'<li>\s*<a href="#(\w+)"', answer.text)
    assert faults == ["organisation", "name", "email", "password", "privacy"]


async def test_one_client_registers_twenty_addresses_an_hour_and_no_other_pays_for_it(votum):
    attempts.client.set("192.0.2.7")
    for _ in range(19):
        await attempts.keep_out("registrations", "192.0.2.7", 20, timedelta(hours=1))
    entered = {"name": "Bo", "password": SENTENCE, "legal_form": "other", "privacy": "1"}

    async def registers(number: int, address: str):
        browser = await votum.stranger(address=address)
        new = {"email": f"p{number}@example.org", "organisation": f"Werkhof {number}"}
        return await browser.send_form("/register", **new, **entered)

    assert (await registers(20, "192.0.2.7")).url.path == "/register/sent"
    refused = await registers(21, "192.0.2.7")
    assert (refused.status_code, "Too many attempts" in words(refused)) == (429, True)
    assert 'value="p21@example.org"' in refused.text
    assert (await registers(22, "192.0.2.8")).url.path == "/register/sent"
    await database.rows("UPDATE attempt SET at = at - interval '61 minutes'")
    assert (await registers(23, "192.0.2.7")).url.path == "/register/sent"
    assert await database.value("SELECT count(*) FROM person") == 3


async def test_a_mailed_link_works_once(votum):
    browser, _ = await bo_registers(votum)
    link = await mailed_link("bo@example.org")
    assert (await browser.send_form(link, password=SENTENCE)).url.path == "/desk"
    again = await (await votum.stranger()).send_form(link, password=SENTENCE)
    assert (again.status_code, "This link no longer works" in words(again)) == (404, True)
    assert "with that your address is confirmed as well" in words(again)
    assert 'href="/password"' in again.text


async def test_a_stranger_does_not_get_an_address_confirmed_by_its_owner(votum):
    await bo_registers(votum)  # by somebody else, with a password that Bo does not know
    link = await mailed_link("bo@example.org")
    assert "please do nothing" in await database.value("SELECT body FROM mail")
    owner = await votum.stranger()
    assert 'name="password"' in (await owner.get(link)).text
    for guessed, sentence in (("", "fill in this field"), ("rote Enten im Wald", "not the password that was chosen")):
        answer = await owner.send_form(link, password=guessed)
        assert (answer.status_code, sentence in words(answer)) == (422, True)
        assert f'action="{link}"' in answer.text
    assert await database.value("SELECT email_confirmed_at FROM person") is None
    assert (await owner.send_form(link, password=SENTENCE)).url.path == "/desk"  # no wrong one has spent it


async def test_at_a_confirmation_a_password_is_not_guessed_without_end(votum):
    await bo_registers(votum)
    link, browser = await mailed_link("bo@example.org"), await votum.stranger()
    answers = [await browser.send_form(link, password=f"viele kleine gelbe Enten {n}") for n in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert (await browser.send_form(link, password=SENTENCE)).status_code == 429


async def test_who_forgot_the_password_before_confirming_chooses_a_new_one_and_the_old_one_ends(votum):
    await bo_registers(votum)
    link, owner = await mailed_link("bo@example.org"), await votum.stranger()
    assert 'href="/password"' in (await owner.get(link)).text
    await owner.send_form("/password", email="bo@example.org")
    answer = await owner.send_form(await mailed_link("bo@example.org"), password="Zebras trinken keinen Kaffee")
    assert answer.url.path == "/desk"
    assert await database.value("SELECT email_confirmed_at FROM person")
    assert (await (await votum.stranger()).send_form(link, password=SENTENCE)).status_code == 404
    answer = await (await votum.stranger()).send_form("/sign-in", email="bo@example.org", password=SENTENCE)
    assert answer.status_code == 422


@pytest.mark.parametrize("organisation", ["Werkhof e. V.", "werkhof E. v.", "Noch keine gGmbH"])
async def test_registering_tells_nobody_whether_an_address_is_known(votum, organisation):
    browser, _ = await bo_registers(votum)
    page = await browser.get(await mailed_link("bo@example.org"))
    await browser.send_form(page.url.path, password=SENTENCE)  # from now on the name is taken
    answers = []
    for email in ("bo@example.org", "eva@example.org"):
        begun = time.monotonic()
        _, answer = await bo_registers(votum, email=email, organisation=organisation)
        assert time.monotonic() - begun >= people.UNHURRIED
        answers.append((answer.status_code, answer.url.path, answer.text.replace(email, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == (422 if organisation.startswith(("W", "w")) else 200)


@pytest.mark.parametrize("first", ["ada@example.org", "new@example.org"])
async def test_a_second_try_tells_nobody_whether_the_first_address_was_known(votum, first):
    await votum.person("ada@example.org")
    await bo_registers(votum, email=first, organisation="Probe e. V.")
    _, second = await bo_registers(votum, email="other@example.org", organisation="Probe e. V.")
    assert second.url.path == "/register/sent"


async def test_a_name_belongs_to_who_first_confirms_an_address_for_it(votum):
    await bo_registers(votum, email="squatter@example.org")
    browser, _ = await bo_registers(votum)
    page = await browser.get(await mailed_link("bo@example.org"))
    await browser.send_form(page.url.path, password=SENTENCE)
    held = await database.rows(
        "SELECT o.name, o.email, p.email AS person FROM organisation o JOIN membership m ON m.organisation = o.id"
        " JOIN person p ON p.id = m.person"
    )
    assert [dict(row) for row in held] == [
        {"name": "Werkhof e. V.", "email": "bo@example.org", "person": "bo@example.org"}
    ]
    late = await votum.stranger()
    page = await late.get(await mailed_link("squatter@example.org"))
    await late.send_form(page.url.path, password=SENTENCE)
    assert len(await database.rows("SELECT id FROM membership")) == 1
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'organisation.settled'") == 1


async def test_a_later_password_leaves_the_organisation_as_it_is(votum):
    browser, _ = await bo_registers(votum)
    page = await browser.get(await mailed_link("bo@example.org"))
    await browser.send_form(page.url.path, password=SENTENCE)
    await database.rows("UPDATE organisation SET email = 'post@example.org'")
    await browser.send_form("/password", email="bo@example.org")
    page = await browser.get(await mailed_link("bo@example.org"))
    await browser.send_form(page.url.path, password=f"{SENTENCE} Neu")
    assert await database.value("SELECT email FROM organisation") == "post@example.org"


async def test_a_new_password_ends_all_links_that_were_mailed(votum):
    await votum.person("ada@example.org")
    browser, links = await votum.stranger(), []
    for _ in range(2):
        await browser.send_form("/password", email="ada@example.org")
        links.append(await mailed_link("ada@example.org"))
    assert (await browser.send_form(links[1], password=SENTENCE)).url.path == "/desk"
    thief = await votum.stranger()
    assert (await thief.send_form(links[0], password="Zebras trinken keinen Kaffee")).status_code == 404
    assert (await thief.send_form("/sign-in", email="ada@example.org", password=SENTENCE)).url.path == "/desk"


async def test_a_confirmation_ends_the_other_links_to_confirm(votum):
    await bo_registers(votum)
    first = await mailed_link("bo@example.org")
    async with database.write_transaction():
        await people.send_confirmation(1, "Bo", "bo@example.org", at=clock.now())
    browser = await votum.stranger()
    assert (await browser.send_form(await mailed_link("bo@example.org"), password=SENTENCE)).url.path == "/desk"
    assert (await (await votum.stranger()).send_form(first, password=SENTENCE)).status_code == 404


async def test_a_session_chosen_by_an_attacker_is_worth_nothing(votum):
    async with database.write_transaction():
        person = await people.create(
            "Ada", "ada@example.org", await people.hash_password(SENTENCE), confirmed=True, at=clock.now()
        )
    browser = votum.browser("chosen-by-an-attacker")
    answer = await browser.post("/sign-in", data={"email": "ada@example.org", "password": SENTENCE})
    assert answer.status_code == 303
    assert answer.cookies[sessions.COOKIE] != "chosen-by-an-attacker"
    assert (await votum.browser("chosen-by-an-attacker").get("/desk")).status_code == 303
    assert await database.value("SELECT count(*) FROM session WHERE person = $1", person) == 1


async def test_after_signing_out_the_old_cookie_is_dead(votum):
    browser = await votum.signed_in("ada@example.org")
    cookie = browser.cookies[sessions.COOKIE]
    await browser.send_form("/sign-out")
    assert (await votum.browser(cookie).get("/desk")).headers["location"].startswith("/sign-in")


async def test_a_new_password_ends_every_session(votum):
    old = await votum.signed_in("ada@example.org")
    browser = await votum.stranger()
    await browser.send_form("/password", email="ada@example.org")
    answer = await browser.send_form(await mailed_link("ada@example.org"), password=SENTENCE)
    assert answer.url.path == "/desk"
    assert (await old.get("/desk")).status_code == 303


async def test_wrong_password_and_unknown_address_get_the_same_page(votum):
    await votum.person("ada@example.org")
    browser = await votum.stranger()
    wrong = await browser.send_form("/sign-in", email="ada@example.org", password="x")
    unknown = await browser.send_form("/sign-in", email="eve@example.org", password="x")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("ada@", "") == unknown.text.replace("eve@", "")


FORGED = (
    {"origin": "https://evil.example"},
    {"origin": "https://votum.test"},  # ours is without TLS
    {"sec-fetch-site": "cross-site"},
    {"x-csrf-token": "planted"},
    {"x-csrf-token": "ünlesbar".encode("latin-1")},
)


@pytest.mark.parametrize("headers", FORGED)
async def test_forms_of_others_are_refused(votum, headers):
    browser = await votum.signed_in("ada@example.org")
    answer = await browser.post("/sign-out", data={"csrf_token": browser.token}, headers=headers)
    assert answer.status_code == 403
    assert (await browser.get("/desk")).status_code == 200


@pytest.mark.parametrize("host", ["evil.test", "evil.test:8000", "votum.test.evil.test", "localhost.evil.test"])
async def test_in_the_demo_a_foreign_name_for_this_machine_opens_nothing(votum, host):
    """Its owner can let it lead here, and then a browser takes the foreign page and the demo for one site."""
    ada = await votum.signed_in("ada@example.org")
    headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    assert (await ada.get("/desk", headers=headers)).status_code == 303
    async with database.write_transaction():
        await people.create(
            "Eva", "eva@example.org", await people.hash_password(SENTENCE), confirmed=True, at=clock.now()
        )
    known = {"email": "eva@example.org", "password": SENTENCE}
    for path, data in (("/demo/sign-in/1", {}), ("/sign-in", known)):
        for sent in (headers, {"host": host}):
            answer = await (await votum.stranger()).post(path, data=data, headers=sent)
            assert (answer.status_code, answer.cookies.get(sessions.COOKIE)) == (403, None)


@pytest.mark.parametrize("host", ["votum.test", "localhost:8000", "127.0.0.1:9000", "[::1]:8000"])
async def test_in_the_demo_every_name_of_this_machine_will_do(votum, host):
    person = await votum.person("ada@example.org")
    headers = {"host": host, "origin": f"http://{host}"}
    answer = await (await votum.stranger()).post(f"/demo/sign-in/{person}", headers=headers)
    assert (answer.status_code, sessions.COOKIE in answer.cookies) == (303, True)


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\tb", "javascript:alert(1)"]
)
async def test_after_signing_in_nobody_is_led_elsewhere(votum, target):
    async with database.write_transaction():
        await people.create(
            "Ada", "ada@example.org", await people.hash_password(SENTENCE), confirmed=True, at=clock.now()
        )
    browser = await votum.stranger()
    answer = await browser.post("/sign-in", data={"email": "ada@example.org", "password": SENTENCE, "next": target})
    assert answer.headers["location"] == "/desk"


async def test_every_answer_carries_the_security_headers(votum):
    browser = await votum.stranger()
    for path, status in (("/", 200), ("/nope", 404), ("/desk", 303), ("/nope/nope", 404)):
        answer = await browser.get(path)
        assert answer.status_code == status
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert (await browser.head("/")).status_code == 200
    assert "set-cookie" not in (await browser.get("/")).headers


async def test_whoever_was_signed_out_while_writing_gets_the_text_back(votum):
    browser = await votum.stranger()
    sent = {"title": "Ein Garten <für alle>", "password": "secret", "csrf_token": "old"}
    answer = await browser.post(
        "/proposals/1/edit", data=sent, headers={"referer": "http://votum.test/proposals/1/edit"}
    )
    assert answer.status_code == 401
    assert "Ein Garten &lt;für alle&gt;" in answer.text
    assert 'href="/sign-in?next=/proposals/1/edit"' in answer.text
    assert "secret" not in answer.text


async def test_a_form_from_before_a_new_sign_in_gives_the_text_back(votum):
    browser = await votum.signed_in("bo@example.org")
    sent = {"title": "Ein Garten <für alle>", "csrf_token": "of an earlier session"}
    answer = await browser.post(
        "/proposals/1/edit", data=sent, headers={"referer": "http://votum.test/proposals/1/edit"}
    )
    assert (answer.status_code, "This form is too old" in answer.text) == (403, True)
    assert "Ein Garten &lt;für alle&gt;" in answer.text
    assert 'href="/proposals/1/edit"' in answer.text
    foreign = await browser.post("/proposals/1/edit", data=sent, headers={"origin": "https://evil.test"})
    assert (foreign.status_code, "Ein Garten" in foreign.text) == (403, False)


async def test_a_step_after_the_session_ended_says_that_it_was_not_carried_out(votum):
    answer = await (await votum.stranger()).post(
        "/proposals/1/submission", data={}, headers={"referer": "http://votum.test/proposals/1"}
    )
    assert (answer.status_code, "was not carried out" in answer.text) == (401, True)
    assert 'href="/sign-in?next=/proposals/1"' in answer.text


@pytest.mark.parametrize("header", ["referer", "origin"])
@pytest.mark.parametrize("path", ["/sign-in", "/language/de", "/calls/nope/freeze", "/nope/nope"])
async def test_an_address_that_is_none_is_no_crash(votum, header: str, path: str):
    answer = await (await votum.stranger()).post(path, data={"email": "a"}, headers={header: "http://["})
    assert answer.status_code < 500


async def test_on_an_address_without_a_page_nobody_looks_signed_out(votum):
    browser = await votum.signed_in("bo@example.org")
    lost = await browser.get("/nope/nope")
    assert (lost.status_code, 'href="/desk"' in lost.text, "/register" in lost.text) == (404, True, False)


SAID = {
    "en": [
        ("Places", "12"),
        ("Staff and instruction", "1.000"),
        ("Partner 2: Name", "Hof"),
        ("Partner 2: Role", "Funding body"),
        ("colour", "red"),
    ],
    "de": [
        ("Plätze", "12"),
        ("Personal und Anleitung", "1.000"),
        ("Partner 2: Name", "Hof"),
        ("Partner 2: Funktion", "Finanzierende Stelle"),
        ("colour", "red"),
    ],
}


@pytest.mark.parametrize("language", ["en", "de"])
async def test_what_comes_back_stands_under_the_labels_that_people_saw(votum, language):
    browser = await votum.stranger(language)
    sent = {"csrf_token": "old", "version": "3", "next": "/x", "then": "check", "places": "12"}
    sent |= {"personnel_cents": "1.000", "partner-1-role": "cooperation_partner", "partner-2-name": "Hof"}
    answer = await browser.post("/proposals/1/edit", data={**sent, "partner-2-role": "funder", "colour": "red"})
    assert told(answer.text) == SAID[language]


def told(page: str) -> list[tuple[str, str]]:
    """Label and text of every field on the page that gives back what was typed."""
    found = re.findall(
        r'(?s)<label class="kern-label" for="typed-\d+">(.*?)</label>.*?<textarea[^>]*>(.*?)</textarea>', page
    )
    return [(unescape(label), unescape(text)) for label, text in found]


@pytest.mark.parametrize(
    ("path", "sent", "said"),
    [
        ("/assignments/1/scores/need", {"value": ["work", "none"]}, [("Mark", "work\nCannot be judged")]),
        ("/calls/x/recommendations/P01", {"status": "not_recommended"}, [("Recommendation", "not recommended")]),
        ("/calls/x/intake/P01/formal-decision", {"gate-in_time": "no"}, [("Formal condition in_time", "not met")]),
        ("/calls/x/edit/limits", {"version": "1", "fill_rule": "stop"}, [
            ("How the capacity is filled", "in rank order; the list ends at the first proposal that does not fit")
        ]),
    ],
)  # fmt: skip
async def test_what_was_chosen_comes_back_in_words(votum, path, sent, said):
    assert told((await (await votum.stranger()).post(path, data=sent)).text) == said


def test_every_form_for_the_signed_in_is_named_at_its_route_with_all_its_labels():
    i18n.locale.set("de")
    for route in create_app().routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else []:
            if handler.opt.get("policy") != "signed_in":
                continue
            form = handler.opt.get("form")
            read = set(re.findall(r"submitted\(request, (\w+)\)", getsource(handler.fn)))
            assert read <= {form.__name__ if form else ""}, route.path
            unseen = {*forged.UNSAID, *(form.untyped if form else ())}
            names = [name for name in (form.fields() if form else ()) if name not in unseen]
            assert [name for name in names if form().named(name) == web.Form().named(name)] == [], route.path


async def test_no_other_site_puts_words_on_our_page(votum):
    browser = await votum.stranger()
    answer = await browser.post("/proposals/1/edit", data={"title": "Evil"}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 303
    assert "Evil" not in answer.text


# ── the language ────────────────────────────────────────────────────────────────────────────────


def switch(page: str) -> tuple[str, dict[str, str]]:
    """The form at the top of a page that changes the language: its address and its hidden fields."""
    form = re.search(r'(?s)<form class="votum-language" method="post" action="([^"]+)">(.*?)</form>', page)
    assert form
    return form[1], {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form[2])}


async def spoken(email: str) -> str:
    return str(await database.value("SELECT language FROM person WHERE email = $1", email))


async def test_whoever_is_signed_in_keeps_the_language_and_the_page(votum):
    browser = await votum.signed_in("ada@example.org")
    path, fields = switch((await browser.get("/calls?order=a%26b")).text)
    assert (path, fields) == ("/language/de", {"csrf_token": browser.token, "next": "/calls?order=a%26b"})
    answer = await browser.post(path, data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls?order=a%26b")
    assert await spoken("ada@example.org") == "de"
    assert await database.value("SELECT action FROM audit_entry ORDER BY seq DESC LIMIT 1") == "person.language_chosen"
    assert '<html lang="de">' in (await browser.get("/calls")).text


async def test_looking_or_a_forged_form_does_not_change_the_language(votum):
    browser = await votum.signed_in("ada@example.org")
    assert (await browser.get("/language/de")).status_code == 405
    assert (await browser.post("/language/de", data={"next": "/calls"})).status_code == 403
    elsewhere = {"origin": "https://evil.example"}
    for who, fields in ((browser, {"csrf_token": browser.token}), (await votum.stranger(), {})):
        answer = await who.post("/language/de", data=fields, headers=elsewhere)
        assert (answer.status_code, answer.cookies.get("lang")) == (403, None)
    assert await spoken("ada@example.org") == "en"
    assert (await browser.send_form("/language/fr")).status_code == 404


async def test_a_visitor_gets_a_cookie(votum):
    browser = await votum.stranger()
    path, fields = switch((await browser.get("/register")).text)
    answer = await browser.post(path, data=fields, follow_redirects=True)
    assert (answer.url.path, browser.cookies["lang"]) == ("/register", "de")
    assert '<html lang="de">' in answer.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/\tx"])
async def test_the_switch_leads_to_our_own_pages_only(votum, elsewhere):
    answer = await (await votum.stranger()).post("/language/de", data={"next": elsewhere})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_after_a_refused_form_the_switch_leads_to_the_page_of_the_form(votum):
    browser = await votum.signed_in("ada@example.org")
    page = f"{BASE}/organisations/new?from=desk"
    answer = await browser.post("/organisations/new", data={"csrf_token": browser.token}, headers={"referer": page})
    assert answer.status_code == 422
    assert switch(answer.text)[1]["next"] == "/organisations/new?from=desk"


async def test_the_switch_works_on_a_page_that_is_missing(votum):
    browser = await votum.signed_in("ada@example.org")
    path, fields = switch((await browser.get("/nothing/here")).text)
    assert (await browser.post(path, data=fields)).headers["location"] == "/nothing/here"
    assert await spoken("ada@example.org") == "de"


async def ended(link: str, ago: timedelta) -> None:
    """The mailed link has ended so long ago; it still works for a while where that is negative."""
    async with database.write_transaction():
        await database.rows(
            "UPDATE email_token SET expires_at = $2 WHERE token_hash = $1",
            seals.hashed(link.rpartition("/")[2]),
            clock.now() - ago,
        )


@pytest.mark.parametrize(("late", "works"), [(timedelta(minutes=1), False), (-timedelta(minutes=1), True)])
async def test_a_link_to_choose_a_password_ends(votum, late, works):
    await votum.person("ada@example.org")
    browser = await votum.stranger()
    await browser.send_form("/password", email="ada@example.org")
    link = await mailed_link("ada@example.org")
    await ended(link, late)
    answer = await browser.send_form(link, password=SENTENCE)
    assert (answer.status_code, answer.url.path == "/desk") == ((200, True) if works else (404, False))
    changed = await database.value("SELECT password_hash <> '' FROM person WHERE email = 'ada@example.org'")
    assert changed is works


@pytest.mark.parametrize(("late", "works"), [(timedelta(minutes=1), False), (-timedelta(minutes=1), True)])
async def test_a_link_to_confirm_an_address_ends(votum, late, works):
    browser, _ = await bo_registers(votum)
    link = await mailed_link("bo@example.org")
    await ended(link, late)
    assert (await browser.send_form(link, password=SENTENCE)).status_code == (200 if works else 404)
    confirmed = await database.value("SELECT email_confirmed_at FROM person WHERE email = 'bo@example.org'")
    assert (confirmed is not None) is works
