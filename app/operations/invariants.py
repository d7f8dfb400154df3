"""What must hold over the whole database at any moment, whoever changed it and however."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from hashlib import sha256

import msgspec

from app import clock, database
from app.database import Row
from app.domain import proposals, rankings, rating_schemes, reviews
from app.domain.call_making import versions
from app.domain.calls import CALL, Call
from app.domain.programmes import facts
from app.domain.rankings.content import Ranking
from app.domain.rating_schemes import Scheme
from app.errors import NotAllowed
from app.papers.dossier import verified, written
from app.papers.provenance import Source
from app.records import audit

SHOWN = 5
STEP = 1000
Finding = Callable[[], AsyncIterator[str]]

QUERIES = {
    "the fingerprint on a receipt is that of what was handed in": """
        SELECT receipt_number FROM submission WHERE encode(sha256(convert_to(content, 'UTF8')), 'hex') <> sha256
    """,
    "no receipt number can be given out twice": """
        SELECT receipt_number FROM submission, receipt_number AS given
        WHERE substring(receipt_number FROM '([0-9]+)$')::bigint >= given.last_value + given.is_called::int
    """,
    "a submitted proposal has its key, a draft has none": """
        SELECT 'proposal ' || p.id FROM proposal p LEFT JOIN submission s ON s.proposal = p.id
        WHERE (p.key IS NULL) <> (s.id IS NULL)
    """,
    "nothing that came after the deadline is admitted": """
        SELECT c.key || '/' || p.key FROM proposal p JOIN submission s ON s.proposal = p.id
        JOIN formal_decision f ON f.proposal = p.id JOIN call c ON c.id = p.call WHERE f.admitted AND s.at >= c.deadline
    """,
    "what is decided formally was submitted, and admitted only with all knock-out gates passed": """
        SELECT c.key || '/' || coalesce(p.key, p.id::text) FROM formal_decision f JOIN proposal p ON p.id = f.proposal
        JOIN call c ON c.id = p.call WHERE NOT EXISTS (SELECT FROM submission s WHERE s.proposal = p.id)
        OR (f.admitted AND EXISTS (SELECT FROM gate_result g WHERE g.proposal = p.id AND NOT g.passed
            AND NOT EXISTS (
                SELECT FROM rating_scheme s, json_array_elements(s.document::json -> 'gates') AS gate(stated)
                WHERE s.id = c.rating_scheme AND stated ->> 'key' = g.gate
                AND NOT coalesce((stated ->> 'ko')::boolean, false)
            )))
    """,
    "a committee that rates has exactly one chair": """
        SELECT k.name FROM committee k JOIN member m ON m.committee = k.id GROUP BY k.id
        HAVING count(*) FILTER (WHERE m.role = 'chair') <> 1
        AND bool_or(EXISTS (SELECT FROM assignment a WHERE a.member = m.id))
    """,
    "only voting members of the call's own committee rate": """
        SELECT 'assignment ' || a.id FROM assignment a JOIN member m ON m.id = a.member
        JOIN committee k ON k.id = m.committee JOIN proposal p ON p.id = a.proposal
        WHERE k.call <> p.call
        OR (m.role = 'advisory' AND EXISTS (SELECT FROM score s WHERE s.assignment = a.id AND s.saved_at >= m.since))
    """,
    "conflicts are between members and proposals of the same call": """
        SELECT 'conflict ' || x.id FROM conflict x JOIN member m ON m.id = x.member
        JOIN committee k ON k.id = m.committee JOIN proposal p ON p.id = x.proposal WHERE k.call <> p.call
    """,
    "an excluded member gave no mark after declaring the conflict": """
        SELECT DISTINCT m.key || ' on ' || p.key FROM conflict x JOIN member m ON m.id = x.member
        JOIN proposal p ON p.id = x.proposal JOIN assignment a ON a.member = x.member AND a.proposal = x.proposal
        JOIN score s ON s.assignment = a.id WHERE x.decision = 'excluded' AND s.saved_at > x.declared_at
    """,
    "no mark and no sheet is later than the end of the rating": """
        SELECT DISTINCT c.key || ': ' || m.key || ' on ' || p.key FROM rating_closure x JOIN call c ON c.id = x.call
        JOIN proposal p ON p.call = c.id JOIN assignment a ON a.proposal = p.id JOIN member m ON m.id = a.member
        WHERE EXISTS (SELECT FROM score s WHERE s.assignment = a.id AND s.saved_at > x.at)
        OR EXISTS (SELECT FROM review r WHERE r.assignment = a.id AND greatest(r.handed_in_at, r.reopened_at) > x.at)
    """,
    "no recommended project starts before the earliest start of its call": """
        SELECT c.key || '/' || p.key FROM recommendation r JOIN proposal p ON p.id = r.proposal
        JOIN call c ON c.id = p.call WHERE r.start_date < c.earliest_start
    """,
    "a frozen ranking has the fingerprint of its content": """
        SELECT c.key || ' no. ' || f.number FROM frozen_ranking f JOIN call c ON c.id = f.call
        WHERE encode(sha256(convert_to(f.content, 'UTF8')), 'hex') <> f.sha256
    """,
    "a published result rests on a frozen ranking of its own call": """
        SELECT c.key FROM result_publication r JOIN call c ON c.id = r.call JOIN frozen_ranking f ON f.id = r.ranking
        WHERE f.call <> r.call OR f.at > r.at
    """,
    "a rating scheme has the fingerprint of its text": """
        SELECT key FROM rating_scheme WHERE encode(sha256(convert_to(document, 'UTF8')), 'hex') <> sha256
    """,
    "a published call has a rating scheme and a deadline": """
        SELECT c.key FROM call c JOIN call_publication p ON p.call = c.id
        WHERE c.rating_scheme IS NULL OR c.deadline IS NULL
    """,
    "every receipt stands in the audit trail with its fingerprint": """
        SELECT s.receipt_number FROM submission s WHERE NOT EXISTS (SELECT FROM audit_entry e
        WHERE e.action = 'proposal.submitted' AND e.object = 'proposal:' || s.proposal
        AND (e.detail IS NULL OR strpos(e.detail, s.sha256) > 0))
    """,
    "every version of a programme is kept, numbered without a gap": """
        SELECT g.key FROM programme g JOIN programme_publication u ON u.programme = g.id
        GROUP BY g.key HAVING max(u.number) <> count(*)
    """,
}
VERSIONS = """
SELECT u.id, g.key, u.number, u.facts FROM programme_publication u JOIN programme g ON g.id = u.programme
WHERE u.id > $1 ORDER BY u.id LIMIT $2
"""
SUBMITTED = """
SELECT p.*, s.content, s.receipt_number,
    coalesce((SELECT json_agg(json_build_object('name', q.name, 'role', q.role, 'task', q.task) ORDER BY q.id)
        FROM partner q WHERE q.proposal = p.id), '[]') AS partners
FROM proposal p JOIN submission s ON s.proposal = p.id WHERE p.id > $1 ORDER BY p.id LIMIT $2
"""
CALL_VERSIONS = """
SELECT v.id, c.key, v.number, v.content, v.sha256 FROM call_version v JOIN call c ON c.id = v.call
WHERE v.id > $1 ORDER BY v.id LIMIT $2
"""
SCORED = """
SELECT a.id AS assignment, c.rating_scheme, c.key || ': ' || m.key || ' on ' || p.key AS place,
    EXISTS (SELECT FROM review r WHERE r.assignment = a.id AND r.reopened_at IS NULL) AS handed_in
FROM assignment a JOIN member m ON m.id = a.member JOIN proposal p ON p.id = a.proposal JOIN call c ON c.id = p.call
WHERE a.id > $1 AND (EXISTS (SELECT FROM score s WHERE s.assignment = a.id)
    OR EXISTS (SELECT FROM review r WHERE r.assignment = a.id))
ORDER BY a.id LIMIT $2
"""
SCORES = """
SELECT assignment, criterion, value, not_assessable, comment, version, saved_at FROM score WHERE assignment = ANY($1)
"""


async def broken() -> list[str]:
    """One line for each invariant that does not hold, with the first places where it does not."""
    lines = []
    for name, finding in INVARIANTS.items():
        places = [place async for place in finding()]
        if places:
            more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
            lines.append(f"broken: {name}: {', '.join(places[:SHOWN])}{more}")
    return lines


async def asked(sql: str) -> AsyncIterator[str]:
    """The places that a query finds."""
    for row in await database.rows(sql):
        yield str(next(iter(row.values())))


async def changed_proposals() -> AsyncIterator[str]:
    """Proposals whose row no longer says what was handed in."""
    async for row in stepwise(SUBMITTED, "id"):
        partners = msgspec.json.decode(row["partners"], type=list[proposals.Partner])
        if proposals.canonical(proposals.said(dict(row)), partners) != row["content"]:
            yield str(row["receipt_number"])


async def unreadable_programmes() -> AsyncIterator[str]:
    """Versions of programmes that nobody can read any more."""
    async for row in stepwise(VERSIONS, "id"):
        try:
            facts.read(row["facts"])
        except msgspec.MsgspecError:
            yield f"{row['key']}, version {row['number']}"


async def impossible_marks() -> AsyncIterator[str]:
    """Marks that the scheme does not know."""
    async for sheet, scheme, scores in sheets():
        for key, score in scores.items():
            if not possible(scheme, key, score):
                yield f"{sheet['place']}, {key}"


def possible(scheme: Scheme, key: str, score: reviews.Score) -> bool:
    """Whether a stored mark is one of the scheme; an item of a checklist stands under criterion/item."""
    criterion, _, item = key.partition("/")
    if any(one.key == criterion for one in scheme.adjustments):
        allowed = next(one.allowed for one in scheme.adjustments if one.key == criterion)
        return score.value is None or score.value in allowed
    known = scheme.by_key.get(criterion)
    if known is None or not known.is_rated:
        return False
    if item:
        return any(option.key == item for option in known.options)
    return score.value is None or score.value in known.known_marks


async def unfinished_sheets() -> AsyncIterator[str]:
    """Sheets that are handed in although a mark or a comment is missing."""
    async for sheet, scheme, scores in sheets():
        readable = all(possible(scheme, key, score) for key, score in scores.items())
        if sheet["handed_in"] and readable and reviews.missing(scheme, scores, "en"):
            yield str(sheet["place"])


async def sheets() -> AsyncIterator[tuple[Row, Scheme, reviews.Scores]]:
    """Every sheet on which something stands, with its scheme and its marks by criterion."""
    batch: list[Row] = []
    async for sheet in stepwise(SCORED, "assignment"):
        batch.append(sheet)
        if len(batch) == STEP:
            async for found in with_marks(batch):
                yield found
            batch = []
    async for found in with_marks(batch):
        yield found


async def with_marks(batch: list[Row]) -> AsyncIterator[tuple[Row, Scheme, reviews.Scores]]:
    """Some sheets with their marks."""
    marks: dict[int, reviews.Scores] = {sheet["assignment"]: {} for sheet in batch}
    for row in await database.rows(SCORES, list(marks)):
        marks[row["assignment"]][row["criterion"]] = database.record(reviews.Score, row)
    for sheet in batch:
        scheme = (await rating_schemes.of(sheet["rating_scheme"])).content
        yield sheet, scheme, marks[sheet["assignment"]]


async def stepwise(sql: str, key: str) -> AsyncIterator[Row]:
    """The rows of a query that goes on after $1 and stops after $2 rows."""
    last = 0
    while batch := await database.rows(sql, last, STEP):
        for row in batch:
            yield row
        last = batch[-1][key]


async def frozen() -> AsyncIterator[tuple[str, Ranking]]:
    """Every frozen ranking as it is stored now, not as it was read before."""
    for row in await database.rows("SELECT id FROM frozen_ranking ORDER BY id"):
        found = await database.row("SELECT number, content FROM frozen_ranking WHERE id = $1", row["id"])
        assert found is not None
        ranking = msgspec.json.decode(found["content"], type=Ranking)
        yield f"{ranking.call} no. {found['number']}", ranking


async def overdrawn_rankings() -> AsyncIterator[str]:
    """Frozen rankings that by themselves recommend more than there is."""
    async for name, ranking in frozen():
        for what in overdrawn(ranking):
            yield f"{name}: {what}"


def overdrawn(ranking: Ranking) -> Iterator[str]:
    """What the recommended take beyond the capacity; where the committee deviated, it gave its reasons."""
    by_rank = [line for line in ranking.recommended if line.automatic == "recommended"]
    places, cents = sum(line.places for line in by_rank), sum(line.grant_cents for line in by_rank)
    if ranking.places_max is not None and places > ranking.places_max:
        yield f"{places} of {ranking.places_max} places"
    if ranking.budget_max_cents is not None and cents > ranking.budget_max_cents:
        yield f"{cents} of {ranking.budget_max_cents} cents"


async def below_minimum() -> AsyncIterator[str]:
    """Recommended without passing, and without the committee's reasons."""
    async for name, ranking in frozen():
        for line in ranking.recommended:
            if (line.rank is None or not line.passed) and not line.reasons:
                yield f"{name}: {line.proposal}"


async def differently_computed() -> AsyncIterator[str]:
    """Calls whose ranking is another one when it is computed again from what a dossier of it holds."""
    ranked = "c.rating_scheme IS NOT NULL AND EXISTS (SELECT FROM submission s JOIN proposal p ON p.id = s.proposal"
    for call in await database.all_of(Call, f"{CALL} WHERE {ranked} WHERE p.call = c.id) ORDER BY c.id"):
        try:
            found = Source(call, await rankings.compute(call), None, clock.now())
            differences = verified.compared(await written.files_of(found, {})).differences
        except (NotAllowed, ValueError) as error:
            differences = [str(error)]
        for difference in differences:
            yield f"{call.key}: {difference}"


async def audit_breaks() -> AsyncIterator[str]:
    """Where the audit chain breaks."""
    _, found = await audit.verify()
    if found:
        yield f"entry {found.seq}: {found.why}"


async def forged_versions() -> AsyncIterator[str]:
    """Public versions of calls that no longer have the fingerprint of what they say."""
    async for row in stepwise(CALL_VERSIONS, "id"):
        said = versions.canonical(json.loads(row["content"]))
        if sha256(said.encode()).hexdigest() != row["sha256"]:
            yield f"{row['key']} no. {row['number']}"


INVARIANTS: dict[str, Finding] = {
    **{name: partial(asked, sql) for name, sql in QUERIES.items()},
    "a version of a call has the fingerprint of what it says": forged_versions,
    "a submitted proposal still says what was handed in": changed_proposals,
    "what was published of a programme can be read": unreadable_programmes,
    "every mark is one that the scheme knows": impossible_marks,
    "every sheet that is handed in is complete": unfinished_sheets,
    "the recommended fit into the capacity": overdrawn_rankings,
    "whatever is recommended has passed, or the committee gave its reasons": below_minimum,
    "every ranking is computed alike from a dossier of it": differently_computed,
    "the audit trail is unbroken": audit_breaks,
}
