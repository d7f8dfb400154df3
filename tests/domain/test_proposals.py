"""What a proposal says and what follows from it, and the life from draft to receipt."""

import asyncio
import json
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from app import clock, database, i18n
from app.domain import organisations, proposals
from app.domain.proposals import rules
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import open_call
from tests.records import filled


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.locale.set("en")


TAFELGARTEN = {
    "title": "Tafelgarten – Gemüse für die Ausgabestellen",
    "summary": "Wir bauen Gemüse an.",
    "field": "food_garden",
    "region": "",
    "sites": '["Auenburg", "Kalkrode"]',
    "places": 15,
    "individual_months": 36,
    "starts_on": date(2018, 3, 15),
    "ends_on": date(2021, 3, 14),
    "personnel_cents": 149778_00,
    "material_cents": 23537_00,
    "work_clothes_cents": 6419_00,
    "travel_cents": 10698_00,
    "other_direct_cents": 10207_00,
    "overhead_cents": 13330_00,
    "requested_grant_cents": 123120_00,
    "jobcenter_share_cents": 81000_00,
    "own_funds_cents": 7387_00,
    "third_party_cents": 2462_00,
    "targets": '[{"label_de": "Übergänge", "unit": "persons", "baseline": 0, "target": 3, "due": "2021-09-14"}]',
    "attachments": "[]",
}


def of(**changed):
    return filled(proposals.Content, **{**TAFELGARTEN, **changed})


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2018, 3, 15), date(2021, 3, 14), 36),
        (date(2018, 3, 15), date(2021, 3, 15), 36),
        (date(2018, 3, 15), date(2021, 3, 13), 35),
        (date(2018, 1, 1), date(2018, 12, 31), 12),
        (date(2018, 1, 1), date(2018, 1, 30), 0),
        (date(2024, 2, 1), date(2024, 2, 29), 1),
        (date(2018, 1, 2), date(2018, 1, 1), None),
        (None, date(2018, 1, 1), None),
    ],
)
def test_months_are_whole_months_with_both_days(start, end, months):
    assert proposals.months(of(starts_on=start, ends_on=end)) == months


def test_the_grant_per_place_and_month_is_exact():
    assert proposals.grant_per_place_month(of()) == Decimal(228)
    assert proposals.grant_per_place_month(of(places=None)) is None
    assert proposals.grant_per_place_month(of(ends_on=None)) is None
    just_more = proposals.grant_per_place_month(of(requested_grant_cents=135000_01))
    assert just_more > 250


def test_totals_add_up_and_name_the_shares():
    totals = proposals.totals(of())
    assert (totals.costs_cents, totals.financing_cents, totals.missing_cents) == (213969_00, 213969_00, 0)
    assert totals.balanced
    assert totals.overhead_percent == Decimal("6.64")  # 13330 of 200639
    assert totals.own_funds_percent == Decimal("6.00")  # 7387 of 123120
    assert [line.percent for line in totals.financing] == [Decimal(x) for x in ("57.5", "37.9", "3.5", "1.2")]
    assert totals.targets[0]["due"] == date(2021, 9, 14)


def test_the_canonical_content_is_the_same_for_the_same_content_and_holds_all_of_it():
    partners = [proposals.Partner(name="Nähstube e. V.", role="cooperation_partner", task="Änderungen")]
    text = proposals.canonical(of(), partners)
    assert text == proposals.canonical(filled(proposals.Own, **dict(reversed(TAFELGARTEN.items())), id=9), partners)
    content = json.loads(text)
    assert list(content) == sorted(content)
    assert set(content) == {*TAFELGARTEN, "partners", "schema"}
    assert content["ends_on"] == "2021-03-14"
    assert content["partners"] == [{"name": "Nähstube e. V.", "role": "cooperation_partner", "task": "Änderungen"}]


@pytest.mark.parametrize("name", TAFELGARTEN)
def test_every_field_changes_the_canonical_content(name):
    other = {"starts_on": date(2018, 4, 1), "ends_on": date(2018, 4, 1)}.get(name, '["x"]')
    assert proposals.canonical(of(**{name: other}), []) != proposals.canonical(of(), [])


def test_a_field_of_activity_is_known_by_its_name_or_stays_as_written():
    assert proposals.field_key(proposals.field_name("food_garden").upper()) == "food_garden"
    assert proposals.field_key("Mondfahrt") == proposals.field_name("Mondfahrt") == "Mondfahrt"


# ── from draft to receipt ──────────────────────────────────────────────────────────────────────


@pytest.fixture
async def bo(votum):
    """Bo, who acts for an organisation with an address of its own."""
    person = await votum.person("bo@example.org", "Bo")
    await open_call.organisation(person, email="werkhof@example.org")
    return person


async def a_draft(bo, call, **changed):
    return await open_call.draft(bo, call, (await organisations.of(bo))[0].id, **changed)


async def test_a_proposal_is_handed_in_with_key_receipt_and_fingerprint(bo):
    call = await open_call.call()
    draft = await a_draft(bo, call)
    number = await proposals.hand_in(draft, by=bo, at=clock.now())
    receipt = await proposals.receipt(bo, draft)
    assert (number, receipt.key) == (f"V-{clock.today().year}-000001", "P01")
    stored = await database.found(proposals.Content, "SELECT * FROM proposal WHERE id = $1", draft)
    assert receipt.content == proposals.canonical(stored, await proposals.partners(draft))
    assert receipt.sha256 == sha256(receipt.content.encode()).hexdigest()
    mails = await database.rows("SELECT recipient, body FROM mail ORDER BY recipient")
    assert [mail["recipient"] for mail in mails] == ["bo@example.org", "werkhof@example.org"]
    assert all(number in mail["body"] and receipt.sha256 in mail["body"] for mail in mails)
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'proposal.submitted'") == 1


async def test_twenty_at_once_are_one_submission_with_one_receipt(bo):
    draft = await a_draft(bo, await open_call.call())
    numbers = await asyncio.gather(*(proposals.hand_in(draft, by=bo, at=clock.now()) for _ in range(20)))
    assert len(numbers) == 20
    assert len(set(numbers)) == 1
    assert await database.value("SELECT count(*) FROM submission") == 1
    assert await database.value("SELECT last_value FROM receipt_number") == 1
    assert await database.value("SELECT count(*) FROM mail WHERE recipient = 'bo@example.org'") == 1


async def test_many_organisations_at_once_get_different_keys_and_receipts(votum):
    call = await open_call.call()
    drafts = []
    for number in range(8):
        person = await votum.person(f"p{number}@example.org")
        drafts.append((person, await open_call.draft(person, call, await open_call.organisation(person, f"O{number}"))))
    numbers = await asyncio.gather(*(proposals.hand_in(draft, by=person, at=clock.now()) for person, draft in drafts))
    assert sorted(numbers) == [f"V-{clock.today().year}-{number:06}" for number in range(1, 9)]
    keys = await database.rows("SELECT key FROM proposal ORDER BY key")
    assert [row["key"] for row in keys] == [f"P{number:02}" for number in range(1, 9)]
    for (person, draft), number in zip(drafts, numbers, strict=True):
        assert (await proposals.receipt(person, draft)).receipt_number == number


@pytest.mark.parametrize(
    ("highest", "following"), [("P14", "P15"), ("P99", "P100"), ("P007", "P008"), ("X99", "P01"), (None, "P01")]
)
async def test_the_next_key_follows_the_highest_as_wide_as_it_is(bo, highest, following):
    call = await open_call.call()
    earlier, draft = await a_draft(bo, call), await a_draft(bo, call)
    await database.rows("UPDATE proposal SET key = $2 WHERE id = $1", earlier, highest)
    await proposals.hand_in(draft, by=bo, at=clock.now())
    assert (await proposals.receipt(bo, draft)).key == following


async def test_the_deadline_is_exact_and_the_text_stays(bo):
    deadline = clock.now() + timedelta(hours=1)
    draft = await a_draft(bo, await open_call.call(deadline=deadline))
    with pytest.raises(NotAllowed, match="deadline has passed"):
        await proposals.hand_in(draft, by=bo, at=deadline)
    assert (await proposals.held_by(bo, draft)).summary.startswith("Wir bauen")
    assert await proposals.hand_in(draft, by=bo, at=deadline - timedelta(microseconds=1))


async def test_a_deadline_moved_meanwhile_is_the_one_that_counts(bo):
    call = await open_call.call()
    draft = await a_draft(bo, call)
    await database.rows("UPDATE call SET deadline = $1", clock.now() - timedelta(seconds=1))
    with pytest.raises(NotAllowed, match="deadline has passed"):
        await proposals.hand_in(draft, by=bo, at=clock.now())


async def test_nothing_is_handed_in_before_the_call_opens(bo):
    draft = await a_draft(bo, await open_call.call(opens_at=clock.now() + timedelta(hours=1)))
    with pytest.raises(NotAllowed, match="not open yet"):
        await proposals.hand_in(draft, by=bo, at=clock.now())


BROKEN = {
    "title": {"title": ""},
    "summary": {"summary": ""},
    "field": {"field": ""},
    "sites": {"sites": []},
    "places": {"places": 4},
    "individual_months": {"individual_months": 37},
    "starts_on": {"starts_on": date(2027, 3, 14)},
    "ends_on": {"ends_on": date(2030, 3, 15)},
    "personnel_cents": dict.fromkeys(proposals.COSTS, 0),
    "requested_grant_cents": {"requested_grant_cents": 123120_01},
    "overhead_cents": {"overhead_cents": 30000_00, "requested_grant_cents": 139790_00},
    "own_funds_cents": {"own_funds_cents": 6000_00, "third_party_cents": 3849_00},
    "partner-1-name": {"partners": [{"name": "", "role": "other", "task": "etwas"}]},
    "target-1-target": {"targets": [{"label": "Ziel", "unit": "persons", "target": None}]},
    "target-1-label": {"targets": [{"label": "", "unit": "persons", "target": 3}]},
}


@pytest.mark.parametrize("field", BROKEN)
async def test_what_is_missing_or_breaks_a_rule_is_named_at_its_field(bo, field):
    draft = await a_draft(bo, await open_call.call(), **BROKEN[field])
    with pytest.raises(Invalid) as refused:
        await proposals.hand_in(draft, by=bo, at=clock.now())
    assert field in refused.value.fields
    assert await database.value("SELECT count(*) FROM submission") == 0


async def test_the_rate_may_reach_the_limit_but_not_pass_it(bo):
    call = await open_call.call()
    exact = {"requested_grant_cents": 135000_00, "personnel_cents": 161658_00, "own_funds_cents": 7387_00}
    assert await proposals.hand_in(await a_draft(bo, call, **exact), by=bo, at=clock.now())
    more = {**exact, "requested_grant_cents": 135000_01, "personnel_cents": 161658_01}
    with pytest.raises(Invalid, match="per place and month"):
        await proposals.hand_in(await a_draft(bo, call, **more), by=bo, at=clock.now())


async def test_all_faults_come_at_once_in_the_order_of_the_form(bo):
    call = await open_call.call()
    held = await proposals.held_by(
        bo, await proposals.start(call, (await organisations.of(bo))[0].id, "", by=bo, at=clock.now())
    )
    assert list(proposals.faults(held, [])) == [
        "title", "summary", "field", "sites", "places", "individual_months", "starts_on", "ends_on",
        "personnel_cents", "requested_grant_cents",
    ]  # fmt: skip


async def test_a_proposal_is_nobody_elses(votum, bo):
    draft = await a_draft(bo, await open_call.call())
    dan = await votum.person("dan@example.org")
    for act in (proposals.held_by, proposals.receipt):
        with pytest.raises(NotFound):
            await act(dan, draft)
    with pytest.raises(NotFound):
        await proposals.hand_in(draft, by=dan, at=clock.now())
    with pytest.raises(NotFound):
        await proposals.start(
            await open_call.call("zweiter"), (await organisations.of(bo))[0].id, "x", by=dan, at=clock.now()
        )
    with pytest.raises(NotFound):
        await proposals.held_by(bo, 10**30)


async def test_whoever_saves_an_outdated_text_sees_both(bo):
    draft = await a_draft(bo, await open_call.call())
    old = await proposals.held_by(bo, draft)
    await proposals.save(old, old.version, open_call.entered(title="Zuerst"), by=bo, at=clock.now())
    with pytest.raises(Conflict) as lost:
        await proposals.save(old, old.version, open_call.entered(title="Danach"), by=bo, at=clock.now())
    assert (lost.value.mine, lost.value.theirs) == ({"title": "Danach"}, {"title": "Zuerst"})
    assert (await proposals.held_by(bo, draft)).title == "Zuerst"


async def test_what_was_handed_in_never_changes_even_by_a_form_opened_before(bo):
    draft = await a_draft(bo, await open_call.call())
    before = await proposals.held_by(bo, draft)
    await proposals.hand_in(draft, by=bo, at=clock.now())
    receipt = await proposals.receipt(bo, draft)
    for held in (before, await proposals.held_by(bo, draft)):
        with pytest.raises(Conflict, match="handed in meanwhile"):
            await proposals.save(held, held.version, open_call.entered(title="Später"), by=bo, at=clock.now())
    with pytest.raises(NotAllowed):
        await proposals.discard(before, by=bo, at=clock.now())
    assert await proposals.receipt(bo, draft) == receipt


async def test_saving_while_handing_in_never_parts_text_and_fingerprint(bo):
    call = await open_call.call()
    for _ in range(5):
        draft = await a_draft(bo, call)
        held = await proposals.held_by(bo, draft)
        other = open_call.entered(title="Anders", partners=[])
        await asyncio.gather(
            proposals.hand_in(draft, by=bo, at=clock.now()),
            proposals.save(held, held.version, other, by=bo, at=clock.now()),
            return_exceptions=True,
        )
        stored = await database.found(proposals.Content, "SELECT * FROM proposal WHERE id = $1", draft)
        content = (await proposals.receipt(bo, draft)).content
        assert content == proposals.canonical(stored, await proposals.partners(draft))


async def test_a_withdrawn_proposal_keeps_its_receipt_and_can_be_copied(bo):
    draft = await a_draft(bo, await open_call.call())
    await proposals.hand_in(draft, by=bo, at=clock.now())
    await proposals.withdraw(draft, "Personal fehlt", by=bo, at=clock.now())
    await proposals.withdraw(draft, "noch einmal", by=bo, at=clock.now())
    held = await proposals.held_by(bo, draft)
    assert (proposals.state(held, held), held.withdrawal_reason) == ("withdrawn", "Personal fehlt")
    with pytest.raises(NotAllowed, match="withdrawn"):
        await proposals.hand_in(draft, by=bo, at=clock.now())
    copy = await proposals.copy(held, by=bo, at=clock.now())
    number = await proposals.hand_in(copy, by=bo, at=clock.now())
    assert number.endswith("-000002")
    assert (await proposals.receipt(bo, copy)).content == (await proposals.receipt(bo, draft)).content
    assert (await proposals.receipt(bo, copy)).key == "P02"


async def test_nothing_is_withdrawn_once_a_ranking_is_frozen(bo):
    call = await open_call.call()
    draft = await a_draft(bo, call)
    with pytest.raises(NotAllowed, match="not handed in"):
        await proposals.withdraw(draft, by=bo, at=clock.now())
    await proposals.hand_in(draft, by=bo, at=clock.now())
    await database.rows(
        "INSERT INTO frozen_ranking (call, number, at, content, sha256) VALUES ($1, 1, $2, '', '')", call, clock.now()
    )
    with pytest.raises(NotAllowed, match="ranking is final"):
        await proposals.withdraw(draft, by=bo, at=clock.now())


async def test_a_partner_that_is_registered_is_known_as_such(bo, votum):
    ada = await votum.person("ada@example.org")
    other = await open_call.organisation(ada, "Nähstube e. V.")
    draft = await a_draft(
        bo, await open_call.call(), partners=[{"name": "nähstube e. v.", "role": "other", "task": ""}]
    )
    assert await database.value("SELECT organisation FROM partner WHERE proposal = $1", draft) == other


async def test_the_desk_asks_twice_however_much_there_is(bo, votum):
    call = await open_call.call()
    for expected in (1, 12):
        while await database.value("SELECT count(*) FROM proposal") < expected:
            await a_draft(bo, call)
        with votum.counted() as seen:
            desk = await proposals.desk_of(bo)
        assert len(seen) == 2
        assert (len(desk.proposals), [found.key for found in desk.open_calls]) == (expected, ["arbeit"])
    nobody = await proposals.desk_of(await votum.person("dan@example.org"))
    assert (nobody.proposals, nobody.open_calls) == ([], [])


@pytest.mark.parametrize(("own", "kept"), [(4_999_99, False), (5_000_00, True), (5_000_01, True)])
def test_the_least_share_of_own_funds_is_reached_exactly(own, kept):
    call = {"max_grant_per_place_month_cents": None, "overhead_percent_max": None, "own_funds_percent_min": 5}
    plan = {**TAFELGARTEN, **call, "requested_grant_cents": 100_000_00, "own_funds_cents": own}
    assert {limit.field: limit.kept for limit in rules.limits(filled(proposals.Own, **plan))}["own_funds_cents"] is kept


async def test_one_box_gets_one_receipt_even_where_it_is_written_in_capitals(votum):
    bo = await votum.person("bo@example.org")
    await open_call.organisation(bo, email="Bo@Example.org")
    await proposals.hand_in(await a_draft(bo, await open_call.call()), by=bo, at=clock.now())
    assert [row["recipient"].lower() for row in await database.rows("SELECT recipient FROM mail")] == ["bo@example.org"]
