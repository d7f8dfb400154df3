"""How far reviewers agree: intraclass correlations, Krippendorff's alpha, Gwet's AC2 and Kendall's W in one table."""

from collections.abc import Mapping

import pandas as pd

from scoring.advice.agreement.gwet import gwet_ac2
from scoring.advice.agreement.icc import COMPONENTS, MEAN, SINGLE, icc, icc_components
from scoring.advice.agreement.kendall import NAME as KENDALL
from scoring.advice.agreement.kendall import kendall_w
from scoring.advice.agreement.krippendorff import krippendorff_alpha
from scoring.advice.agreement.statistic import NEEDS_DISTANCES, NEEDS_ORDER, Statistic, blank
from scoring.advice.calibrate.design import Design, chosen, read_totals, scale_of
from scoring.errors import ScoresError
from scoring.marks.frames import floats, label, refuse_no_keys
from scoring.marks.numbering import codes

LEVELS = ("nominal", "ordinal", "interval", "ratio")
NOT_NUMBERS = "the values are not numbers"
NOTHING_GIVEN = "too few: no value was given"

Scale = tuple[float, ...]


def agreement(
    totals_or_scores: pd.DataFrame,
    *,
    level: str,
    scale: Scale | Mapping[str, Scale] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """All measures of agreement side by side; a frame with statistic, value, low, high, n, note.

    `totals_or_scores`: long frame `proposal, reviewer, total`, or `proposal, reviewer, criterion, value` - then each
    criterion is measured by itself and a first column `criterion` names it. Blank values are left out, never 0; row
    order does not matter. `level`: what the numbers mean: "nominal" (names), "ordinal" (an order), "interval" (equal
    steps), "ratio" (equal steps from a true 0). `scale`: (min, max) or (min, max, step) of the marks, or one for each
    criterion; Gwet's AC2 needs it, the components use it. `confidence` of low and high.

    Rows, always in this order: icc(1,1) icc(2,1) icc(3,1) icc(1,k) icc(2,k) icc(3,k), icc_components_consistency(1)
    _agreement(1) _consistency(k) _agreement(k), krippendorff_alpha, gwet_ac2, kendall_w. `n`: proposals a row rests on.
    A measure that these data or this level do not allow is blank and `note` says why: "no variation", "too few: ...",
    "not every reviewer rated every proposal", "needs ...". low and high alone are blank where `note` ends with
    "therefore no interval", and of kendall_w always; its note has chi2 and p. A number without its interval is no
    evidence: with 3 ratings of 20 proposals the 90 % interval of an ICC spans about 0.3.

    Raises ScoresError for missing columns, blank ids, duplicates, values that are no numbers or off the scale (in a
    frame of scores a criterion without numbers becomes blank rows), an unknown level, a wrong scale or confidence.
    Formulas and sources: `icc`, `icc_components`, `krippendorff_alpha`, `gwet_ac2`, `kendall_w` in this package.
    """
    if level not in LEVELS:
        raise ScoresError(f"level must be one of {', '.join(LEVELS)}, got {level!r}")
    if not (isinstance(confidence, float) and 0 < confidence < 1):
        raise ScoresError(f"confidence must lie between 0 and 1, got {confidence!r}")
    if isinstance(totals_or_scores, pd.DataFrame) and "criterion" in totals_or_scores.columns:
        return by_criterion(totals_or_scores, level, scale, confidence)
    if isinstance(scale, Mapping):
        raise ScoresError("a scale for each criterion needs a frame of scores with the column criterion")
    return pd.DataFrame(measured(read_totals(totals_or_scores, ends(scale)), level, scale, confidence))


def by_criterion(
    scores: pd.DataFrame, level: str, scale: Scale | Mapping[str, Scale] | None, confidence: float
) -> pd.DataFrame:
    """The same rows for each criterion, criteria in order."""
    frame = chosen(scores, ["proposal", "reviewer", "criterion", "value"]).rename(columns={"value": "total"})
    refuse_no_keys(frame, ["criterion"])
    parts = []
    code, criteria = codes(frame["criterion"])
    for number, criterion in enumerate(criteria.tolist()):
        own = scale.get(label(criterion)) if isinstance(scale, Mapping) else scale
        rows = of_criterion(frame[code == number], level, own, confidence)
        parts.append(pd.DataFrame({"criterion": [criterion] * len(rows)}).join(pd.DataFrame(rows)))
    if not parts:
        raise ScoresError("there is no score: no rows")
    return pd.concat(parts, ignore_index=True)


def of_criterion(part: pd.DataFrame, level: str, scale: Scale | None, confidence: float) -> list[Statistic]:
    """Rows of one criterion; blank ones where it has no numbers at all."""
    given = part["total"].dropna()
    if given.empty or floats(given)[1].all():
        names = (*SINGLE, *MEAN, *COMPONENTS, "krippendorff_alpha", "gwet_ac2", KENDALL)
        return [blank(name, 0, NOTHING_GIVEN if given.empty else NOT_NUMBERS) for name in names]
    return measured(read_totals(part, ends(scale)), level, scale, confidence)


def ends(scale: Scale | None) -> tuple[float, float] | None:
    """(min, max) of a scale with or without a step."""
    return None if scale is None else scale_of(scale)


def measured(design: Design, level: str, scale: Scale | None, confidence: float) -> list[Statistic]:
    """All rows for one set of ratings."""
    n = len(design.proposals)
    if level in ("interval", "ratio"):
        correlations = icc(design, confidence) + icc_components(design, ends(scale), confidence)
    else:
        correlations = [blank(name, n, NEEDS_DISTANCES) for name in (*SINGLE, *MEAN, *COMPONENTS)]
    orders = blank(KENDALL, n, NEEDS_ORDER) if level == "nominal" else kendall_w(design)
    alpha = krippendorff_alpha(design, level, confidence)
    return [*correlations, alpha, gwet_ac2(design, level, scale, confidence), orders]
