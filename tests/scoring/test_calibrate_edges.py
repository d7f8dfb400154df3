"""The two-way model at its edges: too little, too alike, too separate, and input that is wrong."""

import numpy as np
import pandas as pd
import pytest

from scoring.advice.calibrate import calibrate
from scoring.errors import ScoresError
from tests.scoring.panels import drawn, mock_panel, table, totals


def test_without_a_top_there_is_no_chance_for_it() -> None:
    assert calibrate(mock_panel(), scale=(1, 6)).proposals["p_top"].isna().all()


def test_a_proposal_that_nobody_rated_is_named_and_not_ranked() -> None:
    blank = totals([("Z", "A", np.nan), ("Z", "B", np.nan)])
    found = calibrate(pd.concat([table([4, 5], [2, 3]), blank]), scale=(1, 6), top=1)
    last = found.proposals.iloc[-1]
    assert (last["proposal"], last["n"], last["note"]) == ("Z", 0, "not assessed")
    assert last["adjusted"] == pytest.approx(3.5)
    assert last["sd"] > found.proposals["sd"].iloc[0]
    assert last[["expected_rank", "rank_q05", "rank_q95", "p_top", "pcer", "sucra"]].isna().all()
    assert found.proposals["expected_rank"].iloc[:2].sum() == pytest.approx(3)


def test_one_proposal_is_first_of_one_and_says_so() -> None:
    found = calibrate(table([3, 5]), scale=(1, 6), top=1)
    assert found.proposals["expected_rank"].item() == 1
    assert found.proposals["sucra"].isna().item()
    assert found.notes == ("only one proposal: there is nothing to rank",)


def test_one_reviewer_cannot_be_judged_however_many_proposals_there_are() -> None:
    found = calibrate(table(*([i % 6 + 1] for i in range(30))), scale=(1, 6))
    assert found.notes == ("only one reviewer: severity and quality cannot be told apart",)
    assert found.reviewers["note"].item() == "cannot be judged"


def test_one_rating_each_is_answered_and_leaves_nearly_everything_open() -> None:
    found = calibrate(table([2, None], [None, 3], [4, None], [None, 5]), scale=(1, 6)).proposals
    assert list(found["proposal"]) == ["P3", "P2", "P1", "P0"]
    assert found["expected_rank"].sum() == pytest.approx(10)
    assert (found["rank_q95"] - found["rank_q05"]).min() >= 2


def test_below_ten_proposals_beside_colleagues_a_reviewer_cannot_be_judged() -> None:
    frame = table(
        *([i % 5 + 1, 3] for i in range(10)), *([None, 4] for _ in range(5)), *([None, None, 2] for _ in range(12))
    )
    found = calibrate(frame, scale=(1, 6)).reviewers.set_index("reviewer")
    assert dict(found["note"]) == {"A": "", "B": "", "C": "cannot be judged"}
    assert dict(calibrate(frame[frame["proposal"] != "P0"], scale=(1, 6)).reviewers["note"]) == {
        0: "cannot be judged",
        1: "cannot be judged",
        2: "cannot be judged",
    }


def test_all_totals_equal_ranks_everybody_in_the_middle_and_says_so() -> None:
    found = calibrate(table(*([4, 4, None] if i % 2 else [4, None, 4] for i in range(7))), scale=(1, 6))
    assert set(found.proposals["expected_rank"]) == {4.0}
    assert set(found.proposals["adjusted"]) == {4.0}
    assert found.notes == ("no variation: all totals are equal",)


def test_ten_thousand_identical_totals_are_answered() -> None:
    frame = totals([(i, i % 50 + j, 4.0) for i in range(3334) for j in range(3)])
    found = calibrate(frame, scale=(1, 6))
    assert set(found.proposals["expected_rank"]) == {3335 / 2}
    assert found.notes == ("no variation: all totals are equal",)


def test_perfect_agreement_gives_the_plain_order() -> None:
    found = calibrate(table(*([mark] * 3 for mark in (2, 3, 5, 6))), scale=(1, 6))
    assert list(found.proposals["proposal"]) == ["P3", "P2", "P1", "P0"]
    assert found.proposals["expected_rank"].to_numpy() == pytest.approx([1, 2, 3, 4], abs=1e-6)
    assert found.proposals["adjusted"].to_numpy() == pytest.approx([6, 5, 3, 2], abs=0.01)
    assert found.s < 0.01


def test_panels_that_share_no_reviewer_are_counted_and_warned_of() -> None:
    found = calibrate(table([3, 5], [2, 4], [None, None, 1, 2], [None, None, 5, 6]), scale=(1, 6))
    assert found.components == 2
    assert dict(zip(found.proposals["proposal"], found.proposals["component"], strict=True)) == {
        "P0": 1, "P1": 1, "P2": 2, "P3": 2,
    }  # fmt: skip
    assert "2 groups of proposals share no reviewer" in found.notes[0]


def test_above_two_thousand_different_results_the_drawn_ranks_stand_in() -> None:
    frame, quality = drawn(np.random.default_rng(5), 2200, 40, 2, whole=False)
    found = calibrate(frame, scale=(-4, 12)).proposals
    assert found["expected_rank"].sum() == pytest.approx(2200 * 2201 / 2, rel=1e-9)
    true = pd.Series((-quality).argsort().argsort(), index=[f"P{i:04}" for i in range(2200)])
    assert np.corrcoef(found["expected_rank"], true[found["proposal"]])[0, 1] > 0.7


GOOD = {"proposal": ["P", "P", "Q"], "reviewer": ["A", "B", "A"], "total": [3.0, 4.0, 5.0]}


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        ({**GOOD, "total": [3.0, 4.0, 7.0]}, {}, "total 7.0 of proposal 'Q', reviewer 'A' is outside the scale 1 to 6"),
        ({**GOOD, "total": [3.0, 4.0, np.inf]}, {}, "total inf of proposal 'Q', reviewer 'A' is not a number"),
        ({**GOOD, "total": [3.0, 4.0, "good"]}, {}, "total good of proposal 'Q', reviewer 'A' is not a number"),
        ({**GOOD, "proposal": ["P", "P", None]}, {}, "row 3 has no proposal"),
        ({**GOOD, "reviewer": ["A", np.nan, "A"]}, {}, "row 2 has no reviewer"),
        ({**GOOD, "proposal": ["P", "P", "P"]}, {}, "two rows for the same proposal 'P', reviewer 'A'"),
        ({**GOOD, "total": [np.nan] * 3}, {}, "there is no total: every row is blank"),
        ({name: [] for name in GOOD}, {}, "there is no total: no rows"),
        ({"proposal": ["P"], "total": [3.0]}, {}, "missing: reviewer"),
        (GOOD, {"scale": (6, 1)}, "scale must be (min, max) with min below max, got (6, 1)"),
        (GOOD, {"scale": (1, np.nan)}, "scale must be (min, max) with min below max"),
        (GOOD, {"scale": 6}, "scale must be (min, max), got 6"),
        (GOOD, {"top": 0}, "top must be a whole number of places from 1, got 0"),
        (GOOD, {"top": 1.5}, "top must be a whole number of places from 1, got 1.5"),
        (GOOD, {"seed": -1}, "seed must be a whole number from 0, got -1"),
    ],
)
def test_bad_input_is_refused_in_words(
    frame: dict[str, list[object]], options: dict[str, object], message: str
) -> None:
    with pytest.raises(ScoresError) as refusal:
        calibrate(pd.DataFrame(frame), **{"scale": (1, 6), **options})  # type: ignore[arg-type]
    assert message in str(refusal.value)


def test_what_is_no_frame_is_refused_in_words() -> None:
    with pytest.raises(ScoresError, match="expected a frame with the columns proposal, reviewer, total, got list"):
        calibrate([("P", "A", 3)], scale=(1, 6))  # type: ignore[arg-type]


def test_more_than_a_thousand_reviewers_are_sent_to_reml() -> None:
    with pytest.raises(ScoresError, match="1001 reviewers are more than 1000: use reml"):
        calibrate(totals([("P", j, 3.0) for j in range(1001)]), scale=(1, 6))


def test_ids_may_be_of_any_kind_even_mixed() -> None:
    mixed = {"P0": 7, "P1": "P1", "P2": (2, "a")}
    frame = table([4, 5], [2, 3], [6, 6])
    found = calibrate(frame.assign(proposal=frame["proposal"].map(lambda one: mixed[one])), scale=(1, 6))
    plain = calibrate(frame, scale=(1, 6))
    assert list(found.proposals["proposal"]) == [mixed[one] for one in plain.proposals["proposal"]]
    assert list(found.proposals["expected_rank"]) == list(plain.proposals["expected_rank"])


def test_decimals_from_a_file_are_taken_as_numbers() -> None:
    text = mock_panel().assign(total=lambda frame: frame["total"].astype(int).astype(str))
    first, second = calibrate(mock_panel(), scale=(1, 6)), calibrate(text, scale=(1, 6))
    pd.testing.assert_frame_equal(first.proposals, second.proposals)
