"""Minima compare exact values: nobody passes or fails by a hair of binary arithmetic, and who is near is told."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Scheme, rank
from scoring.marks.columns import Column, column, quotient
from scoring.scheme.criteria import Threshold
from scoring.scheme.parts import Rounding
from tests.scoring import worlds
from tests.scoring.worlds import points, scale, scores, small


def test_three_tenths_are_reached_by_a_tenth_and_two_tenths() -> None:
    # 0.1 + 0.2 > 0.3 in binary arithmetic; exactly they are equal
    for op, passed in ((">=", [True]), (">", [False])):
        scheme = small(points("a", 1), points("b", 1), pass_rule={"min_total": 0.3, "op": op})
        assert list(rank(scheme, scores(P1={"ada": (0.1, 0.2)}))["passed"]) == passed


@pytest.mark.parametrize(("op", "passed"), [(">=", True), (">", False)])
def test_a_mean_exactly_at_the_minimum(op: str, passed: bool) -> None:
    # (2 + 2 + 3 + 3) / 4 = 2.5
    scheme = small(scale("a", threshold={"min": 2.5, "op": op}))
    found = rank(scheme, scores(P1={"r1": 2, "r2": 2, "r3": 3, "r4": 3}))
    assert bool(found["passed"].iloc[0]) is passed


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("least", "unit"), [("2.5", 1), ("3.25", 2), ("-2.5", 1), ("-0.3", 4), ("3", 1)])
def test_a_minimum_between_two_whole_units_is_met_from_the_next_one_up(
    least: str, unit: int, wide: bool, strict: bool
) -> None:
    threshold = Threshold(Decimal(least), strict)
    values = np.arange(-20, 21, dtype=np.int64)
    found = Column(values.astype(object) if wide else values, unit)
    assert list(threshold.holds(found)) == [threshold.holds(Fraction(int(one), unit)) for one in values]


@pytest.mark.parametrize("op", [">=", ">"])
def test_a_single_mark_between_the_units_of_its_minimum(op: str) -> None:
    scheme = small(scale("a", threshold={"min": 2.5, "op": op}))
    found = rank(scheme, scores(P1={"ada": 2}, P2={"ada": 3}))
    assert worlds.column(found, "passed") == {"P2": True, "P1": False}


def test_a_group_reaches_its_minimum_exactly_or_misses_it() -> None:
    scheme = small(scale("a", group="g"), scale("b", group="g"), groups=[{"key": "g", "min_points": 6}])
    table = scores(P1={"ada": (3, 3)}, P2={"ada": (3, 2)}, P3={"ada": (4, 3)})
    assert worlds.column(rank(scheme, table), "failed") == {"P1": [], "P2": ["g"], "P3": []}
    assert [scheme.evaluate({"a": 3, "b": b}).failed for b in (2, 3, 4)] == [["g"], [], []]


def test_a_total_that_only_looks_like_the_minimum_fails() -> None:
    # 59.997 is shown as 60.00 and fails at 60, with rounding.when display as with rank
    for when in ("display", "rank"):
        scheme = small(
            points("a", 1000, weight_percent=100), aggregation={"rounding": {"when": when}}, pass_rule={"min_total": 60}
        )
        sheets: dict[str, Any] = {f"r{number}": 600 for number in range(2)} | {"last": 599.9}
        found = rank(scheme, scores(P1=sheets))
        assert str(found["total"].iloc[0]) == "60.00"
        assert found["failed"].iloc[0] == ["total"]


@pytest.mark.parametrize(("op", "failed"), [(">=", ["P2"]), (">", ["P1", "P2"])])
def test_percent_of_the_reachable_points_is_exact(op: str, failed: list[str]) -> None:
    # 33 percent of 30 are 9.9
    scheme = small(points("a", 30), pass_rule={"min_percent": 33, "op": op})
    found = rank(scheme, scores(P1={"ada": 9.9}, P2={"ada": 9.8}, P3={"ada": 10}))
    assert sorted(found.loc[found["rank"].isna(), "proposal"]) == failed


def test_every_failed_minimum_is_named_in_the_order_of_the_scheme() -> None:
    minimum = {"min": 3, "op": ">="}
    scheme = small(
        scale("a", threshold=minimum, group="g"),
        scale("b", threshold=minimum),
        pass_rule={"min_total": 6},
        groups=[{"key": "g", "min_points": 3}],
    )
    found = rank(scheme, scores(P1={"ada": (2, 2)}, P2={"ada": (5, 2)}))
    assert worlds.column(found, "failed") == {"P1": ["a", "b", "g", "total"], "P2": ["b"]}


NEAR: list[tuple[list[Any], bool]] = [
    ([3, 3], True),  # one mark 2 instead of 3: mean 2.5 fails
    ([4, 3], True),  # 3.5 down to 3 still reaches the minimum in the mean, but the total 3.5 would miss
    ([2, 3], True),  # one mark 4 instead of 3: mean 3 passes
    ([2, 2], False),
    ([5, 5], False),
]


@pytest.mark.parametrize(("marks", "near"), NEAR)
def test_a_pass_that_hangs_on_one_step_of_one_mark_is_flagged(marks: list[int], near: bool) -> None:
    scheme = small(scale("a", threshold={"min": 3, "op": ">="}), pass_rule={"min_total": 3 if marks != [4, 3] else 3.5})
    found = rank(scheme, scores(P1={"ada": marks[0], "bo": marks[1]}))
    assert bool(found["near_threshold"].iloc[0]) is near


def test_one_step_is_to_the_next_level() -> None:
    levels = {"key": "a", "type": "levels", "levels": [{"points": one} for one in (0, 1, 5)]}
    scheme = small(levels, pass_rule={"min_total": 3})
    found = rank(
        scheme, scores(P1={"ada": 1, "bo": 1}, P2={"ada": 0, "bo": 1}, P3={"ada": 0, "bo": 0}, P4={"ada": 5, "bo": 1})
    )
    assert worlds.column(found, "near_threshold") == {"P1": True, "P2": False, "P3": False, "P4": True}


def test_at_the_end_of_the_scale_there_is_no_further_step() -> None:
    # both marks are the highest there are and the minimum of b cannot be helped by a
    scheme = small(scale("a", threshold={"min": 5, "op": ">="}), scale("b", threshold={"min": 3, "op": ">="}))
    found = rank(scheme, scores(P1={"ada": (5, 1)}))
    assert not found["near_threshold"].iloc[0]


def test_where_no_pass_can_be_said_nothing_is_near_it() -> None:
    scheme = small(scale("a", threshold={"min": 3, "op": ">="}), scale("b"))
    found = rank(scheme, scores(P1={"ada": (3, None)}, P2={"ada": (3, 0)}))
    assert worlds.column(found, "near_threshold") == {"P2": True, "P1": False}


@pytest.mark.parametrize("method", ["median", "drop_one"])
def test_a_step_can_turn_a_median_or_a_mean_without_the_ends(method: str) -> None:
    scheme = small(scale("a"), aggregation={"across_raters": method}, pass_rule={"min_total": 3})
    turned = {"P1": [1, 2, 2, 3, 3], "P2": [3, 3, 3, 3, 3], "P3": [0, 0, 1, 4, 4]}
    table = scores(**{key: {f"r{place}": mark for place, mark in enumerate(marks)} for key, marks in turned.items()})
    median = {"P1": True, "P2": False, "P3": False}
    without_ends = {"P1": False, "P2": False, "P3": False}
    assert worlds.column(rank(scheme, table), "near_threshold") == (median if method == "median" else without_ends)


SHEETS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=4)
METHODS = st.sampled_from(["mean", "median", "drop_one", "sum"])


@given(SHEETS, METHODS, st.sampled_from([2, 2.5, 3]), st.sampled_from([4, 5.5, 7]))
def test_near_means_that_some_single_step_turns_the_pass(
    marks: list[tuple[int, int]], method: str, least: float, total: float
) -> None:
    scheme = small(
        scale("a", threshold={"min": least, "op": ">="}),
        scale("b", weight=2),
        pass_rule={"min_total": total},
        aggregation={"across_raters": method},
    )
    found = rank(scheme, table_of(marks))
    passed = bool(found["passed"].iloc[0])
    turned = [passes(scheme, moved) != passed for moved in single_steps(marks)]
    assert bool(found["near_threshold"].iloc[0]) is any(turned)


def table_of(marks: list[tuple[int, int]]) -> pd.DataFrame:
    return scores(P1={f"r{place}": sheet for place, sheet in enumerate(marks)})


def passes(scheme: Scheme, marks: list[tuple[int, int]]) -> bool:
    return bool(rank(scheme, table_of(marks))["passed"].iloc[0])


def single_steps(marks: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    steps = [
        (place, sheet)
        for place, (first, second) in enumerate(marks)
        for sheet in ((first - 1, second), (first + 1, second), (first, second - 1), (first, second + 1))
    ]
    return [
        [*marks[:place], sheet, *marks[place + 1 :]] for place, sheet in steps if -1 not in sheet and 6 not in sheet
    ]


FRACTIONS = st.fractions(min_value=-50, max_value=50, max_denominator=60)


@given(st.lists(FRACTIONS, min_size=1, max_size=6), FRACTIONS, st.booleans(), st.booleans())
def test_a_column_compares_as_its_fractions_do(
    numbers: list[Fraction], factor: Fraction, strict: bool, wide: bool
) -> None:
    first = column(numbers)
    first = Column(first.values.astype(object), first.unit) if wide else first
    found = first * factor + column(reversed(numbers))
    by_hand = [one * factor + other for one, other in zip(numbers, reversed(numbers), strict=True)]
    least = Threshold(Decimal("3.25"), strict)
    assert list(found.fractions()) == by_hand
    assert list(least.holds(found)) == [least.holds(one) for one in by_hand]
    assert list(found.places()) == [sorted(set(by_hand)).index(one) for one in by_hand]


@given(st.lists(FRACTIONS, min_size=1, max_size=6), st.sampled_from(["half_up", "half_even"]), st.integers(0, 3))
def test_a_column_rounds_as_a_number_does(numbers: list[Fraction], mode: str, decimals: int) -> None:
    rounding = Rounding(decimals, mode)
    assert list(column(numbers).decimals(rounding)) == [rounding(one) for one in numbers]


def test_numbers_beyond_64_bits_stay_exact() -> None:
    huge = Fraction(2**80 + 1, 3)
    found = column([huge, huge + Fraction(1, 7)]) + column([Fraction(0), Fraction(1, 10**20)])
    assert list(found.fractions()) == [huge, huge + Fraction(1, 7) + Fraction(1, 10**20)]
    assert list(found.places()) == [0, 1]
    assert (Column(found.values, found.unit) * Fraction(1, 2)).fractions()[0] == huge / 2
    assert found.rounded(Rounding(0)).fractions()[0] == huge.__round__()


@pytest.mark.parametrize("number", [2**60, 2**61 - 3])
def test_sums_and_products_at_the_edge_of_64_bits_stay_exact(number: int) -> None:
    found = column([Fraction(number)])
    assert list((found + found).fractions()) == [2 * number]
    assert list((found * Fraction(10)).fractions()) == [10 * number]
    assert list((found * np.array([9], dtype=np.int64)).fractions()) == [9 * number]
    assert list(Threshold(Decimal(-number), strict=False).holds(-found)) == [True]


def test_sums_beyond_what_floats_hold_stay_exact() -> None:
    allowed = [0, 123456789.123457]
    scheme = small(scale("a"), adjustments=[{"key": "m", "kind": "bonus", "allowed": allowed}])
    rows = [("P1", f"office{number}", "m", allowed[1]) for number in range(200)]
    table = pd.concat(
        [scores(P1={"ada": 3}), pd.DataFrame(rows, columns=["proposal", "reviewer", "criterion", "value"])]
    )
    assert rank(scheme, table)["total_exact"].iloc[0] == 3 + Fraction("123456789.123457")


def test_means_over_many_different_numbers_of_raters_stay_exact() -> None:
    counts = np.arange(1, 61, dtype=np.int64)
    found = quotient(counts * 0 + 7, counts, 2)
    assert list(found.fractions()) == [Fraction(7, 2 * int(count)) for count in counts]
