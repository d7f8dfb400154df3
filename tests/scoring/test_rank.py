"""The ranking rule by rule, on tables small enough to add up by hand."""

import math
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

import pandas as pd
import pytest

from scoring import explain, rank, review_totals
from tests.scoring.worlds import auental, auental_scores, column, points, reasons, scale, scores, small


def proposals(**rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{"proposal": key, **facts} for key, facts in rows.items()])


def test_the_total_is_the_weighted_sum_of_the_means() -> None:
    scheme = small(scale("a", weight=2), scale("b"))
    found = rank(scheme, scores(P1={"ada": (4, 5), "bo": (5, 2)}, P2={"ada": (1, 1), "bo": (2, 1), "cleo": (2, 1)}))
    assert column(found, "total") == {"P1": Decimal("12.50"), "P2": Decimal("4.33")}
    assert column(found, "total_exact") == {"P1": Fraction(25, 2), "P2": Fraction(13, 3)}
    assert column(found, "rank") == {"P1": 1, "P2": 2}
    assert column(found, "valid_reviews") == {"P1": 2, "P2": 3}
    assert column(found, "mean_a") == {"P1": Decimal("4.50"), "P2": Decimal("1.67")}


def test_a_blank_or_unjudged_mark_leaves_the_mean_of_the_others() -> None:
    table = scores(P1={"ada": (4, 5), "bo": (None, 1)}, P2={"ada": (4, 5), "bo": (0, 1)})
    assert column(rank(small(), table), "total") == {"P1": 7, "P2": 5}
    table["reason"] = ["not_assessable" if pd.isna(value) else None for value in table["value"]]
    found = rank(small(), table)
    assert column(found, "total") == {"P1": 7, "P2": 5}
    assert column(found, "notes") == {"P1": ["not_assessable:1"], "P2": []}


def test_an_open_mark_is_flagged_and_counted() -> None:
    table = scores(P1={"ada": (4, 5), "bo": (3,)})
    assert column(rank(small(), table), "notes") == {"P1": ["open_marks:1"]}


def test_a_criterion_that_nobody_could_judge_leaves_no_total() -> None:
    found = rank(small(), scores(P1={"ada": (4, None), "bo": (3, "")}, P2={"ada": (0, 0)}))
    assert column(found, "total") == {"P2": 0, "P1": None}
    assert column(found, "unranked") == {"P2": "", "P1": "no_mark"}
    assert column(found, "passed") == {"P2": True, "P1": None}
    assert column(found, "notes")["P1"] == ["no_mark:b", "open_marks:2"]


@pytest.mark.parametrize(("missing", "total"), [("use_given", 7), ("drop_sheet", 9)])
def test_an_unfinished_sheet_counts_as_the_scheme_says(missing: str, total: int) -> None:
    table = scores(P1={"ada": (4, 5), "bo": (None, 1)})
    found = rank(small(aggregation={"missing": missing}), table)
    assert column(found, "total") == {"P1": total}
    assert column(found, "valid_reviews") == {"P1": 2 if missing == "use_given" else 1}


def test_the_sheet_of_a_recused_reviewer_never_counts() -> None:
    table = scores(P1={"ada": (4, 4), "bo": (0, 0)}, P2={"ada": (3, 3), "bo": (3, 3)})
    table["reason"] = None
    table.loc[table.query("proposal == 'P1' and reviewer == 'bo'").index[0], "reason"] = "recused"
    found = rank(small(), table)
    assert column(found, "total") == {"P1": 8, "P2": 6}
    assert column(found, "valid_reviews") == {"P1": 1, "P2": 2}


def test_all_in_conflict_is_not_rated_and_not_nought() -> None:
    table = scores(P1={"ada": (4, 4)}, P2={"ada": (1, 1)}).assign(reason=reasons(["recused", "recused", None, None]))
    found = rank(small(), table)
    assert column(found, "unranked") == {"P2": "", "P1": "no_rating"}
    assert column(found, "total")["P1"] is None


def test_too_few_valid_ratings_are_not_ranked_and_say_so() -> None:
    scheme = small(aggregation={"min_valid_ratings": 2})
    found = rank(scheme, scores(P1={"ada": (5, 5)}, P2={"ada": (1, 1), "bo": (1, 1)}))
    assert column(found, "rank") == {"P2": 1, "P1": None}
    assert column(found, "unranked") == {"P2": "", "P1": "too_few_ratings"}
    assert column(found, "passed") == {"P2": True, "P1": None}
    assert column(found, "total") == {"P2": 2, "P1": 10}


def test_a_mean_of_fewer_marks_than_ratings_wanted_is_flagged() -> None:
    table = scores(P1={"ada": (5, 5), "bo": (5, None)})
    found = rank(small(aggregation={"min_valid_ratings": 2}), table)
    assert column(found, "notes") == {"P1": ["few_marks:b", "open_marks:1"]}


def test_proposals_without_any_score_are_listed() -> None:
    found = rank(small(), scores(P2={"ada": (5, 5)}), proposals(P1={}, P2={}))
    assert list(found["proposal"]) == ["P2", "P1"]
    assert column(found, "unranked") == {"P2": "", "P1": "no_rating"}


def test_ties_that_no_rule_breaks_share_the_rank() -> None:
    found = rank(small(), scores(P1={"ada": (5, 5)}, P3={"ada": (3, 4)}, P2={"ada": (4, 3)}, P4={"ada": (1, 1)}))
    assert column(found, "rank") == {"P1": 1, "P2": 2, "P3": 2, "P4": 4}
    assert column(found, "rank_max") == {"P1": 1, "P2": 3, "P3": 3, "P4": 4}
    assert column(found, "tie_group") == {"P1": None, "P2": 1, "P3": 1, "P4": None}
    assert set(found["decided_by"]) == {""}


def test_each_tied_row_names_the_rule_that_placed_it() -> None:
    scheme = small(scale("a"), scale("b"), scale("c"), ranking={"tie_breakers": ["a", "b"]})
    table = scores(P1={"ada": (3, 3, 3)}, P2={"ada": (2, 4, 3)}, P3={"ada": (2, 3, 4)}, P4={"ada": (2, 3, 4)})
    found = rank(scheme, table)
    assert column(found, "rank") == {"P1": 1, "P2": 2, "P3": 3, "P4": 3}
    assert column(found, "decided_by") == {"P1": "a", "P2": "b", "P3": "b", "P4": "b"}
    assert column(found, "tie_group") == {"P1": None, "P2": None, "P3": 1, "P4": 1}


def test_a_group_breaks_a_tie() -> None:
    # NRW Ziel 2: equal projects, the stronger cross-cutting goals go first
    groups = [{"key": "cross"}]
    scheme = small(scale("a"), scale("b", group="cross"), groups=groups, ranking={"tie_breakers": ["cross"]})
    found = rank(scheme, scores(P1={"ada": (5, 2)}, P2={"ada": (3, 4)}))
    assert column(found, "rank") == {"P2": 1, "P1": 2}
    assert set(found["decided_by"]) == {"cross"}


@pytest.mark.parametrize(("rule", "first"), [("lower:cost", "P2"), ("higher:cost", "P1")])
def test_a_number_of_the_proposal_breaks_a_tie(rule: str, first: str) -> None:
    scheme = small(ranking={"tie_breakers": [rule]})
    table = scores(P1={"ada": (5, 5)}, P2={"ada": (5, 5)}, P3={"ada": (5, 5)})
    found = rank(scheme, table, proposals(P1={"cost": "10.10"}, P2={"cost": "10.09"}, P3={"cost": None}))
    assert found["proposal"].iloc[0] == first
    assert found["proposal"].iloc[2] == "P3"
    assert set(found["decided_by"]) == {rule}


def test_the_committee_or_a_rule_by_hand_gives_places_among_the_tied() -> None:
    scheme = small(ranking={"tie_breakers": ["call_coverage", "committee"]})
    table = scores(P1={"ada": (5, 5)}, P2={"ada": (5, 5)}, P3={"ada": (5, 5)})
    facts = proposals(
        P1={"call_coverage": 2, "committee": 2},
        P2={"call_coverage": 2, "committee": 1},
        P3={"call_coverage": 1, "committee": None},
    )
    found = rank(scheme, table, facts)
    assert column(found, "rank") == {"P3": 1, "P2": 2, "P1": 3}
    assert column(found, "decided_by") == {"P3": "call_coverage", "P2": "committee", "P1": "committee"}


def test_a_rule_that_nothing_is_recorded_for_is_said_where_it_is_missed() -> None:
    scheme = small(ranking={"tie_breakers": ["committee", "a", "lot"]})
    table = scores(P1={"ada": (5, 4)}, P2={"ada": (4, 5)}, P3={"ada": (1, 1)}, P4={"ada": (1, 1)})
    found = rank(scheme, table)
    assert column(found, "rank") == {"P1": 1, "P2": 2, "P3": 3, "P4": 3}
    assert column(found, "notes") == {
        "P1": [],
        "P2": [],
        "P3": ["unrecorded:committee", "unrecorded:lot"],
        "P4": ["unrecorded:committee", "unrecorded:lot"],
    }


def test_a_lot_is_drawn_from_the_published_seed_and_can_be_repeated() -> None:
    scheme = small(ranking={"tie_breakers": ["lot"]})
    table = scores(**{f"P{number}": {"ada": (3, 3)} for number in range(9)})
    found = rank(scheme, table, seed="Lottozahlen vom 6.12.2017")
    by_hand = sorted(
        table["proposal"].unique(), key=lambda key: sha256(f"Lottozahlen vom 6.12.2017:{key}".encode()).digest()
    )
    assert list(found["proposal"]) == by_hand
    assert set(found["decided_by"]) == {"lot"}
    assert list(rank(scheme, table, seed="another")["proposal"]) != by_hand


@pytest.mark.parametrize(
    ("when", "ranks"), [("display", {"P1": 2, "P2": 1, "P3": 3}), ("rank", {"P1": 1, "P2": 1, "P3": 1})]
)
def test_the_order_follows_published_totals_only_where_the_scheme_says_so(when: str, ranks: dict[str, int]) -> None:
    scheme = small(points("a"), aggregation={"rounding": {"decimals": 0, "when": when}}, pass_rule={"min_total": 3.6})
    found = rank(scheme, scores(P1={"ada": 4.1}, P2={"ada": 4.4}, P3={"ada": 3.6}))
    assert [str(total) for total in found["total"]] == ["4", "4", "4"]
    assert column(found, "rank") == ranks


def test_weights_for_ranking_act_on_the_order_alone() -> None:
    # Horizon Europe innovation actions: impact counts 1.5 for the order only
    ranking = {"weights_for_ranking": {"b": 1.5}}
    scheme = small(scale("a"), scale("b"), pass_rule={"min_total": 7}, ranking=ranking)
    found = rank(scheme, scores(P1={"ada": (5, 2)}, P2={"ada": (2, 5)}, P3={"ada": (1, 5)}))
    assert column(found, "rank") == {"P2": 1, "P1": 2, "P3": None}
    assert column(found, "total") == {"P2": 7, "P1": 7, "P3": 6}
    assert column(found, "order_exact")["P2"] == Fraction(19, 2)


@pytest.mark.parametrize(
    ("criteria", "weights", "order"),
    [
        ([scale("a", weight=2), scale("b", weight=3)], {"a": 5}, 4 * 5 + 3 * 3),
        ([scale("a", weight_percent=40), scale("b", weight_percent=60)], {"b": 20}, 4 * 8 + 3 * 4),
    ],
)
def test_a_weight_for_ranking_takes_the_place_of_the_weight(
    criteria: list[dict[str, Any]], weights: dict[str, int], order: int
) -> None:
    found = rank(small(*criteria, ranking={"weights_for_ranking": weights}), scores(P1={"ada": (4, 3)}))
    assert found["order_exact"].iloc[0] == order


def test_lots_are_ranked_apart_and_each_has_its_own_lowest_price() -> None:
    price = {"key": "price", "type": "computed", "max": 10, "formula": {"kind": "ratio", "field": "price"}}
    scheme = small(scale("a"), price, ranking={"scope": "lot"})
    table = scores(P1={"ada": 1}, P2={"ada": 5}, P3={"ada": 2}, P4={"ada": 2})
    facts = proposals(
        P1={"lot": "North", "price": 80},
        P2={"lot": "North", "price": 100},
        P3={"lot": "South", "price": 20},
        P4={"lot": "South", "price": 25},
    )
    found = rank(scheme, table, facts)
    assert list(found["proposal"]) == ["P2", "P1", "P3", "P4"]
    assert list(found["rank"]) == [1, 2, 1, 2]
    assert list(found["scope"]) == ["North", "North", "South", "South"]
    assert column(found, "total") == {"P2": 13, "P1": 11, "P3": 12, "P4": 10}
    pd.testing.assert_frame_equal(found, rank(scheme, table.iloc[::-1], facts.iloc[::-1]))


def test_without_lots_in_the_table_there_is_one_ranking() -> None:
    scheme = small(ranking={"scope": "lot"})
    assert list(rank(scheme, scores(P1={"ada": (1, 1)}, P2={"ada": (2, 2)}))["rank"]) == [1, 2]


def test_a_scheme_without_an_order_passes_and_ranks_nobody() -> None:
    found = rank(small(ranking={"order": "none"}), scores(P1={"ada": (1, 1)}, P2={"ada": (2, 2)}))
    assert found["rank"].isna().all()
    assert column(found, "unranked") == {"P1": "no_order", "P2": "no_order"}
    assert found["passed"].all()


@pytest.mark.parametrize(
    ("method", "marks", "total"),
    [
        ("mean", [0, 4, 5, 5, 5], "3.80"),
        ("median", [0, 4, 5, 5, 5], "5.00"),
        ("median", [0, 4, 5, 5], "4.50"),
        ("drop_one", [0, 4, 5, 5, 5], "4.67"),
        ("drop_one", [0, 4, 5, 5], "3.50"),
        ("sum", [0, 4, 5, 5], "14.00"),
        ("consensus", [4, 4], "4.00"),
        ("unspecified", [3, 4], "3.50"),
    ],
)
def test_marks_of_several_raters_become_one(method: str, marks: list[int], total: str) -> None:
    scheme = small(scale("a"), aggregation={"across_raters": method})
    table = scores(P1={f"r{place}": mark for place, mark in enumerate(marks)})
    assert str(rank(scheme, table)["total"].iloc[0]) == total


def test_a_sum_counts_points_and_its_minimum_is_that_of_the_mean() -> None:
    scheme = small(
        scale("a", threshold={"min": 3, "op": ">="}),
        aggregation={"across_raters": "sum"},
        pass_rule={"min_percent": 60},
    )
    found = rank(scheme, scores(P1={"ada": 3, "bo": 3}, P2={"ada": 2, "bo": 3}))
    assert column(found, "total") == {"P1": 6, "P2": 5}
    assert column(found, "failed") == {"P1": [], "P2": ["a", "total"]}


def test_marks_that_differ_where_a_consensus_is_wanted_are_flagged() -> None:
    scheme = small(aggregation={"across_raters": "consensus"})
    found = rank(scheme, scores(P1={"ada": (4, 5), "bo": (4, 3)}, P2={"ada": (1, 1), "bo": (1, 1)}))
    assert column(found, "notes") == {"P1": ["no_consensus:b"], "P2": []}


def test_gates_and_adjustments_are_read_from_the_proposals() -> None:
    gate = {"key": "enough", "type": "number", "field": "places", "min": 5, "ko": True}
    malus = {"key": "missed", "kind": "malus", "allowed": [0, 2]}
    scheme = small(gates=[gate], adjustments=[malus])
    table = scores(P1={"ada": (5, 5)}, P2={"ada": (4, 4)}, P3={"ada": (5, 5)})
    facts = proposals(P1={"places": 5, "missed": 2}, P2={"places": 6, "missed": None}, P3={"places": 4, "missed": 0})
    found = rank(scheme, table, facts)
    assert column(found, "total") == {"P1": 8, "P2": 8, "P3": None}
    assert column(found, "unranked") == {"P1": "", "P2": "", "P3": "gate"}
    assert column(found, "notes")["P3"] == ["gate:enough"]
    assert column(found, "passed") == {"P1": True, "P2": True, "P3": False}


def test_a_malus_may_be_entered_with_the_scores_and_is_no_rating() -> None:
    scheme = small(adjustments=[{"key": "missed", "kind": "malus", "allowed": [0, 2]}])
    table = pd.concat(
        [
            scores(P1={"ada": (5, 5)}),
            pd.DataFrame([("P1", "office", "missed", 2)], columns=["proposal", "reviewer", "criterion", "value"]),
        ]
    )
    found = rank(scheme, table)
    assert column(found, "total") == {"P1": 8}
    assert column(found, "valid_reviews") == {"P1": 1}


def test_an_optional_number_may_be_missing() -> None:
    price = {
        "key": "price",
        "type": "computed",
        "max": 10,
        "optional": True,
        "formula": {"kind": "ratio", "field": "price"},
    }
    found = rank(
        small(scale("a"), price), scores(P1={"ada": 1}, P2={"ada": 2}), proposals(P1={"price": 100}, P2={"price": None})
    )
    assert column(found, "total") == {"P1": 11, "P2": 2}


def test_prices_of_any_size_are_compared_exactly() -> None:
    price = {"key": "price", "type": "computed", "max": 10, "formula": {"kind": "ratio", "field": "price"}}
    costs = {f"P{number:03}": 100_003 + 2 * number for number in range(200)}
    table = scores(**{key: {"ada": 1} for key in costs})
    found = rank(small(scale("a"), price), table, proposals(**{key: {"price": cost} for key, cost in costs.items()}))
    assert list(found["proposal"]) == list(costs)
    assert list(found["total_exact"]) == [1 + Fraction(10 * 100_003, cost) for cost in costs.values()]


def test_the_price_of_a_proposal_that_is_not_rated_does_not_count() -> None:
    price = {"key": "price", "type": "computed", "max": 10, "formula": {"kind": "ratio", "field": "price"}}
    found = rank(small(scale("a"), price), scores(P1={"ada": 1}), proposals(P1={"price": 100}, P2={"price": 1}))
    assert column(found, "total") == {"P1": 11, "P2": None}


def test_spread_is_the_deviation_of_the_sheets_in_points() -> None:
    # sheets 4 and 8: deviation sqrt(8); one sheet: blank
    found = rank(small(), scores(P1={"ada": (2, 2), "bo": (4, 4)}, P2={"ada": (1, 1)}))
    assert found["spread"].iloc[0] == pytest.approx(8**0.5)
    assert pd.isna(found["spread"].iloc[1])


def test_a_sheet_without_every_mark_is_scaled_up_and_says_so() -> None:
    scheme = small(scale("a", weight=3), scale("b"), scale("c", optional=True))
    table = scores(P1={"bo": (4, 5, 1), "ada": (4, None, 1), "cleo": (4, 5, None), "dora": (None, None, 3)})
    found = review_totals(scheme, table)
    assert found["reviewer"].tolist() == ["ada", "bo", "cleo", "dora"]
    # 12 of 15 count up to 16 of 20, the optional point is added as it is; of an optional mark alone nothing follows
    assert found["total"].tolist()[:3] == [16 + 1, 18, 17]
    assert math.isnan(found["total"].iloc[3])
    assert found["complete"].tolist() == [False, True, True, False]


def test_the_sheets_of_the_demo_average_to_its_totals() -> None:
    from tests.scoring.worlds import auental_proposals

    sheets = review_totals(auental(), auental_scores(), auental_proposals())
    means = sheets.groupby("proposal")["total"].mean()
    assert means["P01"] == pytest.approx(517 / 6)
    assert sheets.query("proposal == 'P04'")["reviewer"].tolist() == ["M1", "M2", "M3", "M4", "M5", "M6"]


def test_the_steps_of_a_total_are_told_one_by_one() -> None:
    scheme = small(scale("a", weight=2, threshold={"min": 3, "op": ">="}), scale("b"))
    given = scores(P1={"ada": (2, 5), "bo": (3, None)}, P2={"ada": (4, 4)})
    found = explain(scheme, given, only="P1")
    assert found.sheets == {("P1", "ada"), ("P1", "bo"), ("P2", "ada")}
    assert list(found.proposals) == ["P1"]
    steps = found.proposals["P1"]
    assert (steps.valid_reviews, steps.competing, steps.counts) == (2, True, {"a": 2, "b": 1})
    assert (steps.marks, steps.points) == ({"a": Fraction(5, 2), "b": 5}, {"a": 5, "b": 5})
    assert (steps.adjusted, steps.total, steps.order, steps.ties) == ({}, 10, None, {})
    assert explain(scheme, given).proposals["P2"].order == 12


def test_counting_and_low_is_good_agree_with_the_sheet() -> None:
    low = scale("a", direction="low", threshold={"min": 3, "op": ">="})
    scheme = small(low, points("b"), aggregation={"total": "count"})
    # turned round on its scale the mark 2 counts as 3 and reaches the minimum, 3 counts as 2 and misses it
    sheets = {"P1": (2, 0), "P2": (3, 10)}
    table = scores(**{key: {"ada": sheet} for key, sheet in sheets.items()})
    found, each = rank(scheme, table), review_totals(scheme, table)
    assert column(found, "total") == column(each, "total") == {"P1": 1, "P2": 1}
    assert column(found, "failed") == {"P1": [], "P2": ["a"]}
    for key, (a, b) in sheets.items():
        sheet = scheme.evaluate({"a": a, "b": b})
        assert (sheet.total, sheet.failed) == (column(found, "total")[key], column(found, "failed")[key])
        assert scheme.sheet_total({"a": a, "b": b}).total == 1


def test_where_low_is_good_the_worst_mark_is_the_one_that_is_not_counted() -> None:
    # without a minimum more than 0 counts: on a scale from 0 to 5 that is every mark but the 5
    scheme = small(scale("a", direction="low"), aggregation={"total": "count"})
    assert [scheme.evaluate({"a": mark}).total for mark in range(6)] == [1, 1, 1, 1, 1, 0]
    assert scheme.sheet_total({"a": 5}).total == 0


@pytest.mark.parametrize(("across_raters", "failed"), [("mean", ["total"]), ("sum", [])])
def test_what_is_left_out_is_out_of_reach_only_where_marks_add_up(across_raters: str, failed: list[str]) -> None:
    # 4 of 10 points, or 4 of 5: where marks add up, each mark that is given puts its maximum within reach
    scheme = small(
        scale("a"),
        scale("b", optional=True),
        aggregation={"across_raters": across_raters},
        pass_rule={"min_percent": 80},
    )
    assert scheme.evaluate({"a": 4}).failed == failed
    assert column(rank(scheme, scores(P1={"ada": (4,)})), "failed") == {"P1": failed}
    assert scheme.evaluate({"a": 3}).failed == ["total"]


def test_counted_criteria_are_not_counted_again_for_every_rater() -> None:
    scheme = small(aggregation={"total": "count", "across_raters": "sum"}, pass_rule={"min_percent": 75})
    found = rank(scheme, scores(P1={"ada": (4, 5), "bo": (4, 5)}, P2={"ada": (4, 0), "bo": (4, 0)}))
    assert column(found, "total") == {"P1": 2, "P2": 1}
    assert column(found, "failed") == {"P1": [], "P2": ["total"]}


def test_an_optional_criterion_left_out_adds_nothing_even_where_low_is_good() -> None:
    scheme = small(scale("a"), scale("b", optional=True, direction="low"))
    found = rank(scheme, scores(P1={"ada": (4, None)}, P2={"ada": (4, 5)}, P3={"ada": (4, 3)}))
    assert column(found, "total") == {"P3": 6, "P1": 4, "P2": 4}


def test_keys_may_be_numbers_and_sort_as_numbers() -> None:
    table = scores(P1={"ada": (1, 1)}).assign(proposal=10)
    more = scores(P1={"ada": (1, 1)}).assign(proposal=9)
    assert list(rank(small(), pd.concat([table, more]))["proposal"]) == [9, 10]


def test_an_empty_table_gives_an_empty_ranking() -> None:
    empty = scores(P1={"ada": (1, 1)}).head(0)
    assert len(rank(small(), empty)) == 0
    assert list(rank(small(), empty, proposals(P1={}))["unranked"]) == ["no_rating"]
