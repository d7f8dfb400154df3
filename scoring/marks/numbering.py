"""Numbering the different values of a column: which there are, in order, and which of them each row has."""

from typing import Any

import numpy as np
import pandas as pd

from scoring.marks.columns import Ints, Values


def codes(values: "pd.Series[Any] | Values") -> tuple[Ints, Values]:
    """For each row the place of its value among the different ones (-1 = blank), and those, sorted.

    Whole numbers, which long tables mostly have, are counted or sorted: a hash table of all rows costs several times
    that. Whatever else there is, pandas numbers. TypeError for what cannot be told apart, such as lists.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _categories(values)
    plain = values.to_numpy() if isinstance(values, pd.Series) and isinstance(values.dtype, np.dtype) else values
    if isinstance(plain, np.ndarray) and plain.dtype.kind in "if" and len(plain):
        with np.errstate(invalid="ignore"):
            whole = plain.astype(np.int64, copy=False)
        if (whole is plain or (whole == plain).all()) and (numbered := _numbered(whole)):
            return numbered[0], numbered[1].astype(plain.dtype)
    code, found = pd.factorize(values)
    different = np.asarray(found)
    place = _places(different)
    return np.append(place, -1)[code], different[np.argsort(place)]


def _places(different: Values) -> Ints:
    """Where each of these values stands among them, as pandas sorts; tuples, which it would pad, by themselves."""
    try:
        if different.dtype != object or not any(isinstance(one, tuple) for one in different):
            return pd.factorize(different, sort=True)[0].astype(np.int64)
        order = sorted(range(len(different)), key=different.__getitem__)
    except TypeError:  # such as a date and a number: by kind and wording
        kinds = [(type(one).__name__, str(one)) for one in different]
        order = sorted(range(len(kinds)), key=lambda at: kinds[at])
    return np.argsort(np.array(order, dtype=np.int64))


def told_apart(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """The same with True and False as text beside other values: pandas takes True for 1, a scheme does not."""
    kind = pd.api.types.infer_dtype(values, skipna=True) if values.dtype == object else ""
    if kind not in ("mixed", "mixed-integer"):
        return values
    return values.map(lambda one: str(one) if isinstance(one, bool | np.bool_) else one)


def _categories(values: "pd.Series[Any]") -> tuple[Ints, Values]:
    code, used = codes(values.cat.codes.to_numpy())
    blank = int((used < 0).any())
    place, different = codes(np.asarray(values.cat.categories)[used[blank:]])
    return np.append(place, -1)[code - blank], different


def _numbered(values: Ints) -> tuple[Ints, Ints] | None:
    """None where the values lie too far apart to be told by their distance from the lowest."""
    low, high, bits = int(values.min()), int(values.max()), len(values).bit_length()
    above = values - low if low else values
    if high - low < 4 * len(values):
        found = _counted(above, high - low + 1)
    elif high - low < 2 ** (62 - bits):
        found = _sorted(above, bits)
    else:
        return None
    return found[0], found[1] + low


def _counted(values: Ints, end: int) -> tuple[Ints, Ints]:
    seen = np.zeros(end, dtype=bool)
    seen[values] = True
    return (np.cumsum(seen) - 1)[values], np.flatnonzero(seen)


def _sorted(values: Ints, bits: int) -> tuple[Ints, Ints]:
    """Value and row in one number, sorted: no second array has to be put in that order."""
    both = values << bits
    both |= np.arange(len(values), dtype=np.uint32)
    both.sort()
    first = np.ones(len(values), dtype=bool)
    first[1:] = (both[1:] ^ both[:-1]) >> bits
    different = both[first] >> bits
    both &= (1 << bits) - 1
    place = np.empty(len(values), dtype=np.int64)
    place[both] = np.cumsum(first)
    place -= 1
    return place, different
