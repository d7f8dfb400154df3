"""Recommendation under quotas with minima: rank order as far as the minima leave room, never a sum of points."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.frames import MOST, by_key, floats, is_blank, label, refuse_no_keys, refuse_no_table
from scoring.ranking.capacity import is_limit
from scoring.ranking.choice import FREE, Ints, Limits, cheapest, first_in_order, possible
from scoring.ranking.recommend import recommend

Bounds = Mapping[str, Mapping[str, tuple[int, int | None]]]
Quotas = Mapping[str, Mapping[Any, tuple[int, int | None]]]
RECOMMENDED, RESERVE, NOT_RECOMMENDED = "recommended", "reserve", "not_recommended"
AMOUNTS = {"places": "places", "budget": "grant_requested_cents"}
COLUMNS = ["proposal", "rank", "status", "by_rank", "reason", "reason_code"]
SENTENCES = {
    "fits": "rank {rank}, within the capacity",
    "minimum": "rank {rank}, recommended for the minimum of {quota}",
    "gives_way": "fits by its rank, gives way to the minimum of {quota}",
    "places": "needs {places} places, too few are left",
    "budget": "asks for {budget} cents, too few are left",
    "quota": "quota of {quota} is used up",
    "no_reserve_place": "behind the last place of the reserve list",
}


@dataclass(frozen=True)
class Selection:
    """What `select` found.

    proposals: proposal, rank, status (as in `recommend`), by_rank (whether rank order without the minima would have
        recommended it), reason (a sentence), reason_code (fits, minimum:<column>=<value>, gives_way:<column>=<value>,
        places, budget, quota:<column>=<value>, no_reserve_place, or why it is not ranked); in the order of the ranking.
    quotas: column, value, minimum, maximum (blank = none), available (ranked proposals), recommended, missing (how many
        the minimum is short of; above 0 only where it cannot be met).
    """

    proposals: pd.DataFrame
    quotas: pd.DataFrame


def select(
    ranking: pd.DataFrame,
    proposals: pd.DataFrame,
    *,
    places: int | None = None,
    budget: int | None = None,
    quotas: Quotas,
    reserve: int | None = None,
) -> Selection:
    """The recommendation that follows the rank order as far as the quotas allow.

    ranking, proposals, places, budget (cents), reserve: as for `recommend`; lots that are ranked apart one by one.
    quotas: {column of proposals: {value: (fewest, most)}}, counted in proposals; most None = no limit; values that are
    not named are free.

    Rule: as little as possible is missing from the minima; within that every proposal is taken, best rank first, if the
    minima can still be met with what is left, else passed over. So no proposal gives way to a worse one unless a limit
    or a minimum demands it, and without minima this is `recommend` with fill="skip". Formula: the choice that is
    lexicographically greatest in rank order (`scoring.choice`), exact to the cent.
    Errors: ScoresError, also where tied proposals would be told apart: committee or lot must decide first.
    """
    refuse_no_table(proposals, "proposals")
    bounds = _bounds(quotas)
    columns: dict[str, dict[str, int]] = {column: {} for column in bounds}
    for name, limit in (("places", places), ("budget", budget)):
        if isinstance(limit, Mapping):
            raise ScoresError([(name, "expected one number; select from each ranking by itself")])
    listed = recommend(ranking, proposals, places=places, budget=budget, fill="skip", quotas=columns, reserve=reserve)
    if "scope" in ranking.columns and ranking["scope"].nunique(dropna=False) > 1:
        raise ScoresError([("scope", "proposals are ranked apart, select from each ranking by itself")])
    everything = _read(listed, proposals, bounds)
    rows = sorted((row for row in everything if row["open"]), key=lambda row: (row["rank"], str(row["proposal"])))
    limits = _limits(rows, {"places": places, "budget": budget}, bounds)
    choice = first_in_order(limits)
    _refuse_open_ties(rows, limits, choice)
    _explain(rows, limits, choice)
    _cut_reserve(rows, reserve)
    told = pd.DataFrame(everything, columns=COLUMNS).astype({"rank": "Int64"})
    return Selection(told, _quota_frame(rows, choice, bounds))


def knapsack(proposals: pd.DataFrame, budget: int) -> pd.DataFrame:
    """What the largest sum of points within the budget would fund: for comparison only, never a recommendation.

    It passes over good proposals because they are dear, and takes poor ones because they are cheap.
    proposals: proposal, value, cost; these and the budget whole numbers from 0 to 10^14. Result, by proposal: the same
    with funded. Formula: max sum of values, sum of costs <= budget. Raises ScoresError for anything else.
    Source: Martello & Toth, Knapsack Problems, 1990.
    """
    refuse_no_table(proposals, "proposals", ["proposal", "value", "cost"])
    missing = [column for column in ("proposal", "value", "cost") if column not in proposals.columns]
    if missing:
        raise ScoresError([(missing[0], "the column is missing")])
    if not is_limit(budget):
        raise ScoresError([("budget", f"expected a whole number from 0 on, found {budget!r}")])
    refuse_no_keys(proposals, ["proposal"])
    frame = by_key(proposals, "proposal")
    value, cost = (_whole(frame[column]) for column in ("value", "cost"))
    nothing: Ints = np.zeros((0, len(frame)), dtype=np.int64)
    limits = Limits(["budget"], cost[None, :], np.array([budget]), [], nothing, nothing[:, :0].ravel())
    found = cheapest(limits, -value.astype(float), np.full(len(frame), FREE), 0)
    return frame.assign(funded=found == 1)


def _whole(given: "pd.Series[Any]") -> Ints:
    numbers, wrong = floats(given)
    if not (~wrong & (numbers >= 0) & (numbers <= MOST) & (numbers == np.round(numbers))).all():
        raise ScoresError([(str(given.name), "must be a whole number from 0 on in every row")])
    return numbers.astype(np.int64)


def _read(listed: pd.DataFrame, proposals: pd.DataFrame, quotas: Bounds) -> list[dict[str, Any]]:
    """One dict a row of the list; those that are recommended or in reserve without any minimum are `open`."""
    facts = proposals.set_axis(pd.Index(proposals["proposal"], dtype=object))
    rows: list[dict[str, Any]] = []
    for row in listed[["proposal", "rank", "status", "reason", "reason_code"]].to_dict("records"):
        opened = row["status"] in (RECOMMENDED, RESERVE) or row["reason_code"] == "no_reserve_place"
        said: dict[str, Any] = {
            column: facts.at[row["proposal"], column] for column in (*AMOUNTS.values(), *quotas) if column in facts
        }
        amounts = {name: said[column] for name, column in AMOUNTS.items() if column in said}
        amounts = {name: None if is_blank(one) else int(one) for name, one in amounts.items()}
        labels = {column: label(said[column]) for column in quotas} if opened else {}
        rows.append(
            {
                **{str(name): told for name, told in row.items()},
                "rank": None if is_blank(row["rank"]) else int(row["rank"]),
                **amounts,
                "quota": labels,
                "open": opened,
                "by_rank": False,
            }
        )
    return rows


def _limits(rows: list[dict[str, Any]], capacity: Mapping[str, int | None], quotas: Bounds) -> Limits:
    caps = {name: ([row[name] for row in rows], most) for name, most in capacity.items() if most is not None}
    minima = {}
    for column, value, (least, most) in _each(quotas):
        inside = [int(row["quota"][column] == value) for row in rows]
        if most is not None:
            caps[f"quota:{column}={value}"] = (inside, most)
        if least:
            minima[f"{column}={value}"] = (inside, least)

    def block(named: Mapping[str, tuple[list[int], int]]) -> tuple[list[str], Ints, Ints]:
        weights = np.array([weights for weights, _ in named.values()], dtype=np.int64).reshape(len(named), len(rows))
        return list(named), weights, np.array([bound for _, bound in named.values()], dtype=np.int64)

    return Limits(*block(caps), *block(minima))


def _each(quotas: Bounds) -> Iterator[tuple[str, str, tuple[int, int | None]]]:
    for column in sorted(quotas):
        for value, bounds in sorted(quotas[column].items()):
            yield column, value, bounds


def _bounds(quotas: Quotas) -> Bounds:
    """The quotas with their values as text, as they are compared; ScoresError for what is no quota."""
    if not isinstance(quotas, Mapping):
        raise ScoresError([("quotas", f"expected limits by column, found {quotas!r}")])
    found: dict[str, dict[str, tuple[int, int | None]]] = {}
    for column, by_value in quotas.items():
        if not isinstance(column, str) or not isinstance(by_value, Mapping):
            raise ScoresError([(f"quotas, {column!r}", "expected a column, and for each value (fewest, most)")])
        found[column] = {label(value): _bound(f"quotas, {column}={value}", one) for value, one in by_value.items()}
    return found


def _bound(place: str, given: object) -> tuple[int, int | None]:
    if not isinstance(given, tuple) or len(given) != 2:
        raise ScoresError([(place, "expected (fewest, most)")])
    for one in given:
        if one is not None and not is_limit(one):
            raise ScoresError([(place, f"{one!r} is no whole number from 0 on")])
    least, most = given[0] or 0, given[1]
    if most is not None and least > most:
        raise ScoresError([(place, f"fewest {least} is above most {most}")])
    return least, most


def _refuse_open_ties(rows: list[dict[str, Any]], limits: Limits, choice: Ints) -> None:
    """ScoresError if a proposal was left out only because another of the same rank came first by its key."""
    rank = np.array([row["rank"] for row in rows])
    missing = int(limits.missing(choice).sum())
    for tied in np.unique(rank):
        here = np.flatnonzero(rank == tied)
        if not 0 < choice[here].sum() < len(here):
            continue
        for left_out in here[choice[here] == 0]:
            instead = np.where(rank < tied, choice, FREE)
            instead[left_out] = 1
            if possible(limits, instead, missing):
                names = ", ".join(str(rows[at]["proposal"]) for at in here)
                raise ScoresError(
                    [(f"rank {tied}", f"{names} are tied at the line, committee or lot must decide first")]
                )


def _explain(rows: list[dict[str, Any]], limits: Limits, choice: Ints) -> None:
    """Status and reason of every row, by walking down the list with and without the minima."""
    used, plain = np.zeros(len(limits.caps), dtype=np.int64), np.zeros(len(limits.caps), dtype=np.int64)
    inside = np.zeros(len(limits.minima), dtype=np.int64)
    for at, row in enumerate(rows):
        weight = limits.weights[:, at]
        row["by_rank"] = bool((plain + weight <= limits.most).all())
        over = np.flatnonzero(used + weight > limits.most)
        own = limits.members[:, at] == 1
        if choice[at]:
            by_minimum = bool(own.any()) and not row["by_rank"]
            code = f"minimum:{limits.minima[int(np.argmax(own))]}" if by_minimum else "fits"
        elif len(over):
            code = limits.caps[over[0]]
        else:
            # A proposal can give way to the minimum of its own kind: where it needs what two cheaper ones could have.
            open_minima = inside < limits.least
            others = open_minima & ~own
            code = f"gives_way:{limits.minima[int(np.argmax(others if others.any() else open_minima))]}"
        _decide(row, RECOMMENDED if choice[at] else RESERVE, code)
        used += weight * choice[at]
        plain += weight * row["by_rank"]
        inside += own * choice[at]


def _cut_reserve(rows: list[dict[str, Any]], reserve: int | None) -> None:
    """As in `recommend`: a tied rank is on the reserve list as a whole or not at all."""
    waiting = [row for row in rows if row["status"] == RESERVE]
    for row in waiting:
        if reserve is not None and sum(other["rank"] <= row["rank"] for other in waiting) > reserve:
            _decide(row, NOT_RECOMMENDED, "no_reserve_place")


def _decide(row: dict[str, Any], status: str, code: str) -> None:
    name, _, quota = code.partition(":")
    row |= {"status": status, "reason_code": code, "reason": SENTENCES[name].format_map({**row, "quota": quota})}


def _quota_frame(rows: list[dict[str, Any]], choice: Ints, quotas: Bounds) -> pd.DataFrame:
    found = []
    for column, value, (least, most) in _each(quotas):
        inside = np.array([row["quota"][column] == value for row in rows], dtype=bool)
        taken = int(choice[inside].sum())
        bounds = {"minimum": least, "maximum": most, "available": int(inside.sum())}
        found.append(
            {"column": column, "value": value, **bounds, "recommended": taken, "missing": max(least - taken, 0)}
        )
    columns = ["column", "value", "minimum", "maximum", "available", "recommended", "missing"]
    return pd.DataFrame(found, columns=columns).astype({"maximum": "Int64"})
