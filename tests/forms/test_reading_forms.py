"""A form is refused with every fault at its place, or taken as it is."""

from copy import deepcopy
from typing import Any

import pytest

from app import forms
from app.forms import FormError
from app.forms.faults import OURS
from app.forms.reading import TYPES
from tests.forms.asking import TITLE, asking, document, question, refused, told

AT = "sections[0].questions[1]"
LOT = question("choice", "lot", options=[{"key": "A"}, {"key": "B"}])
NUMBER = question("integer", "n")
COLUMNS = [{"key": "a", "type": "integer"}]
SIDES: dict[str, Any] = {"costs": [{"key": "a"}], "sources": [{"key": "b"}]}


@pytest.mark.parametrize("type", TYPES)
def test_every_type_is_read_with_what_it_needs(type: str) -> None:
    own: dict[str, dict[str, Any]] = {"table": {"columns": COLUMNS}, "finance_plan": SIDES}
    own |= {key: {"options": [{"key": "a"}]} for key in ("choice", "choices")}
    form = asking(question(type, **own.get(type, {})))
    assert form.by_key["q"].type == type
    for needed in own.get(type, {}):
        assert refused(document(question(type, **{key: one for key, one in own[type].items() if key != needed}))) == [
            (f"{AT}.{needed}", "missing")
        ]


@pytest.mark.parametrize(
    ("wrong", "place", "code"),
    [
        (question("text", "_a"), "key", "not_a_key"),
        (question("text", "a.b"), "key", "not_a_key"),
        (question("text", "a" * 61), "key", "too_long"),
        (question("text", ""), "key", "not_a_key"),
        ({"type": "text"}, "key", "missing"),
        ({"key": "q"}, "type", "not_chosen"),
        (question("essay"), "type", "not_offered"),
        (question("text", colour="red"), "colour", "unknown_key"),
        (question("text", options=[]), "options", "not_of_type"),
        (question("yes_no", max=3), "max", "not_of_type"),
        (question("text", max=0), "max", "not_whole"),
        (question("text", max=100_001), "max", "not_whole"),
        (question("text", max="call.most"), "max", "not_whole"),
        (question("integer", min="call.least"), "min", "not_a_number"),
        (question("integer", min=3, max=2), "min", "min_above_max"),
        (question("integer", decimals=1), "decimals", "not_whole"),
        (question("decimal", decimals=10), "decimals", "not_whole"),
        (question("integer", unit={"de": "Stunden", "fr": "heures"}), "unit.fr", "unknown_key"),
        (question("date", not_before="15.03.2018"), "not_before", "not_a_day"),
        (question("date", not_before="2018-02-30"), "not_before", "not_a_day"),
        (question("date", not_after="2201-01-01"), "not_after", "not_a_day"),
        (question("date", not_after=2018), "not_after", "not_a_day"),
        (question("date", not_after="call.Two Words"), "not_after", "not_a_day"),
        (question("period", max_months="many"), "max_months", "not_of_call"),
        (question("period", max_months=0), "max_months", "not_whole"),
        (question("choice", options=[]), "options", "missing"),
        (question("choice", options=[{"key": "a"}, {"key": "a"}]), "options", "option_twice"),
        (question("choice", options=[{"key": "1"}, {"key": 1}]), "options", "option_twice"),
        (question("choice", options=[{"key": True}]), "options[0].key", "not_text"),
        (question("choice", options=[{"key": " a"}]), "options[0].key", "not_a_key"),
        (question("choice", options=[{"key": str(n)} for n in range(501)]), "options", "too_many_listed"),
        (question("choice", options=[{"key": "a"}], other="yes"), "other", "not_keys"),
        (question("choices", options=[{"key": "a"}], min=2, max=1), "min", "min_above_max"),
        (question("table", columns=[{"key": "a", "type": "table"}]), "columns[0].type", "not_offered"),
        (question("table", columns=COLUMNS * 2), "columns", "option_twice"),
        (question("table", columns=COLUMNS, min_rows=3, max_rows=2), "min_rows", "min_above_max"),
        (question("table", columns=COLUMNS, sums=["b"]), "sums[0]", "no_column"),
        (question("table", columns=[{"key": "a", "type": "text"}], sums=["a"]), "sums[0]", "no_column"),
        (question("finance_plan", **SIDES | {"costs": [{"key": "a"}] * 2}), "costs", "option_twice"),
        (question("finance_plan", **SIDES, overhead="x"), "overhead", "no_cost"),
        (question("file", accept=["exe"]), "accept[0]", "not_offered"),
        (question("file", max_mb=51), "max_mb", "not_whole"),
        (question("sites", types=[7]), "types[0]", "not_keys"),
        (question("sites", types=[{"label": {"de": "x"}}]), "types[0].key", "missing"),
        (question("text", label="Titel"), "label", "not_keys"),
        (question("text", label={}), "label", "no_language"),
        (question("text", label={"de": None}), "label", "no_language"),
        (question("text", label={"de": True}), "label.de", "not_text"),
        (question("text", label={"de": "x" * 2001}), "label.de", "too_long"),
        (question("text", seen_by=[]), "seen_by", "missing"),
        (question("text", seen_by=["neighbours"]), "seen_by[0]", "not_offered"),
        (question("text", identifies="yes"), "identifies", "not_a_flag"),
        (question("text", role="author"), "role", "not_offered"),
        (question("text", role="places"), "role", "role_type"),
        (question("text", when={"question": "title"}), "when", "one_condition"),
        (question("text", when={"question": "title", "is": "x", "answered": True}), "when", "one_condition"),
        (question("text", when={"question": "title", "in": []}), "when.in", "missing"),
        (question("text", when={"question": "title", "is": []}), "when.is", "no_value"),
        (question("text", when={"question": "title", "is": " "}), "when.is", "no_value"),
        (question("text", when={"question": "title", "is": 3}), "when", "no_answer_there"),
        (question("text", when={"question": "q", "answered": True}), "when.question", "no_question"),
        (question("text", when={"question": "n", "answered": True}), "when.question", "no_question"),
        (question("text", when={"is": "x"}), "when.question", "missing"),
    ],
)
def test_a_question_that_is_refused(wrong: dict[str, Any], place: str, code: str) -> None:
    assert refused(document(wrong, NUMBER)) == [(f"{AT}.{place}", code)]


@pytest.mark.parametrize(
    ("first", "value"),
    [
        (LOT, "C"),
        (LOT, "other"),
        (LOT, True),
        (question("choices", "lot", options=[{"key": "A"}]), "B"),
        (question("yes_no", "lot"), "yes"),
        (question("declaration", "lot"), 1),
        (question("integer", "lot"), "3"),
        (question("integer", "lot"), True),
        (question("text", "lot"), True),
        (question("sites", "lot"), "x"),
        (question("period", "lot"), "x"),
        (question("finance_plan", "lot", **SIDES), 3),
    ],
)
def test_a_condition_that_can_never_be_met(first: dict[str, Any], value: Any) -> None:
    second = question("text", when={"question": "lot", "in": [value]})
    (found,) = refused(document(first, second))
    assert found[0] == "sections[0].questions[2].when"
    assert found[1] in ("no_option", "no_answer_there")


def test_no_condition_on_a_note() -> None:
    second = question("text", when={"question": "note", "answered": True})
    assert refused(document(question("note", "note"), second)) == [
        ("sections[0].questions[2].when.question", "no_question")
    ]


@pytest.mark.parametrize(
    ("top", "place", "code"),
    [
        ({"schema": "form/2"}, "schema", "schema"),
        ({"key": "Auental"}, "key", "not_a_form_key"),
        ({"key": "a_b"}, "key", "not_a_form_key"),
        ({"key": None}, "key", "missing"),
        ({"title": None}, "title", "missing"),
        ({"sections": []}, "sections", "missing"),
        ({"sections": [{"key": "a", "questions": []}]}, "sections[0].questions", "missing"),
        ({"sections": [{"key": "a", "questions": [TITLE], "when": {}}]}, "sections[0].when", "unknown_key"),
        ({"sections": [{"key": "a", "questions": [NUMBER]}]}, "sections", "no_title"),
        ({"sections": [{"key": "a", "questions": [TITLE, TITLE | {"key": "b"}]}]}, "sections", "role_twice"),
        ({"questions": []}, "questions", "unknown_key"),
        ({"facts": [{"key": "a"}]}, "facts[0]", "one_sum"),
        ({"facts": [{"key": "a", "sum": ["n"], "of": "n"}]}, "facts[0]", "one_sum"),
        ({"facts": [{"key": "a", "sum": ["n"], "per": ["n"]}]}, "facts[0]", "one_sum"),
        ({"facts": [{"key": "a", "per": ["n"]}]}, "facts[0]", "one_sum"),
        ({"facts": [{"key": "a", "of": "m"}]}, "facts[0]", "no_fact"),
        ({"facts": [{"key": "a", "of": "n", "per": ["m"]}]}, "facts[0]", "no_fact"),
        ({"facts": [{"key": "a", "of": "call.places"}]}, "facts[0]", "no_fact"),
        ({"facts": [{"key": "a.b", "of": "n"}]}, "facts[0].key", "not_a_key"),
        ({"facts": [{"key": "a", "of": "n", "times": 3}]}, "facts[0].times", "unknown_key"),
        ({"facts": [{"key": "n", "of": "n"}]}, "facts", "fact_twice"),
        ({"facts": [{"key": "a", "of": "n"}, {"key": "a", "of": "n"}]}, "facts", "fact_twice"),
        ({"facts": [{"key": "a", "sum": ["a", "n"]}]}, "facts[0]", "circle"),
        ({"limits": [{"fact": "n"}]}, "limits[0]", "no_comparison"),
        ({"limits": [{"at_most": 3}]}, "limits[0].fact", "missing"),
        ({"limits": [{"fact": "m", "at_most": 3}]}, "limits[0].fact", "no_fact"),
        ({"limits": [{"fact": "title", "at_most": 3}]}, "limits[0].fact", "no_fact"),
        ({"limits": [{"fact": "n", "at_most_percent": 3, "of": "m"}]}, "limits[0].of", "no_fact"),
        ({"limits": [{"fact": "n", "at_most_percent": 3}]}, "limits[0]", "needs_of"),
        ({"limits": [{"fact": "n", "at_most": 3, "of": "n"}]}, "limits[0].of", "of_without"),
        ({"limits": [{"fact": "n", "at_most": "many"}]}, "limits[0].at_most", "not_a_quantity"),
        ({"limits": [{"fact": "n", "at_most": "call."}]}, "limits[0].at_most", "not_a_quantity"),
        ({"limits": [{"fact": "n", "at_most": True}]}, "limits[0].at_most", "not_a_number"),
        ({"limits": [{"fact": "n", "at_most": 3, "kind": "ask"}]}, "limits[0].kind", "not_offered"),
        ({"limits": [{"fact": "n", "between": 3}]}, "limits[0].between", "unknown_key"),
        ({"examples": [{}]}, "examples[0].answers", "missing"),
        ({"examples": [{"answers": {"m": 1}}]}, "examples[0].answers.m", "not_asked_for"),
        ({"examples": [{"answers": {}, "facts": {"m": 1}}]}, "examples[0].facts.m", "no_fact"),
        ({"examples": [{"answers": {}, "faults": {"m": "missing"}}]}, "examples[0].faults.m", "no_place"),
        ({"examples": [{"answers": {}, "faults": {"n": "wrong"}}]}, "examples[0].faults.n", "no_code"),
        ({"examples": [{"answers": {}, "faults": {"n": ["limit", 7]}}]}, "examples[0].faults.n", "no_code"),
        ({"examples": [{"answers": {}, "expect": {}}]}, "examples[0].expect", "unknown_key"),
    ],
)
def test_a_form_that_is_refused(top: dict[str, Any], place: str, code: str) -> None:
    found = refused(document(NUMBER) | top)
    assert (place, code) in found
    assert len({one.partition("[")[0] for one, _ in found}) == 1


def test_lists_are_bounded() -> None:
    """500 questions in all, 50 numbers in a sum, 100 examples."""
    many = [question("note", f"n{number}") for number in range(250)]
    sections: list[Any] = [{"key": key, "questions": [one | {"key": key + one["key"]} for one in many]} for key in "ab"]
    sections[0]["questions"][0] = TITLE
    assert refused(document(sections=sections)) == []
    sections.append({"key": "c", "questions": [NUMBER]})
    assert refused(document(sections=sections)) == [("sections", "too_many_listed")]
    assert refused(document(NUMBER, facts=[{"key": "a", "sum": ["n"] * 50}])) == []
    assert refused(document(NUMBER, facts=[{"key": "a", "sum": ["n"] * 51}])) == [("facts[0].sum", "too_many_listed")]
    assert refused(document(NUMBER, facts=[{"key": "a", "of": "n", "per": ["n"] * 51}])) == [
        ("facts[0].per", "too_many_listed")
    ]
    assert refused(document(examples=[{"answers": {}}] * 100)) == []
    assert refused(document(examples=[{"answers": {}}] * 101)) == [("examples", "too_many_listed")]


def test_keys_are_used_once() -> None:
    section = {"key": "idea", "questions": [NUMBER]}
    given = document(NUMBER)
    given["sections"].append(section)
    fault = {"code": "question_twice", "place": "sections"}
    assert [(one, "question_twice") for one in ("sections", "sections")] == [
        found for found in refused(given) if found[1] == fault["code"]
    ]


def test_a_fact_is_given_by_one_question_only() -> None:
    assert ("facts", "fact_twice") in refused(document(question("period", "a"), question("period", "b")))
    plans = [question("finance_plan", key, **SIDES) for key in "ab"]
    assert ("facts", "fact_twice") in refused(document(*plans))
    assert refused(document(question("money", "a"), question("integer", "a_cents"))) == [("facts", "fact_twice")]
    assert refused(document(question("sites", "a"), question("sites", "b"), question("staffing", "c"))) == []


def test_a_circle_of_facts_is_named_at_each() -> None:
    derived = [{"key": "a", "sum": ["b"]}, {"key": "b", "sum": ["c", "n"]}, {"key": "c", "of": "a"}]
    found = refused(document(NUMBER, facts=derived))
    assert found == [(f"facts[{index}]", "circle") for index in range(3)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, "not_keys"),
        ([], "not_keys"),
        ("form/1", "not_keys"),
        (document(TITLE | {"label": {"de": "\x00"}}), "unstorable"),
        (document(TITLE | {"\ud800": "x"}), "unstorable"),
        (document(limits=[{"fact": "n", "at_most": float("inf")}]), "digits"),
    ],
)
def test_what_is_no_form_at_all(given: Any, code: str) -> None:
    assert told(given).code == code


def test_no_form_is_too_deep_to_be_looked_at() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert told(document(NUMBER, note=deep)).code == "depth"
    deep = "x"
    for _ in range(22):
        deep = [deep]
    assert refused(document(NUMBER, note=deep)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("a: [", "not_yaml"),
        ("schema: form/1\nschema: form/1", "key_twice"),
        ("a: &x 1\nb: *x", "alias"),
        ("a: !!python/name:os.system x", "tag"),
        (b"#" * 1_000_001, "size"),
        ("a: " + "[" * 30 + "]" * 30, "depth"),
    ],
)
def test_the_text_of_a_form_is_bounded(text: str | bytes, code: str) -> None:
    with pytest.raises(FormError) as error:
        forms.of_text(text)
    assert [fault.code for fault in error.value.faults] == [code]


def test_notes_are_kept_and_nothing_else_is() -> None:
    given = document(NUMBER | {"source": "IB"}, note="ours")
    form = forms.of_document(given)
    assert form.document == given
    assert form == forms.of_document(deepcopy(given))


def test_every_fault_has_a_sentence_that_takes_its_values() -> None:
    """`told` wrote each of them; here: that the tests of this module know all of ours."""
    source = __import__("pathlib").Path(__file__).read_text()
    assert [code for code in OURS if f'"{code}"' not in source] == []
