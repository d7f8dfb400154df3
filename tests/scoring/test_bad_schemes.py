"""Schemes and sheets that nobody should hand in: a fault with its place, never an error from inside."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring import Scheme, SchemeError, ScoresError, check_file, read_yaml
from tests.scoring.worlds import document, scale, small


@pytest.mark.parametrize("blank", [None, float("nan"), pd.NA, pd.NaT, "", "  ", np.float64("nan")])
def test_every_blank_of_a_frame_is_a_blank_mark(blank: object) -> None:
    scheme = small(gates=[{"key": "complete", "ko": True}])
    assert scheme.evaluate({"a": blank, "b": 3, "complete": blank}).missing == ["a"]
    assert scheme.sheet_total({"a": blank, "b": 3}).given == 1


@pytest.mark.parametrize("given", [None, 5, "a", ["a"], [("a", 1)]])
def test_a_sheet_is_given_by_key(given: Any) -> None:
    for call in (small().evaluate, small().sheet_total):
        with pytest.raises(ScoresError, match="expected inputs by key"):
            call(given)


@pytest.mark.parametrize("expected", ["ratio", "", None, float("nan"), [1], {"a": 1}, True])
@pytest.mark.parametrize("key", ["total", "passed", "failed", "not_rated"])
def test_an_expectation_that_cannot_be_read_differs(tmp_path: Path, key: str, expected: object) -> None:
    """`votum scheme check` ended in an error where a worked example expected a word as its total."""
    examples = [{"name": "one", "input": {"a": 1, "b": 1}, "expect": {key: expected}}]
    scheme = Scheme.from_document(document(examples=examples))
    found = dict(scheme.run_examples())["one"]
    assert (found is None) == (key == "passed" and expected is True)
    assert found is None or f"{key} is " in found


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"scale_labels_de": {"good": "gut"}}, "scale_labels_de.good"),
        ({"scale_labels_en": ["good"]}, "scale_labels_en"),
        ({"criteria": [scale("a", effect={"at_points": "many"})]}, "criteria[0].effect.at_points"),
    ],
)
def test_what_is_asked_of_a_scheme_later_is_proved_when_it_is_read(part: dict[str, Any], place: str) -> None:
    with pytest.raises(SchemeError) as caught:
        Scheme.from_document(document() | part)
    assert caught.value.place == place


@pytest.mark.parametrize("text", [None, 5, ["a"], "\ud800", b"\xff\xfe\x00"])
def test_what_is_no_text_is_no_yaml(text: Any) -> None:
    with pytest.raises(SchemeError):
        read_yaml(text)


def test_a_file_with_a_wrong_expectation_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(
        "schema: rating-scheme/1\nkey: one\ntitle_de: Eins\n"
        "criteria: [{key: a, type: points, max: 5}]\n"
        "examples: [{name: first, input: {a: 1}, expect: {total: many}}]\n"
    )
    assert check_file(file) == [f"{file}: example 'first': total is 1.00, expected many"]
