"""Funding programmes and their public facts."""

import json
from collections.abc import Mapping
from typing import Any

from app import database
from app.database import Row
from app.domain.errors import NotFound
from app.i18n import later

FACTS = {
    "goal": later("Goal"),
    "target_groups": later("Target groups"),
    "open_to": later("Also open to"),
    "regions": later("Regions"),
    "sites": later("Sites"),
    "model_regions": later("Pilot regions"),
    "rollout": later("Roll-out"),
    "start": later("Start"),
    "period": later("Period"),
    "funding_source": later("Funding source"),
    "funding_sources": later("Funding sources"),
    "grant": later("Public money"),
    "staffing": later("Staff"),
    "steps": later("Steps"),
    "work_packages": later("Work packages"),
    "targets": later("Targets"),
    "roles": later("Who takes part"),
    "constraint_de": later("Condition"),
    "not_to_confuse_with": later("Not to be confused with"),
}


async def public(key: str) -> Row:
    """A programme by its key; raises NotFound."""
    found = await database.row(
        "SELECT g.*, a.name AS authority_name FROM programme g JOIN authority a ON a.id = g.authority WHERE g.key = $1",
        key,
    )
    if found is None:
        raise NotFound
    return found


def facts(programme: Row) -> list[tuple[str, list[str]]]:
    """The facts of a programme as (name, lines of plain text), in a fixed order; unknown ones are left out."""
    known: Mapping[str, Any] = json.loads(programme["facts"] or "{}")
    return [(label, _lines(known[name])) for name, label in FACTS.items() if known.get(name)]


def _lines(value: Any) -> list[str]:
    if isinstance(value, list):
        return [line for one in value for line in [_line(one)] if line]
    return [_line(value)]


def _line(value: Any) -> str:
    """One fact as a line: of a list of facts its words, of a mapping its values that say something."""
    if isinstance(value, Mapping):
        named = value.get("label_de") or value.get("title_de") or value.get("name") or value.get("site")
        if named:
            return str(named)
        return "; ".join(_line(one) for one in value.values() if one not in (None, True, False))
    if isinstance(value, list):
        return ", ".join(_line(one) for one in value)
    return str(value)
