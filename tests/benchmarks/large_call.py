"""A call with 1,000 proposals, 60 reviewers and 3 ratings each by 6 criteria, written straight into the tables.

More proposals have more reviewers, so that everybody has about 50 sheets.
"""

from dataclasses import dataclass
from datetime import timedelta

from app import clock, competition_files, database
from app.domain.calls import CALL, Call
from app.identity import sessions

PROPOSALS, RATINGS, SHEETS = 1000, 3, 50

MEMBERS = """
WITH people AS (
    INSERT INTO person (email, name, password_hash, language, email_confirmed_at, active, created_at)
    SELECT 'reviewer' || n || '@example.org', 'Reviewer ' || n, '', 'de', now(), true, now()
    FROM generate_series(1, $2) n
    RETURNING id, email
)
INSERT INTO member (committee, person, key, role, seat, interest_group, since)
SELECT $1, id, 'R' || substring(email FROM '[0-9]+'), 'voting', '', '', now() FROM people
"""
ORGANISATIONS = """
INSERT INTO organisation (name, legal_form, email, seat, created_at)
SELECT 'Organisation ' || n || ' e. V.', 'association', 'bench' || n || '@example.org', 'Auenburg', now()
FROM generate_series(1, $1) n
"""
MANY_PROPOSALS = """
INSERT INTO proposal (call, organisation, key, title, summary, field, region, sites, places, individual_months,
    starts_on, ends_on, personnel_cents, material_cents, work_clothes_cents, travel_cents, other_direct_cents,
    overhead_cents, requested_grant_cents, jobcenter_share_cents, own_funds_cents, third_party_cents, targets,
    attachments, version, created_at, saved_at)
SELECT $1, o.id, 'Q' || lpad(n::text, 5, '0'), 'Vorschlag ' || n || ' für gemeinnützige Arbeit',
    repeat('Menschen arbeiten zusammen und werden dabei begleitet. ', 20), 'green_care', 'Auental', '["Auenburg"]',
    5 + n % 11, 36,
    DATE '2018-03-15', DATE '2021-03-14', 3000000 + n * 1000, 100000, 50000, 40000, 30000, 200000,
    (5 + n % 11) * 36 * (18000 + (n % 60) * 100), 0,
    3000000 + n * 1000 + 420000 - (5 + n % 11) * 36 * (18000 + (n % 60) * 100) + 12000000, 0, '[]', '[]', 1,
    now(), now()
FROM generate_series(1, $2) n JOIN organisation o ON o.name = 'Organisation ' || n || ' e. V.'
"""
SUBMITTED = """
INSERT INTO submission (proposal, receipt_number, at, content, sha256)
SELECT p.id, 'B-' || p.key, $2, '{}', repeat('0', 64) FROM proposal p WHERE p.call = $1 AND p.key LIKE 'Q%'
"""
ADMITTED = """
INSERT INTO formal_decision (proposal, admitted, reason, at)
SELECT p.id, true, '', now() FROM proposal p WHERE p.call = $1 AND p.key LIKE 'Q%'
"""
ASSIGNED = """
INSERT INTO assignment (member, proposal, at)
SELECT m.id, p.id, now()
FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM proposal WHERE call = $1 AND key LIKE 'Q%') p
CROSS JOIN generate_series(0, $3 - 1) r
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM member WHERE committee = $2 AND key LIKE 'R%') m
    ON m.n = (p.n * $3 + r) % $4
"""
SCORED = """
INSERT INTO score (assignment, criterion, value, not_assessable, comment, version, saved_at)
SELECT a.id, 'k' || k, 2 + (a.id * 7 + a.proposal * 3 + k * 5) % 3, false, '', 1, now()
FROM assignment a JOIN proposal p ON p.id = a.proposal JOIN member m ON m.id = a.member
CROSS JOIN generate_series(1, 5) k
WHERE p.call = $1 AND p.key LIKE 'Q%' AND m.key <> 'R1'
"""
HANDED_IN = """
INSERT INTO review (assignment, handed_in_at, reopen_reason)
SELECT a.id, now(), '' FROM assignment a JOIN proposal p ON p.id = a.proposal JOIN member m ON m.id = a.member
WHERE p.call = $1 AND p.key LIKE 'Q%' AND m.key <> 'R1'
"""


@dataclass(frozen=True)
class LargeCall:
    """The call's key, the cookies of those who use it, and what they work on."""

    proposals: int
    key: str
    open_key: str
    administrator: str
    reviewer: str
    assignment: int
    applicant: str
    organisation: int


async def build(proposals: int = PROPOSALS) -> LargeCall:
    """Build the call in an empty, migrated database that is connected."""
    text = competition_files.EXAMPLE.read_text().replace("min_valid_ratings: 4", "min_valid_ratings: 2")
    example = competition_files.read(text.encode())
    open_key = await competition_files.load(example, now_in="open")
    key = await competition_files.load(example, now_in="rating")
    call = await database.one_of(Call, f"{CALL} WHERE c.key = $1", key)
    assert call is not None
    reviewers = max(RATINGS, proposals * RATINGS // SHEETS)
    async with database.write_transaction():
        await database.rows("SET LOCAL statement_timeout = '120s'")
        await database.rows("UPDATE call SET places_max = 4000, budget_max_cents = 4000000000 WHERE id = $1", call.id)
        await database.rows(MEMBERS, call.committee, reviewers)
        await database.rows(ORGANISATIONS, proposals)
        await database.rows(MANY_PROPOSALS, call.id, proposals)
        await database.rows(SUBMITTED, call.id, call.deadline - timedelta(days=1))
        await database.rows(ADMITTED, call.id)
        await database.rows(ASSIGNED, call.id, call.committee, RATINGS, reviewers)
        await database.rows(SCORED, call.id)
        await database.rows(HANDED_IN, call.id)
    await database.rows("ANALYZE")
    reviewer = await database.value("SELECT id FROM person WHERE email = 'reviewer1@example.org'")
    applicant, organisation = await database.row("SELECT person, organisation FROM membership ORDER BY id LIMIT 1") or (
        0,
        0,
    )
    return LargeCall(
        proposals=proposals,
        key=key,
        open_key=open_key,
        administrator=await _cookie(await database.value("SELECT person FROM administration LIMIT 1")),
        reviewer=await _cookie(reviewer),
        assignment=await database.value(
            "SELECT a.id FROM assignment a JOIN member m ON m.id = a.member WHERE m.person = $1"
            " AND NOT EXISTS (SELECT FROM review r WHERE r.assignment = a.id) ORDER BY a.id LIMIT 1",
            reviewer,
        ),
        applicant=await _cookie(applicant),
        organisation=organisation,
    )


async def _cookie(person: int) -> str:
    cookie = await sessions.start_session(person)
    await database.rows("UPDATE session SET expires_at = $1", clock.now() + timedelta(days=1))
    return cookie.value or ""
