"""The whole line as people walk it: from the first word of a call to its published result, without JavaScript."""

import csv
import io
import json
import re
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from app import clock, competition_files, database
from app.domain.rating_schemes import read_yaml
from app.operations import invariants
from app.records import mails
from app.records.mails import sending
from tests.office import begun, published
from tests.open_call import TYPED
from tests.world import Browser, Votum, mailed_link, words

SENTENCE = "viele kleine gelbe Enten"
SCHEME = read_yaml(competition_files.EXAMPLE.read_bytes(), largest=competition_files.LARGEST)["rating_scheme"]
SCHEME = {**SCHEME, "aggregation": {**SCHEME["aggregation"], "min_valid_ratings": 2}}
KEY = "arbeit-die-gut-tut"
CALL = f"/calls/{KEY}"
CRITERIA = ("k1", "k2", "k3", "k4", "k5")


async def the_office_makes_a_call(votum: Votum) -> Browser:
    """Cleo administrates the county; the call is written, has its scheme and is public."""
    cleo = await votum.person("cleo@example.org")
    async with database.write_transaction():
        authority = await database.value("INSERT INTO authority (name) VALUES ('Landkreis Auental') RETURNING id")
        await database.rows(
            "INSERT INTO administration (person, authority, since) VALUES ($1, $2, now())", cleo, authority
        )
    browser = await votum.signed_in("cleo@example.org")
    answer = await begun(browser, **written_call())
    assert (answer.status_code, answer.url.path) == (200, f"{CALL}/office")
    assert "The rating scheme is missing." in words(answer)
    await upload(browser, json.dumps(SCHEME))
    return browser


def written_call() -> dict[str, str]:
    """The call as somebody types it."""
    now = clock.now().astimezone(clock.BERLIN)
    return {
        "title_de": "Arbeit, die gut tut",
        "title_en": "Work that does good",
        "text_de": "Gesucht sind **Ideen**.",
        "text_en": "We look for **ideas**.",
        "committee_name": "Arbeitskreis",
        "contact_email": "office@example.org",
        "places_max": "42",
        "budget_max_cents": "378.000,00",
        "fill_rule": "stop",
        "min_places": "5",
        "max_grant_per_place_month_cents": "250",
        "months_max": "36",
        "overhead_percent_max": "10",
        "own_funds_percent_min": "5",
        "opens_at": f"{now - timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "deadline": f"{now + timedelta(days=7):%Y-%m-%dT%H:%M}",
        "rating_from": f"{now + timedelta(days=9):%Y-%m-%d}",
        "rating_until": f"{now + timedelta(days=20):%Y-%m-%d}",
        "earliest_start": "2027-03-15",
    }


async def upload(browser: Browser, text: str) -> None:
    answer = await browser.post(
        f"{CALL}/scheme",
        data={"csrf_token": browser.token},
        files={"rating_scheme": ("scheme.yaml", text.encode())},
        follow_redirects=True,
    )
    assert "all worked examples come out right" in words(answer)


async def a_member_joins(votum: Votum, office: Browser, name: str, role: str) -> Browser:
    """Invited by mail, accepted by the mailed link with a password; signed in from then on."""
    email = f"{name.lower()}@example.org"
    answer = await office.send_form(f"{CALL}/committee/members", name=f"{name} Ratefrau", email=email, role=role)
    assert f"{name} Ratefrau has an invitation by e-mail." in words(answer)
    link = await mailed_link(email)
    browser = await votum.stranger()
    assert "Accept the seat" in words(await browser.get(link))
    answer = await browser.send_form(link, password=SENTENCE)
    assert answer.url.path == "/desk"
    return with_token(browser, answer.text)


def with_token(browser: Browser, page: str) -> Browser:
    """The browser with the form token that its newest page carries."""
    found = re.search(r'name="csrf_token" value="(\w+)"', page)
    assert found
    browser.token = found[1]
    return browser


async def an_organisation_applies(votum: Votum, name: str, grant: int = 123_120) -> Browser:
    """Registered, confirmed, written, handed in; with the receipt."""
    email = f"{name.lower()}@example.org"
    browser = await votum.stranger()
    entered = {"name": name, "email": email, "password": SENTENCE, "organisation": f"{name}s Werkhof e. V."}
    await browser.send_form("/register", **entered, legal_form="association", privacy="1")
    answer = await browser.send_form(await mailed_link(email), password=SENTENCE)
    with_token(browser, answer.text)
    answer = await browser.send_form(f"{CALL}/proposals/new", title="Tafelgarten", **await only_organisation(name))
    draft = answer.url.path.removesuffix("/edit")
    plan = {**TYPED, "requested_grant_cents": str(grant), "third_party_cents": str(2462 + 123_120 - grant)}
    assert (await browser.send_form(f"{draft}/edit", **plan, version="1", then="check")).url.path == draft
    answer = await browser.send_form(f"{draft}/submission")
    assert answer.url.path == f"{draft}/receipt"
    assert re.search(r"V-\d{4}-\d{6}", words(answer))
    return browser


async def only_organisation(name: str) -> dict[str, str]:
    return {"organisation": str(await database.value("SELECT id FROM organisation WHERE name LIKE $1", f"{name}%"))}


async def the_rating_begins() -> None:
    """Time moves on: the deadline has passed, the rating runs."""
    async with database.write_transaction():
        await database.rows("UPDATE call SET deadline = now(), rating_from = current_date - 1 WHERE key = $1", KEY)


async def the_office_checks(office: Browser) -> None:
    """P01 and P02 are admitted, P02 after a cure; P03 is rejected."""
    page = words(await office.get(f"{CALL}/intake"))
    assert page.count("to be checked") == 3
    base = f"{CALL}/intake"
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    await office.send_form(f"{base}/P02/cure-request", missing="The statutes", due=tomorrow)
    assert "The statutes" in await database.value("SELECT body FROM mail ORDER BY id DESC LIMIT 1")
    await office.send_form(f"{base}/P02/cure-answer", answer="Statutes of 2020")
    gates = {f"gate-{gate['key']}": "yes" for gate in SCHEME["gates"]}
    for key in ("P01", "P02"):
        answer = await office.send_form(f"{base}/{key}/formal-decision", **gates)
        assert f"{key} is admitted to the rating." in words(answer)
    refused = {**gates, "gate-complete": "no"}
    answer = await office.send_form(f"{base}/P03/formal-decision", **refused)
    assert answer.status_code == 422
    answer = await office.send_form(f"{base}/P03/formal-decision", **refused, reason="Nothing signed")
    assert "P03 is formally rejected." in words(answer)


async def sheets(member: Browser) -> dict[str, str]:
    """The sheets on somebody's desk, by the key of their proposal."""
    page = (await member.get("/desk")).text
    return {key: path for path, key in re.findall(r'href="(/assignments/\d+)"[^>]*>\s*(P\d+)', page)}


async def rate(member: Browser, sheet: str, value: int) -> None:
    """Every criterion by htmx, the sheet by a form."""
    for criterion in CRITERIA:
        answer = await member.send_htmx(f"{sheet}/scores/{criterion}", value=str(value), comment="", version="0")
        assert "Saved" in words(answer)
    assert "is handed in" in words(await member.send_form(f"{sheet}/review"))


async def test_a_call_from_its_first_word_to_its_result(votum: Votum) -> None:
    office = await the_office_makes_a_call(votum)
    eve = await a_member_joins(votum, office, "Eve", "chair")
    ada = await a_member_joins(votum, office, "Ada", "voting")
    finn = await a_member_joins(votum, office, "Finn", "voting")
    stranger = await votum.stranger()
    assert (await stranger.get(CALL)).status_code == 404
    assert "The call is public now." in words(await published(votum, office, KEY))
    assert "We look for ideas" in words(await stranger.get(CALL))

    bo, una = [await an_organisation_applies(votum, name, grant) for name, grant in (("Bo", 123_120), ("Una", 100_000))]
    await an_organisation_applies(votum, "Pat")
    assert (await sheets(ada)) == {}
    await the_rating_begins()
    await the_office_checks(office)

    assert (await sheets(ada)).keys() == {"P01", "P02"}
    for member in (eve, ada):
        for key, value in (("P01", 4), ("P02", 2)):
            await rate(member, (await sheets(member))[key], value)
    biased = (await sheets(finn))["P01"]
    answer = await finn.send_form(f"{biased}/conflict", ground="advised_on_proposal", note="")
    assert "P01 is closed to you" in words(answer)
    assert (await finn.get(biased)).status_code == 404

    assert "closed" in words(await eve.send_form(f"{CALL}/rating-closure"))
    late = await ada.send_htmx(f"{(await sheets(ada))['P01']}/scores/k1", value="5", comment="", version="1")
    assert late.status_code == 409

    ranking = words(await office.get(f"{CALL}/ranking"))
    assert "74.00" in ranking
    answer = await office.send_form(
        f"{CALL}/recommendations/P01", status="", start_date="2027-04-01", conditions="Eine Fachkraft", version="0"
    )
    assert "recommended with conditions" in words(answer)
    assert "Frozen as ranking no. 1" in words(await office.send_form(f"{CALL}/freeze", why="Sitzung vom 6. Dezember"))
    await the_lists_say_it(office)

    answer = await office.send_form(f"{CALL}/result")
    assert answer.url.path == CALL
    page = words(await stranger.get(CALL))
    assert "Bos Werkhof e. V." in page
    assert "1 April 2027" in page
    for hidden in ("Una", "Pat", "74.00", "Ratefrau", "Eine Fachkraft"):
        assert hidden not in page
    assert (await bo.get("/desk")).status_code == (await una.get("/desk")).status_code == 200
    assert await invariants.broken() == []


async def the_lists_say_it(office: Browser) -> None:
    """The decision list in all its forms."""
    text = (await office.get(f"{CALL}/exports/decision-list.csv")).text
    rows = {row["proposal"]: row for row in csv.DictReader(io.StringIO(text))}
    assert {key: row["status"] for key, row in rows.items()} == {
        "P01": "recommended_with_conditions",
        "P02": "not_recommended",
        "P03": "rejected_formally",
    }
    # P01: all fours are 68 of 85 points, 228 euro per place and month 2 of 5, so 6 of 15
    # P02: all twos are 34 of 85 points, 185.19 euro 5 of 5, so 15 of 15
    assert (rows["P01"]["rank"], rows["P01"]["total"], rows["P01"]["start_date"]) == ("1", "74.00", "2027-04-01")
    assert (rows["P02"]["rank"], rows["P02"]["total"]) == ("", "49.00")
    for form, start in (("xlsx", b"PK"), ("pdf", b"%PDF-")):
        answer = await office.get(f"{CALL}/exports/decision-list.{form}")
        assert answer.content.startswith(start)
        again = await office.get(f"{CALL}/exports/decision-list.{form}")
        assert again.content == answer.content


class Kept(Message):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list = []

    def handle_message(self, message) -> None:  # type: ignore[no-untyped-def]
        self.messages.append(message)


@pytest.fixture
def post_office():
    """A real SMTP server on a free port."""
    kept = Kept()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


async def test_an_invitation_arrives_as_a_real_mail(votum: Votum, post_office, monkeypatch) -> None:
    kept, port = post_office
    monkeypatch.setattr(sending, "SETTINGS", replace(sending.SETTINGS, smtp_url=f"smtp://127.0.0.1:{port}"))
    office = await the_office_makes_a_call(votum)
    await office.send_form(
        f"{CALL}/committee/members", name="Jörg\r\nBcc: x@example.org", email="joerg@example.org", role="voting"
    )
    assert await sending.send_due() == 1
    assert await sending.send_due() == 0
    [message] = kept.messages
    assert (message["To"], message["Bcc"], message["Auto-Submitted"]) == ("joerg@example.org", None, "auto-generated")
    body = message.get_payload(decode=True).decode()
    assert "Arbeit, die gut tut" in body
    link = re.search(r"http://votum\.test(/\S+)", body)[1]
    assert "Accept the seat" in words(await (await votum.stranger()).get(link))


async def test_a_mail_that_cannot_be_sent_is_tried_again_later(votum: Votum, monkeypatch) -> None:
    monkeypatch.setattr(sending, "SETTINGS", replace(sending.SETTINGS, smtp_url="smtp://127.0.0.1:1"))
    async with database.write_transaction():
        await mails.tell([mails.Recipient("ada@example.org", "de")], lambda: ("Hello", "World"))
    assert await sending.send_due() == 1
    row = await database.row("SELECT sent_at, attempts, last_error, due_at - at AS pause FROM mail")
    assert (row["sent_at"], row["attempts"]) == (None, 1)
    assert row["last_error"]
    assert row["pause"] >= timedelta(seconds=59)
    assert await sending.send_due() == 0
