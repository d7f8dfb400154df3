"""One sheet, worked by hand."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Evaluation, Scheme, ScoresError
from tests.scoring.worlds import SCHEMES, auental, points, scale, small


def published(stem: str) -> Scheme:
    return Scheme.from_file(next(path for path in SCHEMES if path.stem == stem))


def test_the_demo_scheme_by_hand() -> None:
    found = auental().evaluate({"k1": 4, "k2": 3, "k3": 5, "k4": 2, "k5": 4, "grant_per_place_month": 215})
    # 4/5 * 15 + 3/5 * 25 + 5/5 * 20 + 2/5 * 15 + 4/5 * 10 + 3/5 * 15
    assert found.total == 12 + 15 + 20 + 6 + 8 + 9
    assert (found.passed, found.failed, found.not_rated, found.missing) == (True, [], [], [])


def test_total_is_shown_with_the_decimals_of_the_scheme() -> None:
    found = small(points("a", 3, weight_percent=100)).evaluate({"a": 2})
    assert str(found.total) == "66.67"
    assert found.exact == Fraction(200, 3)


@pytest.mark.parametrize(
    ("price", "mark"), [(150, 5), (190, 5), (190.01, 4), (205, 4), (250, 1), (250.01, 0), (9999, 0)]
)
def test_a_band_holds_up_to_and_including_its_limit(price: float, mark: int) -> None:
    found = auental().evaluate(
        {"k1": 0, "k2": 0, "k3": 0, "k4": 0, "k5": 0, "grant_per_place_month": price} | office(price)
    )
    assert found.points["k6"] == mark * 3


def office(price: float) -> dict[str, Any]:
    """The office let a rate above the limit pass."""
    return {"rate_limit": 250} if price > 250 else {}


def test_the_price_formulas_by_hand() -> None:
    # domain: 40 * (2 - own / lowest), and 100 * lowest / own weighted 35 percent
    assert published("ba-vergabe-konzept").evaluate({"q1": 0, "q2": 0, "price": 550, "min_price": 500}).total == 36
    bern = {"work_integration": 0, "regional_network": 0, "language": 0, "experience": 0}
    assert published("bern-gef-2019").evaluate({**bern, "price": 1400, "min_price": 1000}).total == 25
    assert published("bern-gef-2019").evaluate({**bern, "price": 1100, "min_price": 1000}).exact == Fraction(350, 11)


def test_without_the_lowest_a_price_is_the_lowest() -> None:
    assert published("ba-vergabe-konzept").evaluate({"q1": 0, "q2": 0, "price": 550}).total == 40


@pytest.mark.parametrize("price", [0, -5])
def test_a_price_of_nothing_is_refused(price: int) -> None:
    with pytest.raises(ScoresError, match="must be above 0") as caught:
        published("ba-vergabe-konzept").evaluate({"q1": 0, "q2": 0, "price": price, "min_price": 500})
    assert caught.value.place == "price"


def test_a_price_below_the_lowest_is_refused() -> None:
    with pytest.raises(ScoresError, match="is below the lowest"):
        published("ba-vergabe-konzept").evaluate({"q1": 0, "q2": 0, "price": 499, "min_price": 500})


@pytest.mark.parametrize("blank", [None, "", float("nan")])
def test_what_cannot_be_judged_is_never_nought(blank: object) -> None:
    found = small().evaluate({"a": 5, "b": blank})
    assert (found.total, found.passed, found.missing) == (None, None, ["b"])
    assert small().evaluate({"a": 5}).total is None
    assert small().evaluate({"a": 5, "b": 0}).total == 5


def test_a_failed_minimum_is_known_even_while_marks_are_missing() -> None:
    scheme = small(scale("a", threshold={"min": 3, "op": ">="}), scale("b"))
    assert scheme.evaluate({"a": 2}) == Evaluation(
        None, False, ["a"], [], ["b"], None, points={"a": Fraction(2), "b": None}
    )


def test_an_optional_criterion_may_be_left_out() -> None:
    scheme = small(scale("a"), scale("b", optional=True, threshold={"min": 3, "op": ">="}), pass_rule={"min_total": 4})
    assert scheme.evaluate({"a": 4}).passed is True
    assert scheme.evaluate({"a": 4, "b": 2}).failed == ["b"]
    assert scheme.maximum == 10


@pytest.mark.parametrize(("op", "mark", "passed"), [(">=", 2, False), (">=", 3, True), (">", 3, False), (">", 4, True)])
def test_reaching_and_exceeding_a_minimum_differ(op: str, mark: int, passed: bool) -> None:
    assert small(scale("a", threshold={"min": 3, "op": op})).evaluate({"a": mark}).passed is passed
    assert small(scale("a"), pass_rule={"min_total": 3, "op": op}).evaluate({"a": mark}).passed is passed


def test_a_threshold_looks_at_the_unweighted_mark() -> None:
    scheme = small(scale("a", weight=3, threshold={"min": 3, "op": ">="}))
    assert scheme.evaluate({"a": 2}).failed == ["a"]
    assert scheme.evaluate({"a": 2}).total == 6


def test_percent_of_the_reachable_points() -> None:
    scheme = small(points("a", 30), points("b", 10), pass_rule={"min_percent": 50})
    assert scheme.evaluate({"a": 20, "b": 0}).passed is True
    assert scheme.evaluate({"a": 19.9, "b": 0}).failed == ["total"]


def test_every_group_has_its_minimum() -> None:
    scheme = published("nds-jugendwerkstaetten-2022")
    marks = {
        "situation": 20,
        "concept": 30,
        "management": 4,
        "equality": 7.5,
        "nondiscrimination": 7.5,
        "sustainability": 4,
    }
    assert scheme.evaluate(marks | {"good_work": 1}).failed == ["technical"]
    assert scheme.evaluate(marks | {"good_work": 0.9}).failed == ["technical", "cross"]


def test_a_gate_keeps_a_proposal_from_being_rated() -> None:
    marks = {"k1": 5, "k2": 5, "k3": 5, "k4": 5, "k5": 5, "grant_per_place_month": 251}
    found = auental().evaluate(marks | {"places": 4, "complete": False, "in_time": "yes", "balanced_plan": 1})
    assert (found.total, found.passed, found.failed) == (None, False, [])
    assert found.not_rated == ["complete", "minimum_places", "rate_limit"]


def test_a_gate_without_ko_keeps_nobody() -> None:
    assert small(gates=[{"key": "g"}]).evaluate({"a": 1, "b": 1, "g": False}).total == 2


def test_at_least_so_many_of_a_list() -> None:
    gate = {"key": "goals", "type": "choose_min", "min": 2, "ko": True, "options": [{"key": key} for key in "xyz"]}
    scheme = small(gates=[gate])
    assert scheme.evaluate({"a": 1, "b": 1, "goals": ["x", "z"]}).total == 2
    assert scheme.evaluate({"a": 1, "b": 1, "goals": "x"}).not_rated == ["goals"]
    with pytest.raises(ScoresError, match="w is not among the options"):
        scheme.evaluate({"a": 1, "b": 1, "goals": "w"})
    with pytest.raises(ScoresError, match="5 is no list of options"):
        scheme.evaluate({"a": 1, "b": 1, "goals": 5})


def test_a_gate_that_is_answered_with_perhaps_is_refused() -> None:
    with pytest.raises(ScoresError, match="'perhaps' is neither yes nor no"):
        auental().evaluate({"in_time": "perhaps"})


def test_bonus_and_malus_come_after_the_sum() -> None:
    rules = [
        {"key": "plus", "kind": "bonus", "allowed": [0, 5]},
        {"key": "minus", "kind": "malus", "allowed": [0, 10, 20]},
    ]
    scheme = small(adjustments=rules, pass_rule={"min_total": 4})
    assert scheme.evaluate({"a": 5, "b": 5, "plus": 5, "minus": 10}).total == 5
    assert scheme.evaluate({"a": 5, "b": 5, "minus": "20"}).failed == ["total"]
    with pytest.raises(ScoresError, match="15 is not an amount of minus: 0, 10, 20") as caught:
        scheme.evaluate({"a": 5, "b": 5, "minus": 15})
    assert caught.value.place == "minus"


def test_effects_are_shown_where_their_points_are_reached() -> None:
    scheme = published("dithmarschen-leader")
    assert scheme.evaluate({"reach": 5, "model": 0, "other_topics": 0}).effects == {
        "reach": {"at_points": 5, "funding_rate_plus_percent_points": 10}
    }
    assert scheme.evaluate({"reach": 3, "model": 0, "other_topics": 0}).effects == {}


def test_counting_counts_the_criteria_that_are_met() -> None:
    scheme = small(
        scale("a", threshold={"min": 3, "op": ">="}),
        {"key": "b", "type": "yesno", "yes_points": 2},
        scale("c"),
        aggregation={"total": "count"},
    )
    assert scheme.maximum == 3
    assert scheme.evaluate({"a": 3, "b": True, "c": 0}).total == 2
    assert scheme.evaluate({"a": 2, "b": True, "c": 1}).total == 2


def test_where_low_is_good_the_scale_is_turned_round() -> None:
    german_marks = {"key": "a", "type": "scale", "scale": {"min": 1, "max": 6, "step": 1}, "direction": "low"}
    scheme = small(german_marks | {"weight_percent": 100, "threshold": {"min": 3, "op": ">="}})
    assert scheme.evaluate({"a": 1}).total == 100
    assert scheme.evaluate({"a": 5}).failed == ["a"]


@given(st.integers(-3000, 3000), st.sampled_from(["half_up", "half_even"]), st.integers(0, 3))
def test_rounding_is_that_of_decimal_arithmetic(eighths: int, mode: str, decimals: int) -> None:
    rounding = small(aggregation={"rounding": {"decimals": decimals, "mode": mode}}).aggregation.rounding
    shown = (Decimal(eighths) / 8).quantize(Decimal(1).scaleb(-decimals), f"ROUND_{mode.upper()}")
    assert str(rounding(Fraction(eighths, 8))) == str(shown + 0)


def test_unknown_inputs_are_named() -> None:
    with pytest.raises(ScoresError) as caught:
        small().evaluate({"a": 1, "b": 1, "c": 1, "x": 1})
    assert caught.value.told == [("c", "the scheme knows no such input"), ("x", "the scheme knows no such input")]


def test_the_sheet_is_totalled_while_it_is_filled_in() -> None:
    sheet = auental().sheet_total({"k1": 4, "k2": "", "k3": None}, {"grant_per_place_month": 185, "title": "any"})
    assert (str(sheet.total), str(sheet.reachable), str(sheet.computed)) == ("27.00", "97.00", "15.00")
    assert (sheet.given, sheet.asked, sheet.complete) == (1, 5, False)
    full = auental().sheet_total({f"k{n}": 5 for n in range(1, 6)}, {"grant_per_place_month": 185})
    assert (str(full.total), str(full.reachable), full.complete) == ("100.00", "100.00", True)
    assert auental().sheet_total({}).total == 0
    with pytest.raises(ScoresError, match="6 is not a mark of k1"):
        auental().sheet_total({"k1": 6})


@given(st.lists(st.integers(0, 10), min_size=5, max_size=5), st.integers(0, 4))
def test_raising_a_mark_never_lowers_the_total_nor_the_pass(marks: list[int], place: int) -> None:
    raised = [mark + (index == place and mark < 10) for index, mark in enumerate(marks)]
    before, after = (half_marks(one) for one in (marks, raised))
    assert before.exact is not None
    assert after.exact is not None
    assert after.exact >= before.exact
    assert set(after.failed) <= set(before.failed)


def half_marks(marks: list[int]) -> Evaluation:
    criteria = [
        scale(key, weight_percent=20, threshold={"min": 1.5, "op": ">="}) | {"scale": {"min": 0, "max": 5, "step": 0.5}}
        for key in "abcde"
    ]
    scheme = small(*criteria, pass_rule={"min_total": 60})
    return scheme.evaluate({key: Decimal(mark) / 2 for key, mark in zip("abcde", marks, strict=True)})


def test_where_nothing_is_given_no_percentage_is_reached() -> None:
    scheme = small(scale("a", optional=True), aggregation={"across_raters": "sum"}, pass_rule={"min_percent": 50})
    assert [scheme.evaluate(marks).passed for marks in ({}, {"a": 2}, {"a": 3})] == [False, False, True]


def test_the_lowest_number_is_the_own_one_where_none_is_given() -> None:
    scheme = published("ba-vergabe-konzept")
    assert [scheme.evaluate({"q1": 0, "q2": 0, "price": 550, **more}).total for more in ({}, {"min_price": None})] == [
        40
    ] * 2
