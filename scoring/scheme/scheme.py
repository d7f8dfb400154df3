"""A uniform rating scheme (`rating-scheme/1`): read, proved, and asked."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from scoring.errors import Fault, SchemeError
from scoring.scheme import evaluate, proof
from scoring.scheme.criteria import Criterion, decimal
from scoring.scheme.evaluate import Evaluation, SheetTotal
from scoring.scheme.grammar import Place
from scoring.scheme.reading import TOP
from scoring.scheme.rules import Rules
from scoring.scheme.stored import plain_copy
from scoring.scheme.yaml_text import read_yaml


class Scheme(Rules):
    """Gates, criteria and rules by which every proposal of a call is rated alike.

    Made by `from_file` or `from_document`, which refuse whatever does not add up; never changed afterwards.
    `document` is the plain content (text, whole numbers, decimals as float) to be stored as JSON; reading it again
    gives the same scheme.
    """

    @classmethod
    def from_file(cls, path: str | Path) -> "Scheme":
        """The scheme of a YAML file of at most 1 MB; SchemeError lists every fault with its place."""
        return cls.from_document(read_yaml(Path(path).read_bytes()))

    @classmethod
    def from_document(cls, document: object) -> "Scheme":
        """The scheme of parsed YAML or JSON; decimals may be float, Decimal or int. SchemeError lists every fault."""
        plain = plain_copy(document) if isinstance(document, Mapping) else document
        faults: list[Fault] = []
        found = TOP.value(plain, Place("", faults))
        if isinstance(plain, dict) and not faults:
            scheme = cls(**found, document=plain)
            scheme = replace(scheme, criteria=weighed(scheme))
            faults = scheme.prove()
        if faults:
            raise SchemeError(faults)
        return scheme

    def evaluate(self, inputs: Mapping[str, object]) -> Evaluation:
        """One sheet: total, whether it passes, which minima failed, which gates keep it from being rated.

        inputs: marks by criterion key, numbers of the proposal by field (`min_<field>` the lowest of all rated
        proposals, default its own), gates and adjustments by key. A blank (None or missing) is not given: without an
        obligatory mark there is no total, never a 0. Gates that are not given count as met.
        Raises ScoresError whose place is the key of the input that is refused.
        """
        return evaluate.evaluate(self, inputs)

    def sheet_total(
        self,
        marks: Mapping[str, object],
        facts: Mapping[str, object] | None = None,
        unjudged: Collection[str] = (),
    ) -> SheetTotal:
        """How far a sheet is while it is being filled in: points so far, the most still reachable, marks given.

        marks: raw marks by key of criterion, bonus or malus, blanks allowed. facts: as for computed_marks. unjudged:
        keys of what cannot be judged, which can no longer be reached. Raises ScoresError for a mark that its criterion
        does not know.
        """
        return evaluate.sheet_total(self, marks, facts or {}, unjudged)

    def computed_marks(self, facts: Mapping[str, object]) -> dict[str, Decimal | None]:
        """The unweighted marks that follow from numbers of the proposal, by criterion; None where none does yet.

        facts: numbers by field, `min_<field>` the lowest of all rated proposals, without which only bands make a mark;
        others are ignored.
        """
        found = evaluate.computed_marks(self, facts)
        return {key: decimal(mark.value) if mark.given else None for key, mark in found.items()}

    def prove(self) -> list[Fault]:
        """What does not add up: weights, maxima, minima out of reach, unknown names."""
        return proof.prove(self)

    def run_examples(self) -> list[tuple[str, str | None]]:
        """Every worked example with what differs from the computed result, None where nothing does."""
        return [(example.name, evaluate.difference(self, example)) for example in self.examples]


def weighed(scheme: Scheme) -> tuple[Criterion, ...]:
    """The criteria with what a point of each adds to the total, and its share of the reachable points in percent."""
    percent = scheme.aggregation.total == "weighted_percent"
    found = [replace(one, coefficient=coefficient(one, percent)) for one in scheme.criteria]
    whole = scheme.aggregation.reachable(found)
    shares = [Fraction(100) * scheme.aggregation.most(one) / whole if whole else Fraction(0) for one in found]
    return tuple(
        replace(one, percent=Decimal(round(share * 100)).scaleb(-2)) for one, share in zip(found, shares, strict=True)
    )


def coefficient(criterion: Criterion, percent: bool) -> Fraction:
    """What a point of a criterion adds to the total."""
    if percent and criterion.maximum:
        return Fraction(criterion.weight_percent or 0) / Fraction(criterion.maximum)
    return Fraction(1 if criterion.weight is None else criterion.weight)
