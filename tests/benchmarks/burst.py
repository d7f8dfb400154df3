"""The last minute before a deadline: 1,000 organisations hand in within 60 seconds, most of them at the end.

Nobody waits for anybody: a time runs from the click to the receipt on the screen, however long the queue is.
Some click twice at once or come back and click again. Afterwards everything that was acknowledged must be stored:
under a receipt number of its own, with the text whose SHA-256 the receipt names, one mail to the person and one to
the organisation, and one entry in the audit trail. Then the deadline itself, on a fresh database (cut_off).
"""

import asyncio
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from app import competition_files, database
from app.records import audit
from tests.benchmarks import cut_off
from tests.benchmarks.load import Tally, Unexpected, Visitor, all_at_once, client, fresh_database, show, signed_in
from tests.benchmarks.machine import cpu
from tests.benchmarks.pages import serving

PROPOSALS, SECONDS, RUSH = 1000, 60, 20
IN_THE_RUSH, DOUBLED, REPEATED = 0.6, 0.05, 0.05
CONNECTIONS, LONGEST = 200, 240
NUMBER = re.compile(r"<dd>\s*(V-\d+-\d+)\s*</dd>")
FINGERPRINT = re.compile(r"<code>([0-9a-f]{64})</code>")

APPLICANTS = """
WITH people AS (
    INSERT INTO person (email, name, password_hash, language, email_confirmed_at, active, created_at)
    SELECT 'applicant' || n || '@example.org', 'Applicant ' || n, '', 'de', now(), true, now()
    FROM generate_series(1, $1) n
    RETURNING id, name
), organisations AS (
    INSERT INTO organisation (name, legal_form, email, seat, created_at)
    SELECT 'Applicant ' || n, 'association', 'organisation' || n || '@example.org', 'Auenburg', now()
    FROM generate_series(1, $1) n
    RETURNING id, name
)
INSERT INTO membership (person, organisation, since)
SELECT p.id, o.id, now() FROM people p JOIN organisations o USING (name)
"""
DRAFTS = """
INSERT INTO proposal (call, organisation, title, summary, field, region, sites, places, individual_months, starts_on,
    ends_on, personnel_cents, overhead_cents, requested_grant_cents, jobcenter_share_cents, own_funds_cents,
    targets, attachments, created_by, created_at, saved_at)
SELECT c.id, o.id, 'Gemüsegarten von ' || o.name, repeat('Ein Garten für alle. ', 30), 'food_garden', 'Auental',
    '["Auenburg"]', 10, 36, c.earliest_start, (c.earliest_start + interval '3 years' - interval '1 day')::date,
    12000000, 1000000, 7200000, 5400000, 400000, '[]', '[]', m.person, now(), now()
FROM call c CROSS JOIN organisation o JOIN membership m ON m.organisation = o.id
WHERE c.key = $1 AND o.name LIKE 'Applicant %' ORDER BY o.id
RETURNING id, created_by
"""
STORED = """
WITH receipt_mail AS (
    SELECT substring(body FROM 'V-[0-9]+-[0-9]+') AS number, substring(body FROM '[0-9a-f]{64}') AS sha256,
        count(*) AS mails, count(DISTINCT recipient) AS recipients
    FROM mail GROUP BY 1, 2
), entry AS (
    SELECT object, detail::json ->> 'receipt' AS number, detail::json ->> 'sha256' AS sha256, count(*) AS entries
    FROM audit_entry WHERE action = 'proposal.submitted' GROUP BY 1, 2, 3
)
SELECT s.proposal, s.receipt_number AS number, s.sha256,
    encode(sha256(convert_to(s.content, 'UTF8')), 'hex') = s.sha256 AND p.key IS NOT NULL
        AND coalesce(e.entries, 0) = 1 AND coalesce(r.mails, 0) = 2 AND r.recipients = 2 AS whole
FROM submission s JOIN proposal p ON p.id = s.proposal
LEFT JOIN receipt_mail r ON r.number = s.receipt_number AND r.sha256 = s.sha256
LEFT JOIN entry e ON e.object = 'proposal:' || p.id AND e.number = s.receipt_number AND e.sha256 = s.sha256
WHERE p.id = ANY($1)
"""


class Receipt(NamedTuple):
    """What the page with the receipt said."""

    proposal: int
    number: str
    sha256: str


@dataclass
class Burst:
    """The ledger of the organisations: what was acknowledged to them, and what their receipts say."""

    begun: float
    dice: random.Random
    tally: Tally = field(default_factory=Tally)
    acknowledged: set[int] = field(default_factory=set)
    receipts: list[Receipt] = field(default_factory=list)

    async def hand_in(self, visitor: Visitor, proposal: int, due: float) -> None:
        """Click when it is time, so many seconds after the beginning; some click twice, some again a second later."""
        clicks = 2 if self.dice.random() < DOUBLED else 1
        again = self.dice.random() < REPEATED
        moment = self.begun + due
        await asyncio.sleep(moment - time.perf_counter())
        await asyncio.gather(*(self._click(visitor, proposal, moment) for _ in range(clicks)))
        if again:
            await asyncio.sleep(1)
            await self._click(visitor, proposal, time.perf_counter())

    async def _click(self, visitor: Visitor, proposal: int, moment: float) -> None:
        with self.tally.timed(moment):
            await visitor.post(f"/proposals/{proposal}/submission")
            self.acknowledged.add(proposal)
            page = await visitor.get(f"/proposals/{proposal}/receipt")
            self.receipts.append(receipt_of(proposal, page))


def receipt_of(proposal: int, page: str) -> Receipt:
    """What a receipt's page says; raises Unexpected where it is none."""
    number, sha256 = NUMBER.search(page), FINGERPRINT.search(page)
    if number is None or sha256 is None:
        raise Unexpected(f"The page of proposal {proposal} is no receipt")
    return Receipt(proposal, number[1], sha256[1])


def arrivals(dice: random.Random) -> list[float]:
    """When each organisation clicks, in seconds after the beginning."""
    rush = round(PROPOSALS * IN_THE_RUSH)
    calm = [dice.uniform(0, SECONDS - RUSH) for _ in range(PROPOSALS - rush)]
    return calm + [dice.uniform(SECONDS - RUSH, SECONDS) for _ in range(rush)]


async def prepare() -> dict[int, int]:
    """An open call and a ready draft of each organisation: the draft -> its person."""
    await database.migrate()
    example = competition_files.read(competition_files.EXAMPLE.read_bytes())
    key = await competition_files.load(example, now_in="open")
    await database.rows(APPLICANTS, PROPOSALS)
    drafts = await database.rows(DRAFTS, key)
    await database.rows("ANALYZE")
    return {row["id"]: row["created_by"] for row in drafts}


async def lost(burst: Burst, drafts: list[int]) -> set[int]:
    """The proposals of which an acknowledgement, the stored text, the mails and the audit trail do not agree."""
    stored = {row["proposal"]: row for row in await database.rows(STORED, drafts)}
    receipts = set(burst.receipts)
    times = Counter(receipt.number for receipt in receipts)
    missing = burst.acknowledged - stored.keys()
    broken = {proposal for proposal, row in stored.items() if not row["whole"]}
    wrong = {one.proposal for one in receipts if times[one.number] > 1 or not _agrees(one, stored)}
    return missing | broken | wrong


def _agrees(receipt: Receipt, stored: dict[int, database.Row]) -> bool:
    row = stored.get(receipt.proposal)
    return row is not None and (row["number"], row["sha256"]) == (receipt.number, receipt.sha256)


async def measure(dsn: str) -> set[int]:
    """Print all figures and return what was lost."""
    database.connect_to(dsn)
    await database.open_pool(least=1)
    drafts = await prepare()
    async with client(CONNECTIONS) as through:
        visitors = await signed_in(drafts.values(), through)
        with serving(dsn) as pid:
            dice, before = random.Random(1), cpu(pid)
            burst = Burst(time.perf_counter(), dice)
            everybody = zip(visitors, drafts, arrivals(dice), strict=True)
            unanswered = await all_at_once((burst.hand_in(*one) for one in everybody), LONGEST)
            used = cpu(pid) - before
    gone = await lost(burst, list(drafts))
    _, break_ = await audit.verify()
    assert break_ is None, break_
    await database.close_pool()
    report(burst, len(gone), unanswered, used)
    return gone


def report(burst: Burst, gone: int, unanswered: int, used: float) -> None:
    """All figures; the server's processor time includes the receipts' pages and the repeated clicks."""
    show("burst_submissions", len(burst.acknowledged), "proposals")
    show("burst_lost", gone, "proposals")
    show("burst_errors", len(burst.tally.faults) + unanswered, "errors")
    for share in (50, 95, 99):
        show(f"burst_p{share}", burst.tally.milliseconds(share / 100), "ms")
    show("burst_cpu", used / max(1, len(burst.acknowledged)) * 1000, "ms", 2)
    burst.tally.tell_faults()


def main() -> None:
    """Print one line a figure: name, value, unit. Leaves with an error where anything was lost."""
    with fresh_database("votum_bench_burst") as dsn:
        gone = asyncio.run(measure(dsn))
    with fresh_database("votum_bench_cut_off") as dsn:
        right = asyncio.run(at_the_deadline(dsn))
    if gone:
        sys.exit(f"Lost or in disagreement: proposals {sorted(gone)[:20]}")
    if not right:
        sys.exit("Somebody was refused early or accepted late, or had no proper answer.")


async def at_the_deadline(dsn: str) -> bool:
    """Whether everybody was treated right around the deadline."""
    database.connect_to(dsn)
    await database.open_pool(least=1)
    right = await cut_off.measure(dsn, await prepare())
    await database.close_pool()
    return right


if __name__ == "__main__":
    main()
