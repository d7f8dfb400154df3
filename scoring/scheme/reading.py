"""The keys of rating-scheme/1, part by part."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from scoring.scheme.criteria import TENTH, Band, Criterion, Option, Threshold, checklist_sums, plain
from scoring.scheme.grammar import (
    FLAT,
    NAME,
    UNUSED,
    ByType,
    Each,
    Flag,
    Kind,
    Number,
    OneOf,
    Part,
    Place,
    Schema,
    Text,
    Texts,
    Told,
    Values,
    Whole,
)
from scoring.scheme.parts import Adjustment, Aggregation, Example, Gate, Group, PassRule, Ranking, Rounding

ZERO = Decimal(0)
MOST_MARKS = 10_000
REQUIRED = Text(required=True)
LABELS = Texts(name="labels")
GIVEN = Number(required=True)
STRICT = OneOf({">=": False, ">": True}, default=False, name="strict")


class Length(Whole):
    """How many, or whether there is any."""

    def value(self, given: object, at: Place) -> Any:
        return given if isinstance(given, bool) else super().value(given, at)

    def told(self) -> Told:
        return {"anyOf": [{"type": "boolean"}, super().told()]}


def _gate(found: Gate, at: Place) -> Gate:
    limits = [limit for limit in (found.minimum, found.maximum) if limit is not None]
    if found.type == "number" and not limits:
        at.fault("no_limit")
    if found.type == "number" and limits != sorted(limits):
        at.fault("min_above_max", "min", least=found.minimum, most=found.maximum)
    if found.type == "choose_min" and found.minimum is None:
        at.fault("missing", "min")
    if found.type == "choose_min" and (found.minimum or 0) > len(found.options):
        at.fault("too_few_options", "min", least=found.minimum, number=len(found.options))
    return found if found.fact else replace(found, fact=found.key)


def _scale(found: dict[str, Decimal], at: Place) -> Any:
    low, high, step = found["min"], found["max"], found["step"]
    if low >= high:
        return at.fault("max_not_above_min", "max", most=high, least=low)
    if low < 0:
        return at.fault("below_zero", "min")
    if step <= 0 or (high - low) % step != 0:
        return at.fault("step", "step", step=step, least=low, most=high)
    if (high - low) / step > MOST_MARKS:
        return at.fault("too_many_marks", "step", most=MOST_MARKS)
    return {"minimum": low, "maximum": high, "step": step}


def _level(points: Decimal, labels: dict[str, str]) -> Option:
    return Option(str(plain(points)), plain(points), labels)


def _item(key: str, points: Decimal, labels: dict[str, str]) -> Option:
    return Option(key, plain(points), labels)


def _levels(found: dict[str, Any], at: Place) -> Any:
    points = [one.points for one in found["levels"]]
    if len(points) < 2:
        return at.fault("too_few_levels", "levels")
    if len(set(points)) < len(points):
        return at.fault("same_points", "levels")
    if min(points) < 0:
        return at.fault("points_below_zero", "levels")
    return found | {"minimum": min(points), "maximum": max(points)}


def _yesno(yes_points: Decimal) -> dict[str, Any]:
    no, yes = Option("no", ZERO, {"de": "nein", "en": "no"}), Option("yes", yes_points, {"de": "ja", "en": "yes"})
    return {"levels": (no, yes), "maximum": yes_points}


def _checklist(found: dict[str, Any], at: Place) -> Any:
    options = found["options"]
    for index, one in enumerate(options):
        if one.points <= 0 or one.points % TENTH != 0 or one.points > 1000:
            return at.fault("tenths_above_zero", f"options[{index}].points")
    if not options or len({one.key for one in options}) < len(options) or len(options) > 100:
        return at.fault("items", "options")
    reached = sum((one.points for one in options), ZERO)
    most = found["maximum"] or reached
    if most not in checklist_sums(options, most):
        at.fault("items_differ", "max", most=most, reached=reached)
    return found | {"maximum": most}


def _points(found: dict[str, Any], at: Place) -> Any:
    if found["maximum"] % TENTH != 0 or found["maximum"] / TENTH > MOST_MARKS:
        return at.fault("tenths", "max", most=MOST_MARKS * TENTH)
    return found | {"step": TENTH}


def _bands(found: dict[str, Any], at: Place) -> Any:
    limits, points = [one.up_to for one in found["bands"]], [one.points for one in found["bands"]]
    most = found["maximum"] or max(points)
    if limits != sorted(set(limits)):
        at.fault("not_rising", "bands")
    if max(points) != most:
        at.fault("best_band", "max", stated=most, reached=max(points))
    if min(points) < 0:
        at.fault("points_below_zero", "bands")
    return found | {"maximum": most}


def _adjustment(found: Adjustment, at: Place) -> Adjustment:
    if not found.allowed or min(found.allowed) < 0:
        at.fault("amounts", "allowed")
    return found


def _pass_rule(min_total: Decimal | None, min_percent: Decimal | None, strict: bool) -> PassRule:
    """Every minimum of a group binds, with or without `blocks: all`."""
    return PassRule(*(None if least is None else Threshold(least, strict) for least in (min_total, min_percent)))


def _whole(found: dict[str, Any], _at: Place) -> dict[str, Any]:
    """Marks that need a reason anywhere, and a total in percent where some criterion is weighted so."""
    common = found.pop("comment_values")
    if not found["aggregation"].total:
        percent = any(one.weight_percent for one in found["criteria"])
        total = "weighted_percent" if percent else "weighted_sum"
        found["aggregation"] = replace(found["aggregation"], total=total)
    found["criteria"] = tuple(replace(one, comment_values=one.comment_values | common) for one in found["criteria"])
    return found


COMMENTS = Part(lambda values: frozenset(values), {"values": Each(Number())}, name="comment_values")
KEYED = {"key": REQUIRED, "label": LABELS}
ITEM = Part(_item, KEYED | {"points": Number(default=ZERO)})
LEVEL = Part(_level, {"points": GIVEN, "label": LABELS})
BAND = Part(Band, {"up_to": GIVEN, "points": GIVEN})
GATE = Part(
    Gate,
    KEYED
    | {"type": OneOf(("yesno", "number", "choose_min"), default="yesno"), "ko": Flag(), "curable": Flag()}
    | {"field": Text(name="fact"), "min": Number(name="minimum"), "max": Number(name="maximum"), "options": Each(ITEM)},
    _gate,
)
SUMS = {"min_points": Number(name="minimum"), "max_points": Number(name="maximum"), "weight_percent": Number()}
GROUP = Part(Group, KEYED | SUMS)
MOST = Number(positive=True, name="maximum")
FACT = Text(required=True, name="fact")
KINDS = OneOf(("ratio", "one_sided"), required=True, name="formula")
FORMULA = Part(dict, {"kind": KINDS, "expr": Kind(name=UNUSED), "field": FACT}, name=FLAT)
TYPES = {
    "scale": Part(dict, {"scale": Part(dict, {"min": GIVEN, "max": GIVEN, "step": GIVEN}, _scale, name=FLAT)}),
    "levels": Part(dict, {"levels": Each(LEVEL)}, _levels),
    "yesno": Part(_yesno, {"yes_points": Number(positive=True, required=True)}),
    "checklist": Part(dict, {"options": Each(ITEM), "max": MOST}, _checklist),
    "points": Part(dict, {"max": replace(MOST, required=True)}, _points),
    "computed": Part(dict, {"formula": FORMULA, "max": replace(MOST, default=Decimal(100))}),
    "bands": Part(dict, {"field": FACT, "bands": Each(BAND, filled=True, required=True), "max": MOST}, _bands),
}
CRITERION = Part(
    lambda minimum=ZERO, **given: Criterion(minimum=minimum, **given),
    KEYED
    | {"description": Texts(name="descriptions"), "group": Text(default=None), "type": ByType(TYPES)}
    | {"weight": Number(positive=True), "weight_percent": Number(positive=True)}
    | {"weight_band": Part(lambda **band: (band["min"], band["max"]), {"min": GIVEN, "max": GIVEN}, default=None)}
    | {"threshold": Part(Threshold, {"min": replace(GIVEN, name="minimum"), "op": STRICT}, default=None)}
    | {"optional": Flag(), "direction": OneOf({"high": False, "low": True}, default=False, name="low_is_good")}
    | {"effect": Values(), "reason_required": Flag(), "comment_required": COMMENTS},
)
KIND = OneOf(("bonus", "malus"), required=True)
ADJUSTMENT = Part(Adjustment, KEYED | {"kind": KIND, "allowed": Each(Number())}, _adjustment)
ROUNDING = Part(
    Rounding,
    {"decimals": Whole(0, 9, default=2), "mode": OneOf(("half_up", "half_even"), default="half_up")}
    | {"when": OneOf(("display", "rank"), default="display")},
)
ACROSS = ("mean", "median", "consensus", "sum", "drop_one", "unspecified")
AGGREGATION = Part(
    Aggregation,
    {"across_raters": OneOf(ACROSS, default="unspecified")}
    | {"total": OneOf(("weighted_sum", "weighted_percent", "count")), "min_valid_ratings": Whole(1, 1000, default=1)}
    | {"missing": OneOf(("use_given", "drop_sheet", "refuse"), default="use_given"), "rounding": ROUNDING},
)
PASS_RULE = Part(
    _pass_rule,
    {"min_total": Number(), "min_percent": Number(), "op": STRICT, "blocks": OneOf(("all",), name=UNUSED)},
)
RANKING = Part(
    Ranking,
    {"order": OneOf({"desc": True, "none": False}, default=True, name="ordered")}
    | {"scope": OneOf(("lot", "core_topic"), null=True), "tie_breakers": Each(NAME)}
    | {"weights_for_ranking": Values(Number(positive=True, required=True), name="weights")}
    | {"reserve_list": Length(0, 10_000, default=True)},
)
EXPECTED = Values(only=("total", "passed", "failed", "not_rated", "error"), name="expected")
EXAMPLE = Part(Example, {"name": REQUIRED, "input": Values(required=True, name="given"), "expect": EXPECTED})
TOP = Part(
    dict,
    {"schema": Schema("rating-scheme/1"), "key": REQUIRED, "title": Texts(required=True, name="titles")}
    | dict.fromkeys(("jurisdiction", "context"), Kind(name=UNUSED))
    | {"gates": Each(GATE), "groups": Each(GROUP), "criteria": Each(CRITERION, filled=True, required=True)}
    | {"adjustments": Each(ADJUSTMENT), "comment_required": COMMENTS, "aggregation": AGGREGATION}
    | dict.fromkeys(("scale_labels_de", "scale_labels_en"), Values(name=UNUSED))
    | {"total": Part(dict, {"max": Number(name="stated_maximum")}, name=FLAT), "pass_rule": PASS_RULE}
    | {"ranking": RANKING, "examples": Each(EXAMPLE)},
    _whole,
)
