"""What a proposal says, and what follows from it: months, sums, shares, the text that is fingerprinted."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app import i18n
from app.i18n import LOCALES, later, translations
from app.i18n import gettext as _

COSTS = {
    "personnel_cents": later("Staff and instruction"),
    "material_cents": later("Material"),
    "work_clothes_cents": later("Work clothes"),
    "travel_cents": later("Travel"),
    "other_direct_cents": later("Other direct costs"),
    "overhead_cents": later("Overhead"),
}
FINANCING = {
    "requested_grant_cents": later("Requested grant"),
    "jobcenter_share_cents": later("Job centre's share"),
    "own_funds_cents": later("Own funds"),
    "third_party_cents": later("Funds of others"),
}
FIELDS = {
    "food_garden": later("Vegetable garden for food banks"),
    "clothing_store": later("Clothing store"),
    "social_support": later("Social and educational support"),
    "furniture_store": later("Furniture store and reuse"),
    "green_care": later("Care of paths and green spaces"),
    "bike_workshop": later("Bicycle workshop"),
    "senior_company": later("Companionship for older people"),
    "school_garden": later("School garden"),
    "heritage_help": later("Care of monuments"),
    "animal_shelter": later("Animal shelter"),
    "digital_help": later("Digital help"),
    "village_house": later("Village hall"),
    "forest_trail": later("Forest trail"),
    "sewing_workshop": later("Sewing workshop"),
}
PARTNER_ROLES = {
    "cooperation_partner": later("Cooperation partner"),
    "subcontractor": later("Subcontractor"),
    "funder": later("Funding body"),
    "other": later("Other role"),
}
UNITS = {
    "persons": later("persons"),
    "places": later("places"),
    "percent": later("percent"),
    "number": later("number"),
}
PLAIN = ("title", "summary", "field", "region", "places", "individual_months", "starts_on", "ends_on")
SCHEMA = "proposal/1"


@dataclass(frozen=True)
class Line:
    """One kind of cost or one source of money, with its share of the sum in percent (one decimal)."""

    name: str
    label: str
    cents: int
    percent: Decimal


@dataclass(frozen=True)
class Totals:
    """What follows from a proposal's own columns, ready to be shown."""

    field: str
    sites: list[str]
    targets: list[dict[str, Any]]
    months: int | None
    costs: list[Line]
    costs_cents: int
    financing: list[Line]
    financing_cents: int
    missing_cents: int
    grant_per_place_month: Decimal | None
    overhead_percent: Decimal | None
    own_funds_percent: Decimal | None

    @property
    def balanced(self) -> bool:
        """Whether there is a plan and its sources cover its costs to the cent."""
        return self.costs_cents > 0 and self.missing_cents == 0


def canonical(row: Mapping[str, Any], partners: Iterable[Mapping[str, Any]]) -> str:
    """The whole content as JSON with sorted keys and no spaces: the same content, the same bytes.

    row: the columns of a proposal; partners: rows with name, role and task, in their order.
    Days as YYYY-MM-DD, money in integer cents, what is blank as null or "".
    The SHA-256 of its UTF-8 bytes is the fingerprint on the receipt.
    """
    content = {
        "schema": SCHEMA,
        **{name: row[name] for name in (*PLAIN, *COSTS, *FINANCING)},
        "sites": sites(row),
        "targets": listed(row["targets"]),
        "attachments": listed(row["attachments"]),
        "partners": [{name: partner[name] for name in ("name", "role", "task")} for partner in partners],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat)


def totals(row: Mapping[str, Any]) -> Totals:
    """Sums, shares and derived numbers of a proposal; row: its columns. What cannot be computed is None."""
    costs, financing = _sum(row, COSTS), _sum(row, FINANCING)
    overhead, own = row["overhead_cents"], row["own_funds_cents"]
    return Totals(
        field=field_name(row["field"]),
        sites=sites(row),
        targets=targets(row),
        months=months(row),
        costs=_lines(row, COSTS, costs),
        costs_cents=costs,
        financing=_lines(row, FINANCING, financing),
        financing_cents=financing,
        missing_cents=costs - financing,
        grant_per_place_month=grant_per_place_month(row),
        overhead_percent=_percent(overhead, costs - overhead, 2),
        own_funds_percent=_percent(own, row["requested_grant_cents"], 2),
    )


def texts(row: Mapping[str, Any], partners: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Every part of a proposal as a text to read and to compare: name of the part -> text."""
    return {
        **{name: str(row[name] if row[name] is not None else "") for name in PLAIN},
        "field": field_name(row["field"]),
        "starts_on": i18n.date(row["starts_on"]),
        "ends_on": i18n.date(row["ends_on"]),
        "sites": "\n".join(sites(row)),
        "partners": "\n".join(f"{partner['name']}: {partner['task']}" for partner in partners),
        **{name: i18n.money(row[name] or 0) for name in (*COSTS, *FINANCING)},
        "targets": "\n".join(f"{found['label']}: {found['target']}" for found in targets(row)),
    }


def months(row: Mapping[str, Any]) -> int | None:
    """Whole months from starts_on to ends_on, both days included; None without a period.

    15.03.2018 to 14.03.2021 is 36.
    """
    start, end = row["starts_on"], row["ends_on"]
    if start is None or end is None or end < start:
        return None
    after = end + timedelta(days=1)
    return int(12 * (after.year - start.year) + after.month - start.month - (after.day < start.day))


def grant_per_place_month(row: Mapping[str, Any]) -> Decimal | None:
    """Requested grant in euro for one place and one month, unrounded; None without places or months."""
    span = months(row)
    if not row["places"] or not span:
        return None
    return Decimal(row["requested_grant_cents"]) / Decimal(100 * row["places"] * span)


def sites(row: Mapping[str, Any]) -> list[str]:
    """The sites of a proposal in the order they were entered."""
    return [str(site) for site in listed(row["sites"])]


def targets(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The targets of a proposal: label, unit, baseline, target, due (a day or None)."""
    return [_target(found) for found in listed(row["targets"])]


def field_name(field: str) -> str:
    """A field of activity in the reader's language; one that nobody foresaw stays as it was written."""
    return _(FIELDS[field]) if field in FIELDS else field


def field_key(typed: str) -> str:
    """The key of a field of activity that was typed by its name in any language; what nobody foresaw stays as it is."""
    return next((key for key, name in FIELDS.items() if typed.casefold() in {key, *_names(name)}), typed)


def _names(name: str) -> set[str]:
    return {translations(language).gettext(name).casefold() for language in LOCALES}


def listed(column: Any) -> list[Any]:
    """A JSON column that holds a list, as the driver (text) or Python (list) gives it."""
    return list(json.loads(column) if isinstance(column, str) else column or [])


def _target(found: Mapping[str, Any]) -> dict[str, Any]:
    due = found.get("due")
    return {
        "label": found.get("label") or found.get("label_de") or "",
        "unit": found.get("unit") or "number",
        "baseline": found.get("baseline"),
        "target": found.get("target"),
        "due": date.fromisoformat(due) if isinstance(due, str) and due else due or None,
    }


def _sum(row: Mapping[str, Any], names: Iterable[str]) -> int:
    return sum(row[name] or 0 for name in names)


def _lines(row: Mapping[str, Any], labels: Mapping[str, str], whole: int) -> list[Line]:
    return [
        Line(name, _(label), row[name] or 0, _percent(row[name] or 0, whole, 1) or Decimal(0))
        for name, label in labels.items()
    ]


def _percent(part: int, whole: int, decimals: int) -> Decimal | None:
    if whole <= 0:
        return None
    return (100 * Decimal(part) / whole).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
