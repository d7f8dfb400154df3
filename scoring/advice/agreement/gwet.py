"""Gwet's AC1 and AC2 over the full scale, used or not."""

import numpy as np

from scoring.advice.agreement.statistic import NO_VARIATION, TOO_FEW, Statistic, around, blank
from scoring.advice.calibrate.design import Design, Floats, scale_of
from scoring.errors import ScoresError
from scoring.marks.frames import finite

NAME = "gwet_ac2"
NEEDS_SCALE = "needs the full scale (min, max, step): marks that nobody gave count too"
OFF_STEPS = "values are not on the steps of the scale"
MOST_STEPS = 1000


def gwet_ac2(design: Design, level: str, scale: tuple[float, ...] | None, confidence: float) -> Statistic:
    """AC = (p_a - p_e)/(1 - p_e) with weights by level; identity weights (nominal) make it AC1.

    With r_iq of r_i reviewers giving proposal i mark q of Q on the scale, weights w_qk and T their sum:

        p_a = mean over proposals with r_i >= 2 of sum_q r_iq (sum_k w_qk r_ik - 1) / (r_i (r_i - 1))
        p_e = T / (Q (Q - 1)) sum_q pi_q (1 - pi_q),   pi_q = mean over all proposals of r_iq / r_i

    w: nominal 0 or 1; ordinal 1 - C(|q - k| + 1, 2)/C(Q, 2); interval 1 - ((q - k)/(max - min))^2; ratio
    1 - ((q - k)/(q + k))^2 / ((max - min)/(max + min))^2. `scale`: (min, max) in whole steps, or (min, max, step).
    Interval: linearised over proposals, Student. It rises with unused marks at the ends of a scale: do not show it to a
    committee without alpha beside it. Blank: "no variation", "too few", no scale, values between the steps.
    Source: Gwet (2008), Br. J. Math. Stat. Psychol. 61:29-48; Gwet (2014), Handbook of Inter-Rater Reliability.
    """
    paired = int((design.ratings >= 2).sum())
    if paired < 2:
        return blank(NAME, paired, f"{TOO_FEW}: under two proposals with two ratings")
    if np.ptp(design.value) == 0:
        return blank(NAME, paired, NO_VARIATION)
    if scale is None:
        return blank(NAME, paired, NEEDS_SCALE)
    marks = marks_of(scale)
    if marks is None:
        return blank(NAME, paired, NEEDS_SCALE)
    place = np.searchsorted(marks, design.value - (marks[1] - marks[0]) / 2)
    if np.abs(marks[np.minimum(place, len(marks) - 1)] - design.value).max() > 1e-9:
        return blank(NAME, paired, OFF_STEPS)
    given = np.zeros((len(design.proposals), len(marks)))
    np.add.at(given, (design.row, place), 1.0)
    return ac_of(given, weights_of(marks, level), confidence)


def marks_of(scale: tuple[float, ...]) -> Floats | None:
    """All marks of a scale (min, max[, step]), at most 1,001; None where no step is given and whole ones do not fit.

    Raises ScoresError for a step that does not divide the scale.
    """
    (low, high), step = scale_of(scale), finite(scale[2]) if len(scale) > 2 else 1.0
    parts = (high - low) / step if step > 0 else np.nan
    if np.isfinite(parts) and 1 <= parts <= MOST_STEPS and abs(parts - round(parts)) < 1e-9:
        return np.linspace(low, high, round(parts) + 1)
    if len(scale) > 2:
        raise ScoresError(f"the step {scale[2]!r} does not divide the scale {low:g} to {high:g}")
    return None


def weights_of(marks: Floats, level: str) -> Floats:
    """How much two marks agree, Q x Q: 1 on the diagonal, 0 for the least agreement of the scale."""
    gap = np.abs(marks[:, None] - marks)
    if level == "nominal":
        return np.eye(len(marks))
    if level == "ordinal":
        steps = np.abs(np.subtract.outer(np.arange(len(marks)), np.arange(len(marks))))
        return np.asarray(1 - steps * (steps + 1) / (len(marks) * (len(marks) - 1)))
    if level == "interval":
        return np.asarray(1 - (gap / gap.max()) ** 2)
    added = marks[:, None] + marks
    relative = (gap / np.where(added == 0, 1.0, added)) ** 2
    return np.asarray(1 - relative / relative.max())


def ac_of(given: Floats, weights: Floats, confidence: float) -> Statistic:
    """The coefficient from proposals x marks counts, and how far each proposal moves it."""
    ratings = given.sum(axis=1)
    paired, share = ratings >= 2, given / ratings[:, None]
    agreed = (given * (given @ weights - 1)).sum(axis=1)[paired] / (ratings * (ratings - 1))[paired]
    used, marks = share.mean(axis=0), len(weights)
    factor = weights.sum() / (marks * (marks - 1))
    chance = factor * (used * (1 - used)).sum()
    value = (agreed.mean() - chance) / (1 - chance)
    moved = -2 * (1 - value) * (factor * (1 - share @ used) - chance)
    moved[paired] += (agreed - chance) * len(given) / paired.sum()
    return around(NAME, float(value), moved / (1 - chance) / len(given), int(paired.sum()), confidence)
