"""The moment at which a request has arrived decides, however long it waits for its turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from app import clock, database
from app.domain import proposals
from app.errors import NotAllowed
from tests import open_call
from tests.world import Browser, Votum, words

SOON = timedelta(seconds=1.5)


async def bo_with_draft(votum: Votum, until: timedelta = SOON) -> tuple[Browser, int]:
    """Bo, signed in, and a draft in a call that ends soon."""
    bo = await votum.signed_in("bo@example.org")
    person = await votum.person("bo@example.org")
    organisation = await open_call.organisation(person)
    draft = await open_call.draft(person, await open_call.call(), organisation)
    await database.rows("UPDATE call SET deadline = $1", clock.now() + until)
    return bo, draft


async def queue() -> AsyncExitStack:
    """Others hold every connection of this process."""
    everybody = AsyncExitStack()
    for _ in range(database.SETTINGS.pool):
        await everybody.enter_async_context(database.DB.pool.acquire())
    return everybody


async def the_deadline() -> None:
    """Wait until it has passed."""
    left = await database.value("SELECT deadline FROM call") - clock.now()
    await asyncio.sleep(max(0.0, left.total_seconds()) + 0.05)


async def test_what_arrived_before_the_deadline_is_accepted_after_it(votum: Votum) -> None:
    bo, draft = await bo_with_draft(votum)
    others = await queue()
    sent = asyncio.create_task(bo.send_form(f"/proposals/{draft}/submission"))
    await asyncio.sleep(2)
    assert not sent.done()
    await others.aclose()
    answer = await sent
    found = await database.row(
        "SELECT s.at, c.deadline FROM submission s JOIN proposal p ON p.id = s.proposal JOIN call c ON c.id = p.call"
    )
    assert found is not None, words(answer)
    assert found["at"] < found["deadline"] < clock.now()
    assert found["at"].astimezone(clock.BERLIN).strftime("%H:%M:%S") in words(answer)


async def test_a_copy_of_what_was_withdrawn_is_accepted_as_well(votum: Votum) -> None:
    bo, draft = await bo_with_draft(votum, timedelta(seconds=4))
    await bo.send_form(f"/proposals/{draft}/submission")
    await bo.send_form(f"/proposals/{draft}/withdrawal", reason="")
    copied = await bo.send_form(f"/proposals/{draft}/copy")
    copy = int(copied.url.path.split("/")[2])
    others = await queue()
    again = asyncio.create_task(bo.send_form(f"/proposals/{copy}/submission"))
    await asyncio.sleep(4)
    await others.aclose()
    await again
    assert await database.value("SELECT count(*) FROM submission") == 2


async def test_a_second_click_after_the_deadline_leads_to_the_same_receipt(votum: Votum) -> None:
    bo, draft = await bo_with_draft(votum)
    first = await bo.send_form(f"/proposals/{draft}/submission")
    await the_deadline()
    second = await bo.send_form(f"/proposals/{draft}/submission")
    assert first.url.path == second.url.path == f"/proposals/{draft}/receipt"
    assert await database.value("SELECT count(*) FROM submission") == 1


async def test_half_a_request_keeps_no_place(votum: Votum) -> None:
    """Whoever holds back the end of the form until the deadline has passed is late."""
    bo, draft = await bo_with_draft(votum)
    form = f"csrf_token={bo.token}".encode()

    async def slowly() -> AsyncIterator[bytes]:
        yield form[:5]
        await asyncio.sleep(2)
        yield form[5:]

    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = await bo.post(f"/proposals/{draft}/submission", content=slowly(), headers=kind)
    assert (answer.status_code, await database.value("SELECT count(*) FROM submission")) == (409, 0)
    assert "The deadline has passed" in words(answer)


async def test_a_text_that_is_saved_after_the_deadline_is_late_whatever_waits(votum: Votum) -> None:
    _bo, draft = await bo_with_draft(votum)
    person, arrived = await votum.person("bo@example.org"), clock.now()
    await the_deadline()
    held = await proposals.held_by(person, draft)
    await proposals.save(held, held.version, open_call.entered(title="Later"), by=person, at=clock.now())
    with clock.arrival(arrived), pytest.raises(NotAllowed, match="Einreichfrist"):
        await proposals.hand_in(draft, by=person, at=clock.arrived())


@pytest.mark.parametrize(("early", "accepted"), [(1, True), (0, False), (-1, False)])
async def test_the_bound_is_the_deadline_itself(votum: Votum, early: int, accepted: bool) -> None:
    """early: microseconds before the deadline."""
    _bo, draft = await bo_with_draft(votum)
    person, deadline = await votum.person("bo@example.org"), await database.value("SELECT deadline FROM call")
    await the_deadline()
    with clock.arrival(deadline - timedelta(microseconds=early)):
        if accepted:
            assert (await proposals.hand_in(draft, by=person, at=clock.arrived())).startswith("V-")
        else:
            with pytest.raises(NotAllowed):
                await proposals.hand_in(draft, by=person, at=clock.arrived())


async def test_the_arrival_of_one_request_says_nothing_of_the_next(votum: Votum) -> None:
    with clock.arrival(clock.now() - timedelta(days=1)):
        await (await votum.stranger()).get("/calls")
    assert clock.now() - clock.arrived() < timedelta(seconds=1)
