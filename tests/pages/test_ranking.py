"""The ranking for the office: recommending, freezing, publishing, and what can no longer be changed."""

import csv
import io
import json
import re
from decimal import Decimal

import asyncpg
import openpyxl
import pytest
from pypdf import PdfReader

from app import database
from app.domain.reviews import NOT_ASSESSABLE
from app.pages import rankings as ranking_pages
from app.records import memory
from tests.rating_call import MARKS, RatingCall, rate, rating_call
from tests.world import Browser, Votum, words

BASE = "/calls/rating"
LOW = {"need": "1", "reach": "1"}


async def rated(votum: Votum, *, closed: bool = True) -> tuple[RatingCall, Browser]:
    """P01 passes and P02 fails by the marks of two members; P03 has one rating, too few."""
    call = await rating_call(votum)
    for name in ("Ada", "Finn"):
        await rate(votum, call, name, "P01")
        await rate(votum, call, name, "P02", **LOW)
    await rate(votum, call, "Ada", "P03")
    if closed:
        await (await votum.signed_in("eve@example.org")).send_form(f"{BASE}/rating-closure")
    return call, await votum.signed_in("cleo@example.org")


async def recommend(browser: Browser, proposal: str, **entered: str):
    blank = {"status": "", "start_date": "", "conditions": "", "reasons": "", "version": "0"}
    return await browser.send_form(f"{BASE}/recommendations/{proposal}", **{**blank, **entered})


async def status_of(browser: Browser, proposal: str) -> str:
    rows = (await browser.get(f"{BASE}/exports/decision-list.csv")).text.splitlines()
    names = rows[0].split(",")
    return next(row.split(",")[names.index("status")] for row in rows if f",{proposal}," in row)


async def freeze(browser: Browser):
    return await browser.send_form(f"{BASE}/freeze", why="A meeting")


async def test_the_ranking_shows_total_means_and_what_decided(votum: Votum) -> None:
    _, browser = await rated(votum)
    page = words(await browser.get(f"{BASE}/ranking"))
    # 4 of 5 x 40 + 5 of 5 x 20 + 1 of 3 x 10 + 7.5 of 10 x 10 + optional + 228 euro: 2 of 5 x 10
    assert "66.83" in page
    assert "recommended" in page
    line = words(await browser.get(f"{BASE}/recommendations/P01"))
    assert "Where the total comes from" in line
    assert "M2" in line
    assert "Fully shown." in line
    # what each criterion adds: the weights by which marks and numbers come to the total
    added = re.findall(r"([\d.]+) % ([\d.]+|–)", line)
    assert sum(Decimal(points) for _, points in added if points != "–") == Decimal("66.83")


async def test_a_deviation_needs_reasons_and_both_stay_visible(votum: Votum) -> None:
    _, browser = await rated(votum)
    answer = await recommend(browser, "P01", status="not_recommended", conditions="")
    assert (answer.status_code, "this deviates from the ranking" in words(answer)) == (422, True)
    assert re.search(r'value="not_recommended"\s+selected', answer.text)
    assert await status_of(browser, "P01") == "recommended"
    await recommend(browser, "P01", status="not_recommended", reasons="The site <b>was</b> sold")
    assert await status_of(browser, "P01") == "not_recommended"
    page = await browser.get(f"{BASE}/recommendations/P01")
    assert "According to the ranking recommended" in words(page)
    assert "The site &lt;b&gt;was&lt;/b&gt; sold" in page.text


@pytest.mark.parametrize(
    ("proposal", "entered", "sentence"),
    [
        ("P01", {"start_date": "2027-03-14"}, "The earliest start of this call"),
        ("P02", {"start_date": "2027-04-01"}, "Only a recommended proposal has a start date."),
        ("P02", {"conditions": "Wait"}, "Only a recommended proposal can have conditions."),
        ("P01", {"status": "granted"}, "Please choose one of the options."),
        ("P01", {"start_date": "soon"}, "Please enter a date"),
    ],
)
async def test_what_cannot_be_recommended_comes_back(
    votum: Votum, proposal: str, entered: dict[str, str], sentence: str
) -> None:
    _, browser = await rated(votum)
    answer = await recommend(browser, proposal, **{"reasons": "Typed <i>words</i>", **entered})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert "Typed &lt;i&gt;words&lt;/i&gt;" in answer.text
    assert await database.value("SELECT count(*) FROM recommendation") == 0


async def test_a_refusal_does_not_stumble_over_the_start_that_was_filled_in(votum: Votum) -> None:
    _, browser = await rated(votum)
    page = await browser.get(f"{BASE}/recommendations/P01")
    filled = re.search(r'name="start_date"[^>]*value="([-\d]+)"', page.text)
    assert filled
    await recommend(browser, "P01", status="not_recommended", reasons="Sold", start_date=filled[1])
    assert await status_of(browser, "P01") == "not_recommended"
    assert await database.value("SELECT start_date FROM recommendation") is None


async def test_conditions_are_part_of_the_recommendation(votum: Votum) -> None:
    _, browser = await rated(votum)
    await recommend(browser, "P01", conditions="A skilled worker", start_date="2027-05-01")
    assert await status_of(browser, "P01") == "recommended_with_conditions"


async def test_departure_and_conditions_stand_wherever_the_list_is_told(votum: Votum) -> None:
    """P02 is recommended below the minimum, under a condition; the form keeps that when it is opened again."""
    _, browser = await rated(votum)
    await recommend(browser, "P02", status="recommended", reasons="The only one in town", conditions="A partner")
    told = ("by ranking: not recommended", "The only one in town", "Conditions: A partner")
    page = words(await browser.get(f"{BASE}/ranking"))
    assert [one for one in told if one not in page] == []
    answer = await browser.get(f"{BASE}/recommendations/P02")
    assert re.search(r'value="recommended"\s+selected', answer.text)
    for what in ("ranking", "minutes", "letters", "decision-list"):
        content = (await browser.get(f"{BASE}/exports/{what}.pdf")).content
        said = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(content)).pages).split())
        assert [one for one in ("not recommended", "The only one in town", "A partner") if one not in said] == [], what
        assert ("by ranking: not recommended" in said) == (what in ("ranking", "minutes"))
    for what in ("decision-list", "ranking", "letters"):
        rows = list(csv.DictReader(io.StringIO((await browser.get(f"{BASE}/exports/{what}.csv")).text)))
        row = next(row for row in rows if row["proposal"] == "P02")
        assert (row["status"], row["departure"], row["conditions"], row["reason"]) == (
            *("recommended_with_conditions", "not_recommended", "A partner", "The only one in town"),
        )
    content = (await browser.get(f"{BASE}/exports/decision-list.xlsx")).content
    heads, *rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values
    line = dict(zip(heads, next(row for row in rows if row[1] == "P02"), strict=True))
    assert (line["By ranking"], line["Conditions"]) == ("not recommended", "A partner")
    assert line["Total"].startswith("=")


async def test_the_printed_list_has_no_empty_columns_and_names_the_minima(votum: Votum) -> None:
    _, browser = await rated(votum)
    content = (await browser.get(f"{BASE}/exports/decision-list.pdf")).content
    said = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(content)).pages).split())
    assert [one for one in ("Tie decided by", "By ranking", "Conditions") if one in said] == []
    assert "not reached: " in said


async def test_a_long_reason_stands_whole_below_the_printed_list(votum: Votum) -> None:
    _, browser = await rated(votum)
    await recommend(browser, "P01", status="reserve", reasons="many words " * 30 + "and the end")
    content = (await browser.get(f"{BASE}/exports/decision-list.pdf")).content
    said = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(content)).pages).split())
    assert "(whole text below the list)" in said
    assert said.index("P01, Reason: many words") < said.index("and the end")


async def test_a_recommendation_starts_as_the_organisation_asked(votum: Votum) -> None:
    call, browser = await rated(votum)
    async with database.write_transaction():
        await database.rows("UPDATE proposal SET starts_on = '2027-05-01' WHERE id = $1", call.proposals["P01"])
    memory.forget()
    page = await browser.get(f"{BASE}/recommendations/P01")
    assert 'value="2027-05-01"' in page.text
    assert "Asked for: 1 May 2027. Not before" in words(page)


async def test_a_departure_that_lost_its_reason_is_not_frozen(votum: Votum) -> None:
    call, browser = await rated(votum)
    await recommend(browser, "P01", status="reserve", reasons="Later")
    async with database.write_transaction():
        await database.rows("UPDATE recommendation SET reasons = '' WHERE proposal = $1", call.proposals["P01"])
    memory.forget()
    answer = await freeze(browser)
    assert (answer.status_code, "has no reasons yet: P01" in words(answer)) == (403, True)


async def test_of_two_who_recommend_at_once_the_second_reads_both(votum: Votum) -> None:
    _, browser = await rated(votum)
    await recommend(browser, "P01", reasons="Theirs", status="reserve")
    answer = await recommend(browser, "P01", reasons="Mine", status="reserve")
    assert answer.status_code == 409
    assert "Theirs" in words(answer)
    assert "Mine" in words(answer)


@pytest.mark.parametrize(
    ("language", "mine", "theirs"),
    [
        ("en", "Recommendation: as the ranking says Start: 1 April 2030", "Recommendation: not recommended Start: –"),
        ("de", "Empfehlung: wie es die Rangliste sagt Beginn: 01.04.2030", "Empfehlung: nicht empfohlen Beginn: –"),
    ],
)
async def test_both_sides_of_a_lost_race_are_words(votum: Votum, language: str, mine: str, theirs: str) -> None:
    await rated(votum)
    browser = await votum.signed_in("cleo@example.org", language)
    await recommend(browser, "P01", reasons="Theirs", status="not_recommended")
    answer = await recommend(browser, "P01", start_date="2030-04-01")
    assert answer.status_code == 409
    assert mine in words(answer)
    assert theirs in words(answer)
    assert "not_recommended" not in answer.text
    assert f'href="{BASE}/recommendations/P01"' in answer.text


async def test_nothing_is_frozen_before_the_rating_is_closed(votum: Votum) -> None:
    _, browser = await rated(votum, closed=False)
    answer = await freeze(browser)
    assert (answer.status_code, "has not closed the rating" in words(answer)) == (403, True)
    assert "Provisional" in words(await browser.get(f"{BASE}/ranking"))
    assert await database.value("SELECT count(*) FROM frozen_ranking") == 0


async def test_a_frozen_ranking_never_changes(votum: Votum) -> None:
    _, browser = await rated(votum)
    await freeze(browser)
    before = (await browser.get(f"{BASE}/rankings/1")).text
    listed = (await browser.get(f"{BASE}/exports/decision-list.csv")).content
    await recommend(browser, "P01", status="reserve", reasons="Later")
    assert (await browser.get(f"{BASE}/exports/decision-list.csv")).content == listed
    tbody = re.compile(r"(?s)<tbody>.*?</tbody>")
    assert tbody.findall((await browser.get(f"{BASE}/rankings/1")).text) == tbody.findall(before)
    for change in ("UPDATE frozen_ranking SET why = 'x'", "DELETE FROM frozen_ranking"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await database.rows(change)


async def test_a_second_click_freezes_nothing_anew(votum: Votum) -> None:
    _, browser = await rated(votum)
    await freeze(browser)
    assert "no. 1" in words(await freeze(browser))
    assert await database.value("SELECT count(*) FROM frozen_ranking") == 1


async def test_the_result_is_the_newest_frozen_list_and_nothing_else(votum: Votum) -> None:
    _, browser = await rated(votum)
    refused = await browser.send_form(f"{BASE}/result")
    assert (refused.status_code, "Freeze the ranking first." in words(refused)) == (403, True)
    await freeze(browser)
    await recommend(browser, "P01", conditions="One more", version="0")
    refused = await browser.send_form(f"{BASE}/result")
    assert (refused.status_code, "Something has changed" in words(refused)) == (403, True)
    assert await database.value("SELECT count(*) FROM result_publication") == 0
    assert "no. 2" in words(await freeze(browser))
    assert (await browser.send_form(f"{BASE}/result")).url.path == BASE
    assert "Werkhof e. V." in words(await (await votum.stranger()).get(BASE))


async def test_after_publication_nothing_is_edited_frozen_or_published_again(votum: Votum) -> None:
    _, browser = await rated(votum)
    await freeze(browser)
    await browser.send_form(f"{BASE}/result")
    answers = [await recommend(browser, "P01", conditions="x"), await freeze(browser)]
    answers.append(await browser.send_form(f"{BASE}/result"))
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert await database.value("SELECT count(*) FROM frozen_ranking") == 1


async def test_every_step_is_in_the_audit_trail_with_the_fingerprint(votum: Votum) -> None:
    _, browser = await rated(votum)
    await freeze(browser)
    await browser.send_form(f"{BASE}/result")
    rows = await database.rows("SELECT action, detail FROM audit_entry ORDER BY seq DESC LIMIT 2")
    assert [row["action"] for row in rows] == ["result.published", "ranking.frozen"]
    sealed = await database.value("SELECT sha256 FROM frozen_ranking")
    assert {json.loads(row["detail"])["sha256"] for row in rows} == {sealed}


@pytest.mark.parametrize("proposals", [10, 100])
async def test_the_ranking_takes_a_fixed_number_of_statements(votum: Votum, proposals: int) -> None:
    call = await rating_call(votum, proposals)
    await rate(votum, call, "Ada", "P01", **MARKS)
    browser = await votum.signed_in("cleo@example.org")
    for path, statements in (("ranking", 4), ("recommendations/P01", 4), ("exports/decision-list.csv", 5)):
        await browser.get(f"{BASE}/{path}")
        with votum.counted() as seen:
            answer = await browser.get(f"{BASE}/{path}")
        assert (path, answer.status_code, len(seen)) == (path, 200, statements)


async def test_a_letter_does_not_call_refused_what_was_not_rated_sufficiently(votum: Votum) -> None:
    _, browser = await rated(votum)
    content = (await browser.get(f"{BASE}/exports/letters.pdf")).content
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]
    letters = {key: next(page for page in pages if f" {key} " in page) for key in ("P02", "P03")}
    assert "The committee has not recommended your proposal" in letters["P02"]
    assert "Result not ranked" in letters["P03"]
    assert "Your proposal was not rated sufficiently" in letters["P03"]
    assert "Too few valid ratings: 1. At least 2 valid ratings are needed." in letters["P03"]
    for said in ("not recommended", "This is how the committee rated", "Fully shown"):
        assert said not in letters["P03"]


@pytest.mark.parametrize(("language", "said"), [("en", "not ranked"), ("de", "ohne Rang")])
async def test_what_was_not_rated_sufficiently_is_called_the_same_everywhere(
    votum: Votum, language: str, said: str
) -> None:
    await rated(votum)
    browser = await votum.signed_in("cleo@example.org", language)
    refused = {"en": "not recommended", "de": "nicht empfohlen"}[language]
    page = words(await browser.get(f"{BASE}/recommendations/P03"))
    assert page.count(said) == 3  # the badge, what the ranking says, and the choice to follow it
    assert refused not in page
    for what in ("decision-list", "ranking"):
        content = (await browser.get(f"{BASE}/exports/{what}.xlsx")).content
        heads, *rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values
        place = heads.index({"en": "Recommendation", "de": "Empfehlung"}[language])
        assert {row[1]: row[place] for row in rows if row[1] != "P01"} == {"P02": refused, "P03": said}
    assert await status_of(browser, "P03") == "not_recommended"  # in the file for machines the code stays
    await recommend(browser, "P03", status="reserve", reasons="Worth waiting for")
    page = words(await browser.get(f"{BASE}/recommendations/P03"))
    assert page.count(said) == 2
    assert refused not in page


async def test_a_reason_for_no_mark_says_that_it_cannot_be_judged(votum: Votum) -> None:
    call = await rating_call(votum)
    await rate(votum, call, "Ada", "P01", plan=NOT_ASSESSABLE)
    page = words(await (await votum.signed_in("cleo@example.org")).get(f"{BASE}/recommendations/P01"))
    assert "M2 (cannot be judged): Fully shown." in page
    assert "M2 (4): Fully shown." in page


async def test_whoever_was_not_rated_sufficiently_does_not_read_not_recommended(votum: Votum) -> None:
    call, browser = await rated(votum)
    badge = re.search(r"kern-badge[^>]*>([^<]*)<", (await browser.get(f"{BASE}/recommendations/P03")).text)
    assert badge
    assert badge[1].strip() == "not ranked"
    await freeze(browser)
    await browser.send_form(f"{BASE}/result")
    bo = await votum.person("bo@example.org")
    join = "INSERT INTO membership (person, organisation, since) SELECT $1, organisation, now() FROM proposal"
    async with database.write_transaction():
        await database.rows(f"{join} WHERE id = $2", bo, call.proposals["P03"])
    page = words(await (await votum.signed_in("bo@example.org")).get(f"/proposals/{call.proposals['P03']}"))
    assert "Not ranked" in page
    assert "Too few valid ratings: 1." in page


async def test_a_long_ranking_comes_in_pages_and_can_be_searched(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking_pages, "PAGE", 2)
    _, browser = await rated(votum)

    async def listed(query: str) -> list[str]:
        return re.findall(r"/recommendations/(P\d+)", (await browser.get(f"{BASE}/ranking{query}")).text)

    everything = await listed("") + await listed("?page=2")
    assert everything[:2] == await listed("?page=0") == ["P01", "P02"]
    assert everything[2:] == await listed("?page=99")
    assert sorted(everything) == ["P01", "P02", "P03"]
    assert await listed("?search=p03") == ["P03"]
    assert await listed("?search=nowhere") == []
    first = (await browser.get(f"{BASE}/ranking")).text
    assert 'href="?search=&amp;page=2"' in first
    await freeze(browser)
    assert (
        re.findall(r"/recommendations/(P\d+)", (await browser.get(f"{BASE}/rankings/1?page=2")).text) == everything[2:]
    )
