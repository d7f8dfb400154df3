"""Calls: who sees them, in which phase they are, and who runs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

from app import clock, database, i18n
from app.database import Record
from app.domain import authorities
from app.i18n import gettext as _
from app.i18n import later
from app.tables.calls import Fill, Procedure

Phase = Literal["draft", "announced", "open", "checking", "rating", "deciding", "result"]
PHASES: dict[Phase, str] = {
    "draft": later("Draft"),
    "announced": later("Announced"),
    "open": later("Open for proposals"),
    "checking": later("Formal check"),
    "rating": later("In rating"),
    "deciding": later("Rating closed"),
    "result": later("Result published"),
}

KINDS: dict[Phase, str] = {
    "open": "success",
    "announced": "info",
    "checking": "info",
    "rating": "info",
    "deciding": "info",
}

TO_DO: dict[
    Phase, tuple[str, str, str]
] = {  # in which phase a call waits for its office: what is to be done, where, until when
    "draft": (later("Finish the call and publish it"), "office", "opens_at"),
    "checking": (later("Check the proposals for completeness"), "intake", "formal_check_until"),
    "deciding": (
        later("Record the recommendations, freeze the ranking, publish the result"),
        "ranking",
        "results_on",
    ),
}

When: TypeAlias = date | datetime | tuple[date, date]
"""A day, a moment, or from one day to another."""

CALL = f"""
SELECT c.*, a.name AS authority_name, {authorities.OF_CALL},
    t.published_at, t.rating_closed_at, t.result_at, t.result_ranking, t.frozen,
    g.key AS programme_key, g.facts ->> 'title_de' AS programme_de,
    coalesce(g.facts ->> 'title_en', '') AS programme_en, k.id AS committee, k.name AS committee_name
FROM call c
JOIN authority a ON a.id = c.authority
JOIN call_state t ON t.call = c.id
LEFT JOIN LATERAL (
    SELECT n.key, u.facts FROM programme n JOIN programme_publication u ON u.programme = n.id
    WHERE n.id = c.programme ORDER BY u.number DESC LIMIT 1
) g ON true
LEFT JOIN committee k ON k.call = c.id
"""  # noqa: S608
ADMINISTERED = f"""
WITH mine AS MATERIALIZED (SELECT d.authority, {authorities.OFFICE} FROM administration d WHERE d.person = $1)
SELECT mine.office, c.* FROM mine
"""  # noqa: S608
TOLD = ("places_max", "min_places", "months_max", "overhead_percent_max", "own_funds_percent_min")
UNFINISHED = f"{CALL} WHERE t.published_at <= $1 AND c.deadline > $1"
RUN_BY = "EXISTS (SELECT FROM administration d WHERE d.authority = c.authority AND d.person = $1)"


class Dated(Protocol):
    """Whatever carries what decides in which phase a call is."""

    @property
    def opens_at(self) -> datetime | None: ...
    @property
    def deadline(self) -> datetime | None: ...
    @property
    def rating_from(self) -> date | None: ...
    @property
    def rating_until(self) -> date | None: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def rating_closed_at(self) -> datetime | None: ...
    @property
    def result_at(self) -> datetime | None: ...


class Call(Record):
    """A call as its row says, with its authority, programme and committee, and what has happened to it (call_state).

    Money in cents; what is not stated is None, a text "". Only a damaged call has no committee.
    """

    id: int
    key: str
    authority: int
    authority_name: str
    masthead: str
    programme: int | None
    programme_key: str | None
    programme_de: str | None
    programme_en: str | None
    committee: int | None
    committee_name: str | None
    rating_scheme: int | None
    form: int | None
    procedure_kind: Procedure
    title_de: str
    title_en: str
    text_de: str
    text_en: str
    target_group_de: str
    target_group_en: str
    contact_name: str
    contact_email: str
    contact_phone: str
    places_max: int | None
    budget_max_cents: int | None
    fill_rule: Fill
    min_places: int | None
    max_grant_per_place_month_cents: int | None
    months_max: int | None
    overhead_percent_max: int | None
    own_funds_percent_min: int | None
    opens_at: datetime | None
    information_event_at: datetime | None
    questions_until: date | None
    deadline: datetime | None
    formal_check_until: date | None
    cure_until: date | None
    rating_from: date | None
    rating_until: date | None
    meeting_at: datetime | None
    notices_on: date | None
    results_on: date | None
    application_until: date | None
    earliest_start: date | None
    published_at: datetime | None
    rating_closed_at: datetime | None
    result_at: datetime | None
    result_ranking: int | None
    frozen: bool
    version: int
    created_at: datetime


class Numbers(Record):
    """What the office wants to see at once: submitted, unchecked and admitted proposals, places in all of them,
    members and open invitations of the committee, frozen rankings.
    """

    submitted: int
    places: int
    unchecked: int
    admitted: int
    members: int
    invited: int
    frozen: int


@dataclass(frozen=True)
class Office:
    """What a person administers: the authorities by name, their calls, and whether the installation."""

    authorities: Sequence[authorities.Office]
    calls: Sequence[Call]
    installation: bool


def told_to_forms(call: Call) -> dict[str, object]:
    """What a call says to the questions of its form, by the names of call.NAME; what it does not say binds nobody."""
    rate = call.max_grant_per_place_month_cents
    found = {
        "max_grant_per_place_month": None if rate is None else Decimal(rate) / 100,
        "budget_max_cents": call.budget_max_cents,
        "earliest_start": call.earliest_start,
        "deadline": call.deadline and call.deadline.astimezone(clock.BERLIN).date(),
        **{name: getattr(call, name) for name in TOLD},
    }
    return {name: value for name, value in found.items() if value is not None}


def phase(call: Dated, at: datetime | None = None) -> Phase:
    """Where in its life a call is at a moment: one of PHASES. Facts decide first, then the clock."""
    now = at or clock.arrived()
    if call.published_at is None or call.published_at > now:
        return "draft"
    if call.result_at:
        return "result"
    if call.rating_closed_at:
        return "deciding"
    if call.opens_at and now < call.opens_at:
        return "announced"
    if call.deadline and now < call.deadline:
        return "open"
    today = now.astimezone(clock.BERLIN).date()
    return "checking" if call.rating_from and today < call.rating_from else "rating"


async def public(key: str) -> Call:
    """A published call; raises NotFound for any other."""
    return await database.found(Call, f"{CALL} WHERE c.key = $1 AND t.published_at <= $2", key, clock.now())


async def published() -> list[Call]:
    """All published calls, the ones open for proposals first, then the latest deadline first."""
    now = clock.now()
    found = await database.all_of(Call, f"{CALL} WHERE t.published_at <= $1 ORDER BY c.deadline DESC, c.key", now)
    return sorted(found, key=lambda call: phase(call, now) != "open")


async def newest(at: datetime) -> list[tuple[Call, Phase]]:
    """The calls whose deadline comes, the next one first, and the one decided last; each with its phase."""
    decided = "c.id = (SELECT call FROM result_publication ORDER BY at DESC LIMIT 1)"
    found = await database.all_of(
        Call, f"{CALL} WHERE t.published_at <= $1 AND (c.deadline > $1 OR {decided}) ORDER BY c.deadline, c.id", at
    )
    return [(call, phase(call, at)) for call in found]


async def open_to(person: int, at: datetime) -> list[Call]:
    """The calls in which a person can start a proposal, the next deadline first; none where they act for nobody."""
    member = "EXISTS (SELECT FROM membership m WHERE m.person = $2)"
    found = await database.all_of(Call, f"{UNFINISHED} AND {member} ORDER BY c.deadline, c.id", at, person)
    return [call for call in found if phase(call, at) == "open"][:20]


async def of_programme(programme: int) -> list[Call]:
    """The published calls of a programme, the latest deadline first."""
    return await database.all_of(
        Call, f"{CALL} WHERE c.programme = $1 AND t.published_at <= $2 ORDER BY c.deadline DESC", programme, clock.now()
    )


async def run_by(person: int, key: str) -> Call:
    """A call that the person administers; raises NotFound for any other."""
    return await database.found(Call, f"{CALL} WHERE c.key = $2 AND {RUN_BY}", person, key)


async def office_of(person: int) -> Office:
    """The authorities that a person administers, by name, and their calls, the newest first. One statement."""
    found = await database.rows(
        f"{ADMINISTERED} LEFT JOIN ({CALL}) c ON c.authority = mine.authority ORDER BY c.created_at DESC, c.id DESC",
        person,
    )
    offices = {authorities.office(text) for text in {row["office"] for row in found} if text}
    mine = sorted(offices, key=lambda one: i18n.sort_key(one.title))
    administered = [database.record(Call, row) for row in found if row["id"]]
    return Office(mine, administered, any(row["office"] is None for row in found))


def why_sealed(call: Call, at: datetime | None = None) -> str | None:
    """Why nobody but its organisation sees a proposal of this call at a moment, or None once the deadline has passed.

    Whoever could read before it could still answer with a proposal of their own. What is refused with this: the
    intake list and its checks, the committee's sheets, the ranking, and every export.
    """
    if call.deadline is None or (at or clock.now()) >= call.deadline:
        return None
    return _("The proposals open at the deadline, %(deadline)s. Until then only their organisations can read them.") % {
        "deadline": i18n.datetime(call.deadline)
    }


def why_closed_for_proposals(call: Dated, at: datetime | None = None) -> str | None:
    """Why no proposal can be handed in at a moment, or None when it can."""
    now = at or clock.arrived()
    state = phase(call, now)
    if state in ("draft", "announced"):
        return _("This call is not open yet.")
    if call.deadline is None or now >= call.deadline or state != "open":
        return _("The deadline has passed. The server clock applied to everyone.")
    return None


def why_closed_for_rating(call: Dated, at: datetime | None = None) -> str | None:
    """Why no mark can be given or changed at a moment, or None when it can."""
    state = phase(call, at)
    if state == "rating":
        return None
    if state in ("deciding", "result"):
        return _("The chair has closed the rating. Marks can no longer be changed.")
    return _("The rating has not begun yet.")


def timetable(call: Call, at: datetime | None = None) -> list[tuple[str, When | None, str]]:
    """The dates of a call in their order: what, when (a day, a moment, or from-to), and done, current or todo.

    What has happened decides first, then the clock: once the result is out everything before it is done, and what was
    planned for later than now is no step any more. Rating and result are over when somebody has ended them.
    """
    now = at or clock.now()
    steps = _steps(call, now)
    reached = max((index for index, (_label, _when, happened) in enumerate(steps) if happened), default=0)
    done = [
        index < reached or (_over(when, now) if happened is None else happened)
        for index, (_label, when, happened) in enumerate(steps)
    ]
    current = done.index(False) if False in done else None
    return [
        (label, when, _word(done[index], index == current))
        for index, (label, when, happened) in enumerate(steps)
        if happened or not done[index] or _begun(when, now)
    ]


def _steps(call: Call, now: datetime) -> list[tuple[str, When, bool | None]]:
    """What is dated, with whether it has happened; None where only the clock says so."""
    published, closed, result = map(_day, (call.published_at, call.rating_closed_at, call.result_at))
    first, last = call.rating_from, closed or call.rating_until
    rating = (first, last) if first and last and first < last else last
    steps: list[tuple[str, When | None, bool | None]] = [
        (_("Call published"), published, call.published_at is not None and call.published_at <= now),
        (_("Information event"), call.information_event_at, None),
        (_("Questions possible until"), call.questions_until, None),
        (_("Deadline for proposals"), call.deadline, None),
        (_("Formal check"), call.formal_check_until, None),
        (_("Rating by the committee"), rating, bool(closed)),
        (_("Meeting of the committee"), call.meeting_at, None),
        (_("Result published") if result else _("Result"), result or call.results_on, bool(result)),
        (_("Earliest start"), call.earliest_start, None),
    ]
    return [(label, when, happened) for label, when, happened in steps if when]


def _word(done: bool, current: bool) -> str:
    return "done" if done else "current" if current else "todo"


def _over(when: When, now: datetime) -> bool:
    last = when[1] if isinstance(when, tuple) else when
    return last < (now if isinstance(last, datetime) else now.astimezone(clock.BERLIN).date())


def _begun(when: When, now: datetime) -> bool:
    first = when[0] if isinstance(when, tuple) else when
    return first <= (now if isinstance(first, datetime) else now.astimezone(clock.BERLIN).date())


def _day(moment: datetime | None) -> date | None:
    return moment and moment.astimezone(clock.BERLIN).date()


async def submitted(call: int) -> tuple[int, int]:
    """How many proposals were submitted for a call, and for how many places together."""
    found = await database.row(
        "SELECT count(*) AS proposals, coalesce(sum(p.places), 0) AS places"
        " FROM proposal p JOIN submission s ON s.proposal = p.id WHERE p.call = $1",
        call,
    )
    return (found["proposals"], found["places"]) if found else (0, 0)


def roughly(number: int) -> tuple[int, bool]:
    """A number rounded down to its first digit, and whether there is more than that: 127 is more than 100."""
    step = 10 ** (len(str(number)) - 1)
    floor = number // step * step
    return floor, number > floor


async def numbers(call: int) -> Numbers:
    """What the office wants to see at once: submitted, unchecked and admitted proposals, members, frozen rankings."""
    return await database.found(
        Numbers,
        """
        SELECT
            (SELECT count(*) FROM proposal p JOIN submission s ON s.proposal = p.id WHERE p.call = $1) AS submitted,
            (SELECT coalesce(sum(p.places), 0) FROM proposal p JOIN submission s ON s.proposal = p.id
                WHERE p.call = $1) AS places,
            (SELECT count(*) FROM proposal p JOIN submission s ON s.proposal = p.id
                LEFT JOIN formal_decision f ON f.proposal = p.id LEFT JOIN withdrawal w ON w.proposal = p.id
                WHERE p.call = $1 AND f.id IS NULL AND w.id IS NULL) AS unchecked,
            (SELECT count(*) FROM proposal p JOIN formal_decision f ON f.proposal = p.id
                WHERE p.call = $1 AND f.admitted) AS admitted,
            (SELECT count(*) FROM member m JOIN committee k ON k.id = m.committee WHERE k.call = $1) AS members,
            (SELECT count(*) FROM invitation i JOIN committee k ON k.id = i.committee
                WHERE k.call = $1 AND i.accepted_at IS NULL) AS invited,
            (SELECT count(*) FROM frozen_ranking WHERE call = $1) AS frozen
        """,
        call,
    )
