"""Four eyes: Cleo writes, Dora releases; what was public when can be read and compared by everybody."""

import json
import re
from datetime import timedelta

import pytest

from app import clock, database
from app.domain import calls
from app.domain.call_making import versions
from tests import open_call
from tests.office import begun, colleague, handed_over, published, released, version, written
from tests.pages.test_call_making import is_public, office, ready, upload
from tests.rating_call import SCHEME, rating_call
from tests.world import Browser, Votum, words

KEY = "neuer-aufruf"
BASE = f"/calls/{KEY}"


async def two_eyes() -> None:
    """The authority says that it works with two eyes."""
    async with database.write_transaction():
        await database.rows("ALTER TABLE authority ADD COLUMN IF NOT EXISTS two_eyes boolean NOT NULL DEFAULT false")
        await database.rows("UPDATE authority SET two_eyes = true")


async def mails() -> dict[str, str]:
    return {row["recipient"]: row["subject"] for row in await database.rows("SELECT recipient, subject FROM mail")}


async def detail(action: str) -> dict:
    found = await database.value("SELECT detail FROM audit_entry WHERE action = $1 ORDER BY seq DESC LIMIT 1", action)
    return json.loads(found)


async def test_cleo_writes_and_dora_releases(votum: Votum) -> None:
    cleo = await ready(votum)
    dora = await colleague(votum)
    assert (await released(dora, KEY)).status_code == 403  # nobody has handed it over
    page = words(await handed_over(cleo, KEY))
    assert "a second person of your authority releases it" in page
    assert "You wrote this text last." in page
    assert await mails() == {"dora@example.org": "Please release: Neuer Aufruf"}
    refused = await released(cleo, KEY)
    assert (refused.status_code, "You wrote this text last." in words(refused)) == (403, True)
    assert not await is_public()
    assert "Release the call" not in words(await cleo.get("/desk"))
    desk = await dora.get("/desk")
    assert "Release the call" in words(desk)
    assert f'href="{BASE}/check"' in desk.text
    assert "Handed over by Cleo" in words(await dora.get(f"{BASE}/check"))
    assert "The call is public now." in words(await released(dora, KEY))
    assert await is_public()
    assert "Release the call" not in words(await dora.get("/desk"))
    said = await detail("call.published")
    people = [await votum.person("cleo@example.org"), await votum.person("dora@example.org")]
    assert [said["written_by"], said["released_by"]] == people
    assert "works with two eyes" not in words(await (await votum.stranger()).get(BASE))


async def test_dora_sends_it_back_with_a_reason_and_cleo_writes_again(votum: Votum) -> None:
    cleo = await ready(votum)
    dora = await colleague(votum)
    await handed_over(cleo, KEY)
    answer = await dora.send_form(f"{BASE}/return", version=await version(KEY), why=" ")
    assert (answer.status_code, "Please give a reason." in words(answer)) == (422, True)
    answer = await dora.send_form(f"{BASE}/return", version=await version(KEY), why="Das Wort nicht fehlt")
    assert "Sent back by Dora" in words(answer)
    assert (await mails())["cleo@example.org"] == "Sent back: Neuer Aufruf"
    assert "Das Wort nicht fehlt" in words(await cleo.get(f"{BASE}/office"))
    assert "Your text was sent back" in words(await cleo.get("/desk"))
    assert (await released(dora, KEY)).status_code == 403
    answer = await dora.send_form(f"{BASE}/return", version=await version(KEY), why="Again")
    assert answer.status_code == 403
    await written(cleo, KEY, text_de="Menschen, die nicht erreicht werden")
    assert "Sent back" not in words(await cleo.get(f"{BASE}/check"))
    assert (await published(votum, cleo, KEY)).status_code == 200


async def test_who_changes_a_text_that_waits_has_written_it(votum: Votum) -> None:
    cleo = await ready(votum)
    dora = await colleague(votum)
    await handed_over(cleo, KEY)
    await written(dora, KEY, text_de="Doras Satz")
    assert (await released(dora, KEY)).status_code == 403  # what Cleo handed over is no more
    await handed_over(dora, KEY)
    assert (await released(dora, KEY)).status_code == 403
    assert (await released(cleo, KEY)).status_code == 200


async def test_with_two_eyes_cleo_publishes_alone_and_the_page_says_so(votum: Votum) -> None:
    cleo = await ready(votum)
    await two_eyes()
    assert "your authority works with two eyes" in words(await cleo.get(f"{BASE}/check"))
    assert "The call is public now." in words(await handed_over(cleo, KEY))
    assert await mails() == {}
    page = words(await (await votum.stranger()).get(BASE))
    assert "Written and released by one person: this authority works with two eyes." in page


async def test_a_change_of_a_published_call_waits_for_its_release_with_a_reason(votum: Votum) -> None:
    cleo = await ready(votum)
    await published(votum, cleo, KEY)
    stranger = await votum.stranger()
    answer = await written(cleo, KEY, text_de="Ein besserer Text", committee_name="Beirat")
    assert "It becomes public when it is released." in words(answer)
    assert "Ein besserer Text" not in words(await stranger.get(BASE))
    assert "Ein besserer Text" in words(await cleo.get(f"{BASE}/preview"))
    check = words(await cleo.get(f"{BASE}/check"))
    assert "Text (German) Ein Text Ein besserer Text" in check
    answer = await handed_over(cleo, KEY)
    assert (answer.status_code, "Please give a reason." in words(answer)) == (422, True)
    assert (await handed_over(cleo, KEY, "Klarer gesagt")).status_code == 200
    assert (await released(cleo, KEY)).status_code == 403
    assert "The change is public now." in words(await released(await colleague(votum), KEY))
    page = words(await stranger.get(BASE))
    assert "Ein besserer Text" in page
    assert re.search(r"Changed on \d+ \w+ \d{4}, \d\d:\d\d \w+ – Klarer gesagt", page)
    compared = await stranger.get(f"{BASE}/versions/2")
    assert "Ein <ins>besserer </ins>Text" in compared.text
    assert "<del>Jury</del><ins>Beirat</ins>" in compared.text
    assert (await stranger.get(f"{BASE}/versions/1?against=2")).status_code == 200
    assert "Nothing was public before it." in words(await stranger.get(f"{BASE}/versions/1"))
    for missing in ("versions/3", "versions/0", "versions/2?against=7", "versions/99999999999"):
        assert (await stranger.get(f"{BASE}/{missing}")).status_code == 404
    said = await detail("call.changed")
    assert (said["why"], list(said["changes"])) == ("Klarer gesagt", ["Text (German)", "Name of the committee"])


async def test_a_change_that_changes_nothing_is_not_handed_over_and_one_can_be_thrown_away(votum: Votum) -> None:
    cleo = await ready(votum)
    await published(votum, cleo, KEY)
    assert (await handed_over(cleo, KEY, "Nur so")).status_code == 403
    await written(cleo, KEY, text_de="Neu")
    await written(cleo, KEY, text_de="Ein Text")
    assert (await handed_over(cleo, KEY, "Nur so")).status_code == 403
    await written(cleo, KEY, text_de="Neu")
    answer = await cleo.send_form(f"{BASE}/discard", version=await version(KEY))
    assert "The change is thrown away" in words(answer)
    assert await database.value("SELECT count(*) FROM call_change") == 0
    assert "Ein Text" in words(await cleo.get(f"{BASE}/preview"))


async def an_extension(votum: Votum) -> Browser:
    """Bo has a draft, Ada and others sit in the committee; Cleo extends the deadline, and Dora releases it."""
    call = await rating_call(votum)
    async with database.write_transaction():
        await database.rows(
            "UPDATE call SET deadline = date_trunc('minute', now() + interval '2 days'), opens_at = NULL,"
            " rating_until = NULL, meeting_at = NULL, results_on = NULL, formal_check_until = NULL, cure_until = NULL,"
            " earliest_start = current_date + 90, rating_from = current_date + 20,"
            " text_de = 'Text', contact_email = 'a@example.org' WHERE id = $1",
            call.id,
        )
    cleo = await votum.signed_in("cleo@example.org")
    async with database.write_transaction():
        await versions.keep(await calls.public("rating"), by=None, released_by=None, at=clock.now())
    moved = clock.now().astimezone(clock.BERLIN) + timedelta(days=9)
    answer = await written(cleo, "rating", deadline=f"{moved:%Y-%m-%dT%H:%M}")
    assert answer is not None
    assert answer.status_code == 200
    return cleo


async def test_an_extended_deadline_asks_a_reason_tells_everybody_and_stays_visible(votum: Votum) -> None:
    cleo = await an_extension(votum)
    await colleague(votum)
    before = await database.value("SELECT deadline FROM call WHERE key = 'rating'")
    assert "every organisation with a proposal and the committee get an e-mail" in words(
        await cleo.get("/calls/rating/check")
    )
    assert (await handed_over(cleo, "rating")).status_code == 422
    assert (await published(votum, cleo, "rating", "Osterferien")).status_code == 200
    assert await database.value("SELECT deadline FROM call WHERE key = 'rating'") > before
    told = await mails()
    assert told.pop("dora@example.org").startswith("Please release")
    for person in ("ada@example.org", "eve@example.org", "finn@example.org", "gus@example.org", "bo@example.org"):
        assert told[person].startswith("Frist verlängert"), person
    assert "cleo@example.org" not in told
    assert "Osterferien" in await database.value("SELECT body FROM mail WHERE recipient = 'bo@example.org'")
    page = words(await (await votum.stranger()).get("/calls/rating"))
    assert page.count("Osterferien") == 2  # at the top, and in the list of versions
    assert "The deadline was extended: now" in page


async def test_a_deadline_that_passed_while_its_extension_waited_is_not_extended(votum: Votum) -> None:
    cleo = await an_extension(votum)
    await handed_over(cleo, "rating", "Osterferien")
    async with database.write_transaction():
        await database.rows("UPDATE call SET deadline = now() - interval '1 second' WHERE key = 'rating'")
    answer = await released(await colleague(votum), "rating")
    assert (answer.status_code, "The deadline has passed; it can no longer be extended." in words(answer)) == (
        403,
        True,
    )


@pytest.mark.parametrize("kind", ["competition", "interest", "two_stage"])
async def test_every_kind_of_procedure_has_its_legal_notes_on_the_page(votum: Votum, kind: str) -> None:
    await open_call.call(procedure_kind=kind)
    page = words(await (await votum.stranger()).get("/calls/arbeit"))
    for word in ("entitlement to funding", "refunded", "confidential"):
        assert word in page
    assert ("no tender" in page) == (kind == "interest")
    assert ("Sketches are rated first" in page) == (kind == "two_stage")


async def test_nobody_else_sees_or_touches_what_is_not_public(votum: Votum) -> None:
    cleo = await ready(votum)
    await handed_over(cleo, KEY)
    number = await version(KEY)
    for browser in (await votum.signed_in("dan@example.org"), await votum.signed_in("ada@example.org")):
        for page in ("office", "check", "preview", "edit/text", "edit/dates"):
            assert (await browser.get(f"{BASE}/{page}")).status_code == 404
        for verb in ("handover", "publication", "return", "discard", "line", "edit/text"):
            assert (await browser.send_form(f"{BASE}/{verb}", version=number, why="x")).status_code == 404
    stranger = await votum.stranger()
    for page in ("", "/versions/1", "/calendar.ics"):
        assert (await stranger.get(f"{BASE}{page}")).status_code == 404
    assert (await cleo.get(f"{BASE}/edit/nonsense")).status_code == 404
    assert not await is_public()


async def test_a_call_is_made_with_few_entries(votum: Votum) -> None:
    """From the first page to the publication: every field that somebody fills in or chooses, and their reasons."""
    cleo = await office(votum)
    dora = await colleague(votum)
    soon = clock.now().astimezone(clock.BERLIN)
    typed = {
        **{"title_de": "Stabilisierung und Teilhabe", "committee_name": "Regionaler Arbeitskreis"},
        **{"text_de": "Gesucht werden Ideen.", "target_group_de": "Menschen über 35", "contact_email": "a@example.org"},
        **{"contact_name": "Frau Amt", "contact_phone": "03921 1"},
        **{"opens_at": f"{soon:%Y-%m-%dT%H:%M}", "deadline": f"{soon + timedelta(days=40):%Y-%m-%dT12:00}"},
        **{
            "rating_from": f"{soon + timedelta(days=50):%Y-%m-%d}",
            "rating_until": f"{soon + timedelta(days=70):%Y-%m-%d}",
        },
        **{
            "meeting_at": f"{soon + timedelta(days=75):%Y-%m-%dT10:00}",
            "results_on": f"{soon + timedelta(days=80):%Y-%m-%d}",
        },
        **{
            "earliest_start": f"{soon + timedelta(days=120):%Y-%m-%d}",
            "places_max": "42",
            "budget_max_cents": "378000",
        },
        **{"min_places": "5", "max_grant_per_place_month_cents": "250", "months_max": "36"},
    }
    await begun(cleo, **typed)
    key = "stabilisierung-und-teilhabe"
    chosen = {"scheme": str(await database.value("SELECT id FROM rating_scheme LIMIT 1"))}
    await cleo.send_form(f"/calls/{key}/scheme", **chosen)
    assert "Handed over" in words(await handed_over(cleo, key))
    assert "The call is public now." in words(await released(dora, key))
    assert len(typed) + len(chosen) == 20  # the goal is under 25


async def test_a_scheme_chosen_by_dora_is_hers_to_have_checked(votum: Votum) -> None:
    cleo = await ready(votum)
    dora = await colleague(votum)
    await upload(dora, json.dumps({**SCHEME, "key": "doras"}).encode())
    await handed_over(cleo, KEY)
    assert (await released(dora, KEY)).status_code == 403
    assert (await released(cleo, KEY)).status_code == 200
