"""Questions that are asked only after certain answers; who sees what."""

from typing import Any

import pytest

from app import forms
from tests.forms.asking import TITLE, asking, facts, faults, question

LOT = question("choice", "lot", options=[{"key": "A"}, {"key": "B"}, {"key": 3}], other=True)


def asks(first: dict[str, Any], when: dict[str, Any], answer: Any) -> bool:
    form = asking(first, question("integer", "n", when={"question": first["key"]} | when))
    return "n" in [one.key for one in forms.asked(form, {first["key"]: answer})]


@pytest.mark.parametrize(
    ("first", "when", "yes", "no"),
    [
        (LOT, {"is": "A"}, ["A"], ["B", "a", None, "", ["B"], {"other": "A"}, True]),
        (LOT, {"in": ["A", "B"]}, ["A", "B"], ["C", None, {"other": "A"}]),
        (LOT, {"is": 3}, [3, "3"], [4, None]),
        (LOT, {"is": "3"}, [3, "3"], [4, None]),
        (LOT, {"is": "other"}, [{"other": "x"}], ["A", {"other": ""}, {}, None]),
        (LOT, {"answered": True}, ["A", {"other": "x"}], [None, "", {"other": " "}]),
        (LOT, {"answered": False}, [None, ""], ["A"]),
        (question("yes_no", "b"), {"is": True}, [True], [False, None, 1, "true"]),
        (question("yes_no", "b"), {"is": False}, [False], [True, None, 0, ""]),
        (question("declaration", "b"), {"is": True}, [True], [False, None]),
        (question("integer", "i"), {"is": 3}, [3, "3", 3.0], [4, True, "x", None, [4], {}]),
        (question("decimal", "i"), {"in": [1.5, 2]}, ["1.50", 2, "2.0"], ["1.51", None]),
        (question("text", "t"), {"is": "None"}, ["None"], [None, "none", ["a"], {"other": "None"}]),
        (question("choices", "c", options=[{"key": "a"}, {"key": "b"}]), {"is": "a"}, [["a"], ["b", "a"]], [["b"], []]),
        (question("sites", "s"), {"answered": True}, [[{"name": "x"}]], [[], [{}], None]),
    ],
)
def test_when(first: dict[str, Any], when: dict[str, Any], yes: list[Any], no: list[Any]) -> None:
    assert [asks(first, when, answer) for answer in yes] == [True] * len(yes)
    assert [asks(first, when, answer) for answer in no] == [False] * len(no)


def test_a_hidden_question_neither_counts_nor_fails_nor_is_handed_in() -> None:
    hidden = question("integer", "n", required=True, min=5, when={"question": "lot", "is": "A"})
    form = asking(LOT, hidden, limits=[{"fact": "n", "at_least": 9}])
    answers = {"lot": "B", "n": 3}
    assert (faults(form, answers), facts(form, answers)) == ([], {})
    assert forms.handed_in(form, answers) == {"lot": "B"}
    answers["lot"] = "A"
    assert faults(form, answers) == [("n", "too_small"), ("n", "limit")]
    assert forms.handed_in(form, answers) == {"lot": "A", "n": 3}
    assert faults(form, {"lot": "A"}) == [("n", "missing")]


def test_the_draft_answer_of_a_hidden_question_asks_for_nothing() -> None:
    """What hangs on a hidden question is hidden too, whatever was once typed there."""
    second = question("yes_no", "second", when={"question": "lot", "is": "A"})
    form = asking(LOT, second, question("integer", "n", when={"question": "second", "is": True}))
    assert [one.key for one in forms.asked(form, {"lot": "A", "second": True})] == ["title", "lot", "second", "n"]
    assert [one.key for one in forms.asked(form, {"lot": "B", "second": True})] == ["title", "lot"]
    unanswered = asking(LOT, second, question("integer", "n", when={"question": "second", "answered": False}))
    assert [one.key for one in forms.asked(unanswered, {"lot": "B", "second": True})] == ["title", "lot", "n"]


def test_a_comparison_with_a_hidden_number_is_none() -> None:
    hidden = question("integer", "b", when={"question": "lot", "is": "A"})
    form = asking(LOT, question("integer", "a"), hidden, limits=[{"fact": "a", "at_most_times": 2, "of": "b"}])
    assert faults(form, {"lot": "B", "a": 5, "b": 1}) == []
    assert faults(form, {"lot": "A", "a": 5, "b": 1}) == [("a", "limit")]


@pytest.mark.parametrize("answers", [None, [], "x", 7, {7: 8}])
def test_answers_of_any_shape(answers: Any) -> None:
    form = asking(LOT, question("integer", "n", required=True, when={"question": "lot", "answered": False}))
    assert faults(form, answers) == [("n", "missing")]
    assert forms.handed_in(form, answers) == {}


def test_who_reads_what() -> None:
    form = asking(
        question("text", "summary", seen_by=["public"]),
        question("text", "team", identifies=True),
        question("text", "bank", seen_by="office"),
        question("file", "cv", seen_by=["office", "committee"], identifies=True),
    )
    papers = [{"sha256": "ab", "name": "cv.pdf", "size": 1, "type": "pdf"}]
    answers = {"title": "T", "summary": "S", "team": "Wir", "bank": "DE", "cv": papers}
    assert list(forms.seen(form, answers, "office")) == ["title", "summary", "team", "bank", "cv"]
    assert list(forms.seen(form, answers, "committee")) == ["title", "summary", "team", "cv"]
    assert list(forms.seen(form, answers, "committee", blind=True)) == ["title", "summary"]
    assert list(forms.seen(form, answers, "public")) == ["summary"]


def test_words_in_the_readers_language_else_in_any_else_the_key() -> None:
    form = asking(
        question("text", "summary", label={"en": "Summary"}, help={"de": "Kurz."}),
        question("choice", "lot", options=[{"key": "A", "label": {"de": "Los A"}}, {"key": "B"}]),
        facts=[{"key": "two", "sum": ["n"], "label": {"de": "Zwei"}}, {"key": "three", "sum": ["n"]}],
        sections=[
            {"key": "first", "help": {"de": "Zuerst."}, "questions": [TITLE, question("integer", "n")]},
            {
                "key": "second",
                "title": {"en": "Second"},
                "questions": [
                    question("text", "summary", label={"en": "Summary"}, help={"de": "Kurz."}),
                    question("choice", "lot", options=[{"key": "A", "label": {"de": "Los A"}}, {"key": "B"}]),
                ],
            },
        ],
    )
    summary, lot = form.by_key["summary"], form.by_key["lot"]
    assert (form.title(), form.title("en")) == ("Klein", "Small")
    assert (summary.label(), summary.help("en"), lot.label("en"), lot.help()) == ("Summary", "Kurz.", "lot", "")
    assert [option.label("en") for option in vars(lot.answer)["options"]] == ["Los A", "B"]
    assert [section.title() for section in form.sections] == ["first", "Second"]
    assert [section.help("en") for section in form.sections] == ["Zuerst.", ""]
    assert [fact.label("en") for fact in form.facts] == ["Zwei", "three"]
    assert form.by_role["title"].key == "title"
