"""Every type of one value: on its bounds, just below, just above."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest

from app import forms
from tests.forms.asking import alone, asking, facts, faults, question

FINE: list[tuple[str, str]] = []


def q(code: str, place: str = "q") -> list[tuple[str, str]]:
    return [(place, code)]


@pytest.mark.parametrize(
    ("type", "given", "own", "found"),
    [
        ("text", "12345", {"max": 5}, FINE),
        ("text", "123456", {"max": 5}, q("too_long")),
        ("text", "\r\n\r\n\r", {"max": 2, "required": True}, q("missing")),
        ("text", "a\r\nb\rc", {"max": 5}, FINE),
        ("text", "a\r\nb\rc", {"max": 4}, q("too_long")),
        ("text", "👩‍🌾", {"max": 3}, FINE),  # woman, joiner, rice: three code points
        ("text", "👩‍🌾", {"max": 2}, q("too_long")),
        ("text", "x" * 2000, {}, FINE),
        ("text", "x" * 2001, {}, q("too_long")),
        ("text", 5, {}, q("type")),
        ("text", "a\x00", {}, q("type")),
        ("text", "a\ud800", {}, q("type")),
        ("long_text", "x" * 100_000, {}, FINE),
        ("long_text", "x" * 100_001, {}, q("too_long")),
        ("long_text", ["x"], {}, q("type")),
        ("integer", 5, {"min": 5, "max": 10}, FINE),
        ("integer", 10, {"min": 5, "max": 10}, FINE),
        ("integer", 4, {"min": 5, "max": 10}, q("too_small")),
        ("integer", 11, {"min": 5, "max": 10}, q("too_large")),
        ("integer", "12", {}, FINE),
        ("integer", 12.0, {}, FINE),
        ("integer", 12.5, {}, q("not_a_number")),
        ("integer", "12.5", {}, q("not_a_number")),
        ("integer", "zwölf", {}, q("not_a_number")),
        ("integer", True, {}, q("not_a_number")),
        ("integer", [3], {}, q("not_a_number")),
        ("integer", 10**15, {}, FINE),
        ("integer", 10**15 + 1, {}, q("too_large")),
        ("integer", -(10**15), {}, FINE),
        ("integer", -(10**15) - 1, {}, q("too_small")),
        ("integer", 10**60, {}, q("not_a_number")),
        ("integer", float("inf"), {}, q("not_a_number")),
        ("integer", float("nan"), {}, q("not_a_number")),
        ("decimal", "12.50", {"decimals": 1}, FINE),
        ("decimal", "12.51", {"decimals": 1}, q("not_a_number")),
        ("decimal", "12.505", {"decimals": 2}, q("not_a_number")),
        ("decimal", 0.1, {"min": 0.1}, FINE),
        ("decimal", "0.09", {"min": 0.1}, q("too_small")),
        ("decimal", "0.10000000000000000001", {"max": 0.1}, q("too_large")),
        ("decimal", "12,5", {}, q("not_a_number")),
        ("decimal", "1e3", {}, q("not_a_number")),
        ("decimal", " 1", {}, q("not_a_number")),
        ("decimal", "1\n", {}, q("not_a_number")),
        ("decimal", 0.00001, {}, FINE),
        ("decimal", "123456789012345678901234567890.5", {"decimals": 1}, q("too_large")),
        ("money", 0, {}, FINE),
        ("money", -1, {}, q("too_small")),
        ("money", -1, {"min": -1}, FINE),
        ("money", "12.50", {}, q("not_a_number")),
        ("money", 300001, {"max": 300000}, q("too_large")),
        ("percent", "7.5", {"max": 7.5, "decimals": 1}, FINE),
        ("percent", "7.6", {"max": 7.5, "decimals": 1}, q("too_large")),
        ("percent", "7.55", {"decimals": 1}, q("not_a_number")),
        ("date", "2018-03-15", {"not_before": "2018-03-15", "not_after": "2018-03-15"}, FINE),
        ("date", "2018-03-14", {"not_before": "2018-03-15"}, q("before")),
        ("date", "2018-03-16", {"not_after": "2018-03-15"}, q("after")),
        ("date", "1900-01-01", {}, FINE),
        ("date", "1899-12-31", {}, q("before")),
        ("date", "2200-12-31", {}, FINE),
        ("date", "2201-01-01", {}, q("after")),
        ("date", "2018-02-29", {}, q("type")),
        ("date", "2018-W11-4", {}, q("type")),
        ("date", "15.03.2018", {}, q("type")),
        ("date", 20180315, {}, q("type")),
        ("yes_no", False, {"required": True}, FINE),
        ("yes_no", "yes", {}, q("type")),
        ("yes_no", 1, {}, q("type")),
        ("declaration", True, {}, FINE),
        ("declaration", False, {}, q("declaration")),
        ("declaration", None, {}, q("declaration")),
        ("declaration", "true", {}, q("declaration")),
        ("note", "whatever", {"text": {"de": "Bitte lesen."}, "required": True}, FINE),
    ],
)
def test_bounds(type: str, given: Any, own: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert alone(type, given, **own) == found


OPTIONS = [{"key": "A"}, {"key": "B", "label": {"de": "Los B"}}, {"key": 3}]


@pytest.mark.parametrize(
    ("given", "other", "found"),
    [
        ("A", False, FINE),
        ("3", False, FINE),
        (3, False, FINE),
        ("a", False, q("not_offered")),
        (True, False, q("not_offered")),
        (["A"], False, q("not_offered")),
        ({"other": "Leihladen"}, False, q("not_offered")),
        ({"other": "Leihladen"}, True, FINE),
        ({"other": "x" * 500}, True, FINE),
        ({"other": "x" * 501}, True, q("too_long")),
        ({"other": ["x"]}, True, q("type")),
        ({"other": "x", "more": "y"}, True, q("not_offered")),
    ],
)
def test_a_choice(given: Any, other: bool, found: list[tuple[str, str]]) -> None:
    assert alone("choice", given, options=OPTIONS, other=other) == found


def test_other_may_be_worded() -> None:
    form = asking(question("choice", options=OPTIONS, other={"de": "Anderes", "en": "Other"}))
    assert faults(form, {"q": {"other": "Leihladen"}}) == []


@pytest.mark.parametrize("nothing", [None, "", " \n", [], {}, {"from": "", "to": None}, [{"name": ""}, {}]])
@pytest.mark.parametrize("type", ["text", "integer", "date", "period", "sites", "file", "work_packages", "yes_no"])
def test_nothing_is_missing_only_where_it_is_required(type: str, nothing: Any) -> None:
    assert alone(type, nothing, required=True) == q("missing")
    assert alone(type, nothing) == []
    assert forms.handed_in(asking(question(type)), {"q": nothing}) == {}


def test_0_and_no_are_answers() -> None:
    form = asking(question("integer", "count", required=True), question("yes_no", "begun", required=True))
    assert faults(form, {"count": 0, "begun": False}) == []
    assert facts(form, {"count": 0, "begun": False}) == {"count": 0, "begun": 0}
    assert facts(form, {"begun": True}) == {"begun": 1}
    assert facts(form, {}) == {}


def test_numbers_are_facts_although_they_lie_outside_their_bounds() -> None:
    """So that gates see what was said; what is no number gives none."""
    form = asking(
        question("integer", "places", min=5),
        question("decimal", "hours", max=30),
        question("money", "own", max=100),
        question("percent", "share", max=50),
    )
    answers = {"places": 3, "hours": "38.50", "own": 101, "share": "50.1"}
    assert facts(form, answers) == {
        "places": 3,
        "hours": Fraction(77, 2),
        "own_cents": 101,
        "share": Fraction(501, 10),
    }
    assert [code for _, code in faults(form, answers)] == ["too_small", *["too_large"] * 3]
    assert facts(form, {"places": "x", "hours": "", "own": 1.5, "share": None}) == {}


def test_days_that_the_call_sets() -> None:
    form = asking(question("date", not_before="call.earliest_start", not_after="call.latest_start"))
    first, last = date(2018, 3, 15), "2018-06-30"
    assert form.asks_of_call == {"earliest_start", "latest_start"}
    assert faults(form, {"q": "2018-03-15"}, earliest_start=first, latest_start=last) == []
    assert faults(form, {"q": "2018-03-14"}, earliest_start=first) == q("before")
    assert faults(form, {"q": "2018-03-14"}, earliest_start=datetime(2018, 3, 15, 8)) == q("before")
    assert faults(form, {"q": "2018-07-01"}, latest_start=last) == q("after")
    assert faults(form, {"q": "2018-07-01"}) == []
    assert faults(form, {"q": "2018-07-01"}, earliest_start=None, latest_start="soon") == []
    assert faults(form, {"q": "2018-07-01"}, latest_start=7) == []


def test_what_is_handed_in_is_written_in_one_way() -> None:
    form = asking(
        question("decimal", "hours"),
        question("integer", "places"),
        question("choice", "lot", options=OPTIONS),
        question("text", "words"),
        question("date", "day"),
        question("declaration", "agreed"),
        question("note", "read"),
        question("text", "left_out"),
    )
    answers = {"hours": "38.50", "places": "12", "lot": 3, "words": "a\r\nb", "day": "2018-03-15", "agreed": True}
    answers |= {"read": "x", "left_out": " ", "unknown": 7}
    assert forms.handed_in(form, answers) == {
        "hours": "38.5",
        "places": 12,
        "lot": "3",
        "words": "a\nb",
        "day": "2018-03-15",
        "agreed": True,
    }
    assert forms.canonical_answers(form, answers) == (
        '{"agreed":true,"day":"2018-03-15","hours":"38.5","lot":"3","places":12,"words":"a\\nb"}'
    )
    assert forms.canonical_answers(form, dict(reversed(answers.items()))) == forms.canonical_answers(form, answers)


def test_what_cannot_be_read_is_kept_as_it_is() -> None:
    form = asking(question("integer", "places"), question("sites", "sites"), question("declaration", "agreed"))
    answers = {"places": "zwölf", "sites": [{"name": "Nord"}, {"region": "Süd"}], "agreed": False}
    assert forms.handed_in(form, answers) == answers
