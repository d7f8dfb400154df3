"""Whatever was answered, nothing breaks; whatever a form says, it is the same form after a round trip."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app import forms
from app.forms.faults import ANSWERS
from app.forms.reading import TYPES
from tests.forms.asking import asking, document, question

OPTIONS = [{"key": key} for key in ("a", "b", "3")]
OWN: dict[str, dict[str, Any]] = {
    "text": {"max": 5},
    "integer": {"min": 1, "max": 3},
    "decimal": {"decimals": 1, "max": 2.5},
    "date": {"not_before": "2018-01-01", "not_after": "call.last"},
    "period": {"max_months": 12, "not_before": "call.first"},
    "choice": {"options": OPTIONS, "other": True},
    "choices": {"options": OPTIONS, "min": 1, "max": 2},
    "table": {
        "columns": [{"key": key, "type": kind} for key, kind in (("n", "money"), ("t", "text"), ("d", "date"))],
        "sums": ["n"],
        "max_rows": 2,
    },
    "sites": {"types": ["a"], "min_rows": 1},
    "finance_plan": {
        "costs": [{"key": "a"}, {"key": "b"}],
        "sources": [{"key": "a", "grant": True}],
        "overhead": "b",
        "by_year": True,
    },
    "file": {"accept": ["pdf"], "max_mb": 1, "max_files": 1},
}
FORM = asking(
    *(question(type, type, required=number % 2 == 0, **OWN.get(type, {})) for number, type in enumerate(TYPES)),
    question("integer", "late", when={"question": "choice", "in": ["a", 3]}),
    question("text", "later", when={"question": "late", "answered": False}),
    facts=[
        {"key": "rate", "of": "grant_requested_cents", "per": ["integer", "months"]},
        {"key": "all", "sum": ["integer", "decimal", "rate"]},
    ],
    limits=[
        {"fact": "rate", "at_most": "call.rate"},
        {"fact": "all", "at_least_times": 3, "of": "percent"},
        {"fact": "late", "at_most_percent": 50, "of": "decimal"},
        {"fact": "sites", "at_least": 2, "kind": "warn"},
    ],
)
WORDS = st.sampled_from(
    ("", " ", "a", "3", "x\r\ny", "12.5", "-1", "1e9", "2018-02-29", "2018-03-15", "9999-12-31", "all", "2018", "pdf")
)
ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.text(max_size=8))
KEYS = st.one_of(
    st.sampled_from(
        ("from", "to", "other", "name", "n", "costs", "sources", "a", "b", "all", "2018", "target", "parts", "label")
    ),
    st.sampled_from(("sha256", "size", "type", "title", "due", "function", "fte_after", "organisation")),
    st.text(max_size=3),
)
ANYTHING = st.recursive(
    ODD, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)), max_leaves=12
)
ANSWERED = st.dictionaries(st.sampled_from(sorted(FORM.by_key)), ANYTHING)
CALLS = st.dictionaries(st.sampled_from(("first", "last", "rate")), ODD)


@settings(deadline=None, max_examples=300)
@given(st.one_of(ANYTHING, ANSWERED), CALLS)
def test_any_answers(answers: Any, call: dict[str, Any]) -> None:
    found = forms.check(FORM, answers, call)
    assert {fault.code for fault in (*found.faults, *found.warnings)} <= set(ANSWERS)
    for fault in found.faults:
        assert ANSWERS[fault.code] % {**fault.values}
        assert forms.question_of(fault) in {*FORM.by_key, *FORM.derived}
    assert set(found.facts) <= FORM.fact_names
    handed_in = forms.handed_in(FORM, answers)
    assert set(handed_in) <= {question.key for question in forms.asked(FORM, answers)}
    assert forms.canonical_answers(FORM, answers)
    assert forms.seen(FORM, answers, "public") == {}


@settings(deadline=None, max_examples=200)
@given(ANSWERED)
def test_what_is_handed_in_is_checked_and_handed_in_alike(answers: Any) -> None:
    """The kept answers say the same as those that were typed: same facts, same codes, same text."""
    kept = json.loads(json.dumps(forms.handed_in(FORM, answers)))
    first, again = forms.check(FORM, answers), forms.check(FORM, kept)
    assert again.facts == first.facts
    assert [fault.code for fault in again.faults] == [fault.code for fault in first.faults]
    assert forms.canonical_answers(FORM, kept) == forms.canonical_answers(FORM, answers)


def test_the_last_day_is_kept() -> None:
    form = asking(question("date", "day"))
    for last in ("1900-01-01", "2200-12-31"):
        assert forms.handed_in(form, {"day": last}) == {"day": last}
        assert forms.check(form, {"day": last}).faults == []


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30).filter(str.strip)
WORDED = st.dictionaries(st.sampled_from(("de", "en")), TEXTS, min_size=1)
BOUNDS = st.one_of(st.integers(0, 10**9), st.decimals(0, 999, places=6).map(float))


@settings(deadline=None, max_examples=200)
@given(WORDED, WORDED, BOUNDS, st.lists(TEXTS, max_size=3), st.dictionaries(TEXTS, ODD, max_size=2))
def test_a_round_trip(label: Any, help: Any, most: Any, names: list[str], call: dict[str, Any]) -> None:
    call = {key: value for key, value in call.items() if not isinstance(value, float)}
    call = {key: value for key, value in call.items() if not isinstance(value, int) or abs(value) < 10**15}
    call = {key: value for key, value in call.items() if not isinstance(value, str) or "\x00" not in value}
    given = document(
        question("decimal", label=label, help=help, max=most),
        examples=[{"name": name, "answers": {"title": name}, "call": call} for name in names],
    )
    form = forms.of_document(given)
    assert forms.of_text(forms.as_yaml(form)) == form
    assert forms.of_document(json.loads(forms.canonical(form))) == form
