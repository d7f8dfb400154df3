"""The demo competition: ranking and recommendation equal the file's `expected` block to the last digit and order."""

from decimal import Decimal
from typing import Any

import pandas as pd

from scoring import rank, recommend
from tests.scoring.worlds import auental, auental_proposals, auental_scores, column, competition

EXPECTED = competition()["expected"]


def result(*, late_conflicts: bool = True) -> pd.DataFrame:
    capacity = competition()["call"]["capacity"]
    proposals = auental_proposals()
    ranking = rank(auental(), auental_scores(late_conflicts=late_conflicts), proposals)
    return recommend(ranking, proposals, places=capacity["places_max"], budget=capacity["budget_max"] * 100)


def as_expected(found: pd.DataFrame, rows: int) -> list[dict[str, Any]]:
    facts = auental_proposals().set_index("proposal")
    return [
        {
            "rank": row["rank"],
            "proposal": row["proposal"],
            "total": str(row["total"]),
            "valid_ratings": row["valid_reviews"],
            "places": facts.loc[row["proposal"], "places"],
            "grant": facts.loc[row["proposal"], "grant_requested_cents"] // 100,
            "result": row["status"],
        }
        for row in found.head(rows).to_dict("records")
    ]


def test_the_final_list_is_the_expected_one() -> None:
    found = result()
    assert as_expected(found, len(EXPECTED["final"])) == EXPECTED["final"]
    assert found["rank"].notna().sum() == len(EXPECTED["final"])


def test_those_who_fail_are_named_with_their_minima_and_means() -> None:
    found = result().set_index("proposal")
    for failed in EXPECTED["failed"]:
        row = found.loc[failed["proposal"]]
        assert (str(row["total"]), row["failed"], row["status"]) == (
            failed["total"],
            failed["failed"],
            "not_recommended",
        )
        assert {key: str(row[f"mean_{key}"]) for key in failed["means"]} == failed["means"]
        assert pd.isna(row["rank"])


def test_the_recommended_fill_the_capacity_as_expected() -> None:
    recommended = result().query("status == 'recommended'")
    assert list(recommended["proposal"]) == EXPECTED["recommended"]
    assert recommended["cumulative_places"].iloc[-1] == EXPECTED["recommended_places"]
    assert recommended["cumulative_grant_cents"].iloc[-1] == EXPECTED["recommended_grant"] * 100


def test_the_formally_rejected_have_no_rank_and_keep_their_status() -> None:
    found = result()
    rejected = found[found["status"] == "rejected_formally"]
    assert list(rejected["proposal"]) == EXPECTED["formally_rejected"]
    assert rejected["total"].isna().all()
    assert len(found) == EXPECTED["submitted"]
    assert (found["valid_reviews"] > 0).sum() == EXPECTED["rated"]


def test_the_tie_is_decided_by_the_lower_grant_per_place() -> None:
    found, tie = result().set_index("proposal"), EXPECTED["tie"]
    tied = found.loc[tie["order"]]
    assert list(tied["total"]) == [Decimal(tie["total"])] * 2
    assert list(tied["decided_by"]) == [tie["decided_by"]] * 2
    assert tied["rank"].is_monotonic_increasing
    assert tied["tie_group"].isna().all()
    assert set(found.drop(tie["order"])["decided_by"]) == {""}


def test_before_the_late_conflict_another_would_have_been_third() -> None:
    found, before = result(late_conflicts=False), EXPECTED["before_late_conflict"]
    assert as_expected(found, len(before["final"])) == before["final"]
    assert list(found.query("status == 'recommended'")["proposal"]) == before["recommended"]


def test_the_second_misfit_ends_the_list() -> None:
    reasons = column(result(), "reason_code")
    assert reasons["P07"] == "places"
    assert {reasons[key] for key in ("P04", "P06", "P08", "P12", "P05")} == {"list_closed"}
