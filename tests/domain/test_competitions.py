"""What a load writes, all of it or nothing, and how a competition is moved in time."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml

from app import clock, competition_files, database
from app.competition_files import CompetitionError
from app.domain import programmes
from app.domain.programmes.facts import Amount
from app.errors import NotAllowed
from app.operations import invariants
from app.records import audit
from tests.world import Votum

TEXT = competition_files.EXAMPLE.read_text()
NOW = datetime(2026, 5, 6, 15, 30, tzinfo=UTC)


def plain() -> dict[str, Any]:
    return yaml.safe_load(TEXT)


def written(document: dict[str, Any]) -> bytes:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()


# Loading


async def counts() -> dict[str, int]:
    from app.tables import TABLES

    names = [table._meta.tablename for table in TABLES]
    return {name: await database.value(f"SELECT count(*) FROM {name}") for name in names}


async def test_a_load_writes_everything(auental: Votum) -> None:
    found = await counts()
    assert found["organisation"] == 14
    assert found["person"] == 7 + 2 + 14
    assert found["programme"] == 6
    assert found["proposal"] == found["submission"] == found["formal_decision"] == 14
    assert found["assignment"] == 7 * 11
    assert found["review"] == 74
    assert found["score"] == 74 * 5
    assert found["conflict"] == 5
    assert found["resolution"] == 5
    assert found["attendance"] == 9
    assert found["frozen_ranking"] == found["result_publication"] == 1
    assert found["mail"] == 0  # who took part was told when it happened


async def test_what_was_loaded_keeps_every_invariant(auental: Votum) -> None:
    assert await invariants.broken() == []


async def test_the_guest_who_coordinates_administrates(auental: Votum) -> None:
    found = await database.row(
        "SELECT p.email, a.name FROM administration x JOIN person p ON p.id = x.person"
        " JOIN authority a ON a.id = x.authority"
    )
    assert tuple(found) == ("koordination@example.org", "Landkreis Auental (fiktiv)")


async def test_every_organisation_has_its_contact(auental: Votum) -> None:
    found = await database.row(
        "SELECT o.name, p.name AS person, p.password_hash, p.email_confirmed_at FROM membership m"
        " JOIN organisation o ON o.id = m.organisation JOIN person p ON p.id = m.person"
        " WHERE p.email = 'o14@example.org'"
    )
    assert (found["name"], found["person"]) == ("Nähstube Niederwehr e. V. (fiktiv)", "Uli Kopie")
    assert found["password_hash"] == ""
    assert found["email_confirmed_at"] is not None


async def test_comments_stand_where_the_scheme_asks_for_them(auental: Votum) -> None:
    found = await database.rows("SELECT DISTINCT value, comment <> '' AS said FROM score ORDER BY value")
    assert {int(row["value"]): row["said"] for row in found} == {2: False, 3: False, 4: False, 5: True}


async def test_sheets_are_handed_in_within_the_time_for_rating(auental: Votum) -> None:
    found = await database.row("SELECT min(handed_in_at) AS first, max(handed_in_at) AS last FROM review")
    assert date(2017, 11, 13) == found["first"].astimezone(clock.BERLIN).date()
    assert date(2017, 11, 24) == found["last"].astimezone(clock.BERLIN).date()


async def test_the_late_member_had_rated_before_the_conflict(auental: Votum) -> None:
    found = await database.value(
        "SELECT r.handed_in_at FROM review r JOIN assignment a ON a.id = r.assignment"
        " JOIN member m ON m.id = a.member JOIN proposal p ON p.id = a.proposal WHERE m.key = 'M7' AND p.key = 'P04'"
    )
    assert found.astimezone(clock.BERLIN).date() == date(2017, 11, 22)


async def test_the_audit_trail_tells_the_load_and_what_happened(auental: Votum) -> None:
    count, broken = await audit.verify()
    assert broken is None
    actions = {row["action"] for row in await database.rows("SELECT DISTINCT action FROM audit_entry")}
    assert {
        "call.published",
        "proposal.submitted",
        "review.handed_in",
        "conflict.declared",
        "ranking.frozen",
    } <= actions
    entry = await database.row("SELECT * FROM audit_entry WHERE action = 'rating.closed'")
    assert entry["actor"] == "votum load"
    assert json.loads(entry["detail"])["happened"].startswith("2017-11-24")
    assert count == await database.value("SELECT count(*) FROM audit_entry")


async def test_the_programme_keeps_its_facts(auental: Votum) -> None:
    facts = (await programmes.public("service-center")).facts
    assert [part.wanted for part in facts.parts] == [50, 110, 50]
    assert facts.funding[1] == Amount(
        source="Land (Demo)",
        cents=550_000_000,
        about=True,
        stated_by="Pressemitteilung",
        stated_on=date(2017, 9, 5),
    )


async def test_the_same_call_is_not_loaded_twice(auental: Votum) -> None:
    before = await counts()
    with pytest.raises(CompetitionError, match="there is already a call aufruf-2017"):
        await competition_files.load(competition_files.read(TEXT.encode()))
    assert await counts() == before


async def test_two_loads_at_once_make_one_call(votum: Votum) -> None:
    found = competition_files.read(TEXT.encode())
    outcome = await asyncio.gather(competition_files.load(found), competition_files.load(found), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcome) == ["CompetitionError", "str"]
    assert await database.value("SELECT count(*) FROM call") == 1
    assert await invariants.broken() == []


async def test_people_and_organisations_are_the_same_across_loads(auental: Votum) -> None:
    before = await counts()
    await competition_files.load(competition_files.read(TEXT.replace("key: aufruf-2017", "key: aufruf-2018").encode()))
    after = await counts()
    same = ("person", "organisation", "membership", "authority", "administration", "programme", "rating_scheme")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert after["call"] == 2
    assert await database.value("SELECT count(DISTINCT receipt_number) FROM submission") == 28
    assert await invariants.broken() == []


async def test_a_load_that_fails_half_way_leaves_nothing(votum: Votum) -> None:
    """The database refuses what the reader cannot know: a name that another letter case has already."""
    await database.rows("ALTER TABLE meeting ADD CONSTRAINT nowhere CHECK (place = 'nowhere')")
    before = await counts()
    with pytest.raises(Exception, match="nowhere"):
        await competition_files.load(competition_files.read(TEXT.encode()))
    assert await counts() == before


async def test_what_the_verbs_refuse_is_named_with_its_day_and_leaves_nothing(votum: Votum) -> None:
    document, before = plain(), await counts()
    asked = next(one["formal"] for one in document["proposals"] if "cure_request" in one.get("formal", {}))
    asked["cure_request"]["sent"] = "2017-10-26"  # the day before the proposals open
    with pytest.raises(CompetitionError, match=r"2017-10-26: .*27\.10\.2017, 12:00"):
        await competition_files.load(competition_files.read(written(document)))
    assert await counts() == before


async def test_a_password_opens_every_account_of_the_file(votum: Votum) -> None:
    from app.domain import people

    await competition_files.load(competition_files.read(TEXT.encode()), password="eins zwei drei")
    for email in ("m1@example.org", "o01@example.org", "koordination@example.org"):
        assert await people.authenticated(email, "eins zwei drei")


async def test_a_password_for_everybody_is_for_the_demo_only(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setattr(competition_files, "SETTINGS", replace(competition_files.SETTINGS, demo=False))
    with pytest.raises(NotAllowed):
        await competition_files.load(competition_files.read(TEXT.encode()), password="eins zwei drei")
    assert await database.value("SELECT count(*) FROM person") == 0


async def test_a_file_with_the_least_is_loaded(votum: Votum) -> None:
    document = plain()
    for key in ("county", "programme", "showcase_programmes", "meeting", "expected", "after_decision"):
        del document[key]
    document["committee"]["conflicts"] = []
    document["proposals"] = [{"key": "P1", "organisation": "O01", "title": "Ein Entwurf", "status": "draft"}]
    assert await competition_files.load(competition_files.read(written(document))) == "aufruf-2017"
    assert await database.value("SELECT name FROM authority") == "Regionaler Arbeitskreis (Demo)"
    assert await database.value("SELECT count(*) FROM submission") == 0
    assert await invariants.broken() == []


async def test_a_withdrawn_proposal_is_loaded_with_its_withdrawal(votum: Votum) -> None:
    document = plain()
    proposal = document["proposals"][13]
    proposal.update(status="withdrawn", withdrawn_at="2017-10-20T10:00:00+02:00")
    del proposal["formal"]
    await competition_files.load(competition_files.read(written(document)))
    found = await database.row(
        "SELECT p.key, w.at FROM withdrawal w JOIN proposal p ON p.id = w.proposal WHERE NOT EXISTS"
        " (SELECT FROM formal_decision f WHERE f.proposal = p.id)"
    )
    assert found["key"] == "P14"


# Moving in time


async def phase(now_in: str, at: datetime = NOW) -> database.Row:
    from app.domain.calls import CALL, Call

    key = await competition_files.load(competition_files.read(TEXT.encode()), now_in=now_in, at=at)
    assert key == f"aufruf-2017-{now_in}"
    found = await database.one_of(Call, f"{CALL} WHERE c.key = $1", key)
    assert found is not None
    return found


async def test_a_copy_that_is_open_waits_for_the_rest(votum: Votum) -> None:
    from app.domain import calls

    call = await phase("open")
    assert calls.phase(call, NOW) == "open"
    assert call.deadline == datetime(2026, 5, 14, 10, tzinfo=UTC)  # noon in Berlin, in summer
    found = await database.rows("SELECT p.key FROM proposal p JOIN submission s ON s.proposal = p.id ORDER BY key")
    assert [row["key"] for row in found] == ["P01", "P02", "P03", "P11", "P12", "P14"]
    assert await database.value("SELECT count(*) FROM proposal WHERE key IS NULL") == 3
    found = await counts()
    assert found["formal_decision"] == found["assignment"] == found["review"] == found["conflict"] == 0


async def test_a_copy_in_rating_is_half_rated(votum: Votum) -> None:
    from app.domain import calls

    call = await phase("rating")
    assert calls.phase(call, NOW) == "rating"
    found = await counts()
    assert found["formal_decision"] == 14
    assert found["review"] == 39
    assert found["conflict"] == 4
    assert found["score"] == 39 * 5
    assert await database.value("SELECT max(saved_at) FROM score") < NOW
    assert found["rating_closure"] == found["frozen_ranking"] == 0


async def test_a_copy_before_the_meeting_has_everything_but_the_meeting(votum: Votum) -> None:
    from app.domain import calls

    call = await phase("meeting")
    assert calls.phase(call, NOW) == "deciding"
    assert call.meeting_at == datetime(2026, 5, 6, 7, tzinfo=UTC)  # nine in Berlin
    found = await counts()
    assert (found["review"], found["conflict"], found["meeting"]) == (74, 5, 1)
    assert found["attendance"] == found["resolution"] == found["recommendation"] == found["frozen_ranking"] == 0


async def test_a_published_copy_has_its_result_and_a_start_to_come(votum: Votum) -> None:
    from app.domain import calls

    call = await phase("published")
    assert calls.phase(call, NOW) == "result"
    assert call.earliest_start > NOW.date()
    start = await database.value("SELECT min(start_date) FROM recommendation")
    assert start == call.earliest_start


@pytest.mark.parametrize("now_in", competition_files.PHASES)
async def test_every_copy_keeps_every_invariant_at_any_hour(votum: Votum, now_in: str) -> None:
    midnight = datetime(2026, 3, 28, 22, 59, tzinfo=UTC)  # the last minute before the night of the lost hour
    await phase(now_in, midnight)
    assert await database.value("SELECT max(at) FROM submission") <= midnight
    assert await invariants.broken() == []


async def test_all_copies_live_beside_the_original(auental: Votum) -> None:
    for now_in in competition_files.PHASES:
        await phase(now_in)
    assert await database.value("SELECT count(*) FROM call") == 5
    assert await database.value("SELECT count(*) FROM person") == 23
    assert await invariants.broken() == []


async def test_a_phase_needs_its_dates(votum: Votum) -> None:
    document = plain()
    del document["call"]["dates"]["results_published"]
    with pytest.raises(CompetitionError, match=r"call\.dates\.results_on: missing, the phase published needs it"):
        await competition_files.load(competition_files.read(written(document)), now_in="published")
    assert await database.value("SELECT count(*) FROM call") == 0


def test_only_time_is_moved() -> None:
    from app.competition_files.phases import living

    found = competition_files.read(TEXT.encode())
    moved, until = living(found, "rating", NOW)
    assert until == NOW
    assert moved.scheme is found.scheme
    assert [one.ratings for one in moved.proposals] == [one.ratings for one in found.proposals]
    days = {
        (after.submitted_at.astimezone(clock.BERLIN).date() - before.submitted_at.astimezone(clock.BERLIN).date()).days
        for before, after in zip(found.proposals, moved.proposals, strict=True)
        if before.submitted_at and after.submitted_at
    }
    assert len(days) == 1
    times = [one.submitted_at.astimezone(clock.BERLIN).time() for one in moved.proposals if one.submitted_at]
    assert times == [one.submitted_at.astimezone(clock.BERLIN).time() for one in found.proposals if one.submitted_at]
    assert moved.call.columns["earliest_start"] - found.call.columns["earliest_start"] == timedelta(days=days.pop())
