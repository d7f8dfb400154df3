"""The chapter for the secretary says what the library answers: its table, its drawing, its figures and its code."""

import contextlib
import io
import re
from xml.etree import ElementTree

import pytest

import scoring
from scoring.advice.agreement import agreement
from scoring.advice.warnings import warnings
from tests.scoring.example import PLACES, SCALE, SCORING, drawing, example_result, example_totals, table

README = (SCORING / "README.md").read_text(encoding="utf-8")
TECHNICAL = {"check_file", "explain", "lottery_seed", "read_yaml", "review_totals", "worst_case"}


def test_the_table_is_what_the_library_answers() -> None:
    assert table() in README


def test_the_drawing_is_what_the_library_answers_and_says_it_in_words_too() -> None:
    assert (SCORING / "example.svg").read_text(encoding="utf-8") == drawing()
    root = ElementTree.fromstring(drawing())
    described = root.findtext("{http://www.w3.org/2000/svg}desc")
    assert described is not None
    assert "P04: official rank 4, expected rank 4.1, between rank 2 and 6, chance of a place 72 %" in described


def test_the_figures_in_the_text_are_what_the_library_answers() -> None:
    found = agreement(example_totals(), level="interval", scale=SCALE).set_index("statistic")
    for statistic in ("icc_components_consistency(1)", "icc_components_consistency(k)", "krippendorff_alpha"):
        value, low, high = found.loc[statistic, ["value", "low", "high"]]
        assert f"{value:.2f} [{low:.2f}, {high:.2f}]" in README
    flags = warnings(example_totals(), scale=SCALE, top=PLACES).flags
    assert list(flags["check"] + " " + flags["reviewer"]) == ["severity M5"]
    assert f"{flags['points'].item():.1f} points below the others on ten shared ideas" in README
    judged = (example_result()[0].reviewers["note"] == "").sum()
    assert f"chance would give {judged * 0.005:.2f} such warnings" in README.replace("\n", " ")
    listed = example_result()[1].set_index("proposal")
    risk = 1 - listed.loc[["P01", "P02", "P03"], "p_top"].min()
    assert f"no more than {100 * risk:.0f} in 100" in README
    assert listed.loc["P07":, "p_top"].max() < 0.015  # type: ignore[misc]


def test_the_code_runs_as_it_stands() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code.group(1), "README.md", "exec"), {})
    for expected in ("expected_rank", "cannot be judged", "krippendorff_alpha", "too_few_ratings"):
        assert expected in printed.getvalue()


@pytest.mark.parametrize(
    "column",
    ["near_threshold", "adjusted", "sd", "expected_rank", "rank_q05", "rank_q25", "rank_q75", "rank_q95", "p_top",
     "pcer", "sucra", "severity"],
)  # fmt: skip
def test_no_number_of_the_advice_is_left_unexplained(column: str) -> None:
    names = {"expected_rank": "expected rank", "pcer": "PCER", "sucra": "SUCRA"}
    assert names.get(column, column) in README


@pytest.mark.parametrize("function", [name for name in scoring.__all__ if name[0].islower() and name not in TECHNICAL])
def test_no_function_is_left_unexplained(function: str) -> None:
    assert re.search(rf"\b{function}\b", README)
