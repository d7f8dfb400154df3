"""MERIT: the lottery that funds most of the truly best proposals in the worst case the intervals allow."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from scoring.advice.lottery.chances import Floats, count_of, read_numbers
from scoring.errors import ScoresError

Ints = npt.NDArray[np.int64]
CUTS = 8
TOLERANCE = 1e-9


class Intervals(NamedTuple):
    """What is known of each proposal, best lower end first; `places` of them are truly the best."""

    low: Floats
    high: Floats
    places: int


def merit(intervals: pd.DataFrame, places: int) -> pd.DataFrame:
    """Chances such that, whatever the true values within the intervals, most of the true best are funded on average.

    intervals: proposal, low, high (what the value lies between, higher is better; for rank quantiles of `calibrate` use
    -rank_q95 and -rank_q05), never blank. Result, by proposal: proposal, low, high, chance (0..1); the sum is `places`,
    or everybody has 1 where all fit. Among several best solutions one is given that treats equal intervals alike, never
    gives the better of two intervals less, and funds a proposal only if all that are certainly better are certain.

    Formula: max v, sum p = k, 0 <= p <= 1, v <= sum of p over T for every set T of k that can be the true best
    (min of high over T >= max of low outside T). Solved by cutting planes. `worst_case` gives v.
    Source: Goldberg, Fanti, Shah, MERIT, arXiv 2506.19083, 2025. Errors: ScoresError for a missing column, a blank or
    repeated proposal, an end that is no finite number, low above high, places that are no whole number from 0 on.
    """
    frame, order, known = _read(intervals, places)
    chance = np.ones(len(frame))
    if places < len(frame):
        chance[order] = _chances(known)
    return frame[["proposal", "low", "high"]].assign(chance=chance)


def worst_case(chances: pd.DataFrame, places: int) -> float:
    """How many of the truly best `places` proposals are funded on average in the worst case the intervals allow.

    chances: proposal, low, high, chance, as `merit` returns them or with any others. The smallest sum of chances over
    the sets T of `merit`, 0..places; the sum of all chances where all fit. Errors: ScoresError as `merit`.
    """
    _, order, known = _read(chances, places)
    _, values = read_numbers(chances, ["chance"], "chances")
    if places >= len(order):
        return float(values.sum())
    return _worst_sets(known, values[order, 0])[0][0]


def _read(given: pd.DataFrame, places: int) -> tuple[pd.DataFrame, Ints, Intervals]:
    frame, values = read_numbers(given, ["low", "high"], "intervals")
    count_of(places, "places")
    low, high = values.T
    if (low > high).any():
        raise ScoresError(f"intervals: low of {frame['proposal'].iloc[int(np.argmax(low > high))]} is above its high")
    order = np.lexsort((-high, -low))
    return frame, order, Intervals(low[order], high[order], places)


def _chances(known: Intervals) -> Floats:
    """1 for who is among the best in any case, 0 for who never is, the rest by the linear program."""
    above, below = _counts(known)
    sure, never = below >= len(above) - known.places, above >= known.places
    chance = sure.astype(float)
    rest = ~sure & ~never
    if rest.any():
        chance[rest] = _by_cuts(Intervals(known.low[rest], known.high[rest], known.places - int(sure.sum())))
    return chance


def _counts(known: Intervals) -> tuple[Ints, Ints]:
    """How many are certainly better, and certainly worse, than each."""
    above = len(known.low) - np.searchsorted(np.sort(known.low), known.high, side="right")
    below = np.searchsorted(np.sort(known.high), known.low, side="left")
    return above.astype(np.int64), below.astype(np.int64)


def _by_cuts(known: Intervals) -> Floats:
    """The linear program over groups of alike proposals, with the sets T added as they turn out to be violated."""
    kinds, first, group, size = np.unique(
        np.column_stack(_counts(known)), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    group = group.reshape(-1)
    better = _better_groups(kinds)
    cuts: dict[bytes, Floats] = {}
    chance, value = np.full(len(kinds), known.places / len(group)), float(known.places)
    while True:
        violated = [members for worst, members in _worst_sets(known, chance[group]) if worst < value - TOLERANCE]
        found = [np.bincount(group, members, len(kinds)).astype(np.float64) for members in violated]
        new = {cut.tobytes(): cut for cut in found if cut.tobytes() not in cuts}
        if not new:
            return _shifted(chance * size, size, kinds, known.low[first], known.high[first])[group]
        cuts |= dict(list(new.items())[:CUTS])
        chance, value = _program(np.array(list(cuts.values())), better, size, known.places)


def _better_groups(kinds: Ints) -> coo_array[Any, Any]:
    """Rows p_worse - p_better for groups next to each other: fewer certainly better, more certainly worse."""
    above, below = kinds[:, :1], kinds[:, 1:]
    better = (above <= above.T) & (below >= below.T) & ((above < above.T) | (below > below.T))
    between = better.astype(np.float32) @ better.astype(np.float32) > 0
    first, second = np.nonzero(better & ~between)
    row = np.arange(len(first))
    ones = np.ones(len(first))
    entries = (np.concatenate([-ones, ones]), (np.tile(row, 2), np.concatenate([first, second])))
    return coo_array(entries, shape=(len(first), len(kinds) + 1))


def _program(cuts: Floats, better: coo_array[Any, Any], size: Ints, places: int) -> tuple[Floats, float]:
    limits: Any = vstack([coo_array(np.column_stack([-cuts, np.ones(len(cuts))])), better]).tocsr()
    found: Any = linprog(
        np.append(np.zeros(len(size)), -1.0),
        A_ub=limits,
        b_ub=np.zeros(limits.shape[0]),
        A_eq=np.append(size, 0)[None, :],
        b_eq=[places],
        bounds=[*[(0.0, 1.0)] * len(size), (0.0, float(places))],
        method="highs",
    )
    return np.clip(found.x[:-1], 0.0, 1.0), -float(found.fun)


def _worst_sets(known: Intervals, chance: Floats) -> list[tuple[float, Floats]]:
    """Possible sets of the true best with the smallest sums of chances, smallest first, as 0/1 over the proposals.

    One for each proposal i that may be the best left out: all with a higher low belong to the set, filled up with the
    smallest chances among those whose high reaches its low.
    """
    found = []
    for out in range(min(known.places, len(chance) - 1) + 1):
        candidates = out + 1 + np.flatnonzero(known.high[out + 1 :] >= known.low[out])
        if len(candidates) < known.places - out:
            continue
        filling = candidates[np.argsort(chance[candidates], kind="stable")[: known.places - out]]
        members = np.zeros(len(chance))
        members[:out] = 1
        members[filling] = 1
        found.append((float(chance @ members), members))
    return sorted(found, key=lambda one: one[0])


def _shifted(mass: Floats, size: Ints, kinds: Ints, low: Floats, high: Floats) -> Floats:
    """Moves chances from certainly worse to certainly better groups until the better are certain or the worse empty.

    That never lowers the sum over a possible best set, which holds no worse one without all that are certainly better.
    The worst give first and the best take first, so that the order of the chances stays. Result: chance of each group.
    """
    above, below = kinds.T
    for worse in np.lexsort((below, -above)):
        for better in np.lexsort((above, -below)):
            if low[better] > high[worse]:
                moved = min(mass[worse], size[better] - mass[better])
                mass[better] += moved
                mass[worse] -= moved
    return np.clip(mass / size, 0.0, 1.0)
