"""Calls: who sees them, in which phase they are, and who runs them."""

from collections.abc import Sequence
from datetime import datetime

from app import clock, database
from app.database import Row
from app.domain.errors import NotFound
from app.i18n import gettext as _
from app.i18n import later

PHASES = {
    "draft": later("Draft"),
    "announced": later("Announced"),
    "open": later("Open for proposals"),
    "checking": later("Formal check"),
    "rating": later("In rating"),
    "deciding": later("Rating closed"),
    "result": later("Result published"),
}

CALL = """
SELECT c.*, a.name AS authority_name, p.at AS published_at, x.at AS rating_closed_at, r.at AS result_at,
    r.ranking AS result_ranking, g.key AS programme_key, g.title_de AS programme_de, g.title_en AS programme_en,
    k.id AS committee
FROM call c
JOIN authority a ON a.id = c.authority
LEFT JOIN programme g ON g.id = c.programme
LEFT JOIN call_publication p ON p.call = c.id
LEFT JOIN rating_closure x ON x.call = c.id
LEFT JOIN result_publication r ON r.call = c.id
LEFT JOIN committee k ON k.call = c.id
"""
RUN_BY = "EXISTS (SELECT FROM administration d WHERE d.authority = c.authority AND d.person = $1)"


def phase(call: Row, at: datetime | None = None) -> str:
    """Where in its life a call is at a moment: one of PHASES. Facts decide first, then the clock."""
    now = at or clock.now()
    if call["published_at"] is None or call["published_at"] > now:
        return "draft"
    if call["result_at"]:
        return "result"
    if call["rating_closed_at"]:
        return "deciding"
    if call["opens_at"] and now < call["opens_at"]:
        return "announced"
    if call["deadline"] and now < call["deadline"]:
        return "open"
    today = now.astimezone(clock.BERLIN).date()
    return "checking" if call["rating_from"] and today < call["rating_from"] else "rating"


async def public(key: str) -> Row:
    """A published call; raises NotFound for any other."""
    found = await database.row(f"{CALL} WHERE c.key = $1 AND p.at <= $2", key, clock.now())
    if found is None:
        raise NotFound
    return found


async def published() -> list[Row]:
    """All published calls, the ones open for proposals first, then the latest deadline first."""
    now = clock.now()
    found = await database.rows(f"{CALL} WHERE p.at <= $1 ORDER BY c.deadline DESC, c.key", now)
    return sorted(found, key=lambda call: phase(call, now) != "open")


async def run_by(person: int, key: str) -> Row:
    """A call that the person administers; raises NotFound for any other."""
    found = await database.row(f"{CALL} WHERE c.key = $2 AND {RUN_BY}", person, key)
    if found is None:
        raise NotFound
    return found


async def all_run_by(person: int) -> Sequence[Row]:
    """The calls that the person administers, the newest first."""
    return await database.rows(f"{CALL} WHERE {RUN_BY} ORDER BY c.created_at DESC, c.id DESC", person)


def why_closed_for_proposals(call: Row, at: datetime | None = None) -> str | None:
    """Why no proposal can be handed in at a moment, or None when it can."""
    now = at or clock.now()
    state = phase(call, now)
    if state in ("draft", "announced"):
        return _("This call is not open yet.")
    if call["deadline"] is None or now >= call["deadline"] or state != "open":
        return _("The deadline has passed. By the server's clock it was the cut-off for everybody.")
    return None


def why_closed_for_rating(call: Row, at: datetime | None = None) -> str | None:
    """Why no mark can be given or changed at a moment, or None when it can."""
    state = phase(call, at)
    if state == "rating":
        return None
    if state in ("deciding", "result"):
        return _("The chair has closed the rating. Marks can no longer be changed.")
    return _("The rating has not begun yet.")
