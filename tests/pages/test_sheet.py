"""The rating sheet: marks, reasons, handing in, reopening, and what nobody may see or change."""

import asyncio

import pytest

from app import database
from app.domain import reviews
from tests.rating_call import MARKS, REASON, SCHEME, mark, rate, rating_call
from tests.world import Votum, words


async def stored(sheet: str, criterion: str):
    return await database.row(
        "SELECT value, not_assessable, comment, version FROM score WHERE assignment = $1 AND criterion = $2",
        int(sheet.rpartition("/")[2]),
        criterion,
    )


async def ada(votum: Votum, proposals: int = 3):
    call = await rating_call(votum, proposals)
    return call, await votum.signed_in("ada@example.org"), await call.sheet("Ada", "P02")


async def test_the_sheet_shows_the_proposal_and_every_criterion_beside_it(votum):
    _, browser, sheet = await ada(votum)
    answer = await browser.get(sheet)
    assert answer.status_code == 200
    for text in (
        "Idee 2",
        "Träger 2",
        "Need",
        "Is the need shown with figures?",
        "40 %",
        "not shown",
        "the whole county",
        "Price",
        "2 points",
    ):
        assert text in words(answer)
    assert "Previous: P01" in words(answer)
    assert "Next: P03" in words(answer)


def piece(text: str, start: str, end: str) -> str:
    return text.split(start)[1].split(end)[0]


async def test_every_mark_stands_there_with_its_wording(votum):
    _, browser, sheet = await ada(votum)
    page = await browser.get(sheet)
    for text in ("0 not shown 1 2 3 4 5 excellent Cannot be judged", "1 one town 5 the whole county", "No Yes"):
        assert text in words(page)
    assert "Weight 40 %" in words(page)


async def test_each_reason_and_each_answer_names_its_criterion(votum):
    _, browser, sheet = await ada(votum)
    page = words(await browser.get(sheet))
    for label in ("Need", "Reach", "Topics", "Plan", "New idea"):
        assert page.count(f"Reason (optional) : {label} ") == 1
    assert words(await mark(browser, sheet, "reach", "5")).count(": Reach . ") == 1


@pytest.mark.parametrize(
    ("criterion", "typed", "status", "invalid"),
    [
        ("need", "6", 422, "fieldset"),
        ("need", "2", 409, "fieldset"),
        ("plan", "lots", 422, "input"),
        ("tick", "x", 422, ""),
    ],
)
async def test_an_error_is_tied_to_what_it_is_about(votum, criterion, typed, status, invalid):
    _, browser, sheet = await ada(votum)
    await mark(browser, sheet, "need", "4")
    answer = await mark(browser, sheet, criterion, typed)
    assert answer.status_code == status
    assert answer.text.count(f'id="value-{criterion}-error" class="kern-error"') == 1
    field = piece(answer.text, "<fieldset", ">")
    described = piece(field, 'aria-describedby="', '"').split()
    assert described == [f"value-{criterion}-error", *([f"help-{criterion}"] if criterion == "need" else [])]
    if invalid == "input":
        field = piece(answer.text, f'<input id="mark-{criterion}"', ">")
        assert piece(field, 'aria-describedby="', '"') == f"value-{criterion}-error"
    assert ('aria-invalid="true"' in field) == bool(invalid)
    taken = await mark(
        browser,
        sheet,
        criterion,
        {"need": "3", "plan": "7", "tick": "work"}[criterion],
        version=int(criterion == "need"),
    )
    assert taken.status_code == 200
    assert "aria-invalid" not in taken.text
    assert "-error" not in taken.text


@pytest.mark.parametrize("proposals", [3, 10, 60])
async def test_a_sheet_takes_five_statements_however_many_proposals_there_are(votum, proposals):
    _, browser, sheet = await ada(votum, proposals)
    await browser.get(sheet)
    with votum.counted() as seen:
        await browser.get(sheet)
    assert len(seen) == 5


async def test_a_mark_is_saved_as_it_is_entered(votum):
    _, browser, sheet = await ada(votum)
    await browser.get(sheet)
    with votum.counted() as seen:
        answer = await mark(browser, sheet, "need", "4", "Good figures.")
    assert len(seen) == 4
    assert answer.status_code == 200
    assert words(answer).count("Saved ") == 1
    assert "36.00 / 100" in words(answer)
    assert "1 of 5" in words(answer)
    assert "<html" not in answer.text
    assert dict(await stored(sheet, "need")) == {
        "value": 4,
        "not_assessable": False,
        "comment": "Good figures.",
        "version": 1,
    }


@pytest.mark.parametrize(("language", "said"), [("en", "of which 4.00 computed"), ("de", "davon 4,00 berechnet")])
async def test_the_total_says_which_points_nobody_gave(votum, language, said):
    _, _, sheet = await ada(votum)
    browser = await votum.signed_in("ada@example.org", language)
    whole = words(await browser.get(sheet))
    saved = words(await mark(browser, sheet, "need", "4"))
    assert [page.count(said) for page in (whole, saved)] == [1, 1]


async def test_without_computed_criteria_the_total_says_nothing_of_them(votum, monkeypatch):
    *rated, computed = SCHEME["criteria"]
    rated[0] = {**rated[0], "weight_percent": rated[0]["weight_percent"] + computed["weight_percent"]}
    monkeypatch.setitem(SCHEME, "criteria", rated)
    _, browser, sheet = await ada(votum)
    page = words(await browser.get(sheet))
    assert "Total so far" in page
    assert "computed" not in page


async def test_a_mark_is_saved_without_javascript(votum):
    _, browser, sheet = await ada(votum)
    answer = await browser.post(
        f"{sheet}/scores/need", data={"csrf_token": browser.token, "value": "3", "comment": "", "version": "0"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{sheet}#score-need")
    assert (await stored(sheet, "need"))["value"] == 3


@pytest.mark.parametrize(
    ("criterion", "typed", "value"),
    [
        ("reach", "5", "5"),
        ("plan", "7,5", "7.5"),
        ("plan", "7.5", "7.5"),
        ("new", "2", "2"),
        ("new", "0", "0"),
        ("tick", ["work", "care"], "3"),
        ("tick", "nothing", "0"),
    ],
)
async def test_every_kind_of_mark_is_taken_and_shown_again(votum, criterion, typed, value):
    _, browser, sheet = await ada(votum)
    assert (await mark(browser, sheet, criterion, typed, REASON)).status_code == 200
    assert str((await stored(sheet, criterion))["value"]) == value
    form = (await browser.get(sheet)).text.split(f'id="score-{criterion}"')[1].split("</form>")[0]
    assert "checked" in form or 'value="7.5"' in form


async def test_the_ticks_of_a_checklist_are_kept(votum):
    _, browser, sheet = await ada(votum)
    await mark(browser, sheet, "tick", ["work", "care"])
    await mark(browser, sheet, "tick", ["care"], version=1)
    assert reviews.chosen(await reviews.scores_of(int(sheet.rpartition("/")[2])), "tick") == {"care"}
    form = (await browser.get(sheet)).text.split('id="score-tick"')[1].split("</form>")[0]
    assert form.count(" checked") == 1
    assert 'value="care" checked' in form


async def test_cannot_be_judged_is_no_zero(votum):
    _, browser, sheet = await ada(votum)
    answer = await mark(browser, sheet, "need", "none")
    row = await stored(sheet, "need")
    assert (row["value"], row["not_assessable"]) == (None, True)
    assert "Reason needed" in words(answer)
    assert "4.00 / 100" in words(answer)
    assert "at most 54.00 can be reached" in words(answer)


@pytest.mark.parametrize("value", ["0", "5"])
async def test_a_mark_that_needs_a_reason_is_saved_but_flagged(votum, value):
    _, browser, sheet = await ada(votum)
    assert "Reason needed" in words(await mark(browser, sheet, "need", value))
    assert (await stored(sheet, "need"))["value"] == int(value)
    assert "Reason needed" not in words(await mark(browser, sheet, "need", value, REASON, 1))


@pytest.mark.parametrize(
    ("criterion", "typed"),
    [
        *(("need", typed) for typed in ("6", "-1", "2.5", "NaN", "Infinity", "1e9", "٣", "yes")),
        ("reach", "3"),
        ("plan", "10.01"),
        ("plan", "lots"),
        ("plan", "1_0"),
        ("tick", "other"),
        ("tick", ["work", "none"]),
    ],
)
async def test_what_is_no_mark_is_refused_with_what_was_typed(votum, criterion, typed):
    _, browser, sheet = await ada(votum)
    answer = await mark(browser, sheet, criterion, typed, "My <b>words</b>")
    assert answer.status_code == 422
    assert "My &lt;b&gt;words&lt;/b&gt;" in answer.text
    assert "Error:" in words(answer)
    assert await stored(sheet, criterion) is None


async def test_a_refused_mark_comes_back_on_the_whole_page_without_javascript(votum):
    _, browser, sheet = await ada(votum)
    answer = await browser.send_form(f"{sheet}/scores/plan", value="lots", comment="My words", version="0")
    assert answer.status_code == 422
    assert 'value="lots"' in answer.text
    assert "My words" in answer.text
    assert 'href="#mark-plan"' in answer.text
    assert answer.text.count("<h1") == 1


async def test_too_long_a_reason_is_refused_and_not_cut(votum):
    _, browser, sheet = await ada(votum)
    answer = await mark(browser, sheet, "need", "4", "x" * 2001)
    assert answer.status_code == 422
    assert "x" * 2001 in answer.text
    assert await stored(sheet, "need") is None


async def test_of_two_windows_the_second_is_told_and_loses_nothing(votum):
    _, browser, sheet = await ada(votum)
    await mark(browser, sheet, "need", "4", "From the first window")
    answer = await mark(browser, sheet, "need", "2", "From the second window")
    assert answer.status_code == 409
    for text in ("From the first window", "From the second window", "There it says: 4", "Keep mine instead"):
        assert text in words(answer)
    assert (await stored(sheet, "need"))["comment"] == "From the first window"
    assert (await mark(browser, sheet, "need", "2", "From the second window", 1)).status_code == 200


async def test_the_same_mark_twice_is_no_conflict(votum):
    _, browser, sheet = await ada(votum)
    answers = await asyncio.gather(*(mark(browser, sheet, "need", "4", "Same") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await stored(sheet, "need"))["version"] == 1
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'score.saved'") == 1


async def test_handing_in_names_everything_that_is_missing_with_links(votum):
    _, browser, sheet = await ada(votum)
    await mark(browser, sheet, "need", "0")
    answer = await browser.send_form(f"{sheet}/review")
    assert answer.status_code == 422
    for link in ("#comment-need", "#mark-reach", "#mark-tick", "#mark-plan"):
        assert f'href="{link}"' in answer.text
        assert f'id="{link[1:]}"' in answer.text
    assert "Reach: no mark yet." in words(answer)
    assert 'href="#mark-new"' not in answer.text
    assert await database.value("SELECT count(*) FROM review") == 0


async def test_a_sheet_handed_in_twice_at_once_is_one_review(votum):
    _, browser, sheet = await ada(votum)
    for criterion, value in MARKS.items():
        await mark(browser, sheet, criterion, value, REASON)
    answers = await asyncio.gather(*(browser.send_form(f"{sheet}/review") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert await database.value("SELECT count(*) FROM review") == 1
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'review.handed_in'") == 1


async def test_a_handed_in_sheet_cannot_be_changed_until_it_is_reopened_with_a_reason(votum):
    call, _, sheet = await ada(votum)
    browser = await rate(votum, call, "Ada", "P02")
    answer = await mark(browser, sheet, "need", "1", "Other", 1)
    assert answer.status_code == 409
    assert "Reopen it to change something" in words(answer)
    assert "Other" in words(answer)
    assert (await browser.send_form(f"{sheet}/reopening", reason=" ")).status_code == 422
    assert (await browser.send_form(f"{sheet}/reopening", reason="I read it again")).status_code == 200
    assert await reviews.marks(call.id) == []
    assert (await mark(browser, sheet, "need", "1", "Other", 1)).status_code == 200
    await browser.send_form(f"{sheet}/review")
    assert {row["value"] for row in await reviews.marks(call.id) if row["criterion"] == "need"} == {1}
    assert await database.value("SELECT reopen_reason FROM review WHERE reopened_at IS NOT NULL") == "I read it again"


async def test_the_others_marks_are_hidden_until_the_own_sheet_is_handed_in(votum):
    call, browser, sheet = await ada(votum)
    before = words(await browser.get(sheet))
    await rate(votum, call, "Finn", "P02", need="5")
    await database.rows("UPDATE score SET comment = 'Finn writes this' WHERE criterion = 'need'")
    assert words(await browser.get(sheet)) == before
    browser = await rate(votum, call, "Ada", "P02")
    after = words(await browser.get(sheet))
    assert "The others: 5" in after
    assert "Finn writes this" in after
    assert "Member 1: 5" in after
    assert "Finn" not in after.replace("Finn writes this", "")


async def test_marks_of_a_sheet_that_its_author_has_taken_back_are_shown_to_nobody(votum):
    call, _, sheet = await ada(votum)
    finn = await rate(votum, call, "Finn", "P02")
    browser = await rate(votum, call, "Ada", "P02")
    assert "The others:" in words(await browser.get(sheet))
    await finn.send_form(f"{await call.sheet('Finn', 'P02')}/reopening", reason="I read it again")
    assert "The others:" not in words(await browser.get(sheet))


async def test_marks_of_an_excluded_member_are_shown_to_nobody(votum):
    call, _, sheet = await ada(votum)
    finn = await rate(votum, call, "Finn", "P02")
    browser = await rate(votum, call, "Ada", "P02")
    assert "The others:" in words(await browser.get(sheet))
    await finn.send_form(f"{await call.sheet('Finn', 'P02')}/conflict", ground="other")
    assert "The others:" not in words(await browser.get(sheet))


@pytest.mark.parametrize("name", ["finn", "gus", "cleo", "bo", "dan"])
async def test_a_sheet_is_nobody_elses(votum, name):
    _, _, sheet = await ada(votum)
    browser = await votum.signed_in(f"{name}@example.org")
    nothing = await browser.get("/assignments/999999999999")
    for answer in (
        await browser.get(sheet),
        await browser.get(f"{sheet}/conflict"),
        await mark(browser, sheet, "need", "4"),
        await browser.send_form(f"{sheet}/review"),
        await browser.send_form(f"{sheet}/reopening", reason="x"),
        await browser.send_form(f"{sheet}/conflict", ground="other"),
    ):
        assert answer.status_code == nothing.status_code == 404
    assert (await browser.get(sheet)).text == nothing.text.replace("999999999999", sheet.rpartition("/")[2])
    assert await database.value("SELECT count(*) FROM score") == 0
    assert await database.value("SELECT count(*) FROM conflict") == 0


async def test_a_stranger_is_asked_to_sign_in(votum):
    _, _, sheet = await ada(votum)
    assert (await (await votum.stranger()).get(sheet)).headers["location"].startswith("/sign-in")


async def test_an_unknown_criterion_is_not_found(votum):
    _, browser, sheet = await ada(votum)
    for criterion in ("price", "nothing", "tick%2Fwork"):
        assert (await mark(browser, sheet, criterion, "1")).status_code == 404


TAKEN_AWAY = {
    "withdrawn": "INSERT INTO withdrawal (proposal, at) SELECT proposal, now() FROM assignment WHERE id = $1",
    "unassigned": "DELETE FROM assignment WHERE id = $1",
    "rejected": "UPDATE formal_decision SET admitted = false, reason = 'x'"
    " WHERE proposal = (SELECT proposal FROM assignment WHERE id = $1)",
    "advisory": "UPDATE member SET role = 'advisory' WHERE id = (SELECT member FROM assignment WHERE id = $1)",
}


@pytest.mark.parametrize("change", TAKEN_AWAY)
async def test_what_is_taken_away_is_closed_at_the_next_request(votum, change):
    _, browser, sheet = await ada(votum)
    assert (await browser.get(sheet)).status_code == 200
    await database.rows(TAKEN_AWAY[change], int(sheet.rpartition("/")[2]))
    assert (await browser.get(sheet)).status_code == 404
    assert (await mark(browser, sheet, "need", "4")).status_code == 404


async def test_before_the_rating_begins_the_sheet_can_be_read_but_not_filled_in(votum):
    _, browser, sheet = await ada(votum)
    await database.rows("UPDATE call SET rating_from = current_date + 2")
    assert "The rating has not begun yet." in words(await browser.get(sheet))
    assert (await mark(browser, sheet, "need", "4")).status_code == 409
    assert (await browser.send_form(f"{sheet}/review")).status_code == 403
