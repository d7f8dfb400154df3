"""The thirteen published schemes: read, proved, and their worked examples computed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from scoring import Scheme, check_file
from tests.scoring.worlds import SCHEMES, auental


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_every_published_scheme_adds_up_and_computes_its_examples(path: Path) -> None:
    examples = len(yaml.safe_load(path.read_text())["examples"])
    assert check_file(path) == [f"ok {path.stem}: {examples} examples"]


def test_there_are_thirteen_of_them() -> None:
    assert len(SCHEMES) == 13


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_a_stored_document_gives_the_same_scheme_again(path: Path) -> None:
    scheme = Scheme.from_file(path)
    assert Scheme.from_document(scheme.document) == scheme


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_a_wrong_expected_total_is_reported(path: Path, tmp_path: Path) -> None:
    wrong = changed_example(path, tmp_path, "total", lambda total: total + 1)
    line = check_file(wrong)[0]
    assert "example" in line
    assert "total is " in line


def test_a_wrong_expected_pass_or_failure_or_refusal_is_reported(tmp_path: Path) -> None:
    horizon = next(path for path in SCHEMES if path.stem == "horizon-europe-ria")
    dithmarschen = next(path for path in SCHEMES if path.stem == "dithmarschen-leader")
    assert (
        "passed is False, expected True" in check_file(changed_example(horizon, tmp_path, "passed", lambda _: True))[0]
    )
    assert "failed is ['implementation']" in check_file(changed_example(horizon, tmp_path, "failed", lambda _: []))[0]
    assert "refused at reach" in check_file(changed_example(dithmarschen, tmp_path, "error", lambda _: "model"))[0]


def changed_example(path: Path, folder: Path, key: str, change: Any) -> Path:
    """The same file with one expectation of one example changed."""
    document = yaml.safe_load(path.read_text())
    expected = next(example["expect"] for example in document["examples"] if key in example["expect"])
    expected[key] = change(expected[key])
    changed = folder / path.name
    changed.write_text(yaml.safe_dump(document, allow_unicode=True))
    return changed


def test_an_expected_refusal_that_does_not_happen_is_reported(tmp_path: Path) -> None:
    path = next(path for path in SCHEMES if path.stem == "horizon-europe-ria")
    document = yaml.safe_load(path.read_text())
    document["examples"][0]["expect"] = {"error": "impact"}
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(document))
    assert "impact was expected to be refused, it was taken" in check_file(tmp_path / "x.yaml")[0]


def test_an_unreadable_file_is_a_line_and_not_a_traceback(tmp_path: Path) -> None:
    assert check_file(tmp_path / "none.yaml") == [f"{tmp_path / 'none.yaml'}: No such file or directory"]
    (tmp_path / "broken.yaml").write_text("criteria: [")
    assert "this is not YAML" in check_file(tmp_path / "broken.yaml")[0]


def test_the_demo_scheme_shows_weights_labels_and_maxima() -> None:
    scheme = auental()
    assert [str(criterion.percent) for criterion in scheme.criteria] == [
        "15.00",
        "25.00",
        "20.00",
        "15.00",
        "10.00",
        "15.00",
    ]
    assert scheme.maximum == 100
    assert [criterion.key for criterion in scheme.rated_criteria] == ["k1", "k2", "k3", "k4", "k5"]
    assert [criterion.key for criterion in scheme.computed_criteria] == ["k6"]
    assert scheme.criterion("k1").label() == "Bedarf und Bezug zur Zielgruppe"
    assert scheme.criterion("k1").allowed == "0 to 5 in steps of 1"
    assert {int(mark): label["de"] for mark, label in scheme.scale_labels.items()}[5] == "herausragend"
    assert [gate.key for gate in scheme.gates if not gate.curable] == [
        "in_time",
        "eligible_applicant",
        "minimum_places",
        "not_started_yet",
    ]


def test_a_span_of_marks_labels_each_mark_within() -> None:
    scheme = Scheme.from_file(next(path for path in SCHEMES if path.stem == "ehap-2014"))
    words = [scheme.scale_labels[mark]["de"] for mark in scheme.criterion("need").marks]
    assert words == ["mangelhaft", "mangelhaft", "befriedigend", "befriedigend", "sehr gut", "sehr gut"]
