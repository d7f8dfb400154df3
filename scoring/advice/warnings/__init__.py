"""Prompts for a human, each with its n, its statistic and how many false alarms chance alone would give."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from scoring.advice.calibrate import refuse_options
from scoring.advice.calibrate.design import Design, chosen, read_totals, scale_of
from scoring.advice.warnings import marks, ratings
from scoring.advice.warnings.flag import MEANINGS, Check, Flag, not_run
from scoring.errors import ScoresError

MODEL_CHECKS = ("severity", "outlying_rating", "disagreement", "closeness", "decisive_extreme")


class Warnings(NamedTuple):
    """`flags`: one row per warning; `checks`: one row per check, those that found nothing or could not run included.

    flags: check, proposal, reviewer (ids; None where it is not about one), n (ratings, marks or groups it rests on),
    statistic (says what value is), value, points (how large it is in points of the scale, NaN where that means
    nothing), p (chance of a value as extreme where nothing is the matter; NaN where the check is no test; of
    disagreement and halo the upper tail, of the others both), expected_false_alarms (of the whole check), meaning.
    checks, in the order below: check, tested (how many were looked at), flagged, expected_false_alarms (NaN where the
    check states a fact, 0 where it did not run), meaning, note (why it did not run, else "").
    """

    flags: pd.DataFrame
    checks: pd.DataFrame


def warnings(
    totals: pd.DataFrame,
    *,
    scale: tuple[float, float],
    scores: pd.DataFrame | None = None,
    close: pd.DataFrame | None = None,
    required: int | None = None,
    top: int | None = None,
    seed: int = 0,
) -> Warnings:
    """All checks that these data allow. Nothing accuses, nothing changes a score; below the stated n a check is silent.

    `totals`: proposal, reviewer, total (points of `scale` = (min, max); blank = not given). `scores`: proposal,
    reviewer, criterion, value (a word is given, but no number) and optionally reason, for the checks of single marks.
    `close`: pairs (proposal, reviewer) of one region, organisation or discipline; pairs without a total are passed
    over. `required`: ratings a proposal needs. `top`: number of places. `seed` fixes the shuffles of the halo and
    closeness checks. Row order never matters.

    What is looked at (R: range of the scale)                                   false alarms expected from chance
    severity          P(|nu_j| > 0.1 R) >= .95, from 10 shared proposals on     about 0.005 a reviewer
    outlying_rating   |t| > 3 against all others, or BH .1; from 3 ratings on   about 0.0027 a rating + 0.1
    disagreement      Q_i = sum e^2/s^2 ~ chi2(n_i - 1), BH .05; from 3 on      about 0.05 in all
    same_marks        no difference in 5 or more reviews                        a fact
    halo              correlation of criteria against shuffled labels, p < .05  0.05 a reviewer; 8 reviews, 4 criteria
    closeness         close less other ratings, shuffled, p < .01, pooled       0.01 in all; from 10 close ratings on
    decisive_extreme  end of the scale, decides about a place, |t| > 2.5        0.0124 a rating looked at
    connectivity, single_rating, missing, too_few_ratings                       facts

    BH: Benjamini & Hochberg at that share. All but the severity take tau and s at their posterior means (formulas in
    `scoring.advice.warnings.ratings`). Raises ScoresError as `calibrate` does, for scores or close with a missing
    column, for scores with a blank id or a duplicate, and for a wrong `required`.
    Source: model of `scoring.advice.calibrate.posterior`; Benjamini & Hochberg (1995), JRSS B 57:289-300.
    """
    low, high = scale_of(scale)
    refuse_options(top, seed)
    if required is not None and (
        isinstance(required, bool) or not isinstance(required, (int, np.integer)) or required < 1
    ):
        raise ScoresError(f"required must be a whole number of ratings from 1, got {required!r}")
    design = read_totals(totals, scale)
    single = None if scores is None else marks.read_scores(scores)
    if close is not None:
        chosen(close, ["proposal", "reviewer"])
    return tabled(
        [
            *against_model(design, low, high, close, top, seed),
            marks.same_marks(design, single),
            marks.halo(single, seed),
            marks.connectivity(design),
            marks.single_rating(design),
            marks.missing(single),
            marks.too_few_ratings(design, required),
        ]
    )


def against_model(
    design: Design, low: float, high: float, close: pd.DataFrame | None, top: int | None, seed: int
) -> list[Check]:
    """The checks that compare ratings with the two-way model; none runs where chance has no part."""
    if len(design.proposals) < 2 or len(design.reviewers) < 2:
        return [not_run(check, "too few: under two proposals or two reviewers") for check in MODEL_CHECKS]
    fit = ratings.fitted(design, low, high)
    if ratings.no_chance(fit):
        return [not_run(check, ratings.NO_CHANCE) for check in MODEL_CHECKS]
    return [
        ratings.severity(fit),
        ratings.outlying_rating(fit),
        ratings.disagreement(fit),
        ratings.closeness(fit, close, seed),
        ratings.decisive_extreme(fit, low, high, top),
    ]


def tabled(checks: list[Check]) -> Warnings:
    """Checks and their flags as two frames."""
    rows = [
        (one.check, one.tested, len(one.flags), one.expected_false_alarms, MEANINGS[one.check], one.note)
        for one in checks
    ]
    flags = [(*flag, one.expected_false_alarms, MEANINGS[one.check]) for one in checks for flag in one.flags]
    columns = zip(*flags, strict=True) if flags else [()] * (len(Flag._fields) + 2)
    found = dict(zip((*Flag._fields, "expected_false_alarms", "meaning"), columns, strict=True))
    # Whole-number ids would turn into floats beside the blanks.
    ids = {name: pd.Series(list(found[name]), dtype=object) for name in ("proposal", "reviewer")}
    names = ["check", "tested", "flagged", "expected_false_alarms", "meaning", "note"]
    return Warnings(
        flags=pd.DataFrame(found | ids).astype({"check": str, "n": int, "statistic": str, "meaning": str}),
        checks=pd.DataFrame(rows, columns=names),
    )
