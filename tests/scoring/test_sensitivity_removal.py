"""Without one reviewer, without one rating, and who cannot be told apart around the line."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import rank, recommend
from scoring.advice.calibrate import Calibration, calibrate
from scoring.advice.sensitivity import above_line, decisive_ratings, expected_wrong, leave_one_reviewer_out
from scoring.errors import ScoresError
from tests.scoring.panels import drawn
from tests.scoring.worlds import auental, auental_proposals, auental_scores, column, scores, small

ONE_PLACE = pd.DataFrame({"proposal": ["P1", "P2", "P3"], "places": 1})


def lifted() -> pd.DataFrame:
    """Ada alone lifts P1 above P2."""
    return scores(
        P1={"ada": (5, 5), "bo": (3, 3), "cleo": (3, 3)},
        P2={"ada": (4, 3), "bo": (3, 4), "cleo": (4, 3)},
        P3={"ada": (1, 1), "bo": (1, 1), "cleo": (1, 1)},
    )


def test_the_reviewer_without_whom_another_would_be_recommended_is_named() -> None:
    found = leave_one_reviewer_out(small(), lifted(), ONE_PLACE, places=1)
    assert found.to_dict("list") == {
        "reviewer": ["ada", "bo", "cleo"],
        "judged": [3, 3, 3],
        "changes": [2, 0, 0],
        "comes_in": [["P2"], [], []],
        "drops_out": [["P1"], [], []],
        "largest_move": [1, 0, 0],
    }


def test_the_single_rating_that_decides_is_named() -> None:
    found = decisive_ratings(small(), lifted(), ONE_PLACE, places=1)
    assert found.to_dict("records") == [
        {
            "proposal": "P1",
            "reviewer": "ada",
            "rank": 1,
            "rank_without": 2,
            "changes": 2,
            "comes_in": ["P2"],
            "drops_out": ["P1"],
        },
    ]


def test_a_rating_that_keeps_a_proposal_below_the_minimum_is_decisive() -> None:
    scheme = small(pass_rule={"min_total": 6})
    marks = scores(P1={"ada": (4, 4), "bo": (1, 1)}, P2={"ada": (4, 4), "bo": (4, 4)})
    found = decisive_ratings(scheme, marks)
    assert found[["proposal", "reviewer", "comes_in"]].to_numpy().tolist() == [["P1", "bo", ["P1"]]]
    assert found["rank"].isna().tolist() == [True]
    assert found["rank_without"].tolist() == [1]


def test_the_least_number_of_ratings_is_lowered_by_one_but_not_for_who_never_reached_it() -> None:
    scheme = small(aggregation={"across_raters": "mean", "total": "weighted_sum", "min_valid_ratings": 2})
    marks = scores(P1={"ada": (5, 5), "bo": (3, 3)}, P2={"ada": (4, 4), "bo": (3, 4)}, P3={"ada": (5, 5)})
    found = leave_one_reviewer_out(scheme, marks, ONE_PLACE, places=1)
    assert found["comes_in"].tolist() == [["P2"], []]
    assert found["largest_move"].tolist() == [1, 0]
    decisive = decisive_ratings(scheme, marks, ONE_PLACE, places=1)
    assert "P3" not in decisive["proposal"].tolist()


def test_a_recused_sheet_counts_neither_as_judged_nor_as_decisive() -> None:
    found = leave_one_reviewer_out(auental(), auental_scores(), auental_proposals(), places=42)
    judged = dict(zip(found["reviewer"], found["judged"], strict=True))
    sheets = auental_scores()
    own = sheets[(sheets["reviewer"] == "M7") & sheets["value"].notna()]
    assert judged["M7"] == own.loc[own["reason"] != "recused", "proposal"].nunique()
    assert judged["M7"] < own["proposal"].nunique()


def recommended(ranking: pd.DataFrame, table: pd.DataFrame, capacity: dict[str, Any]) -> set[str]:
    listed = recommend(ranking, table, **capacity)
    return set(listed.loc[listed["status"] == "recommended", "proposal"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(1, 7), st.integers(1, 4), st.sampled_from(["stop", "skip"]), st.integers(0, 10_000))
def test_decisive_ratings_are_those_of_ranking_again_without_each(
    number: int, raters: int, fill: str, seed: int
) -> None:
    """Against the plain way: take a rating out, rank and recommend again. Ties, minima and capacity included."""
    random = np.random.default_rng(seed)
    least = int(random.integers(1, 3))
    rules = {"across_raters": "mean", "total": "weighted_sum", "min_valid_ratings": least}
    scheme = small(pass_rule={"min_total": 4}, aggregation=rules)
    lenient = small(pass_rule={"min_total": 4}, aggregation={**rules, "min_valid_ratings": max(least - 1, 1)})
    rows = [
        (f"P{at}", f"R{rater}", key, int(random.integers(0, 6)))
        for at in range(number)
        for rater in range(raters)
        if random.random() < 0.8
        for key in "ab"
    ]
    marks = pd.DataFrame(rows, columns=["proposal", "reviewer", "criterion", "value"])
    table = pd.DataFrame({"proposal": [f"P{at}" for at in range(number)], "places": random.integers(1, 4, number)})
    capacity: dict[str, Any] = {"places": 5, "fill": fill}
    full = rank(scheme, marks, table)
    few = set(full.loc[full["unranked"] == "too_few_ratings", "proposal"])
    before, expected = recommended(full, table, capacity), []
    for proposal, reviewer in sorted(set(zip(marks["proposal"], marks["reviewer"], strict=True))):
        kept = marks[(marks["proposal"] != proposal) | (marks["reviewer"] != reviewer)]
        again = rank(lenient, kept, table)
        again["rank"] = again["rank"].mask(again["proposal"].isin(few))
        after = recommended(again, table, capacity)
        if after != before and proposal not in few:
            expected.append([proposal, reviewer, sorted(after - before), sorted(before - after)])
    shuffled = marks.sample(frac=1, random_state=seed)
    found = decisive_ratings(scheme, shuffled, table, **capacity)
    assert found[["proposal", "reviewer", "comes_in", "drops_out"]].to_numpy().tolist() == expected


def test_nothing_is_decisive_where_everybody_is_recommended_alike() -> None:
    marks = scores(P1={"ada": (3, 3), "bo": (3, 3)}, P2={"ada": (3, 3), "bo": (3, 3)})
    assert decisive_ratings(small(), marks, ONE_PLACE[:2], places=2).empty
    assert leave_one_reviewer_out(small(), marks, ONE_PLACE[:2], places=2)["changes"].tolist() == [0, 0]


def judged_by_three() -> pd.DataFrame:
    means = {"P1": (6, 6, 6), "P2": (5, 4, 5), "P3": (4, 4, 5), "P4": (4, 5, 4), "P5": (1, 1, 1)}
    rows = [(name, f"R{at}", total) for name, totals in means.items() for at, total in enumerate(totals)]
    return pd.DataFrame(rows, columns=["proposal", "reviewer", "total"])


def test_the_group_around_the_line_is_what_the_ratings_do_not_tell_apart() -> None:
    found = above_line(calibrate(judged_by_three(), scale=(1, 6), top=2))
    assert column(found, "line") == {"P1": "above", "P2": "open", "P3": "open", "P4": "open", "P5": "below"}
    assert column(found, "likely") == {"P1": True, "P2": True, "P3": False, "P4": False, "P5": False}
    assert found["chance"].sum() == pytest.approx(2)
    wrong, least = expected_wrong(found, ["P1", "P5"])
    assert least == pytest.approx(2 - found["chance"].iloc[:2].sum())
    assert wrong == pytest.approx(2 - column(found, "chance")["P1"] - column(found, "chance")["P5"])
    assert wrong > least
    assert expected_wrong(found, ["P1", "P2"]) == (least, least)


def test_of_a_hundred_proposals_with_three_ratings_half_are_open_and_eight_of_twenty_five_picks_are_wrong() -> None:
    """100 proposals, three ratings each, 25 places: about 50 proposals with a chance between .1 and .9, and 7.7 wrong
    picks expected at best, measured for this project; the truth agrees with the promise."""
    random, count, promised, wrong = np.random.default_rng(31), [], [], []
    for _ in range(12):
        frame, quality = drawn(random, 100, 30, 3, (0.8, 0.7, 0.8))
        found = above_line(calibrate(frame, scale=(1, 7), top=25))
        picked = found.loc[found["likely"], "proposal"]
        count.append((found["line"] == "open").sum())
        promised.append(expected_wrong(found, picked)[0])
        wrong.append(25 - len(set(picked) & {f"P{i:04}" for i in (-quality).argsort()[:25]}))
    assert np.mean(count) == pytest.approx(50, abs=5)
    assert np.mean(promised) == pytest.approx(7.7, abs=0.7)
    assert np.mean(wrong) == pytest.approx(np.mean(promised), abs=1.5)


@pytest.mark.parametrize("sure", [0.9, 0.8, 0.7])
def test_a_chance_exactly_at_the_limit_counts_on_both_sides(sure: float) -> None:
    """1 - 0.9 is 0.09999999999999998: one chance in ten must not be open where nine in ten are safe."""
    calibration = calibrate(judged_by_three(), scale=(1, 6), top=2)
    chances = [sure, round(1 - sure, 1), 0.5, 0.5, 0.0]
    found = above_line(
        dataclasses.replace(calibration, proposals=calibration.proposals.assign(p_top=chances)), sure=sure
    )
    assert found["line"].tolist() == ["above", "open", "open", "below", "below"]


def test_who_was_not_assessed_has_no_chance() -> None:
    totals = pd.concat([judged_by_three(), pd.DataFrame({"proposal": ["P6"], "reviewer": ["R0"], "total": [np.nan]})])
    found = above_line(calibrate(totals, scale=(1, 6), top=2))
    assert found.iloc[-1][["proposal", "line", "likely"]].tolist() == ["P6", "", False]
    with pytest.raises(ScoresError, match="picked: P6 has no chance"):
        expected_wrong(found, ["P6"])


def test_a_calibration_without_a_line_and_an_odd_certainty_are_refused() -> None:
    calibration: Calibration = calibrate(judged_by_three(), scale=(1, 6))
    with pytest.raises(ScoresError, match="has no chances, call calibrate with top=places"):
        above_line(calibration)
    chances = dataclasses.replace(calibration, proposals=calibration.proposals.assign(p_top=0.5))
    for sure in (0.5, 1.01, float("nan")):
        with pytest.raises(ScoresError, match=r"sure: must lie above 0\.5"):
            above_line(chances, sure=sure)
