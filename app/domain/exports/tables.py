"""What an export holds, as plain tables: columns in their fixed order, and one row a thing."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app import i18n
from app.domain import reasons
from app.domain.rankings import Placed, Ranking

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
)


class Table(NamedTuple):
    """Column names and rows of one export; None is an empty cell."""

    columns: Sequence[str]
    rows: list[list[Any]]


def decision_list(ranking: Ranking) -> Table:
    """One row a proposal, by rank and then by key; money in euro, totals with the scheme's decimals."""
    named = reasons.names(ranking, i18n.locale.get())
    return Table(DECISION_LIST, [_decided(line, ranking, named) for line in ranking.lines])


def _decided(line: Placed, ranking: Ranking, named: dict[str, str]) -> list[Any]:
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
        reasons.sentence(line, named),
    ]


def ranking_list(ranking: Ranking) -> Table:
    """The decision list with every criterion's mean, the spread and what the capacity has taken so far."""
    keys = [one["key"] for one in ranking.scheme["criteria"]]
    columns = [*DECISION_LIST[:9], *(f"mean_{key}" for key in keys), "spread", *DECISION_LIST[9:], "cumulative_places", "cumulative_grant"]  # fmt: skip
    named = reasons.names(ranking, i18n.locale.get())
    rows = []
    for line in ranking.lines:
        cells = _decided(line, ranking, named)
        means = [line.means.get(key) for key in keys]
        rows.append([*cells[:9], *means, line.spread, *cells[9:], line.cumulative_places, euro(line.cumulative_cents)])
    return Table(columns, rows)


def scores(ranking: Ranking) -> Table:
    """Every single mark, as `votum rank` reads it again; a biased member's marks carry the reason recused."""
    rows = [
        [
            mark.proposal,
            mark.member,
            mark.criterion,
            mark.value,
            "recused" if not mark.counts else "not_assessable" if mark.not_assessable else None,
            mark.comment,
        ]
        for mark in sorted(ranking.marks, key=lambda mark: (mark.proposal, mark.member, mark.criterion))
    ]
    return Table(("proposal", "reviewer", "criterion", "value", "reason", "comment"), rows)


def euro(cents: int | None) -> str | None:
    """Cents as euro in plain digits: 123120 or 1250.50."""
    if cents is None:
        return None
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)
