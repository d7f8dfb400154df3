"""The live list: kept while nothing changes it, and never another one than what the marks say now."""

from contextlib import nullcontext
from datetime import date, timedelta

import pytest

from app import clock, database
from app.domain import organisations, rankings, recommendations
from app.domain.calls import CALL, Call
from app.domain.rankings.content import Ranking
from app.errors import Invalid
from tests import open_call
from tests.rating_call import RatingCall, rate, rating_call
from tests.world import Votum, mailed_link


async def rated(votum: Votum) -> RatingCall:
    """P02, with the sewing room as its partner, is rated by Ada and Finn."""
    call = await rating_call(votum)
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO partner (proposal, name, role, task) VALUES ($1, 'Nähstube e. V.', 'subcontractor', '')",
            call.proposals["P02"],
        )
    for name in ("Ada", "Finn"):
        await rate(votum, call, name, "P02")
    return call


async def shown() -> Ranking:
    """The list that pages and drafts show; it is the one that a freezing would store."""
    call = await database.one_of(Call, f"{CALL} WHERE c.key = 'rating'")
    assert call
    found = await rankings.current(call)
    assert found.sha256 == (await rankings.compute(call)).sha256
    return found


async def reviews_of(proposal: str) -> int:
    return (await shown()).line(proposal).valid_reviews


async def test_while_nothing_happens_the_list_is_computed_once(votum: Votum) -> None:
    await rated(votum)
    assert await shown() is await shown()


async def test_a_rater_who_founds_an_organisation_of_a_partners_name_counts_no_longer_at_once(votum: Votum) -> None:
    await rated(votum)
    assert await reviews_of("P02") == 2
    await organisations.found(
        "nähstube e. V.", "", "association", "Auenburg", by=await votum.person("ada@example.org"), at=clock.now()
    )
    assert await reviews_of("P02") == 1


async def test_a_rater_who_joins_the_applicant_counts_no_longer_at_once(votum: Votum) -> None:
    call = await rated(votum)
    owner = await votum.person("gero@example.org")
    organisation = await database.value("SELECT organisation FROM proposal WHERE id = $1", call.proposals["P02"])
    assert await open_call.organisation(owner, "Träger 2") == organisation
    await organisations.invite(
        await organisations.held_by(owner, organisation), "finn@example.org", by=owner, at=clock.now()
    )
    assert await reviews_of("P02") == 2  # an invitation that nobody has accepted says nothing about Finn
    token = (await mailed_link("finn@example.org")).removeprefix("/organisations/joining/")
    await organisations.join(token, None, {"name": "Finn", "password": "viele kleine gelbe Enten"}, at=clock.now())
    assert await reviews_of("P02") == 1


async def test_a_recommended_project_starts_on_the_earliest_day_or_later(votum: Votum) -> None:
    found = await rated(votum)
    earliest = date(2027, 3, 15)
    cleo, version = await votum.person("cleo@example.org"), 0
    for days, taken in ((-1, False), (0, True), (1, True)):
        call = await database.one_of(Call, f"{CALL} WHERE c.id = $1", found.id)
        assert call
        assert call.earliest_start == earliest
        entered = {"status": "", "start_date": earliest + timedelta(days=days), "conditions": "", "reasons": ""}
        with nullcontext() if taken else pytest.raises(Invalid):
            await recommendations.edit(call, "P02", **entered, version=version, by=cleo, at=clock.now())
        version += taken
    kept = await database.value("SELECT start_date FROM recommendation")
    assert kept == earliest + timedelta(days=1)
