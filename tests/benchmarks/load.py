"""What the measurements under load share: a fresh database, signed-in visitors, and how their requests went."""

import asyncio
import math
import os
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app import database, embedded
from app.identity import sessions
from app.seals import hashed
from tests.benchmarks.pages import BASE
from tests.conftest import administer, of

SESSIONS = """
INSERT INTO session (token_hash, person, flashes, created_at, last_seen, expires_at)
SELECT encode(sha256(convert_to('visitor-' || n, 'UTF8')), 'hex'), person, '', now(), now(), now() + interval '1 day'
FROM unnest($1::int[]) WITH ORDINALITY AS visitor (person, n)
"""


class Unexpected(Exception):
    """The server gave another answer than the right one."""


class Over(Exception):
    """The time is up: nothing new is asked."""


@dataclass
class Tally:
    """How many seconds each success took, and what went wrong; from the moment `until` nothing new begins."""

    until: float = math.inf
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def timed(self, since: float) -> Iterator[None]:
        """Note how long it took since a moment of time.perf_counter(), or why it failed, and go on; may raise Over."""
        if since > self.until:
            raise Over
        try:
            yield
            self.seconds.append(time.perf_counter() - since)
        except (httpx.HTTPError, Unexpected) as fault:
            self.faults.append(f"{type(fault).__name__}: {fault}")

    def milliseconds(self, share: float) -> float:
        """The time within which this share of the successes was done; not a number without any."""
        if not self.seconds:
            return math.nan
        return sorted(self.seconds)[math.ceil(share * len(self.seconds)) - 1] * 1000

    def tell_faults(self) -> None:
        """The first faults for the person who measures."""
        for fault in self.faults[:5]:
            print(fault, file=sys.stderr)


@dataclass(frozen=True)
class Visitor:
    """One signed-in browser; all browsers share the connections of one client."""

    client: httpx.AsyncClient
    cookie: str

    async def get(self, path: str) -> str:
        """A page; raises Unexpected or httpx.HTTPError."""
        return await self._ask("GET", path, 200)

    async def post(self, path: str, expected: int = 303, **fields: str) -> str:
        """Send a form as htmx does; raises Unexpected or httpx.HTTPError."""
        return await self._ask("POST", path, expected, fields)

    async def _ask(self, method: str, path: str, expected: int, fields: dict[str, str] | None = None) -> str:
        headers = {"cookie": f"{sessions.COOKIE}={self.cookie}"}
        if method == "POST":
            headers |= {"x-csrf-token": hashed(f"csrf {self.cookie}"), "hx-request": "true"}
        answer = await self.client.request(method, path, data=fields, headers=headers)
        if answer.status_code != expected:
            raise Unexpected(f"{method} {path}: {answer.status_code}")
        return answer.text


def client(connections: int, base: str = BASE) -> httpx.AsyncClient:
    """What all visitors ask through: only this machine, never a proxy, at most so many connections."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    headers = {"origin": BASE, "accept-language": "de"}
    return httpx.AsyncClient(base_url=base, headers=headers, limits=limits, timeout=60, trust_env=False)


async def signed_in(people: Iterable[int], through: httpx.AsyncClient) -> list[Visitor]:
    """A browser for each of these persons, in their order; once in a database."""
    persons = list(people)
    await database.rows(SESSIONS, persons)
    return [Visitor(through, f"visitor-{number}") for number in range(1, len(persons) + 1)]


async def all_at_once(work: Iterable[Coroutine[Any, Any, None]], seconds: float) -> int:
    """Do everything at once, in at most so many seconds; how much of it was not finished and was cut off."""
    tasks = [asyncio.create_task(one) for one in work]
    done, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in done:
        with suppress(Over):
            task.result()
    return len(late)


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """The address of an empty database, on the server of DATABASE_URL or an embedded one."""
    with tempfile.TemporaryDirectory() as folder:
        named, place = os.environ.get("DATABASE_URL"), Path(folder)
        place.chmod(0o755)  # root's PostgreSQL runs as somebody else
        server = named or embedded.start(place / "postgres")
        try:
            drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
            asyncio.run(administer(server, drop, f"CREATE DATABASE {name}"))
            yield of(server, name)
            asyncio.run(administer(server, drop))
        finally:
            if not named:
                embedded.stop(place / "postgres")


def show(name: str, value: float, unit: str, digits: int = 0) -> None:
    """One figure on a line of its own."""
    print(f"{name}\t{value:.{digits}f}\t{unit}", flush=True)
