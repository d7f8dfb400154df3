"""Recommendations: what the committee recommends, frozen for good, and made public.

The committee recommends; the granting body decides. Nothing here is a grant.
"""

from collections.abc import Mapping
from datetime import date, datetime

from app import database, i18n
from app.database import write_transaction
from app.domain import rankings, words
from app.domain.calls import Call
from app.domain.rankings.content import RECOMMENDED, Placed, Ranking, Seal
from app.errors import Conflict, Invalid, NotAllowed
from app.i18n import gettext as _
from app.i18n import later
from app.records import events

UNRATED = ("", "withdrawn", "rejected_formally")
CHOICES = ("", "recommended", "reserve", "not_recommended")
STATUSES = {**rankings.STATUSES, "": later("as the ranking says")}


def why_closed(call: Call, line: Placed | None = None) -> str | None:
    """Why no recommendation can be edited now, or none about this line, or None."""
    if call.result_at:
        return _("The result is published. Recommendations can no longer be changed.")
    if line and line.automatic in UNRATED:
        return _("There is nothing to recommend: this proposal was not rated.")
    return None


async def start_asked_for(proposal: int) -> date | None:
    """When the organisation wants to start; one statement."""
    asked: date | None = await database.value("SELECT starts_on FROM proposal WHERE id = $1", proposal)
    return asked


async def edit(
    call: Call,
    key: str,
    *,
    status: str,
    start_date: date | None,
    conditions: str,
    reasons: str,
    version: int,
    by: int,
    at: datetime,
) -> None:
    """Keep what the committee recommends for one proposal beside what the ranking says.

    An empty status follows the ranking; another one deviates from it and needs reasons.
    Raises Invalid at the field, NotAllowed once published, Conflict where somebody else was faster.
    """
    if why := why_closed(call):
        raise NotAllowed(why)
    line = (await rankings.current(call)).line(key)
    if start_date == line.start_date and (status or line.automatic) not in RECOMMENDED:
        start_date = None  # the form was filled in with it
    _check(call, line.automatic, status, start_date, conditions, reasons)
    async with write_transaction():
        entered = {"status": status, "start_date": start_date, "conditions": conditions, "reasons": reasons}
        await _keep(line.id, entered, version, by=by, at=at)
        await events.happened(
            by,
            "recommendation.edited",
            f"proposal:{line.id}",
            call=call.id,
            detail={"proposal": key, **entered},
            at=at,
        )


def _check(call: Call, automatic: str, status: str, start: date | None, conditions: str, reasons: str) -> None:
    faults = {}
    final = status or automatic
    if automatic in UNRATED:
        faults["status"] = _("There is nothing to recommend: this proposal was not rated.")
    if status and status != automatic and not reasons:
        faults["reasons"] = _("Please give reasons: this deviates from the ranking.")
    if start and call.earliest_start and start < call.earliest_start:
        faults["start_date"] = _("The earliest start of this call is %(date)s.") % {
            "date": i18n.date(call.earliest_start)
        }
    if start and final not in RECOMMENDED:
        faults["start_date"] = _("Only a recommended proposal has a start date.")
    if conditions and final not in RECOMMENDED:
        faults["conditions"] = _("Only a recommended proposal can have conditions.")
    if faults:
        raise Invalid(faults)


async def _keep(proposal: int, entered: Mapping[str, object], version: int, *, by: int, at: datetime) -> None:
    values = (proposal, *entered.values(), by, at)
    if version == 0:
        kept = await database.row(
            "INSERT INTO recommendation (proposal, status, start_date, conditions, reasons, by, at, version)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, 1) ON CONFLICT (proposal) DO NOTHING RETURNING id",
            *values,
        )
    else:
        kept = await database.row(
            "UPDATE recommendation SET status = $2, start_date = $3, conditions = $4, reasons = $5, by = $6, at = $7,"
            " version = version + 1 WHERE proposal = $1 AND version = $8 RETURNING id",
            *values,
            version,
        )
    if kept is None:
        theirs = await database.row("SELECT * FROM recommendation WHERE proposal = $1", proposal)
        raise Conflict(
            _("Somebody else changed this recommendation while you were writing."),
            mine=_worded(entered),
            theirs=_worded(theirs or {}),
        )


def _worded(values: Mapping[str, object]) -> dict[str, str]:
    return words.worded(values, words.RECOMMENDATION, {"status": STATUSES})


def why_not_frozen(call: Call, ranking: Ranking) -> str | None:
    """Why the ranking cannot be frozen now, or None."""
    if call.result_at:
        return _("The result is published.")
    if not call.rating_closed_at:
        return _("The chair has not closed the rating yet.")
    if any(line.status == "" for line in ranking.lines):
        return _("The formal check of some proposals is not finished.")
    if unfounded := [line.proposal for line in ranking.lines if line.departure and not line.reasons]:
        return _("This departs from the ranking and has no reasons yet: %(keys)s.") % {"keys": ", ".join(unfounded)}
    if not ranking.lines:
        return _("There is no submitted proposal.")
    return None


async def freeze(call: Call, why: str = "", *, by: int | None, at: datetime) -> Seal:
    """Freeze the ranking with its recommendations: immutable, with its SHA-256, who and when.

    An unchanged ranking stays under its number. Raises NotAllowed.
    """
    async with write_transaction():
        await database.row("SELECT id FROM call WHERE id = $1 FOR UPDATE", call.id)
        ranking = await rankings.compute(call)
        if reason := why_not_frozen(call, ranking):
            raise NotAllowed(reason)
        frozen = await rankings.seals(call.id)
        if frozen and frozen[0].sha256 == ranking.sha256:  # a second click
            return frozen[0]
        return await keep_frozen(call, ranking, why, by=by, at=at)


async def keep_frozen(call: Call, ranking: Ranking, why: str, *, by: int | None, at: datetime) -> Seal:
    """Inside a transaction: store a ranking under the call's next number."""
    text, fingerprint = rankings.packed(ranking)
    found = await database.row(
        "INSERT INTO frozen_ranking (call, number, by, at, why, content, sha256) VALUES"
        " ($1, (SELECT coalesce(max(number), 0) + 1 FROM frozen_ranking WHERE call = $1), $2, $3, $4, $5, $6)"
        " RETURNING id, number",
        call.id,
        by,
        at,
        why,
        text,
        fingerprint,
    )
    assert found is not None
    await events.happened(
        by,
        "ranking.frozen",
        f"frozen_ranking:{found['id']}",
        call=call.id,
        detail={"number": found["number"], "sha256": fingerprint, "why": why},
        at=at,
    )
    return (await rankings.by_id(found["id"])).seal


def why_not_published(call: Call, newest: Seal | None, ranking: Ranking) -> str | None:
    """Why the result cannot be published now, or None."""
    if call.result_at:
        return _("The result is already published.")
    if newest is None:
        return _("Freeze the ranking first.")
    if ranking.sha256 != newest.sha256:
        return _("Something has changed since the ranking was frozen. Freeze it again first.")
    return None


async def publish(call: Call, *, by: int | None, at: datetime) -> None:
    """Make the result of the newest frozen ranking public. Raises NotAllowed."""
    async with write_transaction():
        await database.row("SELECT id FROM call WHERE id = $1 FOR UPDATE", call.id)
        newest = next(iter(await rankings.seals(call.id)), None)
        reason = why_not_published(call, newest, await rankings.compute(call))
        if reason or newest is None:
            raise NotAllowed(reason or "")
        done = await database.row(
            "INSERT INTO result_publication (call, ranking, by, at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (call) DO NOTHING RETURNING id",
            call.id,
            newest.id,
            by,
            at,
        )
        if done is None:
            raise NotAllowed(_("The result is already published."))
        await events.happened(
            by,
            "result.published",
            f"frozen_ranking:{newest.id}",
            call=call.id,
            detail={"sha256": newest.sha256},
            at=at,
        )
