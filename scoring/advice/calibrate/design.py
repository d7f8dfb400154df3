"""Reads a frame of totals into arrays, and refuses what cannot be computed in words."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.errors import ScoresError
from scoring.marks.frames import finite, floats, in_order, refuse_no_keys, refuse_no_table

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]
# Of a total and of the ends of a scale: their squares are added up in floats.
LARGEST, LEAST_SPAN = 1e12, 1e-9


class Design(NamedTuple):
    """Who rated what and how: N totals of I proposals by J reviewers.

    `proposals` (I) and `reviewers` (J) are sorted ids; `row`, `column` (N) point into them; `value` (N) holds the
    totals in the scale's own units. `unrated` are proposals that stand in the frame without any total.
    """

    proposals: list[Hashable]
    reviewers: list[Hashable]
    row: Integers
    column: Integers
    value: Floats
    unrated: list[Hashable]

    @property
    def ratings(self) -> Integers:
        """How many totals each proposal has, length I."""
        return np.bincount(self.row, minlength=len(self.proposals))

    @property
    def loads(self) -> Integers:
        """How many proposals each reviewer has rated, length J."""
        return np.bincount(self.column, minlength=len(self.reviewers))

    @property
    def shared_loads(self) -> Integers:
        """How many of a reviewer's proposals others have rated too, length J: only these can show severity."""
        return np.bincount(self.column[self.ratings[self.row] > 1], minlength=len(self.reviewers))

    @property
    def proposal_sums(self) -> Floats:
        """The sum of each proposal's totals, length I."""
        return summed(self.value, self.row, len(self.proposals))


def read_totals(totals: pd.DataFrame, scale: tuple[float, float] | None = None) -> Design:
    """Totals in long form as a Design; row order is forgotten.

    Columns: `proposal`, `reviewer` (ids, never blank), `total` (number in the scale's units; blank = not given).
    Others are ignored. With `scale` (min, max) a total outside it is refused.
    Raises ScoresError for a missing column, a blank id, a total that is no finite number or lies off the scale, a
    second row for the same proposal and reviewer, or a frame without any total.
    """
    frame = chosen(totals, ["proposal", "reviewer", "total"])
    refuse_blank_ids(frame, ["proposal", "reviewer"])
    refuse_duplicates(frame, ["proposal", "reviewer"])
    value = numbers(frame, "total")
    if scale is not None:
        refuse_off_scale(frame, value, scale)
    given = ~np.isnan(value)
    if not given.any():
        raise ScoresError("there is no total: every row is blank" if len(frame) else "there is no total: no rows")
    return arranged(frame["proposal"].to_numpy(), frame["reviewer"].to_numpy(), value, given)


def arranged(proposal: NDArray[np.object_], reviewer: NDArray[np.object_], value: Floats, given: Booleans) -> Design:
    """Sorts the given totals by proposal, then reviewer, and numbers both."""
    proposals, reviewers = in_order(proposal[given]), in_order(reviewer[given])
    rated = set(proposals)
    row = positions(proposal[given], proposals)
    column = positions(reviewer[given], reviewers)
    order = np.lexsort((column, row))
    unrated = [one for one in in_order(proposal) if one not in rated]
    return Design(proposals, reviewers, row[order], column[order], value[given][order], unrated)


def chosen(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The named columns of a frame; ScoresError when it is no frame or one is missing."""
    if not isinstance(frame, pd.DataFrame):
        raise ScoresError(f"expected a frame with the columns {', '.join(columns)}, got {type(frame).__name__}")
    refuse_no_table(frame, "frame", [*columns, "votes", "reason"])
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ScoresError(f"the frame needs the columns {', '.join(columns)}; missing: {', '.join(missing)}")
    return frame[list(columns)].reset_index(drop=True)


def refuse_blank_ids(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """ScoresError when an id is blank: a mark that belongs to nobody cannot be counted."""
    refuse_no_keys(frame, columns)


def refuse_duplicates(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """ScoresError when two rows stand for the same mark."""
    twice = frame.duplicated(list(columns)).to_numpy()
    if twice.any():
        where = frame.iloc[int(np.argmax(twice))]
        named = ", ".join(f"{name} {where[name]!r}" for name in columns)
        raise ScoresError(f"two rows for the same {named}")


def numbers(frame: pd.DataFrame, column: str) -> Floats:
    """A column as floats, blank as NaN; ScoresError names the first that is no finite number."""
    parsed, wrong = floats(frame[column])
    if wrong.any():
        raise ScoresError(f"{place(frame, int(np.argmax(wrong)), column)} is not a number")
    if (np.abs(parsed) > LARGEST).any():
        raise ScoresError(f"{place(frame, int(np.nanargmax(np.abs(parsed))), column)} is larger than {LARGEST:g}")
    return parsed


def refuse_off_scale(frame: pd.DataFrame, value: Floats, scale: tuple[float, float]) -> None:
    """ScoresError names the first value outside the scale (with room for rounding in the ninth digit)."""
    low, high = scale_of(scale)
    slack = 1e-9 * (high - low)
    outside = (value < low - slack) | (value > high + slack)
    if outside.any():
        where = place(frame, int(np.argmax(outside)), frame.columns[-1])
        raise ScoresError(f"{where} is outside the scale {low:g} to {high:g}")


def place(frame: pd.DataFrame, index: int, column: str) -> str:
    """Names a cell as a person would: `total 7 of proposal 'P1', reviewer 'M2'`."""
    where = frame.iloc[index]
    of = ", ".join(f"{name} {where[name]!r}" for name in frame.columns if name != column)
    return f"{column} {where[column]} of {of}"


def scale_of(scale: tuple[float, ...]) -> tuple[float, float]:
    """The ends of a scale as floats; ScoresError unless both are finite and min < max."""
    try:
        low, high = finite(scale[0]), finite(scale[1])
    except (TypeError, IndexError, KeyError):
        raise ScoresError(f"scale must be (min, max), got {scale!r}") from None
    if not (-LARGEST <= low < high <= LARGEST and high - low > LEAST_SPAN * max(1.0, abs(low), abs(high))):
        raise ScoresError(f"scale must be (min, max) with min below max, got {scale!r}")
    return low, high


def positions(ids: NDArray[np.object_], among: list[Hashable]) -> Integers:
    """Where each id stands in a sorted list of ids."""
    return np.asarray(pd.Index(among, dtype=object).get_indexer(pd.Index(ids, dtype=object)), dtype=np.intp)


def summed(values: Floats, group: Integers, groups: int) -> Floats:
    """Sum of the values of each group, length `groups`."""
    return np.bincount(group, weights=values, minlength=groups).astype(float)
