"""Conflicts of interest: declared by members, decided by the committee, and automatic where somebody belongs."""

import pytest

from app import database
from app.domain import reviews
from tests.rating_call import mark, rate, rating_call
from tests.world import Votum, words


async def declared(votum: Votum, name: str = "Ada", proposal: str = "P02"):
    call = await rating_call(votum)
    browser = await votum.signed_in(f"{name.lower()}@example.org")
    sheet = await call.sheet(name, proposal)
    answer = await browser.send_form(f"{sheet}/conflict", ground="economic_interest", note="My house is next door")
    return call, browser, sheet, answer


async def test_declaring_says_first_what_follows(votum):
    call = await rating_call(votum)
    browser = await votum.signed_in("ada@example.org")
    page = await browser.get(f"{await call.sheet('Ada', 'P02')}/conflict")
    assert "You cannot take this back" in words(page)
    assert "your rating no longer counts" in words(page)
    assert "Idee 2" not in words(page)


async def test_a_declared_conflict_closes_the_proposal_for_good(votum):
    _, browser, sheet, answer = await declared(votum)
    assert answer.url.path == "/desk"
    for page in (
        await browser.get(sheet),
        await browser.get(f"{sheet}/conflict"),
        await mark(browser, sheet, "need", "4"),
    ):
        assert page.status_code == 404
    assert (await browser.send_form(f"{sheet}/conflict", ground="other")).status_code == 404
    row = await database.row("SELECT ground, note, decision FROM conflict")
    assert tuple(row) == ("economic_interest", "My house is next door", "excluded")


async def test_the_neighbours_of_a_sheet_leap_over_what_is_closed(votum):
    call, browser, _, _ = await declared(votum)
    page = words(await browser.get(await call.sheet("Ada", "P01")))
    assert "Next: P03" in page
    assert "P02" not in page


async def test_a_conflict_without_a_ground_comes_back_with_its_note(votum):
    call = await rating_call(votum)
    browser = await votum.signed_in("ada@example.org")
    answer = await browser.send_form(f"{await call.sheet('Ada', 'P02')}/conflict", ground="", note="Maybe")
    assert answer.status_code == 422
    assert "Maybe" in answer.text
    assert await database.value("SELECT count(*) FROM conflict") == 0


async def test_a_conflict_after_rating_keeps_the_marks_but_they_no_longer_count(votum):
    call = await rating_call(votum)
    browser = await rate(votum, call, "Ada", "P02")
    await rate(votum, call, "Finn", "P02")
    before = await reviews.marks(call.id)
    assert {row["counts"] for row in before} == {True}
    await browser.send_form(f"{await call.sheet('Ada', 'P02')}/conflict", ground="other")
    after = await reviews.marks(call.id)
    assert [tuple(row)[:-1] for row in after] == [tuple(row)[:-1] for row in before]
    assert {(row["member"], row["counts"]) for row in after} == {("M2", False), ("M3", True)}


async def test_a_conflict_can_be_declared_after_the_closing_but_not_after_the_result(votum):
    call = await rating_call(votum)
    ada, finn = await rate(votum, call, "Ada", "P02"), await votum.signed_in("finn@example.org")
    await database.rows("INSERT INTO rating_closure (call, at) VALUES ($1, now())", call.id)
    assert (await ada.send_form(f"{await call.sheet('Ada', 'P02')}/conflict", ground="other")).status_code == 200
    await publish(call.id)
    assert (await finn.send_form(f"{await call.sheet('Finn', 'P02')}/conflict", ground="other")).status_code == 403
    assert await database.value("SELECT count(*) FROM conflict") == 1


async def publish(call: int) -> None:
    async with database.write_transaction():
        ranking = await database.value(
            "INSERT INTO frozen_ranking (call, number, at, content, sha256)"
            " VALUES ($1, 1, now(), '{}', '') RETURNING id",
            call,
        )
        await database.rows("INSERT INTO result_publication (call, ranking, at) VALUES ($1, $2, now())", call, ranking)


async def test_the_chair_gets_a_mail_unless_it_is_their_own_affair(votum):
    call, _, _, _ = await declared(votum)
    row = await database.row("SELECT recipient, body FROM mail ORDER BY id DESC LIMIT 1")
    assert row["recipient"] == "eve@example.org"
    assert "/calls/rating/conflicts" in row["body"]
    assert "next door" not in row["body"]
    eve = await votum.signed_in("eve@example.org")
    mails = await database.value("SELECT count(*) FROM mail")
    await eve.send_form(f"{await call.sheet('Eve', 'P02')}/conflict", ground="other")
    finn = await votum.signed_in("finn@example.org")
    await finn.send_form(f"{await call.sheet('Finn', 'P02')}/conflict", ground="other")
    assert await database.value("SELECT count(*) FROM mail") == mails


async def belongs(votum: Votum, call, name: str, how: str) -> None:
    """Let a member belong to the applicant of P02, or to a partner in it, by its id or by its name alone."""
    person = await votum.person(f"{name.lower()}@example.org")
    async with database.write_transaction():
        organisation = await database.value("SELECT organisation FROM proposal WHERE id = $1", call.proposals["P02"])
        if how != "applicant":
            organisation = await database.value(
                "INSERT INTO organisation (name, created_at) VALUES ('Nähstube e. V.', now()) RETURNING id"
            )
            await database.rows(
                "INSERT INTO partner (proposal, organisation, name) VALUES ($1, $2, $3)",
                call.proposals["P02"],
                organisation if how == "partner" else None,
                "NÄHSTUBE e. V.",
            )
        await database.rows(
            "INSERT INTO membership (person, organisation, since) VALUES ($1, $2, now())", person, organisation
        )


@pytest.mark.parametrize("how", ["applicant", "partner", "named partner"])
async def test_who_belongs_to_the_applicant_or_a_partner_can_never_open_it(votum, how):
    call = await rating_call(votum)
    browser = await rate(votum, call, "Ada", "P02")
    await belongs(votum, call, "Ada", how)
    sheet = await call.sheet("Ada", "P02")
    assert (await browser.get(sheet)).status_code == 404
    assert (await mark(browser, sheet, "need", "5", version=1)).status_code == 404
    assert "closed to you because of a conflict of interest" in words(await browser.get("/desk"))
    assert {row["counts"] for row in await reviews.marks(call.id)} == {False}
    assert (await browser.get(await call.sheet("Ada", "P01"))).status_code == 200
    office = words(await (await votum.signed_in("cleo@example.org")).get("/calls/rating/conflicts"))
    assert "P02 · Träger 2: Ada" in office
    assert "Nobody has declared a conflict of interest" in office


async def test_the_committee_decides_that_a_member_is_not_excluded(votum):
    call, ada, sheet, _ = await declared(votum)
    cleo = await votum.signed_in("cleo@example.org")
    number = await database.value("SELECT id FROM conflict")
    assert "My house is next door" in words(await cleo.get("/calls/rating/conflicts"))
    answer = await cleo.send_form(
        f"/calls/rating/conflicts/{number}",
        decision="not_excluded", for_exclusion="0", against="5", abstain="1", reason="Only a neighbour",
    )  # fmt: skip
    assert answer.status_code == 200
    assert "0 for the exclusion, 5 against, 1 abstained" in words(answer)
    assert "Only a neighbour" in words(answer)
    assert (await ada.get(sheet)).status_code == 200
    await rate(votum, call, "Ada", "P02")
    assert {row["counts"] for row in await reviews.marks(call.id)} == {True}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"for_exclusion": "6"}, "The votes say otherwise"),
        ({"against": "0"}, "how many voted for and against"),
        ({"reason": ""}, "Please fill in this field"),
        ({"decision": "maybe"}, "choose one of the options"),
        ({"against": "-1"}, "whole number"),
    ],
)
async def test_a_decision_that_does_not_fit_comes_back_with_what_was_typed(votum, changed, fault):
    await declared(votum)
    cleo = await votum.signed_in("cleo@example.org")
    number = await database.value("SELECT id FROM conflict")
    entered = {"decision": "not_excluded", "for_exclusion": "0", "against": "5", "abstain": "0", "reason": "Neighbour"}
    answer = await cleo.send_form(f"/calls/rating/conflicts/{number}", **{**entered, **changed})
    assert answer.status_code == 422
    assert fault in words(answer)
    if "reason" not in changed:
        assert "Neighbour" in answer.text
    assert await database.value("SELECT decided_at FROM conflict") is None


async def test_the_member_concerned_takes_no_part_in_the_decision(votum):
    _, eve, _, _ = await declared(votum, "Eve")
    number = await database.value("SELECT id FROM conflict")
    assert "This is about you" in words(await eve.get("/calls/rating/conflicts"))
    entered = {"decision": "not_excluded", "for_exclusion": "0", "against": "5", "abstain": "0", "reason": "x"}
    assert (await eve.send_form(f"/calls/rating/conflicts/{number}", **entered)).status_code == 403
    assert await database.value("SELECT decision FROM conflict") == "excluded"


async def test_an_excluded_chair_does_not_learn_who_else_is_biased(votum):
    call, eve, _, _ = await declared(votum, "Eve")
    before = words(await eve.get("/calls/rating/conflicts"))
    ada = await votum.signed_in("ada@example.org")
    await ada.send_form(f"{await call.sheet('Ada', 'P02')}/conflict", ground="other")
    assert words(await eve.get("/calls/rating/conflicts")) == before
    number = await database.value("SELECT max(id) FROM conflict")
    assert (await eve.get(f"/calls/rating/conflicts/{number}")).status_code == 404


@pytest.mark.parametrize("email", ["ada@example.org", "gus@example.org", "bo@example.org", "dan@example.org"])
async def test_only_the_chair_and_the_office_see_the_conflicts(votum, email):
    await declared(votum)
    browser = await votum.signed_in(email)
    number = await database.value("SELECT id FROM conflict")
    for answer in (
        await browser.get("/calls/rating/conflicts"),
        await browser.get(f"/calls/rating/conflicts/{number}"),
        await browser.send_form(f"/calls/rating/conflicts/{number}", decision="not_excluded", reason="x"),
    ):
        assert answer.status_code == 404


async def test_the_list_of_conflicts_takes_five_statements(votum):
    await declared(votum)
    cleo = await votum.signed_in("cleo@example.org")
    await cleo.get("/calls/rating/conflicts")
    with votum.counted() as seen:
        await cleo.get("/calls/rating/conflicts")
    assert len(seen) == 5


DECIDED = {"decision": "not_excluded", "for_exclusion": "0", "against": "5", "abstain": "0", "reason": "Only named"}


async def named_as_partner(votum: Votum, name: str = "Ada", how: str = "named partner"):
    """The applicant of P02 names a member's organisation as its partner; the address of the decision about it."""
    call = await rating_call(votum)
    await belongs(votum, call, name, how)
    return call, f"/calls/rating/closings/{await call.assignment(name, 'P02')}"


@pytest.mark.parametrize("who", ["eve", "cleo"])
@pytest.mark.parametrize("how", ["partner", "named partner"])
async def test_the_committee_can_let_a_member_rate_whom_the_applicant_named_as_partner(votum, how, who):
    call, closing = await named_as_partner(votum, how=how)
    ada, browser = await votum.signed_in("ada@example.org"), await votum.signed_in(f"{who}@example.org")
    sheet = await call.sheet("Ada", "P02")
    assert (await ada.get(sheet)).status_code == 404
    page = await browser.get("/calls/rating/conflicts")
    assert "P02 · Träger 2: Ada – named as partner by the applicant" in words(page)
    assert f'href="{closing}"' in page.text
    assert "Named as partner by the applicant" in words(await browser.get(closing))
    answer = await browser.send_form(closing, **DECIDED)
    assert (answer.status_code, answer.url.path) == (200, "/calls/rating/conflicts")
    assert "Only named" in words(answer)
    assert "Closed without a declaration" not in words(answer)
    assert (await ada.get(sheet)).status_code == 200
    await rate(votum, call, "Ada", "P02")
    assert {row["counts"] for row in await reviews.marks(call.id)} == {True}
    row = await database.row("SELECT action, detail FROM audit_entry WHERE action LIKE 'conflict.%'")
    assert (row["action"], '"not_excluded"' in row["detail"]) == ("conflict.decided", True)


async def test_what_the_committee_decides_to_keep_closed_stays_closed_and_can_be_decided_again(votum):
    call, closing = await named_as_partner(votum)
    eve = await votum.signed_in("eve@example.org")
    await eve.send_form(closing, **{**DECIDED, "decision": "excluded", "for_exclusion": "5", "against": "0"})
    ada, sheet = await votum.signed_in("ada@example.org"), await call.sheet("Ada", "P02")
    assert (await ada.get(sheet)).status_code == 404
    number = await database.value("SELECT id FROM conflict")
    await eve.send_form(f"/calls/rating/conflicts/{number}", **DECIDED)
    assert (await ada.get(sheet)).status_code == 200
    await ada.send_form(f"{sheet}/conflict", ground="works_for_partner")
    assert (await ada.get(sheet)).status_code == 404


async def test_the_own_organisation_stays_closed_whatever_is_recorded(votum):
    call, closing = await named_as_partner(votum, how="applicant")
    eve = await votum.signed_in("eve@example.org")
    page = await eve.get("/calls/rating/conflicts")
    assert "P02 · Träger 2: Ada – belongs to the applicant" in words(page)
    assert closing not in page.text
    assert (await eve.get(closing)).status_code == (await eve.send_form(closing, **DECIDED)).status_code == 404
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO conflict (member, proposal, ground, declared_at, decision)"
            " VALUES ($1, $2, 'other', now(), 'not_excluded')",
            call.members["Ada"],
            call.proposals["P02"],
        )
    ada = await votum.signed_in("ada@example.org")
    assert (await ada.get(await call.sheet("Ada", "P02"))).status_code == 404


async def test_nobody_decides_about_a_closing_of_their_own(votum):
    _, closing = await named_as_partner(votum, "Eve")
    eve = await votum.signed_in("eve@example.org")
    assert closing not in (await eve.get("/calls/rating/conflicts")).text
    for answer in (await eve.get(closing), await eve.send_form(closing, **DECIDED)):
        assert answer.status_code == 404  # the proposal is closed to her, so there is no such decision for her
    assert await database.value("SELECT count(*) FROM conflict") == 0


async def test_a_closing_is_not_decided_after_the_result(votum):
    call, closing = await named_as_partner(votum)
    await publish(call.id)
    eve = await votum.signed_in("eve@example.org")
    assert (await eve.send_form(closing, **DECIDED)).status_code == 403
    assert await database.value("SELECT count(*) FROM conflict") == 0


@pytest.mark.parametrize(
    ("decision", "votes", "taken"),
    [
        ("excluded", (3, 3), True),
        ("not_excluded", (3, 3), True),
        ("excluded", (4, 3), True),
        ("not_excluded", (4, 3), False),
        ("excluded", (3, 4), False),
        ("not_excluded", (3, 4), True),
    ],
)
async def test_the_majority_carries_and_where_the_votes_are_equal_the_chair_decides(votum, decision, votes, taken):
    await declared(votum)
    cleo = await votum.signed_in("cleo@example.org")
    number = await database.value("SELECT id FROM conflict")
    answer = await cleo.send_form(
        f"/calls/rating/conflicts/{number}",
        decision=decision, for_exclusion=str(votes[0]), against=str(votes[1]), abstain="0", reason="The chair's word",
    )  # fmt: skip
    assert (answer.status_code == 200) is taken
    assert (await database.value("SELECT decided_at FROM conflict") is not None) is taken
