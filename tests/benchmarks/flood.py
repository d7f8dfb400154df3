"""1,000 bogus sign-ins at once, with other addresses, and somebody who really signs in from the same client."""

import asyncio
import time

import httpx
from argon2 import PasswordHasher

from app import database
from app.database import write_transaction
from app.domain import people
from tests.benchmarks.load import client, fresh_database, show
from tests.benchmarks.pages import serving

BOGUS, PASSWORD = 1_000, "Ein Satz, der ein gutes Passwort ist"


async def measure(dsn: str) -> None:
    """Print how many seconds the legitimate sign-in took beside the flood, and how the bogus ones were answered."""
    database.connect_to(dsn)
    await database.open_pool(least=1)
    await database.migrate()
    real = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1).hash(PASSWORD)
    async with write_transaction():
        await people.create("Ada", "ada@example.org", real, confirmed=True)
    await database.close_pool()
    with serving(dsn):
        async with client(BOGUS + 1) as through:
            show("signin_quiet", (await _sign_in(through, "ada@example.org", PASSWORD))[1], "s", 2)
            through.cookies.clear()
            flood = [asyncio.create_task(_sign_in(through, f"b{n}@example.org", "wrong")) for n in range(BOGUS)]
            await asyncio.sleep(1)  # the flood is on its way
            status, seconds = await _sign_in(through, "ada@example.org", PASSWORD)
            show("signin_under_flood", seconds if status == 303 else float("nan"), "s", 2)
            answers = [status for status, _seconds in await asyncio.gather(*flood)]
    show("signin_flood_errors", sum(status >= 500 for status in answers), "errors")


async def _sign_in(through: httpx.AsyncClient, email: str, password: str) -> tuple[int, float]:
    """The status, 0 for a connection that was cut, and the seconds it took."""
    began = time.perf_counter()
    try:
        status = (await through.post("/sign-in", data={"email": email, "password": password})).status_code
    except httpx.HTTPError:
        status = 0
    return status, time.perf_counter() - began


def main() -> None:
    """Print one line a figure: name, value, unit."""
    with fresh_database("votum_bench_flood") as dsn:
        asyncio.run(measure(dsn))


if __name__ == "__main__":
    main()
