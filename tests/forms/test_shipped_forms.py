"""The forms that come with Votum, and what the demo's fourteen organisations answer to one of them."""

import re
from pathlib import Path
from typing import Any

import pytest

from app import competition_files, forms
from scoring.scheme.yaml_text import read_yaml

SHIPPED = Path(forms.__file__).parent / "shipped"
FILES = sorted(SHIPPED.glob("*.yaml"))
ANSWERS = sorted((competition_files.EXAMPLE.parent / "answers").glob("*.yaml"))
DEMO: Any = read_yaml(competition_files.EXAMPLE.read_bytes())
PROPOSALS = {one["key"]: one for one in DEMO["proposals"]}
RULES = {
    "min_places": 5,
    "max_grant_per_place_month": 250,
    "months_max": 36,
    "overhead_percent_max": 10,
    "own_funds_percent_min": 5,
    "earliest_start": "2018-03-15",
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_form_proves_itself_and_speaks_both_languages(file: Path) -> None:
    form = forms.of_file(file)
    assert forms.check_file(file) == [f"ok {file.stem}: {len(form.examples)} examples"]
    assert len(form.examples) >= 3
    words = [form.titles, *(section.titles for section in form.sections)]
    words += [said for question in form.questions for said in (question.labels, question.helps) if said]
    words += [limit.say for limit in form.limits]
    assert [said for said in words if set(said) != {"de", "en"}] == []


def answered(file: Path) -> Any:
    return read_yaml(file.read_bytes())


@pytest.mark.parametrize("file", ANSWERS, ids=lambda file: file.stem)
def test_a_demo_proposal_answers_everything_and_keeps_its_numbers(file: Path) -> None:
    said, old = answered(file), PROPOSALS[file.stem]
    found = forms.check(forms.of_file(SHIPPED / "stabilisierung-teilhabe.yaml"), said, RULES)
    assert list(found.faults) == []
    assert [said["title"], said["summary"], said["field"]] == [old["title"], old["summary"], old["field_of_activity"]]
    assert [site["name"] for site in said["sites"]] == old["sites"]
    assert found.facts["places"] == old["places"]
    assert found.facts["grant_per_place_month"] == old["finance"]["grant_per_place_month"]
    assert found.facts["costs_cents"] == 100 * old["finance"]["costs"]["total"]
    assert [one["target"] for one in said["targets"]] == [one["target"] for one in old["targets"]]
    assert 2_400 < sum(len(text.split()) for text in said.values() if isinstance(text, str)) < 4_000


def test_no_two_demo_proposals_share_a_sentence() -> None:
    owners: dict[str, set[str]] = {}
    for file in ANSWERS:
        texts = [text for text in answered(file).values() if isinstance(text, str)]
        for sentence in re.split(r"(?<=[.!?])\s+", "\n".join(texts)):
            if len(sentence) > 40:
                owners.setdefault(sentence, set()).add(file.stem)
    assert len(ANSWERS) == 14
    assert {sentence: by for sentence, by in owners.items() if len(by) > 1} == {}
