"""Weights: the share of draws above the line against closed forms, and exact swaps of neighbours."""

import itertools
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from scoring import rank, recommend
from scoring.advice.sensitivity import sensitivity, weight_swaps
from scoring.errors import ScoresError
from tests.scoring.worlds import auental, auental_proposals, auental_scores, column, points, scale, scores, small


def test_a_share_above_the_line_is_the_probability_of_a_beta_distribution() -> None:
    """Two criteria of equal weight, marks (5, 0) and (0, 4): the first is ahead while its weight is above 4/9."""
    marks = scores(P1={"ada": (5, 0)}, P2={"ada": (0, 4)})
    found = sensitivity(small(), marks, pd.DataFrame({"proposal": ["P1", "P2"], "places": 1}), draws=20_000, places=1)
    chance = 1 - beta.cdf(4 / 9, 25, 25)
    error = np.sqrt(chance * (1 - chance) / 20_000)
    assert column(found, "above")["P1"] == pytest.approx(chance, abs=4 * error)
    assert found["above"].sum() == 1
    assert column(found, "recommended") == {"P1": True, "P2": False}
    assert column(found, "rank_q05") == {"P1": 1, "P2": 1}
    assert column(found, "rank_q95") == {"P1": 2, "P2": 2}


def test_the_wider_the_weights_the_less_is_sure() -> None:
    marks = scores(P1={"ada": (5, 0)}, P2={"ada": (0, 4)})
    places = pd.DataFrame({"proposal": ["P1", "P2"], "places": 1})
    shares = [
        column(sensitivity(small(), marks, places, draws=4000, places=1, concentration=wide), "above")["P1"]
        for wide in (5, 50, 500, 1e9)
    ]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_equal_proposals_share_the_chance_and_a_better_one_always_stays() -> None:
    marks = scores(P1={"ada": (5, 5)}, P2={"ada": (3, 4)}, P3={"ada": (3, 4)}, P4={"ada": (2, 4)})
    places = pd.DataFrame({"proposal": ["P1", "P2", "P3", "P4"], "places": 1})
    found = sensitivity(small(), marks, places, draws=4000, places=2)
    above = column(found, "above")
    assert above["P1"] == 1
    assert above["P2"] == pytest.approx(0.5, abs=0.04)
    assert above["P2"] + above["P3"] == 1
    assert above["P4"] == 0


def test_without_a_limit_the_line_is_the_minimum_of_the_total() -> None:
    """(5, 1) reaches 6 of 10 points as long as the first weight is at least one half."""
    scheme = small(pass_rule={"min_total": 6})
    marks = scores(P1={"ada": (5, 1)}, P2={"ada": (3, 3)}, P3={"ada": (2, 2)}, P4={"ada": (5, None)})
    found = sensitivity(scheme, marks, draws=4000)
    above = column(found, "above")
    assert above["P1"] == pytest.approx(0.5, abs=0.04)
    assert (above["P2"], above["P3"], above["P4"]) == (1, 0, 0)
    assert column(found, "rank_q05")["P3"] is None


def test_minima_of_groups_move_with_the_weights_and_those_of_criteria_do_not() -> None:
    scheme = small(
        scale("a", group="g", threshold={"min": 2, "op": ">="}),
        scale("b"),
        groups=[{"key": "g", "label_de": "g", "min_points": 2.5}],
    )
    marks = scores(P1={"ada": (2, 5), "bo": (3, 5)}, P2={"ada": (1, 5)}, P3={"ada": (5, 0)}, P4={"ada": (3, 0)})
    passed = column(sensitivity(scheme, marks, draws=4000), "passed")
    assert passed["P1"] == pytest.approx(0.5, abs=0.04)
    assert passed["P2"] == 0
    assert passed["P3"] > passed["P4"] > passed["P1"]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(2, 12), st.sampled_from(["stop", "skip"]), st.booleans(), st.integers(0, 10_000))
def test_with_the_weights_as_they_are_every_draw_is_the_recommendation(
    number: int, fill: str, money: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    scheme = small(
        points("a", 10),
        points("b", 20),
        points("c", 5, weight=2),
        pass_rule={"min_percent": 30},
        ranking={"weights_for_ranking": {"b": 2}},
    )
    rows = [
        (f"P{at}", "ada", key, round(random.integers(0, 10 * most + 1) / 10, 1))
        for at in range(number)
        for key, most in (("a", 10), ("b", 20), ("c", 5))
    ]
    marks = pd.DataFrame(rows, columns=["proposal", "reviewer", "criterion", "value"])
    table = pd.DataFrame(
        {
            "proposal": [f"P{at}" for at in range(number)],
            "places": random.integers(1, 6, number),
            "grant_requested_cents": random.integers(1, 9, number),
        }
    )
    capacity: dict[str, Any] = {"places": 8, "budget": 12 if money else None, "fill": fill}
    ranking = rank(scheme, marks, table)
    if ranking["tie_group"].notna().any():
        return
    listed = recommend(ranking, table, **capacity)
    found = sensitivity(scheme, marks, table, draws=3, concentration=1e14, **capacity)
    assert found["above"].tolist() == (listed["status"] == "recommended").astype(float).tolist()
    assert found["recommended"].tolist() == (listed["status"] == "recommended").tolist()
    assert found["rank_q05"].tolist() == ranking["rank"].tolist()


def test_lots_ranked_apart_have_a_line_each() -> None:
    scheme = small(ranking={"scope": "lot"})
    marks = scores(P1={"ada": (5, 5)}, P2={"ada": (4, 4)}, P3={"ada": (1, 1)})
    table = pd.DataFrame({"proposal": ["P1", "P2", "P3"], "lot": ["1", "1", "2"], "places": 1})
    found = sensitivity(scheme, marks, table, draws=50, places={"1": 1, "2": 1})
    assert column(found, "above") == {"P1": 1, "P2": 0, "P3": 1}


def test_the_demo_competition_has_two_sure_and_one_close_recommendation() -> None:
    """P02 and P07 change places when the lump sum weighs 22 instead of 15 percent: 0.95 and 0.12 of the draws."""
    options: dict[str, Any] = {"draws": 4000, "places": 42, "budget": 37_800_000}
    found = sensitivity(auental(), auental_scores(), auental_proposals(), **options)
    above = column(found, "above")
    assert above["P01"] > 0.99
    assert above["P02"] == pytest.approx(0.945, abs=0.02)
    assert above["P07"] == pytest.approx(0.12, abs=0.02)
    assert above["P09"] == 0
    again = sensitivity(
        auental(),
        auental_scores().sample(frac=1, random_state=1),
        auental_proposals().sample(frac=1, random_state=2),
        **options,
    )
    pd.testing.assert_frame_equal(found, again)
    other = sensitivity(auental(), auental_scores(), auental_proposals(), seed=1, **options)
    assert other["above"].tolist() != found["above"].tolist()


def test_the_least_change_by_hand() -> None:
    """Marks (5, 2) and (2, 4) of 5 and 5: with weights 40 and 60 percent both have 6.4 of 10 points."""
    found = weight_swaps(small(), scores(P1={"ada": (5, 2)}, P2={"ada": (2, 4)}))
    assert found.to_dict("records") == [
        {"proposal": "P1", "next": "P2", "criterion": "a", "weight": 50.0, "weight_then": 40.0, "change": -10.0}
    ]


def test_one_that_is_better_everywhere_is_not_overtaken_and_a_tie_needs_no_change() -> None:
    marks = scores(P1={"ada": (5, 5)}, P2={"ada": (4, 4)}, P3={"ada": (5, 3)})
    found = weight_swaps(small(ranking={"tie_breakers": ["b"]}), marks)
    assert found["next"].tolist() == ["P2", "P3"]
    assert found["change"].isna().tolist() == [True, False]
    assert found["change"].tolist()[1] == 0
    assert found["criterion"].tolist() == ["", ""]


KEYS = ["a", "b", "c"]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=2, max_size=5), st.data())
def test_at_the_new_weight_both_are_level_and_no_smaller_change_makes_them_so(
    sheets: list[list[int]], data: st.DataObject
) -> None:
    weights = data.draw(st.sampled_from([(50, 30, 20), (40, 40, 20), (10, 30, 60)]))
    bonus = data.draw(st.lists(st.sampled_from([0, 3]), min_size=len(sheets), max_size=len(sheets)))
    scheme = small(
        *(scale(key, weight_percent=weight) for key, weight in zip(KEYS, weights, strict=True)),
        adjustments=[{"key": "bonus", "label_de": "Bonus", "kind": "bonus", "allowed": [0, 3]}],
    )
    marks = scores(**{f"P{at}": {"ada": tuple(sheet)} for at, sheet in enumerate(sheets)})
    table = pd.DataFrame({"proposal": [f"P{at}" for at in range(len(sheets))], "bonus": bonus})
    share = np.array(weights) / 100

    def lead(first: str, second: str, weight: np.ndarray) -> float:
        i, j = int(first[1:]), int(second[1:])
        return float(20 * weight @ (np.array(sheets[i]) - np.array(sheets[j])) + bonus[i] - bonus[j])

    def moved(at: int, change: float) -> np.ndarray:
        new: np.ndarray = share * (1 - share[at] - change) / (1 - share[at])
        new[at] = share[at] + change
        return new

    rows: list[dict[Any, Any]] = weight_swaps(scheme, marks, table).to_dict("records")
    for row in rows:
        first, second, change = row["proposal"], row["next"], row["change"] / 100
        assert lead(first, second, share) >= -1e-9
        if row["criterion"]:
            at = KEYS.index(row["criterion"])
            assert row["weight_then"] == pytest.approx(row["weight"] + row["change"])
            assert lead(first, second, moved(at, change)) == pytest.approx(0, abs=1e-9)
        smaller = np.linspace(-1, 1, 21) * (0.999 if np.isnan(change) else 0.999 * abs(change))
        for at, step in itertools.product(range(3), smaller):
            if 0 <= share[at] + step <= 1:
                assert lead(first, second, moved(at, step)) >= -1e-9


MARKS = scores(P1={"ada": (5, 2)}, P2={"ada": (2, 4)})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"draws": 0}, "draws: must be a whole number from 1 on, not 0"),
        ({"draws": 1.5}, "draws: must be a whole number from 1 on, not 1.5"),
        ({"draws": 5, "seed": -1}, "seed: must be a whole number from 0 on, not -1"),
        ({"draws": 5, "concentration": 0}, "concentration: must be a number above 0, not 0"),
        ({"draws": 5, "places": 2}, "places"),
        ({"draws": 5, "fill": "some"}, "fill"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ScoresError, match=re.escape(says)):
        sensitivity(small(), MARKS, **options)


def test_no_argument_is_changed() -> None:
    marks, table = auental_scores(), auental_proposals()
    before = marks.copy(deep=True), table.copy(deep=True)
    sensitivity(auental(), marks, table, draws=5, places=42)
    weight_swaps(auental(), marks, table)
    pd.testing.assert_frame_equal(marks, before[0])
    pd.testing.assert_frame_equal(table, before[1])
