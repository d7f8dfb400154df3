"""Numbers that follow from others, the rules over them, and where a broken one stands."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from app import forms
from app.forms import values
from tests.forms.asking import asking, facts, faults, question

MAGDEBURG = [question("integer", "places_agh"), question("integer", "places_municipal")]
"""At least 5 places in all, and three of the one kind for each of the other."""
ALL = {"key": "places_all", "sum": ["places_agh", "places_municipal"]}
RULES = [{"fact": "places_agh", "at_least_times": 3, "of": "places_municipal"}, {"fact": "places_all", "at_least": 5}]


@pytest.mark.parametrize(
    ("agh", "municipal", "found"),
    [
        (166, 55, []),
        (165, 55, []),
        (164, 55, [("places_agh", "limit")]),
        (4, 1, []),
        (3, 1, [("places_all", "limit")]),
        (2, 1, [("places_agh", "limit"), ("places_all", "limit")]),
        (5, None, []),
        (4, None, [("places_all", "limit")]),
        (None, 5, [("places_agh", "limit")]),
        (None, None, []),
    ],
)
def test_two_kinds_of_places(agh: Any, municipal: Any, found: list[tuple[str, str]]) -> None:
    form = asking(*MAGDEBURG, facts=[ALL], limits=RULES)
    assert faults(form, {"places_agh": agh, "places_municipal": municipal}) == found


def test_what_is_missing_already_is_not_compared() -> None:
    form = asking(MAGDEBURG[0] | {"required": True}, MAGDEBURG[1] | {"required": True}, limits=RULES[:1])
    assert faults(form, {"places_municipal": 5}) == [("places_agh", "missing")]
    assert faults(form, {"places_agh": 5}) == [("places_municipal", "missing")]


def test_a_sum_is_that_of_what_is_given() -> None:
    form = asking(*MAGDEBURG, facts=[ALL])
    assert facts(form, {"places_agh": 4}) == {"places_agh": 4, "places_all": 4}
    assert facts(form, {}) == {}


RATE = {
    "key": "rate",
    "label": {"de": "Satz"},
    "unit": "EUR",
    "of": "grant_requested_cents",
    "per": ["places", "months"],
}
ASKED = [question("money", "money", role="grant"), question("integer", "seats", role="places"), question("period")]


@pytest.mark.parametrize(("cents", "found"), [(900_000, []), (900_001, [("rate", "limit")])])
def test_the_grant_per_place_and_month_is_never_rounded(cents: int, found: list[tuple[str, str]]) -> None:
    """250 euro for each of 12 places in 3 months, and a cent more."""
    form = asking(*ASKED, facts=[RATE], limits=[{"fact": "rate", "at_most": "call.max_grant_per_place_month"}])
    answers = {"money": cents, "seats": 12, "q": {"from": "2018-01-01", "to": "2018-03-31"}}
    assert facts(form, answers)["rate"] == Fraction(cents, 3600)
    assert faults(form, answers, max_grant_per_place_month=250) == found
    assert faults(form, answers, max_grant_per_place_month="250.00") == found
    assert faults(form, answers, max_grant_per_place_month=Decimal(250)) == found
    assert faults(form, answers, max_grant_per_place_month=Fraction(250)) == found
    assert faults(form, answers) == faults(form, answers, max_grant_per_place_month=None) == []
    assert faults(form, answers, max_grant_per_place_month="much") == []
    assert form.asks_of_call == {"max_grant_per_place_month"}


def test_only_money_counts_cents() -> None:
    """Whatever else is counted is divided as it is."""
    options = [{"key": "a"}, {"key": "b"}]
    form = asking(
        *(question("choices", "chosen", options=options), question("yes_no", "yes"), question("sites", "sites")),
        *(question("percent", "share"), question("period"), question("staffing", "staff"), question("file", "papers")),
        question("table", "rows", columns=[{"key": "n", "type": "integer"}], sums=["n"]),
        *(question("work_packages", "work"), question("milestones", "steps"), question("targets", "targets")),
        facts=[{"key": "half", "of": "chosen", "per": ["yes"]}],
    )
    assert form.cents == set()
    assert facts(form, {"chosen": ["a", "b"], "yes": True})["half"] == 2


def test_a_role_gives_its_fact_beside_that_of_the_key() -> None:
    form = asking(*ASKED)
    assert facts(form, {"money": 5, "seats": 7}) == {
        **{"money_cents": 5, "grant_requested_cents": 5},
        **{"seats": 7, "places": 7},
    }
    assert form.cents == {"money_cents", "grant_requested_cents"}
    assert facts(form, {}) == {}


TWO_DAYS = {"from": "2018-01-01", "to": "2018-01-02"}


@pytest.mark.parametrize("answers", [{}, {"seats": 0}, {"seats": 5}, {"seats": 5, "q": TWO_DAYS}])
def test_nothing_is_divided_by_nothing(answers: dict[str, Any]) -> None:
    form = asking(*ASKED, facts=[RATE], limits=[{"fact": "rate", "at_most": 0}])
    assert "rate" not in facts(form, answers | {"money": 100})
    assert faults(form, answers | {"money": 100}) == []


def test_amounts_are_divided_as_euro() -> None:
    """Cents by cents are a share; only a key that says so counts cents; sums stay what they are made of."""
    form = asking(
        question("money", "a"),
        question("money", "b"),
        question("integer", "n"),
        facts=[
            {"key": "share", "of": "a_cents", "per": "b_cents"},
            {"key": "each", "of": "a_cents", "per": ["n"]},
            {"key": "each_cents", "of": "a_cents", "per": ["n"]},
            {"key": "in_euro", "of": "a_cents"},
            {"key": "whole", "sum": ["a_cents", "b_cents"]},
            {"key": "whole_cents", "sum": ["a_cents", "b_cents"]},
            {"key": "euro", "sum": ["a_cents", "b_cents"], "unit": {"de": "Euro", "en": "euro"}},
            {"key": "per_head", "of": "whole", "per": ["n"]},
            {"key": "per_euro", "of": "n", "per": ["a_cents"]},
            {"key": "mixed", "sum": ["n", "whole"], "unit": "EUR"},
        ],
    )
    found = facts(form, {"a": 5000, "b": 20000, "n": 4})
    assert {name: found[name] for name in form.derived} == {
        **{"share": Fraction(1, 4), "each": Fraction(25, 2), "each_cents": 1250, "in_euro": 50},
        **{"whole": 25000, "whole_cents": 25000, "euro": 250, "per_head": Fraction(125, 2)},
        **{"per_euro": Fraction(2, 25), "mixed": 25004},
    }


def test_facts_may_rest_on_each_other_in_any_order() -> None:
    derived = [{"key": "c", "sum": ["b", "b"]}, {"key": "b", "sum": ["a", "n"]}, {"key": "a", "of": "n"}]
    assert facts(asking(question("integer", "n"), facts=derived), {"n": 2}) == {"n": 2, "a": 2, "b": 4, "c": 8}


def test_a_number_that_nobody_means_is_none() -> None:
    """Powers of powers would never end; each of these divides by the fiftieth power of the one before."""
    powers = [{"key": f"p{step}", "of": "n", "per": [f"p{step - 1}" if step else "n"] * 50} for step in range(6)]
    form = asking(question("integer", "n"), facts=[*powers, {"key": "all", "sum": ["p0", "p1", "p5"]}])
    found = facts(form, {"n": 3})
    assert found["p0"] == Fraction(1, 3**49)
    assert set(found) == {"n", "p0", "all"}
    assert values.shown(found["p0"]) == f"1/{3**49}"


PLAN = question(
    "finance_plan",
    "plan",
    costs=[{"key": "staff"}, {"key": "overhead"}],
    sources=[{"key": "own"}, {"key": "grant", "grant": True}],
    overhead="overhead",
)


@pytest.mark.parametrize(("overhead", "found"), [(699, []), (700, []), (701, [("plan", "limit")])])
def test_seven_percent_of_the_direct_costs(overhead: int, found: list[tuple[str, str]]) -> None:
    form = asking(PLAN, limits=[{"fact": "cost.overhead_cents", "at_most_percent": 7, "of": "direct_costs_cents"}])
    given = {"costs": {"staff": 10_000, "overhead": overhead}, "sources": {"grant": 10_000 + overhead}}
    assert faults(form, {"plan": given}) == found


@pytest.mark.parametrize(
    ("comparison", "bound", "holds", "broken"),
    [
        ("at_most", 5, 5, 6),
        ("at_least", 5, 5, 4),
        ("at_most", 4.5, 4, 5),
        ("at_least", 4.5, 5, 4),
        ("at_most_percent", 50, 5, 6),
        ("at_least_percent", 50, 5, 4),
        ("at_most_times", 0.5, 5, 6),
        ("at_least_times", 0.5, 5, 4),
    ],
)
def test_every_comparison(comparison: str, bound: Any, holds: int, broken: int) -> None:
    limit = {"fact": "n", comparison: bound} | ({"of": "ten"} if comparison.count("_") > 1 else {})
    form = asking(question("integer", "n"), question("integer", "ten"), limits=[limit])
    assert faults(form, {"n": holds, "ten": 10}) == []
    assert faults(form, {"n": broken, "ten": 10}) == [("n", "limit")]


def test_one_rule_may_bind_on_both_sides() -> None:
    form = asking(question("integer", "n"), limits=[{"fact": "n", "at_least": 2, "at_most": 3}])
    assert [bool(faults(form, {"n": n})) for n in (1, 2, 3, 4)] == [True, False, False, True]


def test_a_rule_that_says_that_it_refuses_does() -> None:
    form = asking(question("integer", "n"), limits=[{"fact": "n", "at_most": 3, "kind": "refuse"}])
    assert faults(form, {"n": 4}) == [("n", "limit")]


def test_a_warning_keeps_nobody_from_handing_in() -> None:
    form = asking(
        question("integer", "n"), limits=[{"fact": "n", "at_most": 3, "kind": "warn", "say": {"de": "Viel."}}]
    )
    found = forms.check(form, {"n": 4})
    assert found.faults == []
    (warning,) = found.warnings
    assert (warning.place, warning.code) == ("n", "limit")
    assert warning.values == {"limit": 0, "comparison": "at_most", "found": 4, "bound": 3}
    assert form.limits[0].say == {"de": "Viel."}


def test_a_limit_over_several_questions_stands_at_the_first() -> None:
    form = asking(question("sites", "a"), question("sites", "b"), limits=[{"fact": "sites", "at_most": 1}])
    assert faults(form, {"a": [{"name": "x"}], "b": [{"name": "y"}]}) == [("a", "limit")]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (Fraction(12), 12),
        (Fraction(-12), -12),
        (Fraction(1, 2), "0.5"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(1001, 1000), "1.001"),
        (Fraction(1000, 3), "1000/3"),
        (Fraction(1, 2**2047), "0." + str(5**2047).zfill(2047)),
        (Fraction(10**40 + 1, 10**40), "1." + "0" * 39 + "1"),
    ],
)
def test_a_number_is_shown_so_that_it_can_be_read_again(number: Fraction, shown: Any) -> None:
    assert values.shown(number) == shown
    assert Fraction(values.shown(number)) == number
