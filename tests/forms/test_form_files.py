"""Files: worked examples, the line of `votum form check`, the canonical text, and YAML that people can change."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from app import forms
from app.forms import examples
from tests.domain.commands import votum_command
from tests.forms.asking import asking, document, question

TEXT = """
schema: form/1
key: auental-2017
title: {de: Projektvorschlag, en: Proposal}
sections:
- key: idea
  questions:
  - {key: title, type: text, max: 120, required: true, role: title, label: {de: Titel, en: Title}}
  - {key: concept, type: long_text, max: 6000, required: true}
  - {key: places, type: integer, min: 5, role: places}
  - {key: period, type: period, max_months: 36}
  - key: plan
    type: finance_plan
    costs: [{key: staff}]
    sources: [{key: land, grant: true}]
facts:
- {key: grant_per_place_month, unit: EUR, of: grant_requested_cents, per: [places, months]}
limits:
- {fact: grant_per_place_month, at_most: call.max_grant_per_place_month}
examples:
- answers:
    title: Tafelgarten
    places: 12
    period: {from: 2018-03-15, to: 2021-03-14}
    plan: {costs: {staff: {all: 10800000}}, sources: {land: {all: 10800000}}}
  facts: {places: 12, months: 36, grant_per_place_month: "250"}
  faults: {concept: missing}
"""


GARDEN = "- name: garden\n  call: {max_grant_per_place_month: 249.99}\n  answers:"


def checked(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "form.yaml").write_text(text)
    return [line.removeprefix(f"{tmp_path}/form.yaml: ") for line in forms.check_file(tmp_path / "form.yaml")]


def test_a_sound_form(tmp_path: Path) -> None:
    assert checked(tmp_path) == ["ok auental-2017: 1 examples"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("{places: 12, ", "{places: 13, ", "example 1: the fact places is 12, expected 13"),
        ('"250"', '"250.01"', "example 1: the fact grant_per_place_month is 250, expected 250.01"),
        ('"250"', "many", "example 1: the fact grant_per_place_month is 250, expected many"),
        ('"250"', "null", "example 1: the fact grant_per_place_month is 250, expected None"),
        ("    places: 12\n", "", "example 1: the fact places is missing, expected 12"),
        ("{concept: missing}", "{}", "example 1: concept is missing, expected without fault"),
        ("{concept: missing}", "{concept: too_long}", "example 1: concept is missing, expected too_long"),
        ("{concept: missing}", "{concept: [missing, limit]}", "example 1: concept is missing, expected missing, limit"),
        ("missing}", "missing, title: missing}", "example 1: title is without fault, expected missing"),
        ("{all: 10800000}}}", "{all: 1}}}", "example 1: the fact grant_per_place_month is 1/43200, expected 250"),
        ("plan: {costs", "plan: {x: 1, costs", "example 1: plan is not_offered, expected without fault"),
        ("{all: 10800000}}, ", "{all: 1}}, ", "example 1: plan is unbalanced, expected without fault"),
        ("2021-03-14", "2021-03-15", "example 1: period is too_large, expected without fault"),
        ("- answers:", GARDEN, "example garden: grant_per_place_month is limit, expected without fault"),
        ("per: [places,", "per: [place,", "facts[0]: nothing gives the fact place"),
        ("type: period", "type: time", "sections[0].questions[3].type: expected one of"),
        ("key: auental-2017", "key: auental-2017\nkey: b", "line 4: the key 'key' is given twice"),
    ],
)  # fmt: skip
def test_what_differs_is_said(tmp_path: Path, old: str, new: str, line: str) -> None:
    found = checked(tmp_path, (old, new))
    assert found[0].startswith(line)
    assert not any(one.startswith("ok ") for one in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"250"', "250"),
        ('"250"', '"250.00"'),
        ('"250"', "250.0"),
        ('"250"', '"750/3"'),
        ("{concept: missing}", "{concept: [missing]}"),
        ("{places: 12, ", "{cost.staff_cents: 10800000, "),
        ("- answers:", "- call: {max_grant_per_place_month: 250}\n  answers:"),
        ("key: auental-2017", "note: about this form\nkey: auental-2017"),
    ],
)
def test_what_differs_in_writing_only(tmp_path: Path, old: str, new: str) -> None:
    assert checked(tmp_path, (old, new)) == ["ok auental-2017: 1 examples"]


@pytest.mark.parametrize(
    ("facts", "fine"),
    [
        ({"own_cents": 0, "n": 0, "costs_cents": 0}, True),
        ({"own_cents": 1}, False),
        ({"n": 1}, False),
        ({"months": 0}, False),
        ({"yes": 0}, False),
        ({"yes": False}, False),
        ({"n": "1/0"}, False),
        ({"n": [0]}, False),
        ({"sites": 0}, True),
    ],
)
def test_a_missing_amount_is_0(facts: dict[str, Any], fine: bool) -> None:
    plan = question("finance_plan", "plan", costs=[{"key": "a"}], sources=[{"key": "b"}])
    asked = (question("money", "own"), question("integer", "n"), question("period"), question("yes_no", "yes"), plan)
    form = asking(*asked, question("sites", "sites"), examples=[{"answers": {}, "facts": facts}])
    assert (forms.wrong_examples(form) == []) is fine


def test_yes_is_1_in_an_example() -> None:
    form = asking(question("yes_no"), examples=[{"answers": {"q": True}, "facts": {"q": True}}])
    assert forms.wrong_examples(form) == []


def test_one_code_of_several_is_enough_but_a_list_is_all() -> None:
    rows = question("sites", "sites", types=["a"])
    answers = {"sites": [{"type": "b"}]}
    for stated, fine in (("missing", True), ("not_offered", True), (["missing"], False), ("too_few", False)):
        form = asking(rows, examples=[{"answers": answers, "faults": {"sites": stated}}])
        assert (forms.wrong_examples(form) == []) is fine
    form = asking(rows, examples=[{"answers": answers, "faults": {"sites": ["not_offered", "missing"]}}])
    assert forms.wrong_examples(form) == []
    assert forms.wrong_examples(asking(rows, examples=[{"answers": answers}])) == [
        ("1", "sites is missing, not_offered, expected without fault")
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert examples.check_file(tmp_path / "none.yaml") == [f"{tmp_path}/none.yaml: No such file or directory"]


async def test_the_command_says_a_line_a_file_and_fails_for_one_that_differs(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.yaml", tmp_path / "wrong.yaml"
    right.write_text(TEXT)
    wrong.write_text(TEXT.replace("{places: 12, ", "{places: 13, "))
    assert (await votum_command("form", "check", right, right)).out == "ok auental-2017: 1 examples\n" * 2
    answer = await votum_command("form", "check", wrong, right)
    assert (answer.code, answer.out) == (
        1,
        f"{wrong}: example 1: the fact places is 12, expected 13\nok auental-2017: 1 examples\n",
    )


def test_the_same_form_has_one_canonical_text_and_one_fingerprint() -> None:
    form = forms.of_text(TEXT)
    other = forms.of_document(dict(reversed(form.document.items())))
    assert forms.canonical(other) == forms.canonical(form)
    assert forms.fingerprint(form) == sha256(forms.canonical(form).encode()).hexdigest()
    assert forms.canonical(asking(key="a")) == (
        '{"key":"a","schema":"form/1","sections":[{"key":"idea","questions":[{"key":"title","label":{"de":"Titel",'
        '"en":"Title"},"role":"title","type":"text"}],"title":{"de":"Die Idee"}}],"title":{"de":"Klein","en":"Small"}}'
    )
    assert forms.fingerprint(asking(key="a")) != forms.fingerprint(asking(key="b"))


def test_yaml_for_people_is_the_same_form_again() -> None:
    form = forms.of_text(TEXT)
    assert forms.of_text(forms.as_yaml(form)) == form
    lines = forms.as_yaml(form).splitlines()
    assert lines[:3] == ["schema: form/1", "key: auental-2017", "title: {de: Projektvorschlag, en: Proposal}"]
    assert lines[3:7] == ["sections:", "- key: idea", "  questions:", "  - key: title"]


def test_yaml_keeps_lines_small_numbers_and_words_that_look_like_something_else() -> None:
    help = {"de": "Erste Zeile\n\n- zweite Zeile\n", "en": "yes"}
    shared = {"de": "1.50", "en": "2018-01-01"}
    form = asking(
        question("decimal", min=0.000001, max=7.0, help=help, label=shared, unit=shared),
        examples=[{"answers": {"title": "~", "q": "0.5"}}],
    )
    text = forms.as_yaml(form)
    assert forms.of_text(text) == form
    assert "min: 0.000001" in text
    assert "      de: |\n        Erste Zeile\n\n        - zweite Zeile\n" in text
    assert "&" not in text


def test_answers_keep_their_order_in_yaml() -> None:
    form = asking(question("text", "zoo"), question("text", "max"), examples=[{"answers": {"zoo": "a", "max": "b"}}])
    assert "answers: {zoo: a, max: b}" in forms.as_yaml(form)
    assert document()["key"] == "small"
