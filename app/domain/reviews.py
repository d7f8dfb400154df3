"""Reviews: the marks of one member for one proposal, handed in as one sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from app import database, seals
from app.database import Record, Row, write_transaction
from app.domain import assignments, calls
from app.domain.assignments import Asked, Held
from app.domain.conflicts import BIAS, BIASED, RATED, RATES
from app.domain.rating_schemes import Scheme
from app.errors import Conflict, Invalid, NotAllowed
from app.i18n import gettext as _
from app.i18n import number
from app.records import events

NOT_ASSESSABLE = "none"
NOTHING = "nothing"

HANDED_IN = """
SELECT a.id, p.key AS proposal, m.key AS member, NOT bias.biased AS counts
FROM review r
JOIN assignment a ON a.id = r.assignment
JOIN member m ON m.id = a.member
JOIN proposal p ON p.id = a.proposal
"""
SEEN = f"""
SELECT r.assignment, min(r.reopened_at) AS at
FROM review r
JOIN assignment a ON a.id = r.assignment
JOIN proposal p ON p.id = a.proposal
WHERE p.call = $1 AND r.reopened_at IS NOT NULL AND EXISTS (
    SELECT FROM review o
    JOIN assignment b ON b.id = o.assignment AND b.proposal = p.id AND b.member <> a.member
    JOIN member m ON m.id = b.member AND {RATES}
    CROSS JOIN LATERAL (
        SELECT greatest(r.handed_in_at, o.handed_in_at) AS since, least(r.reopened_at, o.reopened_at) AS until
    ) open
    WHERE open.since < open.until AND NOT EXISTS (
        SELECT FROM conflict x WHERE x.member = m.id AND x.proposal = p.id AND x.declared_at <= open.since
            AND (x.decision = 'excluded' OR x.decided_at >= open.until)
    )
)
GROUP BY r.assignment
"""  # noqa: S608
"""The sheets of a call that were reopened after another's handed-in sheet was open to their member, and when first."""

MARKS = """
SELECT t.proposal, t.member, s.criterion, s.value, s.not_assessable, s.comment,
    coalesce(s.saved_at >= n.at, false) AS after_seeing, t.counts
FROM sheet t JOIN score s ON s.assignment = t.id AND s.criterion NOT LIKE '%/%'
LEFT JOIN seen n ON n.assignment = t.id
ORDER BY t.proposal, t.member, s.criterion
"""
AFTER_SEEING = """
SELECT p.key, p.title, n.name, e.at, (
    SELECT count(*) FROM score s WHERE s.assignment = a.id AND s.saved_at >= e.at AND s.criterion NOT LIKE '%/%'
) AS marks
FROM seen e
JOIN assignment a ON a.id = e.assignment
JOIN member m ON m.id = a.member
JOIN person n ON n.id = m.person
JOIN proposal p ON p.id = a.proposal
"""
OTHERS = """
SELECT s.criterion, s.value, s.not_assessable, s.comment, m.id AS member
FROM review r
JOIN assignment a ON a.id = r.assignment
JOIN member m ON m.id = a.member
JOIN proposal p ON p.id = a.proposal
JOIN score s ON s.assignment = a.id AND s.criterion NOT LIKE '%/%'
"""
SCORES = "SELECT criterion, value, not_assessable, comment, version, saved_at FROM score WHERE assignment = $1"
SAVE = """
WITH saved AS (
    INSERT INTO score (assignment, criterion, value, not_assessable, comment, version, saved_at)
    SELECT $1, $2, $3, $4, $5, 1, $6
    WHERE NOT EXISTS (SELECT FROM rating_closure x WHERE x.call = $8)
        AND NOT EXISTS (SELECT FROM review r WHERE r.assignment = $1 AND r.reopened_at IS NULL)
    ON CONFLICT (assignment, criterion) DO UPDATE
        SET value = $3, not_assessable = $4, comment = $5, version = score.version + 1, saved_at = $6
        WHERE score.version = $7
    RETURNING criterion, value, not_assessable, comment, version, saved_at
)
SELECT * FROM saved UNION ALL
SELECT criterion, value, not_assessable, comment, version, saved_at FROM score WHERE assignment = $1 AND criterion <> $2
"""
SAVE_ITEM = """
INSERT INTO score (assignment, criterion, value, saved_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (assignment, criterion) DO UPDATE SET value = $3, version = score.version + 1, saved_at = $4
"""
HAND_IN = """
INSERT INTO review (assignment, handed_in_at) SELECT $1, $2
WHERE NOT EXISTS (SELECT FROM rating_closure x WHERE x.call = $3) ON CONFLICT DO NOTHING RETURNING id
"""
REOPEN = """
UPDATE review SET reopened_at = $2, reopen_reason = $3 WHERE assignment = $1 AND reopened_at IS NULL
    AND NOT EXISTS (SELECT FROM rating_closure x WHERE x.call = $4) RETURNING id
"""


class Score(Record):
    """What is kept for one criterion of a sheet; the items of a checklist are kept likewise."""

    criterion: str
    value: Decimal | None
    not_assessable: bool
    comment: str
    version: int
    saved_at: datetime


Scores = dict[str, Score]


class Other(Record):
    """Another member's mark; member is a number that tells nothing."""

    criterion: str
    value: Decimal | None
    not_assessable: bool
    comment: str
    member: int


class AfterSeeing(Record):
    """A sheet that was reopened at a moment after others' marks could be seen; marks: how many were saved since."""

    key: str
    title: str
    name: str
    at: datetime
    marks: int


@dataclass(frozen=True)
class Entered:
    """What a member enters for one criterion, and the version of what they saw before (0 for nothing).

    value: points, None where nothing is given or where it cannot be judged. chosen: the items of a checklist.
    """

    value: Decimal | None = None
    not_assessable: bool = False
    comment: str = ""
    chosen: tuple[str, ...] = ()
    version: int = 0


class _Outrun(Exception):
    """Something else happened since the page was read; nothing is written."""


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


async def marks(call: int) -> list[Row]:
    """Every mark of the sheets that are handed in, by proposal, member and criterion; proposal and member are keys.

    `counts` is False for all marks of a member who is biased towards the proposal: they are kept, but no longer count.
    Sheets that are open (again), of advisory members, of withdrawn or rejected proposals are not among them.
    A blank value means: not given, or not to be judged where `not_assessable` is set. `after_seeing`: the mark was
    saved after others' marks for the proposal could be seen.
    """
    sheets = f"{HANDED_IN} {BIAS} WHERE p.call = $1 AND r.reopened_at IS NULL AND {RATES} AND {RATED}"
    return await database.rows(f"WITH sheet AS MATERIALIZED ({sheets}), seen AS MATERIALIZED ({SEEN}) {MARKS}", call)


async def after_seeing(call: int, without: Sequence[int] = ()) -> list[AfterSeeing]:
    """The sheets that were reopened after others' marks could be seen.

    `without` are proposals that the reader may not know of.
    """
    return await database.all_of(
        AfterSeeing,
        f"WITH seen AS MATERIALIZED ({SEEN}) {AFTER_SEEING} {BIAS}"
        f" WHERE {RATES} AND {RATED} AND NOT {BIASED} AND p.id <> ALL ($2::int[]) ORDER BY p.key, m.id",
        call,
        list(without),
    )


async def scores_of(assignment: int) -> Scores:
    """The marks of one sheet by criterion; the items of a checklist under `criterion/item`."""
    return {score.criterion: score for score in await database.all_of(Score, SCORES, assignment)}


async def others(held: Held) -> list[Other]:
    """The others' marks for a proposal, once the own sheet is handed in.

    The numbers stand for members in an order that only the server's secret gives: it tells nothing, is the same at
    every look, and differs from sheet to sheet. Sheets of biased members are not among them.
    """
    if held.handed_in_at is None:
        return []
    found = await database.all_of(
        Other,
        f"{OTHERS} {BIAS} WHERE p.id = $1 AND m.id <> $2 AND r.reopened_at IS NULL AND {RATES} AND NOT {BIASED}",
        held.id,
        held.member,
    )
    number = seals.numbered(f"sheet {held.assignment}", (one.member for one in found))
    return sorted((replace(one, member=number[one.member]) for one in found), key=lambda one: one.member)


def missing(scheme: Scheme, scores: Mapping[str, Score], language: str) -> dict[str, str]:
    """What keeps a sheet from being handed in: the field's id -> a sentence that names the criterion."""
    faults = {}
    for key, one in assignments.asked(scheme).items():
        score = scores.get(key)
        if lacks_mark(score):
            if not assignments.is_optional(one):
                faults[f"mark-{key}"] = _("%(criterion)s: no mark yet.") % {"criterion": one.label(language)}
        elif lacks_comment(one, score):
            faults[f"comment-{key}"] = _("%(criterion)s: the reason is missing.") % {"criterion": one.label(language)}
    return faults


def lacks_mark(score: Score | None) -> bool:
    """Whether neither a mark was given nor the word that it cannot be judged."""
    return score is None or (score.value is None and not score.not_assessable)


def lacks_comment(one: Asked, score: Score | None) -> bool:
    """Whether a mark still needs its written reason."""
    if score is None or lacks_mark(score) or score.comment:
        return False
    return assignments.needs_comment(one, score.value)


def points(scores: Mapping[str, Score]) -> dict[str, Decimal | None]:
    """Points by criterion for the total; None for what cannot be judged, nothing for what is not given."""
    return {key: row.value for key, row in scores.items() if "/" not in key and not lacks_mark(row)}


def chosen(scores: Mapping[str, Score], key: str) -> set[str]:
    """The ticked items of a checklist."""
    return {name.partition("/")[2] for name, row in scores.items() if name.startswith(f"{key}/") and row.value}


# ── marking ─────────────────────────────────────────────────────────────────────────────────────


def why_closed(held: Held, at: datetime | None = None) -> str | None:
    """Why no mark of this sheet can be changed at a moment (default: now), or None."""
    if why := calls.why_closed_for_rating(held, at):
        return why
    return _("This sheet is handed in. Reopen it to change something.") if held.handed_in_at else None


def read(one: Asked, typed: Sequence[str], comment: str, version: int) -> Entered:
    """What was entered for a criterion; raises Invalid(value=...) where it is not among the marks.

    typed: the mark, or the ticked items of a checklist; `none` cannot be judged, `nothing` no item applies.
    """
    given = [text for text in typed if text]
    if not given:
        return Entered(comment=comment, version=version)
    if NOT_ASSESSABLE in given:
        if len(given) > 1:
            raise Invalid(value=_("Please choose either marks, or that it cannot be judged."))
        return Entered(None, True, comment, version=version)
    is_list = getattr(one, "type", "") == "checklist"
    items = [item for item in given if item != NOTHING]
    try:
        value = assignments.points_of(one, items if is_list else _plain(given[-1]))
    except ValueError as error:
        raise Invalid(value=_allowed(one)) from error
    return Entered(value, False, comment, tuple(items) if is_list else (), version)


async def save_score(held: Held, one: Asked, entered: Entered, *, at: datetime) -> Scores:
    """Keep one mark; returns all marks of the sheet as they are now.

    Raises NotAllowed where the sheet is closed, NotFound where it is no longer the member's, and Conflict with both
    texts where the mark was changed elsewhere since it was read. The audit entry comes first: its lock puts marks
    and the chair's closing in one order, and the statement after it looks again whether the sheet is open.
    """
    if why := why_closed(held, at):
        raise NotAllowed(why)
    try:
        return await _saved(held, one, entered, at=at)
    except _Outrun:
        return await _outrun(held, one, entered, at=at)


async def _saved(held: Held, one: Asked, entered: Entered, *, at: datetime) -> Scores:
    async with write_transaction():
        await events.happened(
            held.person,
            "score.saved",
            f"assignment:{held.assignment}",
            call=held.call,
            touches=(),  # what is typed counts when it is handed in
            detail={
                "proposal": held.key,
                "member": held.member_key,
                "criterion": one.key,
                "value": entered.value,
                "chosen": entered.chosen,
                "not_assessable": entered.not_assessable,
                "comment": entered.comment,
            },
            at=at,
        )
        mark = (entered.value, entered.not_assessable, entered.comment)
        stored = await database.all_of(Score, SAVE, held.assignment, one.key, *mark, at, entered.version, held.call)
        scores = {score.criterion: score for score in stored}
        if one.key not in scores:
            raise _Outrun
        if items := [option.key for option in getattr(one, "options", ())]:
            ticked = [(held.assignment, f"{one.key}/{item}", int(item in entered.chosen), at) for item in items]
            await database.many(SAVE_ITEM, ticked)
            scores = await scores_of(held.assignment)
    return scores


async def _outrun(held: Held, one: Asked, entered: Entered, *, at: datetime) -> Scores:
    fresh = await assignments.held_by(held.person, held.assignment)
    if why := why_closed(fresh, at):
        raise NotAllowed(why)
    scores = await scores_of(held.assignment)
    theirs = scores[one.key]
    now = (theirs.value, theirs.not_assessable, theirs.comment, chosen(scores, one.key))
    if now == (entered.value, entered.not_assessable, entered.comment, set(entered.chosen)):
        return scores
    raise Conflict(
        _("This mark was changed in another window in the meantime."),
        mine={"value": shown(entered.value, entered.not_assessable), "comment": entered.comment},
        theirs={
            "value": shown(theirs.value, theirs.not_assessable),
            "comment": theirs.comment,
            "version": str(theirs.version),
        },
    )


def _plain(typed: str) -> str:
    """A number as people write it: 1_0 and digits of other scripts are none."""
    if not typed.isascii() or "_" in typed:
        raise ValueError(typed)
    return typed


def shown(value: Decimal | None, not_assessable: bool) -> str:
    """A mark in words: its points, that it cannot be judged, or that there is none."""
    if not_assessable:
        return _("cannot be judged")
    return _("no mark") if value is None else number(value.normalize())


def _allowed(one: Asked) -> str:
    """What would be a mark here, as one sentence."""
    marks = assignments.marks_of(one)
    if getattr(one, "type", "") == "points":
        bounds = {"least": number(marks[0]), "most": number(marks[-1])}
        return _("Please enter points from %(least)s to %(most)s, with at most one decimal.") % bounds
    return _("Please choose one of these marks: %(marks)s.") % {"marks": ", ".join(number(mark) for mark in marks)}


# ── handing in ──────────────────────────────────────────────────────────────────────────────────


async def hand_in(held: Held, scheme: Scheme, language: str, *, at: datetime) -> None:
    """Hand in a complete sheet: from now on it counts, and its member sees the others' marks. Twice is once.

    Raises Invalid with every criterion that lacks a mark or a reason, NotAllowed where the rating is closed.
    """
    if held.handed_in_at:
        return
    if why := why_closed(held, at):
        raise NotAllowed(why)
    try:
        async with write_transaction():
            await _record(held, "review.handed_in", at=at)
            if faults := missing(scheme, await scores_of(held.assignment), language):
                raise Invalid(faults)
            if not await database.value(HAND_IN, held.assignment, at, held.call):
                raise _Outrun
    except _Outrun:
        fresh = await assignments.held_by(held.person, held.assignment)
        if fresh.handed_in_at is None:
            raise NotAllowed(why_closed(fresh, at) or "") from None


def why_closed_for_reopening(held: Held, at: datetime | None = None) -> str | None:
    """Why a sheet cannot be reopened at a moment (default: now), or None when it can."""
    if why := calls.why_closed_for_rating(held, at):
        return why
    return None if held.handed_in_at else _("This sheet is open.")


async def reopen(held: Held, reason: str, *, at: datetime) -> None:
    """Open a handed-in sheet again, for a reason that is kept; until it is handed in again it does not count."""
    if why := why_closed_for_reopening(held, at):
        raise NotAllowed(why)
    if not reason:
        raise Invalid(reason=_("Please state why you want to change your rating."))
    async with write_transaction():
        await _record(held, "review.reopened", reason=reason, at=at)
        if not await database.value(REOPEN, held.assignment, at, reason, held.call):
            raise NotAllowed(_("This sheet was changed in the meantime. Please reload the page."))


async def _record(held: Held, action: str, *, at: datetime, **detail: str) -> None:
    await events.happened(
        held.person,
        action,
        f"assignment:{held.assignment}",
        call=held.call,
        detail={"proposal": held.key, "member": held.member_key, **detail},
        at=at,
    )
