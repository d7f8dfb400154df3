"""Two people act on what both have read: the second is told what happened, and nothing is done twice."""

import asyncio
import json
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from app import clock, database, i18n
from app.domain import (
    appointments,
    assignments,
    authorities,
    call_making,
    calls,
    closures,
    conflicts,
    formal_checks,
    invitations,
    organisations,
    rating_schemes,
    recommendations,
    reviews,
)
from app.domain.rating_schemes import Scheme
from app.errors import Conflict, Invalid, NotAllowed, NotFound, SpentLink
from tests import open_call
from tests.rating_call import SCHEME, RatingCall, rate, rating_call
from tests.world import Votum, mailed_link

EMPTY = dict.fromkeys(call_making.TEXTS, "") | dict.fromkeys(call_making.DATES)
TEXTS = {"title_de": "Neue Wege", "text_de": "Gesucht werden Wege.", "contact_email": "ruf@example.org"}
PASSWORD = "ein-langer-weg-zum-see-7"


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.locale.set("en")


def entered(**changed: Any) -> dict[str, Any]:
    """A call that can be published."""
    now = clock.now()
    limits = dict.fromkeys(call_making.LIMITS) | {"fill_rule": "stop"}
    dates = {"deadline": now + timedelta(days=9), "rating_from": (now + timedelta(days=10)).date()}
    return {**EMPTY, **limits, **TEXTS, **dates, "earliest_start": (now + timedelta(days=99)).date(), **changed}


class Office:
    """Cleo, who makes the calls of an authority."""

    async def open(self, votum: Votum) -> None:
        self.cleo = await votum.person("cleo@example.org", "Cleo")
        await appointments.appoint("cleo@example.org", "Landkreis Auental", at=clock.now())
        self.dora = await votum.person("dora@example.org", "Dora")
        await appointments.appoint("dora@example.org", "Landkreis Auental", at=clock.now())
        self.authority = (await authorities.worked_for_by(self.cleo))[0].id

    async def draft(self, **changed: Any) -> calls.Call:
        key = await call_making.create(self.authority, "Arbeitskreis", entered(**changed), by=self.cleo, at=clock.now())
        return await calls.run_by(self.cleo, key)

    async def ready(self) -> calls.Call:
        draft = await self.draft()
        await call_making.upload_scheme(draft, json.dumps(SCHEME).encode(), by=self.cleo, at=clock.now())
        return await calls.run_by(self.cleo, draft.key)


@pytest.fixture
async def office(votum: Votum) -> Office:
    ours = Office()
    await ours.open(votum)
    return ours


async def happenings(action: str) -> int:
    return int(await database.value("SELECT count(*) FROM audit_entry WHERE action = $1", action))


async def work(office: Office, key: str) -> call_making.Work:
    return await call_making.work_of(await calls.run_by(office.cleo, key))


async def released(office: Office, key: str) -> None:
    """Cleo hands over what is written, and Dora releases it."""
    read = await work(office, key)
    why = "Weil es so ist" if read.is_change else ""
    await call_making.hand_over(read, why, read.state.version, by=office.cleo, at=clock.now())
    read = await work(office, key)
    await call_making.release(read, read.state.version, by=office.dora, at=clock.now())


async def test_a_call_is_published_once(office: Office) -> None:
    key = (await office.ready()).key
    read = await work(office, key)
    await call_making.hand_over(read, "", read.state.version, by=office.cleo, at=clock.now())
    waiting = await work(office, key)
    both = [call_making.release(waiting, waiting.state.version, by=office.dora, at=clock.now()) for _ in range(2)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NotAllowed", "int"]
    with pytest.raises(NotAllowed, match="Nothing waits for its release"):
        await call_making.release(await work(office, key), read.state.version, by=office.dora, at=clock.now())
    assert await happenings("call.published") == 1


async def test_two_releases_of_a_change_at_once_make_one_version(office: Office) -> None:
    key = (await office.ready()).key
    await released(office, key)
    read = await work(office, key)
    await call_making.edit(read, {"text_de": "Neu"}, read.state.version, by=office.cleo, at=clock.now())
    read = await work(office, key)
    await call_making.hand_over(read, "Klarer", read.state.version, by=office.cleo, at=clock.now())
    waiting = await work(office, key)
    both = [call_making.release(waiting, waiting.state.version, by=office.dora, at=clock.now()) for _ in range(2)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(isinstance(answer, Exception) for answer in answers) == [False, True]
    assert await database.value("SELECT max(number) FROM call_version") == 2
    assert (await calls.public(key)).text_de == "Neu"


async def test_what_was_changed_after_it_was_read_is_not_released(office: Office) -> None:
    key = (await office.ready()).key
    read = await work(office, key)
    await call_making.hand_over(read, "", read.state.version, by=office.cleo, at=clock.now())
    seen = await work(office, key)
    await call_making.edit(seen, {"text_de": "Anders"}, seen.state.version, by=office.cleo, at=clock.now())
    with pytest.raises(Conflict, match="not the one that you have read"):
        await call_making.release(seen, seen.state.version, by=office.dora, at=clock.now())
    newest = await work(office, key)
    with pytest.raises(Conflict, match="not the one that you have read"):
        await call_making.release(newest, seen.state.version, by=office.dora, at=clock.now())
    with pytest.raises(NotAllowed, match="Nothing waits"):  # the text that was handed over is no more
        await call_making.release(newest, newest.state.version, by=office.dora, at=clock.now())
    assert await happenings("call.published") == 0


async def test_a_step_that_was_read_before_a_release_does_not_undo_it(office: Office) -> None:
    key = (await office.ready()).key
    await released(office, key)
    old = await work(office, key)
    await call_making.edit(old, {"text_de": "Neu"}, old.state.version, by=office.cleo, at=clock.now())
    await released(office, key)
    for outdated in (old, msgspec.structs.replace(await work(office, key), state=old.state)):
        with pytest.raises(Conflict):
            await call_making.edit(outdated, {"text_de": "Alt"}, old.state.version, by=office.dora, at=clock.now())
    change = await work(office, key)
    await call_making.edit(change, {"text_de": "Neuer"}, change.state.version, by=office.cleo, at=clock.now())
    written = await work(office, key)
    await call_making.discard(written, written.state.version, by=office.dora, at=clock.now())
    with pytest.raises(NotAllowed):
        await call_making.discard(written, written.state.version, by=office.dora, at=clock.now())
    with pytest.raises(Conflict):  # it was thrown away
        await call_making.edit(written, {"text_de": "Z"}, written.state.version, by=office.cleo, at=clock.now())
    assert (await calls.public(key)).text_de == "Neu"


async def test_a_call_without_its_scheme_or_past_its_deadline_is_not_published(office: Office) -> None:
    draft = await office.draft(deadline=clock.now() - timedelta(seconds=1))
    read = await work(office, draft.key)
    with pytest.raises(NotAllowed, match=r"The deadline has already passed\. The rating scheme is missing\."):
        await call_making.hand_over(read, "", read.state.version, by=office.cleo, at=clock.now())


async def test_what_waited_until_its_deadline_had_passed_is_not_released(office: Office) -> None:
    soon = clock.now() + timedelta(minutes=1)
    draft = await office.draft(deadline=soon)
    await call_making.upload_scheme(draft, json.dumps(SCHEME).encode(), by=office.cleo, at=clock.now())
    read = await work(office, draft.key)
    await call_making.hand_over(read, "", read.state.version, by=office.cleo, at=clock.now())
    waiting = await work(office, draft.key)
    with pytest.raises(NotAllowed, match="The deadline has already passed"):
        await call_making.release(waiting, waiting.state.version, by=office.dora, at=soon)
    before = soon - timedelta(seconds=1)
    assert await call_making.release(waiting, waiting.state.version, by=office.dora, at=before) == 1


async def test_the_scheme_of_a_call_that_was_published_meanwhile_stands(office: Office) -> None:
    read = await office.ready()
    await released(office, read.key)
    scheme = (await rating_schemes.used_by(office.authority))[0].id
    public = await calls.run_by(office.cleo, read.key)
    for known in (read, public):
        with pytest.raises(NotAllowed, match="cannot be changed, since the call is published"):
            await call_making.take_over_scheme(known, scheme, by=office.cleo, at=clock.now())
    with pytest.raises(NotAllowed, match="cannot be changed, since the call is published"):
        await call_making.upload_scheme(public, b"{}", by=office.cleo, at=clock.now())
    assert await happenings("call.scheme_chosen") == 1


async def test_nobody_makes_calls_of_another_authority_or_takes_its_schemes(office: Office) -> None:
    read = await office.ready()
    with pytest.raises(NotFound):
        await call_making.create(office.authority + 1, "Kreis", entered(), by=office.cleo, at=clock.now())
    scheme = (await rating_schemes.used_by(office.authority))[0].id
    with pytest.raises(NotFound):
        await call_making.take_over_scheme(read, scheme + 1, by=office.cleo, at=clock.now())


@pytest.mark.parametrize(
    ("titles", "keys"),
    [
        (["Neue Wege", "neue wege!", "Neue  Wege"], ["neue-wege", "neue-wege-2", "neue-wege-3"]),
        (["New", "+++", "Über Äcker & Größe"], ["call-new", "call", "ueber-aecker-groesse"]),
    ],
)
async def test_every_call_has_an_address_of_its_own(office: Office, titles: list[str], keys: list[str]) -> None:
    assert [(await office.draft(title_de=title)).key for title in titles] == keys


# ── the formal check ────────────────────────────────────────────────────────────────────────────


async def check_of(call: RatingCall, key: str) -> tuple[calls.Call, formal_checks.Submitted, int]:
    """A call and a proposal as Cleo has just read them, and who she is."""
    cleo = int(await database.value("SELECT id FROM person WHERE email = 'cleo@example.org'"))
    read = await calls.run_by(cleo, call.key)
    return read, await formal_checks.proposal_of(read, key), cleo


async def test_who_asks_for_more_after_the_check_has_ended_is_told(votum: Votum) -> None:
    call, proposal, cleo = await check_of(await rating_call(votum), "P01")
    due = clock.now().date() + timedelta(days=3)
    with pytest.raises(NotAllowed, match="The formal check of this proposal has ended"):
        await formal_checks.ask_for_cure(call, proposal, "The statutes.", due, by=cleo, at=clock.now())


async def test_what_was_answered_meanwhile_is_not_asked_for_again_nor_noted_twice(votum: Votum) -> None:
    world = await rating_call(votum)
    await database.rows("DELETE FROM formal_decision WHERE proposal = $1", world.proposals["P01"])
    call, proposal, cleo = await check_of(world, "P01")
    due, now = clock.now().date() + timedelta(days=3), clock.now()
    with pytest.raises(NotAllowed, match="Nothing has been asked for about this proposal"):
        await formal_checks.note_cure(call, proposal, "The statutes.", by=cleo, at=now)
    await formal_checks.ask_for_cure(call, proposal, "The statutes.", due, by=cleo, at=now)
    await formal_checks.note_cure(call, proposal, "The statutes.", by=cleo, at=now)
    with pytest.raises(NotAllowed, match="Nothing has been asked for about this proposal"):
        await formal_checks.note_cure(call, proposal, "The statutes again.", by=cleo, at=now)
    with pytest.raises(NotAllowed, match="The organisation has already answered"):
        await formal_checks.ask_for_cure(call, proposal, "More.", due, by=cleo, at=now)
    assert (await happenings("cure.requested"), await happenings("cure.received")) == (1, 1)


async def test_after_the_rating_is_closed_the_formal_check_stands(votum: Votum) -> None:
    world = await rating_call(votum)
    read, proposal, cleo = await check_of(world, "P01")
    eve = int(await database.value("SELECT person FROM member WHERE id = $1", world.members["Eve"]))
    await closures.close(read, by=eve, at=clock.now())
    closed = await calls.run_by(cleo, world.key)
    with pytest.raises(NotAllowed, match="The rating is closed"):
        await formal_checks.decide(closed, proposal, {}, {}, "", by=cleo, at=clock.now())
    with pytest.raises(NotAllowed, match="The rating is closed"):
        await formal_checks.ask_for_cure(closed, proposal, "More.", clock.now().date(), by=cleo, at=clock.now())


async def test_while_the_envelopes_are_sealed_nothing_of_them_is_read_or_noted(votum: Votum) -> None:
    world = await rating_call(votum)
    call, proposal, cleo = await check_of(world, "P01")
    before = call.deadline - timedelta(seconds=1)
    with pytest.raises(NotAllowed):
        await formal_checks.proposal_of(call, "P01", before)
    with pytest.raises(NotAllowed):
        await formal_checks.note_cure(call, proposal, "The statutes.", by=cleo, at=before)
    with pytest.raises(NotAllowed):
        await formal_checks.ask_for_cure(call, proposal, "More.", before.date(), by=cleo, at=before)
    with pytest.raises(NotFound):
        await formal_checks.proposal_of(call, "P99")


# ── marks and recommendations ───────────────────────────────────────────────────────────────────


async def sheet_of(votum: Votum, call: RatingCall, name: str) -> assignments.Held:
    person = await votum.person(f"{name.lower()}@example.org")
    return await assignments.held_by(person, await call.assignment(name, "P01"))


async def test_a_sheet_is_handed_in_once_and_reopened_once(votum: Votum) -> None:
    call = await rating_call(votum)
    scheme = Scheme.from_document(SCHEME)
    empty = await sheet_of(votum, call, "Ada")
    await rate(votum, call, "Ada", "P01")
    await reviews.hand_in(empty, scheme, "en", at=clock.now())
    full = await sheet_of(votum, call, "Ada")
    await reviews.hand_in(full, scheme, "en", at=clock.now())
    with pytest.raises(NotAllowed, match="This sheet is open"):
        await reviews.reopen(empty, "I read it again.", at=clock.now())
    with pytest.raises(Invalid, match="why you want to change"):
        await reviews.reopen(full, "", at=clock.now())
    await reviews.reopen(full, "I read it again.", at=clock.now())
    with pytest.raises(NotAllowed, match="changed in the meantime"):
        await reviews.reopen(full, "I read it again.", at=clock.now())
    assert (await happenings("review.handed_in"), await happenings("review.reopened")) == (1, 1)


async def test_a_sheet_that_was_read_before_the_chair_closed_is_not_handed_in(votum: Votum) -> None:
    call = await rating_call(votum)
    await rate(votum, call, "Ada", "P01")
    await reviews.reopen(await sheet_of(votum, call, "Ada"), "I read it again.", at=clock.now())
    read, sheet = (await check_of(call, "P01"))[0], await sheet_of(votum, call, "Ada")
    await closures.close(read, by=await votum.person("eve@example.org"), at=clock.now())
    with pytest.raises(NotAllowed, match="The chair has closed the rating"):
        await reviews.hand_in(sheet, Scheme.from_document(SCHEME), "en", at=clock.now())
    with pytest.raises(NotAllowed, match="The chair has closed the rating"):
        await reviews.hand_in(await sheet_of(votum, call, "Ada"), Scheme.from_document(SCHEME), "en", at=clock.now())


async def published(votum: Votum, call: RatingCall) -> tuple[calls.Call, int]:
    """The call as it was read before its result became public, and the chair."""
    eve = await votum.person("eve@example.org")
    for name in ("Ada", "Finn"):
        await rate(votum, call, name, "P01")
    await closures.close((await check_of(call, "P01"))[0], by=eve, at=clock.now())
    read = (await check_of(call, "P01"))[0]
    with pytest.raises(NotAllowed, match="Freeze the ranking first"):
        await recommendations.publish(read, by=eve, at=clock.now())
    await recommendations.freeze(read, by=eve, at=clock.now())
    await recommendations.publish(read, by=eve, at=clock.now())
    return read, eve


async def test_a_result_is_published_once_and_stands(votum: Votum) -> None:
    call = await rating_call(votum)
    read, eve = await published(votum, call)
    with pytest.raises(NotAllowed, match="The result is already published"):
        await recommendations.publish(read, by=eve, at=clock.now())
    public = (await check_of(call, "P01"))[0]
    with pytest.raises(NotAllowed, match="The result is already published"):
        await recommendations.publish(public, by=eve, at=clock.now())
    with pytest.raises(NotAllowed, match="The result is published"):
        await recommendations.freeze(public, by=eve, at=clock.now())
    kept: dict[str, Any] = {"status": "", "start_date": None, "conditions": "", "reasons": "", "version": 0}
    with pytest.raises(NotAllowed, match="The result is published"):
        await recommendations.edit(public, "P01", **kept, by=eve, at=clock.now())
    assert (await happenings("result.published"), await happenings("ranking.frozen")) == (1, 1)


async def test_a_conflict_that_is_declared_after_the_result_changes_nothing(votum: Votum) -> None:
    call = await rating_call(votum)
    finn = await votum.person("finn@example.org")
    read_before = await assignments.held_by(finn, await call.assignment("Finn", "P01"))
    await published(votum, call)
    with pytest.raises(NotAllowed, match="The result is published"):
        await conflicts.declare(read_before, "other", "A cousin.", at=clock.now())
    assert (await happenings("conflict.declared"), await database.value("SELECT count(*) FROM conflict")) == (0, 0)


async def test_of_two_who_close_the_rating_at_once_one_is_told(votum: Votum) -> None:
    call = await rating_call(votum)
    read, eve = (await check_of(call, "P01"))[0], await votum.person("eve@example.org")
    await closures.close(read, by=eve, at=clock.now())
    with pytest.raises(NotAllowed, match="The chair has closed the rating"):
        await closures.close(read, by=eve, at=clock.now())
    assert await happenings("rating.closed") == 1


# ── links that are opened twice ─────────────────────────────────────────────────────────────────


async def token(email: str) -> str:
    return (await mailed_link(email)).rpartition("/")[2]


async def both(one: Awaitable[Any], other: Awaitable[Any]) -> tuple[Any, Any]:
    """What came of two that were done at the same moment: first what succeeded, then what did not."""
    found = await asyncio.gather(one, other, return_exceptions=True)
    first, second = sorted(found, key=lambda one: isinstance(one, Exception))
    return first, second


async def test_who_opens_an_invitation_in_two_windows_at_once_takes_one_seat(votum: Votum) -> None:
    read, _, cleo = await check_of(await rating_call(votum), "P01")
    await invitations.invite(read, "Hal", "hal@example.org", "voting", "", "", by=cleo, at=clock.now())
    link, now = await token("hal@example.org"), clock.now()
    seated, told = await both(
        invitations.accept(link, None, PASSWORD, at=now), invitations.accept(link, None, PASSWORD, at=now)
    )
    assert await database.value("SELECT person FROM member ORDER BY id DESC LIMIT 1") == seated
    assert isinstance(told, SpentLink)
    assert await happenings("member.joined") == 1


async def test_who_joins_an_organisation_in_two_windows_at_once_is_one_person(votum: Votum) -> None:
    bo = await votum.person("bo@example.org")
    held = await organisations.held_by(bo, await open_call.organisation(bo))
    await organisations.invite(held, "ole@example.org", by=bo, at=clock.now())
    link, now, said = await token("ole@example.org"), clock.now(), {"name": "Ole", "password": PASSWORD}
    first, second = await both(
        organisations.join(link, None, said, at=now), organisations.join(link, None, said, at=now)
    )
    assert first == second or isinstance(second, NotAllowed), "the second came while the first was at it, or after it"
    assert [one.name for one in await organisations.members(held.id)] == ["Bo", "Ole"]
    assert await happenings("colleague.joined") == 1


async def test_of_two_who_found_an_organisation_of_one_name_at_once_one_is_told(votum: Votum) -> None:
    bo, ole = await votum.person("bo@example.org"), await votum.person("ole@example.org")
    now = clock.now()
    made, told = await both(
        organisations.found("Werkhof e. V.", "", "association", "", by=bo, at=now),
        organisations.found("Werkhof e. V.", "", "association", "", by=ole, at=now),
    )
    assert await database.value("SELECT count(*) FROM organisation WHERE id = $1", made) == 1
    assert isinstance(told, Invalid)
    assert "already registered" in told.fields["name"]
    with pytest.raises(NotFound):
        await organisations.held_by(bo, 2**31)
