"""Partial lotteries: published groups and chances, MERIT against brute force, and a draw that anyone can repeat."""

import hashlib
import itertools
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from scoring.advice.calibrate import calibrate
from scoring.advice.lottery import draw, linear_lottery, lottery_seed, merit, snsf_groups, worst_case
from scoring.errors import ScoresError
from tests.scoring.panels import mock_panel as votes_of_the_mock_panel


def mock_panel() -> pd.DataFrame:
    """Mock panel 1 of ERforResearch (SNSF, vignette v4.0.0): expected ranks and quartiles of its 15 proposals."""
    expected = [2.44, 4.06, 4.09, 4.12, 5.08, 6.19, 7.34, 7.26, 8.43, 9.42, 10.4, 11.4, 13.0, 13.0, 13.7]
    low = [1, 2, 2, 2, 3, 4, 5, 5, 7, 8, 9, 10, 12, 12, 13]
    high = [3, 6, 6, 6, 7, 8, 9, 9, 10, 11, 12, 13, 14, 14, 15]
    names = [f"#{number}" for number in range(1, 16)]
    return pd.DataFrame({"proposal": names, "expected_rank": expected, "rank_q25": low, "rank_q75": high})


def test_the_funding_groups_of_the_snsf_mock_panel() -> None:
    """The vignette's figure, five places: accept #1, draw four out of #2..#8 (its text is out of date)."""
    groups = snsf_groups(mock_panel(), 5).set_index("proposal")
    assert groups.index[groups["group"] == "accept"].tolist() == ["#1"]
    assert set(groups.index[groups["group"] == "random"]) == {f"#{number}" for number in range(2, 9)}
    assert set(groups.index[groups["group"] == "reject"]) == {f"#{number}" for number in range(9, 16)}
    assert groups.loc["#2", "chance"] == 4 / 7
    assert groups["chance"].sum() == pytest.approx(5)


def test_our_own_ranks_of_the_mock_panel_make_the_same_groups() -> None:
    """Why one whole rank moves a proposal: #7 is in the draw because its 25 % quantile 5 lies just before 5.098."""
    ranks = calibrate(votes_of_the_mock_panel(), scale=(1, 6)).proposals
    expected = snsf_groups(mock_panel(), 5).set_index("proposal")["group"]
    assert snsf_groups(ranks, 5).set_index("proposal")["group"].to_dict() == expected.to_dict()
    seventh = ranks.set_index("proposal").loc["#7"]
    line = ranks["expected_rank"].iloc[4]
    assert (seventh["rank_q25"], line) == (5, pytest.approx(5.098, abs=0.001))


def test_a_random_group_that_fits_is_accepted() -> None:
    ranks = pd.DataFrame(
        {
            "proposal": list("ABCD"),
            "expected_rank": [1.2, 1.9, 3.1, 3.8],
            "rank_q25": [1, 1, 3, 3],
            "rank_q75": [2, 2, 4, 4],
        }
    )
    assert snsf_groups(ranks, 2)["group"].tolist() == ["accept", "accept", "reject", "reject"]


@pytest.mark.parametrize(("places", "groups"), [(0, {"reject"}), (15, {"accept"}), (99, {"accept"})])
def test_no_place_and_places_for_all_need_no_draw(places: int, groups: set[str]) -> None:
    assert set(snsf_groups(mock_panel(), places)["group"]) == groups


def test_who_was_not_assessed_is_in_no_group() -> None:
    panel = pd.concat([mock_panel(), pd.DataFrame({"proposal": ["#16"]})])
    groups = snsf_groups(panel, 5)
    assert groups.iloc[-1][["proposal", "group", "chance"]].tolist() == ["#16", "not_assessed", 0]
    assert groups["chance"].sum() == pytest.approx(5)


VALUES = [5.8, 5.4, 5.2, 5.2, 5.0, 4.6, 4.4, 4.0, 3.6, 2.8]


@pytest.mark.parametrize(
    ("slope", "chances"),
    [
        (0.3, [0.744444, 0.624444, 0.564444, 0.564444, 0.504444, 0.384444, 0.324444, 0.204444, 0.084444, 0]),
        (1.0, [1, 0.92, 0.72, 0.72, 0.52, 0.12, 0, 0, 0, 0]),
        (5.0, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]),
        (0.0, [0.4] * 10),
    ],
)
def test_the_linear_lottery_with_four_places(slope: float, chances: list[float]) -> None:
    """Worked example after Goldberg, Smooth Partial Lotteries, 2026."""
    totals = pd.DataFrame({"proposal": range(10), "total": VALUES})
    found = linear_lottery(totals.sample(frac=1, random_state=1), 4, slope=slope)
    assert found["total"].tolist() == VALUES
    assert found["chance"].to_numpy() == pytest.approx(chances, abs=5e-7)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(st.floats(-100, 100).map(lambda value: round(value, 1)), min_size=1, max_size=12),
    st.integers(0, 12),
    st.floats(0, 10),
)
def test_linear_chances_add_up_and_follow_the_totals(totals: list[float], places: int, slope: float) -> None:
    found = linear_lottery(pd.DataFrame({"proposal": range(len(totals)), "total": totals}), places, slope=slope)
    assert found["chance"].sum() == pytest.approx(min(places, len(totals)), abs=1e-6)
    assert found["chance"].between(0, 1).all()
    assert found["chance"].is_monotonic_decreasing
    same = found.groupby("total")["chance"]
    assert (same.max() == same.min()).all()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(2, 10), st.floats(0.05, 2), st.integers(0, 10_000))
def test_one_review_more_or_less_changes_the_chances_by_no_more_than_promised(n: int, slope: float, seed: int) -> None:
    """The guarantee of the linear lottery: the chances together move at most 2 x slope x the totals together."""
    random = np.random.default_rng(seed)
    before = random.uniform(1, 6, n)
    after = before + random.normal(0, 0.5, n)
    chances = [
        linear_lottery(pd.DataFrame({"proposal": range(n), "total": totals}), n // 2, slope=slope)
        .sort_values("proposal")["chance"]
        .to_numpy()
        for totals in (before, after)
    ]
    assert np.abs(chances[0] - chances[1]).sum() <= 2 * slope * np.abs(before - after).sum() + 1e-9


def best_by_brute_force(low: np.ndarray, high: np.ndarray, places: int) -> float:
    """The worst case at its best: the linear program of MERIT with every possible set of the true best written out."""
    number = len(low)
    rows = []
    for members in itertools.combinations(range(number), places):
        others = [at for at in range(number) if at not in members]
        if min(high[list(members)]) >= max(low[others]):
            rows.append([-1.0 if at in members else 0.0 for at in range(number)] + [1.0])
    found: Any = linprog(
        [0.0] * number + [-1.0],
        A_ub=np.array(rows),
        b_ub=np.zeros(len(rows)),
        A_eq=np.array([[1.0] * number + [0.0]]),
        b_eq=[places],
        bounds=[(0.0, 1.0)] * number + [(0.0, float(places))],
    )
    return -float(found.fun)


@pytest.mark.many_examples
def test_merit_on_three_hundred_random_instances_against_brute_force() -> None:
    """The chances are not unique: value, sum, order, symmetry and validity are tested, never the chances themselves."""
    random = np.random.default_rng(2506)
    for _ in range(300):
        number = int(random.integers(2, 9))
        places = int(random.integers(1, number))
        middle, half = random.integers(0, 12, number), random.integers(0, 5, number)
        low, high = middle - half, middle + half
        found = merit(pd.DataFrame({"proposal": range(number), "low": low, "high": high}), places)
        chance = found["chance"].to_numpy()
        assert worst_case(found, places) == pytest.approx(best_by_brute_force(low, high, places), abs=1e-7)
        assert chance.sum() == pytest.approx(places)
        assert found["chance"].between(0, 1).all()
        for i, j in itertools.permutations(range(number), 2):
            if low[i] >= low[j] and high[i] >= high[j]:
                assert chance[i] >= chance[j] - 1e-9
            if low[i] > high[j]:
                assert chance[i] > 1 - 1e-9 or chance[j] < 1e-9


def test_merit_does_not_depend_on_the_order_of_rows_and_is_exact_where_nothing_overlaps() -> None:
    intervals = pd.DataFrame({"proposal": list("ABCD"), "low": [7.0, 5, 3, 1], "high": [8.0, 6, 4, 2]})
    found = merit(intervals.iloc[[2, 0, 3, 1]], 2)
    assert found.to_dict("list") == {**intervals.to_dict("list"), "chance": [1.0, 1, 0, 0]}
    random = np.random.default_rng(1)
    middle = random.normal(size=40)
    many = pd.DataFrame({"proposal": range(40), "low": middle - 0.4, "high": middle + 0.7})
    shuffled = merit(many.sample(frac=1, random_state=3), 13)
    pd.testing.assert_frame_equal(shuffled, merit(many, 13))
    assert worst_case(shuffled, 13) >= worst_case(shuffled.assign(chance=13 / 40), 13)


def test_merit_with_places_for_all_and_with_all_alike() -> None:
    alike = pd.DataFrame({"proposal": range(4), "low": 0, "high": 1})
    assert merit(alike, 4)["chance"].tolist() == [1] * 4
    assert merit(alike, 0)["chance"].tolist() == [0] * 4
    assert merit(alike, 1)["chance"].tolist() == [0.25] * 4
    assert worst_case(merit(alike, 4), 4) == 4


def drawn_by_hand(chances: dict[str, float], commitment: str) -> set[str]:
    """The published recipe once more, as anybody else would write it."""

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    seed = digest(commitment + "\n" + "\n".join(sorted(chances)))
    point = int(digest(seed + ":start"), 16) % 10**12 / 10**12
    drawn, reached = set(), 0.0
    for name in sorted(chances, key=lambda name: digest(f"{seed}:{name}")):
        reached += chances[name]
        if point < reached:
            drawn.add(name)
            point += 1
    return drawn


def test_a_draw_can_be_repeated_by_anybody_from_the_published_text() -> None:
    """Saturday's numbers as the commitment; the outcome is written down so that no later version may change it."""
    groups = snsf_groups(mock_panel(), 5)
    found = draw(groups, commitment="Lotto 6 aus 49, 2026-10-03: 4 8 15 16 23 42")
    chances = dict(zip(groups["proposal"], groups["chance"], strict=True))
    drawn = set(found.loc[found["drawn"], "proposal"])
    assert drawn == drawn_by_hand(chances, "Lotto 6 aus 49, 2026-10-03: 4 8 15 16 23 42")
    assert drawn == {"#1", "#2", "#5", "#6", "#7"}
    assert lottery_seed("Lotto", ["b", "a"]) == hashlib.sha256(b"Lotto\na\nb").hexdigest()


def test_draws_take_exactly_the_places_and_each_with_its_chance() -> None:
    """600 texts: every frequency within 4.5 standard errors, the certain always drawn, the impossible never."""
    chances = pd.DataFrame({"proposal": list("ABCDEFG"), "chance": [1, 0.75, 1 / 3, 1 / 3, 1 / 3, 0.25, 0]})
    times = np.zeros(7)
    for number in range(600):
        found = draw(chances.sample(frac=1, random_state=number), commitment=f"text {number}")
        assert found["drawn"].sum() == 3
        assert sorted(found["turn"]) == [1, 2, 3, 4, 5, 6, 7]
        times += found["drawn"].to_numpy()
    assert times[0] == 600
    assert times[6] == 0
    expected = chances["chance"].to_numpy()[1:6]
    assert (np.abs(times[1:6] / 600 - expected) < 4.5 * np.sqrt(expected * (1 - expected) / 600)).all()


def test_another_text_draws_others() -> None:
    chances = pd.DataFrame({"proposal": range(20), "chance": 0.5})
    results = {tuple(draw(chances, commitment=text)["drawn"]) for text in ("a", "b", "c")}
    assert len(results) == 3


RANKS = mock_panel()
TOTALS = pd.DataFrame({"proposal": ["A", "B"], "total": [1.0, 2.0]})
INTERVALS = pd.DataFrame({"proposal": ["A", "B"], "low": [0, 1], "high": [1, 2]})


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: snsf_groups(RANKS, -1), "places: must be a whole number from 0 on, not -1"),
        (lambda: snsf_groups(RANKS.drop(columns="rank_q25"), 5), "ranks: the column rank_q25 is missing"),
        (lambda: linear_lottery(TOTALS, 1, slope=-1), "slope: must be a number from 0 on, not -1"),
        (lambda: linear_lottery(TOTALS, 1, slope=float("nan")), "slope: must be a number from 0 on, not nan"),
        (lambda: linear_lottery(TOTALS.assign(total=[1, np.nan]), 1, slope=1), "totals: total of B must be a number"),
        (lambda: linear_lottery(TOTALS.assign(proposal="A"), 1, slope=1), "every proposal may stand there once"),
        (lambda: merit(INTERVALS.assign(low=5), 1), "intervals: low of A is above its high"),
        (lambda: merit(INTERVALS.assign(high=np.inf), 1), "intervals: high of A must be a number"),
        (lambda: merit(INTERVALS, True), "places: must be a whole number from 0 on, not True"),
        (lambda: draw(TOTALS.assign(chance=0.4), commitment="x"), "their sum must be a whole number"),
        (lambda: draw(TOTALS.assign(chance=[1.5, 0.5]), commitment="x"), "must lie between 0 and 1"),
        (lambda: draw(TOTALS.assign(chance=0.5), commitment=" "), "a draw needs a text that was published before"),
    ],
)
def test_input_that_cannot_be_drawn_from_is_refused(call: Any, says: str) -> None:
    with pytest.raises(ScoresError, match=re.escape(says)):
        call()
