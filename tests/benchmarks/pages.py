"""Server CPU per request: a real server, a call with 1,000 proposals, one request after the other."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from app import database, embedded, seals
from app.identity import sessions
from tests.benchmarks import large_call
from tests.benchmarks.large_call import LargeCall
from tests.conftest import administer, of

PORT = 8391
BASE = f"http://127.0.0.1:{PORT}"
TICK = os.sysconf("SC_CLK_TCK")
NAME = "votum_bench"


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used, in itself."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


@contextmanager
def serving(dsn: str) -> Iterator[int]:
    """The real server in a process of its own; gives its number."""
    env = {**os.environ, "DATABASE_URL": dsn, "PORT": str(PORT), "VOTUM_BASE_URL": BASE, "VOTUM_SMTP_URL": ""}
    command = [sys.executable, "-m", "uvicorn", "app.main:served", "--factory", "--port", str(PORT)]
    command += ["--log-level", "warning", "--no-access-log"]
    server = subprocess.Popen(command, env=env)
    try:
        _wait_for(server)
        yield server.pid
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(server: subprocess.Popen[bytes]) -> None:
    """Until it answers; raises RuntimeError when it ends (its port is taken, say) or stays silent."""
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            httpx.get(f"{BASE}/health/live")
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"No server of ours answers on {BASE}.")


DRAFTS = """
INSERT INTO proposal (call, organisation, title, summary, field, region, sites, places, individual_months, starts_on,
    ends_on, personnel_cents, overhead_cents, requested_grant_cents, jobcenter_share_cents, own_funds_cents,
    material_cents, work_clothes_cents, travel_cents, other_direct_cents, third_party_cents, targets, attachments,
    version, created_at, saved_at)
SELECT c.id, $2, 'Gemüsegarten ' || n, repeat('Ein Garten für alle. ', 30), 'food_garden', 'Auental', '["Auenburg"]',
    10, 36, c.earliest_start, (c.earliest_start + interval '3 years' - interval '1 day')::date,
    12000000, 1000000, 7200000, 5400000, 400000, 0, 0, 0, 0, 0, '[]', '[]', 1, now(), now()
FROM call c CROSS JOIN generate_series(1, $3) n WHERE c.key = $1 RETURNING id
"""


class Bench:
    """Measures one kind of request after the other."""

    def __init__(self, pid: int, call: LargeCall) -> None:
        self.pid, self.call = pid, call

    def client(self, cookie: str = "") -> httpx.Client:
        jar = {sessions.COOKIE: cookie} if cookie else {}
        headers = {"origin": BASE, "accept-encoding": "identity", "accept-language": "de"}
        if cookie:
            headers["x-csrf-token"] = seals.hashed(f"csrf {cookie}")
        return httpx.Client(base_url=BASE, cookies=jar, headers=headers, timeout=60)

    def measure(self, name: str, ask: Callable[[int], httpx.Response], times: int, expected: int = 200) -> None:
        """Ask often and print the server's CPU milliseconds per request."""
        for number in range(3):
            self._checked(ask(number), name, expected)
        before = cpu(self.pid)
        for number in range(3, times + 3):
            self._checked(ask(number), name, expected)
        print(f"{name}\t{(cpu(self.pid) - before) / times * 1000:.2f}\tms", flush=True)

    def first(self, name: str, path: str, client: httpx.Client) -> None:
        """The first request of its kind, before anything of it is kept in memory."""
        before = cpu(self.pid)
        self._checked(client.get(path), name, 200)
        print(f"{name}\t{(cpu(self.pid) - before) * 1000:.0f}\tms", flush=True)

    @staticmethod
    def _checked(answer: httpx.Response, name: str, expected: int) -> None:
        assert answer.status_code == expected, f"{name}: {answer.status_code} {answer.text[:500]}"


def measure(pid: int, call: LargeCall, drafts: list[int]) -> None:
    """All figures, each on a line of its own."""
    bench = Bench(pid, call)
    anybody, office = bench.client(), bench.client(call.administrator)
    reviewer, applicant = bench.client(call.reviewer), bench.client(call.applicant)
    lists = f"/calls/{call.key}"
    bench.measure("plain", lambda _: anybody.get("/health/live"), 2000)
    bench.measure("public_call", lambda _: anybody.get(f"/calls/{call.open_key}"), 200)
    bench.measure("proposals_list_50", lambda _: office.get(f"{lists}/intake"), 200)
    bench.first("ranking_1000_first", f"{lists}/ranking", office)
    bench.measure("ranking_1000", lambda _: office.get(f"{lists}/ranking"), 50)
    bench.measure("desk", lambda _: reviewer.get("/desk"), 200)
    bench.measure("sheet", lambda _: reviewer.get(f"/assignments/{call.assignment}"), 200)
    save_score(bench, reviewer, call.assignment)
    bench.measure(
        "submit", lambda number: applicant.post(f"/proposals/{drafts[number]}/submission"), len(drafts) - 3, 303
    )
    bench.measure("decision_list_csv", lambda _: office.get(f"{lists}/exports/decision-list.csv"), 30)
    bench.first("decision_list_xlsx_first", f"{lists}/exports/decision-list.xlsx", office)
    bench.measure("decision_list_xlsx", lambda _: office.get(f"{lists}/exports/decision-list.xlsx"), 5)
    resident = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    print(f"server_memory\t{int(resident.split()[1]) / 1024:.0f}\tMiB", flush=True)


def save_score(bench: Bench, reviewer: httpx.Client, assignment: int) -> None:
    """Save marks one after the other, each with the version that the answer before named."""
    import re

    state = {"version": "0"}

    def ask(number: int) -> httpx.Response:
        answer = reviewer.post(
            f"/assignments/{assignment}/scores/k1",
            data={"value": str(2 + number % 3), "version": state["version"]},
            headers={"hx-request": "true"},
        )
        found = re.search(r'name="version"\s+value="(\d+)"', answer.text)
        state["version"] = found.group(1) if found else state["version"]
        return answer

    bench.measure("save_score", ask, 200)


async def prepare(dsn: str, number: int) -> tuple[LargeCall, list[int]]:
    """Build everything in a fresh database; also so many drafts that are ready to be handed in."""
    database.connect_to(dsn)
    await database.open_pool(least=1)
    await database.migrate()
    call = await large_call.build()
    drafts = await database.rows(
        DRAFTS,
        call.open_key,
        call.organisation,
        number,
    )
    await database.close_pool()
    return call, [row["id"] for row in drafts]


def main() -> None:
    """Print one line a figure: name, value, unit."""
    with tempfile.TemporaryDirectory(prefix="votum-bench-") as folder:
        Path(folder).chmod(0o755)  # root's PostgreSQL runs as somebody else
        named = os.environ.get("DATABASE_URL")
        server = named or embedded.start(Path(folder) / "postgres")
        try:
            asyncio.run(_fresh(server))
            dsn = of(server, NAME)
            call, drafts = asyncio.run(prepare(dsn, 53))
            with serving(dsn) as pid:
                measure(pid, call, drafts)
        finally:
            if not named:
                embedded.stop(Path(folder) / "postgres")


async def _fresh(server: str) -> Any:
    await administer(server, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME}")
