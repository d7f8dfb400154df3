"""Marks, totals while rating, sheets that count, and giving proposals out."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from hashlib import md5
from pathlib import Path

import pytest

from app import clock, competition_files, database, i18n, seals
from app.domain import assignments, proposals, reviews
from app.domain.rating_schemes import Kept, Scheme
from app.domain.reviews import Entered
from app.errors import Invalid, NotAllowed
from app.web.sheets import lines
from tests.rating_call import MARKS, REASON, SCHEME, mark, rate, rating_call
from tests.records import filled

SMALL = Scheme.from_document(SCHEME)
SCHEMES = sorted((competition_files.EXAMPLE.parent / "schemes").glob("*.yaml"))
NUMBERS = proposals.facts(filled(proposals.Content, requested_grant_cents=900_000, places=5))


def read(key: str, *typed: str) -> Entered:
    return reviews.read(assignments.asked(SMALL)[key], list(typed), "", 0)


def test_typed_marks_become_points():
    assert read("need", "4").value == 4
    assert read("plan", "7,5").value == Decimal("7.5")
    assert read("new", "2").value == 2
    assert read("tick", "work", "care") == Entered(Decimal(3), chosen=("work", "care"))
    assert read("tick", "nothing") == Entered(Decimal(0))
    assert read("need", "none") == Entered(not_assessable=True)
    assert read("need", "") == Entered()


@pytest.mark.parametrize(
    ("key", "typed", "says"),
    [
        ("need", "6", "0, 1, 2, 3, 4, 5"),
        ("plan", "11", "from 0 to 10"),
        ("reach", "3", "1, 5"),
        ("tick", "x", "0, 1, 2, 3"),
    ],
)
def test_what_is_no_mark_is_refused_with_the_marks_there_are(key, typed, says):
    i18n.locale.set("en")
    with pytest.raises(Invalid, match=says):
        read(key, typed)


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_every_scheme_makes_a_sheet_whose_best_marks_reach_its_maximum(path: Path):
    scheme = Scheme.from_file(path)
    for language in ("de", "en"):
        assert [line.key for line in lines(Kept(1, path.stem, scheme), language)] == list(assignments.asked(scheme))
    empty = scheme.sheet_total({}, NUMBERS)
    best = {one.key: one.minimum if one.low_is_good else one.maximum for one in scheme.rated_criteria}
    full = scheme.sheet_total(best, NUMBERS)
    assert (full.reachable, full.given) == (empty.reachable, len(scheme.rated_criteria))
    if not scheme.computed_criteria:
        assert full.total == full.reachable == full.maximum


def test_bonus_and_malus_change_the_total():
    scheme = Scheme.from_file(next(path for path in SCHEMES if "malus" in path.stem))
    malus = scheme.adjustments[0].key
    without = scheme.sheet_total({}, NUMBERS)
    assert scheme.sheet_total({malus: Decimal(10)}, NUMBERS).total == without.total - 10
    assert reviews.read(assignments.asked(scheme)[malus], ["10"], "", 0).value == 10
    with pytest.raises(Invalid):
        reviews.read(assignments.asked(scheme)[malus], ["7"], "", 0)


def test_what_cannot_be_judged_can_no_longer_be_reached():
    total = SMALL.sheet_total({"reach": Decimal(5)}, NUMBERS, unjudged={"need"})
    assert (total.total, total.reachable, total.given, total.asked) == (20, 60, 2, 5)


def test_where_criteria_are_counted_what_cannot_be_judged_is_one_of_them():
    scale = {"type": "scale", "scale": {"min": 0, "max": 5, "step": 1}}
    scheme = Scheme.from_document(
        {
            **SCHEME,
            "criteria": [{"key": "a", **scale}, {"key": "b", **scale, "direction": "low"}, {"key": "c", **scale}],
            "aggregation": {"total": "count"},
            "total": {"max": 3},
            "pass_rule": {"min_total": 1},
            "ranking": {},
        }
    )
    total = scheme.sheet_total({"b": Decimal(0)}, unjudged={"a"})
    assert (total.total, total.reachable, total.maximum) == (1, 2, 3)


async def test_only_sheets_that_are_handed_in_and_open_to_their_member_count(votum):
    call = await rating_call(votum)
    await rate(votum, call, "Ada", "P02")
    finn = await rate(votum, call, "Finn", "P02")
    await finn.send_form(f"{await call.sheet('Finn', 'P02')}/reopening", reason="Again")
    rows = await reviews.marks(call.id)
    assert {(row["proposal"], row["member"], row["counts"]) for row in rows} == {("P02", "M2", True)}
    assert [(row["criterion"], row["value"]) for row in rows] == [
        ("need", 4), ("plan", Decimal("7.5")), ("reach", 5), ("tick", 1)
    ]  # fmt: skip
    await database.rows("INSERT INTO withdrawal (proposal, at) VALUES ($1, now())", call.proposals["P02"])
    assert await reviews.marks(call.id) == []


async def test_every_voting_member_gets_every_admitted_proposal_once(votum):
    call = await rating_call(votum)
    now = clock.now()
    async with database.write_transaction():
        assert await assignments.assign_all(call.id, now) == 0
        await database.rows("DELETE FROM assignment WHERE proposal <> $1", call.proposals["P01"])
        assert await assignments.assign_all(call.id, now, proposal=call.proposals["P02"]) == 3
        assert await assignments.assign_all(call.id, now) == 3
    assert await database.value("SELECT count(*) FROM assignment WHERE member = $1", call.members["Gus"]) == 0


async def test_marks_that_race_are_all_kept_or_refused_never_lost(votum):
    call = await rating_call(votum)
    held = await assignments.held_by(await votum.person("ada@example.org"), await call.assignment("Ada", "P02"))
    one = assignments.asked(SMALL)["need"]
    saves = [
        reviews.save_score(held, one, Entered(Decimal(value), comment=f"{value}"), at=clock.now()) for value in range(5)
    ]
    results = await asyncio.gather(*saves, return_exceptions=True)
    assert sum(isinstance(result, dict) for result in results) == 1
    assert {type(result).__name__ for result in results} == {"dict", "Conflict"}
    row = (await reviews.scores_of(held.assignment))["need"]
    assert (row.version, row.comment) == (1, str(row.value))


async def test_a_sheet_read_before_the_closing_cannot_be_saved_or_handed_in_after_it(votum):
    call = await rating_call(votum)
    browser, sheet = await votum.signed_in("ada@example.org"), await call.sheet("Ada", "P02")
    for criterion, value in MARKS.items():
        await mark(browser, sheet, criterion, value, REASON)
    held = await assignments.held_by(await votum.person("ada@example.org"), await call.assignment("Ada", "P02"))
    await database.rows("INSERT INTO rating_closure (call, at) VALUES ($1, now())", call.id)
    before = await database.value("SELECT max(seq) FROM audit_entry")
    i18n.locale.set("en")
    with pytest.raises(NotAllowed, match="closed the rating"):
        await reviews.save_score(held, assignments.asked(SMALL)["need"], Entered(Decimal(3), version=1), at=clock.now())
    with pytest.raises(NotAllowed, match="closed the rating"):
        await reviews.hand_in(held, SMALL, "de", at=clock.now())
    assert (await reviews.scores_of(held.assignment))["need"].value == 4
    assert await database.value("SELECT count(*) FROM review") == 0
    assert await database.value("SELECT max(seq) FROM audit_entry") == before


def computable(members: list[int], proposal: int) -> set[tuple[int, ...]]:
    """The orders that whoever knows the numbers of members and proposals can compute."""

    def hashed(member: int) -> str:
        return md5(f"{member}/{proposal}".encode(), usedforsecurity=False).hexdigest()

    orders = {tuple(sorted(members, key=hashed)), tuple(sorted(members))}
    return orders | {order[::-1] for order in orders}


async def with_ten_others(votum):
    """Ada's sheets of P01 and P02 are handed in, and ten others rate both: each by the number of the own seat."""
    call = await rating_call(votum)
    people = [await votum.person(f"member{number}@example.org") for number in range(10)]
    async with database.write_transaction():
        for number, person in enumerate(people):
            await database.rows(
                "INSERT INTO member (committee, person, key, role, since) VALUES ($1, $2, $3, 'voting', now())",
                *(call.committee, person, f"N{number}"),
            )
        await assignments.assign_all(call.id, clock.now())
        given = "FROM assignment a JOIN member m ON m.id = a.member WHERE m.key LIKE 'N%' OR m.key = 'M2'"
        await database.rows(f"INSERT INTO review (assignment, handed_in_at) SELECT a.id, now() {given}")
        await database.rows(
            f"INSERT INTO score (assignment, criterion, value, saved_at) SELECT a.id, 'need', a.member, now() {given}"
        )
    ada = await votum.person("ada@example.org")
    return call, [await assignments.held_by(ada, await call.assignment("Ada", key)) for key in ("P01", "P02")]


async def test_nobody_can_compute_whose_marks_the_others_are(votum):
    _, sheets = await with_ten_others(votum)
    orders = []
    for held in sheets:
        found = await reviews.others(held)
        assert [row.member for row in found] == list(range(1, 11))
        orders.append(tuple(int(row.value) for row in found))
        assert orders[-1] not in computable(sorted(orders[-1]), held.id)
        assert await reviews.others(held) == found
    assert orders[0] != orders[1]
    assert set(orders[0]) == set(orders[1])


async def test_another_secret_gives_another_order(votum, tmp_path, monkeypatch):
    _, (held, _) = await with_ten_others(votum)
    before = await reviews.others(held)
    monkeypatch.setattr(seals, "SETTINGS", replace(seals.SETTINGS, secret_file=tmp_path / "secret"))
    after = await reviews.others(held)
    assert [row.value for row in after] != [row.value for row in before]
    assert sorted(row.value for row in after) == sorted(row.value for row in before)
