"""Exports: what may be taken out of a call, in which form. The same frozen ranking gives the same bytes."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from app import database, i18n
from app.database import Row
from app.domain import calls, rankings
from app.domain.errors import Invalid, NotAllowed
from app.domain.rankings import Ranking, Seal
from app.i18n import gettext as _

MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
FOR_MACHINES = ("csv", "json", "zip")
LAST_CHANGE = "SELECT at FROM audit_entry WHERE call = $1 ORDER BY seq DESC LIMIT 1"


class File(NamedTuple):
    """An export: its bytes, its name and its media type."""

    body: bytes
    name: str
    media_type: str


class Source(NamedTuple):
    """What an export is made from: the call, its list, the seal where the list is frozen, and as of when it is."""

    call: Row
    ranking: Ranking
    seal: Seal | None
    at: datetime

    @property
    def draft(self) -> bool:
        """Whether nothing is frozen yet, so that every sheet must say so."""
        return self.seal is None


Maker = Callable[[Source], Awaitable[bytes]]


async def source(call: Row, as_of: datetime | None = None) -> Source:
    """The newest frozen list (by a moment), else the list as it stands now, marked as a draft.

    A draft is dated by the last change in its call, so that nothing changed gives the same bytes again.
    """
    frozen = await rankings.latest(call["id"], as_of)
    if frozen:
        return Source(call, frozen.ranking, frozen.seal, frozen.seal.at)
    changed = await database.value(LAST_CHANGE, call["id"])
    at = datetime.fromisoformat(changed) if changed else call["created_at"]
    return Source(call, await rankings.current(call), None, at)


async def export(call: Row, what: str, form: str, *, as_of: datetime | None = None, language: str = "de") -> File:
    """One export of a call; raises Invalid where there is no such thing or not in this form, NotAllowed while the
    proposals are sealed.

    CSV, JSON and dossiers are always in German, so that they do not depend on who asks; XLSX and PDF are labelled in
    `language`.
    """
    from app.domain.exports.makers import MAKERS

    maker = MAKERS.get((what, form))
    if maker is None:
        forms = sorted(known for thing, known in MAKERS if thing == what)
        raise Invalid(
            format=_("%(what)s can be exported as %(forms)s.") % {"what": what, "forms": ", ".join(forms)}
            if forms
            else _("There is no export named %(what)s.") % {"what": what}
        )
    if why := calls.why_sealed(call):
        raise NotAllowed(why)
    found = await source(call, as_of)
    body = await _in_language("de" if form in FOR_MACHINES else language, maker, found)
    number = found.seal.number if found.seal else _("draft")
    return File(body, f"{call['key']}-{what}-{number}.{form}", MEDIA[form])


async def _in_language(language: str, maker: Maker, found: Source) -> bytes:
    """Make the export with labels in a language, whatever the asking person reads."""
    context = contextvars.copy_context()
    context.run(i18n.locale.set, language)
    return await asyncio.get_running_loop().create_task(_made(maker, found), context=context)


async def _made(maker: Maker, found: Source) -> bytes:
    return await maker(found)
