"""Jobs: done at once when a transaction asked for them, by the clock, once for all processes, and taken up again."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from app import clock, database
from app.commands import PROJECT
from app.domain import people
from app.identity import attempts
from app.operations import backup, jobs
from app.records import mails
from app.records.mails import outbox, sending
from app.settings import SETTINGS
from tests.domain.post_office import PostOffice, opened
from tests.domain.test_backup import Restoring, elsewhere, restoring  # noqa: F401
from tests.domain.test_mails_sending import state_of, written
from tests.world import Votum

AT_ONCE = 3.0  # seconds; the clock alone would come a minute later


@pytest.fixture
async def office(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostOffice]:
    async with opened(monkeypatch) as found:
        yield found


@pytest.fixture
async def never(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock does nothing."""
    monkeypatch.setattr(jobs, "BY_THE_CLOCK", {})


async def until(condition: str, seconds: float = AT_ONCE) -> None:
    """Wait until a condition on the database holds; raises TimeoutError where it does not come true in time."""
    async with asyncio.timeout(seconds):
        while not await database.value(f"SELECT {condition}"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def sent(number: int) -> str:
    return f"count(*) = {number} FROM mail WHERE sent_at IS NOT NULL"


async def test_a_mail_goes_out_as_soon_as_its_transaction_ends_and_not_before(
    votum: Votum, office: PostOffice, never: None
) -> None:
    async with jobs.beside():
        await asyncio.sleep(0.5)  # nobody asked yet
        async with database.write_transaction():
            await mails.tell([mails.Recipient("ada@example.org", "de")], lambda: ("Hello", "World"))
            await asyncio.sleep(0.5)
            assert office.taken == []
        await until(sent(1))
    assert office.recipients == ["ada@example.org"]


async def test_who_takes_back_what_was_done_takes_back_the_mail_and_its_job(votum: Votum) -> None:
    async def changes_its_mind() -> None:
        async with database.write_transaction():
            await mails.tell([mails.Recipient("ada@example.org", "de")], lambda: ("Hello", "World"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await changes_its_mind()
    assert await database.value("SELECT count(*) FROM mail") == 0
    assert await database.value("SELECT count(*) FROM pgqueuer") == 0


async def test_nobody_to_tell_is_no_job(votum: Votum) -> None:
    await written()
    assert await database.value("SELECT count(*) FROM pgqueuer") == 0


async def test_more_mails_than_one_job_sends_go_out_in_one_go(votum: Votum, office: PostOffice, never: None) -> None:
    everybody = [f"m{number}@example.org" for number in range(1, 2 * sending.AT_ONCE + 2)]
    await written(*everybody)
    async with jobs.beside():
        await until(sent(len(everybody)))
    assert office.recipients == everybody


async def test_two_processes_do_the_jobs_and_send_nothing_twice(votum: Votum, office: PostOffice) -> None:
    async with jobs.beside(), jobs.beside():
        for number in range(30):
            await written(f"m{number}@example.org")
        await until(sent(30), 10)
    assert sorted(office.recipients) == sorted(f"m{number}@example.org" for number in range(30))


async def test_a_lost_connection_is_taken_up_again(votum: Votum, office: PostOffice, never: None) -> None:
    lost = await asyncpg.connect(votum.dsn)
    async with jobs.beside():
        await written("ada@example.org")
        await until(sent(1))
        await lost.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE '%pgqueuer%'"
            " AND pid <> pg_backend_pid() AND datname = current_database()"
        )
        await written("bo@example.org")
        await until(sent(2), jobs.PAUSE.total_seconds() + AT_ONCE)
        await written("cleo@example.org")
        await until(sent(3))
    await lost.close()


async def test_what_is_begun_is_finished_and_what_is_not_begun_is_left(
    votum: Votum, office: PostOffice, never: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.slow.add("ada@example.org")
    monkeypatch.setattr(sending, "AT_ONCE", 1)
    await written("ada@example.org", "bo@example.org")
    async with jobs.beside():
        await asyncio.wait_for(office.in_hand.wait(), 5)
    assert (await state_of("ada@example.org"))["sent"]
    left = await state_of("bo@example.org")
    assert (left["sent"], left["attempts"], left["pause"] < timedelta(0)) == (False, 0, True)


async def test_who_takes_too_long_to_finish_is_cut_off_and_leaves_one_mail_to_the_others(
    votum: Votum, office: PostOffice, never: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.slow.add("ada@example.org")
    monkeypatch.setattr(jobs, "GRACE", 0.3)
    await written("ada@example.org", "bo@example.org")
    async with jobs.beside():
        await asyncio.wait_for(office.in_hand.wait(), 5)
    left = await state_of("ada@example.org")
    assert (left["sent"], left["pause"] > timedelta(minutes=5)) == (False, True)
    assert await sending.send_due() == 1
    assert office.recipients == ["ada@example.org", "bo@example.org"]


async def test_without_a_mail_server_mails_stay_in_the_outbox_untried(votum: Votum) -> None:
    assert not SETTINGS.smtp_url
    await written("ada@example.org")
    async with jobs.beside():
        await until("count(*) = 0 FROM pgqueuer")
    found = await state_of("ada@example.org")
    assert (found["sent"], found["attempts"]) == (False, 0)


async def test_the_clock_takes_up_what_is_due_again_and_empties_what_has_ended(
    votum: Votum, office: PostOffice
) -> None:
    await written("ada@example.org")
    await database.rows("DELETE FROM pgqueuer")
    async with jobs.beside():
        await until(f"count(*) = {len(jobs.BY_THE_CLOCK)} FROM pgqueuer_schedules")
    assert office.taken == []
    await database.rows("UPDATE pgqueuer_schedules SET next_run = now()")
    async with jobs.beside():
        await until("bool_and(last_run IS NOT NULL) FROM pgqueuer_schedules")
    assert office.recipients == ["ada@example.org"]


async def test_sessions_and_links_are_deleted_when_they_are_over(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, now = await votum.person("ada@example.org"), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    soon = now + timedelta(microseconds=1)
    for name, ends in (("over", now), ("open", soon)):
        await database.rows(
            "INSERT INTO session (token_hash, person, flashes, created_at, last_seen, expires_at)"
            " VALUES ($1, $2, '', $3, $3, $3)",
            name,
            ada,
            ends,
        )
    for name, ends, used in (("over", now, None), ("used", soon, now), ("open", soon, None)):
        await database.rows(
            "INSERT INTO email_token (purpose, token_hash, person, expires_at, used_at)"
            " VALUES ('password', $1, $2, $3, $4)",
            name,
            ada,
            ends,
            used,
        )
    await people.forget_ended()
    assert [row["token_hash"] for row in await database.rows("SELECT token_hash FROM session")] == ["open"]
    assert [row["token_hash"] for row in await database.rows("SELECT token_hash FROM email_token")] == ["open"]


async def test_attempts_are_deleted_once_no_count_looks_at_them(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    now, moment = clock.now(), timedelta(microseconds=1)
    monkeypatch.setattr(clock, "now", lambda: now)
    for kind, days in (("sign-in:a", attempts.DAY), ("password", attempts.DAY), ("known:a", attempts.KNOWN_FOR)):
        for name, at in (("old", now - days), ("kept", now - days + moment)):
            await database.rows("INSERT INTO attempt (kind, subject, times, at) VALUES ($1, $2, 1, $3)", kind, name, at)
    await attempts.forget_old()
    rows = await database.rows("SELECT kind, subject FROM attempt ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("sign-in:a", "kept"), ("password", "kept"), ("known:a", "kept")]


async def test_the_log_of_the_jobs_is_kept_for_a_week(votum: Votum) -> None:
    for job, days in ((1, "7 days 1 second"), (2, "6 days 23 hours 59 minutes")):
        await database.rows(
            "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint)"
            f" VALUES (now() - interval '{days}', $1, 'successful', 0, 'mails')",
            job,
        )
    await jobs.forget_log()
    assert [row["job_id"] for row in await database.rows("SELECT job_id FROM pgqueuer_log")] == [2]


async def test_a_backup_holds_no_jobs_and_what_a_restore_holds_goes_out_when_it_is_let_go(
    votum: Votum,
    restoring: Restoring,  # noqa: F811
    office: PostOffice,
    tmp_path: Path,
) -> None:
    await written("ada@example.org")
    await backup.backup(votum.dsn, tmp_path / "votum.zip")
    assert await restoring(tmp_path / "votum.zip") == []
    assert await database.value("SELECT count(*) FROM pgqueuer") == 0
    async with jobs.beside():
        await database.rows(mails.ASK)
        await until("count(*) = 0 FROM pgqueuer")
        assert office.taken == []
        await outbox.release()
        await until(sent(1))
    assert office.recipients == ["ada@example.org"]


async def test_who_serves_pages_only_loads_nothing_of_the_jobs() -> None:
    code = "import sys, app.main; app.main.served(); print([name for name in sys.modules if 'pgqueuer' in name])"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=PROJECT
    )
    said, _ = await process.communicate()
    assert said.decode().strip() == "[]"
