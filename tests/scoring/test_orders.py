"""Borda and Kemeny against a textbook example, against all orders tried, and at their edges."""

import itertools

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given, settings

from scoring.advice.orders import borda, kemeny
from scoring.errors import ScoresError

# The usual example of a capital for Tennessee: voters of Memphis, Nashville, Chattanooga and Knoxville.
TENNESSEE = {"MNCK": 42, "NCKM": 26, "CKNM": 15, "KCNM": 17}


def ordered(votes: dict[str, int]) -> pd.DataFrame:
    rows = [(order, one, at, n) for order, n in votes.items() for at, one in enumerate(order, start=1)]
    return pd.DataFrame(rows, columns=["reviewer", "proposal", "position", "votes"])


def test_bordas_count_of_the_tennessee_example() -> None:
    found = borda(ordered(TENNESSEE))
    assert found.to_dict("list") == {
        "proposal": ["N", "C", "M", "K"],
        "points": [194, 173, 126, 107],
        "rank": [1, 2, 3, 4],
    }


def test_kemenys_order_of_the_tennessee_example() -> None:
    found = kemeny(ordered(TENNESSEE))
    assert list(found.ranking["proposal"]) == ["N", "C", "K", "M"]
    assert list(found.ranking["rank"]) == [1, 2, 3, 4]
    assert found.score == 393


ORDERS = st.lists(st.permutations("ABCDE"), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(ORDERS, st.integers(0, 2**32 - 1))
def test_no_order_agrees_with_more_votes_than_kemenys_and_rows_may_come_in_any_order(
    orders: list[str], seed: int
) -> None:
    frame = pd.concat([ordered({"".join(one): 1}).assign(reviewer=n) for n, one in enumerate(orders)])
    found = kemeny(frame)

    def score(order: tuple[str, ...]) -> int:
        return sum(one.index(a) < one.index(b) for one in orders for a, b in itertools.combinations(order, 2))

    assert found.score == max(score(order) for order in itertools.permutations("ABCDE"))
    assert score(tuple(found.ranking["proposal"])) == found.score
    again = kemeny(frame.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(found.ranking, again.ranking)


def test_ties_share_and_blanks_count_for_nothing() -> None:
    frame = pd.DataFrame({"reviewer": "R", "proposal": list("ABCD"), "position": [1, 2, 2, None]})
    assert dict(zip(borda(frame)["proposal"], borda(frame)["points"], strict=True)) == {
        "A": 2,
        "B": 0.5,
        "C": 0.5,
        "D": 0,
    }
    assert dict(zip(borda(frame)["proposal"], borda(frame)["rank"], strict=True)) == {"A": 1, "B": 2, "C": 2, "D": 4}


def test_among_equally_good_orders_that_of_borda_then_of_the_keys_is_given() -> None:
    assert list(kemeny(ordered({"ABC": 1, "BCA": 1, "CAB": 1})).ranking["proposal"]) == ["A", "B", "C"]


def test_one_proposal_is_first() -> None:
    assert list(kemeny(ordered({"A": 3})).ranking["rank"]) == [1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"position": [1, "first"]}, "position first of reviewer 'AB', proposal 'B' is not a number"),
        ({"position": [None, None]}, "there is no position: every row is blank"),
        ({"votes": [1, -1]}, "votes must be whole numbers from 0"),
        ({"votes": [1, 0.5]}, "votes must be whole numbers from 0"),
        ({"proposal": ["A", "A"]}, "two rows for the same reviewer 'AB', proposal 'A'"),
        ({"proposal": ["A", None]}, "row 2 has no proposal"),
    ],
)
def test_bad_orders_are_refused_in_words(change: dict[str, list[object]], message: str) -> None:
    frame = ordered({"AB": 1})
    for column, values in change.items():
        frame[column] = pd.Series(values, dtype=object)
    for method in (borda, kemeny):
        with pytest.raises(ScoresError) as refusal:
            method(frame)
        assert message in str(refusal.value)


def test_more_than_sixty_proposals_are_refused_in_words() -> None:
    frame = pd.DataFrame({"reviewer": "R", "proposal": range(61), "position": range(61)})
    with pytest.raises(ScoresError, match="61 proposals are more than 60"):
        kemeny(frame)
