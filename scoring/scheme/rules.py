"""What a scheme says: its gates, criteria and rules, with the look-ups that everybody needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from scoring.scheme.criteria import Criterion, decimal, exact, worded
from scoring.scheme.parts import Adjustment, Aggregation, Example, Gate, Group, PassRule, Ranking
from scoring.scheme.yaml_text import Plain


@dataclass(frozen=True)
class Rules:
    """The content of a scheme, read but not yet proved; `document` is the plain content it was read from."""

    key: str
    titles: Mapping[str, str]
    gates: tuple[Gate, ...]
    groups: tuple[Group, ...]
    criteria: tuple[Criterion, ...]
    adjustments: tuple[Adjustment, ...]
    aggregation: Aggregation
    pass_rule: PassRule
    ranking: Ranking
    examples: tuple[Example, ...]
    stated_maximum: Decimal | None
    document: dict[str, Plain]

    def title(self, language: str = "de") -> str:
        """The scheme's title in this language, else in any, else its key."""
        return worded(self.titles, language) or self.key

    @property
    def rated_criteria(self) -> tuple[Criterion, ...]:
        """The criteria that a person fills in."""
        return tuple(criterion for criterion in self.criteria if criterion.is_rated)

    @property
    def computed_criteria(self) -> tuple[Criterion, ...]:
        """The criteria that follow from a number of the proposal."""
        return tuple(criterion for criterion in self.criteria if not criterion.is_rated)

    @property
    def compares(self) -> bool:
        """Whether a mark follows from the number of a proposal and the lowest of all."""
        return any(one.formula for one in self.criteria)

    def criterion(self, key: str) -> Criterion:
        """The criterion of this key; KeyError if there is none."""
        return self.by_key[key]

    @cached_property
    def by_key(self) -> dict[str, Criterion]:
        return {criterion.key: criterion for criterion in self.criteria}

    @cached_property
    def maximum(self) -> Decimal:
        """The most points that the criteria can reach together (of one sheet, without bonus)."""
        return decimal(self.aggregation.reachable(self.criteria))

    def reweighting(self, one: Criterion) -> Fraction:
        """What the points of a criterion are multiplied with for the order."""
        weight = self.ranking.weights.get(one.key)
        usual = one.weight_percent if self.aggregation.total == "weighted_percent" else one.weight
        return Fraction(1) if weight is None else Fraction(weight) / Fraction(usual or 1)

    @property
    def decimals(self) -> int:
        """Decimals of a published total."""
        return self.aggregation.rounding.decimals

    @cached_property
    def scale_labels(self) -> dict[Decimal, dict[str, str]]:
        """The wording of the marks by language; "2-3" in the file stands for every mark of a criterion from 2 to 3."""
        found: dict[Decimal, dict[str, str]] = {}
        for language in ("de", "en"):
            labels = self.document.get(f"scale_labels_{language}")
            for span, label in (labels if isinstance(labels, dict) else {}).items():
                for mark in self.marks_within(span):
                    found.setdefault(mark, {})[language] = str(label)
        return found

    def marks_within(self, span: str) -> list[Decimal]:
        low, _, high = span.partition("-")
        first, last = exact(low), exact(high or low)
        marks = {mark for criterion in self.rated_criteria for mark in criterion.marks}
        return sorted(mark for mark in marks if first <= mark <= last)
