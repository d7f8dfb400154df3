"""The dry run of a scheme: numbers known from formulas, the same steps as the ranking, and what must always hold."""

import subprocess
import sys
from math import asin, pi
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scoring
from app.domain.rating_schemes.shipped import FOLDER
from scoring import Scheme, ScoresError, dry_run
from scoring.advice import dry_run as module

FINE = {"type": "points", "max": 1000}
JUDGED = [path for path in sorted(FOLDER.glob("*.yaml")) if not Scheme.from_file(path).computed_criteria]
STEPS = {"type": "scale", "scale": {"min": 0, "max": 5, "step": 1}}


def scheme(*criteria: dict[str, object], **rules: object) -> Scheme:
    named = [{"key": f"k{number}", "label_de": f"K{number}", **one} for number, one in enumerate(criteria, 1)]
    given_rules = {"ranking": {"tie_breakers": []}, **rules}
    return Scheme.from_document(
        {"schema": "rating-scheme/1", "key": "a", "title_de": "A", "criteria": named, **given_rules}
    )


@pytest.mark.parametrize(("between", "within"), [(0.05, 0.05), (0.05, 0.1), (0.08, 0.04)])
def test_of_two_proposals_the_better_one_wins_as_often_as_sheppards_formula_says(between: float, within: float) -> None:
    found = dry_run(
        scheme(FINE), proposals=2, places=1, panels=8000, mean=0.5, between=between, within=within, common=0.3
    )
    for raters in (1, 2, 4, 9):
        r = between / (between**2 + within**2 / raters) ** 0.5
        assert found.sureness[raters - 1].right == pytest.approx(0.5 + asin(r) / pi, abs=0.017)  # three standard errors


def test_known_values_of_that_formula() -> None:
    """One rater as uncertain as the proposals differ: 3/4; nine of them 1/2 + arcsin(sqrt(.9))/pi = .8976."""
    found = dry_run(
        scheme(FINE), proposals=2, places=1, panels=10_000, mean=0.5, between=0.05, within=0.05, wanted=0.88
    )
    assert found.sureness[0].right == pytest.approx(0.75, abs=0.013)
    assert found.sureness[8].right == pytest.approx(0.8976, abs=0.01)
    assert found.raters_needed in (6, 7)  # 1/2 + arcsin(sqrt(k/(k+1)))/pi: .8766 for six, .8850 for seven


@pytest.mark.parametrize("least", [500, 550, 600])
def test_as_many_fall_short_of_a_minimum_as_the_normal_distribution_says(least: int) -> None:
    limited = scheme({**FINE, "threshold": {"min": least}})
    found = dry_run(limited, panels=2000, raters=4, mean=0.5, between=0.06, within=0.16)
    short = NormalDist(500, (60**2 + 160**2 / 4) ** 0.5).cdf(least - 0.05)  # marks are tenths
    assert found.minima[0].failed == pytest.approx(short, abs=0.008)
    assert found.passed == pytest.approx(20 * (1 - short), abs=0.16)


@pytest.mark.parametrize(("mean", "passed"), [(0.5, 0), (0.6, 4)])
def test_proposals_that_are_all_alike_pass_together_or_not_at_all(mean: float, passed: int) -> None:
    """Half of 0 to 5 lies between 2 and 3 and is seen as 2; six tenths are 3, at least 3 are asked."""
    limited = scheme({**STEPS, "threshold": {"min": 3}})
    found = dry_run(limited, proposals=4, places=2, mean=mean, between=0, within=0, panels=50)
    assert (found.passed, found.recommended) == (passed, min(passed, 2))
    assert found.minima == (("k1", 1 - passed / 4, 0 if passed else 1),)


def test_a_criterion_that_weighs_next_to_nothing_never_decides_and_equal_ones_decide_alike() -> None:
    found = dry_run(scheme({**FINE, "weight": 0.000001}, {**FINE, "weight": 1}, {**FINE, "weight": 1}), panels=2000)
    least, one, other = (criterion.decides for criterion in found.criteria)
    assert least < 0.005
    assert one == pytest.approx(other, abs=0.04)
    assert one > 0.8


def test_the_only_criterion_of_a_single_place_decides_unless_the_lot_agrees() -> None:
    """With two proposals and equal marks instead, the lot chooses the other one in half of the panels."""
    found = dry_run(scheme(FINE), proposals=2, places=1, panels=8000)
    assert found.criteria[0].decides == pytest.approx(0.5, abs=0.017)


@pytest.mark.parametrize("path", JUDGED, ids=lambda path: path.stem)
def test_it_recommends_whom_the_ranking_recommends(path) -> None:
    """The marks of a made-up panel, given to the ranking: the same minima and, without ties, the same places."""
    of = Scheme.from_file(path)
    draw = np.random.default_rng(7)
    panel = module._panels(of, module._World(0.7, 0.11, 0.17, 0.4), 3, 12, 5, draw)
    marks = module._marks(of, panel, 5)
    points, below = module._judged(of, marks)
    chosen = module._chosen(of, marks, points, ~module._any(below, panel), panel, 4)
    for number in range(3):
        rows = range(number * 12, number * 12 + 12)
        scores = pd.DataFrame(
            [
                (f"P{row:03}", f"M{rater}", key, float(values[row, rater]) / unit)
                for key, (values, unit) in panel.given.items()
                for row in rows
                for rater in range(5)
            ],
            columns=["proposal", "reviewer", "criterion", "value"],
        )
        ranked = scoring.rank(of, scores).set_index("proposal").loc[[f"P{row:03}" for row in rows]]
        assert list(ranked["passed"]) == [not any(short[row] for short in below.values()) for row in rows]
        last = ranked["rank_max"].fillna(99)
        sure = [row for row in rows if last[f"P{row:03}"] <= 4]
        assert all(chosen[row] for row in sure)
        assert sum(chosen[row] for row in rows) == min(4, int(ranked["passed"].sum()))


@settings(max_examples=25, deadline=None)
@given(
    proposals=st.integers(1, 12),
    places=st.integers(1, 14),
    raters=st.integers(1, 15),
    across=st.sampled_from(["mean", "median", "drop_one", "sum", "consensus"]),
    least=st.integers(0, 5),
    seed=st.integers(0, 5),
)
def test_what_always_holds(proposals: int, places: int, raters: int, across: str, least: int, seed: int) -> None:
    of = scheme(
        {**STEPS, "threshold": {"min": least}},
        {**STEPS, "direction": "low"},
        aggregation={"across_raters": across, "total": "weighted_sum"},
    )
    asked = {"proposals": proposals, "places": places, "raters": raters, "panels": 40, "seed": seed}
    found = dry_run(of, **asked)
    assert found == dry_run(of, **asked)
    assert 0 <= found.recommended <= min(found.passed, places)
    assert found.passed <= proposals
    assert all(0 <= one.failed <= 1 and 0 <= one.bites <= 1 for one in found.minima)
    assert all(0 <= one.decides <= 1 for one in found.criteria)
    assert [one.raters for one in found.sureness] == list(range(1, max(12, raters) + 1))
    if least == 0 and places >= proposals:  # everybody has a place
        assert found.recommended == proposals
        assert all(one.right == 1 for one in found.sureness)
        assert found.raters_needed == 1


def test_many_panels_are_looked_at_piece_by_piece_with_the_same_kind_of_result(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = dry_run(scheme(STEPS, STEPS), panels=1500)
    monkeypatch.setattr(module, "AT_ONCE", 20_000)
    pieces = dry_run(scheme(STEPS, STEPS), panels=1500)
    assert pieces.sureness[2].right == pytest.approx(whole.sureness[2].right, abs=0.02)


def test_it_does_without_pandas() -> None:
    """The page that shows it would else wait for it."""
    said = f"import sys; from scoring import Scheme, dry_run; dry_run(Scheme.from_file({str(JUDGED[0])!r}), panels=5)"
    program = f"{said}; print('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize(
    "wrong",
    [
        *({"proposals": 0}, {"proposals": 201}, {"places": True}, {"raters": 31}, {"panels": 10_001}, {"wanted": 1.1}),
        *({"mean": -0.1}, {"between": 2}, {"within": float("nan")}, {"common": -1}, {"raters": 2.5}),
    ],
)
def test_a_number_out_of_bounds_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ScoresError, match=next(iter(wrong))):
        dry_run(scheme(STEPS), **wrong)  # type: ignore[arg-type]
