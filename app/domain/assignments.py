"""Assignments: which member is to rate which proposal, and what the sheet asks of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app import clock, database
from app.database import Record
from app.domain import authorities, calls, rating_schemes
from app.domain.conflicts import ADMITTED, BIAS, RATED, RATES, SEES
from app.domain.proposals import Proposal
from app.errors import NotFound
from app.i18n import number
from app.tables.committees import Role
from scoring.scheme.criteria import Criterion as Criterion
from scoring.scheme.criteria import worded
from scoring.scheme.parts import Adjustment as Adjustment
from scoring.scheme.scheme import Scheme

Asked = Criterion | Adjustment
LARGEST_ID = 2**31 - 1

ASSIGN = """
INSERT INTO assignment (member, proposal, at)
SELECT m.id, p.id, $2 FROM committee k
JOIN member m ON m.committee = k.id
JOIN proposal p ON p.call = k.call
"""
MISSING = "NOT EXISTS (SELECT FROM assignment a WHERE a.member = m.id AND a.proposal = p.id)"

HELD = f"""
SELECT p.*, o.name AS organisation_name, a.id AS assignment, a.member, m.person, m.key AS member_key,
    c.key AS call_key, c.title_de, c.title_en, c.rating_scheme, c.opens_at, c.deadline, c.rating_from, c.rating_until,
    t.published_at, t.rating_closed_at, t.result_at, r.handed_in_at, {authorities.OF_CALL}
FROM assignment a
JOIN member m ON m.id = a.member
JOIN proposal p ON p.id = a.proposal
JOIN organisation o ON o.id = p.organisation
JOIN call c ON c.id = p.call
JOIN call_state t ON t.call = c.id
LEFT JOIN review r ON r.assignment = a.id AND r.reopened_at IS NULL
"""  # noqa: S608
SEATS = """
SELECT c.id, c.key, c.title_de, c.title_en, c.rating_scheme, c.opens_at, c.deadline, c.rating_from, c.rating_until,
    t.published_at, t.rating_closed_at, t.result_at, k.name AS committee_name, m.role
FROM member m
JOIN committee k ON k.id = m.committee
JOIN call c ON c.id = k.call
JOIN call_state t ON t.call = c.id AND t.published_at <= $2
WHERE m.person = $1
ORDER BY t.result_at DESC NULLS FIRST, c.rating_until, c.id
"""
SHEETS = """
SELECT a.id, p.call, p.key, p.title, p.places, o.name AS organisation_name, bias.biased AS closed,
    r.handed_in_at, (
        SELECT count(*) FROM score s
        WHERE s.assignment = a.id AND (s.value IS NOT NULL OR s.not_assessable) AND s.criterion NOT LIKE '%/%'
    ) AS given
FROM assignment a
JOIN member m ON m.id = a.member
JOIN proposal p ON p.id = a.proposal
JOIN organisation o ON o.id = p.organisation
LEFT JOIN review r ON r.assignment = a.id AND r.reopened_at IS NULL
"""
NEIGHBOUR = """
SELECT a.id, p.key, p.title FROM assignment a
JOIN member m ON m.id = a.member
JOIN proposal p ON p.id = a.proposal
"""


class Held(Proposal):
    """A proposal on its member's sheet, with its call; handed_in_at is None while the sheet is open."""

    masthead: str
    key: str
    assignment: int
    member: int
    member_key: str
    person: int
    call_key: str
    title_de: str
    title_en: str
    rating_scheme: int
    opens_at: datetime | None
    deadline: datetime | None
    rating_from: date | None
    rating_until: date | None
    published_at: datetime | None
    rating_closed_at: datetime | None
    result_at: datetime | None
    handed_in_at: datetime | None


class RatedCall(Record):
    """A call in whose committee a person sits, with their role there."""

    id: int
    key: str
    title_de: str
    title_en: str
    rating_scheme: int | None
    opens_at: datetime | None
    deadline: datetime | None
    rating_from: date | None
    rating_until: date | None
    published_at: datetime | None
    rating_closed_at: datetime | None
    result_at: datetime | None
    committee_name: str
    role: Role


class Sheet(Record):
    """A sheet in its member's list: closed to them or not, handed in or not, and how many marks are given."""

    id: int
    call: int
    key: str
    title: str
    places: int | None
    organisation_name: str
    closed: bool
    handed_in_at: datetime | None
    given: int


class Neighbour(Record):
    """The sheet before or after another one."""

    id: int
    key: str
    title: str


@dataclass(frozen=True)
class Seat:
    """A seat in the committee of one call, with the sheets that are to be filled in there."""

    call: RatedCall
    sheets: list[Sheet]
    phase: calls.Phase
    asked: int

    @property
    def open(self) -> list[Sheet]:
        """The sheets that are not closed to the member."""
        return [sheet for sheet in self.sheets if not sheet.closed]

    @property
    def due(self) -> list[Sheet]:
        """The sheets that wait to be handed in."""
        return [sheet for sheet in self.open if not sheet.handed_in_at]


# ── giving out, finding ─────────────────────────────────────────────────────────────────────────


async def assign_all(call: int, at: datetime, *, proposal: int | None = None) -> int:
    """Inside a transaction: every voting member is to rate every admitted proposal; returns how many are new.

    With `proposal` only that one is given out. What is assigned already stays as it is.
    """
    only = "p.id = $3" if proposal else "$3::int IS NULL"
    new = await database.rows(
        f"{ASSIGN} WHERE k.call = $1 AND {only} AND {RATES} AND {ADMITTED} AND {MISSING}"
        " ON CONFLICT (member, proposal) DO NOTHING RETURNING id",
        call,
        at,
        proposal,
    )
    return len(new)


async def held_by(person: int, assignment: int) -> Held:
    """A sheet that the person may open; raises NotFound for any other."""
    if not 0 < assignment <= LARGEST_ID:
        raise NotFound
    return await database.found(Held, f"{HELD} {BIAS} WHERE m.person = $1 AND a.id = $2 AND {SEES}", person, assignment)


async def desk_of(person: int, at: datetime | None = None) -> list[Seat]:
    """The person's seats in committees of published calls with their sheets, the unfinished calls first; 2 statements.

    What is closed by a conflict of interest is among the sheets with its key and organisation, marked `closed`.
    """
    now = at or clock.now()
    seats = await database.all_of(RatedCall, SEATS, person, now)
    if not seats:
        return []
    mine = f"{SHEETS} {BIAS} WHERE m.person = $1 AND {RATES} AND {RATED} ORDER BY p.key"
    sheets: dict[int, list[Sheet]] = {}
    for sheet in await database.all_of(Sheet, mine, person):
        sheets.setdefault(sheet.call, []).append(sheet)
    return [
        Seat(call, sheets.get(call.id, []), calls.phase(call, now), await _asked(call.rating_scheme)) for call in seats
    ]


async def neighbours(held: Held) -> tuple[Neighbour | None, Neighbour | None]:
    """The member's sheets before and after this one in the order of the list."""
    mine = f"{NEIGHBOUR} {BIAS} WHERE m.id = $1 AND {SEES} AND p.key"
    found = await database.all_of(
        Neighbour,
        f"({mine} < $2 ORDER BY p.key DESC LIMIT 1) UNION ALL ({mine} > $2 ORDER BY p.key LIMIT 1)",
        held.member,
        held.key,
    )
    before = next((row for row in found if row.key < held.key), None)
    after = next((row for row in found if row.key > held.key), None)
    return before, after


async def next_due(held: Held) -> int | None:
    """The member's next sheet in this call that waits to be handed in, or None."""
    waits = "NOT EXISTS (SELECT FROM review r WHERE r.assignment = a.id AND r.reopened_at IS NULL)"
    found = await database.value(
        f"{NEIGHBOUR} {BIAS} WHERE m.id = $1 AND {SEES} AND {waits} ORDER BY p.key <= $2, p.key LIMIT 1",
        held.member,
        held.key,
    )
    return int(found) if found else None


# ── what the sheet asks ─────────────────────────────────────────────────────────────────────────


def asked(scheme: Scheme) -> dict[str, Asked]:
    """What a member fills in, by key, in the order of the scheme: the rated criteria, then bonus and malus."""
    wanted: tuple[Asked, ...] = (*scheme.rated_criteria, *scheme.adjustments)
    return {one.key: one for one in wanted}


def marks_of(one: Asked) -> tuple[Decimal, ...]:
    """Every mark in points that may be given, in the order of the scheme."""
    return one.marks if isinstance(one, Criterion) else one.allowed


def wordings(scheme: Scheme, one: Asked, language: str) -> dict[Decimal, str]:
    """What the scheme says each mark means: the words of its levels or of the scale; what has none is missing."""
    found: dict[Decimal, str] = {}
    if isinstance(one, Criterion) and one.type == "levels":
        found = {level.points: level.label(language) for level in one.levels}
    elif isinstance(one, Criterion) and one.step is not None:
        found = {mark: worded(scheme.scale_labels.get(mark, {}), language) for mark in one.marks}
    return {mark: word for mark, word in found.items() if word}


def scale_words(scheme: Scheme, language: str) -> list[tuple[str, str]]:
    """What the marks of the scale mean, lowest first: (a mark or a span such as 2–3, its wording)."""
    texts: dict[str, dict[str, str]] = {}
    for each in ("de", "en"):
        labels = scheme.document.get(f"scale_labels_{each}")
        for span, word in (labels if isinstance(labels, dict) else {}).items():
            texts.setdefault(str(span), {})[each] = str(word)
    spans = sorted(texts, key=scheme.marks_within)
    return [
        ("–".join(number(Decimal(end)) for end in span.split("-")), worded(texts[span], language)) for span in spans
    ]


def is_optional(one: Asked) -> bool:
    """Whether the sheet can be handed in without a mark here."""
    return one.optional if isinstance(one, Criterion) else 0 not in one.allowed


def points_of(one: Asked, typed: str | list[str]) -> Decimal:
    """The points of what was entered; raises ValueError for what is not among the marks."""
    if isinstance(one, Criterion):
        return one.points(typed)
    amount = abs(one.signed(typed))
    return next(allowed for allowed in one.allowed if allowed == amount)


def needs_comment(one: Asked, points: Decimal | None) -> bool:
    """Whether a mark needs a written reason; without points it is the word that it cannot be judged, which does."""
    if points is None:
        return True
    return isinstance(one, Criterion) and one.needs_comment(points)


async def _asked(scheme: int | None) -> int:
    return len(asked((await rating_schemes.of(scheme)).content)) if scheme else 0
