"""Ratings freed from strict and lenient reviewers, and how sure a rank is: advice beside the official mean."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.advice.calibrate.design import Design, Integers, read_totals, scale_of
from scoring.advice.calibrate.posterior import Sums, quadrature, sums_of
from scoring.advice.calibrate.ranks import QUANTILES, Effects, Ranks, drawn_ranks, effects_of
from scoring.errors import ScoresError

LEAST_LOAD = 10
# Beyond these the last bits depend on the processor: without them the order is the same everywhere.
DIGITS = 9
NOT_ASSESSED = "not assessed"
CANNOT_BE_JUDGED = "cannot be judged"
ONE_PROPOSAL = "only one proposal: there is nothing to rank"
NO_VARIATION = "no variation: all totals are equal"
ONE_REVIEWER = "only one reviewer: severity and quality cannot be told apart"
NOT_CONNECTED = (
    "{components} groups of proposals share no reviewer: ranks across the groups rest on the model's "
    "assumptions alone; rank each group by itself"
)


@dataclass(frozen=True)
class Calibration:
    """What `calibrate` found. Numbers are floats unless said otherwise, blanks NaN, ids as they were handed in.

    `proposals`, one row each, by expected rank, equal ones by id, those nobody rated last: proposal, n (totals, whole
    number), expected_rank (1..I, best = 1), adjusted, sd (points of the scale), rank_q05, rank_q25, rank_q50, rank_q75,
    rank_q95 (whole ranks), p_top (0..1; blank without `top`), pcer (0..100), sucra (0..1; blank of one proposal),
    component (group that shares reviewers, from 1, Int64), note ("" = nothing to say). Who was not rated has n 0,
    adjusted, sd and a note, all else blank.
    `reviewers`, one row each, by id: reviewer, severity (points of the scale; positive = stricter than colleagues), sd
    (of the severity), judged (proposals rated, whole number), note.
    `tau`, `s`: posterior means of two standard deviations in points of the scale: of the proposals, and of the ratings
    of one proposal once severity is taken out. `mean`: the mean of the proposals' means. `components`: how many groups
    of proposals share no reviewer. `notes`: what a reader must know before using any of it.
    """

    proposals: pd.DataFrame
    reviewers: pd.DataFrame
    tau: float
    s: float
    mean: float
    components: int
    notes: tuple[str, ...]


def calibrate(
    totals: pd.DataFrame, *, scale: tuple[float, float], top: int | None = None, seed: int = 0
) -> Calibration:
    """Two-way Bayesian model of proposals and reviewers: adjusted totals, expected ranks and how sure they are.

    Advice that stands beside the official mean and never replaces it.

    `totals`: N rows with `proposal`, `reviewer` (ids) and `total` (points of the scale; blank = not given, never 0).
    Row order does not matter. A proposal with blanks only is listed with the note "not assessed": its `adjusted` is
    the general mean, its ranks are blank. `scale`: (min, max) of a total. `top`: number of places for `p_top`, the
    chance to be among them. `seed` fixes the 4,000 draws behind the rank quantiles and `p_top` (standard error up to
    0.008); nothing else is random.

    Model and formulas: `scoring.advice.calibrate.posterior`. expected_rank is the closed form of `.ranks` there
    (mean of the drawn ranks above 2,000 different results); proposals with the same reviewers and the same sum get
    exactly the same numbers. With I rated proposals pcer = 100 (expected_rank - 1/2) / I and
    sucra = 1 - (expected_rank - 1) / (I - 1). adjusted = general mean + theta, drawn towards the mean where ratings are
    few, sd its posterior standard deviation. severity = -nu; below 10 proposals that others rated too the note says
    "cannot be judged": chance would speak.

    Raises ScoresError for missing columns, blank ids, a total that is no number or off the scale, two totals of one
    pair, no total at all, a wrong scale, top or seed, and for more than 1,000 reviewers (use `reml`).
    Source: Heyard, Ott, Salanti, Egger (2022), Statistics and Public Policy 9:110-121.
    """
    low, high = scale_of(scale)
    refuse_options(top, seed)
    design = read_totals(totals, scale)
    sums = sums_of(design, low, high)
    nodes = quadrature(sums)
    effects = effects_of(sums, nodes)
    ranks = drawn_ranks(sums, nodes, top, seed)
    components = components_of(design)
    span, count = high - low, int(components.max()) + 1
    proposals = proposals_frame(design, sums, effects, ranks, components, span)
    return Calibration(
        proposals=with_unrated(proposals, design, sums.mean, span * float(np.sqrt(nodes.weight @ nodes.tau**2))),
        reviewers=reviewers_frame(design, effects, span),
        tau=span * float(nodes.weight @ nodes.tau),
        s=span * float(nodes.weight @ nodes.s),
        mean=sums.mean,
        components=count,
        notes=notes_of(design, count),
    )


def refuse_options(top: int | None, seed: int) -> None:
    """ScoresError unless top is a number of places and seed a number of 0 or more."""
    if top is not None and (isinstance(top, bool) or not isinstance(top, (int, np.integer)) or top < 1):
        raise ScoresError(f"top must be a whole number of places from 1, got {top!r}")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ScoresError(f"seed must be a whole number from 0, got {seed!r}")


def components_of(design: Design) -> Integers:
    """Which group a proposal belongs to (I, from 0): proposals are in one when a chain of reviewers joins them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    proposals, reviewers = len(design.proposals), len(design.reviewers)
    ones = np.ones(len(design.row))
    graph = coo_array((ones, (design.row, design.column + proposals)), shape=(proposals + reviewers,) * 2)
    labels = connected_components(graph.tocsr(), directed=False)[1][:proposals]
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.intp)


def proposals_frame(
    design: Design, sums: Sums, effects: Effects, ranks: Ranks, components: Integers, span: float
) -> pd.DataFrame:
    """One row per rated proposal, best expected rank first."""
    of, n = sums.members, len(design.proposals)
    rank = np.where(np.isnan(effects.expected_rank), ranks.mean, effects.expected_rank)[of].clip(1, n).round(DIGITS)
    columns: dict[str, object] = {
        "proposal": design.proposals,
        "n": design.ratings,
        "expected_rank": rank,
        "adjusted": (sums.mean + span * effects.theta[of]).round(DIGITS),
        "sd": (span * effects.theta_sd[of]).round(DIGITS),
    }
    for index, share in enumerate(QUANTILES):
        columns[f"rank_q{round(100 * share):02d}"] = ranks.quantiles[of, index]
    columns["p_top"] = ranks.within_top[of]
    columns["pcer"] = 100 * (rank - 0.5) / n
    columns["sucra"] = 1 - (rank - 1) / (n - 1) if n > 1 else np.nan
    columns["component"] = pd.array(components + 1, dtype="Int64")
    columns["note"] = "" if n > 1 else ONE_PROPOSAL
    return pd.DataFrame(columns).sort_values("expected_rank", kind="stable", ignore_index=True)


def with_unrated(frame: pd.DataFrame, design: Design, mean: float, sd: float) -> pd.DataFrame:
    """Appends the proposals nobody rated: general mean, wide, without any rank."""
    if not design.unrated:
        return frame
    rows = pd.DataFrame({"proposal": design.unrated, "n": 0, "adjusted": mean, "sd": sd, "note": NOT_ASSESSED})
    joined = pd.concat([frame, rows], ignore_index=True)
    return joined[frame.columns]


def reviewers_frame(design: Design, effects: Effects, span: float) -> pd.DataFrame:
    """One row per reviewer in the order of ids; severity is how far below colleagues this reviewer rates."""
    return pd.DataFrame(
        {
            "reviewer": design.reviewers,
            "severity": (0.0 - span * effects.nu).round(DIGITS),
            "sd": (span * effects.nu_sd).round(DIGITS),
            "judged": design.loads,
            "note": np.where(design.shared_loads < LEAST_LOAD, CANNOT_BE_JUDGED, ""),
        }
    )


def notes_of(design: Design, components: int) -> tuple[str, ...]:
    """What stands above the tables, worst first."""
    found = []
    if components > 1:
        found.append(NOT_CONNECTED.format(components=components))
    if len(design.reviewers) == 1:
        found.append(ONE_REVIEWER)
    if len(design.proposals) == 1:
        found.append(ONE_PROPOSAL)
    elif np.ptp(design.value) == 0:
        found.append(NO_VARIATION)
    return tuple(found)
