"""Which export is made by what."""

import json
from collections.abc import Callable
from typing import Any

from app.domain.exports import Maker, Source, csv_text, tables
from app.domain.exports.tables import Table


def as_csv(table: Callable[[Source], Any]) -> Maker:
    """A maker of CSV from a table."""

    async def make(found: Source) -> bytes:
        return csv_text.text(await _table(table, found))

    return make


def as_json(table: Callable[[Source], Any]) -> Maker:
    """A maker of JSON from a table: what it is, where it comes from, and one object a row."""

    async def make(found: Source) -> bytes:
        content = await _table(table, found)
        rows = [
            {name: None if value is None else _plain(value) for name, value in zip(content.columns, row, strict=True)}
            for row in content.rows
        ]
        head = {
            "call": found.call["key"],
            "draft": found.draft,
            "ranking": found.seal.number if found.seal else None,
            "sha256": found.seal.sha256 if found.seal else None,
        }
        return (json.dumps({**head, "rows": rows}, ensure_ascii=False, indent=1) + "\n").encode()

    return make


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int) else csv_text.plain(value)


async def _table(table: Callable[[Source], Any], found: Source) -> Table:
    made = table(found)
    return made if isinstance(made, Table) else await made


def decision_list(found: Source) -> Table:
    return tables.decision_list(found.ranking)


def ranking_list(found: Source) -> Table:
    return tables.ranking_list(found.ranking)


def scores(found: Source) -> Table:
    return tables.scores(found.ranking)


MAKERS: dict[tuple[str, str], Maker] = {
    ("decision-list", "csv"): as_csv(decision_list),
    ("decision-list", "json"): as_json(decision_list),
    ("ranking", "csv"): as_csv(ranking_list),
    ("ranking", "json"): as_json(ranking_list),
    ("scores", "csv"): as_csv(scores),
    ("scores", "json"): as_json(scores),
}
