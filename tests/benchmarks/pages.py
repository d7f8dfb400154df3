"""Processor time of server and database together per request: a real server, one request after the other.

Each figure is given in milliseconds (`desk`) and as a multiple of the cheapest answer of the same server (`desk_plain`,
where 1 is /health/live), which says more on a machine that others use: how busy they kept it stands in `other_load`, in
processors. A name without a number behind it is of a call with 1,000 proposals; `_cold` is the first of its kind in a
process; `_2_workers` that two workers share the work.
"""

import asyncio
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx

from app import database, embedded, seals
from app.identity import sessions
from tests.benchmarks import large_call, machine
from tests.benchmarks.large_call import LargeCall
from tests.conftest import administer, of

PORT = int(os.environ.get("VOTUM_BENCH_PORT", "8391"))
BASE = f"http://127.0.0.1:{PORT}"
NAME = "votum_bench"
PRODUCT, WATCHED = "app.main:served", "tests.benchmarks.watched:served"
MARKS = {f"k{number}": 2 + number % 3 for number in range(1, 6)}
SHEETS = """
SELECT a.id FROM assignment a JOIN member m ON m.id = a.member JOIN person p ON p.id = m.person
WHERE p.email = 'reviewer1@example.org' AND NOT EXISTS (SELECT FROM review r WHERE r.assignment = a.id) ORDER BY a.id
"""
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


@contextmanager
def serving(dsn: str, workers: int = 1, application: str = PRODUCT) -> Iterator[int]:
    """The real server in processes of its own; gives the number of the first."""
    env = {**environment(), "DATABASE_URL": dsn, "PORT": str(PORT), "VOTUM_BASE_URL": BASE, "VOTUM_SMTP_URL": ""}
    command = [sys.executable, "-m", "uvicorn", application, "--factory", "--port", str(PORT)]
    command += ["--log-level", "warning", "--no-access-log", "--workers", str(workers)]
    server = subprocess.Popen(command, env=env)
    try:
        _wait_for(server)
        yield server.pid
    finally:
        server.terminate()
        server.wait(20)


def environment() -> dict[str, str]:
    """Ours, in which bytecode is kept, as in every installation after its first start."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"votum-bench-{os.getuid()}-bytecode")}


def _wait_for(server: subprocess.Popen[bytes]) -> None:
    """Until it answers; raises RuntimeError when it ends (its port is taken, say) or stays silent."""
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            httpx.get(f"{BASE}/health/live")
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"No server of ours answers on {BASE}.")


class Bench:
    """Measures one kind of request after the other at one server; names end with what is special about it."""

    def __init__(self, server: int, postgres: int, call: LargeCall, ending: str = "") -> None:
        self.server, self.postgres, self.call, self.ending = server, postgres, call, ending
        self.plain, self.proposals = math.nan, call.proposals

    def client(self, cookie: str = "") -> httpx.Client:
        jar = {sessions.COOKIE: cookie} if cookie else {}
        headers = {"origin": BASE, "accept-encoding": "identity", "accept-language": "de", "hx-request": "true"}
        if cookie:
            headers["x-csrf-token"] = seals.hashed(f"csrf {cookie}")
        return httpx.Client(base_url=BASE, cookies=jar, headers=headers, timeout=300)

    def spent(self) -> float:
        """Milliseconds of processor time of server and database so far."""
        return machine.used([self.server, self.postgres]) * 1000

    def rested(self) -> float:
        """The same, once they do next to nothing any more."""
        before = self.spent()
        for _ in range(120):
            time.sleep(0.25)
            now = self.spent()
            if now - before <= 10:
                return now
            before = now
        return before

    def measure(self, name: str, ask: Callable[[int], httpx.Response], times: int, expected: int = 200) -> None:
        """Ask often, the first three times unmeasured, and show the cost of a request."""
        for number in range(3):
            checked(ask(number), name, expected)
        before = self.spent()
        for number in range(3, times + 3):
            checked(ask(number), name, expected)
        self.show(name, (self.spent() - before) / times)

    def once(self, name: str, client: httpx.Client, path: str) -> None:
        """Show the cost of one request, the first of its kind."""
        before = self.rested()
        checked(client.get(path), name, 200)
        self.show(name, self.spent() - before)

    def calibrate(self) -> None:
        """What the cheapest answer costs here and now, and how many processors others keep busy meanwhile."""
        begun, ours, all_of_us = time.monotonic(), self.spent() + own(), machine.everybody()
        with self.client() as anybody:
            self.measure("plain", lambda _: anybody.get("/health/live"), 2000)
        ours = (self.spent() + own() - ours) / 1000
        load = (machine.everybody() - all_of_us - ours) / (time.monotonic() - begun)
        show(self.named("other_load"), load, "processors")

    def show(self, name: str, milliseconds: float) -> None:
        """A cost in milliseconds, and as a multiple of the plain answer."""
        show(self.named(name), milliseconds, "ms")
        if name == "plain":
            self.plain = milliseconds
        else:
            show(f"{self.named(name)}_plain", milliseconds / self.plain, "x")

    def named(self, name: str) -> str:
        """The whole name of a figure: the ranking's has the size of the call in it, as ranking_1000_first."""
        ending = self.ending
        if name.startswith("ranking"):
            size = f"_{self.proposals}"
            name, ending = name.replace("ranking", f"ranking{size}", 1), ending.removeprefix(size)
        return name + ending


def checked(answer: httpx.Response, name: str, expected: int) -> httpx.Response:
    assert answer.status_code == expected, f"{name}: {answer.status_code} {answer.text[:500]}"
    return answer


def show(name: str, value: float, unit: str) -> None:
    print(f"{name}\t{value:.2f}\t{unit}", flush=True)


def own() -> float:
    """Milliseconds of processor time of the one who asks."""
    return time.process_time() * 1000


def cold(bench: Bench) -> None:
    """A process that has answered nothing yet: what it holds, and what the first of each kind costs."""
    lists = f"/calls/{bench.call.key}"
    office, reviewer = bench.client(bench.call.administrator), bench.client(bench.call.reviewer)
    bench.rested()
    show(bench.named("start"), machine.used([bench.server]), "s")
    *_, worker = machine.family(bench.server)
    share, all_of_it = machine.memory(worker)
    show(bench.named("idle_memory"), share, "MiB")
    show(bench.named("idle_memory_rss"), all_of_it, "MiB")
    bench.calibrate()
    bench.once("proposals_list_50_cold", office, f"{lists}/intake")
    bench.once("desk_cold", reviewer, "/desk")
    bench.once("sheet_cold", reviewer, f"/assignments/{bench.call.assignment}")
    bench.once("ranking_first", office, f"{lists}/ranking")
    bench.once("decision_list_csv_cold", office, f"{lists}/exports/decision-list.csv")


def warm(bench: Bench, drafts: list[int], sheets: list[int]) -> None:
    """Every kind of request again and again."""
    lists = f"/calls/{bench.call.key}"
    anybody, office = bench.client(), bench.client(bench.call.administrator)
    reviewer, applicant = bench.client(bench.call.reviewer), bench.client(bench.call.applicant)
    bench.calibrate()
    bench.measure("public_call", lambda _: anybody.get(f"/calls/{bench.call.open_key}"), 200)
    bench.measure("proposals_list_50", lambda _: office.get(f"{lists}/intake"), 200)
    bench.measure("desk", lambda _: reviewer.get("/desk"), 200)
    bench.measure("sheet", lambda _: reviewer.get(f"/assignments/{bench.call.assignment}"), 200)
    rater = Rater(reviewer, sheets)
    bench.measure("save_score", lambda _: rater.mark(bench.call.assignment, "k1"), 200)
    bench.measure(
        "submit", lambda number: applicant.post(f"/proposals/{drafts[number]}/submission"), len(drafts) - 3, 303
    )
    bench.measure("ranking", lambda _: office.get(f"{lists}/ranking"), 50)
    after_hand_in(bench, "ranking_after_hand_in", rater, lambda: office.get(f"{lists}/ranking"))
    bench.measure("decision_list_csv", lambda _: office.get(f"{lists}/exports/decision-list.csv"), 30)
    workbook = f"{lists}/exports/decision-list.xlsx"
    bench.once("decision_list_xlsx_first", office, workbook)
    bench.measure("decision_list_xlsx", lambda _: office.get(workbook), 5)
    bench.measure("whole_rating", lambda _: rater.rate(), 30, 303)
    *_, worker = machine.family(bench.server)
    show(bench.named("server_memory"), machine.memory(worker)[1], "MiB")


def after_hand_in(bench: Bench, name: str, rater: "Rater", look: Callable[[], httpx.Response], times: int = 5) -> None:
    """What the first look at the ranking costs after each of some hand-ins."""
    costs = 0.0
    for _ in range(times):
        checked(rater.rate(), name, 303)
        before = bench.rested()
        checked(look(), name, 200)
        costs += bench.spent() - before
    bench.show(name, costs / times)


def longest_stay(bench: Bench, sheets: list[int]) -> None:
    """How long the event loop is held at once while the ranking is made anew after a hand-in, at a watched server."""
    office, rater = bench.client(bench.call.administrator), Rater(bench.client(bench.call.reviewer), sheets)
    ranking, longest = f"/calls/{bench.call.key}/ranking", 0.0
    checked(office.get(ranking), ranking, 200)
    for _ in range(3):
        checked(rater.rate(), "hand in", 303)
        office.get("/longest")
        checked(office.get(ranking), ranking, 200)
        longest = max(longest, float(office.get("/longest").text))
    show(bench.named("ranking_longest_on_loop"), longest, "ms")


class Rater:
    """A reviewer who fills in one sheet after the other."""

    def __init__(self, browser: httpx.Client, sheets: list[int]) -> None:
        self.browser, self.sheets = browser, sheets
        self.versions: dict[tuple[int, str], str] = {}

    def mark(self, sheet: int, criterion: str) -> httpx.Response:
        """One mark, with the version that the answer before named."""
        version = self.versions.get((sheet, criterion), "0")
        value = str(2 + (int(version) + MARKS[criterion]) % 3)
        path = f"/assignments/{sheet}/scores/{criterion}"
        answer = self.browser.post(path, data={"value": value, "version": version})
        if found := re.search(r'name="version"\s+value="(\d+)"', answer.text):
            self.versions[sheet, criterion] = found.group(1)
        return self.mark(sheet, criterion) if answer.status_code == 409 else answer

    def rate(self) -> httpx.Response:
        """All marks of the next sheet, and handing it in."""
        sheet = self.sheets.pop()
        for criterion in MARKS:
            checked(self.mark(sheet, criterion), f"sheet {sheet}", 200)
        return self.browser.post(f"/assignments/{sheet}/review")


async def prepare(dsn: str, proposals: int, number: int = 53) -> tuple[LargeCall, list[int], list[int]]:
    """Build everything in a fresh database; also so many drafts that are ready to be handed in, and one reviewer's
    sheets.
    """
    database.connect_to(dsn)
    await database.open_pool(least=1)
    try:
        await database.migrate()
        call = await large_call.build(proposals)
        await database.rows("VACUUM ANALYZE")  # as in a database that has stood for a while
        drafts = await database.rows(DRAFTS, call.open_key, call.organisation, number)
        sheets = await database.rows(SHEETS)
        return call, [row["id"] for row in drafts], [row["id"] for row in sheets if row["id"] != call.assignment]
    finally:
        await database.close_pool()


async def postmaster(dsn: str) -> int:
    """The first process of the database's server; 0 where it runs elsewhere and is not counted."""
    connection = await asyncpg.connect(dsn)
    try:
        return machine.parent(await connection.fetchval("SELECT pg_backend_pid()"), "postgres")
    finally:
        await connection.close()


def start_up() -> None:
    """What the import of the application costs, once bytecode is there (of scoring, too, for what follows)."""
    scoring = "import app.main, app.papers.xlsx.books, scoring; scoring.rank, scoring.recommend"
    subprocess.run([sys.executable, "-c", scoring], check=True, env=environment())
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", "import app.main"], check=True, env=environment())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    show("import", min(seconds), "s")


def measure(server: str, proposals: int, workers: int = 1) -> None:
    """All figures of a call of one size, in a database of its own."""
    ending = "" if proposals == large_call.PROPOSALS else f"_{proposals}"
    ending += "" if workers == 1 else f"_{workers}_workers"
    asyncio.run(administer(server, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME}"))
    dsn = of(server, NAME)
    call, drafts, sheets = asyncio.run(prepare(dsn, proposals))
    postgres = asyncio.run(postmaster(dsn))
    with serving(dsn, workers) as pid:
        bench = Bench(pid, postgres, call, ending)
        cold(bench)
        warm(bench, drafts, sheets)
    if workers == 1:
        with serving(dsn, application=WATCHED) as pid:
            longest_stay(Bench(pid, postgres, call, ending), sheets)
    asyncio.run(administer(server, f"DROP DATABASE {NAME} WITH (FORCE)"))


def main(sizes: Iterable[tuple[int, int]] = ((1000, 1), (1000, 2))) -> None:
    """Print one line a figure (name, value, unit) for calls of these sizes at so many workers."""
    with tempfile.TemporaryDirectory(prefix="votum-bench-") as folder:
        Path(folder).chmod(0o755)  # root's PostgreSQL runs as somebody else
        named = os.environ.get("DATABASE_URL")
        server = named or embedded.start(Path(folder) / "postgres")
        try:
            start_up()
            for proposals, workers in sizes:
                measure(server, proposals, workers)
        finally:
            if not named:
                embedded.stop(Path(folder) / "postgres")
