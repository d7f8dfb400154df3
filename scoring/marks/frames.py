"""The frames of a caller: a table with each column once, keys that can be told apart and put in order, and numbers."""

import math
from collections.abc import Iterable
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.numbering import codes
from scoring.scheme.criteria import exact

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
MOST = 10**14
"""The largest amount: a million million in cents; ten thousand of them still add up in 64 bits."""


def refuse_no_table(given: object, name: str, columns: Iterable[str] = ()) -> None:
    """ScoresError unless it is a frame in which none of these columns stands twice."""
    if not isinstance(given, pd.DataFrame):
        raise ScoresError([(name, f"expected a table (pandas.DataFrame), found {type(given).__name__}")])
    labels = list(given.columns)
    if twice := [column for column in columns if labels.count(column) > 1]:
        raise ScoresError([(column, f"this column stands twice in the {name}") for column in twice])


def is_key(given: object) -> bool:
    """Whether it can be told apart from others: text, a number, several of them in a tuple, but no list."""
    try:
        hash(given)
    except TypeError:
        return False
    return True


def no_key_row(values: Iterable[object]) -> int:
    """The place of the first list or the like."""
    return next(row for row, one in enumerate(values) if not is_key(one))


def refuse_no_keys(frame: pd.DataFrame, columns: Iterable[str], prefix: str = "") -> None:
    """ScoresError names the first row whose key is blank or none at all."""
    for column in columns:
        for row, key in enumerate(frame[column].tolist(), start=1):
            if is_blank(key):
                raise ScoresError(f"{prefix}row {row} has no {column}")
            if not is_key(key):
                raise ScoresError(f"{prefix}row {row}: {key!r} is no {column}, expected text or a number")


def finite(given: object) -> float:
    """An option as a float; NaN, which is within no limits, for what is no finite number."""
    found = None if isinstance(given, str) else number(given)
    return np.nan if found is None or not math.isfinite(found) else found


def is_blank(given: object) -> bool:
    """Whether nothing is given: None, NaN and the like, empty text."""
    if isinstance(given, str):
        return not given or given.isspace()
    if isinstance(given, Real | Decimal):
        return bool(given != given)
    return given is None or given is pd.NA or given is pd.NaT


def whole(given: Any, place: str) -> int:
    """A whole number from 0 on, however it is kept; ScoresError for anything else, and for what nobody can mean."""
    try:
        if isinstance(given, bool | np.bool_) or given != int(given) or int(given) < 0:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise ScoresError([(place, f"{given!r} is no whole number from 0 on")]) from None
    if given > MOST:
        raise ScoresError([(place, f"is larger than {MOST}")])
    return int(given)


def in_order(ids: Iterable[Any]) -> list[Any]:
    """The different ids, sorted: numbers before text, what cannot be compared by kind and wording."""
    given = list(ids)
    values = np.empty(len(given), dtype=object)
    values[:] = given
    found: list[Any] = codes(values)[1].tolist()
    return found


def by_key(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows in the order of their keys, numbered anew."""
    order = np.argsort(codes(frame[column])[0], kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def label(given: object) -> str:
    """A key or a group as text, the same whether a whole number is kept as 2, 2.0 or Decimal("2.00")."""
    if isinstance(given, float | np.floating | Decimal):
        return str(int(given)) if math.isfinite(given) and given == int(given) else str(given)
    return str(given)


def floats(given: "pd.Series[Any]") -> tuple[Floats, Flags]:
    """A column as floats, blank as NaN, and which of its entries are no finite number (True, a date, other text)."""
    if pd.api.types.is_any_real_numeric_dtype(given.dtype):
        found = given.to_numpy(dtype=np.float64, na_value=np.nan)
        return found, np.isinf(found)
    read = [number(one) for one in given.astype(object)]
    found = np.array([np.nan if one is None else one for one in read], dtype=np.float64)
    return found, np.isinf(found) | np.array([one is None for one in read], dtype=bool)


def number(given: object) -> float | None:
    """A number or its text as a float, NaN where it is blank; None for anything else."""
    if is_blank(given):
        return np.nan
    if isinstance(given, bool | np.bool_) or not isinstance(given, Real | Decimal | str):
        return None
    try:
        return float(exact(given) if isinstance(given, str) else given)
    except (ValueError, OverflowError):
        return None
