"""Writing a proposal: a draft may be incomplete; whoever saves an outdated version sees both texts."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NoReturn

from app import database
from app.database import write_transaction
from app.domain.proposals import content, reading
from app.domain.proposals.reading import Own
from app.errors import Conflict, NotAllowed, NotFound
from app.i18n import gettext as _
from app.records import events

START = """
INSERT INTO proposal (call, organisation, title, created_by, created_at, saved_at)
SELECT $2, m.organisation, $4, m.person, $5, $5 FROM membership m WHERE m.person = $1 AND m.organisation = $3
RETURNING id
"""
SAVE = """
UPDATE proposal p SET
    title = n.title, summary = n.summary, field = n.field, region = n.region, sites = n.sites, places = n.places,
    individual_months = n.individual_months, starts_on = n.starts_on, ends_on = n.ends_on,
    personnel_cents = n.personnel_cents, material_cents = n.material_cents, work_clothes_cents = n.work_clothes_cents,
    travel_cents = n.travel_cents, other_direct_cents = n.other_direct_cents, overhead_cents = n.overhead_cents,
    requested_grant_cents = n.requested_grant_cents, jobcenter_share_cents = n.jobcenter_share_cents,
    own_funds_cents = n.own_funds_cents, third_party_cents = n.third_party_cents, targets = n.targets,
    version = p.version + 1, saved_at = $3
FROM jsonb_populate_record(NULL::proposal, $4::jsonb) n
WHERE p.id = $1 AND p.version = $2
RETURNING p.version
"""
PARTNERS = """
INSERT INTO partner (proposal, organisation, name, role, task)
SELECT $1, (SELECT o.id FROM organisation o WHERE lower(o.name) = lower(n.name)), n.name, n.role, n.task
FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS n (name, role, task, place)
ORDER BY n.place
"""
COPY = """
INSERT INTO proposal (call, organisation, title, summary, field, region, sites, places, individual_months, starts_on,
    ends_on, personnel_cents, material_cents, work_clothes_cents, travel_cents, other_direct_cents, overhead_cents,
    requested_grant_cents, jobcenter_share_cents, own_funds_cents, third_party_cents, targets,
    created_by, created_at, saved_at)
SELECT call, organisation, title, summary, field, region, sites, places, individual_months, starts_on,
    ends_on, personnel_cents, material_cents, work_clothes_cents, travel_cents, other_direct_cents, overhead_cents,
    requested_grant_cents, jobcenter_share_cents, own_funds_cents, third_party_cents, targets,
    $2, $3, $3
FROM proposal WHERE id = $1 RETURNING id
"""
COPY_PARTNERS = """
INSERT INTO partner (proposal, organisation, name, role, task)
SELECT $2, organisation, name, role, task FROM partner WHERE proposal = $1 ORDER BY id
"""


async def start(call: int, organisation: int, title: str, *, by: int, at: datetime) -> int:
    """A new draft of an organisation that the person acts for; its id. Raises NotFound for another organisation."""
    async with write_transaction():
        found = await database.value(START, by, call, organisation, title, at)
        if found is None:
            raise NotFound
        await events.happened(by, "proposal.started", f"proposal:{found}", call=call, detail={"title": title}, at=at)
        return int(found)


async def save(held: Own, version: int, entered: Mapping[str, Any], *, by: int, at: datetime) -> int:
    """Store what was entered over the version it was written on; returns the new version.

    held: the proposal as `held_by` gave it; entered: the columns of the content, and partners (name, role, task).
    Raises Conflict with both texts where it was saved or handed in meanwhile.
    """
    async with write_transaction():
        values = json.dumps({**entered, "partners": None}, default=date.isoformat)
        saved = None
        if not held.submitted_at:
            saved = await database.value(SAVE, held.id, version, at, values)
        if saved is None:
            await _refuse(held, entered)
        await database.rows("DELETE FROM partner WHERE proposal = $1", held.id)
        columns = ([partner[name] for partner in entered["partners"]] for name in ("name", "role", "task"))
        await database.rows(PARTNERS, held.id, *columns)
        await events.happened(
            by, "proposal.saved", f"proposal:{held.id}", call=held.call, detail={"version": saved}, at=at
        )
        return int(saved)


async def copy(held: Own, *, by: int, at: datetime) -> int:
    """A new draft with the content of one that was withdrawn or formally rejected; its id.

    Raises NotAllowed where that is closed.
    """
    if why := reading.why_closed_for_copy(held, at):
        raise NotAllowed(why)
    async with write_transaction():
        found: int = await database.value(COPY, held.id, by, at)
        await database.rows(COPY_PARTNERS, held.id, found)
        await events.happened(
            by,
            "proposal.started",
            f"proposal:{found}",
            call=held.call,
            detail={"title": held.title, "copied_from": held.id},
            at=at,
        )
        return found


async def discard(held: Own, *, by: int, at: datetime) -> None:
    """A draft that was never handed in is deleted for good. Raises NotAllowed for any other."""
    if why := reading.why_closed_for_change(held):
        raise NotAllowed(why)
    async with write_transaction():
        unsent = await database.value(
            "SELECT p.id FROM proposal p WHERE p.id = $1 AND p.version = $2 FOR UPDATE", held.id, held.version
        )
        if unsent is None:
            raise NotAllowed(_("This proposal was changed meanwhile. Please look at it again first."))
        await database.rows("DELETE FROM partner WHERE proposal = $1", held.id)
        await database.rows("DELETE FROM proposal WHERE id = $1", held.id)
        await events.happened(
            by,
            "proposal.discarded",
            f"proposal:{held.id}",
            call=held.call,
            detail={"title": held.title},
            at=at,
        )


async def _refuse(held: Own, entered: Mapping[str, Any]) -> NoReturn:
    stored = await database.one_of(content.Content, "SELECT * FROM proposal WHERE id = $1 FOR UPDATE", held.id)
    if stored is None:
        raise NotFound
    sent = await database.value("SELECT at FROM submission WHERE proposal = $1", held.id)
    message = (
        _("This proposal was handed in meanwhile. What was handed in can no longer be changed.")
        if sent
        else _("This proposal was saved while you were working on it. Nothing is lost: both texts are shown below.")
    )
    mine = content.texts(content.said(entered), content.partners(entered))
    theirs = content.texts(stored, await reading.partners(held.id))
    differing = [name for name in mine if mine[name] != theirs[name]]
    raise Conflict(message, {name: mine[name] for name in differing}, {name: theirs[name] for name in differing})
