"""From the ranking to the recommendation: in rank order until places or money are out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from scoring.errors import ScoresError

RECOMMENDED, RESERVE, NOT_RECOMMENDED = "recommended", "reserve", "not_recommended"
PASSED_THROUGH = {"rejected_formally": "rejected_formally", "formally_rejected": "rejected_formally", "withdrawn": "withdrawn"}
COSTS = {"places": "places", "budget": "grant_requested_cents"}
SENTENCES = {
    "fits": "rank {rank}, within the capacity",
    "places": "needs {places} places, {places_left} left",
    "budget": "asks for {budget} cents, {budget_left} left",
    "list_closed": "the list ended at {closed_by}, which did not fit",
    "tie_at_line": "tied at the line, committee or lot must decide",
    "quota": "quota of {quota} is used up",
    "no_reserve_place": "behind the last place of the reserve list",
    "below_minimum": "below the minimum: {failed}",
    "gate": "not rated, a formal condition failed",
    "no_rating": "no valid rating",
    "too_few_ratings": "too few valid ratings: {valid_reviews}",
    "no_mark": "a criterion has no mark",
    "no_order": "the scheme makes no order",
    "rejected_formally": "rejected formally",
    "withdrawn": "withdrawn",
}

Quotas = Mapping[str, int | Mapping[str, int]]


@dataclass
class Capacity:
    """What is left while the list is walked down; None = no limit."""

    left: dict[str, int | None]
    quotas: dict[str, dict[str, int] | int]
    taken: dict[tuple[str, str], int] = field(default_factory=dict)

    def misfit(self, rows: list[dict[str, Any]]) -> str:
        """What keeps these rows together from fitting: places, budget, quota:<column>=<value>, or nothing."""
        for name, left in self.left.items():
            if left is not None and sum(row[name] for row in rows) > left:
                return name
        for column, most in self.quotas.items():
            for value in sorted({row["quota"][column] for row in rows}):
                limit = most if isinstance(most, int) else most.get(value)
                wanted = sum(row["quota"][column] == value for row in rows)
                if limit is not None and self.taken.get((column, value), 0) + wanted > limit:
                    return f"quota:{column}={value}"
        return ""

    def take(self, row: dict[str, Any]) -> None:
        """Give this row its share."""
        for name, left in self.left.items():
            if left is not None:
                self.left[name] = left - row[name]
        for column, value in row["quota"].items():
            self.taken[column, value] = self.taken.get((column, value), 0) + 1


def recommend(
    ranking: pd.DataFrame,
    proposals: pd.DataFrame | None = None,
    *,
    places: int | Mapping[str, int] | None = None,
    budget: int | Mapping[str, int] | None = None,
    fill: str = "stop",
    quotas: Quotas | None = None,
    reserve: int | None = None,
) -> pd.DataFrame:
    """The ranking with a recommendation for every row.

    ranking: as `rank` returns it. proposals: proposal with `places` and `grant_requested_cents` (as far as limited), the
    columns of quotas, and perhaps `status` (rejected_formally, withdrawn stay what they are). places: places to give;
    budget: cents to give; both a mapping by scope where lots are ranked apart; None = no limit. fill: `stop` ends the
    list at the first that does not fit, `skip` goes on to the next that fits. quotas: at most so many recommended by
    value of a column, {"region": {"North": 2}} or {"region": 3} for every value; a used-up quota passes over a proposal
    and never ends the list. reserve: places on the reserve list, None = all that passed.

    Rows that share a rank are recommended together or, where only some of them would fit, not at all: the list ends
    there until committee or lot decide. Added columns: status (recommended, reserve, not_recommended,
    rejected_formally, withdrawn), reason (a sentence), reason_code (fits, places, budget, quota:<column>=<value>,
    list_closed, tie_at_line, no_reserve_place, or why it is not ranked), cumulative_places and
    cumulative_grant_cents (of the recommended, blank for others and where nothing is limited or known).
    Raises ScoresError for a missing or negative number, an unknown column or fill.
    """
    refuse_options(fill, {"places": places, "budget": budget}, reserve)
    rows = read_rows(ranking, proposals, {"places": places, "budget": budget}, quotas or {})
    for scope in sorted({row["scope"] for row in rows}):
        capacity = Capacity(
            left={"places": share(places, scope, rows), "budget": share(budget, scope, rows)},
            quotas={name: dict(most) if isinstance(most, Mapping) else most for name, most in (quotas or {}).items()},
        )
        walk([row for row in rows if row["scope"] == scope], capacity, fill, reserve)
    return ranking.assign(**added_columns(rows))


def walk(rows: list[dict[str, Any]], capacity: Capacity, fill: str, reserve: int | None) -> None:
    """Give every row of one ranking its status and the rule that decided it."""
    closed_by = None
    for group in tied_groups(row for row in rows if not row["code"]):
        if closed_by is not None:
            decide(group, RESERVE, "list_closed", closed_by=closed_by)
            continue
        code = admit(group, capacity)
        if code in ("places", "budget", "tie_at_line") and (fill == "stop" or code == "tie_at_line"):
            closed_by = group[0]["proposal"]
    behind = [row for row in rows if row["status"] == RESERVE][reserve if reserve is not None else len(rows) :]
    decide(behind, NOT_RECOMMENDED, "no_reserve_place")


def admit(group: list[dict[str, Any]], capacity: Capacity) -> str:
    """Recommend the rows of one rank if they fit; returns what kept them from it."""
    code = capacity.misfit(group)
    if not code:
        for row in group:
            capacity.take(row)
        decide(group, RECOMMENDED, "fits")
    elif len(group) > 1 and any(not capacity.misfit([row]) for row in group):
        code = "tie_at_line"
        decide(group, RESERVE, code)
    else:
        for row in group:
            left = {f"{name}_left": amount for name, amount in capacity.left.items()}
            decide([row], RESERVE, capacity.misfit([row]), **left)
    return code


def decide(rows: Iterable[dict[str, Any]], status: str, code: str, **told: object) -> None:
    for row in rows:
        name, _, quota = code.partition(":")
        row |= {"status": status, "code": code, "reason": SENTENCES[name].format_map(row | told | {"quota": quota})}


def tied_groups(rows: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    groups: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["rank"], []).append(row)
    return [groups[rank] for rank in sorted(groups)]


def read_rows(
    ranking: pd.DataFrame, proposals: pd.DataFrame | None, limits: Mapping[str, object], quotas: Quotas
) -> list[dict[str, Any]]:
    """One dict a row of the ranking; `code` is filled where the row cannot be recommended at all."""
    facts = {} if proposals is None else proposals.set_index("proposal", drop=False).to_dict("index")
    if proposals is not None and len(facts) < len(proposals):
        raise ScoresError([("proposal", "the proposals list a key twice")])
    rows = []
    for row in ranking.to_dict("records"):
        known = facts.get(row["proposal"], row if proposals is None else {})
        own = {"proposal": row["proposal"], "scope": str(row.get("scope", "")), "quota": {}}
        own |= {"rank": row["rank"], "valid_reviews": row.get("valid_reviews"), "failed": ", ".join(row.get("failed") or [])}
        own |= {"code": "", "status": "", "reason": ""}
        out = PASSED_THROUGH.get(str(known.get("status"))) or why_not(row)
        if out:
            decide([own], out if out in PASSED_THROUGH.values() else NOT_RECOMMENDED, out)
        own |= {name: amount(known, name, limits[name] is not None and not out) for name in COSTS}
        own["quota"] = {column: label(known, column, row["proposal"]) for column in quotas if not out}
        rows.append(own)
    return rows


def why_not(row: Mapping[Any, Any]) -> str:
    if not pd.isna(row["rank"]):
        return ""
    return str(row.get("unranked") or ("below_minimum" if row.get("failed") else "no_rating"))


def amount(known: Mapping[Any, Any], name: str, needed: bool) -> int | None:
    column = COSTS[name]
    given = known.get(column)
    if given is None or pd.isna(given):
        if needed:
            raise ScoresError([(f"{known.get('proposal', '')}, {column}", "is missing, and the capacity is limited by it")])
        return None
    if isinstance(given, bool) or given != int(given) or given < 0:
        raise ScoresError([(f"{known.get('proposal', '')}, {column}", f"{given} is no whole number from 0 on")])
    return int(given)


def label(known: Mapping[Any, Any], column: str, proposal: object) -> str:
    given = known.get(column)
    if given is None or pd.isna(given):
        raise ScoresError([(f"{proposal}, {column}", "is missing, and there is a quota on it")])
    return str(given)


def share(limit: int | Mapping[str, int] | None, scope: str, rows: list[dict[str, Any]]) -> int | None:
    """The limit of one ranking."""
    if isinstance(limit, Mapping):
        if scope not in limit:
            raise ScoresError([(scope, "there is no limit for this scope")])
        return limit[scope]
    if limit is not None and len({row["scope"] for row in rows}) > 1:
        raise ScoresError([("scope", "proposals are ranked apart, give a limit for each scope")])
    return limit


def refuse_options(fill: str, limits: Mapping[str, object], reserve: int | None) -> None:
    if fill not in ("stop", "skip"):
        raise ScoresError([("fill", f"expected stop or skip, found {fill!r}")])
    for name, limit in [*limits.items(), ("reserve", reserve)]:
        for one in limit.values() if isinstance(limit, Mapping) else [limit]:
            if one is not None and (isinstance(one, bool) or not isinstance(one, int) or one < 0):
                raise ScoresError([(name, f"expected a whole number from 0 on, found {one!r}")])


def added_columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    columns: dict[str, Any] = {"status": [row["status"] for row in rows], "reason": [row["reason"] for row in rows]}
    columns["reason_code"] = [row["code"] for row in rows]
    for name, column in {"places": "cumulative_places", "budget": "cumulative_grant_cents"}.items():
        columns[column] = running(rows, name)
    return columns


def running(rows: list[dict[str, Any]], name: str) -> pd.Series:
    totals: dict[str, int | None] = {}
    found: list[int | None] = []
    for row in rows:
        if row["status"] != RECOMMENDED:
            found.append(None)
            continue
        before = totals.get(row["scope"], 0)
        totals[row["scope"]] = None if before is None or row[name] is None else before + row[name]
        found.append(totals[row["scope"]])
    return pd.Series(found, dtype="Int64")
