"""Who is above the line for sure, who below, and who cannot be told apart around it."""

import math
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.frames import by_key, finite, floats, is_key, refuse_no_keys, refuse_no_table

if TYPE_CHECKING:
    from scoring.advice.calibrate import Calibration

NEAR = 1e-9


def above_line(calibration: "Calibration", *, sure: float = 0.9) -> pd.DataFrame:
    """The chance of every proposal to be truly among the first, and the group around the line that is not told apart.

    calibration: from `calibrate(..., top=places)`. sure: 0.5..1, the chance from which a proposal counts as safe.
    Result, best chance first: proposal, chance (0..1, blank = not assessed; the sum is `top`), line (above: chance >=
    sure; below: <= 1 - sure; open: between, the ratings do not tell these apart; "" = not assessed), likely (whether
    it belongs to the `top` best chances, the choice with the fewest expected wrong picks; ties by expected rank, then
    by proposal). Errors: ScoresError.
    Formula: P(rank <= top) from the posterior draws of Heyard, Ott, Salanti, Egger, Stat. Public Policy 9:110, 2022.
    """
    if not 0.5 < finite(sure) <= 1:
        raise ScoresError([("sure", f"must lie above 0.5 and be at most 1, not {sure!r}")])
    if not isinstance(getattr(calibration, "proposals", None), pd.DataFrame):
        raise ScoresError([("calibration", f"expected what calibrate returns, found {type(calibration).__name__}")])
    frame = by_key(calibration.proposals[["proposal", "p_top", "expected_rank"]], "proposal").sort_values(
        ["p_top", "expected_rank"], ascending=[False, True], kind="stable", ignore_index=True
    )
    chance = frame["p_top"].to_numpy(dtype=np.float64)
    assessed = frame["expected_rank"].notna().to_numpy()
    if np.isnan(chance[assessed]).any():
        raise ScoresError([("calibration", "has no chances, call calibrate with top=places")])
    # 1 - 0.9 is less than 0.1 in binary arithmetic.
    safe, hopeless = chance >= sure - NEAR, chance <= 1 - sure + NEAR
    line = np.where(safe, "above", np.where(hopeless, "below", "open")).astype(object)
    line[~assessed] = ""
    likely = np.arange(len(frame)) < round(np.nansum(chance))
    return pd.DataFrame({"proposal": frame["proposal"], "chance": chance, "line": line, "likely": likely})


def expected_wrong(chances: pd.DataFrame, picked: Collection[Any]) -> tuple[float, float]:
    """How many of the picked are expected not to belong to the truly best, and the fewest that any choice could reach.

    chances: as `above_line` returns them. picked: the recommended proposals. Formula: number - sum of their chances.
    Errors: ScoresError for a picked proposal without a chance.
    """
    refuse_no_table(chances, "chances", ["proposal", "chance"])
    if missing := [column for column in ("proposal", "chance") if column not in chances.columns]:
        raise ScoresError([(missing[0], "the chances have no such column")])
    refuse_no_keys(chances, ["proposal"], "chances: ")
    chance, wrong = floats(chances["chance"])
    if wrong.any() or (chance < 0).any() or (chance > 1).any() or chances["proposal"].duplicated().any():
        raise ScoresError([("chances", "every proposal may stand there once, with a chance from 0 to 1 or blank")])
    known = {key: one for key, one in zip(chances["proposal"], chance, strict=True) if not np.isnan(one)}
    if isinstance(picked, str) or not isinstance(picked, Iterable) or not all(map(is_key, picked)):
        raise ScoresError([("picked", f"expected proposals, found {picked!r}")])
    chosen = set(picked)
    if missing := sorted(chosen - known.keys(), key=str):
        raise ScoresError([("picked", f"{missing[0]} has no chance")])
    best = sorted(known.values(), reverse=True)[: len(chosen)]
    return len(chosen) - math.fsum(known[one] for one in chosen), len(chosen) - math.fsum(best)
