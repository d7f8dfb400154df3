"""The office's intake list and formal check: what is asked, what comes back, and when it stands."""

import json
import re
from datetime import timedelta

import pytest

from app import clock, database
from app.domain import rating_schemes
from app.domain.rating_schemes import Scheme
from app.operations import invariants
from tests.rating_call import SCHEME, RatingCall, rating_call
from tests.world import Browser, Votum, words

GATES = [
    {"key": "in_time", "label_de": "In time", "ko": True},
    {"key": "complete", "label_de": "Complete", "ko": True, "curable": True},
    {"key": "named", "label_de": "Contact named", "ko": False},
    {"key": "many", "label_de": "At least five places", "type": "number", "field": "places", "min": 5, "ko": True},
]
YES = {f"gate-{gate['key']}": "yes" for gate in GATES}
LIST = "/calls/rating/intake"
CHECK = f"{LIST}/P01"


async def unchecked(votum: Votum, proposals: int = 3) -> tuple[RatingCall, Browser]:
    """The call with gates in its scheme and nothing checked yet; and Cleo's browser."""
    call = await rating_call(votum, proposals)
    async with database.write_transaction():
        authority = await database.value("SELECT authority FROM call WHERE key = 'rating'")
        scheme = await rating_schemes.keep(
            Scheme.from_document({**SCHEME, "gates": GATES}), authority, by=None, at=clock.now()
        )
        await database.rows("UPDATE call SET rating_scheme = $1", scheme)
        for table in ("assignment", "formal_decision"):
            await database.rows(f"DELETE FROM {table}")
    return call, await votum.signed_in("cleo@example.org")


async def decision(proposal: str = "P01"):
    return await database.row(
        "SELECT f.admitted, f.reason FROM formal_decision f JOIN proposal p ON p.id = f.proposal WHERE p.key = $1",
        proposal,
    )


async def assigned() -> int:
    return int(await database.value("SELECT count(*) FROM assignment"))


async def test_an_admitted_proposal_is_given_out_at_once(votum: Votum) -> None:
    _, browser = await unchecked(votum)
    page = words(await browser.get(CHECK))
    assert "According to the data: met." in page
    answer = await browser.send_form(f"{CHECK}/formal-decision", **YES)
    assert "P01 is admitted to the rating." in words(answer)
    assert dict(await decision()) == {"admitted": True, "reason": ""}
    assert await assigned() == 3
    assert words(answer).count("to be checked") == 2


async def test_only_a_failed_knock_out_condition_rejects(votum: Votum) -> None:
    _, browser = await unchecked(votum)
    await browser.send_form(f"{CHECK}/formal-decision", **{**YES, "gate-named": "no"})
    assert (await decision())["admitted"] is True
    answer = await browser.send_form(f"{LIST}/P02/formal-decision", **{**YES, "gate-complete": "no"}, reason="Unsigned")
    assert "P02 is formally rejected." in words(answer)
    assert dict(await decision("P02")) == {"admitted": False, "reason": "Unsigned"}
    assert await assigned() == 3


async def test_a_rejection_without_reason_comes_back_with_every_answer(votum: Votum) -> None:
    _, browser = await unchecked(votum)
    answer = await browser.send_form(f"{CHECK}/formal-decision", **{**YES, "gate-complete": "no"}, reason=" ")
    assert (answer.status_code, "the organisation will read it" in words(answer)) == (422, True)
    ticked = re.findall(r'name="(gate-\w+)"[^>]*value="(\w+)"[^>]*checked', answer.text)
    assert dict(ticked) == {**YES, "gate-complete": "no"}
    assert await decision() is None


async def test_every_condition_is_to_be_answered(votum: Votum) -> None:
    _, browser = await unchecked(votum)
    left = {name: value for name, value in YES.items() if name != "gate-named"}
    answer = await browser.send_form(f"{CHECK}/formal-decision", **left, reason="typed <before>")
    assert (answer.status_code, "Please answer this." in words(answer)) == (422, True)
    assert "typed &lt;before&gt;" in answer.text
    assert await database.value("SELECT count(*) FROM gate_result") == 0


async def test_a_cure_is_asked_for_noted_and_then_checked(votum: Votum) -> None:
    _, browser = await unchecked(votum)
    due = (clock.today() + timedelta(days=5)).isoformat()
    await browser.send_form(f"{CHECK}/cure-request", missing="The <b>statutes</b>", due=due)
    mail = await database.row("SELECT recipient, body FROM mail")
    assert mail["recipient"] == "bo@example.org"
    assert "The <b>statutes</b>" in mail["body"]
    assert "missing documents requested" in words(await browser.get(LIST))
    await browser.send_form(f"{CHECK}/cure-answer", answer="Arrived by post")
    assert "answer received" in words(await browser.get(LIST))
    again = await browser.send_form(f"{CHECK}/cure-request", missing="More", due=due)
    assert (again.status_code, "already answered" in words(again)) == (403, True)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"missing": "", "due": "2099-01-01"}, "Please fill in this field."),
        ({"missing": "Statutes", "due": "2020-01-01"}, "Please choose a day that is still to come."),
        ({"missing": "Statutes", "due": "soon"}, "Please enter a date such as"),
    ],
)
async def test_a_bad_cure_request_comes_back(votum: Votum, sent: dict[str, str], sentence: str) -> None:
    _, browser = await unchecked(votum)
    answer = await browser.send_form(f"{CHECK}/cure-request", **sent)
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert sent["missing"] in answer.text
    assert await database.value("SELECT count(*) FROM mail") == 0


async def test_once_the_rating_is_closed_the_check_stands(votum: Votum) -> None:
    call, browser = await unchecked(votum)
    async with database.write_transaction():
        await database.rows("INSERT INTO rating_closure (call, at) VALUES ($1, now())", call.id)
    assert (await browser.send_form(f"{CHECK}/formal-decision", **YES)).status_code == 403
    assert await decision() is None
    assert "The formal check can no longer be changed." in words(await browser.get(CHECK))


async def test_what_was_withdrawn_is_no_longer_checked(votum: Votum) -> None:
    _, browser = await unchecked(votum)
    await (await votum.signed_in("bo@example.org")).send_form(await own_proposal(), reason="")
    assert "Withdrawn" in words(await browser.get(LIST))
    assert (await browser.send_form(f"{CHECK}/formal-decision", **YES)).status_code == 403


async def own_proposal() -> str:
    return f"/proposals/{await database.value('SELECT id FROM proposal WHERE key = $1', 'P01')}/withdrawal"


async def test_the_list_is_sorted_by_what_is_allowed_and_paged(votum: Votum) -> None:
    _, browser = await unchecked(votum, 60)
    first, second = await browser.get(LIST), await browser.get(f"{LIST}?page=2")
    assert keys(first.text) == [f"P{number:02}" for number in range(1, 51)]
    assert keys(second.text) == [f"P{number:02}" for number in range(51, 61)]
    by_name = keys((await browser.get(f"{LIST}?order=organisation")).text)
    assert (by_name[0], by_name[-1]) == ("P10", "P55")
    assert keys((await browser.get(f"{LIST}?page=999")).text) == []


def keys(page: str) -> list[str]:
    return re.findall(r"<td>(P\d+)</td>", page)


@pytest.mark.parametrize("proposals", [10, 100])
async def test_the_list_takes_three_statements_and_a_check_five(votum: Votum, proposals: int) -> None:
    _, browser = await unchecked(votum, proposals)
    for path, statements in ((LIST, 3), (CHECK, 5)):
        await browser.get(path)
        with votum.counted() as seen:
            answer = await browser.get(path)
        assert (path, answer.status_code, len(seen)) == (path, 200, statements)


async def test_the_check_is_in_the_audit_trail_with_its_answers(votum: Votum) -> None:
    _, browser = await unchecked(votum)
    await browser.send_form(f"{CHECK}/formal-decision", **{**YES, "gate-complete": "no"}, reason="Unsigned")
    entry = await database.row("SELECT action, detail FROM audit_entry WHERE action LIKE 'formal_check.%'")
    assert entry["action"] == "formal_check.rejected"
    assert json.loads(entry["detail"])["answers"]["complete"] is False


async def test_the_check_of_the_database_calls_only_a_missed_knock_out_condition_broken(votum: Votum) -> None:
    """Admitted although nobody is named is as the scheme says; admitted although incomplete is not."""
    _, browser = await unchecked(votum)
    await browser.send_form(f"{CHECK}/formal-decision", **{**YES, "gate-named": "no"})
    assert (await decision())["admitted"] is True
    assert await formally_broken() == []
    async with database.write_transaction():
        await database.rows("UPDATE gate_result SET passed = false WHERE gate = 'complete'")
    assert [line.rpartition(": ")[2] for line in await formally_broken()] == ["rating/P01"]


async def formally_broken() -> list[str]:
    return [line for line in await invariants.broken() if "knock-out gates passed" in line]


@pytest.mark.parametrize(("length", "taken"), [(499, True), (500, True), (501, False)])
async def test_a_note_beside_a_condition_is_kept_whole_or_refused_with_its_words(
    votum: Votum, length: int, taken: bool
) -> None:
    _, browser = await unchecked(votum)
    note = f"{'ä' * (length - 4)} end"
    answer = await browser.send_form(f"{CHECK}/formal-decision", **YES, **{"reason-named": note})
    kept = await database.value("SELECT reason FROM gate_result WHERE gate = 'named'")
    if taken:
        assert (answer.status_code, kept) == (200, note)
        assert note in (await browser.get(CHECK)).text
        return
    assert (answer.status_code, kept, await decision()) == (422, None, None)
    assert "Please shorten this to 500 characters; it has 501." in words(answer)
    assert 'href="#reason-named"' in answer.text
    assert note in answer.text
    ticked = re.findall(r'name="(gate-\w+)"[^>]*value="(\w+)"[^>]*checked', answer.text)
    assert dict(ticked) == YES


async def test_a_reason_that_is_too_long_decides_nothing(votum: Votum) -> None:
    _, browser = await unchecked(votum)
    sent = {**YES, "gate-complete": "no", "reason": "x" * 2001}
    assert (await browser.send_form(f"{CHECK}/formal-decision", **sent)).status_code == 422
    assert await decision() is None


async def test_the_check_says_which_condition_keeps_nobody_out(votum: Votum) -> None:
    _, browser = await unchecked(votum)
    assert words(await browser.get(CHECK)).count("the proposal is rated all the same") == 1
