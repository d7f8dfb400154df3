"""The steps from single marks to total and order, number by number: what the cells of the calculation show.

A spreadsheet stores with every formula the value it had when the file was written. These are those values, worked out
as the scheme says; total, rank, pass and tie rule themselves come from the ranking and are never worked out anew.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from statistics import median

from app.domain.proposals import FACTS
from app.domain.rankings import Mark, Placed, Ranking
from app.domain.rating_schemes import Criterion, Scheme, contribution

LEAST_TO_DROP = 5
BLANK_COMES_LAST = Fraction(-(10**15))
NOTHING = Fraction(0)

Marks = dict[str, Decimal]
Numbers = dict[str, Fraction | None]


@dataclass(frozen=True)
class Given:
    """What a rated proposal brings: its numbers, the sheets of unbiased members, and those of them that count."""

    line: Placed
    facts: Numbers
    unbiased: list[Marks]
    counted: list[Marks]

    @property
    def competing(self) -> bool:
        """It has a rating, and no condition that a number decides keeps it out."""
        return competing(self.line)


@dataclass(frozen=True)
class Worked:
    """One rated proposal, worked out.

    marks, points by criterion, None where there is none; counts how many members gave one. adjusted: by bonus or malus,
    with its sign. total: unrounded, None without an obligatory mark. order: what the order follows, None where the
    proposal is not ranked. ties: by tie rule, the higher goes first.
    """

    given: Given
    counts: dict[str, int]
    marks: Numbers
    points: Numbers
    adjusted: dict[str, Fraction]
    total: Fraction | None
    order: Fraction | None
    ties: dict[str, Fraction]


def rated(ranking: Ranking) -> list[Placed]:
    """The lines of the list that were rated: admitted and not withdrawn."""
    return [line for line in ranking.lines if line.reason_code]


def barred(line: Placed) -> bool:
    """Whether a number of the proposal fails a condition of the scheme."""
    return line.reason_code == "gate"


def competing(line: Placed) -> bool:
    """Whether a proposal has a rating, and no condition that a number decides keeps it out."""
    return line.valid_reviews > 0 and not barred(line)


def sheets(marks: Iterable[Mark]) -> dict[tuple[str, str], Marks]:
    """The points of every sheet by criterion, counted or not, by (proposal, member)."""
    found: dict[tuple[str, str], Marks] = defaultdict(dict)
    for mark in marks:
        sheet = found[mark.proposal, mark.member]
        if mark.value is not None:
            sheet[mark.criterion] = mark.value
    return dict(sorted(found.items()))


def counting(scheme: Scheme) -> Callable[[Marks], bool]:
    """Whether an unbiased member's sheet counts: with a mark, and complete where the scheme asks for that."""
    rated = {one.key for one in scheme.rated_criteria}
    wanted = {one.key for one in scheme.rated_criteria if not one.optional}
    if scheme.aggregation.missing != "drop_sheet":
        wanted = set()
    return lambda sheet: not rated.isdisjoint(sheet) and wanted <= sheet.keys()


def worked(ranking: Ranking, scheme: Scheme, only: str = "") -> list[Worked]:
    """Every rated proposal in the order of the list; with `only` that one alone, if it was rated."""
    marks = [mark for mark in ranking.marks if only in ("", mark.proposal)]
    biased = {(mark.proposal, mark.member) for mark in marks if not mark.counts}
    unbiased: dict[str, list[Marks]] = defaultdict(list)
    for (proposal, member), sheet in sheets(marks).items():
        if (proposal, member) not in biased:
            unbiased[proposal].append(sheet)
    counts, everybody = counting(scheme), rated(ranking)
    lowest = {str(one.fact): _lowest(str(one.fact), everybody) for one in scheme.computed_criteria}
    drawn = lots([line.proposal for line in everybody], ranking.seed)
    given = [_given(line, unbiased[line.proposal], counts) for line in everybody if only in ("", line.proposal)]
    return [_worked(scheme, one, lowest, drawn) for one in given]


def lots(keys: Iterable[str], seed: str) -> dict[str, int]:
    """The draw that the tie rule `lot` repeats: the order of SHA-256 of "<seed>:<proposal>"; the higher goes first."""
    drawn = sorted(keys, key=lambda key: sha256(f"{seed}:{key}".encode()).digest(), reverse=True)
    return {key: place for place, key in enumerate(drawn)}


def _given(line: Placed, unbiased: list[Marks], counts: Callable[[Marks], bool]) -> Given:
    facts = {name: None if number is None else Fraction(number) for name, number in line.numbers.items()}
    return Given(line, facts, unbiased, [sheet for sheet in unbiased if counts(sheet)])


def _lowest(fact: str, everybody: list[Placed]) -> Fraction:
    numbers = [Fraction(own) for one in everybody if competing(one) and (own := one.numbers.get(fact)) is not None]
    return min(numbers, default=NOTHING)


def _worked(scheme: Scheme, given: Given, lowest: dict[str, Fraction], drawn: dict[str, int]) -> Worked:
    values = {one.key: _values(one.key, given.counted) for one in scheme.criteria}
    number = {key: len(found) for key, found in values.items()}
    marks = {
        one.key: average(values[one.key], scheme.aggregation.across_raters)
        if one.is_rated
        else computed(one, given, lowest)
        for one in scheme.criteria
    }
    points = {one.key: _points(scheme, one, marks[one.key], number[one.key]) for one in scheme.criteria}
    adjusted = {one.key: _adjusted(one.kind, _values(one.key, given.unbiased)) for one in scheme.adjustments}
    total = _total(scheme, given, points, adjusted)
    order = None if given.line.rank is None else _order(scheme, total, points, adjusted)
    ties = {rule: _tie(scheme, rule, given, marks, points, drawn) for rule in rules(scheme)}
    return Worked(given, number, marks, points, adjusted, total, order, ties)


def _values(key: str, found: list[Marks]) -> list[Fraction]:
    return [Fraction(sheet[key]) for sheet in found if key in sheet]


def average(marks: list[Fraction], method: str) -> Fraction | None:
    """The mark of several raters: median, mean without the two ends (of at least five), or mean; None of none."""
    if not marks:
        return None
    if method == "median":
        return Fraction(median(marks))
    if method == "drop_one" and len(marks) >= LEAST_TO_DROP:
        marks = sorted(marks)[1:-1]
    return sum(marks, NOTHING) / len(marks)


def computed(one: Criterion, given: Given, lowest: dict[str, Fraction]) -> Fraction | None:
    """The mark that follows from a proposal's own number and the lowest of all that compete."""
    own = given.facts.get(str(one.fact))
    if own is None or not given.competing:
        return None
    if one.type == "bands":
        return next((Fraction(band.points) for band in one.bands if own <= Fraction(band.up_to)), NOTHING)
    least = lowest[str(one.fact)]
    return Fraction(one.maximum) * (least / own if one.formula == "ratio" else max(NOTHING, 2 - own / least))


def _points(scheme: Scheme, one: Criterion, mark: Fraction | None, raters: int) -> Fraction | None:
    """What the mark of several raters adds to the total."""
    points = contribution(scheme, one, mark)
    return points * raters if points is not None and summed(scheme, one) else points


def summed(scheme: Scheme, one: Criterion) -> bool:
    """Whether the marks of all raters add up instead of being averaged."""
    return scheme.aggregation.sums_marks and one.is_rated


def _adjusted(kind: str, entered: list[Fraction]) -> Fraction:
    mean = average(entered, "mean") or NOTHING
    return mean if kind == "bonus" else -mean


def _total(scheme: Scheme, given: Given, points: Numbers, adjusted: dict[str, Fraction]) -> Fraction | None:
    if not given.competing or any(points[one.key] is None for one in scheme.criteria if not one.optional):
        return None
    return sum((point or NOTHING for point in points.values()), sum(adjusted.values(), NOTHING))


def _order(scheme: Scheme, total: Fraction | None, points: Numbers, adjusted: dict[str, Fraction]) -> Fraction:
    """The total, with the weights for ranking if there are any, rounded if the scheme says so."""
    value = total or NOTHING
    if scheme.ranking.weights:
        parts = [(points[one.key] or NOTHING) * reweighting(scheme, one) for one in scheme.criteria]
        value = sum(parts, sum(adjusted.values(), NOTHING))
    rounding = scheme.aggregation.rounding
    return Fraction(rounding(value)) if rounding.when == "rank" else value


def reweighting(scheme: Scheme, one: Criterion) -> Fraction:
    """What the points of a criterion are multiplied with for the order."""
    weight = scheme.ranking.weights.get(one.key)
    usual = one.weight_percent if scheme.aggregation.total == "weighted_percent" else one.weight
    return Fraction(1) if weight is None else Fraction(weight) / Fraction(usual or 1)


def rules(scheme: Scheme) -> list[str]:
    """The tie rules that something is recorded for; the others wait for the committee."""
    known = {one.key for one in scheme.criteria} | {one.key for one in scheme.groups} | {"lot"}
    return [rule for rule in scheme.ranking.tie_breakers if rule in known or fact_of(rule)]


def fact_of(rule: str) -> str:
    """The number of the proposal that a tie rule compares, or nothing."""
    name = rule.partition(":")[2] or rule
    return name if name in FACTS else ""


def _tie(scheme: Scheme, rule: str, given: Given, marks: Numbers, points: Numbers, drawn: dict[str, int]) -> Fraction:
    if rule in marks:
        mark = marks[rule]
        return BLANK_COMES_LAST if mark is None else scheme.criterion(rule).counted(mark)
    if any(group.key == rule for group in scheme.groups):
        return sum((points[one.key] or NOTHING for one in scheme.criteria if one.group == rule), NOTHING)
    if rule == "lot":
        return Fraction(drawn[given.line.proposal])
    own = given.facts.get(fact_of(rule))
    if own is None:
        return BLANK_COMES_LAST
    return own if rule.startswith("higher:") else -own
