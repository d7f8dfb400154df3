"""Which export is made by what."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from app import i18n, pdf
from app.domain.exports import Maker, Source, csv_text, dossier, letters, minutes, printed, sheets, stamps, tables
from app.domain.exports.tables import Table
from app.domain.rankings import Ranking
from app.i18n import gettext as _
from app.i18n import later

TableOf = Callable[[Source], Awaitable[Table]]
DataOf = Callable[[Source], Awaitable[printed.Data]]

TITLES = {
    "decision-list": later("Decision list"),
    "ranking": later("Ranking"),
    "scores": later("Single marks"),
    "intake-list": later("Intake list"),
}
KEEP_WORKBOOKS = 8
_written: dict[tuple[str, str, str], bytes] = {}


def of_ranking(table: Callable[[Ranking], Table]) -> TableOf:
    """A table that the ranking alone makes."""

    async def make(found: Source) -> Table:
        return table(found.ranking)

    return make


async def intake_list(found: Source) -> Table:
    """The intake list of the call."""
    return await tables.intake_list(found.call)


def as_csv(table: TableOf) -> Maker:
    """A maker of CSV from a table."""

    async def make(found: Source) -> bytes:
        return csv_text.text(await table(found))

    return make


def as_json(table: TableOf) -> Maker:
    """A maker of JSON from a table: what it is, where it comes from, and one object a row."""

    async def make(found: Source) -> bytes:
        content = await table(found)
        rows = [
            {name: None if value is None else _plain(value) for name, value in zip(content.columns, row, strict=True)}
            for row in content.rows
        ]
        head = {
            "call": found.call["key"],
            "draft": found.draft,
            "ranking": found.seal.number if found.seal else None,
            "sha256": found.ranking.sha256,
        }
        return (json.dumps({**head, "rows": rows}, ensure_ascii=False, indent=1) + "\n").encode()

    return make


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int) else csv_text.plain(value)


def as_workbook(what: str, table: TableOf) -> Maker:
    """A maker of XLSX from a table, written beside the event loop."""

    async def make(found: Source) -> bytes:
        from app.domain.exports import spreadsheets

        return await asyncio.to_thread(spreadsheets.plain, found, _(TITLES[what]), await table(found))

    return make


def as_calculation(what: str, table: TableOf) -> Maker:
    """A maker of XLSX with the whole calculation. The same list is written once a process: it is a second's work."""

    async def make(found: Source) -> bytes:
        from app.domain.exports import spreadsheets

        key = (what, i18n.locale.get(), str(stamps.facts(found)))
        if key not in _written:
            while len(_written) >= KEEP_WORKBOOKS:
                _written.pop(next(iter(_written)))
            content = await table(found)
            _written[key] = await asyncio.to_thread(spreadsheets.calculated, found, _(TITLES[what]), content)
        return _written[key]

    return make


def as_pdf(template: str, data: DataOf) -> Maker:
    """A maker of PDF from a template and its data, set beside the event loop."""

    async def make(found: Source) -> bytes:
        return await pdf.rendered(template, printed.cleaned(await data(found)))

    return make


decision_list = of_ranking(tables.decision_list)
ranking_list = of_ranking(tables.ranking_list)
scores = of_ranking(tables.scores)

MAKERS: dict[tuple[str, str], Maker] = {
    ("decision-list", "csv"): as_csv(decision_list),
    ("decision-list", "json"): as_json(decision_list),
    ("decision-list", "xlsx"): as_calculation("decision-list", decision_list),
    ("decision-list", "pdf"): as_pdf("list", printed.decision_list),
    ("ranking", "csv"): as_csv(ranking_list),
    ("ranking", "json"): as_json(ranking_list),
    ("ranking", "xlsx"): as_calculation("ranking", ranking_list),
    ("ranking", "pdf"): as_pdf("list", printed.ranking_list),
    ("scores", "csv"): as_csv(scores),
    ("scores", "json"): as_json(scores),
    ("scores", "xlsx"): as_workbook("scores", scores),
    ("intake-list", "csv"): as_csv(intake_list),
    ("intake-list", "json"): as_json(intake_list),
    ("intake-list", "xlsx"): as_workbook("intake-list", intake_list),
    ("intake-list", "pdf"): as_pdf("list", printed.intake_list),
    ("minutes", "pdf"): as_pdf("minutes", minutes.minutes),
    ("rating-sheets", "pdf"): as_pdf("sheets", sheets.rating_sheets),
    ("letters", "csv"): as_csv(letters.table),
    ("letters", "pdf"): as_pdf("letters", letters.letters),
    ("dossier", "zip"): dossier.dossier,
}
