"""What a proposal says, and what follows from it: months, sums, shares, the text that is fingerprinted."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

import msgspec

from app import i18n
from app.database import Record
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


class Measured(Protocol):
    """Whatever carries what the numbers of a proposal are computed from."""

    @property
    def places(self) -> int | None: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...
    @property
    def requested_grant_cents(self) -> int: ...


class Content(Record):
    """What a proposal says; what is not said is None or "". sites, targets and attachments are lists, also as JSON."""

    title: str
    summary: str
    field: str
    region: str
    places: int | None
    individual_months: int | None
    starts_on: date | None
    ends_on: date | None
    personnel_cents: int
    material_cents: int
    work_clothes_cents: int
    travel_cents: int
    other_direct_cents: int
    overhead_cents: int
    requested_grant_cents: int
    jobcenter_share_cents: int
    own_funds_cents: int
    third_party_cents: int
    sites: Any
    targets: Any
    attachments: Any


class Partner(Record):
    """Another body that takes part in a proposal, and what it does there."""

    name: str
    role: str
    task: str


class Proposal(Content):
    """A proposal with its organisation."""

    id: int
    call: int
    organisation: int
    organisation_name: str
    version: int
    saved_at: datetime


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


def said(entered: Mapping[str, Any]) -> Content:
    """What was entered, as the content of a proposal."""
    return msgspec.convert({"attachments": [], **entered}, Content)


def partners(entered: Mapping[str, Any]) -> list[Partner]:
    """The partners that were entered."""
    return msgspec.convert(entered["partners"], list[Partner])


def canonical(row: Content, partners: Iterable[Partner]) -> str:
    """The whole content as JSON with sorted keys and no spaces: the same content, the same bytes.

    partners in their order.
    Days as YYYY-MM-DD, money in integer cents, what is blank as null or "".
    The SHA-256 of its UTF-8 bytes is the fingerprint on the receipt.
    """
    content = {
        "schema": SCHEMA,
        **{name: getattr(row, name) for name in (*PLAIN, *COSTS, *FINANCING)},
        "sites": sites(row),
        "targets": listed(row.targets),
        "attachments": listed(row.attachments),
        "partners": [{"name": one.name, "role": one.role, "task": one.task} for one in partners],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat)


def totals(row: Content) -> Totals:
    """Sums, shares and derived numbers of a proposal. What cannot be computed is None."""
    costs, financing = _sum(row, COSTS), _sum(row, FINANCING)
    overhead, own = row.overhead_cents, row.own_funds_cents
    return Totals(
        field=field_name(row.field),
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
        own_funds_percent=_percent(own, row.requested_grant_cents, 2),
    )


def texts(row: Content, partners: Iterable[Partner]) -> dict[str, str]:
    """Every part of a proposal as a text to read and to compare: name of the part -> text."""
    return {
        **{name: "" if (said := getattr(row, name)) is None else str(said) for name in PLAIN},
        "field": field_name(row.field),
        "starts_on": i18n.date(row.starts_on),
        "ends_on": i18n.date(row.ends_on),
        "sites": "\n".join(sites(row)),
        "partners": "\n".join(f"{partner.name}: {partner.task}" for partner in partners),
        **{name: i18n.money(getattr(row, name)) for name in (*COSTS, *FINANCING)},
        "targets": "\n".join(f"{found['label']}: {found['target']}" for found in targets(row)),
    }


def months(row: Measured) -> int | None:
    """Whole months from starts_on to ends_on, both days included; None without a period.

    15.03.2018 to 14.03.2021 is 36.
    """
    start, end = row.starts_on, row.ends_on
    if start is None or end is None or end < start:
        return None
    after = end + timedelta(days=1)
    return int(12 * (after.year - start.year) + after.month - start.month - (after.day < start.day))


def grant_per_place_month(row: Measured) -> Decimal | None:
    """Requested grant in euro for one place and one month, unrounded; None without places or months."""
    span = months(row)
    if not row.places or not span:
        return None
    return Decimal(row.requested_grant_cents) / Decimal(100 * row.places * span)


def sites(row: Content) -> list[str]:
    """The sites of a proposal in the order they were entered."""
    return [str(site) for site in listed(row.sites)]


def targets(row: Content) -> list[dict[str, Any]]:
    """The targets of a proposal: label, unit, baseline, target, due (a day or None)."""
    return [_target(found) for found in listed(row.targets)]


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


def _sum(row: Content, names: Iterable[str]) -> int:
    return sum(getattr(row, name) for name in names)


def _lines(row: Content, labels: Mapping[str, str], whole: int) -> list[Line]:
    return [
        Line(name, _(label), cents, _percent(cents, whole, 1) or Decimal(0))
        for name, label in labels.items()
        for cents in (getattr(row, name),)
    ]


def _percent(part: int, whole: int, decimals: int) -> Decimal | None:
    if whole <= 0:
        return None
    return (100 * Decimal(part) / whole).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
