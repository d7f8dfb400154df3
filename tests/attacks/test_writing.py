"""Forms that were made by hand: extra fields (A13), no token (A57), broken bodies (A48), odd marks (A42)."""

from dataclasses import replace

import httpx
import pytest

from app import database
from app.identity import forged
from tests import open_call
from tests.attacks.dump import fingerprints
from tests.office import kept_form
from tests.pages.test_call_making import SENTENCE, invited, link, office
from tests.pages.test_routes import TABLE, at, settled
from tests.rating_call import mark, rating_call
from tests.world import BASE, Votum, mailed, mailed_link

EXTRA = {
    **{"status": "recommended", "owner": "1", "call_id": "1", "call": "1", "role": "chair", "active": "false"},
    **{"id": "1", "key": "X", "person": "1", "authority": "999", "organisation": "999", "member": "1", "admin": "1"},
    **{"published_at": "2020-01-01", "result_at": "2020-01-01", "rating_scheme": "1", "sha256": "0" * 64, "by": "1"},
    **{"admitted": "true", "total": "100", "rank": "1", "score": "5", "email_confirmed_at": "2020-01-01"},
}


async def test_a13_a_call_keeps_its_key_authority_and_scheme(votum: Votum) -> None:
    browser = await office(votum)
    form = {**await kept_form(browser, "/calls/neuer-aufruf/edit/text"), "title_de": "Neuer Titel"}
    before = await database.row("SELECT * FROM call WHERE key = 'neuer-aufruf'")
    assert (await browser.send_form("/calls/neuer-aufruf/edit/text", **{**EXTRA, **form})).status_code == 200
    after = await database.row("SELECT * FROM call WHERE key = 'neuer-aufruf'")
    assert {name for name, value in before.items() if value != after[name]} == {"title_de", "version"}


async def test_a13_a_registration_gives_no_office_and_no_confirmed_address(votum: Votum) -> None:
    browser = await votum.stranger()
    entered = {"name": "Bo", "email": "bo@example.org", "password": SENTENCE, "legal_form": "association"}
    await browser.send_form("/register", **{**EXTRA, **entered, "organisation": "Werkhof", "privacy": "1"})
    person = await database.row("SELECT active, email_confirmed_at FROM person WHERE email = 'bo@example.org'")
    assert dict(person) == {"active": True, "email_confirmed_at": None}
    for table in ("administration", "member"):
        assert await database.value(f"SELECT count(*) FROM {table}") == 0


async def test_a13_an_invitation_gives_the_role_that_the_office_chose(votum: Votum) -> None:
    browser = await office(votum)
    await invited(browser, role="advisory")
    await (await votum.stranger()).send_form(await link(), **{**EXTRA, "password": SENTENCE})
    assert await database.value("SELECT role FROM member ORDER BY id DESC LIMIT 1") == "advisory"


async def test_a13_a_mark_is_for_the_own_sheet(votum: Votum) -> None:
    call = await rating_call(votum)
    browser, sheet = await votum.signed_in("ada@example.org"), await call.sheet("Ada", "P02")
    foreign = str(await call.assignment("Finn", "P02"))
    fields = {**EXTRA, "assignment": foreign, "criterion": "plan", "value": "3", "comment": "", "version": "0"}
    assert (await browser.send_htmx(f"{sheet}/scores/need", **fields)).status_code == 200
    [row] = await database.rows("SELECT assignment, criterion, value FROM score")
    assert tuple(row.values()) == (int(sheet.rpartition("/")[2]), "need", 3)


FORGED: list[dict[str, str]] = [
    {},
    {"csrf_token": "planted"},
    {"csrf_token": "0" * 64},
    {"csrf_token": "ü"},
    {"csrf_token": ""},
]


async def test_a57_no_form_is_taken_without_the_token_of_the_session(votum: Votum) -> None:
    _, names = await settled(votum)
    people = {who: await votum.signed_in(f"{who}@example.org") for row in TABLE for who in row.who if who != "visitor"}
    before, wrong = await fingerprints(), []
    for row in TABLE:
        if row.method == "POST" and row.policy == "signed_in":
            who = (
                row.who[-1] if row.who else "cleo"
            )  # what nobody can do in this world is forged by who could elsewhere
            browser = people[who]
            for data in FORGED:
                answer = await browser.post(at(row.path, names), data=data)
                wrong += [(row.path, data)] if answer.status_code != 403 else []
            others = {"csrf_token": people["ada" if who != "ada" else "bo"].token}
            answer = await browser.post(at(row.path, names), data=others)
            wrong += [(row.path, "another's token")] if answer.status_code != 403 else []
    assert wrong == []
    assert await fingerprints() == before


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/x-unknown", ""])
async def test_a57_a_form_of_another_type_is_not_taken(votum: Votum, content_type: str) -> None:
    browser = await votum.signed_in("ada@example.org")
    body = f"csrf_token={browser.token}"
    answer = await browser.post("/sign-out", content=body, headers={"content-type": content_type})
    assert answer.status_code in (400, 403, 415)
    assert (await browser.get("/desk")).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://votum.test.evil.example", "http://votum"])
async def test_a57_a_foreign_origin_is_refused_even_before_signing_in(votum: Votum, origin: str) -> None:
    browser = await votum.stranger()
    answer = await browser.post("/password", data={"email": "ada@example.org"}, headers={"origin": origin})
    assert answer.status_code == 403


PART = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\nx\r\n'
BROKEN = {
    "no boundary": ("multipart/form-data", b"--b--"),
    "empty boundary": ("multipart/form-data; boundary=", b"----"),
    "never ends": ("multipart/form-data; boundary=b", PART % b"email"),
    "1,001 parts": ("multipart/form-data; boundary=b", PART % b"email" * 1001 + b"--b--\r\n"),
    "doubled names": ("multipart/form-data; boundary=b", PART % b"email" * 3 + b"--b--\r\n"),
    "no name": ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    "no disposition": ("multipart/form-data; boundary=b", b"--b\r\n\r\nx\r\n--b--\r\n"),
    "bad charset": ("multipart/form-data; boundary=b; charset=klingon", PART % b"email" + b"--b--\r\n"),
    "bad part charset": (
        "multipart/form-data; boundary=b",
        PART.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=klingon\r\n\r\n") % b"email" + b"--b--\r\n",
    ),
    "bad UTF-8": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n\xff\xfe\r\n--b--\r\n',
    ),
    "bad UTF-8 name": ("multipart/form-data; boundary=b", PART % b"\xff\xfe" + b"--b--\r\n"),
    "bad UTF-8 in a plain form": ("application/x-www-form-urlencoded", b"email=%ff%fe&password=\xff"),
    "bad charset of a plain form": ("application/x-www-form-urlencoded; charset=klingon", b"email=x"),
    "many fields": ("application/x-www-form-urlencoded", b"&".join(b"f%d=x" % n for n in range(20_000))),
    "nothing but marks": ("application/x-www-form-urlencoded", b"&&&===%%%+++"),
    "not what it says": ("multipart/form-data; boundary=b", b"{}"),
    "no type": ("", b"email=x"),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a48_a_broken_body_is_refused_and_never_a_crash(votum: Votum, kind: str) -> None:
    content_type, body = BROKEN[kind]
    browser = await votum.stranger()
    for path in ("/sign-in", "/register", "/password", "/invitations/x"):
        answer = await browser.post(path, content=body, headers={"content-type": content_type})
        assert 400 <= answer.status_code < 500, path
    assert await database.value("SELECT count(*) FROM person") == 0


async def test_a47_what_is_too_large_is_refused(votum: Votum) -> None:
    browser = await votum.stranger()
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await browser.post("/sign-in", content=b"email=" + b"x" * 2_000_000, headers=form)).status_code == 413

    async def streamed():
        for _ in range(200):
            yield b"x" * 10_000

    assert (await browser.post("/sign-in", content=streamed(), headers=form)).status_code == 413


ODD = ("NaN", "Infinity", "-Infinity", "1e9", "1_0", "٣", "-0", "+3", "3.0000000000000001", "0x3", "3;4", "Ⅲ", "1e-400")


@pytest.mark.parametrize("typed", ODD)
@pytest.mark.parametrize("criterion", ["need", "plan"])
async def test_a42_an_odd_mark_is_refused_or_means_what_it_says(votum: Votum, criterion: str, typed: str) -> None:
    call = await rating_call(votum)
    browser, sheet = await votum.signed_in("ada@example.org"), await call.sheet("Ada", "P02")
    answer = await mark(browser, sheet, criterion, typed)
    stored = await database.value("SELECT value FROM score")
    assert answer.status_code in (200, 422)
    assert (stored is None) == (answer.status_code == 422)
    assert stored is None or stored in (0, 3)


async def test_a54_a_mailed_link_names_our_own_address_whatever_host_was_asked(
    votum: Votum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forged, "SETTINGS", replace(forged.SETTINGS, demo=False))  # the demo refuses other hosts
    await votum.person("ada@example.org")
    browser = await votum.stranger()
    hostile = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    await browser.post("/password", data={"email": "ada@example.org"}, headers={**hostile, "origin": BASE})
    body = await mailed("ada@example.org")
    assert "evil" not in body
    assert f"{BASE}/password/" in body


async def test_a10_whoever_lost_an_assignment_is_out_at_the_next_request(votum: Votum) -> None:
    call = await rating_call(votum)
    browser, sheet = await votum.signed_in("ada@example.org"), await call.sheet("Ada", "P02")
    assert (await browser.get(sheet)).status_code == 200
    async with database.write_transaction():
        await database.rows("DELETE FROM assignment WHERE id = $1", int(sheet.rpartition("/")[2]))
    assert (await browser.get(sheet)).status_code == 404
    assert (await mark(browser, sheet, "need", "3")).status_code == 404


async def test_a11_a_deactivated_person_is_out_at_once(votum: Votum) -> None:
    browser = await votum.signed_in("ada@example.org")
    await browser.send_form("/password", email="ada@example.org")
    path = await mailed_link("ada@example.org")
    async with database.write_transaction():
        await database.rows("UPDATE person SET active = false")
    assert (await browser.get("/desk")).status_code == 303
    answer: httpx.Response = await (await votum.stranger()).send_form(path, password=SENTENCE)
    assert answer.url.path != "/desk" or "/sign-in" in str(answer.url)
    assert (await browser.get("/desk")).status_code == 303


async def test_a12_who_applies_and_rates_in_one_call_sees_nothing_of_the_own_proposal(votum: Votum) -> None:
    call = await rating_call(votum)
    await open_call.organisation(await votum.person("ada@example.org"))
    browser = await votum.signed_in("ada@example.org")
    assert (await browser.get(await call.sheet("Ada", "P01"))).status_code == 404
    assert (await browser.get(await call.sheet("Ada", "P02"))).status_code == 200
