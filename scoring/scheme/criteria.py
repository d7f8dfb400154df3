"""One criterion of a scheme: which marks it knows, how they are read and what they weigh."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

from scoring.errors import MarkError

TENTH = Decimal("0.1")
YES = {"yes", "true", "ja"}
NO = {"no", "false", "nein"}

Mark: TypeAlias = Decimal | tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """A mark with its wording (levels), or an item of a checklist with its points."""

    key: str
    points: Decimal
    labels: Mapping[str, str]

    def label(self, language: str = "de") -> str:
        """Its wording in this language, else in any, else empty."""
        return worded(self.labels, language)


@dataclass(frozen=True)
class Band:
    """Up to and including this value of the proposal's number there are these points."""

    up_to: Decimal
    points: Decimal


@dataclass(frozen=True)
class Threshold:
    """A minimum; `strict` means above it, otherwise reaching it is enough."""

    minimum: Decimal
    strict: bool

    @property
    def sign(self) -> str:
        """How it is written before the number."""
        return ">" if self.strict else "≥"

    def holds(self, value: Any) -> Any:
        """Whether an exact value meets the minimum; of a column, which of its rows do."""
        least = Fraction(self.minimum)
        return value > least if self.strict else value >= least


ABOVE_ZERO = Threshold(Decimal(0), strict=True)


@dataclass(frozen=True)
class Criterion:
    """What is rated. `coefficient` turns an unweighted mark into points of the total; `percent` is its share of it."""

    key: str
    type: str
    labels: Mapping[str, str]
    descriptions: Mapping[str, str]
    minimum: Decimal
    maximum: Decimal
    step: Decimal | None = None
    levels: tuple[Option, ...] = ()
    options: tuple[Option, ...] = ()
    bands: tuple[Band, ...] = ()
    formula: str | None = None
    fact: str | None = None
    group: str | None = None
    weight: Decimal | None = None
    weight_percent: Decimal | None = None
    weight_band: tuple[Decimal, Decimal] | None = None
    threshold: Threshold | None = None
    optional: bool = False
    low_is_good: bool = False
    effect: Mapping[str, object] = field(default_factory=dict)
    reason_required: bool = False
    comment_values: frozenset[Decimal] = frozenset()
    coefficient: Fraction = Fraction(1)
    percent: Decimal = Decimal(0)

    @property
    def is_rated(self) -> bool:
        """A person gives the mark; otherwise it is computed from a number of the proposal."""
        return self.type not in ("computed", "bands")

    def label(self, language: str = "de") -> str:
        """Its name in this language, else in any, else its key."""
        return worded(self.labels, language) or self.key

    def description(self, language: str = "de") -> str:
        """The help beside the field, or nothing."""
        return worded(self.descriptions, language)

    @cached_property
    def marks(self) -> tuple[Decimal, ...]:
        """Every allowed mark in points, lowest first; empty for a computed criterion."""
        if self.type in ("levels", "yesno"):
            return tuple(sorted(level.points for level in self.levels))
        if self.type == "checklist":
            return checklist_sums(self.options, self.maximum)
        if self.step is None:
            return ()
        count = int((self.maximum - self.minimum) / self.step)
        return tuple(plain(self.minimum + self.step * index) for index in range(count + 1))

    @cached_property
    def known_marks(self) -> frozenset[Decimal]:
        return frozenset(self.marks)

    @cached_property
    def neighbours(self) -> dict[Decimal, tuple[Decimal, Decimal]]:
        """How far down and up the next mark lies from each mark; 0 at an end."""
        down = {high: high - low for low, high in pairwise(self.marks)}
        up = {low: high - low for low, high in pairwise(self.marks)}
        return {mark: (down.get(mark, Decimal(0)), up.get(mark, Decimal(0))) for mark in self.marks}

    def neighbours_of(self, mark: Fraction) -> tuple[Decimal, Decimal]:
        """How far below and above this mark the next marks lie; 0 at an end of the scale."""
        return self.neighbours[decimal(mark)]

    @property
    def allowed(self) -> str:
        """The allowed marks in few words."""
        if self.type == "checklist":
            return "any of " + ", ".join(option.key for option in self.options)
        if self.type == "yesno":
            return "yes or no"
        if self.step is not None:
            return f"{self.minimum} to {self.maximum} in steps of {self.step}"
        return ", ".join(str(mark) for mark in self.marks)

    def parse(self, given: object) -> Mark:
        """The mark in what was typed or stored: a number of points, for a checklist the chosen keys.

        Takes text ("4", "4,5", "yes", "a, b"), numbers, True and False, and for a checklist any list of keys.
        Raises MarkError (a ValueError) with a sentence that says what is allowed; a blank is not a mark.
        """
        if self.type == "checklist" and not _is_number(given):
            return self.chosen(given)
        if self.type == "yesno" and (answer := yes_or_no(given)) is not None:
            return self.maximum if answer else Decimal(0)
        number = self.number(given)
        if number not in self.known_marks:
            raise self.refusal("off_scale", f"{given} is not a mark of {self.key}")
        return number

    def points(self, given: object) -> Decimal:
        """The unweighted points of a mark: a number as it is, of a checklist the chosen items, at most its maximum."""
        mark = self.parse(given)
        if isinstance(mark, Decimal):
            return mark
        return min(sum((option.points for option in self.options if option.key in mark), Decimal(0)), self.maximum)

    def needs_comment(self, given: object) -> bool:
        """Whether the scheme asks for a written reason for this mark (or for every mark of this criterion)."""
        return self.reason_required or self.points(given) in self.comment_values

    @property
    def bound(self) -> tuple[str, Decimal] | None:
        """What its minimum asks of the mark as it is given, such as ("≥", 3); where low is good ("≤", 2)."""
        if self.threshold is None:
            return None
        if self.low_is_good:
            return "<" if self.threshold.strict else "≤", self.minimum + self.maximum - self.threshold.minimum
        return self.threshold.sign, self.threshold.minimum

    @property
    def to_be_met(self) -> Threshold:
        """What the mark has to reach, as it counts, for the criterion to be met: its minimum, or more than 0."""
        return self.threshold or ABOVE_ZERO

    def computed(self, own: Fraction, lowest: Fraction) -> Fraction:
        """The mark for a proposal's own number, where `lowest` is the lowest of all rated proposals.

        Bands need no lowest; the formulas want 0 < lowest <= own.
        """
        if self.type == "bands":
            return Fraction(next((band.points for band in self.bands if own <= Fraction(band.up_to)), 0))
        share = lowest / own if self.formula == "ratio" else max(Fraction(0), 2 - own / lowest)
        return Fraction(self.maximum) * share

    def number(self, given: object) -> Decimal:
        try:
            return exact(given)
        except ValueError as error:
            raise self.refusal("not_a_number", f"{given!r} is not a mark of {self.key}") from error

    def chosen(self, given: object) -> tuple[str, ...]:
        wanted = given.split(",") if isinstance(given, str) else given
        if not isinstance(wanted, Iterable) or isinstance(wanted, Mapping):
            raise self.refusal("unknown_option", f"{given!r} is no list of items of {self.key}")
        keys = {str(key).strip() for key in wanted} - {""}
        known = tuple(option.key for option in self.options if option.key in keys)
        if unknown := sorted(keys.difference(known)):
            raise self.refusal("unknown_option", f"{', '.join(unknown)} is not in {self.key}")
        return known

    def refusal(self, code: str, problem: str) -> MarkError:
        return MarkError(code, f"{problem}: {self.allowed}", self.allowed)


def exact(given: object) -> Decimal:
    """A number or its text as an exact Decimal ("4", "4.5", "4,5", 4, 4.5); ValueError for anything else."""
    if isinstance(given, bool) or given is None:
        raise ValueError("not a number")
    text = str(given).strip()
    if not text.isascii():
        raise ValueError(f"{given!r} is not a number")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{given!r} is not a number") from None
    if not number.is_finite() or not -20 < number.adjusted() < 20 or len(number.as_tuple().digits) > 40:
        raise ValueError(f"{given!r} is not a number that can be used")
    return number


def decimal(number: Fraction) -> Decimal:
    """A Fraction as a Decimal, exactly where it has so many digits."""
    return Decimal(number.numerator) / number.denominator


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros or an exponent: 4.0 is 4, 1E+2 is 100."""
    return Decimal(format(number.normalize(), "f"))


def worded(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, else in any, else empty."""
    return texts.get(language) or next(iter(texts.values()), "")


def _is_number(given: object) -> bool:
    try:
        exact(given)
    except ValueError:
        return False
    return True


def yes_or_no(given: object) -> bool | None:
    """True or False for yes, ja, true and no, nein, false; None for anything else."""
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    return True if word in YES else False if word in NO else None


def checklist_sums(options: Iterable[Option], most: Decimal) -> tuple[Decimal, ...]:
    """Every number of points that some choice of the options makes, at most `most`, lowest first."""
    sums = {Decimal(0)}
    for option in options:
        sums |= {min(total + option.points, most) for total in sums}
    return tuple(sorted(plain(total) for total in sums))
