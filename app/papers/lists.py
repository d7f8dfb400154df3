"""What an export holds, as plain tables: columns in their fixed order, and one row a thing."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from app.domain import calls, formal_checks, proposals
from app.domain.rankings.content import Mark, Placed, Ranking
from app.domain.reasons import Telling
from app.i18n import gettext as _
from app.i18n import later

DECISION_LIST = (
    "rank",
    "proposal",
    "organisation",
    "title",
    "field",
    "places",
    "grant_requested",
    "valid_reviews",
    "total",
    "passed",
    "failed_minima",
    "status",
    "start_date",
    "decided_by",
    "reason",
    "conditions",
    "departure",
)
INTAKE_LIST = (
    "proposal",
    "receipt_number",
    "submitted_at",
    "organisation",
    "title",
    "field",
    "places",
    "grant_requested",
    "formal_check",
    "cure_due",
    "cure_answered_at",
    "reason",
)
PROPOSALS = ("proposal", "organisation", "title", "field", "region", *proposals.FACTS, "status")
LABELS = {
    "rank": later("Rank"),
    "proposal": later("Proposal"),
    "organisation": later("Organisation"),
    "title": later("Title"),
    "field": later("Field of activity"),
    "places": later("Places"),
    "grant_requested": later("Requested grant"),
    "valid_reviews": later("Valid ratings"),
    "total": later("Total"),
    "passed": later("Minima reached"),
    "failed_minima": later("Minima not reached"),
    "status": later("Recommendation"),
    "start_date": later("Start"),
    "decided_by": later("Tie decided by"),
    "reason": later("Reason"),
    "conditions": later("Conditions"),
    "departure": later("By ranking"),
    "spread": later("Spread"),
    "cumulative_places": later("Places so far, by the ranking"),
    "cumulative_grant": later("Grant so far, by the ranking"),
    "receipt_number": later("Receipt"),
    "submitted_at": later("Received"),
    "formal_check": later("Formal check"),
    "cure_due": later("To be supplied by"),
    "cure_answered_at": later("Cured"),
    "reviewer": later("Member"),
    "criterion": later("Criterion"),
    "value": later("Points"),
    "comment": later("Reason given"),
    "after_seeing": later("Changed after the others' marks could be seen"),
}
CHECKS = {
    "new": later("not checked yet"),
    "curing": later("to be supplied"),
    "cured": later("supplied, to be checked"),
    "admitted": later("admitted"),
    "rejected": later("formally rejected"),
    "withdrawn": later("withdrawn"),
}
ALL = 1_000_000  # more than a call ever has


class Table(NamedTuple):
    """Column names and rows of one export; None is an empty cell."""

    columns: Sequence[str]
    rows: list[list[Any]]


def label(column: str, named: dict[str, str]) -> str:
    """The heading of a column in the reader's language; means are headed by the name of their criterion."""
    if column.startswith("mean_"):
        return named.get(column.removeprefix("mean_"), column)
    return _(LABELS[column])


def decision_list(ranking: Ranking) -> Table:
    """One row a proposal, by rank and then by key; money in euro, totals with the scheme's decimals."""
    telling = Telling(ranking)
    return Table(DECISION_LIST, [_decided(line, telling) for line in ranking.lines])


def _decided(line: Placed, telling: Telling) -> list[Any]:
    told = telling.of(line)
    return [
        line.rank,
        line.proposal,
        line.organisation,
        line.title,
        line.field,
        line.places,
        euro(line.grant_cents),
        line.valid_reviews,
        line.total,
        line.passed,
        " ".join(line.failed),
        line.status,
        line.start_date,
        line.decided_by,
        told.reason,
        told.conditions,
        line.departure,
    ]


def ranking_list(ranking: Ranking) -> Table:
    """The decision list with every criterion's mean, the spread and what the capacity has taken so far."""
    keys = [one["key"] for one in ranking.scheme["criteria"]]
    means = [f"mean_{key}" for key in keys]
    sums = ["cumulative_places", "cumulative_grant"]
    columns = [*DECISION_LIST[:9], *means, "spread", *DECISION_LIST[9:], *sums]
    telling = Telling(ranking)
    rows = []
    for line in ranking.lines:
        cells = _decided(line, telling)
        marks = [line.means.get(key) for key in keys]
        taken = [line.cumulative_places, euro(line.cumulative_cents)]
        rows.append([*cells[:9], *marks, line.spread, *cells[9:], *taken])
    return Table(columns, rows)


def scores(ranking: Ranking) -> Table:
    """Every single mark, as `votum rank` reads it again; a biased member's marks carry the reason recused."""
    rows = [
        [
            *(mark.proposal, mark.member, mark.criterion, mark.value, why_not_counted(mark), mark.comment),
            mark.after_seeing or None,
        ]
        for mark in sorted(ranking.marks, key=lambda mark: (mark.proposal, mark.member, mark.criterion))
    ]
    return Table(("proposal", "reviewer", "criterion", "value", "reason", "comment", "after_seeing"), rows)


def why_not_counted(mark: Mark) -> str | None:
    """recused, not_assessable, or None for a mark that counts (or was not given)."""
    if not mark.counts:
        return "recused"
    return "not_assessable" if mark.not_assessable else None


def proposals_list(ranking: Ranking) -> Table:
    """What the ranking knows of every proposal before it is rated, as `votum rank` reads it; money in cents.

    status is rejected_formally, withdrawn, or empty for a rated proposal.
    """
    out = ("rejected_formally", "withdrawn", "")
    rows = [
        [
            line.proposal,
            line.organisation,
            line.title,
            line.field,
            line.region,
            *(line.numbers.get(name) for name in proposals.FACTS),
            (line.automatic or "unchecked") if line.automatic in out else None,
        ]
        for line in sorted(ranking.lines, key=lambda line: line.proposal)
    ]
    return Table(PROPOSALS, rows)


async def intake_list(call: calls.Call) -> Table:
    """Every submitted proposal as the office's intake list shows it, by key."""
    found = await formal_checks.intake(call.id, size=ALL)
    return Table(INTAKE_LIST, [_received(row) for row in found])


def _received(row: formal_checks.Received) -> list[Any]:
    return [
        row.key,
        row.receipt_number,
        row.submitted_at,
        row.organisation,
        row.title,
        row.field,
        row.places,
        euro(row.requested_grant_cents),
        formal_checks.state(row),
        row.cure_due,
        row.answered_at,
        row.rejection or None,
    ]


def euro(cents: int | None) -> Decimal | None:
    """Cents as euro: 123120 or 1250.50."""
    if cents is None:
        return None
    whole, rest = divmod(cents, 100)
    return Decimal(f"{whole}.{rest:02}") if rest else Decimal(whole)
