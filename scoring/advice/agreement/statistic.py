"""One row of the agreement table, and the normal ways of having no number."""

from typing import NamedTuple

import numpy as np

from scoring.advice.calibrate.design import Floats

NO_VARIATION = "no variation"
TOO_FEW = "too few"
NO_DISAGREEMENT = "nothing is left to chance, therefore no interval"
NO_SCATTER = "all proposals show it equally, therefore no interval"
NEEDS_ORDER = "needs ordered values"
NEEDS_DISTANCES = "needs values with distances (interval or ratio)"
INCOMPLETE = "not every reviewer rated every proposal"


class Statistic(NamedTuple):
    """A value with its confidence interval; blank (NaN) with the reason in `note`. `n`: proposals it rests on."""

    statistic: str
    value: float
    low: float
    high: float
    n: int
    note: str


def blank(statistic: str, n: int, note: str) -> Statistic:
    """A row without a number, and why."""
    return Statistic(statistic, np.nan, np.nan, np.nan, n, note)


def around(statistic: str, value: float, influence: Floats, n: int, confidence: float, note: str = "") -> Statistic:
    """Value with a Student interval from the influence of each of U units: variance = sum (x - mean)^2 U / (U - 1).

    Capped at 1. Without any scatter the interval stays blank: perfect agreement in a sample says nothing of its error.
    """
    from scipy.special import stdtrit

    units = len(influence)
    error = np.sqrt(((influence - influence.mean()) ** 2).sum() * units / (units - 1))
    if error < 1e-12:
        return Statistic(statistic, value, np.nan, np.nan, n, "; ".join(filter(None, (note, NO_SCATTER))))
    reach = float(stdtrit(units - 1, 0.5 + confidence / 2) * error)
    return Statistic(statistic, value, value - reach, min(value + reach, 1.0), n, note)
