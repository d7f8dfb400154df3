"""Checks of single marks and of what is missing: alike marks, halo, blanks, too few ratings, unjoined groups."""

from collections.abc import Hashable

import numpy as np
import pandas as pd

from scoring.advice.calibrate import components_of
from scoring.advice.calibrate.design import (
    Design,
    Floats,
    Integers,
    chosen,
    place,
    positions,
    refuse_blank_ids,
    refuse_duplicates,
)
from scoring.advice.warnings.flag import Check, Flag, not_run
from scoring.errors import ScoresError
from scoring.marks.frames import floats, is_blank, label

LEAST_REVIEWS = 5
HALO_REVIEWS = 8
HALO_CRITERIA = 4
HALO_P = 0.05
SHUFFLES = 999


def read_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """The frame with a numeric `value` (blank where it is none) and a `reason`; ScoresError as for totals."""
    frame = chosen(scores, ["proposal", "reviewer", "criterion", "value"])
    refuse_blank_ids(frame, ["proposal", "reviewer", "criterion"])
    refuse_duplicates(frame, ["proposal", "reviewer", "criterion"])
    reason = (
        scores["reason"].reset_index(drop=True) if "reason" in scores.columns else pd.Series(pd.NA, index=frame.index)
    )
    value, wrong = floats(frame["value"])
    if np.isinf(value).any():
        raise ScoresError(f"{place(frame, int(np.argmax(np.isinf(value))), 'value')} is not a number")
    given = wrong | ~np.isnan(value)
    return frame.assign(value=np.where(wrong, np.nan, value), given=given, reason=reason.astype(object))


def same_marks(design: Design, scores: pd.DataFrame | None) -> Check:
    """Reviewers with five or more reviews whose totals are all equal, or who never told criteria apart. No p."""
    tested = design.loads >= LEAST_REVIEWS
    highest, lowest = np.full(len(tested), -np.inf), np.full(len(tested), np.inf)
    np.maximum.at(highest, design.column, design.value)
    np.minimum.at(lowest, design.column, design.value)
    alike = {design.reviewers[j]: int(design.loads[j]) for j in np.flatnonzero(tested & (highest == lowest))}
    flags = [Flag("same_marks", None, one, n, "reviews with the same total", float(n)) for one, n in alike.items()]
    if scores is not None:
        flags += [
            Flag("same_marks", None, one, n, "reviews with all criteria alike", float(n))
            for one, n in flat_reviews(scores).items()
        ]
    if not tested.any() and not flags:
        return not_run("same_marks", f"too few: no reviewer has {LEAST_REVIEWS} reviews")
    return Check("same_marks", int(tested.sum()), np.nan, flags)


def flat_reviews(scores: pd.DataFrame) -> dict[Hashable, int]:
    """Reviewers with five or more reviews of two or more criteria, each review without any difference: how many."""
    spread = scores.groupby(["reviewer", "proposal"], sort=True)["value"].agg(["max", "min", "count"])
    spread = spread[spread["count"] >= 2]
    flat = (spread["max"] == spread["min"]).groupby(level="reviewer").agg(["all", "size"])
    return {one: int(n) for one, n in flat.loc[flat["all"] & (flat["size"] >= LEAST_REVIEWS), "size"].items()}


def halo(scores: pd.DataFrame | None, seed: int) -> Check:
    """Mean correlation between criteria of a reviewer's residuals, against shuffled reviewer labels; p < .05.

    Residual: a mark less the mean of the others' marks for the same proposal and criterion. From 8 complete reviews of
    4 or more criteria on.
    """
    if scores is None:
        return not_run("halo", "needs the single scores")
    residual, reviewer, names = residuals(scores)
    loads = np.bincount(reviewer, minlength=len(names))
    tested = np.flatnonzero(loads >= HALO_REVIEWS)
    if residual.shape[1] < HALO_CRITERIA or not len(tested):
        return not_run(
            "halo", f"too few: needs {HALO_REVIEWS} complete reviews of {HALO_CRITERIA} criteria by one reviewer"
        )
    products = np.hstack([residual, (residual[:, :, None] * residual[:, None, :]).reshape(len(residual), -1)])
    found = mean_correlations(products, reviewer, loads)[tested]
    random = np.random.default_rng(seed)
    reached = np.zeros(len(tested))
    for _ in range(SHUFFLES):
        reached += mean_correlations(products, random.permutation(reviewer), loads)[tested] >= found
    p = (1 + reached) / (1 + SHUFFLES)
    flags = [
        Flag("halo", None, names[j], int(loads[j]), "mean correlation between criteria", float(one), p=float(chance))
        for j, one, chance in zip(tested, found, p, strict=True)
        if chance < HALO_P
    ]
    return Check("halo", len(tested), HALO_P * len(tested), flags)


def residuals(scores: pd.DataFrame) -> tuple[Floats, Integers, list[Hashable]]:
    """Complete reviews of proposals with two or more such reviews: residuals (reviews x criteria), reviewer, names."""
    wide = scores.pivot(index=["proposal", "reviewer"], columns="criterion", values="value")
    wide = wide.dropna(axis=1, how="all").dropna(axis=0)
    wide = wide if wide.shape[1] else wide.iloc[:0].assign(nothing=0.0)
    others = wide.groupby(level="proposal").transform("count").iloc[:, :1].to_numpy() - 1
    kept = (others > 0).ravel()
    wide, others = wide[kept], others[kept]
    marks = wide.to_numpy(dtype=float)
    total = wide.groupby(level="proposal").transform("sum").to_numpy(dtype=float)
    names = sorted(set(wide.index.get_level_values("reviewer")), key=str)
    return (
        marks - (total - marks) / others,
        positions(wide.index.get_level_values("reviewer").to_numpy(dtype=object), names),
        names,
    )


def mean_correlations(products: Floats, reviewer: Integers, loads: Integers) -> Floats:
    """Mean off-diagonal correlation between criteria of each reviewer, from summed values and products."""
    criteria = int((np.sqrt(1 + 4 * products.shape[1]) - 1) / 2)
    sums = np.zeros((len(loads), products.shape[1]))
    np.add.at(sums, reviewer, products)
    mean = sums[:, :criteria] / np.maximum(loads, 1)[:, None]
    covariance = sums[:, criteria:].reshape(-1, criteria, criteria) / np.maximum(loads, 1)[:, None, None]
    covariance = covariance - mean[:, :, None] * mean[:, None, :]
    sd = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0.0))
    scale = sd[:, :, None] * sd[:, None, :]
    varied = (scale > 1e-12) & ~np.eye(criteria, dtype=bool)
    correlation = np.where(varied, covariance / np.where(varied, scale, 1.0), 0.0)
    return np.asarray(correlation.sum(axis=(1, 2)) / np.maximum(varied.sum(axis=(1, 2)), 1))


def connectivity(design: Design) -> Check:
    """More than one group of proposals that no chain of reviewers joins."""
    groups = int(components_of(design).max()) + 1
    flag = Flag("connectivity", None, None, groups, "groups without a common reviewer", float(groups))
    return Check("connectivity", len(design.proposals), np.nan, [flag] if groups > 1 else [])


def single_rating(design: Design) -> Check:
    """Reviewers with one rating."""
    alone = [design.reviewers[j] for j in np.flatnonzero(design.loads == 1)]
    flags = [Flag("single_rating", None, one, 1, "ratings", 1.0) for one in alone]
    return Check("single_rating", len(design.reviewers), np.nan, flags)


def missing(scores: pd.DataFrame | None) -> Check:
    """Share of blank marks by reason, conflicts of interest (recused) apart from all others."""
    if scores is None:
        return not_run("missing", "needs the single scores")
    blanks = scores.loc[~scores["given"], "reason"]
    blanks = blanks.map(lambda one: "no reason given" if is_blank(one) else label(one)).value_counts().sort_index()
    flags = [
        Flag("missing", None, None, int(n), f"share of blank marks: {reason}", float(n) / len(scores))
        for reason, n in blanks.items()
    ]
    return Check("missing", len(scores), np.nan, flags)


def too_few_ratings(design: Design, required: int | None) -> Check:
    """Proposals with fewer ratings than required, those without any included."""
    if required is None:
        return not_run("too_few_ratings", "needs the required number of ratings")
    short = [(one, int(n)) for one, n in zip(design.proposals, design.ratings, strict=True) if n < required]
    short += [(one, 0) for one in design.unrated]
    flags = [Flag("too_few_ratings", one, None, n, f"ratings of {required} required", float(n)) for one, n in short]
    return Check("too_few_ratings", len(design.proposals) + len(design.unrated), np.nan, flags)
