"""Why an assignment is impossible: who is short of whom, in the way that leaves the fewest places unfilled."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, eye_array, hstack
from scipy.sparse.csgraph import connected_components

from scoring.assignment.exact import WHOLE, Rows, only, prices, program, whole_program
from scoring.assignment.request import Bools, Floats, Ints, Request
from scoring.errors import ScoresError

SHOWN = 5
COLUMNS = ["short", "of", "needed", "missing", "candidates", "together", "limited_by"]


class Infeasible(ScoresError):
    """No assignment keeps every limit. `shortages` says who is short of whom, one row for each who is:

    short (a proposal or reviewer), of (`reviewers`, `proposals` or `column value` of a class), needed, missing
    (counts), candidates (all without a conflict), together (who compete for them, `short` among them) and limited_by
    (who cannot give more).
    """

    def __init__(self, shortages: pd.DataFrame) -> None:
        self.shortages = shortages
        sentences = list(dict.fromkeys(_sentence(row, shortages) for row in shortages.to_dict("records")))
        if len(sentences) > SHOWN:
            sentences[SHOWN:] = [f"And {len(sentences) - SHOWN} more."]
        super().__init__("No assignment keeps every limit. " + " ".join(sentences))


def _sentence(row: dict[Any, Any], shortages: pd.DataFrame) -> str:
    if row["limited_by"]:
        same = (shortages["together"] == row["together"]) & (shortages["limited_by"] == row["limited_by"])
        missing = shortages.loc[same, "missing"].sum()
        who, whom = _names(row["together"]), _names(row["limited_by"])
        return f"{who} need {whom} more often than the limits allow: {missing} too few."
    left = row["needed"] - row["missing"]
    note = "" if len(row["candidates"]) == left else f", of whom the other limits leave {left}"
    free = f"free of conflicts: {_names(row['candidates'])}{note}"
    return f"{row['short']} lacks {row['missing']} of {row['needed']} {row['of']} ({free})."


def _names(keys: tuple[Any, ...]) -> str:
    shown = ", ".join(str(key) for key in keys[:SHOWN]) or "nobody"
    return shown if len(keys) <= SHOWN else f"{shown} and {len(keys) - SHOWN} more"


def shortage(request: Request, rows: Rows) -> Infeasible:
    """The error for a request without a solution.

    The same linear program with a slack of price 1 on everything that is wanted; its optimum is the fewest unfilled
    places, and the rows with a dual price are the bottleneck (the minimum cut of the network).
    """
    wanted = np.isin(rows.kind, ["demand", "low", "cover"])
    slack, price = _elastic(rows, wanted)
    group = _bottlenecks(rows, price)
    found = [_row(request, rows, at, round(slack[at]), group) for at in np.flatnonzero(slack > WHOLE).tolist()]
    return Infeasible(pd.DataFrame(found, columns=COLUMNS))


def _elastic(rows: Rows, wanted: Bools) -> tuple[Floats, Floats]:
    """Slack and dual price of each row; prices are 0 where only whole numbers make it impossible."""
    pairs, slacks = rows.matrix.shape[1], int(wanted.sum())
    loose = Rows(
        csr_array(hstack([rows.matrix, eye_array(len(wanted)).tocsr()[:, wanted]])),
        rows.bound, rows.kind, rows.who, rows.part,
    )  # fmt: skip
    cost = np.concatenate([np.zeros(pairs), np.ones(slacks)])
    upper = np.concatenate([np.ones(pairs), np.full(slacks, np.inf)])
    slack, price = np.zeros(len(wanted)), np.zeros(len(wanted))
    found = program(loose, cost, upper)
    slack[wanted] = found.x[pairs:]
    if np.abs(slack - np.round(slack)).max() < WHOLE < slack.max():
        price = prices(rows, found)
    else:
        whole = whole_program(loose, cost, upper)
        slack[wanted] = slack[wanted] if whole is None else whole[pairs:]
    return slack, price


def _bottlenecks(rows: Rows, price: Floats) -> Ints:
    """The number of the bottleneck that each row belongs to, -1 for none: priced rows that meet in a pair."""
    group = np.full(len(price), -1)
    priced = np.flatnonzero(np.abs(price) > WHOLE)
    part = rows.matrix[priced]
    group[priced] = connected_components(part @ part.T, directed=False)[1]
    return group


def _row(request: Request, rows: Rows, at: int, missing: int, group: Ints) -> dict[str, Any]:
    who = int(rows.who[at])
    members = only(rows, (group == group[at]) & (group >= 0))
    if rows.kind[at] == "low":
        found = _row_of(request.reviewers, request.proposals, who, request.allowed[:, who], members, "low", "demand")
        return {**found, "of": "proposals", "needed": int(request.low[who]), "missing": missing}
    allowed, of, needed = request.allowed[who], "reviewers", int(request.needed[who])
    if rows.kind[at] == "cover":
        (column, value), (inside, needed) = list(request.classes.items())[rows.part[at]]
        allowed, of = allowed & inside, f"{column} {value}"
    found = _row_of(request.proposals, request.reviewers, who, allowed, members, str(rows.kind[at]), "high")
    return {**found, "of": of, "needed": needed, "missing": missing}


def _row_of(
    keys: list[Any], others: list[Any], who: int, allowed: Bools, bottleneck: Rows, kind: str, limit: str
) -> dict[str, Any]:
    return {
        "short": keys[who],
        "candidates": tuple(others[other] for other in np.flatnonzero(allowed)),
        "together": tuple(keys[one] for one in np.unique(bottleneck.who[bottleneck.kind == kind])),
        "limited_by": tuple(others[one] for one in np.unique(bottleneck.who[bottleneck.kind == limit])),
    }
