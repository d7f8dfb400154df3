"""What people type becomes answers and can be read again as they typed it, in both languages; nothing is lost."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import forms, i18n
from app.forms.reading import TYPES
from app.web.questions import AnswersForm
from tests.forms.asking import asking, question
from tests.questions.every_kind import ANSWERS, BY_YEAR, FORM, QUESTIONS, YEARS

SHIPPED = sorted((Path(forms.__file__).parent / "shipped").glob("*.yaml"))


def typed(form: AnswersForm) -> dict[str, list[str]]:
    """What a browser sends of a form that nobody touched."""
    return {name: text if isinstance(text, list) else [text] for name, text in form.values.items() if text != []}


def alone(type: str, text: str, name: str = "q-q", language: str = "de", **own: Any) -> Any:
    """The answer to one question, or the sentence at its field."""
    with i18n.speaking(language):
        form = AnswersForm.of_typed(asking(question(type, **own)), {name: [text]})
        assert form.values[name] == text
        return form.errors.get(name) or form.answers.get("q")


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_kind_of_answer_comes_back_as_it_was(language: str) -> None:
    with i18n.speaking(language):
        form = AnswersForm.of_answers(FORM, ANSWERS)
        again = AnswersForm.of_typed(FORM, typed(form))
    assert {one.type for one in FORM.questions} == set(TYPES)
    assert (form.errors, again.errors) == ({}, {})
    assert form.answers == again.answers == ANSWERS
    assert form.values == again.values


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_the_examples_of_shipped_forms_are_shown_and_read_again(file: Path, language: str) -> None:
    form = forms.of_file(file)
    for example in form.examples:
        with i18n.speaking(language):
            shown = AnswersForm.of_answers(form, example.answers, call=example.call)
            again = AnswersForm.of_typed(form, typed(shown), call=example.call)
        told = forms.check(form, example.answers, example.call)
        if not again.errors:
            said = forms.handed_in(form, example.answers)  # a box that is not ticked says nothing
            unsaid = {key for key, one in said.items() if one is False and form.by_key[key].type == "declaration"}
            assert forms.handed_in(form, again.answers) == {key: said[key] for key in said if key not in unsaid}
            assert again.checked == told
        refused = {forms.question_of(one) for one in told.faults}
        assert [name for name in again.errors if str(name).split("-")[1] not in refused] == []


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("12", "de", 12),
        ("1.250", "de", 1250),
        ("1,250", "en", 1250),
        ("1 250", "en", 1250),
        ("12,0", "de", 12),
        ("−3", "de", -3),
        ("1.250", "en", "Please enter a whole number, such as 12."),
        ("1,250", "de", "Bitte geben Sie eine ganze Zahl ein, zum Beispiel 12."),
        ("6,5", "de", "Bitte geben Sie eine ganze Zahl ein, zum Beispiel 12."),
        ("zwölf", "de", "Bitte geben Sie eine ganze Zahl ein, zum Beispiel 12."),
        ("１２", "en", "Please enter a whole number, such as 12."),
    ],
)
def test_whole_numbers(text: str, language: str, said: Any) -> None:
    assert alone("integer", text, language=language) == said


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("2,5", "de", "2.5"),
        ("2.5", "en", "2.5"),
        ("2.5", "de", "2.5"),
        ("2,5", "en", "2.5"),
        ("1.250,75", "en", "1250.75"),
        ("1,250.75", "de", "1250.75"),
        ("1,250", "de", "1.25"),
        ("1,250", "en", 1250),
        ("0,125", "de", "0.125"),
        ("0,125", "en", "0.125"),
    ],
)
def test_a_comma_and_a_point_mean_what_they_mean_in_the_language_of_the_page(
    text: str, language: str, said: Any
) -> None:
    assert alone("decimal", text, language=language) == said


def test_a_page_written_in_german_is_read_in_german_whatever_language_is_chosen_meanwhile() -> None:
    with i18n.speaking("en"):
        form = AnswersForm.of_typed(asking(question("decimal")), {"q-q": ["1.250"], "notation": ["de"]})
    assert form.answers == {"q": 1250}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7,5", "7.5"),
        ("7,5 %", "7.5"),
        ("7,55", "Bitte geben Sie eine Zahl mit höchstens 1 Nachkommastelle ein, zum Beispiel 2,5."),
    ],
)
def test_percent_with_one_decimal(text: str, said: Any) -> None:
    assert alone("percent", text, decimals=1) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1250", 125_000),
        ("1.250,50", 125_050),
        ("1,250.5 €", 125_050),
        ("-0,05 Euro", -5),
        ("0", 0),
        ("10.000.000.000.000,00", 10**15),
        ("0,005", "Bitte geben Sie einen Betrag in Euro ein, zum Beispiel 1250 oder 1.250,50."),
    ],
)
def test_amounts(text: str, said: Any) -> None:
    assert alone("money", text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2018-03-15", "2018-03-15"),
        ("15.03.2018", "2018-03-15"),
        ("29.02.2018", "Bitte geben Sie ein Datum ein, zum Beispiel 31.12.2026."),
    ],
)
def test_days(text: str, said: Any) -> None:
    assert alone("date", text) == said


def test_a_plan_by_year_has_the_years_of_the_project_and_those_with_amounts() -> None:
    period = {"period": {"from": "2018-03-15", "to": "2020-03-14"}}
    form = AnswersForm.of_answers(YEARS, {"plan": BY_YEAR, **period})
    plan: Any = form.controls["plan"]
    assert AnswersForm.of_typed(YEARS, typed(form)).answers == {"plan": BY_YEAR, **period}
    assert plan.columns(form.values, form.years) == ["2018", "2019", "2020"]
    assert plan.columns({}, range(0)) == []


def test_half_a_period_is_kept() -> None:
    assert alone("period", "15.03.2018", "q-q-from") == {"from": "2018-03-15"}


def test_words_of_ones_own_and_an_option_are_not_both() -> None:
    form = asking(question("choice", options=[{"key": "a"}, {"key": "other"}], other=True))
    own = AnswersForm.of_typed(form, {"q-q": [""], "q-q-other": ["Hof"]})
    both = AnswersForm.of_typed(form, {"q-q": ["a"], "q-q-other": ["Hof"]})
    option = AnswersForm.of_typed(form, {"q-q": ["other"], "q-q-other": [""]})
    assert own.answers == {"q": {"other": "Hof"}}
    assert (list(both.errors), both.values["q-q-other"]) == (["q-q-other"], "Hof")
    assert option.answers == {"q": "other"}


def test_blank_rows_vanish_from_what_is_kept_and_stay_on_the_page() -> None:
    form = AnswersForm.of_typed(FORM, {"q-table-1-n": [""], "q-table-2-n": ["x"], "q-table-3-n.1": [" "]})
    assert form.answers == {"table": [{"n": "x"}]}
    assert list(form.controls["table"].numbers(form.values)) == [1, 2, 3]  # type: ignore[attr-defined]


def test_rows_are_added_moved_and_taken_away_and_nothing_else_changes() -> None:
    form = AnswersForm.of_answers(FORM, ANSWERS)
    assert form.move("q-sites 2 up") == "sites"
    assert [site["name"] for site in form.answers["sites"]] == ["Kalkrode", "Auenburg"]
    assert form.move("q-sites 1 down") == "sites"
    assert form.answers == ANSWERS
    assert form.move("q-targets-1-parts 2 remove") == "targets"
    assert form.answers["targets"][0]["parts"] == [{"label": "Frauen", "target": 7}]
    assert form.move("q-targets-1-parts 0 add") == "targets"
    assert "q-targets-1-parts-2-label" in form.values
    assert form.move("q-file 1 remove") == "file"
    assert "file" not in form.answers
    for odd in ("", "q-sites", "q-sites 1 burn", "q-nobody 1 up", "q-title 1 up", "q-sites 99 up", "q-sites x up"):
        before = dict(form.values)
        form.move(odd)
        assert form.values == before


def test_an_unreadable_cell_keeps_its_text_through_a_move() -> None:
    form = AnswersForm.of_typed(FORM, {"q-table-1-n": ["x"], "q-table-2-n.1": ["viel"]})
    form.move("q-table 2 up")
    assert form.values["q-table-1-n.1"] == "viel"
    assert list(form.errors) == ["q-table-1-n.1"]


def test_names_of_fields_never_collide() -> None:
    keys = ("a", "a-1", "a-1-n", "a.1", "a-hint", "a_1")
    columns = [{"key": key, "type": "text"} for key in ("n", "1", "n-hint")]
    form = asking(
        *(question("table", key, columns=columns) for key in keys if "." not in key), question("text", "a-1-1")
    )
    found = AnswersForm.of_answers(form, {key: [{"n": "x"}, {"n": "y"}] for key in keys})
    assert len([name for name in found.values if name.startswith("q-")]) == 1 + 1 + 5 * 2 * 3


TEXT = st.one_of(
    st.sampled_from(("", " ", "a", "other", "1.250,50", "-0", "2018-02-29", "15.03.2018", "yes", "1", "9" * 60, "€")),
    st.text(max_size=12),
)
KNOWN = sorted(AnswersForm.of_answers(FORM, ANSWERS).values)
SENT = st.dictionaries(
    st.one_of(st.sampled_from(KNOWN), st.from_regex(r"q-[a-z]{1,8}(-[0-9]{1,4}-[a-z]{1,5})?", fullmatch=True)),
    st.lists(TEXT, min_size=1, max_size=2),
    max_size=12,
)


@settings(deadline=None, max_examples=150)
@given(SENT, st.sampled_from(("de", "en")))
def test_whatever_is_typed_is_read_or_kept_with_a_sentence(sent: dict[str, list[str]], language: str) -> None:
    with i18n.speaking(language):
        form = AnswersForm.of_typed(FORM, sent)
        again = AnswersForm.of_answers(FORM, form.given)
        twice = AnswersForm.of_typed(FORM, typed(again))
        assert twice.given == form.given
        assert twice.errors == {}
        for name, sentence in form.errors.items():
            assert sentence
            assert form.label(name)
            assert form.values[name] == (sent[name] if name in form.names_of_several else sent[name][-1])
        form.tell()
        assert all(form.errors.values())


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(sorted(FORM.by_key)),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
            lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
            max_leaves=8,
        ),
    )
)
def test_whatever_was_kept_can_be_shown(kept: dict[str, Any]) -> None:
    form = AnswersForm.of_answers(FORM, kept)
    form.tell()
    assert AnswersForm.of_typed(FORM, typed(form)).given == form.given


def test_every_kind_is_asked() -> None:
    assert len(QUESTIONS) == 25
