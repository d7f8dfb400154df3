"""One sheet: marks in, total and pass out, exactly."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from scoring.errors import ScoresError
from scoring.scheme.criteria import Criterion, exact
from scoring.scheme.parts import Example
from scoring.scheme.rules import Rules
from scoring.scheme.steps import Mark, added, contribution, shortfalls

Marks: TypeAlias = dict[str, Mark[Fraction]]

NONE = Mark(Fraction(0), False, 0)


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
    points: dict[str, Fraction | None] = field(default_factory=dict)
    effects: dict[str, Mapping[str, object]] = field(default_factory=dict)


class SheetTotal(NamedTuple):
    """A sheet while it is filled in.

    total: points so far, bonus and malus included; reachable: the total if every open criterion got its most; maximum:
    the most of all criteria; computed: how much of the total follows from numbers of the proposal; all rounded as the
    scheme publishes totals. given, asked: how many of the rated criteria, bonuses and maluses have a mark or cannot be
    judged, and how many there are, optional ones included. decimals: of the published numbers.
    """

    total: Decimal
    reachable: Decimal
    maximum: Decimal
    computed: Decimal
    given: int
    asked: int
    decimals: int

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
    facts = {str(one.fact) for one in scheme.computed_criteria}
    own = {f"min_{fact}": inputs.get(fact) for fact in facts if _blank(inputs.get(f"min_{fact}"))}
    return judged(scheme, _marks(scheme, inputs, computed_marks(scheme, {**inputs, **own})), _adjusted(scheme, inputs))


def judged(scheme: Rules, marks: Marks, adjusted: Fraction) -> Evaluation:
    """Total and pass for these unweighted marks."""
    points = {one.key: contribution(scheme, one, marks[one.key]) for one in scheme.criteria}
    missing = [one.key for one in scheme.criteria if not marks[one.key].given and not one.optional]
    total = added([adjusted, *points.values()])
    below = shortfalls(scheme, marks, points, total, not missing)
    failed = [key for key, short in below.items() if short]
    return Evaluation(
        total=None if missing else scheme.aggregation.rounding(total),
        passed=False if failed else None if missing else True,
        failed=failed,
        not_rated=[],
        missing=missing,
        exact=None if missing else total,
        points={key: point if marks[key].given else None for key, point in points.items()},
        effects=effects(scheme, marks),
    )


def effects(scheme: Rules, marks: Marks) -> dict[str, Mapping[str, object]]:
    """The effects whose `at_points` are reached, and those without such a condition."""
    found = {}
    for one in scheme.criteria:
        mark = marks[one.key]
        at = one.effect.get("at_points")
        if one.effect and mark.given and (at is None or mark.value >= Fraction(exact(at))):
            found[one.key] = one.effect
    return found


def _marks(scheme: Rules, marks: Mapping[str, object], computed: Marks) -> Marks:
    """The marks of one sheet in the order of the scheme: as given, or as they follow from the proposal."""
    return {one.key: _given(one, marks.get(one.key)) if one.is_rated else computed[one.key] for one in scheme.criteria}


def _given(criterion: Criterion, mark: object) -> Mark[Fraction]:
    try:
        return NONE if _blank(mark) else Mark(Fraction(criterion.points(mark)), True, 1)
    except ValueError as error:
        raise ScoresError([(criterion.key, str(error))]) from error


def computed_marks(scheme: Rules, facts: Mapping[str, object]) -> Marks:
    """See Scheme.computed_marks."""
    found: Marks = {}
    for one in scheme.computed_criteria:
        own, lowest = (number_of(facts, f"{which}{one.fact}") for which in ("", "min_"))
        lowest, found[one.key] = own if one.type == "bands" else lowest, NONE
        if own is not None and lowest is not None:
            found[one.key] = Mark(computed_mark(one, own, lowest), True, 1)
    return found


def computed_mark(criterion: Criterion, own: Fraction, lowest: Fraction) -> Fraction:
    """The mark for a proposal's own number and the lowest of all rated proposals; ScoresError where none follows."""
    if criterion.type != "bands" and not 0 < lowest <= own:
        problem = "is below the lowest" if own > 0 and lowest > 0 else "must be above 0"
        raise ScoresError([(str(criterion.fact), f"{_shown(own)} {problem} ({_shown(lowest)})")])
    return criterion.computed(own, lowest)


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


def _adjusted(scheme: Rules, marks: Mapping[str, object]) -> Fraction:
    """Bonus less malus."""
    adjusted = Fraction(0)
    for one in scheme.adjustments:
        given = marks.get(one.key)
        try:
            adjusted += Fraction(0) if _blank(given) else one.signed(given)
        except ValueError as error:
            raise ScoresError([(one.key, str(error))]) from error
    return adjusted


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


def sheet_total(
    scheme: Rules, marks: Mapping[str, object], facts: Mapping[str, object], unjudged: Collection[str]
) -> SheetTotal:
    """See Scheme.sheet_total."""
    _refuse_no_mapping(marks)
    _refuse_no_mapping(facts)
    found = _marks(scheme, marks, computed_marks(scheme, facts))
    points = {one.key: contribution(scheme, one, found[one.key]) for one in scheme.criteria}
    total = added([_adjusted(scheme, marks), *points.values()])
    still_open = [one for one in scheme.criteria if not found[one.key].given and one.key not in unjudged]
    asked = [*(one.key for one in scheme.rated_criteria), *(one.key for one in scheme.adjustments)]
    rounded = scheme.aggregation.rounding
    return SheetTotal(
        total=rounded(total),
        reachable=rounded(total + scheme.aggregation.reachable(still_open)),
        maximum=rounded(scheme.aggregation.reachable(scheme.criteria)),
        computed=rounded(sum((points[one.key] for one in scheme.computed_criteria), Fraction(0))),
        given=sum(key in unjudged or not _blank(marks.get(key)) for key in asked),
        asked=len(asked),
        decimals=scheme.decimals,
    )


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
