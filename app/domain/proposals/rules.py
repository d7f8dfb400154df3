"""What a proposal must fulfil before it can be handed in; a draft need not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from msgspec.structs import replace

from app import i18n
from app.domain.proposals.content import COSTS, FINANCING, Partner, months, sites, targets, totals
from app.domain.proposals.reading import Own
from app.i18n import gettext as _
from app.i18n import later, ngettext

NEEDED = {
    "title": later("Please give your idea a title."),
    "summary": later("Please describe your idea in the summary."),
    "field": later("Please name the field of activity."),
    "sites": later("Please name at least one site."),
    "places": later("Please say how many places there are."),
    "individual_months": later("Please say how many months a person can stay at most."),
    "starts_on": later("Please say when the project begins."),
    "ends_on": later("Please say when the project ends."),
}


@dataclass(frozen=True)
class Limit:
    """A number of the plan, beside what the call says about it; kept is None while nothing can be said.

    field: where it is entered; now and rule: texts, "" where there is none; sentence: what is wrong if it is not kept.
    """

    field: str
    label: str
    now: str
    rule: str
    kept: bool | None
    sentence: str


def faults(row: Own, partners: Sequence[Partner]) -> dict[str, str]:
    """Everything that is missing or breaks a rule of the call: field -> sentence, in the order of the form.

    Empty when it can be handed in.
    """
    found: dict[str, str] = {}
    for name, sentence in (*_missing(row), *_extent(row), *_money(row), *_rows(row, partners)):
        found[name] = f"{found[name]} {sentence}" if name in found else sentence
    order = [*NEEDED, *COSTS, *FINANCING]
    return dict(sorted(found.items(), key=lambda fault: order.index(fault[0]) if fault[0] in order else len(order)))


def _missing(row: Own) -> Iterable[tuple[str, str]]:
    for name, sentence in NEEDED.items():
        if not (sites(row) if name == "sites" else getattr(row, name)):
            yield name, _(sentence)


def _extent(row: Own) -> Iterable[tuple[str, str]]:
    """Places and times against the call's rules."""
    span, least, most = months(row), row.min_places, row.months_max
    if least and row.places and row.places < least:
        yield (
            "places",
            ngettext("The call asks for at least %(num)s place.", "The call asks for at least %(num)s places.", least)
            % {"num": least},
        )
    if row.earliest_start and row.starts_on and row.starts_on < row.earliest_start:
        yield (
            "starts_on",
            _("Projects of this call begin on %(day)s at the earliest.") % {"day": i18n.date(row.earliest_start)},
        )
    if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
        yield "ends_on", _("The end lies before the beginning.")
    if span is not None and row.ends_on and most and (months(_a_day_shorter(row, row.ends_on)) or 0) >= most:
        yield "ends_on", _("The call allows at most %(most)s months.") % {"most": most}
    if span is not None and row.individual_months and row.individual_months > span:
        yield "individual_months", _("The project lasts only %(months)s whole months.") % {"months": span}


def _a_day_shorter(row: Own, ends_on: date) -> Own:
    return replace(row, ends_on=ends_on - timedelta(days=1))


def _money(row: Own) -> Iterable[tuple[str, str]]:
    costs = sum(getattr(row, name) for name in COSTS)
    sources = sum(getattr(row, name) for name in FINANCING)
    if not costs:
        yield "personnel_cents", _("Please enter the costs.")
    if not row.requested_grant_cents:
        yield "requested_grant_cents", _("Please enter the grant that you ask for.")
    elif costs != sources:
        yield "requested_grant_cents", _difference(costs, sources)
    for limit in limits(row):
        if limit.kept is False:
            yield limit.field, f"{limit.sentence} ({limit.now}; {limit.rule})"


def _difference(costs: int, sources: int) -> str:
    values = {"costs": i18n.money(costs), "sources": i18n.money(sources), "gap": i18n.money(abs(costs - sources))}
    if costs > sources:
        return _("Costs are %(costs)s, financing is %(sources)s: %(gap)s is missing.") % values
    return _("Costs are %(costs)s, financing is %(sources)s: that is %(gap)s too much.") % values


def limits(row: Own) -> list[Limit]:
    """The plan's telling numbers beside the call's rules for them. Compared exactly."""
    sums = totals(row)
    costs, overhead, own = sums.costs_cents, row.overhead_cents, row.own_funds_cents
    rate, most = sums.grant_per_place_month, row.max_grant_per_place_month_cents
    overhead_most, own_least = row.overhead_percent_max, row.own_funds_percent_min
    direct, grant = costs - overhead, row.requested_grant_cents
    return [
        Limit(
            "requested_grant_cents",
            _("Grant per place and month"),
            _("%(euro)s euro") % {"euro": i18n.points(rate)} if rate is not None else "",
            _("at most %(most)s") % {"most": i18n.money(most)} if most is not None else "",
            None if rate is None or most is None else rate * 100 <= most,
            _("The grant per place and month is higher than the call allows."),
        ),
        Limit(
            "overhead_cents",
            _("Overhead on top of direct costs"),
            _percent(sums.overhead_percent),
            _("at most %(most)s") % {"most": _percent(overhead_most)} if overhead_most is not None else "",
            None if not costs or overhead_most is None else 100 * overhead <= overhead_most * direct,
            _("The overhead is higher than the call allows."),
        ),
        Limit(
            "own_funds_cents",
            _("Own funds, measured by the requested grant"),
            _percent(sums.own_funds_percent),
            _("at least %(least)s") % {"least": _percent(own_least)} if own_least is not None else "",
            None if not grant or own_least is None else 100 * own >= own_least * grant,
            _("The own funds are lower than the call asks for."),
        ),
    ]


def _percent(value: Decimal | int | None) -> str:
    return "" if value is None else f"{i18n.number(value)}\u00a0%"


def _rows(row: Own, partners: Sequence[Partner]) -> Iterable[tuple[str, str]]:
    for number, partner in enumerate(partners, 1):
        if not partner.name:
            yield f"partner-{number}-name", _("Please name the partner.")
    for number, target in enumerate(targets(row), 1):
        if not target["label"]:
            yield f"target-{number}-label", _("Please state what is to be achieved.")
        elif target["target"] is None:
            yield f"target-{number}-target", _("Please enter the number that shall be reached.")
