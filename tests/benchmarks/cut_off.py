"""The deadline itself: organisations hand in around it, on two servers with two processes each.

Who sent in time must be accepted, however long the queue is; who sent after it never is.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from app import clock, database
from app.identity import sessions
from app.seals import hashed
from tests.benchmarks.load import Visitor, all_at_once, client, show, signed_in
from tests.benchmarks.pages import BASE, PORT

SERVERS, WORKERS = 2, 2
READY, BEFORE, AFTER, LONGEST = 14, 8, 1, 120
CONNECTIONS = 1000  # nobody waits on our side

STORED = """
SELECT p.id, s.at FROM submission s JOIN proposal p ON p.id = s.proposal WHERE p.id = ANY($1)
"""


@dataclass
class CutOff:
    """When each organisation began and ended to send, and what it was told: the proposal -> moments and status."""

    deadline: datetime
    begun: dict[int, datetime] = field(default_factory=dict)
    sent: dict[int, datetime] = field(default_factory=dict)
    told: dict[int, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    async def hand_in(self, visitor: Visitor, proposal: int, due: float) -> None:
        """Send when it is time, so many seconds after the deadline (before it where negative)."""
        await asyncio.sleep((self.deadline - clock.now()).total_seconds() + due)

        async def note(event: str, _info: object) -> None:
            if event == "http11.send_request_headers.started":
                self.begun[proposal] = clock.now()
            elif event == "http11.send_request_body.complete":
                self.sent[proposal] = clock.now()

        cookie = f"{sessions.COOKIE}={visitor.cookie}"
        headers = {"cookie": cookie, "x-csrf-token": hashed(f"csrf {visitor.cookie}"), "hx-request": "true"}
        path, extensions = f"/proposals/{proposal}/submission", {"trace": note}
        try:
            answer = await visitor.client.post(path, headers=headers, extensions=extensions)
            self.told[proposal] = answer.status_code
        except httpx.HTTPError as fault:
            self.faults.append(f"{type(fault).__name__}: {fault}")

    def refused_early(self) -> list[int]:
        """The proposals that were sent before the deadline and refused as late."""
        return [one for one, status in self.told.items() if status == 409 and self.sent[one] < self.deadline]

    def accepted_late(self, stored: dict[int, datetime]) -> list[int]:
        """The proposals that were sent after the deadline and are stored, or are stored as if they had been."""
        return [one for one, at in stored.items() if at >= self.deadline or self.begun[one] >= self.deadline]

    def wrong(self) -> list[str]:
        """Answers that are neither a receipt nor the refusal, and no answers."""
        return self.faults + [f"{one}: {status}" for one, status in self.told.items() if status not in (303, 409)]


@contextmanager
def serving(dsn: str, port: int) -> Iterator[str]:
    """`votum serve` as in production; gives its address."""
    base = f"http://127.0.0.1:{port}"
    env = {**os.environ, "DATABASE_URL": dsn, "VOTUM_BASE_URL": BASE, "VOTUM_SMTP_URL": "", "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "app", "serve", "--port", str(port), "--workers", str(WORKERS)]
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                httpx.get(f"{base}/health/live", trust_env=False)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield base
    finally:
        server.terminate()
        server.wait(30)


async def measure(dsn: str, drafts: dict[int, int]) -> bool:
    """Print all figures; whether everybody was treated right. The drafts, each with its person, are ready."""
    dice = random.Random(2)
    with ExitStack() as stack:
        bases = [stack.enter_context(serving(dsn, PORT + 1 + number)) for number in range(SERVERS)]
        async with client(CONNECTIONS, bases[0]) as one, client(CONNECTIONS, bases[1]) as two:
            visitors = await signed_in(drafts.values(), one)
            visitors[1::2] = [Visitor(two, visitor.cookie) for visitor in visitors[1::2]]
            moments = [dice.uniform(-BEFORE, AFTER) for _ in drafts]
            cut_off = CutOff(clock.now() + timedelta(seconds=READY))
            proposals = list(drafts)
            change = "UPDATE call SET deadline = $1 WHERE id = (SELECT call FROM proposal WHERE id = $2)"
            await database.rows(change, cut_off.deadline, proposals[0])
            everybody = zip(visitors, proposals, moments, strict=True)
            unanswered = await all_at_once((cut_off.hand_in(*each) for each in everybody), LONGEST)
    stored = {row["id"]: row["at"] for row in await database.rows(STORED, proposals)}
    return report(cut_off, stored, unanswered)


def report(cut_off: CutOff, stored: dict[int, datetime], unanswered: int) -> bool:
    """All figures of the cut-off."""
    early, late, wrong = cut_off.refused_early(), cut_off.accepted_late(stored), cut_off.wrong()
    show("burst_sent_in_time", sum(at < cut_off.deadline for at in cut_off.sent.values()), "proposals")
    show("burst_refused_early", len(early), "proposals")
    show("burst_accepted_late", len(late), "proposals")
    show("burst_cut_off_errors", len(wrong) + unanswered, "errors")
    if early:
        margin = max((cut_off.deadline - cut_off.sent[one]).total_seconds() for one in early)
        print(f"refused early by up to {margin * 1000:.1f} ms", file=sys.stderr)
    for line in wrong[:5]:
        print(line, file=sys.stderr)
    return not (early or late or wrong or unanswered)
