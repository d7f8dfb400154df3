"""The capacity cut: in rank order, by the rule of the call, with the reason beside every row."""

from typing import Any

import pandas as pd
import pytest

from scoring import ScoresError, recommend
from tests.scoring.worlds import column


def ranking(**rows: Any) -> pd.DataFrame:
    """ranking(P1=1, P2=2, P3=None): rank by proposal."""
    return pd.DataFrame({"proposal": list(rows), "rank": pd.array(list(rows.values()), dtype="Int64")})


def facts(**columns: list[Any]) -> pd.DataFrame:
    length = len(next(iter(columns.values())))
    return pd.DataFrame({"proposal": [f"P{number}" for number in range(1, length + 1)], **columns})


LIST = ranking(P1=1, P2=2, P3=3, P4=4)


def test_without_limits_all_that_passed_are_recommended() -> None:
    found = recommend(ranking(P1=1, P2=2, P3=None))
    assert column(found, "status") == {"P1": "recommended", "P2": "recommended", "P3": "not_recommended"}
    assert found["cumulative_places"].isna().all()


def test_stop_ends_the_list_at_the_first_that_does_not_fit() -> None:
    found = recommend(LIST, facts(places=[5, 6, 3, 1]), places=10)
    assert list(found["status"]) == ["recommended", "reserve", "reserve", "reserve"]
    assert list(found["reason_code"]) == ["fits", "places", "list_closed", "list_closed"]
    assert list(found["reason"]) == [
        "rank 1, within the capacity",
        "needs 6 places, 5 left",
        "the list ended before it at P2",
        "the list ended before it at P2",
    ]
    assert found["cumulative_places"].iloc[0] == 5


def test_skip_lets_the_next_that_fits_move_up() -> None:
    found = recommend(LIST, facts(places=[5, 6, 3, 3]), places=10, fill="skip")
    assert list(found["status"]) == ["recommended", "reserve", "recommended", "reserve"]
    assert list(found["reason_code"]) == ["fits", "places", "fits", "places"]
    assert found["cumulative_places"].iloc[2] == 8


def test_places_and_money_both_bind() -> None:
    found = recommend(
        LIST, facts(places=[1, 1, 1, 1], grant_requested_cents=[40, 70, 60, 1]), places=3, budget=100, fill="skip"
    )
    assert list(found["reason_code"]) == ["fits", "budget", "fits", "budget"]
    assert found["reason"].iloc[3] == "asks for 1 cents, 0 left"
    assert found["cumulative_grant_cents"].iloc[2] == 100


def test_exactly_filled_is_filled() -> None:
    assert list(recommend(LIST, facts(places=[4, 3, 2, 1]), places=10)["status"]) == ["recommended"] * 4


def test_no_capacity_recommends_nobody() -> None:
    assert list(recommend(LIST, facts(places=[1, 1, 1, 1]), places=0)["status"]) == ["reserve"] * 4


def test_those_left_tied_are_recommended_together_or_wait_for_a_decision() -> None:
    tied = ranking(P1=1, P2=2, P3=2, P4=4)
    both = recommend(tied, facts(places=[1, 2, 2, 1]), places=5)
    assert list(both["status"]) == ["recommended"] * 3 + ["reserve"]
    assert list(both["cumulative_places"])[:3] == [1, 3, 5]
    for fill in ("stop", "skip"):
        one = recommend(tied, facts(places=[1, 2, 2, 1]), places=4, fill=fill)
        assert list(one["reason_code"]) == ["fits", "tie_at_line", "tie_at_line", "list_closed"]
        assert list(one["status"]) == ["recommended", "reserve", "reserve", "reserve"]


def test_tied_that_do_not_fit_even_alone_are_passed_over_like_any() -> None:
    found = recommend(ranking(P1=1, P2=2, P3=2, P4=4), facts(places=[1, 9, 9, 1]), places=4, fill="skip")
    assert list(found["reason_code"]) == ["fits", "places", "places", "fits"]


def test_a_quota_passes_over_and_never_ends_the_list() -> None:
    # Start Guides, Lower Saxony: at most three per region, in score order
    region = facts(region=["N", "N", "N", "S"])
    found = recommend(LIST, region, quotas={"region": {"N": 2}})
    assert list(found["reason_code"]) == ["fits", "fits", "quota:region=N", "fits"]
    assert found["reason"].iloc[2] == "the quota region=N is used up"
    assert list(recommend(LIST, region, quotas={"region": 1})["status"]) == [
        "recommended",
        "reserve",
        "reserve",
        "recommended",
    ]


def test_the_reserve_list_has_its_length() -> None:
    found = recommend(LIST, facts(places=[5, 6, 3, 1]), places=5, reserve=2)
    assert list(found["status"]) == ["recommended", "reserve", "reserve", "not_recommended"]
    assert found["reason_code"].iloc[3] == "no_reserve_place"
    tied = recommend(ranking(P1=1, P2=2, P3=2, P4=4), facts(places=[5, 6, 6, 1]), places=5, reserve=1)
    assert list(tied["status"]) == ["recommended"] + ["not_recommended"] * 3


def test_who_is_not_ranked_keeps_the_reason() -> None:
    unranked = ranking(P1=1, P2=None, P3=None, P4=None, P5=None).assign(
        unranked=["", "below_minimum", "too_few_ratings", "gate", "no_rating"],
        failed=pd.Series([[], ["k2", "total"], [], [], []], dtype=object),
    )
    found = recommend(unranked, facts(status=["rated", "rated", "rated", "formally_rejected", "withdrawn"]))
    assert list(found["status"]) == [
        "recommended",
        "not_recommended",
        "not_recommended",
        "rejected_formally",
        "withdrawn",
    ]
    assert list(found["reason"])[1:] == [
        "below the minimum: k2, total",
        "too few valid ratings",
        "rejected formally",
        "withdrawn",
    ]


def test_the_withdrawn_take_no_place() -> None:
    found = recommend(LIST, facts(places=[5, 5, 5, 5], status=["rated", "withdrawn", "rated", "rated"]), places=10)
    assert list(found["status"]) == ["recommended", "withdrawn", "recommended", "reserve"]


def test_lots_have_their_own_capacity() -> None:
    lots = pd.DataFrame({"proposal": ["P1", "P2", "P3", "P4"], "rank": [1, 2, 1, 2], "scope": ["N", "N", "S", "S"]})
    found = recommend(lots, facts(places=[2, 2, 2, 2]), places={"N": 4, "S": 2})
    assert list(found["status"]) == ["recommended", "recommended", "recommended", "reserve"]
    assert list(found["cumulative_places"])[:3] == [2, 4, 2]
    for limit, problem in ((4, "give a limit for each scope"), ({"N": 4}, "no limit for this scope")):
        with pytest.raises(ScoresError, match=problem):
            recommend(lots, facts(places=[2, 2, 2, 2]), places=limit)


def test_the_ranking_itself_may_hold_the_facts() -> None:
    found = recommend(LIST.assign(places=[5, 6, 3, 1]), places=5)
    assert list(found["status"]) == ["recommended", "reserve", "reserve", "reserve"]


REFUSED: list[tuple[dict[str, Any], pd.DataFrame | None, str]] = [
    ({"fill": "knapsack"}, None, "expected stop or skip"),
    ({"places": -1}, None, "a whole number from 0 on"),
    ({"budget": 1.5}, None, "a whole number from 0 on"),
    ({"places": True}, None, "a whole number from 0 on"),
    ({"reserve": -1}, None, "a whole number from 0 on"),
    ({"places": 5}, None, "places: the proposals have no such column"),
    ({"places": 5}, facts(places=[1, None, 1, 1]), "P2, places: is missing"),
    ({"places": 5}, facts(places=[1, -1, 1, 1]), "P2, places: -1"),
    ({"places": 5}, facts(places=[1, 1.5, 1, 1]), "P2, places: 1.5 is no whole number"),
    ({"places": 5}, facts(places=[1, "x", 1, 1]), "P2, places: 'x' is no whole number"),
    ({"quotas": {"region": -1}}, None, "quotas, region: expected the most"),
    (
        {"quotas": {"region": {"N": {"min": 1}}}},
        None,
        "quotas, region=N: expected the most .* for minima there is select",
    ),
    ({"quotas": ["region"]}, None, "quotas: expected limits by column, found"),
    ({"quotas": {7: 1}}, None, "quotas: 7 is no name of a column"),
    ({"quotas": {"region": 1}}, facts(places=[1] * 4), "region: the proposals have no such column"),
    ({"quotas": {"region": 1}}, facts(region=["N", None, "N", "N"]), "P2, region: is missing"),
    ({}, facts(places=[1, 1, 1]), "P4: is not among the proposals"),
    ({}, pd.concat([facts(places=[1] * 4)] * 2), "a proposal is listed twice"),
]


@pytest.mark.parametrize(("options", "proposals", "problem"), REFUSED, ids=[case[2] for case in REFUSED])
def test_what_cannot_be_computed_is_refused(
    options: dict[str, Any], proposals: pd.DataFrame | None, problem: str
) -> None:
    with pytest.raises(ScoresError, match=problem):
        recommend(LIST, proposals, **options)


def test_a_table_that_is_no_ranking_is_refused() -> None:
    with pytest.raises(ScoresError, match="rank: the ranking has no such column"):
        recommend(pd.DataFrame({"proposal": ["P1"]}))
