"""The rating scheme of a call: uploaded, or taken over from an earlier call of the same authority."""

import asyncio
from datetime import datetime

from app import database
from app.database import write_transaction
from app.domain import rating_schemes
from app.domain.calls import Call
from app.domain.rating_schemes import Scheme
from app.domain.rating_schemes.drafts import Draft
from app.errors import NotAllowed, NotFound
from app.i18n import gettext as _
from app.records import events

READING = asyncio.Semaphore(1)  # one file after the other, beside the event loop: a large one takes seconds
ATTACH = """
UPDATE call SET rating_scheme = $2, version = version + 1, written_by = $3 WHERE id = $1
AND NOT EXISTS (SELECT FROM call_publication WHERE call = $1) RETURNING id
"""


def why_scheme_stands(call: Call) -> str | None:
    """Why the rating scheme cannot be changed now, or None."""
    if call.published_at:
        return _("The rating scheme cannot be changed, since the call is published.")
    return None


async def upload_scheme(call: Call, content: bytes, *, by: int, at: datetime) -> Scheme:
    """Take a `rating-scheme/1` file for a call; raises Invalid with every fault and its place."""
    if why := why_scheme_stands(call):
        raise NotAllowed(why)
    async with READING:
        scheme = await asyncio.to_thread(rating_schemes.read, content)
    async with write_transaction():
        await _attach(call.id, await rating_schemes.keep(scheme, call.authority, by=by, at=at), by=by, at=at)
    return scheme


async def use_draft(draft: Draft, *, by: int, at: datetime) -> Scheme:
    """Use a draft for the call that it is written for; raises Invalid with every fault, NotAllowed for a public one."""
    if draft.why_closed or draft.kept.call is None:
        raise NotAllowed(draft.why_closed or "")
    async with READING:
        scheme = await asyncio.to_thread(rating_schemes.proved, draft.proposed)
    async with write_transaction():
        kept = await rating_schemes.keep(scheme, draft.kept.authority, by=by, at=at)
        await _attach(draft.kept.call, kept, by=by, at=at)
    return scheme


async def take_over_scheme(call: Call, scheme: int, *, by: int, at: datetime) -> None:
    """Use a scheme of an earlier call of the same authority; raises NotFound for any other."""
    if why := why_scheme_stands(call):
        raise NotAllowed(why)
    if scheme not in {one.id for one in await rating_schemes.used_by(call.authority)}:
        raise NotFound
    async with write_transaction():
        await _attach(call.id, scheme, by=by, at=at)


async def _attach(call: int, scheme: int, *, by: int, at: datetime) -> None:
    if await database.row(ATTACH, call, scheme, by) is None:
        raise NotAllowed(_("The rating scheme cannot be changed, since the call is published."))
    await events.happened(by, "call.scheme_chosen", f"call:{call}", call=call, detail={"scheme": scheme}, at=at)
