"""Exports: what may be taken out of a call, in which form. The same frozen ranking gives the same bytes."""

import asyncio
import json
from datetime import datetime
from typing import Any, NamedTuple

from app import i18n
from app.domain import calls
from app.errors import Invalid, NotAllowed
from app.i18n import gettext as _
from app.i18n import later
from app.papers import csv_text, lists, provenance
from app.papers.dossier import written
from app.papers.lists import Table
from app.papers.pdf import letters, minutes, printed, sheets, typeset
from app.papers.provenance import Source
from app.records.memory import Memory

MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
FORMS = {
    "decision-list": ("csv", "json", "xlsx", "pdf"),
    "ranking": ("csv", "json", "xlsx", "pdf"),
    "scores": ("csv", "json", "xlsx"),
    "intake-list": ("csv", "json", "xlsx", "pdf"),
    "minutes": ("pdf",),
    "rating-sheets": ("pdf",),
    "letters": ("csv", "pdf"),
    "dossier": ("zip",),
}
EVERY = [(what, form) for what, forms in FORMS.items() for form in forms]
FOR_MACHINES = ("csv", "json", "zip")
TITLES = {
    "decision-list": later("Decision list"),
    "ranking": later("Ranking"),
    "scores": later("Single marks"),
    "intake-list": later("Intake list"),
}
OF_RANKING = {"decision-list": lists.decision_list, "ranking": lists.ranking_list, "scores": lists.scores}
PRINTED = {
    "decision-list": ("list", printed.decision_list),
    "ranking": ("list", printed.ranking_list),
    "intake-list": ("list", printed.intake_list),
    "minutes": ("minutes", minutes.minutes),
    "rating-sheets": ("sheets", sheets.rating_sheets),
    "letters": ("letters", letters.letters),
}
_written: Memory[tuple[str, str, str], bytes] = Memory(most=8)


class File(NamedTuple):
    """An export: its bytes, its name and its media type."""

    body: bytes
    name: str
    media_type: str


async def export(
    call: calls.Call, what: str, form: str, *, as_of: datetime | None = None, language: str = "de"
) -> File:
    """One export of a call; raises Invalid where there is no such thing or not in this form, NotAllowed while the
    proposals are sealed.

    CSV, JSON and dossiers are always in German, so that they do not depend on who asks; XLSX and PDF are labelled in
    `language`.
    """
    if form not in FORMS.get(what, ()):
        raise Invalid(
            format=_("%(what)s can be exported as %(forms)s.") % {"what": what, "forms": ", ".join(sorted(FORMS[what]))}
            if what in FORMS
            else _("There is no export named %(what)s.") % {"what": what}
        )
    if why := calls.why_sealed(call):
        raise NotAllowed(why)
    found = await provenance.source(call, as_of)
    with i18n.speaking("de" if form in FOR_MACHINES else language):
        content = await body(found, what, form)
    number = found.seal.number if found.seal else _("draft")
    return File(content, f"{call.key}-{what}-{number}.{form}", MEDIA[form])


async def body(found: Source, what: str, form: str) -> bytes:
    """The bytes of an export in one of its FORMS, in the language that is spoken."""
    if form == "zip":
        return await written.dossier(found)
    if form == "pdf":
        template, data = PRINTED[what]
        return await typeset.rendered(template, printed.cleaned(await data(found)))
    table = await _table(found, what)
    if form == "csv":
        return await asyncio.to_thread(csv_text.text, table)
    if form == "json":
        return await asyncio.to_thread(_json, found, table)
    return await _workbook(found, what, table)


async def _table(found: Source, what: str) -> Table:
    if what == "intake-list":
        return await lists.intake_list(found.call)
    if what == "letters":
        return await letters.table(found)
    return await asyncio.to_thread(OF_RANKING[what], found.ranking)


def _json(found: Source, table: Table) -> bytes:
    """What it is, where it comes from, and one object a row."""
    rows = [
        {name: None if value is None else _plain(value) for name, value in zip(table.columns, row, strict=True)}
        for row in table.rows
    ]
    head = {
        "call": found.call.key,
        "draft": found.draft,
        "ranking": found.seal.number if found.seal else None,
        "sha256": found.ranking.sha256,
    }
    return (json.dumps({**head, "rows": rows}, ensure_ascii=False, indent=1) + "\n").encode()


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int) else csv_text.plain(value)


async def _workbook(found: Source, what: str, table: Table) -> bytes:
    """The workbook, written beside the event loop; one with the whole calculation once a process: a second's work."""
    from app.papers.xlsx import books  # slow: the writer of workbooks

    if what not in ("decision-list", "ranking"):
        return await asyncio.to_thread(books.plain, found, _(TITLES[what]), table)
    key = (what, i18n.locale.get(), str(provenance.facts(found)))
    return _written.get(key) or _written.keep(
        key, await asyncio.to_thread(books.calculated, found, _(TITLES[what]), table)
    )
