"""Schemes of every kind and sheets for them: every total, direction, minimum, way to aggregate and rule for blanks."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from scoring import Scheme

TOTALS = ("weighted_sum", "weighted_percent", "count")
MINIMA = (None, {"min": 3, "op": ">="}, {"min": 3, "op": ">"}, {"min": 2.25, "op": ">="}, {"min": 3.3, "op": ">"})
ACROSS = ("mean", "median", "drop_one", "sum")
MISSING = ("use_given", "drop_sheet", "refuse")
KINDS = tuple(product(TOTALS, (False, True), MINIMA, ACROSS, MISSING))
BANDS = [{"up_to": 5, "points": 2}, {"up_to": 9, "points": 1}]
FACTS = {"places": (4, 8, 12), "grant_per_place_month": (150, 200, 240)}


def scheme(kind: tuple[Any, ...], chance: Random) -> Scheme:
    """A scheme of this kind; what else it says is left to chance."""
    total, low, minimum, across, missing = kind
    least = (3, 3.5) if total == "count" else (20, 24.75)
    document: dict[str, Any] = {
        "schema": "rating-scheme/1",
        "key": "generated",
        "title_de": "Erzeugt",
        "groups": [{"key": "g", "label_de": "Gruppe", **({} if total == "count" else {"min_points": 5})}],
        "criteria": _weighed(list(_criteria(low, minimum, chance.choice(["ratio", "one_sided"]))), total, chance),
        "adjustments": [
            {"key": "m", "label_de": "Abzug", "kind": "malus", "allowed": [1, 2.5]},
            {"key": "z", "label_de": "Zuschlag", "kind": "bonus", "allowed": [0.25, 2]},
        ],
        "aggregation": {
            "across_raters": across,
            "total": total,
            "missing": missing,
            "rounding": {
                "decimals": chance.choice([0, 1, 2]),
                "mode": chance.choice(["half_up", "half_even"]),
                "when": chance.choice(["display", "rank"]),
            },
        },
        "pass_rule": {chance.choice(["min_total", "min_percent"]): chance.choice(least)},
        "ranking": {"tie_breakers": ["b", "c", "g", "lower:grant_per_place_month", "lot"]},
    }
    if total != "count" and chance.random() < 0.3:
        document["ranking"]["weights_for_ranking"] = {"a": 3, "b": 1}
    return Scheme.from_document(document)


def _criteria(low: bool, minimum: dict[str, Any] | None, kind: str) -> Iterator[dict[str, Any]]:
    turned = {"direction": "low"} if low else {}
    least = {"threshold": minimum} if minimum else {}
    yield {"key": "a", "type": "scale", "scale": {"min": 0, "max": 5, "step": 0.5}, "group": "g", **turned, **least}
    yield {"key": "b", "type": "scale", "scale": {"min": 1, "max": 6, "step": 1}, "group": "g", **turned}
    yield {"key": "c", "type": "points", "max": 4, "optional": True, **least}
    yield {"key": "d", "type": "yesno", "yes_points": 3}
    yield {"key": "e", "type": "bands", "field": "places", "bands": BANDS}
    formula = {"kind": kind, "expr": "4 * lowest / own", "field": "grant_per_place_month"}
    yield {"key": "f", "type": "computed", "max": 4, "formula": formula}


def _weighed(criteria: list[dict[str, Any]], total: str, chance: Random) -> list[dict[str, Any]]:
    """With a name, and the weights that this kind of total wants."""
    shares = chance.choice([(30, 20, 20, 10, 10, 10), (12.5, 37.5, 10, 15, 5, 20)])
    for one, share in zip(criteria, shares, strict=True):
        one["label_de"] = f"Kriterium {one['key']}"
        if total == "weighted_percent":
            one["weight_percent"] = share
        if total == "weighted_sum":
            one["weight"] = chance.choice([1, 2, 1.5])
    return criteria


def sheet(found: Scheme, chance: Random, blank: float = 0.1) -> dict[str, Decimal]:
    """The marks of one sheet by key; some are not given."""
    marks = {one.key: one.marks for one in found.rated_criteria} | {one.key: one.allowed for one in found.adjustments}
    extra = {one.key for one in found.adjustments}
    return {
        key: chance.choice(values)
        for key, values in marks.items()
        if chance.random() > (0.7 if key in extra else blank)
    }


def facts(chance: Random) -> dict[str, int]:
    """The numbers of a proposal."""
    return {name: chance.choice(values) for name, values in FACTS.items()}
