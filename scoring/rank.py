"""The ranking: every proposal with total, pass, rank, and the rule that decided."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scoring.exact import Column, Flags, Ints, Values
from scoring.near import near_threshold
from scoring.sheets import review_totals, spread
from scoring.ties import Places, placed, rule_codes
from scoring.totals import Standing, mirrored, scope_of, standing, sum_of

if TYPE_CHECKING:
    from scoring.scheme import Scheme

__all__ = ["criterion_means", "rank", "review_totals"]


def rank(
    scheme: "Scheme", scores: pd.DataFrame, proposals: pd.DataFrame | None = None, *, seed: str | None = None
) -> pd.DataFrame:
    """The ranking of a call, one row a proposal, by rank and then by key; the unranked behind, by key.

    scores: proposal, reviewer, criterion, value[, reason] in any order; proposals: proposal and whatever numbers feed
    computed criteria, gates, adjustments, tie rules and the scope; seed: the published seed, if lots may be drawn.

    Columns: proposal; rank, rank_max (blank = not ranked; equal rank = still tied); total (Decimal as published, None =
    no total); valid_reviews (sheets with a mark, without recused ones); spread (standard deviation, n - 1, of the sheets'
    totals in points; blank below two); passed (blank = cannot be said); failed (list of keys below their minimum);
    tie_group (number shared by those left tied, blank = none); decided_by (tie rule that placed the row, "" = none);
    near_threshold (one mark, one step up or down, would turn the pass); unranked (why there is no rank: gate, no_rating,
    no_mark, too_few_ratings, below_minimum, no_order; "" = ranked); notes (list of gate:KEY, no_mark:KEY, open_marks:N,
    not_assessable:N, no_consensus:KEY, unrecorded:RULE); total_exact, order_exact (Fraction: total, and the value that
    the order follows); scope (lot or core topic, where the scheme ranks them apart); mean_<criterion> (Decimal, the
    unweighted mark over the raters, None = none).

    Minima always compare exact values; with `rounding.when: rank` only the order follows the published totals.
    Raises ScoresError naming the rows that are wrong. No argument is changed.
    """
    found = standing(scheme, scores, proposals)
    unranked = why_unranked(found)
    ranked = unranked == ""
    order = order_value(found)
    rules, unrecorded = rule_codes(found, seed)
    scopes = scope_of(scheme, found.facts)
    places = placed(codes_of(scopes)[ranked], order.places()[ranked], {name: code[ranked] for name, code in rules.items()})
    columns = {
        "proposal": found.keys,
        **place_columns(places, ranked),
        **result_columns(found, order, unranked),
        **({"scope": scopes} if scheme.ranking.scope else {}),
        **{f"mean_{one.key}": published(found, one.key) for one in scheme.criteria},
    }
    columns["notes"] = notes(found, places, ranked, unrecorded)
    return in_order(pd.DataFrame(columns))


FIRST = ["proposal", "rank", "rank_max", "total", "valid_reviews", "spread", "passed", "failed", "tie_group", "decided_by"]


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    scope = ["scope"] if "scope" in frame else []
    sorted_frame = frame.sort_values([*scope, "rank", "proposal"], na_position="last", ignore_index=True)
    rest = [name for name in frame.columns if name not in FIRST]
    return sorted_frame[FIRST + sorted(rest, key=lambda name: name.startswith("mean_"))]


def why_unranked(found: Standing) -> Values:
    """The first reason that keeps each proposal out of the order, "" for the ranked."""
    below = np.logical_or.reduce([*found.below.values(), np.zeros(len(found.keys), dtype=bool)])
    reasons = {
        "gate": np.array([bool(keys) for keys in found.barred], dtype=bool),
        "no_rating": found.valid_reviews == 0,
        "too_few_ratings": found.valid_reviews < found.scheme.aggregation.min_valid_ratings,
        "no_mark": ~found.complete,
        "below_minimum": below,
        "no_order": np.full(len(found.keys), not found.scheme.ranking.ordered),
    }
    return np.select(list(reasons.values()), [np.array(name, dtype=object) for name in reasons], default="").astype(object)


def order_value(found: Standing) -> Column:
    """What the order follows: the total, with the weights for ranking if the scheme has them, rounded if it says so."""
    scheme = found.scheme
    value = found.total
    if scheme.ranking.weights:
        value = sum_of([found.adjusted, *(reweighted(found, one.key) for one in scheme.criteria)])
    return value.rounded(scheme.aggregation.rounding) if scheme.aggregation.rounding.when == "rank" else value


def reweighted(found: Standing, key: str) -> Column:
    """A criterion's points with its weight for ranking in place of its weight."""
    one, weight = found.scheme.criterion(key), found.scheme.ranking.weights.get(key)
    usual = one.weight_percent if found.scheme.aggregation.total == "weighted_percent" else one.weight
    return found.points[key] if weight is None else found.points[key] * (Fraction(weight) / Fraction(usual or 1))


def codes_of(scopes: Sequence[object]) -> Ints:
    return pd.factorize(np.asarray([str(scope) for scope in scopes], dtype=object), sort=True)[0].astype(np.int64)


def place_columns(places: Places, ranked: Flags) -> dict[str, Any]:
    def spread_out(values: Ints, blank: Flags) -> pd.Series:
        full = np.zeros(len(ranked), dtype=np.int64)
        full[ranked] = values
        return pd.Series(pd.arrays.IntegerArray(full, blank))

    decided = np.full(len(ranked), "", dtype=object)
    decided[ranked] = places.decided_by
    untied = np.ones(len(ranked), dtype=bool)
    untied[ranked] = places.tie_group == 0
    return {
        "rank": spread_out(places.rank, ~ranked),
        "rank_max": spread_out(places.rank_max, ~ranked),
        "tie_group": spread_out(places.tie_group, untied),
        "decided_by": decided,
    }


def result_columns(found: Standing, order: Column, unranked: Values) -> dict[str, Any]:
    unsaid = np.isin(unranked.astype(str), ("no_rating", "too_few_ratings", "no_mark"))
    return {
        "total": known(found.total.decimals(found.scheme.aggregation.rounding), found.complete),
        "valid_reviews": found.valid_reviews,
        "spread": spread(found),
        "passed": pd.Series(pd.arrays.BooleanArray(found.passed & ~unsaid, unsaid)),
        "failed": failed_keys(found),
        "near_threshold": near_threshold(found),
        "unranked": unranked,
        "total_exact": known(found.total.fractions(), found.complete),
        "order_exact": known(order.fractions(), found.complete),
    }


def known(values: Values, given: Flags) -> Values:
    found = np.full(len(given), None, dtype=object)
    found[given] = values[given]
    return found


def failed_keys(found: Standing) -> Values:
    keys = np.empty(len(found.keys), dtype=object)
    keys[:] = [[] for _ in range(len(keys))]
    for key, below in found.below.items():
        for row in np.flatnonzero(below):
            keys[row].append(key)
    return keys


def published(found: Standing, key: str) -> Values:
    mark = found.marks[key]
    return known(mark.value.decimals(found.scheme.aggregation.rounding), mark.given)


def notes(found: Standing, places: Places, ranked: Flags, unrecorded: list[str]) -> Values:
    """What a reader of the list should know about each proposal, as short codes."""
    said = np.empty(len(found.keys), dtype=object)
    said[:] = [[f"gate:{key}" for key in keys] for keys in found.barred]
    for name, counts in {"open_marks": found.ratings.open_marks, "not_assessable": found.ratings.not_assessable}.items():
        for row in np.flatnonzero(counts):
            said[row].append(f"{name}:{counts[row]}")
    for key, rows in keyed_notes(found, places, ranked, unrecorded):
        for row in rows:
            said[row].append(key)
    return said


def keyed_notes(found: Standing, places: Places, ranked: Flags, unrecorded: list[str]) -> list[tuple[str, Ints]]:
    rated = found.valid_reviews > 0
    lacking = [
        (f"no_mark:{one.key}", np.flatnonzero(rated & ~found.marks[one.key].given))
        for one in found.scheme.rated_criteria
        if not one.optional
    ]
    tied = np.flatnonzero(ranked)[places.tie_group > 0]
    return lacking + disagreements(found) + [(f"unrecorded:{rule}", tied) for rule in unrecorded]


def disagreements(found: Standing) -> list[tuple[str, Ints]]:
    """Where the scheme wants a consensus and the marks differ; the mean stands in for it."""
    if found.scheme.aggregation.across_raters != "consensus":
        return []
    said = []
    for index, one in enumerate(found.scheme.rated_criteria):
        marks = found.ratings.rows(found.ratings.criterion == index)
        some = np.zeros(len(found.keys), dtype=np.int64)
        some[marks.proposal] = marks.mark
        said.append((f"no_consensus:{one.key}", np.unique(marks.proposal[marks.mark != some[marks.proposal]])))
    return said


def criterion_means(scheme: "Scheme", scores: pd.DataFrame, proposals: pd.DataFrame | None = None) -> pd.DataFrame:
    """The mark of every criterion over the raters, one row a proposal and criterion, by key and in the scheme's order.

    Columns: proposal, criterion, mean (Decimal, unweighted, rounded as the scheme publishes; None = no mark), mean_exact
    (Fraction), marks (how many raters gave one), points (Decimal, what it adds to the total), failed (below its minimum).
    """
    found = standing(scheme, scores, proposals)
    rounding = scheme.aggregation.rounding
    parts = []
    for one in scheme.criteria:
        mark = found.marks[one.key]
        columns = {
            "proposal": found.keys,
            "criterion": one.key,
            "mean": published(found, one.key),
            "mean_exact": known(mark.value.fractions(), mark.given),
            "marks": mark.count,
            "points": known(found.points[one.key].decimals(rounding), mark.given),
            "failed": found.below.get(one.key, np.zeros(len(found.keys), dtype=bool)),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts).sort_values("proposal", kind="stable", ignore_index=True)
