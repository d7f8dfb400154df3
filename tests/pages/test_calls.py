"""Calls as everybody sees them: the list, one page through a call's whole life, programmes."""

from datetime import timedelta

import pytest

from app import clock, database
from tests import open_call
from tests.rating_call import SCHEME, rating_call
from tests.world import Votum, words

NOW = clock.now()
DAY = timedelta(days=1)
LIVES = {
    "Opens on": {"opens_at": NOW + DAY, "deadline": NOW + 9 * DAY},
    "Open until": {"opens_at": NOW - DAY, "deadline": NOW + DAY},
    "Formal check": {"deadline": NOW - DAY, "rating_from": (NOW + 3 * DAY).date()},
    "In rating": {"deadline": NOW - DAY, "rating_from": (NOW - DAY).date()},
}


@pytest.mark.parametrize("state", LIVES)
async def test_one_address_shows_the_call_through_its_whole_life(votum: Votum, state: str) -> None:
    await open_call.call(**LIVES[state])
    browser = await votum.stranger()
    for path in ("/calls", "/calls/arbeit"):
        page = words(await browser.get(path))
        assert "Work that does good" in page
        assert state in page
    applying = "/calls/arbeit/proposals/new" in (await browser.get("/calls/arbeit")).text
    assert applying == (state == "Open until")


async def test_a_draft_is_nobodys_and_so_is_what_does_not_exist(votum: Votum) -> None:
    await open_call.call()
    async with database.write_transaction():
        await database.rows("UPDATE call_publication SET at = now() + interval '1 hour'")
    browser = await votum.stranger()
    answers = [await browser.get(f"/calls/{key}") for key in ("arbeit", "no-such")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace("arbeit", "no-such") == answers[1].text
    assert "Work that does good" not in words(await browser.get("/calls"))


async def test_criteria_and_weights_are_public_and_marks_are_not(votum: Votum) -> None:
    await rating_call(votum)
    page = words(await (await votum.stranger()).get("/calls/rating"))
    assert "Is the need shown with figures?" in page
    assert "40 %" in page
    assert "3 proposals were submitted." in page
    assert "Werkhof" not in page
    assert "Ada" not in page


async def test_what_the_marks_mean_is_public(votum: Votum) -> None:
    await rating_call(votum)
    answer = await (await votum.stranger()).get("/calls/rating")
    assert "What the marks mean 0 not shown 5 excellent" in words(answer)
    assert "1–5 1 one town 5 the whole county" in words(answer)
    assert 'role="img"' not in answer.text


async def test_a_wording_for_several_marks_names_them_together(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    spans = {"4-5": "sehr gut", "0-1": "mangelhaft", 3: "gut"}
    monkeypatch.setitem(SCHEME, "scale_labels_de", spans)
    monkeypatch.setitem(SCHEME, "scale_labels_en", {3: "good"})
    await rating_call(votum)
    page = words(await (await votum.stranger()).get("/calls/rating"))
    assert "What the marks mean 0–1 mangelhaft 3 good 4–5 sehr gut" in page


async def test_without_wordings_nothing_is_said_of_them(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SCHEME, "scale_labels_de")
    await rating_call(votum)
    assert "What the marks mean" not in words(await (await votum.stranger()).get("/calls/rating"))


@pytest.mark.parametrize(("path", "current"), [("/calls", "page"), ("/calls?x=1", "page"), ("/calls/rating", "true")])
async def test_the_menu_says_whether_it_is_this_page_or_one_below(votum: Votum, path: str, current: str) -> None:
    await rating_call(votum)
    page = (await (await votum.stranger()).get(path)).text
    assert f'<a href="/calls" aria-current="{current}">' in page


async def test_the_page_is_read_in_the_readers_language(votum: Votum) -> None:
    await open_call.call()
    assert "Arbeit, die gut tut" in words(await (await votum.stranger("de")).get("/calls/arbeit"))
    assert "Work that does good" in words(await (await votum.stranger("en")).get("/calls/arbeit"))
    browser = await votum.stranger("en")
    await browser.send_form("/language/de")
    answer = await browser.get("/calls/arbeit")
    assert '<html lang="de">' in answer.text
    assert "Arbeit, die gut tut" in words(answer)


@pytest.mark.parametrize("others", [10, 100])
async def test_the_list_takes_one_statement_and_a_call_three(votum: Votum, others: int) -> None:
    await rating_call(votum)
    for number in range(others):
        await open_call.call(f"call-{number}")
    browser = await votum.stranger()
    await browser.get("/calls/rating")
    for path, statements in (("/calls", 1), ("/calls/rating", 3)):
        with votum.counted() as seen:
            answer = await browser.get(path)
        assert (answer.status_code, len(seen)) == (200, statements)
