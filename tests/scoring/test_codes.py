"""Numbering the different values of a column: always what pandas says, however the column is kept."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.marks.numbering import codes

NEAR = st.integers(-3, 20)
FAR = st.integers(-(2**40), 2**40)
ANY = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.one_of(*(st.lists(one, max_size=40) for one in (NEAR, FAR, ANY)))
FLOATS = st.lists(st.one_of(NEAR.map(float), st.floats(allow_nan=True)), max_size=40)


def same(values: "pd.Series | np.ndarray") -> None:
    """The rule of pandas is the reference: places, order, blanks."""
    code, different = codes(values)
    wanted_code, wanted = pd.factorize(values, sort=True)
    assert code.dtype == np.int64
    assert code.tolist() == wanted_code.tolist()
    assert np.asarray(wanted).tolist() == different.tolist()


@pytest.mark.parametrize(
    "numbers",
    [[7, 5, 7, 6, -2], [2**40, -3, 2**40, 12, -3], [2**62, -(2**62), 0, 2**62]],
    ids=["counted", "sorted", "left to pandas"],
)
def test_whole_numbers_near_and_far(numbers: list[int]) -> None:
    same(np.array(numbers, dtype=np.int64))
    same(np.array(numbers, dtype=np.float64))


@given(NUMBERS)
def test_whole_numbers(numbers: list[int]) -> None:
    """Near to each other they are counted, further apart sorted, too far apart left to pandas."""
    same(np.array(numbers, dtype=np.int64))


@given(FLOATS)
def test_floats(numbers: list[float]) -> None:
    """Whole ones are counted like whole numbers; blanks, fractions and infinities are not."""
    same(np.array(numbers, dtype=np.float64))


@given(st.lists(st.one_of(st.none(), st.sampled_from(["P1", "P2", "Ä", "", "P10"])), max_size=40))
def test_text(words: list[str | None]) -> None:
    """Text with blanks, as it is, as categories, and as pandas' own text."""
    same(pd.Series(words, dtype=object))
    same(pd.Series(words, dtype="string"))
    same(pd.Series(words, dtype=pd.CategoricalDtype(sorted(["P1", "P2", "Ä", "", "P10", "unused"]))))


def test_categories_are_sorted_by_what_they_say() -> None:
    """Not by the order in which somebody listed them."""
    code, different = codes(pd.Series(["b", "a", None, "b"], dtype=pd.CategoricalDtype(["b", "unused", "a"])))
    assert (code.tolist(), different.tolist()) == ([1, 0, -1, 1], ["a", "b"])


@pytest.mark.parametrize("dtype", ["int8", "int32", "uint16", "float32", "Int64", "bool"])
def test_every_kind_of_number(dtype: str) -> None:
    """The different values keep the kind that the column has."""
    values = pd.Series([3, 1, 3, 0]).astype(dtype)
    same(values)
    if isinstance(values.dtype, np.dtype):
        assert codes(values)[1].dtype == values.dtype


def test_zero_has_no_sign() -> None:
    """0.0 and -0.0 are one value."""
    assert codes(np.array([0.0, -0.0, 1.0]))[0].tolist() == [0, 0, 1]


def test_tuples_beside_text_stand_in_one_order() -> None:
    """Pandas pads the shorter ones, and asks whoever handed them in to look after that."""
    given = [(1, 2), "P", (0, 9, 1), "A", (1, 2)]
    values = np.empty(len(given), dtype=object)
    values[:] = given
    code, different = codes(values)
    assert (code.tolist(), different.tolist()) == ([3, 1, 2, 0, 3], ["A", "P", (0, 9, 1), (1, 2)])
    assert codes(values[[0, 2]])[1].tolist() == [(0, 9, 1), (1, 2)]
