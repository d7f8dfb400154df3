"""Jobs: what is done while nobody waits, because a transaction asked for it or because it is time.

`mails.tell` asks inside its transaction; once that is committed, PostgreSQL wakes whoever does jobs: `votum worker`, or
a `votum serve` of one process. A job only says that there is something to do. What that is stands in the tables, so a
job that is lost or done twice harms nothing: the clock comes back to it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TypeAlias

import asyncpg
import pgqueuer
from pgqueuer.models import Schedule

from app import database
from app.domain import people
from app.identity import attempts
from app.records import audit
from app.records.mails import sending

Work: TypeAlias = Callable[[], Awaitable[object]]
PAUSE = timedelta(seconds=2)  # until a lost connection is taken up again
GRACE = 5.0  # seconds to finish what is begun

ASKED_FOR: Mapping[str, Work] = {"mails": sending.send}


async def forget_log() -> None:
    """Delete what the queue noted of its jobs more than a week ago."""
    await database.rows("DELETE FROM pgqueuer_log WHERE created < now() - interval '7 days'")


BY_THE_CLOCK: Mapping[str, tuple[str, Work]] = {  # cron, in UTC
    "mails that are due again": ("* * * * *", sending.send),
    "ended sessions and links": ("17 * * * *", people.forget_ended),
    "old attempts": ("27 * * * *", attempts.forget_old),
    "the ends of the audit chains": ("47 * * * *", audit.anchor),
    "the log of the jobs": ("37 1 * * *", forget_log),
}


async def run(stop: asyncio.Event | None = None) -> None:
    """Do jobs until told to stop, by a signal where no event is named; what is begun is finished."""
    await pgqueuer.run(
        _queue, restart_on_failure=True, restart_delay=PAUSE, shutdown_on_listener_failure=True, shutdown=stop
    )


@asynccontextmanager
async def beside() -> AsyncIterator[None]:
    """Do jobs for the length of a block; at its end what is begun has a moment to be finished."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(stop))
    try:
        yield
    finally:
        stop.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(task, GRACE)


@asynccontextmanager
async def _queue() -> AsyncIterator[pgqueuer.PgQueuer]:
    """The queue on a connection of its own, which listens; raises ConnectionError once that is lost."""
    connection = await asyncpg.connect(**database.DB.config)
    try:
        queue = pgqueuer.PgQueuer.from_asyncpg_connection(connection)
        connection.add_termination_listener(lambda _: queue.shutdown.set())
        for name, work in ASKED_FOR.items():
            queue.entrypoint(name)(_in_turn(work))
        for name, (cron, work) in BY_THE_CLOCK.items():
            queue.schedule(name, cron)(_in_turn(work))
        yield queue
        if connection.is_closed():
            raise ConnectionError("The connection that the jobs listen on was lost")
    finally:
        await connection.close()


def _in_turn(work: Work) -> Callable[[pgqueuer.Job | Schedule], Awaitable[None]]:
    """The work as a job of which one is done at a time; while one waits, it will do what those after it ask for."""
    lock, waits = asyncio.Lock(), False

    async def done(_: pgqueuer.Job | Schedule) -> None:
        nonlocal waits
        if not waits:
            waits = True
            async with lock:
                waits = False
                await work()

    return done
