"""The ranking: every proposal with total, pass, rank, and the rule that decided."""

from typing import Any

import numpy as np
import pandas as pd

from scoring.marks.columns import Column, Flags, Ints, Values
from scoring.ranking.near_threshold import near_threshold
from scoring.ranking.notes import notes
from scoring.ranking.sheets import spread
from scoring.ranking.ties import Places, placed, rule_values
from scoring.ranking.totals import Standing, anywhere, standing
from scoring.scheme.scheme import Scheme
from scoring.scheme.steps import reweighted

FIRST = (
    "proposal",
    "rank",
    "rank_max",
    "total",
    "valid_reviews",
    "spread",
    "passed",
    "failed",
    "tie_group",
    "decided_by",
)
UNSAID = ("no_rating", "too_few_ratings", "no_mark")


def rank(
    scheme: Scheme, scores: pd.DataFrame, proposals: pd.DataFrame | None = None, *, seed: str | None = None
) -> pd.DataFrame:
    """The ranking of a call, one row a proposal, by rank and then by key; the unranked behind, by key; scope by scope.

    scores: proposal, reviewer, criterion, value[, reason] in any order; a blank value is not given, never 0; reason
    not_assessable cannot be judged, recused takes that reviewer's sheet of that proposal out. proposals: proposal and
    whatever feeds computed criteria, gates, adjustments, tie rules and the scope; all of them are listed. seed: the
    published seed, if lots may be drawn.

    Columns:
    proposal; rank, rank_max: blank = not ranked, equal rank = still tied; total: Decimal as published, None = no total;
    valid_reviews: sheets with a mark, without recused ones; spread: standard deviation (n - 1) of the sheets' totals in
    points, blank below two; passed: blank = cannot be said; failed: list of keys below their minimum; tie_group: number
    shared by those left tied, blank = none; decided_by: the tie rule that placed the row, "" = none;
    near_threshold: one mark of one rater, one step up or down, would turn the pass;
    unranked: why there is no rank (gate, no_rating, no_mark, too_few_ratings, below_minimum, no_order), "" = ranked;
    notes: list of gate:KEY, no_mark:KEY, few_marks:KEY, open_marks:N, not_assessable:N, no_consensus:KEY,
    unrecorded:RULE; total_exact, order_exact: Fraction, the total and what the order follows, None = none;
    scope: lot or core topic, where the scheme ranks them apart; mean_<criterion>: Decimal, unweighted, None = no mark.

    Minima always compare exact values; with `rounding.when: rank` only the order follows the published totals.
    Raises ScoresError naming the rows that are wrong. No argument is changed.
    """
    found = standing(scheme, scores, proposals)
    unranked = why_unranked(found)
    ranked = unranked == ""
    order = order_of(found)
    rules, unrecorded = rule_values(found, seed)
    chain = {name: value.places()[ranked] for name, value in rules.items()}
    places = placed(found.scope[ranked], order.places()[ranked], chain)
    columns = {
        "proposal": found.keys,
        **_place_columns(places, ranked),
        **_result_columns(found, order, unranked),
        "notes": notes(found, np.flatnonzero(ranked)[places.tie_group > 0], unrecorded),
        **_scope_column(found),
        **{f"mean_{one.key}": _published(found, one.key) for one in scheme.criteria},
    }
    return _in_order(columns, found.scope)


def _in_order(columns: dict[str, Any], scope: Ints) -> pd.DataFrame:
    """By scope, then the ranked by rank, then by key (the rows come sorted by key)."""
    rank_or_last = columns["rank"].fillna(np.iinfo(np.int64).max).to_numpy(dtype=np.int64)
    order = np.lexsort((rank_or_last, scope))
    frame = pd.DataFrame({name: columns[name] for name in FIRST} | columns)
    return frame.take(order).reset_index(drop=True)


def why_unranked(found: Standing) -> Values:
    """The first reason that keeps each proposal out of the order, "" for the ranked."""
    rows = len(found.keys)
    reasons = {
        "gate": anywhere(found.barred, rows),
        "no_rating": found.valid_reviews == 0,
        "too_few_ratings": found.valid_reviews < found.scheme.aggregation.min_valid_ratings,
        "no_mark": ~found.complete,
        "below_minimum": anywhere(found.below, rows),
        "no_order": np.full(rows, not found.scheme.ranking.ordered),
    }
    unranked = np.full(rows, "", dtype=object)
    for reason, applies in reversed(reasons.items()):
        unranked[applies] = reason
    return unranked


def order_of(found: Standing) -> Column:
    """What the order follows: the total, with the weights for ranking if the scheme has them, rounded if it says so."""
    scheme, value = found.scheme, found.total
    if scheme.ranking.weights:
        value = reweighted(scheme, found.points, found.extra)
    rounding = scheme.aggregation.rounding
    return value.rounded(rounding) if rounding.when == "rank" else value


def _place_columns(places: Places, ranked: Flags) -> dict[str, Any]:
    decided = np.full(len(ranked), "", dtype=object)
    decided[ranked] = places.decided_by
    tied = np.zeros(len(ranked), dtype=bool)
    tied[ranked] = places.tie_group > 0
    return {
        "rank": _whole(places.rank, ranked, ranked),
        "rank_max": _whole(places.rank_max, ranked, ranked),
        "tie_group": _whole(places.tie_group, ranked, tied),
        "decided_by": decided,
    }


def _whole(values: Ints, where: Flags, given: Flags) -> pd.Series:
    """Whole numbers put where they belong, blank where nothing is given."""
    full = np.zeros(len(where), dtype=np.int64)
    full[where] = values
    return pd.Series(pd.arrays.IntegerArray(full, ~given))


def _result_columns(found: Standing, order: Column, unranked: Values) -> dict[str, Any]:
    barred = anywhere(found.barred, len(found.keys))
    passed = found.complete & ~anywhere(found.below, len(found.keys)) & ~barred
    unsaid = np.isin(unranked.astype(str), UNSAID)
    return {
        "total": _known(found.total.decimals(found.scheme.aggregation.rounding), found.complete),
        "valid_reviews": found.valid_reviews,
        "spread": spread(found),
        "passed": pd.Series(pd.arrays.BooleanArray(passed, unsaid)),
        "failed": _failed(found),
        "near_threshold": near_threshold(found),
        "unranked": unranked,
        "total_exact": _known(found.total.fractions(), found.complete),
        "order_exact": _known(order.fractions(), found.complete),
    }


def _known(values: Values, given: Flags) -> Values:
    found = np.full(len(given), None, dtype=object)
    found[given] = values[given]
    return found


def _failed(found: Standing) -> Values:
    keys = np.empty(len(found.keys), dtype=object)
    keys[:] = [[] for _ in range(len(keys))]
    for key, below in found.below.items():
        for row in np.flatnonzero(below).tolist():
            keys[row].append(key)
    return keys


def _scope_column(found: Standing) -> dict[str, Any]:
    name = found.scheme.ranking.scope
    if name is None or not found.facts.has(name):
        return {}
    entry = found.facts.entry(name)
    said = np.array([*entry.said, None], dtype=object)
    return {"scope": said[entry.code]}


def _published(found: Standing, key: str) -> Values:
    mark = found.marks[key]
    return _known(mark.value.decimals(found.scheme.aggregation.rounding), mark.given)
