"""One arithmetic: a sheet evaluated, the ranking of that sheet alone, and the steps that screens print are the same."""

import operator
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import ScoresError, explain, rank
from scoring.marks.columns import Column
from scoring.scheme.criteria import Threshold
from tests.scoring.generated import KINDS, facts, scheme, sheet
from tests.scoring.worlds import scale, scores, small


def alone(marks: dict[str, Decimal], numbers: dict[str, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ada's sheet for P1, the only one there is."""
    rows: list[tuple[Any, ...]] = [("P1", "ada", key, value) for key, value in marks.items()] or [
        ("P1", "ada", "b", None)
    ]
    scores = pd.DataFrame(rows, columns=["proposal", "reviewer", "criterion", "value"])
    return scores, pd.DataFrame([{"proposal": "P1", **numbers}])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 2**32))
def test_a_sheet_comes_to_what_the_ranking_of_it_alone_says(kind: tuple[str, ...], seed: int) -> None:
    chance = Random(seed)
    found = scheme(kind, chance)
    marks, numbers = sheet(found, chance, blank=0.03), facts(chance)
    own = found.evaluate({**marks, **numbers})
    unfinished = [one.key for one in found.rated_criteria if not one.optional and one.key not in marks]
    rated = any(one.key in marks for one in found.rated_criteria)
    assert own.missing == unfinished
    if rated and unfinished and found.aggregation.missing == "refuse":
        with pytest.raises(ScoresError, match="unfinished"):
            rank(found, *alone(marks, numbers))
        return
    line = rank(found, *alone(marks, numbers), seed="s").iloc[0]
    steps = explain(found, *alone(marks, numbers), seed="s").proposals["P1"]
    if not rated or (unfinished and found.aggregation.missing == "drop_sheet"):
        assert (line["unranked"], line["total"], steps.total, steps.competing) == ("no_rating", None, None, False)
        return
    assert (line["total"], line["total_exact"], line["failed"]) == (own.total, own.exact, own.failed)
    assert line["passed"] is pd.NA if unfinished else line["passed"] == own.passed
    assert (steps.total, steps.points) == (own.exact, own.points)
    assert sum(steps.adjusted.values()) == sum(
        one.signed(marks[one.key]) for one in found.adjustments if one.key in marks
    )
    if not unfinished:
        known = numbers | {f"min_{name}": number for name, number in numbers.items()}
        assert found.sheet_total(marks, known).total == own.total
        assert steps.order == (line["order_exact"] if own.passed else None)


@given(st.integers(-40, 40), st.integers(1, 12), st.integers(-400, 400), st.booleans(), st.booleans())
def test_a_minimum_between_the_steps_is_met_by_the_next_step_only(
    unit: int, parts: int, tenths: int, strict: bool, wide: bool
) -> None:
    """Also far from every unit of the column, where rounding a bound the wrong way would let a mark 2 meet 2.5."""
    values = np.array([unit - 1, unit, unit + 1], dtype=object if wide else np.int64)
    least = Threshold(Decimal(tenths) / 10, strict)
    assert list(least.holds(Column(values, parts))) == [least.holds(one) for one in Column(values, parts).fractions()]


@pytest.mark.parametrize("direction", ["high", "low"])
@pytest.mark.parametrize("op", [">=", ">"])
def test_what_a_minimum_asks_of_the_mark_as_given_is_what_it_asks_as_it_counts(direction: str, op: str) -> None:
    found = small(scale("a", direction=direction, threshold={"min": 2, "op": op}), scale("b"))
    bound = found.criterion("a").bound
    assert bound is not None
    assert found.criterion("b").bound is None
    holds = {"≥": operator.ge, ">": operator.gt, "≤": operator.le, "<": operator.lt}[bound[0]]
    for mark in found.criterion("a").marks:
        assert holds(mark, bound[1]) == ("a" not in found.evaluate({"a": mark, "b": 5}).failed)


def test_in_a_tie_a_blank_comes_behind_a_mark_of_0() -> None:
    rules = {"tie_breakers": ["c"]}
    found = small(scale("a"), scale("b"), scale("c", optional=True), ranking=rules)
    given = scores(P1={"ada": (3, 3, None)}, P2={"ada": (3, 3, 0)})
    assert rank(found, given)[["proposal", "rank", "decided_by"]].values.tolist() == [["P2", 1, "c"], ["P1", 2, "c"]]
