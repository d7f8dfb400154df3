"""The first page, the duty pages, the demo's outbox, the signs of life, and pages that are missing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app import clock, database
from app.identity import policies
from app.records import mails
from tests import open_call
from tests.world import Votum, words


async def test_the_first_page_shows_the_three_calls_that_end_next(votum: Votum) -> None:
    for number in range(5):
        await open_call.call(f"c{number}", clock.now() + timedelta(days=1 + number), title_en=f"Call {number}")
    await open_call.call("over", clock.now() - timedelta(days=1), title_en="Call over")
    with votum.counted() as seen:
        page = words(await (await votum.stranger()).get("/"))
    assert [number for number in range(5) if f"Call {number}" in page] == [0, 1, 2]
    assert "Call over" not in page
    assert len(seen) == 1


@pytest.mark.parametrize("path", ["/accessibility", "/privacy", "/imprint"])
async def test_the_duty_pages_are_there_in_both_languages(votum: Votum, path: str) -> None:
    await open_call.call()
    titles = {words(await (await votum.stranger(code)).get(path))[:400] for code in ("de", "en")}
    assert all(text for text in titles)
    assert (await (await votum.stranger()).get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/calls/nothing", "/a/b/c", "/desk/nothing", "/admin/login-x"])
async def test_what_is_missing_gets_a_page_that_leads_on(votum: Votum, path: str) -> None:
    answer = await (await votum.stranger()).get(path)
    assert answer.status_code == 404
    assert '<main id="main"' in answer.text
    assert 'href="/calls"' in answer.text


async def test_the_outbox_is_for_the_demo_only(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    async with database.write_transaction():
        await mails.tell(
            [mails.Recipient("ada@example.org", "de")], lambda: ("Your <b>link</b>", "Open http://votum.test/x")
        )
    browser = await votum.stranger()
    answer = await browser.get("/desk/outbox")
    assert "Your <b>link</b>" in words(answer)
    assert "<b>link</b>" not in answer.text
    assert (await browser.get("/desk/outbox", headers={"host": "evil.example"})).status_code == 404
    monkeypatch.setattr(policies, "SETTINGS", replace(policies.SETTINGS, demo=False))
    assert (await browser.get("/desk/outbox")).status_code == 404
    ada = await votum.person("ada@example.org")
    assert (await browser.post(f"/demo/sign-in/{ada}")).status_code == 404
    assert await database.value("SELECT count(*) FROM session") == 0


async def test_the_signs_of_life_say_how_old_the_oldest_mail_is(votum: Votum) -> None:
    browser = await votum.stranger()
    assert (await browser.get("/health/live")).text == "ok"
    assert (await browser.get("/health/ready")).json() == {"database": True, "oldest_mail_seconds": 0}
    async with database.write_transaction():
        await mails.tell([mails.Recipient("ada@example.org", "de")], lambda: ("Hello", "World"))
        await database.rows("UPDATE mail SET at = now() - interval '90 seconds', due_at = now() + interval '1 hour'")
    assert 90 <= (await browser.get("/health/ready")).json()["oldest_mail_seconds"] < 150
    for settled in ("held = true", "held = false, given_up_at = now()", "given_up_at = NULL, sent_at = now()"):
        await database.rows(f"UPDATE mail SET {settled}")
        assert (await browser.get("/health/ready")).json()["oldest_mail_seconds"] == 0
