"""One sheet: marks in, total and pass out, exactly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from scoring.errors import ScoresError
from scoring.scheme.criteria import Criterion, exact
from scoring.scheme.parts import Adjustment, Example
from scoring.scheme.rules import Rules

Points: TypeAlias = dict[str, Fraction | None]


@dataclass(frozen=True)
class Evaluation:
    """What a sheet comes to.

    total: in points, rounded as the scheme publishes it; None without an obligatory mark or behind a failed gate.
    passed: None where that cannot be said yet, False behind a failed gate. failed: keys of criteria, groups and `total`
    below their minimum. not_rated: keys of failed gates that keep the proposal from being rated; then all that follows
    is empty. missing: keys of obligatory criteria without a mark. exact: the unrounded total, None like total. points:
    what each criterion adds to the total, by key, None without a mark. effects: what the marks change beyond the rank,
    by key, as the scheme words it.
    """

    total: Decimal | None
    passed: bool | None
    failed: list[str]
    not_rated: list[str]
    missing: list[str] = field(default_factory=list)
    exact: Fraction | None = None
    points: Points = field(default_factory=dict)
    effects: dict[str, Mapping[str, object]] = field(default_factory=dict)


class SheetTotal(NamedTuple):
    """A sheet while it is filled in.

    total: points so far, rounded as the scheme publishes totals. reachable: the total if every open criterion got its
    most. given, asked: how many rated criteria have a mark, and how many there are, optional ones included. computed:
    how much of the total follows from numbers of the proposal.
    """

    total: Decimal
    reachable: Decimal
    given: int
    asked: int
    computed: Decimal

    @property
    def complete(self) -> bool:
        """Every mark that is asked for is given, optional ones too."""
        return self.given == self.asked


def evaluate(scheme: Rules, inputs: Mapping[str, object]) -> Evaluation:
    """See Scheme.evaluate."""
    _refuse_no_mapping(inputs)
    _refuse_unknown(scheme, inputs)
    if barred := failed_gates(scheme, inputs):
        return Evaluation(None, False, [], barred)
    marks = {one.key: _mark_of(one, inputs) for one in scheme.criteria}
    added = sum((_adjustment_of(one, inputs) for one in scheme.adjustments), Fraction(0))
    return judged(scheme, marks, added)


def judged(scheme: Rules, marks: Points, added: Fraction) -> Evaluation:
    """Total and pass for these unweighted marks (of one sheet, or the means over the raters)."""
    points = {one.key: contribution(scheme, one, marks[one.key]) for one in scheme.criteria}
    missing = [one.key for one in scheme.criteria if points[one.key] is None and not one.optional]
    failed = [*_below_threshold(scheme, marks), *_groups_below(scheme, points)]
    total = None if missing else sum((point or Fraction(0) for point in points.values()), added)
    if total is not None and not _total_holds(scheme, marks, total):
        failed.append("total")
    return Evaluation(
        total=None if total is None else scheme.aggregation.rounding(total),
        passed=False if failed else None if missing else True,
        failed=failed,
        not_rated=[],
        missing=missing,
        exact=total,
        points=points,
        effects=effects(scheme, marks),
    )


def contribution(scheme: Rules, criterion: Criterion, mark: Fraction | None) -> Fraction | None:
    """What a mark adds to the total."""
    if mark is None:
        return None
    if scheme.aggregation.total == "count":
        return Fraction(int(criterion.to_be_met.holds(criterion.counted(mark))))
    return criterion.coefficient * criterion.counted(mark)


def _below_threshold(scheme: Rules, marks: Points) -> Iterator[str]:
    for one in scheme.criteria:
        mark = marks[one.key]
        if one.threshold is not None and mark is not None and not one.threshold.holds(one.counted(mark)):
            yield one.key


def _groups_below(scheme: Rules, points: Points) -> Iterator[str]:
    for group in scheme.groups:
        given = [points[one.key] for one in scheme.criteria if one.group == group.key]
        obligatory = [points[one.key] for one in scheme.criteria if one.group == group.key and not one.optional]
        reached = sum((point for point in given if point is not None), Fraction(0))
        if group.minimum is not None and None not in obligatory and reached < Fraction(group.minimum):
            yield group.key


def _total_holds(scheme: Rules, marks: Points, total: Fraction) -> bool:
    rule = scheme.pass_rule
    return (rule.total is None or rule.total.holds(total)) and (
        rule.percent is None or rule.percent.holds(100 * total / _within_reach(scheme, marks))
    )


def _within_reach(scheme: Rules, marks: Points) -> Fraction:
    """The most points there could be: where marks add up, only of criteria that have one."""
    summed = scheme.aggregation.sums_marks
    counting = [one for one in scheme.criteria if not summed or marks[one.key] is not None]
    return scheme.aggregation.reachable(counting or scheme.criteria)


def effects(scheme: Rules, marks: Points) -> dict[str, Mapping[str, object]]:
    """The effects whose `at_points` are reached, and those without such a condition."""
    found = {}
    for one in scheme.criteria:
        mark = marks[one.key]
        at = one.effect.get("at_points")
        if one.effect and mark is not None and (at is None or mark >= Fraction(exact(at))):
            found[one.key] = one.effect
    return found


def _mark_of(criterion: Criterion, inputs: Mapping[str, object]) -> Fraction | None:
    if not criterion.is_rated:
        return computed_mark(criterion, inputs)
    given = inputs.get(criterion.key)
    if _blank(given):
        return None
    try:
        return Fraction(criterion.points(given))
    except ValueError as error:
        raise ScoresError([(criterion.key, str(error))]) from error


def computed_mark(criterion: Criterion, facts: Mapping[str, object]) -> Fraction | None:
    """The mark that follows from a number of the proposal, None where the number is not given."""
    fact = str(criterion.fact)
    own = number_of(facts, fact)
    if own is None:
        return None
    lowest = number_of(facts, f"min_{fact}")
    return by_rule(criterion, own, own if lowest is None else lowest)


def by_rule(criterion: Criterion, own: Fraction, lowest: Fraction) -> Fraction:
    """The mark for a proposal's own number, where `lowest` is the lowest of all rated proposals."""
    if criterion.type == "bands":
        reached = (band.points for band in criterion.bands if own <= Fraction(band.up_to))
        return Fraction(next(reached, Decimal(0)))
    if own <= 0 or lowest <= 0 or lowest > own:
        problem = "must be above 0" if own <= 0 or lowest <= 0 else "is below the lowest"
        raise ScoresError([(str(criterion.fact), f"{_shown(own)} {problem} ({_shown(lowest)})")])
    share = lowest / own if criterion.formula == "ratio" else max(Fraction(0), 2 - own / lowest)
    return Fraction(criterion.maximum) * share


def number_of(facts: Mapping[str, object], key: str) -> Fraction | None:
    """A number of the proposal, exactly; None where it is blank, ScoresError where it is no number."""
    given = facts.get(key)
    if _blank(given):
        return None
    try:
        return Fraction(exact(given))
    except ValueError as error:
        raise ScoresError([(key, str(error))]) from error


def _blank(given: object) -> bool:
    """None, NaN, the blank of pandas (which has no truth of its own, and is not loaded here), or empty text."""
    if given is None or isinstance(given, str):
        return not (given or "").strip()
    try:
        return bool(given != given)
    except (TypeError, ValueError):
        return type(given).__name__ == "NAType"


def _adjustment_of(adjustment: Adjustment, inputs: Mapping[str, object]) -> Fraction:
    given = inputs.get(adjustment.key)
    try:
        return Fraction(0) if _blank(given) else adjustment.signed(given)
    except ValueError as error:
        raise ScoresError([(adjustment.key, str(error))]) from error


def failed_gates(scheme: Rules, facts: Mapping[str, object]) -> list[str]:
    """Keys of the gates with `ko` that the given answers fail; gates without an answer count as met."""
    failed = []
    for gate in scheme.gates:
        given = facts.get(gate.key, facts.get(gate.fact))
        try:
            if gate.ko and not _blank(given) and not gate.holds(given):
                failed.append(gate.key)
        except ValueError as error:
            raise ScoresError([(gate.key, str(error))]) from error
    return failed


def _refuse_no_mapping(inputs: object) -> None:
    if not isinstance(inputs, Mapping):
        raise ScoresError(f"expected inputs by key, found {inputs!r}")


def _refuse_unknown(scheme: Rules, inputs: Mapping[str, object]) -> None:
    facts = {str(one.fact) for one in scheme.computed_criteria}
    known = facts | {f"min_{fact}" for fact in facts} | {one.key for one in scheme.rated_criteria}
    known |= {name for gate in scheme.gates for name in (gate.key, gate.fact)} | {one.key for one in scheme.adjustments}
    known |= {rule.partition(":")[2] or rule for rule in scheme.ranking.tie_breakers}
    if unknown := [key for key in inputs if key not in known]:
        raise ScoresError([(key, "the scheme knows no such input") for key in unknown])


def sheet_total(scheme: Rules, marks: Mapping[str, object], facts: Mapping[str, object]) -> SheetTotal:
    """See Scheme.sheet_total."""
    _refuse_no_mapping(marks)
    _refuse_no_mapping(facts)
    total, within_reach, computed, given, asked = Fraction(0), Fraction(0), Fraction(0), 0, 0
    for one in scheme.criteria:
        point = contribution(scheme, one, _mark_of(one, marks if one.is_rated else facts))
        asked += one.is_rated
        given += one.is_rated and point is not None
        total += point or Fraction(0)
        computed += Fraction(0) if one.is_rated else point or Fraction(0)
        within_reach += scheme.aggregation.most(one) if point is None else point
    rounded = scheme.aggregation.rounding
    return SheetTotal(rounded(total), rounded(within_reach), given, asked, rounded(computed))


def difference(scheme: Rules, example: Example) -> str | None:
    """What differs between an example's expected and its computed result, None if nothing."""
    try:
        found = evaluate(scheme, example.given)
    except ScoresError as error:
        wanted = example.expected.get("error")
        return None if wanted == error.place else f"refused at {error}, expected {dict(example.expected)}"
    differing = [text for key, wanted in example.expected.items() if (text := _differs(key, wanted, found))]
    return "; ".join(differing) or None


def _differs(key: str, wanted: object, found: Evaluation) -> str | None:
    if key == "error":
        return f"the input {wanted} was expected to be refused, it was taken"
    computed = getattr(found, key)
    if isinstance(wanted, list) and isinstance(computed, list):
        wanted, computed = sorted(map(str, wanted)), sorted(computed)
    same = wanted == computed
    if key == "total" and computed is not None and wanted is not None:
        try:
            same = exact(wanted) == computed
        except ValueError:
            same = False
    return None if same else f"{key} is {computed}, expected {wanted}"


def _shown(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.10g}"
