"""Tables that cannot be used: every one is refused with row and reason, never with a silent number."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring import ScoresError, explain, rank
from tests.scoring.worlds import auental, auental_scores, points, reasons, scale, scores, small

GOOD = scores(P1={"ada": (4, 5), "bo": (3, 4)}, P2={"ada": (1, 2)})


def refused(table: pd.DataFrame, problem: str, **more: Any) -> ScoresError:
    with pytest.raises(ScoresError, match=problem) as caught:
        rank(more.pop("scheme", small()), table, **more)
    return caught.value


def with_value(value: object) -> pd.DataFrame:
    values: list[object] = GOOD["value"].tolist()
    values[2] = value
    return GOOD.assign(value=pd.Series(values, dtype=object))


@pytest.mark.parametrize("value", [6, -1, 4.5, "7", "4,5", 10**30, Decimal("1E+19"), np.float64(5.5), np.int64(9)])
def test_a_mark_off_the_scale_names_its_row(value: object) -> None:
    assert refused(with_value(value), "is not a mark of a: 0 to 5 in steps of 1").place == "row 3 (P1, bo, a)"


@pytest.mark.parametrize("value", ["four", float("inf"), -float("inf"), True, "1e9999", [1], {"a": 1}, "⁵"])
def test_a_mark_that_is_no_number_names_its_row(value: object) -> None:
    if isinstance(value, list | dict):
        refused(with_value(value), "row 3 .P1, bo, a.: .* is no number")
    else:
        assert refused(with_value(value), "is not a mark of a").place == "row 3 (P1, bo, a)"


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, "", "  ", Decimal("NaN")])
def test_a_blank_is_not_given(value: object) -> None:
    found = rank(small(), with_value(value))
    assert found.set_index("proposal").loc["P1", "total"] == 4 + Decimal("4.5")


@pytest.mark.parametrize("value", ["4", " 4 ", "4.0", 4.0, Decimal("4.00"), np.int8(4), np.float32(4)])
def test_a_mark_in_any_dress_is_the_same_mark(value: object) -> None:
    found = rank(small(), with_value(value))
    assert found.set_index("proposal").loc["P1", "total"] == Decimal("8.5")


def test_the_wrong_rows_are_all_named() -> None:
    error = refused(GOOD.assign(value=[4, 9, 3, 8, 1, 2]), "9 is not a mark of b")
    assert [place for place, _ in error.told] == ["row 2 (P1, ada, b)", "row 4 (P1, bo, b)"]


def test_many_wrong_rows_are_summed_up() -> None:
    table = scores(**{f"P{number}": {"ada": (9, 9)} for number in range(50)})
    error = refused(table, "and 80 more")
    assert len(error.told) == 100
    assert len(str(error).splitlines()) == 21


@pytest.mark.parametrize("column", ["proposal", "reviewer", "criterion", "value"])
def test_a_missing_column_is_named(column: str) -> None:
    assert refused(GOOD.drop(columns=column), "the scores have no such column").place == column


@pytest.mark.parametrize("column", ["proposal", "reviewer", "criterion"])
@pytest.mark.parametrize("blank", [None, ""])
def test_a_blank_key_is_named(column: str, blank: str | None) -> None:
    table = GOOD.copy()
    table.loc[3, column] = blank
    assert refused(table, f"no {column}").place.startswith("row 4 (")


def test_an_unknown_criterion_is_named() -> None:
    assert (
        refused(GOOD.replace({"criterion": {"b": "quality"}}), "no such criterion").place == "row 2 (P1, ada, quality)"
    )


def test_a_computed_criterion_takes_no_marks() -> None:
    table = auental_scores().replace({"criterion": {"k5": "k6"}})
    refused(table, "this criterion is computed, not rated", scheme=auental())


def test_the_same_mark_twice_is_refused_even_if_equal() -> None:
    table = pd.concat([GOOD, GOOD.iloc[[2]]])
    assert refused(table, "already has a row for this criterion").place == "row 7 (P1, bo, a)"


def test_an_unknown_reason_is_refused() -> None:
    assert (
        refused(GOOD.assign(reason=reasons([None, "", "tired", None, None, None])), "unknown reason").place
        == "row 3 (P1, bo, a)"
    )


def test_a_mark_that_cannot_be_judged_is_a_contradiction() -> None:
    table = GOOD.assign(reason=reasons([None, None, "not_assessable", None, None, None]))
    refused(table, "not_assessable, yet there is a mark")


def test_a_proposal_that_nobody_handed_in_is_refused() -> None:
    facts = pd.DataFrame({"proposal": ["P1"]})
    assert refused(GOOD, "not among the proposals", proposals=facts).place == "row 5 (P2, ada, a)"


@pytest.mark.parametrize("keys", [["P1", "P2", "P1"], ["P1", None, "P2"], ["P1", "", "P2"]])
def test_a_table_of_proposals_needs_one_key_each(keys: list[str | None]) -> None:
    refused(GOOD, "blank or listed twice", proposals=pd.DataFrame({"proposal": keys}))


def test_a_table_of_proposals_needs_the_key_column() -> None:
    refused(GOOD, "the proposals have no such column", proposals=pd.DataFrame({"key": ["P1", "P2"]}))


def test_an_unfinished_sheet_may_be_refused_by_the_scheme() -> None:
    scheme = small(aggregation={"missing": "refuse"})
    assert refused(scores(P7={"ada": (4, None)}), "a sheet is unfinished", scheme=scheme).place == "P7"


PRICE = {"key": "price", "type": "computed", "max": 10, "formula": {"kind": "ratio", "field": "cost"}}


@pytest.mark.parametrize(
    ("cost", "problem"),
    [
        (None, "it is missing"),
        ("dear", "not a number"),
        (0, "must be above 0"),
        (-1, "must be above 0"),
        (float("inf"), "number"),
        ({"euro": 5}, "{'euro': 5} cannot be read"),
    ],
)
def test_a_number_that_a_criterion_needs_is_named_with_its_proposal(cost: object, problem: str) -> None:
    facts = pd.DataFrame({"proposal": ["P1", "P2"], "cost": [cost, 5]})
    error = refused(scores(P1={"ada": 1}, P2={"ada": 1}), problem, scheme=small(scale("a"), PRICE), proposals=facts)
    assert "cost" in error.place


def test_only_a_scheme_that_asks_for_the_lowest_number_of_all_compares() -> None:
    assert [small(scale("a"), PRICE).compares, small().compares, auental().compares] == [True, False, False]


def test_without_a_table_a_computed_criterion_cannot_be_had() -> None:
    refused(scores(P1={"ada": 1}), "it is missing", scheme=small(scale("a"), PRICE))


def test_wrong_gates_adjustments_and_tie_rules_name_the_proposal() -> None:
    rules: dict[str, Any] = {
        "gates": [{"key": "complete", "ko": True}],
        "adjustments": [{"key": "malus", "kind": "malus", "allowed": [0, 2]}],
        "ranking": {"tie_breakers": ["lower:cost"]},
    }
    for column, value, problem in (
        ("complete", "perhaps", "neither yes nor no"),
        ("malus", 1, "is not an amount"),
        ("cost", "x", "not a number"),
    ):
        facts = pd.DataFrame({"proposal": ["P1", "P2"], column: [None, value]})
        assert refused(GOOD, problem, scheme=small(**rules), proposals=facts).place == f"P2, {column}"


def test_a_proposal_without_a_lot_is_named_where_lots_are_ranked_apart() -> None:
    facts = pd.DataFrame({"proposal": ["P1", "P2"], "lot": ["North", None]})
    assert refused(GOOD, "ranks them apart", scheme=small(ranking={"scope": "lot"}), proposals=facts).place == "P2, lot"


def test_an_adjustment_comes_from_one_place() -> None:
    scheme = small(points("a"), adjustments=[{"key": "m", "kind": "malus", "allowed": [0, 2]}])
    table = pd.DataFrame(
        [("P1", "ada", "a", 1), ("P1", "office", "m", 2)], columns=["proposal", "reviewer", "criterion", "value"]
    )
    refused(table, "give it once", scheme=scheme, proposals=pd.DataFrame({"proposal": ["P1"], "m": [2]}))


def test_the_steps_refuse_the_same() -> None:
    with pytest.raises(ScoresError, match="no such criterion"):
        explain(small(), GOOD.replace({"criterion": {"b": "quality"}}))


def test_one_reviewer_one_proposal_and_no_variance_are_no_trouble() -> None:
    found = rank(small(), scores(P1={"ada": (3, 3)}))
    assert found["rank"].tolist() == [1]
    assert found["spread"].isna().all()
    same = rank(small(), scores(**{f"P{number}": {"ada": (3, 3), "bo": (3, 3)} for number in range(5)}))
    assert same["rank"].tolist() == [1] * 5
    assert same["rank_max"].tolist() == [5] * 5
    assert same["spread"].tolist() == [0.0] * 5


def test_ten_thousand_identical_totals_are_one_tie() -> None:
    keys = [f"P{number:05}" for number in range(10_000)]
    table = pd.DataFrame({"proposal": keys, "reviewer": "ada", "criterion": "a", "value": 3})
    found = rank(small(scale("a")), table)
    assert set(found["rank"]) == {1}
    assert set(found["rank_max"]) == {10_000}
    assert found["proposal"].tolist() == keys
