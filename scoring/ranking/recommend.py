"""From the ranking to the recommendation: in rank order until places or money are out."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.frames import is_blank, label, refuse_no_keys, refuse_no_table, whole
from scoring.ranking.capacity import COSTS, Capacity, Quotas, Row, capacity_of, is_limit, refuse_quotas

RECOMMENDED, RESERVE, NOT_RECOMMENDED = "recommended", "reserve", "not_recommended"
OUT = {"rejected_formally": "rejected_formally", "formally_rejected": "rejected_formally", "withdrawn": "withdrawn"}
SENTENCES = {
    "fits": "rank {rank}, within the capacity",
    "places": "needs {needed} places, {left} left",
    "budget": "asks for {needed} cents, {left} left",
    "list_closed": "the list ended before it at {closed_by}",
    "tie_at_line": "tied at the line, committee or lot must decide",
    "quota": "the quota {quota} is used up",
    "no_reserve_place": "behind the last place of the reserve list",
    "below_minimum": "below the minimum: {failed}",
    "gate": "not rated, a formal condition is not met",
    "no_rating": "no valid rating",
    "too_few_ratings": "too few valid ratings",
    "no_mark": "a criterion has no mark",
    "no_order": "the scheme makes no order",
    "rejected_formally": "rejected formally",
    "withdrawn": "withdrawn",
}

Limit = int | Mapping[str, int] | None


def recommend(
    ranking: pd.DataFrame,
    proposals: pd.DataFrame | None = None,
    *,
    places: Limit = None,
    budget: Limit = None,
    fill: str = "stop",
    quotas: Quotas | None = None,
    reserve: int | None = None,
) -> pd.DataFrame:
    """The ranking with a recommendation for every row.

    ranking: as `rank` returns it. proposals: proposal with `places` and `grant_requested_cents` (as far as limited),
    the columns of quotas, and perhaps `status` (rejected_formally, withdrawn stay what they are); without it the
    ranking must hold these columns. places: places to give; budget: cents to give; both a mapping by scope where lots
    are ranked apart; None = no limit. fill: `stop` ends the list at the first that does not fit, `skip` goes on to the
    next that fits. quotas: at most so many recommended by value of a column, {"region": {"North": 2}}, or of each,
    {"region": 3}; a used-up quota passes over a proposal and never ends the list (for minima there is `select`).
    reserve: places on the reserve list, None = all that passed.

    Rows that share a rank are recommended together or, where only some of them would fit, not at all: the list ends
    there until committee or lot decide. Added columns: status (recommended, reserve, not_recommended,
    rejected_formally, withdrawn), reason (a sentence), reason_code (fits, places, budget, quota:<column>=<value>,
    list_closed, tie_at_line, no_reserve_place, or why it is not ranked), cumulative_places and
    cumulative_grant_cents (of the recommended down to this row, blank for others and where an amount is not known).
    Raises ScoresError for a missing or negative number, one above 10^14, an unknown column, scope or fill.
    """
    _refuse_options(fill, {"places": places, "budget": budget}, reserve)
    quotas = {} if quotas is None else quotas
    refuse_quotas(quotas)
    limits = {"places": labelled(places), "budget": labelled(budget)}
    rows = _rows(ranking, proposals, {name for name, limit in limits.items() if limit is not None}, quotas)
    for scope in sorted({row.scope for row in rows}):
        ranked = [row for row in rows if row.scope == scope and not row.code]
        left = {name: _share(limit, scope, rows) for name, limit in limits.items()}
        _walk(ranked, capacity_of(left, quotas, ranked), fill)
        _cut_reserve(ranked, reserve)
    return ranking.assign(**_added(rows))


def _walk(rows: list[Row], capacity: Capacity, fill: str) -> None:
    """Give every ranked row of one ranking its status and the rule that decided it."""
    closed_by = None
    for group in _by_rank(rows):
        if closed_by is not None:
            _decide(group, RESERVE, "list_closed", closed_by=closed_by)
            continue
        code = _admit(group, capacity)
        if code == "tie_at_line" or (fill == "stop" and code in COSTS):
            closed_by = group[0].proposal


def _by_rank(rows: list[Row]) -> list[list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.rank, []).append(row)
    return [groups[rank] for rank in sorted(groups)]


def _admit(group: list[Row], capacity: Capacity) -> str:
    """Recommend the rows of one rank if they fit together; returns what kept them from it."""
    code = capacity.misfit(group)
    if not code:
        capacity.take(group)
        for row in group:
            _decide([row], RECOMMENDED, "fits", rank=row.rank)
    elif any(not capacity.misfit([row]) for row in group):
        code = "tie_at_line"
        _decide(group, RESERVE, code)
    else:
        for row in group:
            name = capacity.misfit([row])
            _decide([row], RESERVE, name, needed=row.needs.get(name), left=capacity.left.get(name))
    return code


def _decide(rows: Iterable[Row], status: str, code: str, **told: object) -> None:
    name, _, quota = code.partition(":")
    for row in rows:
        row.status, row.code, row.reason = status, code, SENTENCES[name].format(quota=quota, **told)


def _cut_reserve(rows: list[Row], reserve: int | None) -> None:
    """Those behind the last place of the reserve list are not recommended; a tied rank is cut as a whole."""
    if reserve is None:
        return
    waiting = sorted(row.rank for row in rows if row.status == RESERVE)
    behind = [row for row in rows if row.status == RESERVE and bisect_right(waiting, row.rank) > reserve]
    _decide(behind, NOT_RECOMMENDED, "no_reserve_place")


def _rows(ranking: pd.DataFrame, proposals: pd.DataFrame | None, limited: set[str], quotas: Quotas) -> list[Row]:
    """The rows of the ranking; `code` is filled where a row cannot be recommended at all."""
    facts = _facts(ranking, proposals, limited, quotas)
    columns = [ranking[name].tolist() if name in ranking else [None] * len(ranking) for name in COLUMNS]
    rows = []
    for at, (proposal, rank, scope, unranked, failed) in enumerate(zip(*columns, strict=True)):
        place = 0 if is_blank(rank) else whole(rank, f"{proposal}, rank")
        row = Row(label(proposal), place, "" if is_blank(scope) else label(scope))
        rows.append(row)
        status = OUT.get(str(facts["status"][at]))
        if status or not row.rank:
            below = failed if isinstance(failed, list) else []
            why = unranked if isinstance(unranked, str) and unranked in SENTENCES else ""
            code = status or why or ("below_minimum" if below else "no_rating")
            _decide([row], status or NOT_RECOMMENDED, code, failed=", ".join(map(str, below)))
        ranked = not row.code
        row.needs = {
            name: _amount(row, column, facts[column][at], ranked and name in limited) for name, column in COSTS.items()
        }
        row.kinds = frozenset((column, _kind(row, column, facts[column][at])) for column in quotas if ranked)
    return rows


COLUMNS = ("proposal", "rank", "scope", "unranked", "failed")


def _facts(
    ranking: pd.DataFrame, proposals: pd.DataFrame | None, limited: set[str], quotas: Quotas
) -> dict[str, list[Any]]:
    """What the proposals say, in the order of the ranking; ScoresError for a column or proposal that is missing."""
    refuse_no_table(ranking, "ranking", COLUMNS)
    if missing := [name for name in ("proposal", "rank") if name not in ranking]:
        raise ScoresError([(name, "the ranking has no such column") for name in missing])
    table = ranking if proposals is None else proposals
    needed = {COSTS[name] for name in limited} | set(quotas)
    names = needed | set(COSTS.values()) | {"status"}
    refuse_no_table(table, "proposals", {"proposal", *names})
    if missing := sorted({"proposal", *needed}.difference(table.columns)):
        raise ScoresError([(name, "the proposals have no such column") for name in missing])
    refuse_no_keys(ranking, ["proposal"], "ranking: ")
    refuse_no_keys(table, ["proposal"], "proposals: ")
    if table["proposal"].duplicated().any():
        raise ScoresError([("proposal", "a proposal is listed twice")])
    place = pd.Index(table["proposal"], dtype=object).get_indexer(pd.Index(ranking["proposal"], dtype=object))
    if (place < 0).any():
        raise ScoresError([(str(key), "is not among the proposals") for key in ranking["proposal"][place < 0]])
    return {name: _in_order(table, name, place) for name in names}


def _in_order(table: pd.DataFrame, name: str, place: Any) -> list[Any]:
    if name not in table:
        return [None] * len(place)
    said = [None if is_blank(one) else one for one in table[name].tolist()]
    return [said[at] for at in place]


def _amount(row: Row, column: str, given: Any, needed: bool) -> int | None:
    if given is None:
        if needed:
            raise ScoresError([(f"{row.proposal}, {column}", "is missing, and the capacity is limited by it")])
        return None
    return whole(given, f"{row.proposal}, {column}")


def _kind(row: Row, column: str, given: Any) -> str:
    if given is None:
        raise ScoresError([(f"{row.proposal}, {column}", "is missing, and there is a quota on it")])
    return label(given)


def labelled(limit: Limit) -> Limit:
    """A limit with its scopes as text, as they are compared."""
    return {label(scope): one for scope, one in limit.items()} if isinstance(limit, Mapping) else limit


def _share(limit: Limit, scope: str, rows: list[Row]) -> int | None:
    """The limit of one ranking."""
    if isinstance(limit, Mapping):
        if scope not in limit:
            raise ScoresError([(scope, "there is no limit for this scope")])
        return limit[scope]
    if limit is not None and len({row.scope for row in rows}) > 1:
        raise ScoresError([("scope", "the proposals are ranked apart, give a limit for each scope")])
    return limit


def _refuse_options(fill: str, limits: Mapping[str, Limit], reserve: int | None) -> None:
    if not isinstance(fill, str) or fill not in ("stop", "skip"):
        raise ScoresError([("fill", f"expected stop or skip, found {fill!r}")])
    for name, limit in (*limits.items(), ("reserve", reserve)):
        for one in limit.values() if isinstance(limit, Mapping) and name != "reserve" else [limit]:
            if one is not None and not is_limit(one):
                raise ScoresError([(name, f"expected a whole number from 0 on, found {one!r}")])


def _added(rows: list[Row]) -> dict[str, Any]:
    return {
        "status": [row.status for row in rows],
        "reason": [row.reason for row in rows],
        "reason_code": [row.code for row in rows],
        "cumulative_places": _running(rows, "places"),
        "cumulative_grant_cents": _running(rows, "budget"),
    }


def _running(rows: list[Row], name: str) -> pd.Series:
    """Sums of the recommended of each ranking down to each of them; blank from the first unknown amount on."""
    found: dict[int, int | None] = {}
    totals: dict[str, int | None] = {}
    for at, row in sorted(enumerate(rows), key=lambda pair: pair[1].rank):
        if row.status == RECOMMENDED:
            before, own = totals.get(row.scope, 0), row.needs[name]
            found[at] = totals[row.scope] = None if before is None or own is None else before + own
    return pd.Series([found.get(at) for at in range(len(rows))], dtype="Int64")
