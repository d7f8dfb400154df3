"""Whether a scheme adds up: weights, maxima, minima within reach, and every name known."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from scoring.errors import Fault
from scoring.scheme.criteria import Criterion, Threshold, exact
from scoring.scheme.parts import Group
from scoring.scheme.rules import Rules


def prove(scheme: Rules) -> list[Fault]:
    """Every (place, problem), in the order of the file; empty for a sound scheme."""
    return [
        *_names(scheme),
        *_weights(scheme),
        *_group_sums(scheme),
        *_total(scheme),
        *_minima(scheme),
        *_comments(scheme),
        *_effects(scheme),
        *_scale_labels(scheme),
        *_order(scheme),
    ]


def _names(scheme: Rules) -> Iterator[Fault]:
    keys = [*(one.key for one in scheme.criteria), *(one.key for one in scheme.groups)]
    keys += [*(one.key for one in scheme.gates), *(one.key for one in scheme.adjustments)]
    for key, times in Counter(keys).items():
        if times > 1:
            yield "", f"the key {key} is used {times} times among criteria, groups, gates and adjustments"
    if "total" in keys:
        yield "", "total is no key, it names the sum"
    groups = {group.key for group in scheme.groups}
    for index, criterion in enumerate(scheme.criteria):
        if criterion.group is not None and criterion.group not in groups:
            yield f"criteria[{index}].group", f"there is no group {criterion.group}"


def _weights(scheme: Rules) -> Iterator[Fault]:
    percent = scheme.aggregation.total == "weighted_percent"
    for index, criterion in enumerate(scheme.criteria):
        wrong, right = ("weight", "weight_percent") if percent else ("weight_percent", "weight")
        if getattr(criterion, wrong) is not None:
            yield f"criteria[{index}].{wrong}", f"the total is a {scheme.aggregation.total}, give {right}"
        if scheme.aggregation.total == "count" and criterion.weight is not None:
            yield f"criteria[{index}].weight", "has no meaning where criteria are counted"
        if percent and criterion.weight_percent is None:
            yield f"criteria[{index}].weight_percent", "missing"
        yield from _band(criterion, index)
    found = sum((Fraction(one.weight_percent or 0) for one in scheme.criteria), Fraction(0))
    if percent and found != 100:
        yield "criteria", f"the weights add up to {_shown(found)} percent, not 100"


def _band(criterion: Criterion, index: int) -> Iterator[Fault]:
    if criterion.weight_band is None:
        return
    low, high = criterion.weight_band
    weight = criterion.weight_percent if criterion.weight_percent is not None else criterion.weight
    if weight is None or not low <= weight <= high:
        yield f"criteria[{index}].weight_band", f"the weight {weight} is not within {low} to {high}"


def _group_sums(scheme: Rules) -> Iterator[Fault]:
    for index, group in enumerate(scheme.groups):
        members = [one for one in scheme.criteria if one.group == group.key]
        if not members:
            yield f"groups[{index}]", f"no criterion belongs to the group {group.key}"
            continue
        reached = scheme.aggregation.reachable(members)
        yield from _stated(scheme, group, index, reached)
        if group.minimum is not None and group.minimum > reached:
            yield f"groups[{index}].min_points", f"{group.minimum} cannot be reached, at most {_shown(reached)}"


def _stated(scheme: Rules, group: Group, index: int, reached: Fraction) -> Iterator[Fault]:
    whole = Fraction(100)
    if scheme.aggregation.total != "weighted_percent":
        whole = scheme.aggregation.reachable(scheme.criteria)
    if group.maximum is not None and group.maximum != reached:
        yield f"groups[{index}].max_points", f"is {group.maximum}, the criteria reach {_shown(reached)}"
    share = 100 * reached / whole
    if group.weight_percent is not None and group.weight_percent != share:
        yield f"groups[{index}].weight_percent", f"is {group.weight_percent}, the criteria add up to {_shown(share)}"


def _total(scheme: Rules) -> Iterator[Fault]:
    reached = scheme.aggregation.reachable(scheme.criteria)
    if scheme.stated_maximum is not None and scheme.stated_maximum != reached:
        yield "total.max", f"is {scheme.stated_maximum}, the criteria reach {_shown(reached)}"


def _minima(scheme: Rules) -> Iterator[Fault]:
    for index, criterion in enumerate(scheme.criteria):
        if criterion.threshold is not None and not criterion.threshold.holds(_best(criterion)):
            yield f"criteria[{index}].threshold", _out_of_reach(criterion.threshold, _best(criterion))
    reached = scheme.aggregation.reachable(scheme.criteria)
    bonus = sum((Fraction(max(one.allowed)) for one in scheme.adjustments if one.kind == "bonus"), Fraction(0))
    rule = scheme.pass_rule
    if rule.total is not None and not rule.total.holds(reached + bonus):
        yield "pass_rule.min_total", _out_of_reach(rule.total, reached + bonus)
    if rule.percent is not None and not rule.percent.holds(Fraction(100)):
        yield "pass_rule.min_percent", _out_of_reach(rule.percent, Fraction(100))


def _best(criterion: Criterion) -> Fraction:
    return Fraction(criterion.maximum)


def _out_of_reach(threshold: Threshold, reached: Fraction) -> str:
    return f"{'more than ' if threshold.strict else ''}{threshold.minimum} cannot be reached, at most {_shown(reached)}"


def _comments(scheme: Rules) -> Iterator[Fault]:
    known = {mark for criterion in scheme.rated_criteria for mark in criterion.marks}
    asked = {value for criterion in scheme.criteria for value in criterion.comment_values}
    for value in sorted(asked - known):
        yield "comment_required.values", f"{value} is not a possible mark"


def _effects(scheme: Rules) -> Iterator[Fault]:
    for index, criterion in enumerate(scheme.criteria):
        at = criterion.effect.get("at_points")
        try:
            exact(0 if at is None else at)
        except ValueError:
            yield f"criteria[{index}].effect.at_points", f"expected a number, found {at!r}"


def _scale_labels(scheme: Rules) -> Iterator[Fault]:
    for place in ("scale_labels_de", "scale_labels_en"):
        labels = scheme.document.get(place) or {}
        if not isinstance(labels, dict):
            yield place, "expected keys and values"
            continue
        for span in labels:
            try:
                scheme.marks_within(span)
            except ValueError:
                yield f"{place}.{span}", "expected a mark or a span of marks, such as 2 or 2-3"


def _order(scheme: Rules) -> Iterator[Fault]:
    known = {criterion.key for criterion in scheme.criteria}
    for key in scheme.ranking.weights:
        if key not in known:
            yield f"ranking.weights_for_ranking.{key}", "there is no such criterion"
    for index, rule in enumerate(scheme.ranking.tie_breakers):
        place = f"ranking.tie_breakers[{index}]"
        if rule in scheme.ranking.tie_breakers[:index]:
            yield place, f"{rule} is named twice"
        direction, colon, name = rule.partition(":")
        if colon and (direction not in ("lower", "higher") or not name):
            yield place, f"{rule}: expected lower:<field> or higher:<field>"


def _shown(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.6g}"
