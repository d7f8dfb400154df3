"""What differs between two forms: new, gone, moved, changed; and whether it only reads differently."""

from copy import deepcopy
from typing import Any

import pytest

from app import forms
from app.forms.differences import SENTENCES, Detail, Difference, between
from tests.forms.asking import TITLE, question

BASE: dict[str, Any] = {
    "schema": "form/1",
    "key": "base",
    "title": {"de": "Vorlage", "en": "Template"},
    "sections": [
        {
            "key": "idea",
            "title": {"de": "Die Idee", "en": "The idea"},
            "questions": [
                TITLE,
                question("text", "summary", max=100, label={"de": "Kurz", "en": "Short"}),
                question("integer", "places", min=5),
                question("choice", "lot", options=[{"key": "A"}, {"key": "B", "label": {"de": "Los B"}}]),
            ],
        },
        {"key": "money", "questions": [question("money", "grant"), question("integer", 7)]},
    ],
    "facts": [{"key": "each", "of": "grant_cents", "per": ["places"], "label": {"de": "Satz"}}],
    "limits": [{"fact": "each", "at_most": 250}],
    "examples": [{"answers": {}}],
}


def after(change: Any) -> list[Difference]:
    """The differences after a change."""
    changed = deepcopy(BASE)
    change(changed)
    return between(forms.of_document(BASE), forms.of_document(changed))


def first(form: Any) -> Any:
    return form["sections"][0]["questions"]


def last(form: Any) -> Any:
    return form["sections"][1]["questions"]


def move(form: Any, key: str, place: int) -> None:
    (found,) = [one for one in first(form) if one["key"] == key]
    first(form).remove(found)
    first(form).insert(place, found)


GRANT = [("question_moved", key, key) for key in ("grant", "7")]
NEW = {"key": "new", "questions": [question("note", "n")]}
CHANGES: list[tuple[Any, list[tuple[str, str, str]], bool]] = [
    (lambda form: None, [], True),
    (lambda form: form["title"].update(de="Neu"), [("form_changed", "base", "Neu")], True),
    (lambda form: form.update(key="other"), [("form_changed", "other", "Vorlage")], False),
    (lambda form: first(form).append(question("note", "n")), [("question_added", "n", "n")], False),
    (lambda form: first(form).pop(1), [("question_removed", "summary", "Kurz")], False),
    (lambda form: move(form, "lot", 1), [("question_moved", "lot", "lot")], False),
    (lambda form: move(form, "title", 3), [("question_moved", "title", "Titel")], False),
    (lambda form: last(form).append(first(form).pop(3)), [("question_moved", "lot", "lot")], False),
    (lambda form: last(form).insert(0, first(form).pop(3)), [("question_moved", "lot", "lot")], False),
    (lambda form: last(form).insert(0, first(form).pop(1)), [("question_moved", "summary", "Kurz")], False),
    (lambda form: form["sections"].reverse(), [("section_moved", "money", "money"), *GRANT], False),
    (lambda form: form["sections"][0]["title"].update(de="Idee"), [("section_changed", "idea", "Idee")], True),
    (lambda form: form["sections"].append(NEW), [("section_added", "new", "new"), ("question_added", "n", "n")], False),
    (lambda form: form["facts"][0].update(label={"de": "Anteil"}), [("fact_changed", "each", "Anteil")], True),
    (lambda form: form["facts"][0].update(per=["7"]), [("fact_changed", "each", "Satz")], False),
    (lambda form: form["facts"].append({"key": "two", "of": "places"}), [("fact_added", "two", "two")], False),
    (lambda form: form["facts"].insert(0, {"key": "two", "of": "places"}), [("fact_added", "two", "two")], False),
    (
        lambda form: form["limits"][0].update(at_most=260),
        [("limit_added", "each", "each"), ("limit_removed", "each", "each")],
        False,
    ),
    (lambda form: form["examples"].pop(), [("example_changed", "", "")], True),
]


@pytest.mark.parametrize(("change", "found", "wording"), CHANGES)
def test_what_differs(change: Any, found: list[tuple[str, str, str]], wording: bool) -> None:
    told = after(change)
    assert [(one.code, one.key, one.name) for one in told] == found
    assert all(one.is_wording for one in told) is wording
    for one in told:
        assert SENTENCES[one.code] % {"name": one.name}


def test_a_section_that_is_gone_takes_its_questions_along() -> None:
    def change(form: Any) -> None:
        del form["sections"][1], form["facts"], form["limits"], form["examples"]

    assert [(one.code, one.key) for one in after(change)] == [
        ("section_removed", "money"),
        ("question_removed", "grant"),
        ("question_removed", "7"),
        ("fact_removed", "each"),
        ("limit_removed", "each"),
        ("example_changed", ""),
    ]


@pytest.mark.parametrize(
    ("change", "key", "details", "wording"),
    [
        (lambda form: first(form)[1].update(max=120), "summary", [("max", "100", "120")], False),
        (lambda form: first(form)[1].update(required=True), "summary", [("required", "", "True")], False),
        (lambda form: first(form)[1]["label"].update(de="Knapp"), "summary", [("label.de", "Kurz", "Knapp")], True),
        (lambda form: first(form)[1].update(help={"de": "Neu"}), "summary", [("help.de", "", "Neu")], True),
        (lambda form: first(form)[1]["label"].pop("en"), "summary", [("label.en", "Short", "")], True),
        (lambda form: first(form)[3]["options"].pop(0), "lot", [("options", "A, B", "B")], False),
        (
            lambda form: first(form)[3]["options"][1]["label"].update(de="B"),
            "lot",
            [("options[B].label.de", "Los B", "B")],
            True,
        ),
        (lambda form: first(form)[2].update(criteria=["k1", "k2"]), "places", [("criteria", "", "k1, k2")], False),
        (
            lambda form: first(form)[2].update(type="decimal", unit=None),
            "places",
            [("type", "integer", "decimal")],
            False,
        ),
    ],
)
def test_what_a_question_says_differently(change: Any, key: str, details: Any, wording: bool) -> None:
    (found,) = after(change)
    assert (found.code, found.key) == ("question_changed", key)
    assert found.details == tuple(Detail(*one) for one in details)
    assert found.is_wording is wording


def test_a_form_differs_in_nothing_from_itself_in_yaml() -> None:
    form = forms.of_document(BASE)
    assert between(form, forms.of_text(forms.as_yaml(form))) == []


def test_names_are_in_the_readers_language() -> None:
    changed = deepcopy(BASE)
    first(changed)[1]["max"] = 5
    found = between(forms.of_document(BASE), forms.of_document(changed), "en")
    assert [one.name for one in found] == ["Short"]
