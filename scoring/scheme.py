"""A uniform rating scheme (`rating-scheme/1`): read, proved, and asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from scoring import evaluate, proof, reading
from scoring.criteria import Criterion, exact, worded
from scoring.errors import Fault, SchemeError
from scoring.evaluate import Evaluation, SheetTotal
from scoring.grammar import Reader
from scoring.parts import Adjustment, Aggregation, Example, Gate, Group, PassRule, Ranking
from scoring.plain import plain_copy
from scoring.yaml_text import Plain, read_yaml


@dataclass(frozen=True)
class Scheme:
    """Gates, criteria and rules by which every proposal of a call is rated alike.

    Made by `from_file` or `from_document`, which refuse whatever does not add up; never changed afterwards.
    `document` is the plain content (text, whole numbers, decimals as float) to be stored as JSON; reading it again
    gives the same scheme.
    """

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

    @classmethod
    def from_file(cls, path: str | Path) -> "Scheme":
        """The scheme of a YAML file of at most 1 MB; SchemeError lists every fault with its place."""
        return cls.from_document(read_yaml(Path(path).read_bytes()))

    @classmethod
    def from_document(cls, document: object) -> "Scheme":
        """The scheme of parsed YAML or JSON; decimals may be float, Decimal or int. SchemeError lists every fault."""
        faults: list[Fault] = []
        read = Reader(plain_copy(document) if isinstance(document, Mapping) else document, "", faults, reading.TOP)
        if not faults and read.raw.get("schema") != "rating-scheme/1":
            read.fault("schema", "expected rating-scheme/1")
        scheme = _assembled(read)
        if not faults:
            scheme = replace(scheme, criteria=weighed(scheme))
            faults += scheme.prove()
        if faults:
            raise SchemeError(faults)
        return scheme

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

    def criterion(self, key: str) -> Criterion:
        """The criterion of this key; KeyError if there is none."""
        return self.by_key[key]

    @cached_property
    def by_key(self) -> dict[str, Criterion]:
        return {criterion.key: criterion for criterion in self.criteria}

    @cached_property
    def maximum(self) -> Decimal:
        """The most points that the criteria can reach together (of one sheet, without bonus)."""
        reached = proof.reachable(self.criteria, self.aggregation)
        return Decimal(reached.numerator) / Decimal(reached.denominator)

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

    def evaluate(self, inputs: Mapping[str, object]) -> Evaluation:
        """One sheet: total, whether it passes, which minima failed, which gates keep it from being rated.

        inputs: marks by criterion key, numbers of the proposal by field (`min_<field>` the lowest of all rated
        proposals, default its own), gates and adjustments by key. A blank (None or missing) is not given: without an
        obligatory mark there is no total, never a 0. Gates that are not given count as met.
        Raises ScoresError whose place is the key of the input that is refused.
        """
        return evaluate.evaluate(self, inputs)

    def sheet_total(self, marks: Mapping[str, object], facts: Mapping[str, object] | None = None) -> SheetTotal:
        """How far a sheet is while it is being filled in: points so far, the most still reachable, marks given.

        marks: raw marks by criterion key, blanks allowed. facts: numbers of the proposal by field, others are ignored.
        Raises ScoresError for a mark that its criterion does not know.
        """
        return evaluate.sheet_total(self, marks, facts or {})

    def prove(self) -> list[Fault]:
        """What does not add up: weights, maxima, minima out of reach, unknown names; (place, problem)."""
        return proof.prove(self)

    def run_examples(self) -> list[tuple[str, str | None]]:
        """Every worked example with what differs from the computed result, None where nothing does."""
        return [(example.name, evaluate.difference(self, example)) for example in self.examples]


def _assembled(read: Reader) -> Scheme:
    criteria = read.each("criteria", reading.EVERY_CRITERION, reading.criterion)
    if not criteria:
        read.fault("criteria", "missing")
    read.text("title_de", required=True)
    common = read.inner("comment_required", reading.COMMENTS).numbers("values")
    percent = any(criterion.weight_percent for criterion in criteria)
    return Scheme(
        key=read.text("key", required=True),
        titles=read.texts("title"),
        gates=read.each("gates", reading.GATE, reading.gate),
        groups=read.each("groups", reading.GROUP, reading.group),
        criteria=tuple(replace(one, comment_values=one.comment_values | set(common)) for one in criteria),
        adjustments=read.each("adjustments", reading.ADJUSTMENT, reading.adjustment),
        aggregation=reading.aggregation(read.inner("aggregation", reading.AGGREGATION), percent),
        pass_rule=reading.pass_rule(read.inner("pass_rule", reading.PASS_RULE)),
        ranking=reading.ranking(read.inner("ranking", reading.RANKING)),
        examples=read.each("examples", reading.EXAMPLE, reading.example),
        stated_maximum=read.inner("total", ("max",)).number("max"),
        document=plain_copy(read.raw),
    )


def weighed(scheme: Scheme) -> tuple[Criterion, ...]:
    """The criteria with what a point of each adds to the total, and its share of the reachable points in percent."""
    percent = scheme.aggregation.total == "weighted_percent"
    found = [replace(one, coefficient=_coefficient(one, percent)) for one in scheme.criteria]
    whole = proof.reachable(found, scheme.aggregation)
    shares = [Fraction(100) * proof.most(one, scheme.aggregation) / whole if whole else Fraction(0) for one in found]
    return tuple(
        replace(one, percent=Decimal(round(share * 100)).scaleb(-2)) for one, share in zip(found, shares, strict=True)
    )


def _coefficient(criterion: Criterion, percent: bool) -> Fraction:
    if percent and criterion.maximum:
        return Fraction(criterion.weight_percent or 0) / Fraction(criterion.maximum)
    return Fraction(1 if criterion.weight is None else criterion.weight)
