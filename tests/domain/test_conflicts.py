"""The one clause that says what a member may see, against every way of being biased."""

import itertools

import pytest

from app import database
from app.domain import assignments, closures, reviews
from app.domain.calls import Call
from app.errors import NotFound
from tests.rating_call import rate, rating_call
from tests.records import filled

WAYS = ("excluded", "applicant", "partner")


async def bias(votum, call, way: str) -> None:
    """Let Ada be biased about P02 in one way."""
    ada, proposal = await votum.person("ada@example.org"), call.proposals["P02"]
    async with database.write_transaction():
        if way == "excluded":
            await database.rows(
                "INSERT INTO conflict (member, proposal, ground, declared_at) VALUES ($1, $2, 'other', now())",
                call.members["Ada"],
                proposal,
            )
            return
        organisation = await database.value("SELECT organisation FROM proposal WHERE id = $1", proposal)
        if way == "partner":
            organisation = await database.value(
                "INSERT INTO organisation (name, created_at) VALUES ('Partner', now()) RETURNING id"
            )
            await database.rows(
                "INSERT INTO partner (proposal, organisation, name) VALUES ($1, $2, 'P')", proposal, organisation
            )
        await database.rows(
            "INSERT INTO membership (person, organisation, since) VALUES ($1, $2, now())", ada, organisation
        )


@pytest.mark.parametrize("ways", [w for n in (1, 2, 3) for w in itertools.combinations(WAYS, n)], ids="+".join)
async def test_list_page_count_and_ranking_agree_about_a_biased_member(votum, ways):
    call = await rating_call(votum)
    await rate(votum, call, "Ada", "P02")
    ada, sheet = await votum.person("ada@example.org"), await call.assignment("Ada", "P02")
    for way in ways:
        await bias(votum, call, way)
    with pytest.raises(NotFound):
        await assignments.held_by(ada, sheet)
    seat = (await assignments.desk_of(ada))[0]
    assert [row.key for row in seat.open] == ["P01", "P03"]
    row = filled(Call, id=call.id, committee=call.committee)
    asked = {member.name: (member.asked, member.handed_in) for member in await closures.members(row)}
    assert asked == {"Eve": (3, 0), "Ada": (2, 0), "Finn": (3, 0)}
    assert {proposal.key: proposal.valid for proposal in await closures.proposals(row)}["P02"] == 0
    assert {mark["counts"] for mark in await reviews.marks(call.id)} == {False}
    assert [closed.key for closed in await closures.closed_to(ada, call.id)] == ["P02"]


async def test_a_conflict_that_the_committee_denied_closes_nothing(votum):
    call = await rating_call(votum)
    await bias(votum, call, "excluded")
    await database.rows("UPDATE conflict SET decision = 'not_excluded'")
    held = await assignments.held_by(await votum.person("ada@example.org"), await call.assignment("Ada", "P02"))
    assert held.key == "P02"


async def test_somebody_elses_bias_closes_nothing_to_others(votum):
    call = await rating_call(votum)
    for way in WAYS:
        await bias(votum, call, way)
    finn = await votum.person("finn@example.org")
    assert (await assignments.held_by(finn, await call.assignment("Finn", "P02"))).key == "P02"
    assert await closures.closed_to(finn, call.id) == []
