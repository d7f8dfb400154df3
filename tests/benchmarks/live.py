"""The middle of a rating: 16 reviewers and 4 officers in a call with 1,000 proposals, as fast as answers come."""

import asyncio
import re
import time
from functools import partial
from itertools import cycle
from pathlib import Path

from app import database
from tests.benchmarks import flood, large_call
from tests.benchmarks.load import Tally, Visitor, all_at_once, client, fresh_database, show, signed_in
from tests.benchmarks.pages import serving

REVIEWERS, OFFICERS, WARM_UP, SECONDS, LAST_ANSWER = 16, 4, 5, 30, 60
VERSION = re.compile(r'/scores/(k\d)".*?name="version"\s+value="(\d+)"', re.DOTALL)

REOPENED = """
UPDATE review SET reopened_at = now(), reopen_reason = 'measurement' FROM assignment a JOIN member m ON m.id = a.member
WHERE a.id = review.assignment AND m.key = ANY($1)
"""
SHEETS = """
SELECT m.person, array_agg(a.id ORDER BY a.id) AS sheets FROM member m JOIN assignment a ON a.member = m.id
WHERE m.key = ANY($1) GROUP BY m.person ORDER BY m.person
"""


async def look(visitor: Visitor, tally: Tally, path: str) -> str:
    """A page, or nothing when it failed."""
    with tally.timed(time.perf_counter()):
        return await visitor.get(path)
    return ""


async def rate(visitor: Visitor, sheets: list[int], tally: Tally) -> None:
    """Desk, sheet, a mark for every criterion, and on to the next sheet."""
    for turn, sheet in enumerate(cycle(sheets)):
        await look(visitor, tally, "/desk")
        page = await look(visitor, tally, f"/assignments/{sheet}")
        for criterion, version in VERSION.findall(page):
            with tally.timed(time.perf_counter()):
                mark = {"value": str(2 + turn % 3), "version": version}
                await visitor.post(f"/assignments/{sheet}/scores/{criterion}", 200, **mark)


async def administrate(visitor: Visitor, key: str, tally: Tally) -> None:
    """The ranking, then some pages of the intake list, again and again."""
    for page in cycle(range(1, 21)):
        await look(visitor, tally, f"/calls/{key}/ranking")
        await look(visitor, tally, f"/calls/{key}/intake?page={page}")


def memory(pid: int) -> float:
    """What a process holds in memory, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


async def measure(dsn: str) -> None:
    """Build the call, let everybody work, print all figures."""
    database.connect_to(dsn)
    await database.open_pool(least=1)
    await database.migrate()
    call = await large_call.build()
    members = [f"R{number}" for number in range(1, REVIEWERS + 1)]
    await database.rows(REOPENED, members)
    sheets = await database.rows(SHEETS, members)
    officer = await database.value("SELECT person FROM administration LIMIT 1")
    async with client(REVIEWERS + OFFICERS) as through:
        visitors = await signed_in([row["person"] for row in sheets] + [officer] * OFFICERS, through)
        await database.close_pool()

        everybody = partial(work, visitors, [row["sheets"] for row in sheets], call.key)
        with serving(dsn) as pid:
            await everybody(WARM_UP)
            before = memory(pid)
            tally, seconds = await everybody(SECONDS)
            report(tally, seconds, memory(pid) - before)


async def work(visitors: list[Visitor], sheets: list[list[int]], key: str, seconds: float) -> tuple[Tally, float]:
    """Everybody asks for so long: how it went, and how long it took until the last answer."""
    begun = time.perf_counter()
    tally = Tally(until=begun + seconds)
    rating = [rate(one, mine, tally) for one, mine in zip(visitors[:REVIEWERS], sheets, strict=True)]
    running = [administrate(one, key, tally) for one in visitors[REVIEWERS:]]
    if await all_at_once(rating + running, seconds + LAST_ANSWER):
        tally.faults.append("some never had an answer")
    return tally, time.perf_counter() - begun


def report(tally: Tally, seconds: float, growth: float) -> None:
    """All figures; memory is counted from the end of the warm-up."""
    show("live_requests_per_second", len(tally.seconds) / seconds, "1/s", 1)
    show("live_errors", len(tally.faults), "errors")
    show("live_p95", tally.milliseconds(0.95), "ms")
    show("live_memory_growth", growth, "MiB", 1)
    tally.tell_faults()


def main() -> None:
    """Print one line a figure: name, value, unit."""
    with fresh_database("votum_bench_live") as dsn:
        asyncio.run(measure(dsn))
    flood.main()


if __name__ == "__main__":
    main()
