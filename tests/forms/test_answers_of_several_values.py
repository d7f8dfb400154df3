"""Periods, choices, rows, finance plans and files: on their bounds, just below, just above."""

from fractions import Fraction
from typing import Any

import pytest

from app import forms
from tests.forms.asking import alone, asking, facts, faults, question


@pytest.mark.parametrize(
    ("start", "end", "months", "within_36"),
    [
        ("2026-01-01", "2028-12-31", 36, True),
        ("2026-01-01", "2029-01-01", 36, False),
        ("2026-01-01", "2028-12-30", 35, True),
        ("2018-03-15", "2021-03-14", 36, True),
        ("2018-03-15", "2021-03-15", 36, False),
        ("2018-03-15", "2018-04-14", 1, True),
        ("2018-03-15", "2018-04-13", 0, True),
        ("2018-03-15", "2018-03-15", 0, True),
        ("2024-01-31", "2024-02-29", 1, True),
        ("2023-01-31", "2023-02-27", 0, True),
        ("2020-02-29", "2023-02-28", 36, True),
    ],
)
def test_whole_months(start: str, end: str, months: int, within_36: bool) -> None:
    form = asking(question("period", max_months=36))
    answers = {"q": {"from": start, "to": end}}
    assert facts(form, answers) == {"months": months}
    assert faults(form, answers) == ([] if within_36 else [("q", "too_large")])


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"from": "2018-03-15", "to": "2018-03-14"}, [("q.to", "before")]),
        ({"from": "2018-03-14", "to": "2018-12-31"}, [("q.from", "before")]),
        ({"from": "2018-03-15"}, [("q.to", "missing")]),
        ({"to": "2018-03-15"}, [("q.from", "missing")]),
        ({"from": "soon", "to": "2018-03-15"}, [("q.from", "type")]),
        ({"from": "2018-03-15", "to": 7}, [("q.to", "type")]),
        ("2018", [("q", "type")]),
        (["2018-03-15", "2019-03-14"], [("q", "type")]),
    ],
)
def test_periods_that_are_none(given: Any, found: list[tuple[str, str]]) -> None:
    form = asking(question("period", not_before="2018-03-15", required=True))
    assert faults(form, {"q": given}) == found


def test_a_period_that_is_none_lasts_no_months() -> None:
    form = asking(question("period"))
    assert facts(form, {"q": {"from": "2018-03-15", "to": "2018-03-14"}}) == {}
    assert facts(form, {"q": {"from": "2018-03-15"}}) == {}
    assert facts(form, {"q": "x"}) == {}


def test_the_call_may_say_how_long_and_from_when() -> None:
    form = asking(question("period", max_months="call.months_max", not_before="call.earliest_start"))
    answers = {"q": {"from": "2018-03-15", "to": "2021-03-15"}}
    assert form.asks_of_call == {"months_max", "earliest_start"}
    assert faults(form, answers) == []
    assert faults(form, answers, months_max=37) == []
    assert faults(form, answers, months_max=36, earliest_start="2018-03-16") == [
        ("q.from", "before"),
        ("q", "too_large"),
    ]


def test_of_two_periods_the_one_with_the_role_counts() -> None:
    form = asking(question("period", "other"), question("period", "whole", role="period"))
    answers = {"other": {"from": "2018-01-01", "to": "2018-01-31"}, "whole": {"from": "2018-01-01", "to": "2018-12-31"}}
    assert facts(form, answers) == {"months": 12}
    assert facts(form, {"other": answers["other"]}) == {}


CHOICES: dict[str, Any] = {"options": [{"key": key} for key in "abcd"], "min": 2, "max": 3}


@pytest.mark.parametrize(
    ("given", "found", "count"),
    [
        (["a"], [("q", "too_few")], 1),
        (["b", "a"], [], 2),
        (["a", "b", "c"], [], 3),
        (["a", "b", "c", "d"], [("q", "too_many")], 4),
        (["a", "a"], [("q", "too_few")], 1),
        (["a", "b", "x"], [("q[2]", "not_offered")], 2),
        (["a", "b", {"other": "x"}], [("q[2]", "not_offered")], 2),
        ("a", [("q", "type")], 0),
        ({"a": True}, [("q", "type")], 0),
    ],
)
def test_choices(given: Any, found: list[tuple[str, str]], count: int) -> None:
    form = asking(question("choices", **CHOICES))
    assert (faults(form, {"q": given}), facts(form, {"q": given})) == (found, {"q": count})


def test_choices_are_kept_in_the_order_of_the_options() -> None:
    form = asking(question("choices", **CHOICES))
    assert forms.handed_in(form, {"q": ["c", "a", "c"]}) == {"q": ["a", "c"]}
    assert facts(form, {}) == {"q": 0}


TABLE: dict[str, Any] = {
    "columns": [
        {"key": "item", "type": "text", "required": True, "max": 10},
        {"key": "price", "type": "money"},
        {"key": "hours", "type": "decimal", "decimals": 1},
        {"key": "ready", "type": "date"},
        {"key": "kind", "type": "choice", "options": [{"key": "new"}, {"key": "used"}]},
    ],
    "min_rows": 2,
    "max_rows": 3,
    "sums": ["price", "hours"],
}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"item": "a"}] * 2, []),
        ([{"item": "a"}] * 3, []),
        ([{"item": "a"}], [("q", "too_few")]),
        ([{"item": "a"}, {"item": ""}], [("q", "too_few")]),
        ([{"item": "a"}] * 4, [("q", "too_many")]),
        ([{"item": "a"}, {"price": 5}], [("q[1].item", "missing")]),
        ([{"item": "a"}, {}, {"item": "a", "kind": "old"}], [("q[2].kind", "not_offered")]),
        (
            [{"item": "a" * 11, "price": "x"}, {"item": "a"}],
            [("q[0].item", "too_long"), ("q[0].price", "not_a_number")],
        ),
        ([{"item": "a"}, "b"], [("q[1]", "type")]),
        ({"item": "a"}, [("q", "type")]),
        ("a", [("q", "type")]),
    ],
)
def test_a_table(rows: Any, found: list[tuple[str, str]]) -> None:
    assert alone("table", rows, **TABLE) == found


def test_the_rows_and_sums_of_a_table_are_facts() -> None:
    form = asking(question("table", "things", **TABLE))
    rows: list[Any] = [{"item": "a", "price": 150, "hours": "0.5"}, {"item": "b", "price": 50, "hours": "x"}, {}, "b"]
    found = {"things.rows": 2, "things.price": 200, "things.price_cents": 200, "things.hours": Fraction(1, 2)}
    assert facts(form, {"things": rows}) == found
    assert facts(form, {}) == dict.fromkeys(found, 0)
    assert form.fact_names == set(found)
    assert forms.handed_in(form, {"things": [rows[0], {}, {"item": "b", "old": 1}, {"old": 1}]}) == {
        "things": [{"item": "a", "price": 150, "hours": "0.5"}, {"item": "b"}]
    }


def test_a_list_without_end_is_not_read_to_its_end() -> None:
    form = asking(question("work_packages", "work"), question("file", "papers"))
    many = [{"title": "x"}] * 501
    assert faults(form, {"work": many}) == [("work", "too_many")]
    assert facts(form, {"work": many})["work"] == 500
    assert faults(form, {"work": many[:500]}) == []


def test_sites_partners_and_targets_count_under_their_key_and_in_all() -> None:
    form = asking(question("partners", "leads"), question("partners", "others"), question("sites", "places_of_work"))
    answers: dict[str, Any] = {"leads": [{"organisation": "A"}], "others": [{"organisation": "B"}] * 2}
    answers["places_of_work"] = [{"name": "Nord"}]
    assert facts(form, answers) == {"leads": 1, "others": 2, "partners": 3, "places_of_work": 1, "sites": 1}


def test_a_question_with_the_name_itself_counts_alone() -> None:
    form = asking(question("partners", "leads"), question("partners", "partners"))
    answers = {"leads": [{"organisation": "A"}], "partners": [{"organisation": "B"}] * 2}
    assert facts(form, answers) == {"leads": 1, "partners": 2}


PART_WITHOUT_NUMBER = [("q[0].parts[0].target", "missing"), ("q[0].parts", "parts_differ")]


@pytest.mark.parametrize(
    ("type", "own", "row", "found"),
    [
        ("sites", {}, {"name": "Nord", "type": "any", "region": "any"}, []),
        ("sites", {}, {"address": "Markt 4"}, [("q[0].name", "missing")]),
        ("sites", {"types": ["office"]}, {"name": "Nord", "type": "office"}, []),
        ("sites", {"types": ["office"]}, {"name": "Nord", "type": "shop"}, [("q[0].type", "not_offered")]),
        ("sites", {"regions": [{"key": "south"}]}, {"name": "N", "region": "north"}, [("q[0].region", "not_offered")]),
        ("sites", {"min_rows": 2}, {"name": "Nord"}, [("q", "too_few")]),
        ("partners", {"roles": ["funder"], "confirm": True}, {"organisation": "A", "role": "funder"}, []),
        ("partners", {"roles": ["funder"]}, {"organisation": "A", "role": "x"}, [("q[0].role", "not_offered")]),
        ("partners", {"min_rows": 2}, {"organisation": "A"}, [("q", "too_few")]),
        ("partners", {}, {"task": "hilft"}, [("q[0].organisation", "missing")]),
        ("staffing", {"functions": ["coach"]}, {"function": "coach", "fte_before": "0.5", "from": "2018-01-01"}, []),
        ("staffing", {"functions": ["coach"]}, {"function": "cook"}, [("q[0].function", "not_offered")]),
        ("staffing", {}, {"function": "cook", "fte_after": "-0.1"}, [("q[0].fte_after", "too_small")]),
        ("staffing", {}, {"function": "cook", "fte_after": 0}, []),
        ("staffing", {}, {"fte_after": "1"}, [("q[0].function", "missing")]),
        ("targets", {"kinds": ["level"]}, {"label": "x", "kind": "share", "target": 1}, [("q[0].kind", "not_offered")]),
        ("targets", {"units": ["EUR"]}, {"label": "x", "unit": "EUR", "target": "-10.5", "due": "2030-12-31"}, []),
        ("targets", {}, {"label": "x"}, [("q[0].target", "missing")]),
        ("targets", {}, {"target": 1}, [("q[0].label", "missing")]),
        ("targets", {}, {"label": "x", "target": 1, "baseline_on": "x"}, [("q[0].baseline_on", "type")]),
        ("targets", {}, {"label": "x", "target": 1, "parts": [{"label": "y"}]}, PART_WITHOUT_NUMBER),
        ("work_packages", {}, {"title": "x", "from": "2018-02-01", "to": "2018-01-31"}, [("q[0].to", "before")]),
        ("work_packages", {}, {"title": "x", "from": "2018-02-01", "to": "2018-02-01", "text": "y"}, []),
        ("work_packages", {}, {"text": "x"}, [("q[0].title", "missing")]),
        ("work_packages", {"max_rows": 0}, {"title": "x"}, [("q", "too_many")]),
        ("milestones", {}, {"title": "x", "due": "2018-02-01"}, []),
        ("milestones", {"max_rows": 0}, {"title": "x"}, [("q", "too_many")]),
        ("milestones", {}, {"due": "2018-02-01"}, [("q[0].title", "missing")]),
    ],
)  # fmt: skip
def test_rows_that_every_form_knows(type: str, own: Any, row: Any, found: list[tuple[str, str]]) -> None:
    assert alone(type, [row], **own) == found


def test_staff_before_and_after() -> None:
    """Two job coaches, half-time each before, full-time after."""
    form = asking(question("staffing"))
    rows = [{"function": "Jobcoach", "site": site, "fte_before": "0.5", "fte_after": "1.0"} for site in ("A", "B")]
    assert facts(form, {"q": rows}) == {"fte_before": 1, "fte_after": 2}


@pytest.mark.parametrize(("last", "fits"), [(50, True), (49, False), ("50.5", False)])
def test_the_parts_of_a_target_are_the_whole(last: Any, fits: bool) -> None:
    """210 persons in parts of 50, 110 and 50."""
    parts = [{"label": label, "target": target} for label, target in (("a", 50), ("b", 110), ("c", last))]
    assert alone("targets", [{"label": "Personen", "target": 210, "parts": parts}]) == (
        [] if fits else [("q[0].parts", "parts_differ")]
    )


PLAN: dict[str, Any] = {
    "costs": [{"key": "staff"}, {"key": "overhead"}],
    "sources": [{"key": "grant", "grant": True}, {"key": "town", "grant": True}, {"key": "own"}],
    "overhead": "overhead",
}


BELOW_0 = [("q.costs.staff.all", "too_small"), ("q.sources.own.all", "too_small")]


def plan(costs: Any, sources: Any) -> dict[str, Any]:
    return {"costs": costs, "sources": sources}


@pytest.mark.parametrize(
    ("by_year", "given", "found"),
    [
        (False, plan({"staff": {"all": 100}}, {"own": {"all": 100}}), []),
        (False, plan({"staff": 100}, {"own": 100}), []),
        (False, plan({"staff": {"all": 100}}, {"own": {"all": 99}}), [("q", "unbalanced")]),
        (False, plan({"staff": {"all": 100}}, {}), [("q", "unbalanced")]),
        (False, {"costs": {"staff": {"all": 100}}}, [("q", "unbalanced")]),
        (False, plan({"staff": {"all": 0}}, None), []),
        (False, plan({"staff": {"2018": 60, "2019": 40}}, {"own": {"2018": 60, "2019": 40}}), []),
        (True, plan({"staff": {"2018": 60, "2019": 40}}, {"own": {"2018": 60, "2019": 40}}), []),
        (True, plan({"staff": {"2018": 60, "2019": 40}}, {"own": {"2018": 61, "2019": 39}}), [("q", "unbalanced")]),
        (True, plan({"staff": {"2018": 60, "2019": 40}}, {"own": {"2018": 60, "2020": 40}}), [("q", "unbalanced")]),
        (True, plan({"staff": {"all": 100}}, {"own": {"2018": 100}}), [("q.costs.staff.all", "not_offered")]),
        (False, plan({"staff": {"17": 100}}, {}), [("q.costs.staff.17", "not_offered")]),
        (False, plan({"clothes": {"all": 100}}, {}), [("q.costs.clothes", "not_offered")]),
        (False, plan({"clothes": {"all": None}, "staff": {"all": 5, "2018": ""}}, {"own": 5, "grant": {}}), []),
        (False, plan({"staff": {"all": -1}}, {"own": {"all": -1}}), BELOW_0),
        (False, plan({"staff": {"all": "1.50"}}, {}), [("q.costs.staff.all", "not_a_number")]),
        (False, plan([1], {}), [("q.costs", "type")]),
        (False, [1], [("q", "type")]),
    ],
)  # fmt: skip
def test_a_finance_plan(by_year: bool, given: Any, found: list[tuple[str, str]]) -> None:
    assert alone("finance_plan", given, by_year=by_year, **PLAN) == found


def test_the_sums_of_a_finance_plan_are_facts() -> None:
    form = asking(question("finance_plan", by_year=True, **PLAN))
    given = plan(
        {"staff": {"2018": 60, "2019": 40}, "overhead": {"2019": 7}}, {"grant": {"2018": 60}, "town": {"2019": 40}}
    )
    assert facts(form, {"q": given}) == {
        **{"costs_cents": 107, "sources_cents": 100, "cost.staff_cents": 100, "cost.overhead_cents": 7},
        **{"source.grant_cents": 60, "source.town_cents": 40, "source.own_cents": 0},
        **{"grant_requested_cents": 100, "direct_costs_cents": 100},
    }
    assert form.fact_names == set(facts(form, {"q": given})) == form.cents
    assert facts(form, {}) == facts(form, {"q": "x"}) == {}
    assert forms.handed_in(form, {"q": given}) == {"q": given}


def test_a_plan_without_overhead_or_grant_gives_no_such_facts() -> None:
    form = asking(question("finance_plan", costs=[{"key": "a"}], sources=[{"key": "b"}]))
    found = facts(form, {"q": plan({"a": 5}, {"b": 5})})
    assert found["direct_costs_cents"] == 5
    assert "grant_requested_cents" not in found


def file(**changed: Any) -> dict[str, Any]:
    return {"sha256": "ab" * 32, "name": "cv.pdf", "size": 2_000_000, "type": "pdf"} | changed


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([file()], []),
        ([file(), file()], []),
        ([file()] * 3, [("q", "too_many")]),
        ([file(size=2_000_001)], [("q[0]", "size")]),
        ([file(size=-1)], [("q[0]", "size")]),
        ([file(size=0)], []),
        ([file(size="x")], [("q[0].size", "not_a_number")]),
        ([file(type="docx")], [("q[0]", "type")]),
        ([file(type="application/pdf")], []),
        ([file(type="image/jpeg")], []),
        ([file(type=".PDF")], []),
        ([file(type=None)], []),
        ([file(type=None, name="cv.exe")], [("q[0]", "type")]),
        ([file(type=None, name=None)], [("q[0].name", "type"), ("q[0]", "type")]),
        ([file(sha256=5)], [("q[0].sha256", "type")]),
        (["cv.pdf"], [("q[0]", "type")]),
        ([{"size": 5}], [("q[0].sha256", "type"), ("q[0].name", "type")]),
        (file(), [("q", "type")]),
    ],
)
def test_files(given: Any, found: list[tuple[str, str]]) -> None:
    assert alone("file", given, accept=["pdf", "jpg"], max_mb=2, max_files=2) == found


def test_files_are_counted_and_kept() -> None:
    form = asking(question("file"))
    assert facts(form, {"q": [file(), file(name="b.odt", type=None)]}) == {"q": 2}
    assert facts(form, {}) == {"q": 0}
    assert forms.handed_in(form, {"q": [file(name="b.odt", type=None)]}) == {"q": [file(name="b.odt", type="odt")]}
