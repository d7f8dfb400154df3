"""Exports: what may be taken out of a call, in which form. The same frozen ranking gives the same bytes."""

import contextvars
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from app import i18n
from app.database import Row
from app.domain import rankings
from app.domain.errors import Invalid
from app.domain.rankings import Ranking, Seal
from app.i18n import gettext as _

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
}


class File(NamedTuple):
    """An export: its bytes, its name and its media type."""

    body: bytes
    name: str
    media_type: str


class Source(NamedTuple):
    """What an export is made from: the call, its list, and the seal where the list is frozen."""

    call: Row
    ranking: Ranking
    seal: Seal | None

    @property
    def draft(self) -> bool:
        """Whether nothing is frozen yet, so that every sheet must say so."""
        return self.seal is None


Maker = Callable[[Source], Awaitable[bytes]]


async def source(call: Row, as_of: datetime | None = None) -> Source:
    """The newest frozen list (by a moment), else the list as it stands now, marked as a draft."""
    frozen = await rankings.latest(call["id"], as_of)
    if frozen:
        return Source(call, frozen.ranking, frozen.seal)
    return Source(call, await rankings.current(call), None)


async def export(call: Row, what: str, form: str, *, as_of: datetime | None = None, language: str = "de") -> File:
    """One export of a call; raises Invalid where there is no such thing or not in this form.

    CSV and JSON are always in German, so that they do not depend on who asks; XLSX and PDF are labelled in `language`.
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
    found = await source(call, as_of)
    body = await _in_language("de" if form in ("csv", "json", "zip") else language, maker, found)
    number = f"-{found.seal.number}" if found.seal else f"-{_('draft')}"
    return File(body, f"{call['key']}-{what}{number}.{form}", MEDIA[form])


async def _in_language(language: str, maker: Maker, found: Source) -> bytes:
    """Make the export with labels in a language, whatever the asking person reads."""
    import asyncio

    context = contextvars.copy_context()
    context.run(i18n.locale.set, language)
    return await asyncio.get_running_loop().create_task(_made(maker, found), context=context)


async def _made(maker: Maker, found: Source) -> bytes:
    return await maker(found)
