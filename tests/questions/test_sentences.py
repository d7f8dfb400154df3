"""What is wrong with answers stands at its very field, in the reader's language, with the number and the rule."""

import re
from pathlib import Path
from typing import Any

import pytest

from app import forms, i18n
from app.web.questions import AnswersForm
from app.web.templates import ENVIRONMENT
from tests.forms.asking import asking, question
from tests.questions.every_kind import ANSWERS, FORM, YEARS

SHIPPED = sorted((Path(forms.__file__).parent / "shipped").glob("*.yaml"))


def told(answers: dict[str, Any], *questions: dict[str, Any], language: str = "de", **top: Any) -> dict[str, str]:
    with i18n.speaking(language):
        form = AnswersForm.of_answers(asking(*questions, **top), {"title": "x", **answers})
        form.tell()
        return form.errors


def drawn(form: AnswersForm, name: str = "_form") -> str:
    return ENVIRONMENT.get_template(f"questions/{name}.html").render(form=form)


@pytest.mark.parametrize(
    ("type", "own", "given", "sentence"),
    [
        ("integer", {"min": 5}, 4, "4 ist kleiner als 5."),
        ("integer", {"min": 5}, 5, None),
        ("money", {"max": 500_000}, 500_001, "5.000,01 Euro ist größer als 5.000,00 Euro."),
        ("money", {"max": 500_000}, 500_000, None),
        ("text", {"max": 3}, "vier", "4 Zeichen sind zu viele, höchstens 3 passen."),
        ("date", {"not_before": "2018-03-15"}, "2018-03-14", "Das liegt vor dem 15.03.2018."),
        ("date", {"not_before": "2018-03-15"}, "2018-03-15", None),
        ("text", {"required": True}, None, "Bitte beantworten Sie diese Frage."),
        ("declaration", {"text": {"de": "So ist es."}}, None, "Bitte bestätigen Sie diese Erklärung."),
    ],
)
def test_bounds_are_told_as_they_are_written(type: str, own: dict[str, Any], given: Any, sentence: str | None) -> None:
    assert told({"q": given}, question(type, **own)).get("q-q") == sentence


def test_a_fault_of_a_cell_stands_at_the_cell_of_the_row_that_is_shown() -> None:
    form = asking(question("table", columns=[{"key": "n-1", "type": "integer", "min": 1}]))
    sent = AnswersForm.of_typed(form, {"q-title": ["x"], "q-q-1-n.1": [""], "q-q-2-n.1": ["0"]})
    sent.tell()
    assert list(sent.errors) == ["q-q-2-n.1"]
    assert sent.label("q-q-2-n.1") == "q, Eintrag 2, n-1"


def test_parts_and_whole_of_a_target() -> None:
    row = {"label": "Menschen", "target": 12, "parts": [{"label": "Frauen", "target": 6}]}
    assert told({"q": [row]}, question("targets")) == {"q-q-1-parts": "Die Teile ergeben zusammen 6, nicht 12."}


RATE: dict[str, Any] = {
    "facts": [{"key": "rate", "of": "q_cents", "per": "n", "unit": "EUR", "label": {"de": "je Platz", "en": "each"}}],
    "limits": [{"fact": "rate", "at_most": "call.most", "say": {"de": "Zu teuer.", "en": "Too dear."}}],
}


@pytest.mark.parametrize(
    ("cents", "now", "kept"),
    [(25_000, "250,00 Euro", True), (22_800, "228,00 Euro", True), (25_001, "250,01 Euro", False)],
)
def test_a_rule_says_the_number_of_now_and_its_bound(cents: int, now: str, kept: bool) -> None:
    with i18n.speaking("de"):
        form = asking(question("money"), question("integer", "n"), **RATE)
        answers = AnswersForm.of_answers(form, {"title": "x", "q": cents, "n": 1}, call={"most": 250})
        answers.tell()
        (rule,) = answers.rules
        assert (rule.told, rule.kept) == (f"je Platz: {now}, höchstens 250,00 Euro.", kept)
        assert answers.errors == ({} if kept else {"rule-0": f"Zu teuer. je Platz: {now}, höchstens 250,00 Euro."})


def test_a_rule_that_is_broken_by_a_hair_never_looks_kept() -> None:
    form = asking(question("money"), question("integer", "n"), **RATE)
    with i18n.speaking("en"):
        answers = AnswersForm.of_answers(form, {"q": 25_000 * 300 + 1, "n": 300}, call={"most": 250})
        assert answers.rules[0].now == "250.00003 euro"


def test_a_call_that_says_no_bound_shows_no_rule() -> None:
    form = asking(question("money"), question("integer", "n"), **RATE)
    assert AnswersForm.of_answers(form, {"q": 1, "n": 1}).rules == []


def test_warnings_stand_apart() -> None:
    limit = {"fact": "q", "at_least": 5, "kind": "warn", "say": {"de": "Wenige."}}
    form = AnswersForm.of_answers(asking(question("integer"), limits=[limit]), {"title": "x", "q": 4})
    form.tell()
    assert (form.errors, form.warnings) == ({}, {"q-q": "Wenige. q: 4, mindestens 5."})
    assert "Wenige. q: 4, mindestens 5." in drawn(form)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_fault_of_every_example_has_a_place_on_the_page(file: Path, language: str) -> None:
    form = forms.of_file(file)
    for example in form.examples:
        with i18n.speaking(language):
            filled = AnswersForm.of_answers(form, example.answers, call=example.call)
            filled.tell()
            html = drawn(filled)
        ids = re.findall(r' id="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        assert [name for name in filled.errors if name not in ids] == []
        assert bool(filled.errors) == bool(example.faults)


def test_no_id_comes_twice_and_every_label_has_its_field() -> None:
    for answers in ({}, ANSWERS):
        html = drawn(AnswersForm.of_answers(FORM, answers))
        ids = re.findall(r' id="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r' for="([^"]+)"', html)) <= set(ids)
        described = {one for many in re.findall(r'aria-describedby="([^"]+)"', html) for one in many.split()}
        assert described <= set(ids)


WHEN = [
    question("choice", options=[{"key": "a", "label": {"de": "A-Dorf"}}, {"key": "b"}]),
    question("text", "more", when={"question": "q", "is": "a"}),
]


def test_a_hidden_question_keeps_what_was_typed_and_says_when_it_is_asked() -> None:
    form = AnswersForm.of_typed(asking(*WHEN), {"q-q": ["b"], "q-more": ["geht nicht verloren"]})
    form.address = "/x"
    html = drawn(form)
    assert form.answers["more"] == "geht nicht verloren"
    assert '<input type="hidden" name="q-more" value="geht nicht verloren">' in html
    assert "Wird nur gefragt, wenn die Antwort auf „q“ lautet: A-Dorf." in html


def test_a_hidden_question_that_cannot_be_read_is_seen_until_it_can() -> None:
    number = {**WHEN[1], "type": "integer"}
    form = AnswersForm.of_typed(asking(WHEN[0], number), {"q-q": ["b"], "q-more": ["viel"]})
    assert list(form.errors) == ["q-more"]
    assert 'id="q-more-error"' in drawn(form)


def test_the_columns_of_a_plan_follow_the_period_while_it_is_typed() -> None:
    period = {"q-period-from": ["2018-03-15"], "q-period-to": ["2019-03-14"]}
    sent = AnswersForm.of_typed(YEARS, period)
    again = AnswersForm.of_typed(YEARS, {**period, "q-plan-costs-staff-2018": [""], "q-plan-costs-staff-2019": ["1"]})
    assert [one.key for one in sent.appearing] == ["plan"]
    assert 'id="q-plan-sources-own-2019"' in drawn(sent, "_live")
    assert again.appearing == []


def test_what_comes_or_goes_is_swapped_and_nothing_else() -> None:
    hidden = AnswersForm.of_typed(asking(*WHEN), {"q-q": ["a"]})
    shown = AnswersForm.of_typed(asking(*WHEN), {"q-q": ["a"], "shown": ["more"]})
    gone = AnswersForm.of_typed(asking(*WHEN), {"q-q": ["b"], "shown": ["more"]})
    assert [[one.key for one in form.appearing] for form in (hidden, shown, gone)] == [["more"], [], ["more"]]
    assert 'id="question-more"' in drawn(hidden, "_live")
    assert 'id="question-more"' not in drawn(shown, "_live")


def test_the_enter_key_saves_and_moves_no_row() -> None:
    form = AnswersForm.of_answers(FORM, ANSWERS)
    form.address = "/x"
    first, *others = re.findall(r'<button type="submit"[^>]*>', drawn(form))
    assert "formaction" not in first
    assert others
    assert all('formaction="/x/rows"' in one and 'name="row"' in one for one in others)
