"""The keys of rating-scheme/1, part by part."""

from dataclasses import replace
from decimal import Decimal

from scoring.scheme.criteria import TENTH, Band, Criterion, Option, Threshold, checklist_sums, plain
from scoring.scheme.grammar import Reader
from scoring.scheme.parts import Adjustment, Aggregation, Example, Gate, Group, PassRule, Ranking, Rounding

ZERO = Decimal(0)
LABELS = ("label_de", "label_en")
TOP = (
    *("schema", "key", "title_de", "title_en", "jurisdiction", "context", "gates", "groups", "criteria"),
    *("adjustments", "scale_labels_de", "scale_labels_en", "comment_required", "aggregation", "total", "pass_rule"),
    *("ranking", "examples"),
)
GATE = ("key", *LABELS, "type", "ko", "curable", "field", "min", "max", "options")
GROUP = ("key", *LABELS, "min_points", "max_points", "weight_percent")
CRITERION = (
    *("key", *LABELS, "description_de", "description_en", "group", "type", "weight", "weight_percent", "weight_band"),
    *("threshold", "optional", "effect", "reason_required", "comment_required", "direction"),
)
OF_TYPE = {
    "scale": ("scale",),
    "levels": ("levels",),
    "yesno": ("yes_points",),
    "checklist": ("options", "max"),
    "points": ("max",),
    "computed": ("formula", "max"),
    "bands": ("field", "bands", "max"),
}
ADJUSTMENT = ("key", *LABELS, "kind", "allowed")
AGGREGATION = ("across_raters", "total", "min_valid_ratings", "missing", "rounding")
PASS_RULE = ("min_total", "min_percent", "op", "blocks")
RANKING = ("order", "scope", "weights_for_ranking", "tie_breakers", "reserve_list")
EXAMPLE = ("name", "input", "expect")
COMMENTS = ("values",)
EVERY_CRITERION = (*CRITERION, *(key for keys in OF_TYPE.values() for key in keys))
OPS = (">=", ">")
MOST_MARKS = 10_000


def gate(read: Reader) -> Gate:
    """A condition checked before rating."""
    kind = read.choice("type", ("yesno", "number", "choose_min"), "yesno")
    found = Gate(
        key=read.text("key", required=True),
        type=kind,
        labels=read.texts("label"),
        ko=read.flag("ko"),
        curable=read.flag("curable"),
        fact=read.text("field") or read.text("key"),
        minimum=read.number("min", required=kind == "choose_min"),
        maximum=read.number("max"),
        options=read.each("options", ("key", "points", *LABELS), _item),
    )
    _refuse_useless_gate(found, read)
    return found


def _refuse_useless_gate(found: Gate, read: Reader) -> None:
    limits = [limit for limit in (found.minimum, found.maximum) if limit is not None]
    if found.type == "number" and not limits:
        read.fault("", "a gate of type number needs min or max")
    if found.type == "number" and limits != sorted(limits):
        read.fault("min", f"{found.minimum} is above max {found.maximum}")
    if found.type == "choose_min" and (found.minimum or 0) > len(found.options):
        read.fault("min", f"asks for {found.minimum} of {len(found.options)} options")


def group(read: Reader) -> Group:
    """A block of criteria."""
    return Group(
        key=read.text("key", required=True),
        labels=read.texts("label"),
        minimum=read.number("min_points"),
        maximum=read.number("max_points"),
        weight_percent=read.number("weight_percent"),
    )


def criterion(read: Reader) -> Criterion:
    """A criterion of any type."""
    kind = read.choice("type", OF_TYPE, "")
    for key in sorted(set(read.raw) & {key for keys in OF_TYPE.values() for key in keys} - set(OF_TYPE.get(kind, ()))):
        if kind:
            read.fault(key, f"does not belong to the type {kind}")
    found = Criterion(
        key=read.text("key", required=True),
        type=kind or "points",
        labels=read.texts("label"),
        descriptions=read.texts("description"),
        minimum=ZERO,
        maximum=ZERO,
        group=read.text("group") or None,
        weight=_positive(read, "weight"),
        weight_percent=_positive(read, "weight_percent"),
        weight_band=_weight_band(read),
        threshold=_threshold(read.inner("threshold", ("min", "op")), "min") if read.has("threshold") else None,
        optional=read.flag("optional"),
        low_is_good=read.choice("direction", ("high", "low"), "high") == "low",
        effect=read.free("effect"),
        reason_required=read.flag("reason_required"),
        comment_values=_comment_values(read),
    )
    return BY_TYPE[kind](read, found) if kind else found


def _scale(read: Reader, found: Criterion) -> Criterion:
    inner = read.inner("scale", ("min", "max", "step"))
    low, high, step = (inner.number(key, required=True) for key in ("min", "max", "step"))
    if low is None or high is None or step is None:
        return found
    if low >= high:
        inner.fault("max", f"{high} must be greater than min {low}")
    elif low < 0:
        inner.fault("min", "is below 0")
    elif step <= 0 or (high - low) % step != 0:
        inner.fault("step", f"{step} does not divide {low} to {high}")
    elif (high - low) / step > MOST_MARKS:
        inner.fault("step", f"makes more than {MOST_MARKS} marks")
    else:
        return replace(found, minimum=low, maximum=high, step=step)
    return found


def _levels(read: Reader, found: Criterion) -> Criterion:
    given = read.each("levels", ("points", *LABELS), _level)
    points = [one.points for one in given]
    if len(given) < 2:
        read.fault("levels", "needs at least two levels")
    elif len(set(points)) < len(points):
        read.fault("levels", "two levels have the same points")
    elif min(points) < 0:
        read.fault("levels", "points below 0")
    else:
        return replace(found, levels=given, minimum=min(points), maximum=max(points))
    return found


def _yesno(read: Reader, found: Criterion) -> Criterion:
    points = _positive(read, "yes_points", required=True)
    if points is None:
        return found
    given = (Option("no", ZERO, {"de": "nein", "en": "no"}), Option("yes", points, {"de": "ja", "en": "yes"}))
    return replace(found, levels=given, maximum=points)


def _checklist(read: Reader, found: Criterion) -> Criterion:
    given = read.each("options", ("key", "points", *LABELS), _item)
    keys = [one.key for one in given]
    for index, one in enumerate(given):
        if one.points <= 0 or one.points % TENTH != 0 or one.points > 1000:
            read.fault(f"options[{index}].points", "expected tenths above 0, at most 1000")
            return found
    if not given or len(set(keys)) < len(keys) or len(given) > 100:
        read.fault("options", "needs 1 to 100 items with different keys")
        return found
    most = _positive(read, "max") or sum((one.points for one in given), ZERO)
    if most not in checklist_sums(given, most):
        read.fault("max", f"{most} cannot be reached, the items make {sum(one.points for one in given)}")
    return replace(found, options=given, maximum=most)


def _points(read: Reader, found: Criterion) -> Criterion:
    most = _positive(read, "max", required=True)
    if most is None:
        return found
    if most % TENTH != 0 or most / TENTH > MOST_MARKS:
        read.fault("max", f"expected tenths, at most {MOST_MARKS * TENTH}")
        return found
    return replace(found, maximum=most, step=TENTH)


def _computed(read: Reader, found: Criterion) -> Criterion:
    inner = read.inner("formula", ("kind", "expr", "field"))
    return replace(
        found,
        formula=inner.choice("kind", ("ratio", "one_sided"), ""),
        fact=inner.text("field", required=True) or None,
        maximum=_positive(read, "max") or Decimal(100),
    )


def _bands(read: Reader, found: Criterion) -> Criterion:
    given = read.each("bands", ("up_to", "points"), _band)
    limits = [one.up_to for one in given]
    if not given:
        read.fault("bands", "missing")
        return found
    if limits != sorted(set(limits)):
        read.fault("bands", "up_to must rise from band to band")
    reached = max(one.points for one in given)
    most = _positive(read, "max") or reached
    if reached != most:
        read.fault("max", f"is {most}, but the best band gives {reached}")
    if min(one.points for one in given) < 0:
        read.fault("bands", "points below 0")
    return replace(found, bands=given, fact=read.text("field", required=True) or None, maximum=most)


BY_TYPE = {
    "scale": _scale,
    "levels": _levels,
    "yesno": _yesno,
    "checklist": _checklist,
    "points": _points,
    "computed": _computed,
    "bands": _bands,
}


def _level(read: Reader) -> Option:
    value = plain(read.number("points", required=True) or ZERO)
    return Option(str(value), value, read.texts("label"))


def _item(read: Reader) -> Option:
    return Option(read.text("key", required=True), plain(read.number("points") or ZERO), read.texts("label"))


def _band(read: Reader) -> Band:
    return Band(read.number("up_to", required=True) or ZERO, read.number("points", required=True) or ZERO)


def _positive(read: Reader, key: str, *, required: bool = False) -> Decimal | None:
    value = read.number(key, required=required)
    if value is not None and value <= 0:
        read.fault(key, f"{value} must be greater than 0")
        return None
    return value


def _threshold(read: Reader, key: str) -> Threshold | None:
    least = read.number(key, required=True)
    strict = read.choice("op", OPS, ">=") == ">"
    return None if least is None else Threshold(least, strict)


def _weight_band(read: Reader) -> tuple[Decimal, Decimal] | None:
    if not read.has("weight_band"):
        return None
    inner = read.inner("weight_band", ("min", "max"))
    low, high = inner.number("min", required=True), inner.number("max", required=True)
    return None if low is None or high is None else (low, high)


def _comment_values(read: Reader) -> frozenset[Decimal]:
    return frozenset(read.inner("comment_required", COMMENTS).numbers("values"))


def adjustment(read: Reader) -> Adjustment:
    """A bonus or malus."""
    found = Adjustment(
        key=read.text("key", required=True),
        labels=read.texts("label"),
        kind=read.choice("kind", ("bonus", "malus"), ""),
        allowed=read.numbers("allowed"),
    )
    if not found.allowed or min(found.allowed) < 0:
        read.fault("allowed", "expected amounts of at least 0")
    return found


def aggregation(read: Reader, percent: bool) -> Aggregation:
    """How marks become a total; `percent`: some criterion is weighted in percent."""
    rounding = read.inner("rounding", ("decimals", "mode", "when"))
    return Aggregation(
        across_raters=read.choice(
            "across_raters", ("mean", "median", "consensus", "sum", "drop_one", "unspecified"), "unspecified"
        ),
        total=read.choice(
            "total", ("weighted_sum", "weighted_percent", "count"), "weighted_percent" if percent else "weighted_sum"
        ),
        min_valid_ratings=read.whole("min_valid_ratings", 1, 1, 1000),
        missing=read.choice("missing", ("use_given", "drop_sheet", "refuse"), "use_given"),
        rounding=Rounding(
            decimals=rounding.whole("decimals", 2, 0, 9),
            mode=rounding.choice("mode", ("half_up", "half_even"), "half_up"),
            when=rounding.choice("when", ("display", "rank"), "display"),
        ),
    )


def pass_rule(read: Reader) -> PassRule:
    """What the total must reach; every minimum of a group binds, with or without `blocks: all`."""
    read.choice("blocks", ("all",), "all")
    return PassRule(
        total=_threshold(read, "min_total") if read.has("min_total") else None,
        percent=_threshold(read, "min_percent") if read.has("min_percent") else None,
    )


def ranking(read: Reader) -> Ranking:
    """How the passed are put in order."""
    inner = read.inner("weights_for_ranking", read.free("weights_for_ranking"))
    found = {key: _positive(inner, key, required=True) for key in inner.raw}
    reserve = read.raw.get("reserve_list", True)
    return Ranking(
        ordered=read.choice("order", ("desc", "none"), "desc") == "desc",
        scope=read.choice("scope", ("lot", "core_topic"), "lot") if read.has("scope") else None,
        weights={key: weight for key, weight in found.items() if weight is not None},
        tie_breakers=read.words("tie_breakers"),
        reserve_list=reserve if isinstance(reserve, bool) else read.whole("reserve_list", 0, 0, 10_000),
    )


def example(read: Reader) -> Example:
    """A worked example."""
    expected = read.inner("expect", ("total", "passed", "failed", "not_rated", "error")).raw
    name = read.text("name", required=True)
    given = read.raw.get("input")
    if not isinstance(given, dict):
        read.fault("input", "expected keys and values")
    return Example(name, given if isinstance(given, dict) else {}, expected)
