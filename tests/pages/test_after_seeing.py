"""Independent first: whoever changes a sheet after the others' marks could be seen is named, and told so before."""

import csv
import io
import json

import pytest
from pypdf import PdfReader

from app import clock, database
from app.domain import rankings, recommendations, reviews
from app.domain.calls import CALL, Call
from app.papers import csv_text, exports, lists
from app.papers.dossier import verified
from tests.rating_call import REASON, RatingCall, mark, rate, rating_call
from tests.world import Browser, Votum, words

PAGE = "/calls/rating/committee"
HEADING = "Changed after the others' marks could be seen"


async def reopen(browser: Browser, sheet: str, reason: str = "Misread") -> None:
    assert "The sheet is open again" in words(await browser.send_form(f"{sheet}/reopening", reason=reason))


async def change(browser: Browser, sheet: str, value: str = "3") -> None:
    """Reopen a sheet, give another mark for the need, hand it in again."""
    await reopen(browser, sheet)
    assert (await mark(browser, sheet, "need", value, REASON, 1)).status_code == 200
    assert "is handed in" in words(await browser.send_form(f"{sheet}/review"))


async def marked(call: RatingCall) -> set[tuple[str, str, str]]:
    """Proposal, member and criterion of every mark that was given after seeing others'."""
    rows = await reviews.marks(call.id)
    return {(row["proposal"], row["member"], row["criterion"]) for row in rows if row["after_seeing"]}


async def progress(votum: Votum, email: str = "cleo@example.org") -> str:
    return words(await (await votum.signed_in(email)).get(PAGE))


async def printed(form: str = "pdf", what: str = "rating-sheets", language: str = "en") -> str:
    call = await database.one_of(Call, f"{CALL} WHERE c.key = 'rating'")
    assert call
    body = (await exports.export(call, what, form, language=language)).body
    if form == "csv":
        return body.decode()
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).split())


async def test_a_change_after_another_sheet_was_open_is_named_everywhere(votum: Votum) -> None:
    call = await rating_call(votum)
    ada, sheet = await rate(votum, call, "Ada", "P01"), await call.sheet("Ada", "P01")
    await rate(votum, call, "Finn", "P01")
    assert HEADING not in await progress(votum)
    await change(ada, sheet)
    assert await marked(call) == {("P01", "M2", "need")}
    for email in ("cleo@example.org", "eve@example.org"):
        page = await progress(votum, email)
        assert HEADING in page
        assert "P01 · Idee 1, Ada: reopened on " in page
        assert "; 1 mark changed since" in page
    text = await printed()
    assert text.count(f"{HEADING}: Need.") == 1
    assert "(Misread)" in text
    rows = list(csv.DictReader(io.StringIO(await printed("csv", "scores"))))
    assert [(row["reviewer"], row["criterion"]) for row in rows if row["after_seeing"] == "true"] == [("M2", "need")]
    assert {row["after_seeing"] for row in rows} == {"", "true"}


async def test_it_is_german_for_germans(votum: Votum) -> None:
    call = await rating_call(votum)
    ada = await rate(votum, call, "Ada", "P01")
    await rate(votum, call, "Finn", "P01")
    await change(ada, await call.sheet("Ada", "P01"))
    said = "eändert, nachdem die Bewertungen der anderen einsehbar waren"
    assert said in words(await (await votum.signed_in("cleo@example.org", "de")).get(PAGE))
    assert said in words(await (await votum.signed_in("ada@example.org", "de")).get(await call.sheet("Ada", "P01")))
    assert said in await printed(language="de")


async def test_a_change_before_anybody_else_handed_in_is_nobodys_business(votum: Votum) -> None:
    call = await rating_call(votum)
    ada, sheet = await rate(votum, call, "Ada", "P01"), await call.sheet("Ada", "P01")
    await rate(votum, call, "Finn", "P02")
    await change(ada, sheet)
    await rate(votum, call, "Finn", "P01")
    assert await marked(call) == set()
    assert HEADING not in await progress(votum)
    assert HEADING not in await printed()


async def test_a_sheet_that_was_only_reopened_says_that_nothing_changed(votum: Votum) -> None:
    call = await rating_call(votum)
    ada, sheet = await rate(votum, call, "Ada", "P01"), await call.sheet("Ada", "P01")
    await rate(votum, call, "Finn", "P01")
    await reopen(ada, sheet)
    assert "no mark changed since" in await progress(votum)
    await ada.send_form(f"{sheet}/review")
    assert "no mark changed since" in await progress(votum)
    assert await marked(call) == set()


async def test_a_sheet_that_is_closed_again_was_still_to_be_seen(votum: Votum) -> None:
    """Finn hands in, then Ada; both reopen. Each could see the other's marks for a while."""
    call = await rating_call(votum)
    finn, ada = await rate(votum, call, "Finn", "P01"), await rate(votum, call, "Ada", "P01")
    await reopen(finn, await call.sheet("Finn", "P01"))
    await change(ada, await call.sheet("Ada", "P01"))
    assert await marked(call) == {("P01", "M2", "need")}
    page = await progress(votum)
    assert "Finn: reopened on" in page
    assert "Ada: reopened on" in page


async def test_a_sheet_that_was_reopened_before_mine_was_handed_in_was_never_open_to_me(votum: Votum) -> None:
    call = await rating_call(votum)
    finn = await rate(votum, call, "Finn", "P01")
    await reopen(finn, await call.sheet("Finn", "P01"))
    ada = await rate(votum, call, "Ada", "P01")
    await change(ada, await call.sheet("Ada", "P01"))
    await finn.send_form(f"{await call.sheet('Finn', 'P01')}/review")
    assert await marked(call) == set()


async def test_marks_after_the_first_change_stay_named_however_often_it_is_reopened(votum: Votum) -> None:
    call = await rating_call(votum)
    ada, sheet = await rate(votum, call, "Ada", "P01"), await call.sheet("Ada", "P01")
    await rate(votum, call, "Finn", "P01")
    await change(ada, sheet)
    await reopen(ada, sheet)
    await mark(ada, sheet, "plan", "8", REASON, 1)
    await ada.send_form(f"{sheet}/review")
    assert await marked(call) == {("P01", "M2", "need"), ("P01", "M2", "plan")}
    assert "; 2 marks changed since" in await progress(votum)


@pytest.mark.parametrize(
    ("before", "decided", "named"),
    [(True, False, False), (True, True, True), (False, False, True)],
    ids=["excluded before", "excluded and let in again", "excluded afterwards"],
)
async def test_the_sheet_of_a_biased_member_counts_as_seen_only_while_it_was_open(
    votum: Votum, before: bool, decided: bool, named: bool
) -> None:
    call = await rating_call(votum)
    finn, sheet = await rate(votum, call, "Finn", "P01"), await call.sheet("Ada", "P01")
    conflict = f"{await call.sheet('Finn', 'P01')}/conflict"
    if before:
        await finn.send_form(conflict, ground="other")
    ada = await rate(votum, call, "Ada", "P01")
    if decided:
        await database.rows("UPDATE conflict SET decision = 'not_excluded', decided_at = now()")
    await change(ada, sheet)
    if not before:
        await finn.send_form(conflict, ground="other")
    assert await marked(call) == ({("P01", "M2", "need")} if named else set())


async def test_the_member_is_told_before_reopening(votum: Votum) -> None:
    call = await rating_call(votum)
    ada, sheet = await rate(votum, call, "Ada", "P01"), await call.sheet("Ada", "P01")
    assert "Could you see the marks of others since you handed in" in words(await ada.get(sheet))
    await rate(votum, call, "Finn", "P01")
    page = words(await ada.get(sheet))
    assert "You can see the others' marks. If you change yours now, the office and the printed sheet will say" in page
    assert page.index("You can see the others' marks.") < page.index("Why do you want to change it?")


async def test_a_chair_to_whom_a_proposal_is_closed_reads_nothing_of_its_sheets(votum: Votum) -> None:
    call = await rating_call(votum)
    eve = await votum.signed_in("eve@example.org")
    await eve.send_form(f"{await call.sheet('Eve', 'P02')}/conflict", ground="other")
    ada = await rate(votum, call, "Ada", "P02")
    await rate(votum, call, "Finn", "P02")
    await change(ada, await call.sheet("Ada", "P02"))
    assert HEADING not in await progress(votum, "eve@example.org")
    assert "P02 · Idee 2, Ada" in await progress(votum)


async def test_it_is_sealed_with_the_ranking_and_noticed_where_a_dossier_says_otherwise(votum: Votum) -> None:
    call = await rating_call(votum)
    ada = await rate(votum, call, "Ada", "P01")
    await rate(votum, call, "Finn", "P01")
    await change(ada, await call.sheet("Ada", "P01"))
    await database.rows("INSERT INTO rating_closure (call, at) VALUES ($1, now())", call.id)
    row = await database.one_of(Call, f"{CALL} WHERE c.key = 'rating'")
    assert row
    await recommendations.freeze(row, "", by=None, at=clock.now())
    sealed = await database.value("SELECT content FROM frozen_ranking")
    assert sealed.count('"after_seeing":true') == 1
    assert '"after_seeing":false' not in sealed
    content = csv_text.text(lists.scores((await rankings.latest(call.id)).ranking))
    files = {
        "ranking.json": sealed.encode(),
        "proposals.csv": csv_text.text(lists.proposals_list((await rankings.latest(call.id)).ranking)),
        "scores.csv": content,
    }
    assert list(verified._unlike_the_seal(files)) == []
    files["scores.csv"] = content.replace(b",true\r\n", b",\r\n")
    assert list(verified._unlike_the_seal(files)) == ["scores.csv: P01, M2, need is not as it was sealed."]
    assert json.loads(sealed)["marks"]
