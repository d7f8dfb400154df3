"""1,000 bogus sign-ins at once, with other addresses, and somebody who really signs in beside them.

The flood comes from a process of its own and one client; she comes one second later, from the same client or from
another one, to an account that this client has opened before (known) or never (first).
"""

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from argon2 import PasswordHasher

from app import clock, database
from app.database import write_transaction
from app.domain import people
from tests.benchmarks.load import fresh_database, show
from tests.benchmarks.pages import BASE, PORT, serving

BOGUS, PASSWORD, HERE, ELSEWHERE = 1_000, "Ein Satz, der ein gutes Passwort ist", "127.0.0.1", "127.0.0.2"
CASES = {
    "signin_under_flood": (HERE, True),
    "signin_under_flood_first": (HERE, False),
    "signin_under_flood_elsewhere": (ELSEWHERE, True),
    "signin_under_flood_elsewhere_first": (ELSEWHERE, False),
}


async def prepare(dsn: str) -> None:
    """An empty Votum, and for each case one person who has a password."""
    database.connect_to(dsn)
    await database.open_pool(least=1)
    await database.migrate()
    real = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1).hash(PASSWORD)
    async with write_transaction():
        for name in CASES:
            await people.create(name, f"{name}@example.org", real, confirmed=True, at=clock.now())
    await database.close_pool()


def measure(name: str, client: str, known: bool) -> None:
    """Print how many seconds the legitimate sign-in took, and how many bogus ones met an error."""
    httpx.get(f"{BASE}/sign-in")  # nobody is the first who ever sees this page
    if known:
        seconds = _sign_in(client, name)
        if client == HERE:
            show("signin_quiet", seconds, "s", 2)
    with _flood() as answered:
        show(name, _sign_in(client, name), "s", 2)
        statuses = answered.recv()
    print(f"  of the {BOGUS}:", {status: statuses.count(status) for status in sorted(set(statuses))}, file=sys.stderr)
    show(f"{name}_errors", sum(status >= 500 for status in statuses), "errors")


def _sign_in(client: str, name: str) -> float:
    """The seconds it took; not a number where it was refused."""
    began = time.perf_counter()
    with httpx.Client(transport=httpx.HTTPTransport(local_address=client), timeout=60) as browser:
        fields = {"email": f"{name}@example.org", "password": PASSWORD}
        status = browser.post(f"{BASE}/sign-in", data=fields, headers={"origin": BASE}).status_code
    return time.perf_counter() - began if status == 303 else float("nan")


@contextmanager
def _flood() -> Iterator[Any]:
    """The flood, when it has been on its way for a second; gives the end of a pipe that tells all statuses at last."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_send_all, args=(theirs,))
    process.start()
    theirs.close()
    ours.recv()
    time.sleep(1)
    yield ours
    process.join()


def _send_all(told: Any) -> None:
    async def all_at_once() -> list[int]:
        told.send("now")
        return await asyncio.gather(*(_bogus(number) for number in range(BOGUS)))

    told.send(asyncio.run(all_at_once()))


async def _bogus(number: int) -> int:
    """The status, 0 for a connection that was cut."""
    body = f"email=nobody{number}%40example.org&password=wrong"
    head = f"POST /sign-in HTTP/1.1\r\nHost: {HERE}:{PORT}\r\nOrigin: {BASE}\r\nConnection: close\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    try:
        reader, writer = await asyncio.open_connection(HERE, PORT)
        writer.write(f"{head}Accept-Encoding: br\r\n\r\n{body}".encode())
        answer = await reader.read()
        writer.close()
    except OSError:
        return 0
    return int(answer.split(maxsplit=2)[1]) if answer else 0


def main() -> None:
    """Print one line a figure: name, value, unit."""
    with fresh_database("votum_bench_flood") as dsn:
        asyncio.run(prepare(dsn))
        for name, (client, known) in CASES.items():
            with serving(dsn):
                measure(name, client, known)


if __name__ == "__main__":
    main()
