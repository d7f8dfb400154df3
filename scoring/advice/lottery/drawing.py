"""The draw itself: from a published text, by SHA-256 alone, so that anyone can repeat it in any language."""

import hashlib
from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd

from scoring.advice.lottery.chances import read_numbers
from scoring.errors import ScoresError
from scoring.marks.frames import label

UNIT = 10**12


def draw(chances: pd.DataFrame, *, commitment: str) -> pd.DataFrame:
    """Draws exactly as many proposals as the chances add up to, each with its chance.

    chances: proposal, chance (0..1, their sum a whole number), as `snsf_groups`, `linear_lottery`, `merit` return them.
    commitment: a text that was published before and that nobody could choose, such as the day's lottery numbers.
    Result, by proposal: proposal, chance, turn (place in the shuffled order, from 1), drawn. Log `lottery_seed` too.

    Formula: systematic sampling (Madow 1949) over a shuffled order. Order: by SHA-256 of "<seed>:<proposal>" (hex).
    Chances are counted in units of 10^-12, rounding differences go to the first in that order with 0 < chance < 1.
    Start: SHA-256 of "<seed>:start" as a number, modulo 10^12. A proposal is drawn if one of the points start,
    start + 10^12, start + 2 x 10^12, ... falls into its stretch of the cumulated chances. Errors: ScoresError
    for a missing column, a blank or repeated proposal, a chance outside 0..1 or blank, a sum that is no whole number,
    an empty commitment.
    """
    frame, values = read_numbers(chances, ["chance"], "chances")
    if ((values < -1e-9) | (values > 1 + 1e-9)).any() or abs(values.sum() - round(values.sum())) > 1e-6:
        raise ScoresError("chances: must lie between 0 and 1, and their sum must be a whole number")
    keys = frame["proposal"].tolist()
    seed = lottery_seed(commitment, keys)
    order = sorted(range(len(keys)), key=lambda at: _digest(f"{seed}:{label(keys[at])}"))
    units = _whole_units([float(values[at, 0]) for at in order])
    start = int(_digest(f"{seed}:start"), 16) % UNIT
    points = [max(0, -((start - end) // UNIT)) for end in accumulate(units)]
    turn, drawn = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=bool)
    turn[order] = np.arange(1, len(keys) + 1)
    drawn[order] = np.diff([0, *points]) == 1
    return pd.DataFrame({"proposal": frame["proposal"], "chance": values[:, 0], "turn": turn, "drawn": drawn})


def lottery_seed(commitment: str, proposals: Iterable[Any]) -> str:
    """The seed of a draw: SHA-256 (hex) of the commitment and the sorted proposals, one a line, in UTF-8.

    ScoresError for a commitment without any sign in it.
    """
    if not isinstance(commitment, str) or not commitment.strip():
        raise ScoresError("commitment: a draw needs a text that was published before")
    if isinstance(proposals, str) or not isinstance(proposals, Iterable):
        raise ScoresError(f"proposals: expected a list of them, found {proposals!r}")
    return _digest("\n".join([commitment, *sorted(label(proposal) for proposal in proposals)]))


def _digest(text: str) -> str:
    try:
        return hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError:
        raise ScoresError("commitment, proposals: there are letters that no text file can hold") from None


def _whole_units(chances: list[float]) -> list[int]:
    """Chances in units whose sum is a whole number of proposals."""
    units = [min(max(round(chance * UNIT), 0), UNIT) for chance in chances]
    rest = round(sum(units) / UNIT) * UNIT - sum(units)
    for at, unit in enumerate(units):
        if rest and 0 < unit < UNIT:
            step = max(-unit, min(UNIT - unit, rest))
            units[at] += step
            rest -= step
    if rest:
        raise ScoresError("chances: their sum must be a whole number")
    return units
