"""What a proposal must fulfil before it can be handed in; a draft need not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from app import i18n
from app.domain.proposals.content import COSTS, FINANCING, grant_per_place_month, months, sites, targets
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


def faults(row: Mapping[str, Any], partners: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Everything that is missing or breaks a rule of the call: field -> sentence, in the order of the form.

    row: the columns of a proposal with its call's rules, as `held_by` gives it. Empty when it can be handed in.
    """
    found: dict[str, str] = {}
    for name, sentence in (*_missing(row), *_extent(row), *_money(row), *_rows(row, partners)):
        found.setdefault(name, sentence)
    order = [*NEEDED, *COSTS, *FINANCING]
    return dict(sorted(found.items(), key=lambda fault: order.index(fault[0]) if fault[0] in order else len(order)))


def _missing(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, sentence in NEEDED.items():
        if not (sites(row) if name == "sites" else row[name]):
            yield name, _(sentence)


def _extent(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Places and times against the call's rules."""
    span, least, most = months(row), row["min_places"], row["months_max"]
    if least and row["places"] and row["places"] < least:
        yield (
            "places",
            ngettext("The call asks for at least %(num)s place.", "The call asks for at least %(num)s places.", least)
            % {"num": least},
        )
    if row["earliest_start"] and row["starts_on"] and row["starts_on"] < row["earliest_start"]:
        yield (
            "starts_on",
            _("Projects of this call begin on %(day)s at the earliest.") % {"day": i18n.date(row["earliest_start"])},
        )
    if row["starts_on"] and row["ends_on"] and row["ends_on"] < row["starts_on"]:
        yield "ends_on", _("The end lies before the beginning.")
    if span is not None and most and (months(_a_day_shorter(row)) or 0) >= most:
        yield "ends_on", _("The call allows at most %(most)s months.") % {"most": most}
    if span is not None and row["individual_months"] and row["individual_months"] > span:
        yield "individual_months", _("The project lasts only %(months)s whole months.") % {"months": span}


def _a_day_shorter(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"starts_on": row["starts_on"], "ends_on": row["ends_on"] - timedelta(days=1)}


def _money(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    costs = sum(row[name] for name in COSTS)
    sources = sum(row[name] for name in FINANCING)
    if not costs:
        yield "personnel_cents", _("Please enter the costs.")
    if not row["requested_grant_cents"]:
        yield "requested_grant_cents", _("Please enter the grant that you ask for.")
    elif costs != sources:
        yield "requested_grant_cents", _difference(costs, sources)
    yield from _limits(row, costs)


def _difference(costs: int, sources: int) -> str:
    values = {"costs": i18n.money(costs), "sources": i18n.money(sources), "gap": i18n.money(abs(costs - sources))}
    if costs > sources:
        return _("Costs of %(costs)s face financing of %(sources)s: %(gap)s are missing.") % values
    return _("Costs of %(costs)s face financing of %(sources)s: that is %(gap)s too much.") % values


def _limits(row: Mapping[str, Any], costs: int) -> Iterable[tuple[str, str]]:
    """The call's limits, compared exactly."""
    rate, rate_most = grant_per_place_month(row), row["max_grant_per_place_month_cents"]
    if rate is not None and rate_most is not None and rate * 100 > rate_most:
        sentence = _("The call allows at most %(most)s per place and month; these are %(now)s euro.")
        yield "requested_grant_cents", sentence % {"most": i18n.money(rate_most), "now": i18n.points(rate)}
    overhead, overhead_most = row["overhead_cents"], row["overhead_percent_max"]
    if overhead_most is not None and 100 * overhead > overhead_most * (costs - overhead):
        sentence = _("The call allows overhead of at most %(most)s %% of the direct costs.")
        yield "overhead_cents", sentence % {"most": overhead_most}
    own, own_least = row["own_funds_cents"], row["own_funds_percent_min"]
    if own_least is not None and 100 * own < own_least * (costs - row["jobcenter_share_cents"]):
        sentence = _("The call asks for own funds of at least %(least)s %% of what the job centre does not pay.")
        yield "own_funds_cents", sentence % {"least": own_least}


def _rows(row: Mapping[str, Any], partners: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    for number, partner in enumerate(partners, 1):
        if not partner["name"]:
            yield f"partner-{number}-name", _("Please name the partner.")
    for number, target in enumerate(targets(row), 1):
        if not target["label"]:
            yield f"target-{number}-label", _("Please say what shall be reached.")
        elif target["target"] is None:
            yield f"target-{number}-target", _("Please enter the number that shall be reached.")
