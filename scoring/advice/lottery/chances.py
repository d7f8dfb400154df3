"""Chances that follow a simple rule: accept, draw or reject by rank intervals, or a straight line of the total."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.frames import by_key, finite, floats, refuse_no_keys, refuse_no_table

Floats = npt.NDArray[np.float64]
LARGEST = 1e12  # of a total, a rank or the end of an interval


def snsf_groups(ranks: pd.DataFrame, places: int) -> pd.DataFrame:
    """The funding groups of the Swiss National Science Foundation around the line.

    ranks: proposal, expected_rank, rank_q25, rank_q75, as in `calibrate(...).proposals` (ranks from 1, best first; a
    blank expected rank was not assessed). Result, best first: proposal, expected_rank, group (accept, random, reject,
    not_assessed), chance (1, share of the places left for the random group, 0; the sum is `places` if that many were
    assessed).

    Formula: line = expected rank of the proposal in place number `places`; accept if its 75 % quantile lies before the
    line, reject if its 25 % quantile lies behind it, else random; if accepted and random ones fit, all are accepted. No
    place rejects all, places for all accept all.
    Quantiles are whole ranks: one rank more or less moves a proposal from one group to the next, say so.
    Source: Heyard, Ott, Salanti, Egger, Statistics and Public Policy 9:110, 2022. Errors: ScoresError.
    """
    frame, values = read_numbers(ranks, ["expected_rank", "rank_q25", "rank_q75"], "ranks", blanks=True)
    count_of(places, "places")
    known = ~np.isnan(values[:, 0])
    group = np.full(len(frame), "not_assessed", dtype=object)
    group[known] = _groups(values[known], places)
    chance = (group == "accept").astype(float)
    drawn = group == "random"
    if drawn.any():
        chance[drawn] = (places - chance.sum()) / drawn.sum()
    found = pd.DataFrame(
        {"proposal": frame["proposal"], "expected_rank": values[:, 0], "group": group, "chance": chance}
    )
    return found.sort_values("expected_rank", kind="stable", ignore_index=True)


def _groups(values: Floats, places: int) -> npt.NDArray[Any]:
    rank, first_quarter, third_quarter = values.T
    if places == 0 or places >= len(rank):
        return np.full(len(rank), "accept" if places else "reject", dtype=object)
    line = np.sort(rank)[places - 1]
    group = np.full(len(rank), "random", dtype=object)
    group[(third_quarter < line) & (rank < line)] = "accept"
    group[(first_quarter > line) & (rank > line)] = "reject"
    if (group != "reject").sum() == places:
        group[group == "random"] = "accept"
    return group


def linear_lottery(totals: pd.DataFrame, places: int, *, slope: float) -> pd.DataFrame:
    """Chances that rise with the total along a straight line: no cliff anywhere, easy to explain.

    totals: proposal, total (points, higher is better). slope: chance per point; 0 = pure lottery, very steep = strict
    order. Result, best first: proposal, total, chance; the sum is `places`, or everybody has 1 where all fit.

    Formula: p_i = clip(slope x total_i + b, 0, 1) with b such that sum p = places. If a total is the mean of r reviews,
    slope = L r / 2 guarantees that the sum of |changes of p| is at most L times the sum of |changes of the reviews|.
    Source: Goldberg, Smooth Partial Lotteries for Stable Randomized Selection, 2026. Errors: ScoresError.
    """
    frame, values = read_numbers(totals, ["total"], "totals")
    count_of(places, "places")
    if not finite(slope) >= 0:
        raise ScoresError(f"slope: must be a number from 0 on, not {slope!r}")
    chance = _clipped_line(_heights(values[:, 0], places, float(slope)), places)
    found = pd.DataFrame({"proposal": frame["proposal"], "total": frame["total"], "chance": chance})
    return found.iloc[np.argsort(-values[:, 0], kind="stable")].reset_index(drop=True)


def _heights(totals: Floats, places: int, slope: float) -> Floats:
    """slope x total from the last total within the places; from there b lies in [0, 1], so 1 is as good as any more.

    Without that a steep line would lose the digits that the sum of the chances is made of.
    """
    last = np.sort(totals)[::-1][max(places, 1) - 1] if places <= len(totals) and len(totals) else 0.0
    with np.errstate(over="ignore"):
        return np.asarray(np.clip(slope * (totals - last), -1.0, 1.0))


def _clipped_line(height: Floats, places: int) -> Floats:
    """clip(height + b, 0, 1) with the sum `places`, which is piecewise linear in b: an item rises from -h to 1 - h."""
    if places >= len(height) or places == 0:
        return np.full(len(height), float(places > 0))
    bend = np.concatenate([-height, 1 - height])
    order = np.argsort(bend, kind="stable")
    rising = np.cumsum(np.repeat([1.0, -1.0], len(height))[order])
    total = np.concatenate([[0.0], np.cumsum(rising[:-1] * np.diff(bend[order]))])
    at = int(np.searchsorted(total, places - 1e-12))
    if at == 0 or total[at] == total[at - 1]:
        shift = bend[order][at]
    else:
        shift = bend[order][at] - (total[at] - places) / rising[at - 1]
    return np.asarray(np.clip(height + shift, 0.0, 1.0))


def read_numbers(
    given: pd.DataFrame, columns: list[str], name: str, *, blanks: bool = False
) -> tuple[pd.DataFrame, Floats]:
    """The rows in order of the proposals, and their numbers; ScoresError for what is missing, double or no number."""
    refuse_no_table(given, name, ["proposal", *columns])
    missing = [column for column in ["proposal", *columns] if column not in given.columns]
    if missing:
        raise ScoresError(f"{name}: the column {missing[0]} is missing")
    refuse_no_keys(given, ["proposal"], f"{name}: ")
    if given["proposal"].duplicated().any():
        raise ScoresError(f"{name}: every row needs a proposal, and every proposal may stand there once")
    frame = by_key(given, "proposal")
    read = [floats(frame[column]) for column in columns]
    values, wrong = (np.column_stack(parts) for parts in zip(*read, strict=True))
    wrong = wrong | (np.isnan(values) & (not blanks)) | (np.abs(values) > LARGEST)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ScoresError(f"{name}: {columns[column]} of {frame['proposal'].iloc[row]} must be a number")
    return frame, values


def count_of(number: int, name: str) -> None:
    """ScoresError unless it is a whole number from 0 on."""
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 0:
        raise ScoresError(f"{name}: must be a whole number from 0 on, not {number!r}")
