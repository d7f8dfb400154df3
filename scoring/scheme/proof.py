"""Whether a scheme adds up: weights, maxima, minima within reach, and every name known."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from scoring.errors import Fault, fault
from scoring.scheme.criteria import Criterion, Threshold, exact
from scoring.scheme.grammar import described
from scoring.scheme.parts import Group
from scoring.scheme.rules import Rules


def prove(scheme: Rules) -> list[Fault]:
    """Every fault, in the order of the file; none for a sound scheme."""
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
            yield fault("", "same_key", key=key, times=times)
    if "total" in keys:
        yield fault("", "key_total")
    groups = {group.key for group in scheme.groups}
    for index, criterion in enumerate(scheme.criteria):
        if criterion.group is not None and criterion.group not in groups:
            yield fault(f"criteria[{index}].group", "no_group", group=criterion.group)


def _weights(scheme: Rules) -> Iterator[Fault]:
    percent = scheme.aggregation.total == "weighted_percent"
    for index, criterion in enumerate(scheme.criteria):
        wrong, right = ("weight", "weight_percent") if percent else ("weight_percent", "weight")
        if getattr(criterion, wrong) is not None:
            yield fault(f"criteria[{index}].{wrong}", "wrong_weight", total=scheme.aggregation.total, key=right)
        if scheme.aggregation.total == "count" and criterion.weight is not None:
            yield fault(f"criteria[{index}].weight", "weight_of_count")
        if percent and criterion.weight_percent is None:
            yield fault(f"criteria[{index}].weight_percent", "missing")
        yield from _band(criterion, index)
    found = sum((Fraction(one.weight_percent or 0) for one in scheme.criteria), Fraction(0))
    if percent and found != 100:
        yield fault("criteria", "not_a_hundred", reached=_shown(found))


def _band(criterion: Criterion, index: int) -> Iterator[Fault]:
    if criterion.weight_band is None:
        return
    low, high = criterion.weight_band
    weight = criterion.weight_percent if criterion.weight_percent is not None else criterion.weight
    if weight is None or not low <= weight <= high:
        yield fault(f"criteria[{index}].weight_band", "weight_band", weight=weight, least=low, most=high)


def _group_sums(scheme: Rules) -> Iterator[Fault]:
    for index, group in enumerate(scheme.groups):
        members = [one for one in scheme.criteria if one.group == group.key]
        if not members:
            yield fault(f"groups[{index}]", "empty_group", group=group.key)
            continue
        reached = scheme.aggregation.reachable(members)
        yield from _stated(scheme, group, index, reached)
        if group.minimum is not None and group.minimum > reached:
            yield fault(f"groups[{index}].min_points", "out_of_reach", least=group.minimum, reached=_shown(reached))


def _stated(scheme: Rules, group: Group, index: int, reached: Fraction) -> Iterator[Fault]:
    whole = Fraction(100)
    if scheme.aggregation.total != "weighted_percent":
        whole = scheme.aggregation.reachable(scheme.criteria)
    if group.maximum is not None and group.maximum != reached:
        yield fault(f"groups[{index}].max_points", "reached", stated=group.maximum, reached=_shown(reached))
    share = 100 * reached / whole
    if group.weight_percent is not None and group.weight_percent != share:
        yield fault(f"groups[{index}].weight_percent", "adds_up", stated=group.weight_percent, reached=_shown(share))


def _total(scheme: Rules) -> Iterator[Fault]:
    reached = scheme.aggregation.reachable(scheme.criteria)
    if scheme.stated_maximum is not None and scheme.stated_maximum != reached:
        yield fault("total.max", "reached", stated=scheme.stated_maximum, reached=_shown(reached))


def _minima(scheme: Rules) -> Iterator[Fault]:
    for index, criterion in enumerate(scheme.criteria):
        yield from _within(f"criteria[{index}].threshold", criterion.threshold, Fraction(criterion.maximum))
    reached = scheme.aggregation.reachable(scheme.criteria)
    bonus = sum((Fraction(max(one.allowed)) for one in scheme.adjustments if one.kind == "bonus"), Fraction(0))
    yield from _within("pass_rule.min_total", scheme.pass_rule.total, reached + bonus)
    yield from _within("pass_rule.min_percent", scheme.pass_rule.percent, Fraction(100))


def _within(place: str, threshold: Threshold | None, reached: Fraction) -> Iterator[Fault]:
    if threshold is not None and not threshold.holds(reached):
        code = "strict_out_of_reach" if threshold.strict else "out_of_reach"
        yield fault(place, code, least=threshold.minimum, reached=_shown(reached))


def _comments(scheme: Rules) -> Iterator[Fault]:
    known = {mark for criterion in scheme.rated_criteria for mark in criterion.marks}
    asked = {value for criterion in scheme.criteria for value in criterion.comment_values}
    for value in sorted(asked - known):
        yield fault("comment_required.values", "no_mark", value=value)


def _effects(scheme: Rules) -> Iterator[Fault]:
    for index, criterion in enumerate(scheme.criteria):
        at = criterion.effect.get("at_points")
        try:
            exact(0 if at is None else at)
        except ValueError:
            yield fault(f"criteria[{index}].effect.at_points", "not_a_number", found=described(at))


def _scale_labels(scheme: Rules) -> Iterator[Fault]:
    for place in ("scale_labels_de", "scale_labels_en"):
        labels = scheme.document.get(place)
        for span in labels if isinstance(labels, dict) else ():
            try:
                scheme.marks_within(span)
            except ValueError:
                yield fault(f"{place}.{span}", "no_span")


def _order(scheme: Rules) -> Iterator[Fault]:
    known = {criterion.key for criterion in scheme.criteria}
    for key in scheme.ranking.weights:
        if key not in known:
            yield fault(f"ranking.weights_for_ranking.{key}", "no_criterion")
    for index, rule in enumerate(scheme.ranking.tie_breakers):
        place = f"ranking.tie_breakers[{index}]"
        if rule in scheme.ranking.tie_breakers[:index]:
            yield fault(place, "rule_twice", rule=rule)
        direction, colon, name = rule.partition(":")
        if colon and (direction not in ("lower", "higher") or not name):
            yield fault(place, "no_rule", rule=rule)


def _shown(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.6g}"
