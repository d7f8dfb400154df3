"""What can be said of a scheme while it is still being written: what it weighs so far, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scoring.errors import Fault, SchemeError
from scoring.scheme.criteria import Criterion
from scoring.scheme.grammar import Place
from scoring.scheme.parts import Aggregation
from scoring.scheme.reading import AGGREGATION, CRITERION, TYPES
from scoring.scheme.scheme import Scheme, coefficient
from scoring.scheme.stored import plain_copy
from scoring.scheme.yaml_text import Plain

OF_A_TYPE = frozenset(key for part in TYPES.values() for key in part.known)


def proposed(document: Mapping[str, object]) -> dict[str, Plain]:
    """The draft as a scheme: without what its criteria keep of types that they have no longer."""
    found: dict[str, Any] = plain_copy(document)
    criteria = found.get("criteria")
    if isinstance(criteria, list):
        found["criteria"] = [_of_its_type(one) for one in criteria]
    return found


def faults(document: Mapping[str, object]) -> list[Fault]:
    """Everything that keeps a draft from being a scheme, each with its place; none for a sound one."""
    try:
        Scheme.from_document(proposed(document))
    except SchemeError as error:
        return error.faults
    return []


def shares(document: Mapping[str, object]) -> list[Decimal | None]:
    """What each criterion of a draft weighs in percent of what all can reach; None where it cannot be read yet."""
    listed = proposed(document).get("criteria")
    criteria = [_read(one) for one in listed] if isinstance(listed, list) else []
    known = [one for one in criteria if one is not None]
    how = _aggregation(document, known)
    weighed = [one and replace(one, coefficient=coefficient(one, how.total == "weighted_percent")) for one in criteria]
    whole = how.reachable(one for one in weighed if one)
    return [_percent(how.most(one), whole) if one and whole else None for one in weighed]


def _of_its_type(given: Any) -> Any:
    if not isinstance(given, dict) or not isinstance(given.get("type"), str) or given["type"] not in TYPES:
        return given
    left = OF_A_TYPE - TYPES[given["type"]].known
    return {key: value for key, value in given.items() if key not in left}


def _read(given: object) -> Criterion | None:
    """A criterion as far as it weighs something; its name may still be missing."""
    named = {"key": "-", **given} if isinstance(given, dict) else given
    found: Criterion | None = CRITERION.value(named, Place("", []))
    return found


def _aggregation(document: Mapping[str, object], criteria: list[Criterion]) -> Aggregation:
    found = AGGREGATION.read(document, "aggregation", Place("", [])) or Aggregation(total="")
    if found.total:
        return found
    percent = any(one.weight_percent for one in criteria)
    return replace(found, total="weighted_percent" if percent else "weighted_sum")


def _percent(most: Fraction, whole: Fraction) -> Decimal:
    return Decimal(round(100 * most / whole * 100)).scaleb(-2)
