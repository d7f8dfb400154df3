"""Assignment: the published optimum, the limits, and the optimum against two other ways to find it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from scoring.assignment import Assignment, Infeasible, assign
from tests.scoring.assignments import chosen, long, pairs, proposals, reviewers
from tests.scoring.preflib1 import SIMILARITY


def test_preflib1_reaches_its_known_optimum() -> None:
    """PrefLib bidding data, 54 papers x 31 reviewers, three each, at most six a reviewer: 124.25."""
    result = assign(proposals(54), reviewers(31), None, per_proposal=3, load=(0, 6), affinity=long(SIMILARITY))
    assert result.objective == 124.25
    assert result.pairs["affinity"].sum() == 124.25
    assert result.loads["load"].max() == 6
    assert (result.pairs.groupby("proposal")["reviewer"].nunique() == 3).all()


def test_nobody_reviews_a_proposal_twice_although_he_is_the_best_for_it() -> None:
    """Copies of reviewers in a matching algorithm would give R00 to P00 three times."""
    affinity = long(np.array([[9.0, 1, 1, 1]]))
    result = assign(proposals(1), reviewers(4), None, per_proposal=3, load=(0, 3), affinity=affinity)
    assert result.pairs["reviewer"].is_unique
    assert result.objective == 11


def test_conflicts_fixed_pairs_organisations_and_classes_hold_at_once() -> None:
    people = reviewers(
        5,
        organisation=["Liga", "Liga", "Land", None, None],
        interest_group=["civil_society", "civil_society", "public_body", "public_body", "social_partner"],
    )
    affinity = long(np.array([[5.0, 4, 9, 3, 0], [4, 5, 9, 3, 0]]))
    result = assign(
        proposals(2),
        people,
        pairs(("P00", "R02")),
        per_proposal=3,
        load=(0, 2),
        affinity=affinity,
        fixed=pairs(("P01", "R03")),
        cover={"interest_group": {"social_partner": 1, "civil_society": 1}},
    )
    assert chosen(result) == [
        ("P00", "R00"),
        ("P00", "R03"),
        ("P00", "R04"),
        ("P01", "R01"),
        ("P01", "R03"),
        ("P01", "R04"),
    ]
    assert result.pairs.loc[result.pairs["fixed"], ["proposal", "reviewer"]].to_numpy().tolist() == [["P01", "R03"]]


def test_a_fixed_reviewer_keeps_his_colleagues_out() -> None:
    people = reviewers(3, organisation=["Liga", "Liga", "Land"])
    affinity = long(np.array([[0.0, 9, 1]]))
    result = assign(
        proposals(1), people, None, per_proposal=2, load=(0, 1), affinity=affinity, fixed=pairs(("P00", "R00"))
    )
    assert chosen(result) == [("P00", "R00"), ("P00", "R02")]


def test_a_blank_organisation_is_nobodys() -> None:
    people = reviewers(2, organisation=[None, None])
    assert len(assign(proposals(1), people, None, per_proposal=2, load=(0, 1)).pairs) == 2


def test_own_limits_of_a_reviewer_go_before_the_common_ones() -> None:
    people = reviewers(3, load_min=[None, 3, None], load_max=[1, None, None])
    affinity = long(np.array([[9.0, 0, 5]] * 3))
    result = assign(proposals(3), people, None, per_proposal=2, load=(0, 3), affinity=affinity)
    assert result.loads["load"].tolist() == [1, 3, 2]
    assert result.objective == 9 + 2 * 5


def test_the_number_of_reviewers_may_differ_between_proposals() -> None:
    result = assign(proposals(3), reviewers(4), None, per_proposal={"P00": 0, "P01": 1, "P02": 4}, load=(0, 2))
    assert result.pairs["proposal"].value_counts().to_dict() == {"P02": 4, "P01": 1}


def test_an_unknown_affinity_is_the_median_of_the_known_ones_and_not_zero() -> None:
    known = long(np.array([[0.2, 0.4, 0.9]])).iloc[1:]
    result = assign(proposals(1), reviewers(3), pairs(("P00", "R02")), per_proposal=1, load=(0, 1), affinity=known)
    assert result.unknown == pytest.approx(0.65)
    assert result.pairs[["reviewer", "stated"]].to_numpy().tolist() == [["R00", False]]
    assert result.objective == pytest.approx(0.65)


def test_without_affinities_the_seed_decides_and_repeats_itself() -> None:
    draws = [
        chosen(assign(proposals(6), reviewers(6), None, per_proposal=2, load=(2, 2), seed=seed)) for seed in (1, 1, 2)
    ]
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


def test_no_argument_is_changed() -> None:
    frames = proposals(3), reviewers(3, organisation=["a", "a", "b"]), pairs(("P00", "R00"))
    before = [frame.copy(deep=True) for frame in frames]
    assign(*frames, per_proposal=1, load=(0, 3), affinity=long(np.eye(3)))
    for frame, copy in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_pairs_that_the_solver_did_not_see_at_first_are_found() -> None:
    """Two proposals share fifteen stars and one fallback, and each has a spare far down its list.

    Among the sixteen best of each there is an assignment with one star for each two, which is not the best: it is
    better to give both of the pair that gains most a star, and another pair the fallback and a spare.
    """
    matrix = np.zeros((30, 60))
    for proposal in range(30):
        matrix[proposal, :15] = 1.0 if proposal % 4 < 2 else 0.2
        matrix[proposal, 15 + proposal // 2] = 0.1
        matrix[proposal, 30 + proposal] = 0.09
    result = assign(proposals(30), reviewers(60), None, per_proposal=1, load=(0, 1), affinity=long(matrix))
    row, column = linear_sum_assignment(matrix, maximize=True)
    assert result.objective == pytest.approx(matrix[row, column].sum(), abs=1e-9)
    assert result.objective == pytest.approx(15 * 1.0 + 8 * 0.1 + 7 * 0.09)


def crossing() -> pd.DataFrame:
    """Three attributes of which any two reviewers out of R00, R01, R02 cover all, but no one alone (an odd cycle)."""
    return reviewers(4, a=["x", "x", "y", "y"], b=["u", "v", "v", "u"], c=["s", "t", "s", "t"])


CROSSING = {"a": {"x": 1}, "b": {"v": 1}, "c": {"s": 1}}


def test_crossing_classes_are_settled_in_whole_numbers() -> None:
    """The linear program would take half of R00, R01, R02 and half of the much better R03, objective 5."""
    affinity = long(np.array([[3.0, 2, 1, 10]]))
    result = assign(proposals(1), crossing(), None, per_proposal=2, load=(0, 1), affinity=affinity, cover=CROSSING)
    assert chosen(result) == [("P00", "R00"), ("P00", "R01")]


def test_what_only_broken_reviewers_could_cover_is_impossible() -> None:
    """Half of R00, R01 and R02 for each of two proposals would do; whole ones are not enough."""
    with pytest.raises(Infeasible) as error:
        assign(proposals(2), crossing(), None, per_proposal=2, load=(0, 1), cover=CROSSING)
    assert error.value.shortages["missing"].sum() == 1


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    rows, people = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    low = draw(st.integers(0, 2))
    return {
        "matrix": np.round(random.random((rows, people)), draw(st.sampled_from([0, 1, 6]))),
        "forbidden": random.random((rows, people)) < draw(st.sampled_from([0.0, 0.2, 0.5])),
        "organisation": random.integers(0, draw(st.integers(1, 8)), people),
        "needed": draw(st.integers(1, 3)),
        "load": (low, low + draw(st.integers(0, 3))),
        "seed": int(random.integers(100)),
    }


def attempt(problem: dict[str, Any], shuffle: int | None = None) -> Assignment | Infeasible:
    rows, people = problem["matrix"].shape
    conflicts = long(problem["forbidden"].astype(float))
    frames = [
        proposals(rows),
        reviewers(people, organisation=problem["organisation"]),
        conflicts.loc[conflicts["affinity"] > 0, ["proposal", "reviewer"]],
        long(problem["matrix"]),
    ]
    if shuffle is not None:
        frames = [frame.sample(frac=1, random_state=shuffle) for frame in frames]
    try:
        return assign(
            *frames[:3], per_proposal=problem["needed"], load=problem["load"], affinity=frames[3], seed=problem["seed"]
        )
    except Infeasible as error:
        return error


def most_reviews(problem: dict[str, Any], low: bool) -> int:
    """The largest number of reviews that fit, by maximum flow; with `low` each reviewer takes at most his fewest."""
    rows, people = problem["matrix"].shape
    groups = rows * 8
    sink = 1 + rows + groups + people
    arcs = [(1 + rows + groups + person, sink, problem["load"][0 if low else 1]) for person in range(people)]
    for row in range(rows):
        arcs.append((0, 1 + row, problem["needed"]))
        arcs += [(1 + row, 1 + rows + row * 8 + group, 1) for group in range(8)]
        for person in np.flatnonzero(~problem["forbidden"][row]).tolist():
            organisation = int(problem["organisation"][person])
            arcs.append((1 + rows + row * 8 + organisation, 1 + rows + groups + person, 1))
    tail, head, room = np.array(arcs, dtype=np.int32).T
    graph = csr_array((room, (tail, head)), shape=(sink + 1, sink + 1))
    return int(maximum_flow(graph, 0, sink).flow_value)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(problems())
def test_every_limit_holds_or_the_shortage_is_the_one_of_the_maximum_flow(problem: dict[str, Any]) -> None:
    rows, people = problem["matrix"].shape
    wanted, least = rows * problem["needed"], people * problem["load"][0]
    missing = (wanted - most_reviews(problem, low=False)) + (least - most_reviews(problem, low=True))
    result = attempt(problem)
    if isinstance(result, Infeasible):
        assert missing > 0
        assert result.shortages["missing"].sum() == missing
        return
    assert missing == 0
    mask = np.zeros((rows, people), dtype=bool)
    mask[result.pairs["proposal"].str[1:].astype(int), result.pairs["reviewer"].str[1:].astype(int)] = True
    assert not (mask & problem["forbidden"]).any()
    assert (mask.sum(axis=1) == problem["needed"]).all()
    assert problem["load"][0] <= mask.sum(axis=0).min()
    assert mask.sum(axis=0).max() <= problem["load"][1]
    for group in np.unique(problem["organisation"]):
        assert mask[:, problem["organisation"] == group].sum(axis=1).max() <= 1
    assert result.objective == pytest.approx(problem["matrix"][mask].sum())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(problems(), st.integers(0, 99))
def test_the_order_of_rows_never_matters(problem: dict[str, Any], shuffle: int) -> None:
    plain, shuffled = attempt(problem), attempt(problem, shuffle)
    if isinstance(plain, Infeasible):
        assert str(shuffled) == str(plain)
    else:
        assert isinstance(shuffled, Assignment)
        pd.testing.assert_frame_equal(shuffled.pairs, plain.pairs)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(1, 8), st.integers(2, 4), st.integers(1, 3), st.integers(0, 10_000))
def test_the_optimum_is_the_one_of_a_matching_with_copies(rows: int, people: int, load: int, seed: int) -> None:
    """With one reviewer for each proposal, copies of the reviewers and the Hungarian method give the same optimum."""
    if people * load < rows:
        load = -(-rows // people)
    matrix = np.random.default_rng(seed).random((rows, people))
    result = assign(proposals(rows), reviewers(people), None, per_proposal=1, load=(0, load), affinity=long(matrix))
    copies = np.repeat(matrix, load, axis=1)
    row, column = linear_sum_assignment(copies, maximize=True)
    assert result.objective == pytest.approx(copies[row, column].sum(), abs=1e-9)
