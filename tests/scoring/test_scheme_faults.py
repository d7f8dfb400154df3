"""What a scheme may not be: every fault is refused with its place."""

import json
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from scoring import Scheme, SchemeError
from tests.scoring.worlds import competition, document, points, scale, small

Change = Callable[[dict[str, Any]], object]


def faults(changed: object) -> list[tuple[str, str]]:
    with pytest.raises(SchemeError) as caught:
        Scheme.from_document(changed)
    return caught.value.told


WRONG_AUENTAL: list[tuple[Change, str, str]] = [
    (lambda s: s.update(schema="rating-scheme/2"), "schema", "expected rating-scheme/1"),
    (lambda s: s.pop("key"), "key", "missing"),
    (lambda s: s.pop("title_de"), "title_de", "missing"),
    (lambda s: s.update(criteria=[]), "criteria", "missing"),
    (lambda s: s.update(colour="red"), "colour", "unknown key"),
    (lambda s: s["criteria"][2].update(wieght=1), "criteria[2].wieght", "unknown key"),
    (lambda s: s["criteria"][2]["scale"].update(step=0.7), "criteria[2].scale.step", "0.7 does not divide 0 to 5"),
    (lambda s: s["criteria"][2]["scale"].update(step=0), "criteria[2].scale.step", "0 does not divide 0 to 5"),
    (lambda s: s["criteria"][2]["scale"].update(step=0.0001), "criteria[2].scale.step", "makes more than 10000 marks"),
    (lambda s: s["criteria"][2]["scale"].update(min=5), "criteria[2].scale.max", "5 must be greater than min 5"),
    (lambda s: s["criteria"][2]["scale"].update(max="5"), "criteria[2].scale.max", "expected a number, found '5'"),
    (lambda s: s["criteria"][2]["scale"].update(max=True), "criteria[2].scale.max", "expected a number, found True"),
    (lambda s: s["criteria"][2].update(type="stars"), "criteria[2].type", "expected one of scale, levels"),
    (lambda s: s["criteria"][2].update(max=5), "criteria[2].max", "does not belong to the type scale"),
    (lambda s: s["criteria"][2].update(scale=[0, 5]), "criteria[2].scale", "expected keys and values, found a list"),
    (lambda s: s["criteria"][0].update(weight_percent=16), "criteria", "the weights add up to 101 percent, not 100"),
    (lambda s: s["criteria"][0].update(weight_percent=14), "criteria", "the weights add up to 99 percent, not 100"),
    (lambda s: s["criteria"][0].pop("weight_percent"), "criteria[0].weight_percent", "missing"),
    (lambda s: s["criteria"][0].update(weight=3), "criteria[0].weight", "the total is a weighted_percent"),
    (lambda s: s["criteria"][0].update(weight_percent=-15), "criteria[0].weight_percent", "-15 must be greater than 0"),
    (lambda s: s["criteria"][0].update(key="k2"), "", "the key k2 is used 2 times"),
    (lambda s: s["criteria"][0].update(key="total"), "", "total is no key"),
    (lambda s: s["criteria"][0].update(group="x"), "criteria[0].group", "there is no group x"),
    (
        lambda s: s["criteria"][1]["threshold"].update(min=5.5),
        "criteria[1].threshold",
        "5.5 cannot be reached, at most 5",
    ),
    (lambda s: s["criteria"][1].update(threshold={"min": 5, "op": ">"}), "criteria[1].threshold", "more than 5 cannot"),
    (lambda s: s["criteria"][1]["threshold"].update(op="=>"), "criteria[1].threshold.op", "expected one of >=, >"),
    (lambda s: s["criteria"][5]["bands"].reverse(), "criteria[5].bands", "up_to must rise"),
    (lambda s: s["criteria"][5].update(max=6), "criteria[5].max", "is 6, but the best band gives 5"),
    (lambda s: s["criteria"][5].pop("field"), "criteria[5].field", "missing"),
    (lambda s: s["total"].update(max=99), "total.max", "is 99, the criteria reach 100"),
    (lambda s: s["pass_rule"].update(min_total=101), "pass_rule.min_total", "101 cannot be reached, at most 100"),
    (lambda s: s["pass_rule"].update(blocks="some"), "pass_rule.blocks", "expected one of all"),
    (lambda s: s["comment_required"].update(values=[0, 7]), "comment_required.values", "7 is not a possible mark"),
    (lambda s: s["ranking"].update(order="asc"), "ranking.order", "expected one of desc, none"),
    (lambda s: s["ranking"].update(tie_breakers=["k2", "k2"]), "ranking.tie_breakers[1]", "k2 is named twice"),
    (lambda s: s["ranking"].update(tie_breakers=["low:cost"]), "ranking.tie_breakers[0]", "expected lower:<field>"),
    (lambda s: s["ranking"].update(tie_breakers="k2"), "ranking.tie_breakers", "expected a list, found 'k2'"),
    (
        lambda s: s["ranking"].update(weights_for_ranking={"k9": 2}),
        "ranking.weights_for_ranking.k9",
        "no such criterion",
    ),
    (lambda s: s["aggregation"].update(min_valid_ratings=0), "aggregation.min_valid_ratings", "a whole number from 1"),
    (lambda s: s["aggregation"].update(across_raters="mode"), "aggregation.across_raters", "expected one of mean"),
    (lambda s: s["aggregation"]["rounding"].update(mode="up"), "aggregation.rounding.mode", "expected one of half_up"),
    (lambda s: s["gates"][3].pop("min"), "gates[3]", "needs min or max"),
    (lambda s: s["gates"][3].update(max=4), "gates[3].min", "5 is above max 4"),
    (lambda s: s["gates"][0].update(ko="yes"), "gates[0].ko", "expected true or false, found 'yes'"),
]


@pytest.mark.parametrize(
    ("change", "place", "problem"), WRONG_AUENTAL, ids=[case[1] + " " + case[2] for case in WRONG_AUENTAL]
)
def test_a_fault_is_named_with_its_place(change: Change, place: str, problem: str) -> None:
    changed = deepcopy(competition()["rating_scheme"])
    change(changed)
    found = dict(faults(changed))
    assert place in found
    assert problem in found[place]


WRONG_SMALL: list[tuple[dict[str, Any], str, str]] = [
    (document(scale("a", weight_percent=50), scale("b", weight=1)), "criteria[1].weight", "give weight_percent"),
    (
        document({"key": "a", "type": "levels", "levels": [{"points": 1}, {"points": 1}]}),
        "criteria[0].levels",
        "same points",
    ),
    (document({"key": "a", "type": "levels", "levels": [{"points": 1}]}), "criteria[0].levels", "at least two levels"),
    (document({"key": "a", "type": "yesno"}), "criteria[0].yes_points", "missing"),
    (
        document({"key": "a", "type": "checklist", "options": [{"key": "x", "points": 1}], "max": 2}),
        "criteria[0].max",
        "cannot be reached",
    ),
    (
        document({"key": "a", "type": "checklist", "options": [{"key": "x", "points": 0}]}),
        "criteria[0].options[0].points",
        "above 0",
    ),
    (
        document({"key": "a", "type": "checklist", "options": [{"key": "x", "points": 1}] * 2}),
        "criteria[0].options",
        "different keys",
    ),
    (document(points("a", 1.25)), "criteria[0].max", "expected tenths"),
    (
        document({"key": "a", "type": "computed", "formula": {"kind": "cheapest", "field": "price"}}),
        "criteria[0].formula.kind",
        "ratio",
    ),
    (document({"key": "a", "type": "computed", "formula": {"kind": "ratio"}}), "criteria[0].formula.field", "missing"),
    (
        document(points("a", group="g"), groups=[{"key": "g", "min_points": 11}]),
        "groups[0].min_points",
        "11 cannot be reached",
    ),
    (
        document(points("a", group="g"), groups=[{"key": "g", "max_points": 9}]),
        "groups[0].max_points",
        "the criteria reach 10",
    ),
    (document(points("a"), groups=[{"key": "g"}]), "groups[0]", "no criterion belongs"),
    (document(scale("a") | {"scale": {"min": -1, "max": 5, "step": 1}}), "criteria[0].scale.min", "is below 0"),
    (
        document({"key": "a", "type": "levels", "levels": [{"points": -1}, {"points": 1}]}),
        "criteria[0].levels",
        "below 0",
    ),
    (document({"key": "a", "type": "bands", "field": "x"}), "criteria[0].bands", "missing"),
    (
        document(
            {
                "key": "a",
                "type": "bands",
                "field": "x",
                "bands": [{"up_to": 1, "points": -1}, {"up_to": 2, "points": 1}],
            }
        ),
        "criteria[0].bands",
        "points below 0",
    ),
    (document(points("a"), title_en=5), "title_en", "expected text, found 5"),
    (document(points("a", 10**10)), "criteria[0].max", "larger than a billion"),
    (document(points("a"), ranking={"tie_breakers": ["a", 5]}), "ranking.tie_breakers[1]", "expected a name, found 5"),
    (document(points("a", effect="more")), "criteria[0].effect", "expected keys and values, found 'more'"),
    (document(points("a"), gates={"key": "g"}), "gates", "expected a list, found keys and values"),
    (document(scale("a", weight=2), aggregation={"total": "count"}), "criteria[0].weight", "has no meaning"),
    (
        document(scale("a", group="g"), scale("b"), groups=[{"key": "g", "weight_percent": 40}]),
        "groups[0].weight_percent",
        "the criteria add up to 50",
    ),
    (
        document(scale("a", weight_percent=100, group="g"), groups=[{"key": "g", "weight_percent": 90}]),
        "groups[0].weight_percent",
        "the criteria add up to 100",
    ),
    (
        document(scale("a", weight=5, weight_band={"min": 1, "max": 3})),
        "criteria[0].weight_band",
        "5 is not within 1 to 3",
    ),
    (
        document(points("a"), adjustments=[{"key": "m", "kind": "malus", "allowed": [-1]}]),
        "adjustments[0].allowed",
        "at least 0",
    ),
    (document(points("a"), adjustments=[{"key": "m", "allowed": [1]}]), "adjustments[0].kind", "it is missing"),
    (document(points("a"), pass_rule={"min_percent": 101}), "pass_rule.min_percent", "at most 100"),
    (document(points("a"), examples=[{"name": "x", "expect": {}}]), "examples[0].input", "missing"),
    (
        document(points("a"), gates=[{"key": "g", "type": "choose_min", "min": 2, "options": [{"key": "x"}]}]),
        "gates[0].min",
        "2 of 1",
    ),
    (
        document(points("a"), gates=[{"key": "g", "type": "choose_min", "options": [{"key": "x"}]}]),
        "gates[0].min",
        "missing",
    ),
]


@pytest.mark.parametrize(
    ("changed", "place", "problem"), WRONG_SMALL, ids=[case[1] + " " + case[2] for case in WRONG_SMALL]
)
def test_a_fault_of_every_type_is_named(changed: dict[str, Any], place: str, problem: str) -> None:
    found = dict(faults(changed))
    assert place in found
    assert problem in found[place]


def test_all_faults_come_at_once() -> None:
    assert [place for place, _ in faults({"schema": "x", "gates": 3})] == [
        "schema",
        "key",
        "title_de",
        "gates",
        "criteria",
    ]


@pytest.mark.parametrize("nonsense", [None, [], "scheme", 3, {}], ids=repr)
def test_what_is_no_mapping_is_refused(nonsense: object) -> None:
    assert faults(nonsense)


def test_notes_are_kept_as_text_and_even_a_comma_in_them() -> None:
    kept = document(note="any", source={"url": "x", "free": [1]}, facts="f", validation=["v"])
    kept["criteria"][0]["note"] = "first this"
    kept["aggregation"] = {"across_raters": "mean", "note": "first this", "then that": None}
    found = Scheme.from_document(kept).document
    assert found["source"] == {"url": "x", "free": [1]}
    assert found["aggregation"] == {"across_raters": "mean", "note": "first this, then that"}


def test_a_document_keeps_its_meaning_when_its_keys_are_sorted() -> None:
    kept = document(aggregation={"across_raters": "mean", "note": "x", "and so on": None})
    scheme = Scheme.from_document(kept)
    assert Scheme.from_document(json.loads(json.dumps(scheme.document, sort_keys=True))) == scheme


@pytest.mark.parametrize("number", ["0.12345678901234567890", "NaN", "1E+30"])
def test_a_decimal_that_no_document_can_keep_is_refused(number: str) -> None:
    wrong = document(points("a", 10, threshold={"min": Decimal(number), "op": ">="}))
    assert "expected a number" in dict(faults(wrong))["criteria[0].threshold.min"]


def test_a_bare_word_that_follows_no_note_is_an_unknown_key() -> None:
    assert faults(document(aggregation={"then that": None})) == [("aggregation.then that", "unknown key")]


def test_decimals_of_any_kind_are_read_exactly() -> None:
    for given in (0.1, Decimal("0.1")):
        criterion = {"key": "a", "type": "scale", "scale": {"min": 0, "max": 1, "step": given}}
        assert small(criterion).criterion("a").marks[3] == Decimal("0.3")


@pytest.mark.parametrize(
    ("least", "faults"), [(9.5, []), (10, []), (10.5, ["groups[0].min_points: 10.5 cannot be reached, at most 10"])]
)
def test_the_minimum_of_a_group_may_be_all_that_it_can_reach(least: float, faults: list[str]) -> None:
    groups = [{"key": "g", "min_points": least}]
    given = document(scale("a", group="g"), scale("b", group="g"), groups=groups)
    if not faults:
        assert str(Scheme.from_document(given).groups[0].minimum) == str(least)
        return
    with pytest.raises(SchemeError) as caught:
        Scheme.from_document(given)
    assert [f"{place}: {problem}" for place, problem in caught.value.told] == faults
