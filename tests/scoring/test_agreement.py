"""Measures of agreement against published tables, against their definitions, and where there is no number."""

import itertools
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from scipy.special import stdtrit

from scoring.advice.agreement import agreement
from scoring.advice.agreement.icc import mean_squares
from scoring.advice.calibrate import calibrate
from scoring.errors import ScoresError
from tests.scoring.panels import drawn, mock_panel, table, totals

# Shrout & Fleiss (1979), Psychological Bulletin 86:420, table 2: 6 targets by 4 judges.
SHROUT_FLEISS = ([9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7])
# Their table 4 to two digits, then six digits and 95 % intervals by the R package psych.
SHROUT_FLEISS_ICC = {
    "icc(1,1)": (0.17, 0.165742, -0.1329323, 0.7225601),
    "icc(2,1)": (0.29, 0.289764, 0.0187865, 0.7610844),
    "icc(3,1)": (0.71, 0.714841, 0.3424648, 0.9458583),
    "icc(1,k)": (0.44, 0.442797, -0.8844422, 0.9124154),
    "icc(2,k)": (0.62, 0.620051, 0.0711368, 0.927232),
    "icc(3,k)": (0.91, 0.909316, 0.6756747, 0.9858917),
}
# Krippendorff (2011), Computing Krippendorff's alpha-reliability: 12 units, observers A to D; "." = not given.
KRIPPENDORFF = ("11.1", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", ".555", "..11", ".3..")
KRIPPENDORFF_ALPHA = {"nominal": 0.743421, "ordinal": 0.815388, "interval": 0.849107, "ratio": 0.797403}
KRIPPENDORFF_PRINTED = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}
# Fleiss (1971), Psychological Bulletin 76:378, first 15 patients: how many of 6 psychiatrists chose diagnosis 1 to 5.
FLEISS = ("00060", "03003", "01401", "00006", "03030", "20400", "00402", "20310", "20040", "00006", "10050", "11040",
          "03300", "10050", "02031")  # fmt: skip
# Gwet (2014), Handbook of Inter-Rater Reliability, by his R package irrCAC 1.0 (vignette "overview").
GWET_FLEISS = {"ac1": 0.4448007, "ac1_error": 0.08418757, "alpha": 0.4204384, "kappa_error": 0.08119291}
GWET_KRIPPENDORFF = {"ac1": 0.77544, "ac1_error": 0.14295, "alpha_error": 0.14548}
GWET_ABSTRACTORS = {"ac1": 0.8493305, "ac1_error": 0.04321747, "alpha": 0.7972585, "scott_error": 0.05905473}


def krippendorff_data() -> pd.DataFrame:
    return table(*([None if mark == "." else float(mark) for mark in row] for row in KRIPPENDORFF))


def fleiss_data() -> pd.DataFrame:
    return table(*([float(q) for q in range(5) for _ in range(int(row[q]))] for row in FLEISS))


def abstractors_data() -> pd.DataFrame:
    """irrCAC's 100 pregnancies by two abstractors: agreed 13, 20 and 56 times, 7 and 4 times not."""
    counts = {(0, 0): 13, (1, 1): 20, (1, 2): 7, (2, 1): 4, (2, 2): 56}
    return table(*(pair for pair, n in counts.items() for _ in range(n)))


def row_of(frame: pd.DataFrame, statistic: str) -> dict[str, Any]:
    return {str(name): value for name, value in frame[frame["statistic"] == statistic].iloc[0].items()}


def error_of(row: dict[str, Any], units: int) -> float:
    return float((row["value"] - row["low"]) / stdtrit(units - 1, 0.975))


def test_the_six_intraclass_correlations_are_those_of_shrout_and_fleiss() -> None:
    found = agreement(table(*SHROUT_FLEISS), level="interval", scale=(1, 10))
    for statistic, (printed, value, low, high) in SHROUT_FLEISS_ICC.items():
        row = row_of(found, statistic)
        assert round(row["value"], 2) == printed
        assert [row["value"], row["low"], row["high"]] == pytest.approx([value, low, high], abs=1e-6)
        assert (row["n"], row["note"]) == (6, "")


def test_their_mean_squares_are_those_of_shrout_and_fleiss() -> None:
    """MSR 11.24, MSW 6.26, MSC 32.49, MSE 1.02 in their table 3."""
    found = mean_squares(np.array(SHROUT_FLEISS, dtype=float))
    assert found == pytest.approx((11.241667, 6.263889, 32.486111, 1.019444), abs=1e-6)


@pytest.mark.parametrize("level", KRIPPENDORFF_ALPHA)
def test_alpha_is_that_of_krippendorff_at_every_level(level: str) -> None:
    row = row_of(agreement(krippendorff_data(), level=level), "krippendorff_alpha")
    assert row["value"] == pytest.approx(KRIPPENDORFF_ALPHA[level], abs=1e-6)
    assert round(row["value"], 3) == KRIPPENDORFF_PRINTED[level]
    assert row["n"] == 11


def test_ac1_and_its_error_are_those_of_gwet() -> None:
    row = row_of(agreement(fleiss_data(), level="nominal", scale=(0, 4)), "gwet_ac2")
    assert [row["value"], error_of(row, 15)] == pytest.approx([GWET_FLEISS["ac1"], GWET_FLEISS["ac1_error"]], abs=1e-6)
    row = row_of(agreement(krippendorff_data(), level="nominal", scale=(1, 5)), "gwet_ac2")
    found = [row["value"], error_of(row, 12)]
    assert found == pytest.approx([GWET_KRIPPENDORFF["ac1"], GWET_KRIPPENDORFF["ac1_error"]], abs=1e-5)
    row = row_of(agreement(abstractors_data(), level="nominal", scale=(0, 2)), "gwet_ac2")
    # For a table of two raters irrCAC divides by n where the general formula divides by n - 1.
    found = [row["value"], error_of(row, 100) * np.sqrt(99 / 100)]
    assert found == pytest.approx([GWET_ABSTRACTORS["ac1"], GWET_ABSTRACTORS["ac1_error"]], abs=1e-6)


def test_alpha_and_its_error_follow_from_kappa_where_everybody_is_rated_equally_often() -> None:
    """alpha = kappa + (1 - kappa)/N with N ratings, so its error is Fleiss' or Scott's times 1 - 1/N."""
    row = row_of(agreement(fleiss_data(), level="nominal"), "krippendorff_alpha")
    expected = [GWET_FLEISS["alpha"], GWET_FLEISS["kappa_error"] * 89 / 90]
    assert [row["value"], error_of(row, 15)] == pytest.approx(expected, abs=1e-6)
    row = row_of(agreement(abstractors_data(), level="nominal"), "krippendorff_alpha")
    expected = [GWET_ABSTRACTORS["alpha"], GWET_ABSTRACTORS["scott_error"] * np.sqrt(100 / 99) * 199 / 200]
    assert [row["value"], error_of(row, 100)] == pytest.approx(expected, abs=1e-6)
    row = row_of(agreement(krippendorff_data(), level="nominal"), "krippendorff_alpha")
    assert error_of(row, 11) == pytest.approx(GWET_KRIPPENDORFF["alpha_error"], rel=0.03)


def test_kendalls_w_is_that_of_siegel_and_castellan() -> None:
    """Siegel & Castellan (1988), 9.7: 6 applicants ranked by 3 executives, W = .16, chi2 = 2.4286."""
    ranks = {"X": [1, 6, 3, 2, 5, 4], "Y": [1, 5, 6, 4, 2, 3], "Z": [6, 3, 2, 5, 4, 1]}
    row = row_of(agreement(table(*zip(*ranks.values(), strict=True)), level="ordinal"), "kendall_w")
    assert row["value"] == pytest.approx(0.161905, abs=1e-6)
    assert row["note"].startswith("chi2 2.4286, 5 degrees of freedom")
    assert np.isnan([row["low"], row["high"]]).all()


def test_kendalls_w_corrects_for_ties() -> None:
    """By hand: mid-ranks 1.5 1.5 3 and 1 2.5 2.5, sums 2.5 4 5.5, S = 4.5; 12 S = 54 over 4 x 24 - 2 x (6 + 6) = 72."""
    row = row_of(agreement(table([1, 1], [1, 2], [3, 2]), level="ordinal"), "kendall_w")
    assert row["value"] == pytest.approx(0.75)


def test_wider_scales_raise_gwets_ac2_but_not_alpha() -> None:
    """Unused marks at the ends make agreement look rarer by chance: why it is no number for a committee."""
    frame = krippendorff_data()
    narrow, wide = (agreement(frame, level="ordinal", scale=scale) for scale in ((1, 5), (1, 9)))
    assert row_of(wide, "gwet_ac2")["value"] > row_of(narrow, "gwet_ac2")["value"] + 0.02
    assert row_of(wide, "krippendorff_alpha")["value"] == row_of(narrow, "krippendorff_alpha")["value"]


MARKS = st.lists(st.lists(st.one_of(st.none(), st.integers(1, 4)), min_size=3, max_size=3), min_size=2, max_size=6)


def alpha_by_definition(frame: pd.DataFrame, level: str) -> float:
    """1 - D_o/D_e over all pairs, written out."""
    groups = [group["total"].to_numpy() for _, group in frame.groupby("proposal") if len(group) > 1]
    values = np.concatenate(groups)

    def delta(c: float, k: float) -> float:
        inside = (values >= min(c, k)) & (values <= max(c, k))
        between = float(inside.sum()) - float((values == c).sum() + (values == k).sum()) / 2
        apart = {"nominal": float(c != k), "ordinal": between, "interval": c - k, "ratio": (c - k) / (c + k)}
        return apart[level] ** 2

    observed = sum(delta(*pair) / (len(group) - 1) for group in groups for pair in itertools.permutations(group, 2))
    expected = sum(delta(*pair) for pair in itertools.permutations(values, 2)) / (len(values) - 1)
    return float(1 - observed / expected)


@settings(max_examples=60, deadline=None)
@given(MARKS, st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_alpha_is_its_definition_over_all_pairs(marks: list[list[int | None]], level: str) -> None:
    frame = table(*marks, [1, 2, 2], [4, 4, 3])
    row = row_of(agreement(frame, level=level), "krippendorff_alpha")
    assert row["value"] == pytest.approx(alpha_by_definition(frame, level))
    assert np.isnan(row["low"]) or row["low"] <= row["value"] <= row["high"] <= 1


@settings(max_examples=30, deadline=None)
@given(MARKS, st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_never_matters(marks: list[list[int | None]], seed: int) -> None:
    frame = table(*marks, [1, 2, 2], [4, 4, 3])
    mixed = frame.sample(frac=1, random_state=seed)
    first, second = (agreement(one, level="ratio", scale=(1, 4)) for one in (frame, mixed))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=3, max_size=6), st.floats(0.2, 5))
def test_correlations_and_alpha_do_not_know_the_unit(marks: list[list[int]], factor: float) -> None:
    frame = table(*marks, [1, 2, 2], [4, 5, 3])
    first = agreement(frame, level="interval", scale=(1, 5))
    second = agreement(
        frame.assign(total=factor * frame["total"] + 1), level="interval", scale=(factor + 1, 5 * factor + 1)
    )
    rows = [row for row in range(13) if first.loc[row, "statistic"] != "gwet_ac2"]
    assert second.loc[rows, "value"].to_numpy() == pytest.approx(
        first.loc[rows, "value"].to_numpy(), abs=1e-4, nan_ok=True
    )


def test_the_rows_and_columns_are_always_the_same() -> None:
    for level in ("nominal", "ordinal", "interval", "ratio"):
        found = agreement(mock_panel(), level=level, scale=(1, 6))
        assert list(found.columns) == ["statistic", "value", "low", "high", "n", "note"]
        assert list(found["statistic"]) == [
            "icc(1,1)", "icc(2,1)", "icc(3,1)", "icc(1,k)", "icc(2,k)", "icc(3,k)", "icc_components_consistency(1)",
            "icc_components_agreement(1)", "icc_components_consistency(k)", "icc_components_agreement(k)",
            "krippendorff_alpha", "gwet_ac2", "kendall_w",
        ]  # fmt: skip


def test_the_components_follow_from_the_posterior_of_the_two_way_model() -> None:
    found = agreement(mock_panel(), level="interval", scale=(1, 6)).set_index("statistic")["value"]
    model = calibrate(mock_panel(), scale=(1, 6))
    near = model.tau**2 / (model.tau**2 + model.s**2)
    assert found["icc_components_consistency(1)"] == pytest.approx(near, abs=0.03)
    assert found["icc_components_agreement(1)"] < found["icc_components_consistency(1)"]
    assert found["icc_components_consistency(k)"] == pytest.approx(near * 5 / (1 + near * 4), abs=0.05)


def test_the_components_come_close_to_the_truth_of_large_incomplete_panels_and_to_the_interval_they_promise() -> None:
    random = np.random.default_rng(8)
    inside = []
    for _ in range(40):
        frame, _ = drawn(random, 80, 15, 3, (0.8, 0.5, 0.8), whole=False)
        row = row_of(
            agreement(frame, level="interval", scale=(-2, 10), confidence=0.9), "icc_components_consistency(1)"
        )
        inside.append(row["low"] <= 0.5 <= row["high"])
        assert row["value"] == pytest.approx(0.5, abs=0.25)
    assert np.mean(inside) == pytest.approx(0.9, abs=0.1)


def test_with_three_ratings_of_twenty_proposals_the_interval_of_a_correlation_spans_a_third() -> None:
    """Why no word such as "good" stands alone: the 90 % interval spans about .3."""
    random = np.random.default_rng(3)
    spans = []
    for _ in range(20):
        row = row_of(
            agreement(drawn(random, 20, 6, 3)[0], level="interval", scale=(1, 7), confidence=0.9),
            "icc_components_consistency(1)",
        )
        spans.append(row["high"] - row["low"])
    assert 0.28 < np.mean(spans) < 0.55


def test_equal_numbers_of_ratings_by_different_reviewers_allow_the_one_way_form_alone() -> None:
    found = agreement(table([3, 4, None], [None, 2, 1], [5, None, 6]), level="interval")
    assert row_of(found, "icc(1,1)")["value"] > 0.8
    for statistic in ("icc(2,1)", "icc(3,k)", "kendall_w"):
        assert row_of(found, statistic)["note"] == "not every reviewer rated every proposal"


def test_each_criterion_is_measured_by_itself() -> None:
    one, two = table(*SHROUT_FLEISS), krippendorff_data()
    scores = pd.concat([one.assign(criterion="k1"), two.assign(criterion="k2")]).rename(columns={"total": "value"})
    found = agreement(scores, level="interval", scale={"k1": (1, 10), "k2": (1, 5)})
    assert list(found.columns) == ["criterion", "statistic", "value", "low", "high", "n", "note"]
    for criterion, frame, scale in (("k1", one, (1, 10)), ("k2", two, (1, 5))):
        own = found[found["criterion"] == criterion].drop(columns="criterion").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, agreement(frame, level="interval", scale=scale))


def test_a_criterion_without_numbers_or_values_is_named_and_left_blank() -> None:
    scores = table([1, 2], [3, 4]).rename(columns={"total": "value"}).astype({"value": object})
    words = scores.assign(criterion="word", value=["yes", "no", "yes", "no"])
    none = scores.assign(criterion="none", value=None)
    found = agreement(pd.concat([words, none, scores.assign(criterion="mark")]), level="interval")
    assert set(found["note"][found["criterion"] == "word"]) == {"the values are not numbers"}
    assert set(found["note"][found["criterion"] == "none"]) == {"too few: no value was given"}
    assert found["value"][found["criterion"] != "mark"].isna().all()
    assert found["value"][found["criterion"] == "mark"].notna().sum() > 5


@pytest.mark.parametrize(
    ("frame", "level", "statistic", "note"),
    [
        (table([4, 4], [4, 4], [4, 4]), "interval", "icc(2,1)", "no variation"),
        (table([4, 4], [4, 4], [4, 4]), "interval", "icc_components_agreement(1)", "no variation"),
        (table([4, 4], [4, 4], [4, 4]), "interval", "krippendorff_alpha", "no variation"),
        (table([4, 4], [4, 4], [4, 4]), "interval", "gwet_ac2", "no variation"),
        (table([4, 4], [4, 4], [4, 4]), "interval", "kendall_w", "no variation"),
        (table([3, 5], [5, 3]), "interval", "icc(1,k)", "no variation between the proposals' means"),
        (table([4, 5]), "interval", "icc(1,1)", "too few: under two proposals or two ratings each"),
        (table([4], [5]), "ratio", "icc_components_agreement(k)", "too few: under two proposals or two ratings each"),
        (table([4, 5], [3, None]), "interval", "krippendorff_alpha", "too few: under two proposals with two ratings"),
        (table([4, 5], [3, None]), "interval", "gwet_ac2", "too few: under two proposals with two ratings"),
        (table([4, 5], [3, 2]), "interval", "kendall_w", "too few: under two reviewers or three proposals"),
        (table([4, 5], [3, 2]), "ordinal", "icc(1,1)", "needs values with distances (interval or ratio)"),
        (table([4, 5], [3, 2], [1, 1]), "nominal", "kendall_w", "needs ordered values"),
        (table([-4, 5], [3, 2]), "ratio", "krippendorff_alpha", "a ratio needs values of 0 or more"),
        (table([4, 5], [3, 2]), "interval", "gwet_ac2",
         "needs the full scale (min, max, step): marks that nobody gave count too"),
    ],
)  # fmt: skip
def test_where_there_is_no_number_there_is_a_reason(frame: pd.DataFrame, level: str, statistic: str, note: str) -> None:
    row = row_of(agreement(frame, level=level), statistic)
    assert row["note"] == note
    assert np.isnan([row["value"], row["low"], row["high"]]).all()


def test_marks_between_the_steps_of_the_scale_have_no_ac2() -> None:
    frame = table([4, 4.5], [3, 2])
    row = row_of(agreement(frame, level="interval", scale=(1, 6)), "gwet_ac2")
    assert (np.isnan(row["value"]), row["note"]) == (True, "values are not on the steps of the scale")
    assert row_of(agreement(frame, level="interval", scale=(1, 6, 0.5)), "gwet_ac2")["value"] > 0


def test_perfect_agreement_has_a_value_and_no_interval() -> None:
    found = agreement(table([1, 1], [3, 3], [4, 4]), level="interval", scale=(1, 5))
    for statistic in ("icc(1,1)", "icc(2,k)", "krippendorff_alpha", "gwet_ac2"):
        row = row_of(found, statistic)
        assert row["value"] == pytest.approx(1)
        assert np.isnan(row["low"])
        assert "therefore no interval" in row["note"]


def test_without_a_scale_the_components_say_which_span_they_took() -> None:
    row = row_of(agreement(table([2, 3], [5, 4], [1, 2]), level="interval"), "icc_components_consistency(1)")
    assert row["note"] == "scale not given: 1 to 5 as observed"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": "metric"}, "level must be one of nominal, ordinal, interval, ratio, got 'metric'"),
        ({"level": "interval", "confidence": 95.0}, "confidence must lie between 0 and 1, got 95.0"),
        (
            {"level": "interval", "scale": (1, 4)},
            "total 5.0 of proposal 'P1', reviewer 'A' is outside the scale 1 to 4",
        ),
        ({"level": "interval", "scale": (1, 6, 0.7)}, "the step 0.7 does not divide the scale 1 to 6"),
        ({"level": "interval", "scale": {"k1": (1, 6)}}, "a scale for each criterion needs a frame of scores"),
    ],
)
def test_bad_options_are_refused_in_words(options: dict[str, object], message: str) -> None:
    with pytest.raises(ScoresError) as refusal:
        agreement(table([2, 3], [5, 4]), **options)  # type: ignore[arg-type]
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (totals([("P", "A", 1.0), ("P", "A", 2.0)]), "two rows for the same proposal 'P', reviewer 'A'"),
        (totals([("P", "A", 1.0), ("P", None, 2.0)]), "row 2 has no reviewer"),
        (totals([]), "there is no total: no rows"),
        (totals([]).assign(criterion=[], value=[]), "there is no score: no rows"),
        (totals([("P", "A", 1.0)]).assign(criterion=None, value=1.0), "row 1 has no criterion"),
    ],
)
def test_bad_frames_are_refused_in_words(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(ScoresError) as refusal:
        agreement(frame, level="interval")
    assert message in str(refusal.value)
