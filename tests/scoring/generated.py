"""Schemes of every kind and sheets for them: every total, direction, way to aggregate and rule for blanks, each with
criteria of every kind of minimum, on the steps of the scale and between them.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from scoring import Scheme

MINIMA = (None, (3, ">="), (2.5, ">"), (2.25, ">="), (2.3, ">"))
BANDS = [{"up_to": 5, "points": 2}, {"up_to": 9, "points": 1}]
FACTS = {"places": (4, 8, 12), "grant_per_place_month": (150, 200, 240)}
LEAST = {"weighted_sum": (20, 24.75), "weighted_percent": (50, 61.5), "count": (5, 5.5)}
SHARES = [(10,) * 10, (5, 15, 10, 12.5, 7.5, 10, 20, 5, 5, 10)]
KINDS = tuple(
    product(LEAST, ("high", "low"), ("mean", "median", "drop_one", "sum"), ("use_given", "drop_sheet", "refuse"))
)


def scheme(kind: tuple[str, ...], chance: Random) -> Scheme:
    """A scheme of this kind (total, direction, over the raters, unfinished sheets); the rest is left to chance."""
    total, direction, across, missing = kind
    minimum = chance.choice([{"min_total": chance.choice(LEAST[total])}, {"min_percent": chance.choice([50, 61.5])}])
    rounding = {
        "decimals": chance.choice([0, 1, 2]),
        "mode": chance.choice(["half_up", "half_even"]),
        "when": chance.choice(["display", "rank"]),
    }
    ranking: dict[str, Any] = {"tie_breakers": ["b", "c", "g", "lower:grant_per_place_month", "lot"]}
    if total != "count" and chance.random() < 0.3:
        ranking["weights_for_ranking"] = {"a0": 3, "b": 1}
    return Scheme.from_document(
        {
            "schema": "rating-scheme/1",
            "key": "generated",
            "title_de": "Erzeugt",
            "groups": [{"key": "g", "label_de": "Gruppe", "min_points": 3 if total == "count" else 12.5}],
            "criteria": _weighed(list(_criteria(direction, chance)), total, chance),
            "adjustments": [
                {"key": "m", "label_de": "Abzug", "kind": "malus", "allowed": [1, 2.5]},
                {"key": "z", "label_de": "Zuschlag", "kind": "bonus", "allowed": [0.25, 2]},
            ],
            "aggregation": {"across_raters": across, "total": total, "missing": missing, "rounding": rounding},
            "pass_rule": minimum | {"op": chance.choice([">", ">="])},
            "ranking": ranking,
        }
    )


def _criteria(direction: str, chance: Random) -> Iterator[dict[str, Any]]:
    turned = {"group": "g", **({"direction": "low"} if direction == "low" else {})}
    for number, minimum in enumerate(MINIMA):
        least = {"threshold": dict(zip(("min", "op"), minimum, strict=True))} if minimum else {}
        yield {"key": f"a{number}", "type": "scale", "scale": {"min": 0, "max": 5, "step": 0.5}, **turned, **least}
    yield {"key": "b", "type": "scale", "scale": {"min": 1, "max": 6, "step": 1}, **turned}
    yield {"key": "c", "type": "points", "max": 4, "optional": True, "threshold": {"min": 1.25}}
    yield {"key": "d", "type": "yesno", "yes_points": 3}
    yield {"key": "e", "type": "bands", "field": "places", "bands": BANDS}
    kind = chance.choice(["ratio", "one_sided"])
    formula = {"kind": kind, "expr": "from the lowest and its own", "field": "grant_per_place_month"}
    yield {"key": "f", "type": "computed", "max": 4, "formula": formula}


def _weighed(criteria: list[dict[str, Any]], total: str, chance: Random) -> list[dict[str, Any]]:
    """With a name, and the weights that this kind of total wants."""
    for one, share in zip(criteria, chance.choice(SHARES), strict=True):
        one["label_de"] = f"Kriterium {one['key']}"
        if total == "weighted_percent":
            one["weight_percent"] = share
        if total == "weighted_sum":
            one["weight"] = chance.choice([1, 2, 1.5])
    return criteria


def sheet(found: Scheme, chance: Random, blank: float = 0.1) -> dict[str, Decimal]:
    """The marks of one sheet by key, mostly good ones; some are not given."""
    marks = {
        one.key: chance.choice(_good(one.marks, one.low_is_good) if chance.random() < 0.9 else one.marks)
        for one in found.rated_criteria
        if chance.random() >= blank
    }
    return marks | {one.key: chance.choice(one.allowed) for one in found.adjustments if chance.random() < 0.3}


def _good(marks: tuple[Decimal, ...], low: bool) -> tuple[Decimal, ...]:
    half = len(marks) // 2
    return marks[: len(marks) - half] if low else marks[half:]


def facts(chance: Random) -> dict[str, int]:
    """The numbers of a proposal."""
    return {name: chance.choice(values) for name, values in FACTS.items()}
