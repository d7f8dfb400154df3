"""Impossible and contradictory requests: who is short of whom, and what is wrong with the input."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.assignment import Infeasible, assign
from scoring.errors import ScoresError
from tests.scoring.assignments import long, pairs, proposals, reviewers


def refused(*frames: Any, **options: Any) -> Infeasible:
    with pytest.raises(Infeasible) as error:
        assign(*frames, **options)
    return error.value


def test_a_proposal_with_too_few_candidates_is_named_with_them() -> None:
    conflicts = pairs(("P00", "R00"), ("P00", "R01"))
    error = refused(proposals(3), reviewers(3), conflicts, per_proposal=2, load=(0, 3))
    assert str(error) == ("No assignment keeps every limit. P00 lacks 1 of 2 reviewers (free of conflicts: R02).")
    assert error.shortages.to_dict("records") == [
        {
            "short": "P00",
            "of": "reviewers",
            "needed": 2,
            "missing": 1,
            "candidates": ("R02",),
            "together": ("P00",),
            "limited_by": (),
        }
    ]


def test_two_proposals_that_share_one_reviewer_are_named_together() -> None:
    conflicts = pairs(("P00", "R00"), ("P01", "R00"), ("P00", "R01"), ("P01", "R01"))
    error = refused(proposals(4), reviewers(3), conflicts, per_proposal=1, load=(0, 1))
    row = error.shortages.iloc[0]
    assert error.shortages["missing"].sum() == 1
    assert {"P00", "P01"} <= set(row["together"])
    assert "R02" in row["limited_by"]
    assert "need" in str(error)


def test_the_bottleneck_leaves_out_who_has_nothing_to_do_with_it() -> None:
    conflicts = pairs(("P00", "R00"), ("P00", "R01"), ("P01", "R00"), ("P01", "R01"), ("P02", "R02"))
    error = refused(proposals(3), reviewers(3), conflicts, per_proposal=1, load=(0, 1))
    row = error.shortages.iloc[0]
    assert row["together"] == ("P00", "P01")
    assert row["limited_by"] == ("R02",)
    assert str(error) == (
        "No assignment keeps every limit. P00, P01 need R02 more often than the limits allow: 1 too few."
    )


def test_all_in_conflict_leaves_nobody() -> None:
    conflicts = pairs(*[(f"P0{p}", f"R0{r}") for p in range(2) for r in range(2)])
    error = refused(proposals(2), reviewers(2), conflicts, per_proposal=1, load=(0, 2))
    assert error.shortages["candidates"].tolist() == [(), ()]
    assert "P00 lacks 1 of 1 reviewers (free of conflicts: nobody)." in str(error)


def test_colleagues_who_exclude_each_other_are_explained() -> None:
    error = refused(proposals(1), reviewers(2, organisation=["Liga", "Liga"]), None, per_proposal=2, load=(0, 1))
    assert "P00 lacks 1 of 2 reviewers (free of conflicts: R00, R01, of whom the other limits leave 1)." in str(error)


def test_a_reviewer_who_cannot_reach_his_fewest_proposals_is_named() -> None:
    error = refused(proposals(3), reviewers(4), pairs(("P00", "R03"), ("P01", "R03")), per_proposal=2, load=(2, 3))
    assert set(error.shortages["of"]) == {"proposals"}
    assert error.shortages["missing"].sum() == 2
    alone = refused(
        proposals(3),
        reviewers(3, load_min=[0, 0, 2]),
        pairs(("P00", "R02"), ("P01", "R02")),
        per_proposal=2,
        load=(0, 3),
    )
    assert alone.shortages[["short", "of", "needed", "missing", "candidates"]].to_numpy().tolist() == [
        ["R02", "proposals", 2, 1, ("P02",)]
    ]


def test_a_class_that_nobody_can_cover_is_named() -> None:
    people = reviewers(3, interest_group=["public_body", "public_body", "civil_society"])
    cover = {"interest_group": {"civil_society": 1}}
    error = refused(proposals(2), people, pairs(("P01", "R02")), per_proposal=2, load=(0, 2), cover=cover)
    assert str(error) == (
        "No assignment keeps every limit. P01 lacks 1 of 1 interest_group civil_society (free of conflicts: nobody)."
    )


def test_one_reviewer_alone_cannot_give_two_opinions() -> None:
    assert refused(proposals(1), reviewers(1), None, per_proposal=2, load=(0, 5)).shortages["missing"].tolist() == [1]


def test_ten_thousand_short_proposals_are_summed_up() -> None:
    error = refused(proposals(300), reviewers(2), None, per_proposal=1, load=(0, 5))
    assert len(str(error)) < 500
    assert error.shortages["missing"].sum() == 290


TWO = proposals(2), reviewers(2), None
ROOM: dict[str, Any] = {"per_proposal": 1, "load": (0, 2)}


@pytest.mark.parametrize(
    ("frames", "options", "says"),
    [
        ((pd.DataFrame({"key": [1]}), reviewers(2), None), {}, "proposals: the column proposal is missing"),
        ((proposals(0), reviewers(2), None), {}, "proposals: the list is empty, nothing can be assigned"),
        ((proposals(2), reviewers(0), None), {}, "reviewers: the list is empty, nothing can be assigned"),
        ((proposals(2), pd.concat([reviewers(2)] * 2), None), {}, "reviewers: R00 is listed twice"),
        ((pd.DataFrame({"proposal": ["A", None]}), reviewers(2), None), {}, "proposals: row 2 has no proposal"),
        ((proposals(2), reviewers(2), pairs(("P09", "R00"))), {}, "conflicts: proposal P09 is unknown"),
        ((proposals(2), reviewers(2), pairs(("P00", "R09"))), {}, "conflicts: reviewer R09 is unknown"),
        ((proposals(2), reviewers(2, load_max=[1.5, 1]), None), {}, "load_max of R00: must be a whole number"),
        (TWO, {"load": (3, 2)}, "R00 shall take at least 3 and at most 2 proposals"),
        (TWO, {"load": (-1, 2)}, "load: must be a whole number of at least 0, not -1"),
        (TWO, {"per_proposal": 1.5}, "per_proposal of P00: must be a whole number of at least 0, not 1.5"),
        (TWO, {"per_proposal": float("nan")}, "per_proposal of P00: must be a whole number of at least 0, not nan"),
        (TWO, {"per_proposal": "two"}, "per_proposal of P00: must be a whole number of at least 0, not two"),
        (TWO, {"per_proposal": None}, "per_proposal of P00: must be a whole number of at least 0, not None"),
        (TWO, {"affinity": long(np.eye(2)), "unknown": np.inf}, "unknown: must be a finite number, not inf"),
        ((pd.DataFrame({"proposal": ["A", 1]}), reviewers(2), None), {}, "text and numbers are mixed among the keys"),
        (TWO, {"per_proposal": {"P00": 1}}, "per_proposal: says nothing for proposal P01"),
        (TWO, {"affinity": long(np.array([[np.inf]]))}, "affinity: must be a finite number or blank, not inf"),
        (TWO, {"affinity": long(np.array([["yes"]]))}, "affinity: must be a finite number or blank, not yes"),
        (TWO, {"affinity": pd.concat([long(np.eye(2))] * 2)}, "affinity: P00 and R00 are listed twice"),
        (TWO, {"affinity": pairs(("P00", "R00"))}, "affinity: the column affinity is missing"),
        (TWO, {"cover": {"interest_group": {"a": 1}}}, "reviewers: the column interest_group is missing"),
        (TWO, {"fixed": pairs(("P00", "R00"), ("P00", "R01"))}, "P00 has 2 fixed reviewers, at most 1 are wanted"),
        (TWO, {"fixed": pairs(("P00", "R00"), ("P01", "R00")), "load": (0, 1)}, "R00 has 2 fixed proposals, at most 1"),
        (
            (proposals(2), reviewers(2), pairs(("P00", "R00"))),
            {"fixed": pairs(("P00", "R00"))},
            "fixed: P00 and R00 have a conflict of interest",
        ),
        (
            (proposals(2), reviewers(2, organisation=["Liga", "Liga"]), None),
            {"fixed": pairs(("P00", "R00"), ("P00", "R01")), "per_proposal": 2},
            "fixed: P00 has two reviewers of one organisation",
        ),
    ],
)
def test_input_that_contradicts_itself_is_refused_by_name(frames: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(ScoresError, match=re.escape(says)):
        assign(*frames, **{**ROOM, **options})
