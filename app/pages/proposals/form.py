"""The form in which a proposal is written: shape and type only, for a draft may be incomplete."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec.structs import asdict

from app import i18n, web
from app.domain import organisations, proposals
from app.i18n import gettext as _
from app.i18n import later

LABELS = {
    "title": later("Title"),
    "summary": later("Summary"),
    "field": later("Field of activity"),
    "region": later("Region"),
    "sites": later("Sites"),
    "places": later("Places"),
    "individual_months": later("Maximum months per person"),
    "starts_on": later("Beginning"),
    "ends_on": later("End"),
    **proposals.COSTS,
    **proposals.FINANCING,
    "partners": later("Partners"),
    "targets": later("Targets"),
}
ROWS = {"partner": later("Partner %(number)s"), "target": later("Target %(number)s")}
PARTS = {
    "name": later("Name"),
    "role": later("Role"),
    "task": later("Task in the project"),
    "label": later("What shall be reached"),
    "unit": later("Unit"),
    "baseline": later("Starting value"),
    "target": later("Target"),
    "due": later("Until"),
}
SUMMARY_MOST = 4000
SITES_MOST = 20
CHOICES = ("-role", "-unit")
PARTNERS_MOST = 12
TARGETS_MOST = 8


def _day(typed: str) -> date:
    """A day in a year that a project can lie in."""
    found: date = web.day().parse(typed)
    if not 2000 <= found.year < 2200:
        raise ValueError(_("Please enter a date such as 31.12.2026."))
    return found


PARTNER = {
    "name": web.text(200),
    "role": web.choice(proposals.PARTNER_ROLES, required=False),
    "task": web.text(500),
}
TARGET = {
    "label": web.text(200),
    "unit": web.choice(proposals.UNITS, required=False),
    "baseline": web.integer(),
    "target": web.integer(),
    "due": web.Field(_day),
}


class ProposalForm(web.Form):
    """A draft: everything may be missing; partners and targets are rows of fields."""

    version = web.integer(1, organisations.LARGEST_ID, required=True)
    title = web.text(150)
    summary = web.text(SUMMARY_MOST, lines=True)
    field = web.text(80)
    region = web.text(120)
    sites = web.text(2000, lines=True)
    places = web.integer(0, 10_000)
    individual_months = web.integer(0, 600)
    starts_on = web.Field(_day)
    ends_on = web.Field(_day)

    @classmethod
    def fields(cls) -> dict[str, web.Field]:
        return {
            **super().fields(),
            **{name: web.money() for name in (*proposals.COSTS, *proposals.FINANCING)},
            **_numbered("partner", PARTNERS_MOST, PARTNER),
            **_numbered("target", TARGETS_MOST, TARGET),
        }

    def read(self) -> None:
        super().read()
        sites = [" ".join(line.split()) for line in (self.data.get("sites") or "").splitlines()]
        self.data["sites"] = [site for site in sites if site]
        if len(self.data["sites"]) > SITES_MOST or any(len(site) > 120 for site in sites):
            self.errors["sites"] = _("Please name at most %(most)s sites of at most 120 characters, one per line.") % {
                "most": SITES_MOST
            }

    def named(self, name: str) -> str:
        """A field by its label, one of a row with the row's number before it."""
        noun, dash, rest = name.partition("-")
        number, _dash, part = rest.partition("-")
        if not dash or noun not in ROWS or part not in PARTS:
            return _(LABELS[name]) if name in LABELS else super().named(name)
        return f"{_(ROWS[noun]) % {'number': number}}: {_(PARTS[part])}"

    def told(self, typed: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
        """Without the choices in rows where nothing else was typed: the page makes them by itself."""
        kept = {
            name: texts
            for name, texts in typed.items()
            if not name.endswith(CHOICES) or any(other.startswith(_row(name)) for other in typed if other != name)
        }
        return super().told(kept)

    def entered(self) -> dict[str, Any]:
        """What was typed as the columns of a proposal, with its partners; what could not be read is blank."""
        money = {name: self.data.get(name) or 0 for name in (*proposals.COSTS, *proposals.FINANCING)}
        plain = ("title", "summary", "region", "places", "individual_months", "starts_on", "ends_on", "sites")
        return {
            **{name: self.data.get(name) for name in plain},
            **money,
            "field": proposals.field_key(self.data.get("field") or ""),
            "partners": self._rows("partner", PARTNERS_MOST, PARTNER, {"role": "cooperation_partner"}),
            "targets": self._rows("target", TARGETS_MOST, TARGET, {"unit": "persons"}),
        }

    def _rows(
        self, noun: str, most: int, fields: Mapping[str, web.Field], default: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        """The rows in which anything was typed; a choice alone is nothing."""
        rows = [{name: self.data.get(f"{noun}-{number}-{name}") for name in fields} for number in range(1, most + 1)]
        filled = [row for row in rows if any(row[name] not in ("", None) for name in row if name not in default)]
        return [{**row, **{name: row[name] or value for name, value in default.items()}} for row in filled]


def _row(name: str) -> str:
    """The beginning that the fields of a row share: partner-1-."""
    return f"{name.rpartition('-')[0]}-"


def _numbered(noun: str, most: int, fields: Mapping[str, web.Field]) -> dict[str, web.Field]:
    return {f"{noun}-{number}-{name}": field for number in range(1, most + 1) for name, field in fields.items()}


def shown_rows(form: ProposalForm, noun: str, most: int) -> range:
    """The numbers of the rows to show: all up to the last one with an entry, and an empty one."""
    filled = [
        int(name.split("-")[1])
        for name, text in form.values.items()
        if text and name.startswith(f"{noun}-") and not name.endswith(CHOICES)
    ]
    return range(1, min(max(filled, default=0) + 1, most) + 1)


def typed(row: proposals.Own, partners: Sequence[proposals.Partner]) -> dict[str, Any]:
    """A stored proposal as somebody would have typed it."""
    plain = ("version", "title", "summary", "region", "places", "individual_months", "starts_on", "ends_on")
    values = {name: "" if (said := getattr(row, name)) is None else str(said) for name in plain}
    values |= {"field": proposals.field_name(row.field), "sites": "\n".join(proposals.sites(row))}
    values |= {name: _euro(getattr(row, name)) for name in (*proposals.COSTS, *proposals.FINANCING)}
    for noun, rows in (("partner", [asdict(one) for one in partners]), ("target", proposals.targets(row))):
        for number, found in enumerate(rows, 1):
            values |= {f"{noun}-{number}-{name}": "" if value is None else str(value) for name, value in found.items()}
    return values


def _euro(cents: int) -> str:
    """An amount as the reader would type it; nothing for zero."""
    euro, rest = divmod(cents, 100)
    return i18n.grouped(f"{euro}.{rest:02}" if rest else str(euro)) if cents else ""
