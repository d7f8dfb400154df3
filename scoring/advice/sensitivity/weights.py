"""How much the ranking hangs on the weights: many weightings, and the least change of one that swaps neighbours."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.columns import Column
from scoring.marks.frames import finite, label
from scoring.ranking.rank import rank
from scoring.ranking.recommend import labelled, recommend
from scoring.ranking.totals import Standing, anywhere, standing
from scoring.scheme.scheme import Scheme
from scoring.scheme.steps import added

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Limit = int | Mapping[str, int] | None
NEAR = 1e-9
AT_ONCE = 2_000_000
MOST_DRAWS = 1_000_000
COSTS = {"places": "places", "budget": "grant_requested_cents"}


class Model(NamedTuple):
    """What the total is made of, one row a proposal in the order of the keys, one column a weighted criterion.

    points: what the criterion adds to the total; order: what it adds to that which the order follows; reach: the most
    it could add. added: bonus, malus and criteria without weight. share: the criterion's weight, all together 1.
    may_pass: no gate, missing mark or criterion minimum is in the way, whatever the weights.
    """

    keys: list[str]
    points: Floats
    order: Floats
    reach: Floats
    added: Floats
    share: Floats
    may_pass: Bools


class Lot(NamedTuple):
    """One ranking: its rows, and for each limit what every proposal needs and how much there is."""

    rows: Ints
    needs: list[Floats]
    limits: list[float]


def sensitivity(
    scheme: Scheme,
    scores: pd.DataFrame,
    proposals: pd.DataFrame | None = None,
    *,
    draws: int,
    places: Limit = None,
    budget: Limit = None,
    fill: str = "stop",
    concentration: float = 50.0,
    seed: int = 0,
) -> pd.DataFrame:
    """How often each proposal stays above the line when the weights are drawn around those of the scheme.

    scores, proposals: as for `rank`; places, budget, fill: as for `recommend`; without a limit the line is the minimum
    that the scheme asks for. concentration: how close the drawn weights stay, 50 moves a weight of 10 % by about 4
    points (standard deviation sqrt(w (1 - w) / (concentration + 1))).
    Result, in the order of the ranking: proposal, rank, recommended (with the weights as they are), above (share of the
    draws, 0..1), passed (share in which it reaches the minima), rank_q05, rank_q95 (ranks that 5 % and 95 % of those
    draws reach at least; blank = never passed).

    Formula: weights ~ Dirichlet(concentration x weights of the scheme), each a share of the reachable points;
    total = sum of drawn / given weight x points + bonus and malus. Totals are not rounded; equal ones are put in order
    by chance in each draw. Minima of criteria do not depend on weights, those of groups and of the total do.
    Source: Lahdelma & Salminen, SMAA-2, Operations Research 49:444, 2001. Errors: ScoresError, also of `rank`.
    """
    _refuse_options(draws, concentration, seed)
    concentration = float(concentration)
    ranking = rank(scheme, scores, proposals)
    listed = recommend(ranking, proposals, places=places, budget=budget, fill=fill)
    if not scheme.ranking.ordered and (places is not None or budget is not None):
        raise ScoresError([("places", "the scheme makes no order, so there is no line")])
    model = _model(scheme, standing(scheme, scores, proposals))
    lots = _lots(model.keys, listed, proposals, {"places": labelled(places), "budget": labelled(budget)})
    above, ranks = _drawn(scheme, model, lots, fill == "stop", draws, concentration, seed)
    found = pd.DataFrame({"above": above.mean(axis=0), **_rank_columns(ranks)})
    place = pd.Index(model.keys, dtype=object).get_indexer(pd.Index(listed["proposal"], dtype=object))
    head = listed[["proposal", "rank"]].assign(recommended=listed["status"] == "recommended")
    return head.join(found.take(place).reset_index(drop=True))


def weight_swaps(scheme: Scheme, scores: pd.DataFrame, proposals: pd.DataFrame | None = None) -> pd.DataFrame:
    """The least change of one weight that puts the next proposal level with the one before it.

    scores, proposals: as for `rank`. Result, one row for each two neighbours in the ranking, in its order: proposal,
    next, criterion, weight (percent, as it is), weight_then (percent at which both are level; beyond it they swap),
    change (percentage points). Where no single weight can do it, criterion is "" and the numbers are blank; for
    proposals that only a tie rule separates too, but with change 0.

    Formula: weight c rises by d, the others shrink in proportion. With S the weighted sum, a = points of c / w_c and D
    the lead of bonus and malus, d = (1 - w_c) (S_i - S_j + D) / ((a_j - S_j) - (a_i - S_i)), kept if 0 <= w_c + d <= 1;
    exact. Errors: as `rank`.
    """
    ranked = rank(scheme, scores, proposals).dropna(subset="rank")
    found = standing(scheme, scores, proposals)
    share = _shares(scheme, for_order=True)
    points = {key: found.points[key].fractions() * scheme.reweighting(scheme.criterion(key)) for key in share}
    rest = _rest(found, share).fractions()
    row = {key: at for at, key in enumerate(found.keys.tolist())}
    rows = []
    for _, lot in ranked.groupby(_scope(ranked), sort=True):
        for first, second in pairwise(lot["proposal"]):
            i, j = row[first], row[second]
            lead = rest[i] - rest[j] + sum((points[key][i] - points[key][j] for key in share), Fraction(0))
            behind = {key: (points[key][j] - points[key][i]) / weight for key, weight in share.items()}
            rows.append({"proposal": first, "next": second, **_least_change(share, behind, lead, rest[i] - rest[j])})
    return pd.DataFrame(rows, columns=["proposal", "next", "criterion", "weight", "weight_then", "change"])


def _least_change(
    share: Mapping[str, Fraction], behind: Mapping[str, Fraction], lead: Fraction, lead_of_rest: Fraction
) -> dict[str, Any]:
    """behind: by how much the second proposal's mark is better, as a share of the weight; lead: of the first in all."""
    if lead == 0:
        return {"criterion": "", "weight": np.nan, "weight_then": np.nan, "change": 0.0}
    found = []
    for at, (key, weight) in enumerate(share.items()):
        gain = behind[key] + lead - lead_of_rest
        change = (1 - weight) * lead / gain if gain else None
        if change is not None and 0 <= weight + change <= 1:
            found.append((abs(change), at, key, change))
    if not found:
        return {"criterion": "", "weight": np.nan, "weight_then": np.nan, "change": np.nan}
    _, _, key, change = min(found)
    then = share[key] + change
    return {
        "criterion": key,
        "weight": float(100 * share[key]),
        "weight_then": float(100 * then),
        "change": float(100 * change),
    }


def _shares(scheme: Scheme, *, for_order: bool = False) -> dict[str, Fraction]:
    """The weight of every criterion that has one, as a share of what can be reached."""
    reach = {one.key: scheme.aggregation.most(one) for one in scheme.criteria}
    if for_order:
        reach = {key: value * scheme.reweighting(scheme.criterion(key)) for key, value in reach.items()}
    whole = sum(reach.values(), Fraction(0))
    return {key: value / whole for key, value in reach.items() if value > 0}


def _rest(found: Standing, share: Mapping[str, Fraction]) -> Column:
    """Bonus and malus, and the points of criteria without a weight."""
    return added([found.extra, *(points for key, points in found.points.items() if key not in share)])


def _scope(frame: pd.DataFrame) -> "pd.Series[Any]":
    return frame["scope"].map(label) if "scope" in frame else pd.Series("", index=frame.index)


def _model(scheme: Scheme, found: Standing) -> Model:
    share = _shares(scheme)
    points = np.column_stack([_floats(found.points[key]) for key in share])
    reach = [
        np.maximum(found.marks[key].count, 0) * float(scheme.aggregation.most(scheme.criterion(key)))
        if scheme.aggregation.sums_marks
        else np.full(len(found.keys), float(scheme.aggregation.most(scheme.criterion(key))))
        for key in share
    ]
    below = anywhere({one.key: found.below[one.key] for one in scheme.criteria if one.key in found.below}, len(points))
    enough = found.valid_reviews >= scheme.aggregation.min_valid_ratings
    return Model(
        keys=found.keys.tolist(),
        points=points,
        order=points * np.array([float(scheme.reweighting(scheme.criterion(key))) for key in share]),
        reach=np.column_stack(reach),
        added=_floats(_rest(found, share)),
        share=np.array([float(weight) for weight in share.values()]),
        may_pass=found.complete & ~anywhere(found.barred, len(points)) & ~below & enough,
    )


def _floats(column: Column) -> Floats:
    return column.values.astype(np.float64) / column.unit


def _drawn(
    scheme: Scheme, model: Model, lots: list[Lot], stops: bool, draws: int, concentration: float, seed: int
) -> tuple[Counts, Counts]:
    """For every draw and proposal whether it is above the line (0, 1), and its rank, 0 where it does not pass."""
    random = np.random.default_rng(seed)
    above, ranks = (np.zeros((draws, len(model.keys)), dtype=np.int32) for _ in range(2))
    step = max(1, AT_ONCE // max(len(model.keys), 1))
    for start in range(0, draws, step):
        here = slice(start, min(start + step, draws))
        factor = random.dirichlet(concentration * model.share, here.stop - here.start) / model.share
        passed = _passed(scheme, model, factor)
        value = np.round(factor @ model.order.T + model.added, 9)
        chance = random.random(value.shape)
        for lot in lots:
            order = lot.rows[np.lexsort((chance[:, lot.rows], -value[:, lot.rows], ~passed[:, lot.rows]))]
            _walk(order, passed, lot, stops, above[here], ranks[here])
    return above, ranks


def _passed(scheme: Scheme, model: Model, factor: Floats) -> Bools:
    """Which proposals reach the minima of groups and total with these weights (draws x proposals)."""
    total = factor @ model.points.T + model.added
    passed = np.broadcast_to(model.may_pass, total.shape).copy()
    keys = list(_shares(scheme))
    for group in scheme.groups:
        if group.minimum is not None:
            inside = np.array([scheme.criterion(key).group == group.key for key in keys])
            passed &= _meets(factor[:, inside] @ model.points[:, inside].T, float(group.minimum), strict=False)
    rule = scheme.pass_rule
    if rule.total is not None:
        passed &= _meets(total, float(rule.total.minimum), strict=rule.total.strict)
    if rule.percent is not None:
        least = float(rule.percent.minimum) / 100 * (factor @ model.reach.T)
        passed &= _meets(total - least, 0.0, strict=rule.percent.strict)
    return passed


def _meets(value: Floats, least: float, *, strict: bool) -> Bools:
    return value > least + NEAR if strict else value >= least - NEAR


def _walk(order: Ints, passed: Bools, lot: Lot, stops: bool, above: Counts, ranks: Counts) -> None:
    """Goes down the list of every draw at once, as `recommend` does with one, and writes above and ranks."""
    draws = np.arange(len(order))
    left = [np.full(len(order), float(limit)) for limit in lot.limits]
    closed = np.zeros(len(order), dtype=bool)
    for place, at in enumerate(order.T, start=1):
        runs = passed[draws, at]
        fits = runs & ~closed
        for need, room in zip(lot.needs, left, strict=True):
            fits &= need[at] <= room
        for need, room in zip(lot.needs, left, strict=True):
            room -= need[at] * fits
        closed |= runs & ~fits & stops
        above[draws, at] = fits
        ranks[draws, at] = place * runs


def _lots(
    keys: list[Any], listed: pd.DataFrame, proposals: pd.DataFrame | None, limits: Mapping[str, Limit]
) -> list[Lot]:
    """The rankings of a call, each with its rows, its limits, and what every proposal needs of them."""
    table, known = listed if proposals is None else proposals, pd.Index(keys, dtype=object)
    facts = table.take(pd.Index(table["proposal"], dtype=object).get_indexer(known))
    listed = listed.take(pd.Index(listed["proposal"], dtype=object).get_indexer(known))
    scope = _scope(listed).to_numpy()
    out = listed["status"].isin(["rejected_formally", "withdrawn"]).to_numpy()
    needs = {
        name: facts[COSTS[name]].fillna(0).to_numpy(dtype=np.float64) for name in limits if limits[name] is not None
    }
    lots = []
    for one in np.unique(scope).tolist():
        here = {name: limit.get(one, 0) if isinstance(limit, Mapping) else limit for name, limit in limits.items()}
        rows = np.flatnonzero((scope == one) & ~out)
        lots.append(Lot(rows, list(needs.values()), [float(here[name] or 0) for name in needs]))
    return lots


def _rank_columns(ranks: Counts) -> dict[str, Any]:
    """Share of the draws in which each passes, and the ranks that 5 % and 95 % of these reach at least."""
    passed = (ranks > 0).sum(axis=0)
    inside = np.sort(np.where(ranks > 0, ranks, np.iinfo(np.int32).max), axis=0)
    columns: dict[str, Any] = {"passed": passed / len(ranks)}
    for share in (0.05, 0.95):
        place = np.maximum(np.ceil(share * passed).astype(np.int64) - 1, 0)
        value = inside[place, np.arange(inside.shape[1])]
        columns[f"rank_q{round(100 * share):02d}"] = pd.arrays.IntegerArray(value.astype(np.int64), passed == 0)
    return columns


def _refuse_options(draws: int, concentration: float, seed: int) -> None:
    for name, value, least in (("draws", draws, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ScoresError([(name, f"must be a whole number from {least} on, not {value!r}")])
    if draws > MOST_DRAWS:
        raise ScoresError([("draws", f"at most {MOST_DRAWS}, not {draws}")])
    if not finite(concentration) > 0:
        raise ScoresError([("concentration", f"must be a number above 0, not {concentration!r}")])
