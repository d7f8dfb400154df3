"""The demo competition gives what its file expects, to the last digit and order."""

from decimal import Decimal
from typing import Any

import pytest
import yaml

from app import competition_files, database
from app.domain import rankings
from app.domain.calls import CALL, Call
from app.domain.rankings.content import Placed, Ranking
from tests.world import Votum

TEXT = competition_files.EXAMPLE.read_text()
EXPECTED: dict[str, Any] = yaml.safe_load(TEXT)["expected"]


async def frozen(key: str = "aufruf-2017") -> Ranking:
    found = await rankings.latest(await database.value("SELECT id FROM call WHERE key = $1", key))
    assert found is not None
    return found.ranking


async def live(key: str = "aufruf-2017") -> Ranking:
    call = await database.one_of(Call, f"{CALL} WHERE c.key = $1", key)
    assert call is not None
    return await rankings.current(call)


def as_expected(line: Placed) -> dict[str, Any]:
    return {
        "rank": line.rank,
        "proposal": line.proposal,
        "total": str(line.total),
        "valid_ratings": line.valid_reviews,
        "places": line.places,
        "grant": line.grant_cents // 100,
        "result": line.status,
    }


async def test_what_was_submitted(auental: Votum) -> None:
    lines = (await frozen()).lines
    assert len(lines) == EXPECTED["submitted"]
    assert sum(line.places for line in lines) == EXPECTED["places_submitted"]
    assert [line.proposal for line in lines if line.status == "rejected_formally"] == EXPECTED["formally_rejected"]
    assert sum(line.valid_reviews > 0 for line in lines) == EXPECTED["rated"]


async def test_the_final_ranking(auental: Votum) -> None:
    assert [as_expected(line) for line in (await frozen()).lines if line.rank] == EXPECTED["final"]


async def test_who_failed_and_on_what(auental: Votum) -> None:
    lines = {line.proposal: line for line in (await frozen()).lines if line.status == "not_recommended"}
    assert list(lines) == [one["proposal"] for one in EXPECTED["failed"]]
    for one in EXPECTED["failed"]:
        line = lines[one["proposal"]]
        assert str(line.total) == one["total"]
        assert line.failed == one["failed"]
        assert line.rank is None
        assert {key: str(line.means[key]) for key in one["means"]} == one["means"]


async def test_the_recommended(auental: Votum) -> None:
    recommended = (await frozen()).recommended
    assert [line.proposal for line in recommended] == EXPECTED["recommended"]
    assert sum(line.places for line in recommended) == EXPECTED["recommended_places"]
    assert sum(line.grant_cents for line in recommended) == EXPECTED["recommended_grant"] * 100
    assert {str(line.start_date) for line in recommended} == {EXPECTED["start_date"]}


async def test_the_tie(auental: Votum) -> None:
    tie = EXPECTED["tie"]
    lines = [line for line in (await frozen()).lines if line.total == Decimal(tie["total"])]
    assert [line.proposal for line in lines] == tie["order"]
    assert {line.decided_by for line in lines} == {tie["decided_by"]}
    assert lines[0].grant_per_place_month < lines[1].grant_per_place_month


async def test_computing_it_anew_gives_the_frozen_ranking(auental: Votum) -> None:
    stored = await database.row("SELECT content, sha256 FROM frozen_ranking")
    assert rankings.packed(await live()) == tuple(stored)


async def test_a_late_exclusion_is_kept_and_does_not_count(auental: Votum) -> None:
    marks = [mark for mark in (await frozen()).marks if (mark.member, mark.proposal) == ("M7", "P04")]
    assert [int(mark.value) for mark in marks] == [5, 5, 5, 5, 5]
    assert not any(mark.counts for mark in marks)


async def test_without_the_late_conflict_another_proposal_gets_the_third_place(votum: Votum) -> None:
    document = yaml.safe_load(TEXT)
    conflicts = document["committee"]["conflicts"]
    document["committee"]["conflicts"] = [one for one in conflicts if not one.get("late")]
    await competition_files.load(competition_files.read(yaml.safe_dump(document, allow_unicode=True).encode()))
    expected = EXPECTED["before_late_conflict"]
    ranking = await frozen()
    ranked = [as_expected(line) for line in ranking.lines if line.rank]
    assert ranked[: len(expected["final"])] == expected["final"]
    assert [line.proposal for line in ranking.recommended] == expected["recommended"]


@pytest.mark.parametrize("now_in", ["meeting", "published"])
async def test_copies_rank_alike(auental: Votum, now_in: str) -> None:
    key = await competition_files.load(competition_files.read(TEXT.encode()), now_in=now_in)
    assert [as_expected(line) for line in (await live(key)).lines if line.rank] == EXPECTED["final"]
