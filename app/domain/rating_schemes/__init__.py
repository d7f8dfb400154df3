"""Rating schemes: kept as documents that never change, read once a process."""

import json
from collections.abc import Mapping
from datetime import datetime

from app.domain import faults
from app.domain.documents import Documents, Kept, Written
from app.errors import Invalid
from app.i18n import gettext as _
from scoring.errors import SchemeError
from scoring.scheme.criteria import Criterion, exact
from scoring.scheme.evaluate import SheetTotal
from scoring.scheme.parts import LEAST_TO_DROP, Gate
from scoring.scheme.reading import TOP as GRAMMAR
from scoring.scheme.scheme import Scheme
from scoring.scheme.steps import Steps
from scoring.scheme.yaml_text import read_yaml

__all__ = [
    "GRAMMAR",
    "KEPT",
    "LEAST_TO_DROP",
    "Criterion",
    "Gate",
    "Kept",
    "Scheme",
    "SchemeError",
    "SheetTotal",
    "Steps",
    "exact",
    "gate_says",
    "keep",
    "known",
    "of",
    "proved",
    "read",
    "read_yaml",
    "reserve_places",
    "used_by",
]


def _stored(text: str) -> Scheme:
    return Scheme.from_document(json.loads(text))


KEPT = Documents("rating_scheme", _stored)
of, known, used_by = KEPT.of, KEPT.known, KEPT.used_by


def read(content: bytes) -> Scheme:
    """The scheme of an uploaded `rating-scheme/1` file; raises Invalid(rating_scheme=...), one line for each fault."""
    try:
        document = read_yaml(content)
    except SchemeError as error:
        raise Invalid(rating_scheme=faults.listed(error)) from error
    return proved(document)


def proved(document: object) -> Scheme:
    """The scheme of a document that adds up and computes its worked examples; raises Invalid(rating_scheme=...)."""
    try:
        scheme = Scheme.from_document(document)
    except SchemeError as error:
        raise Invalid(rating_scheme=faults.listed(error)) from error
    said = _("The worked example “%(name)s” gives another value than stated.")
    if wrong := [said % {"name": name} for name, problem in scheme.run_examples() if problem]:
        raise Invalid(rating_scheme="\n".join(wrong))
    return scheme


async def keep(scheme: Scheme, authority: int, *, by: int | None, at: datetime) -> int:
    """Inside a transaction: keep a scheme for an authority; the same text again is the same row. Returns its id."""
    text = json.dumps(scheme.document, ensure_ascii=False, sort_keys=True)
    return await KEPT.keep(Written(scheme.key, scheme.title("de"), scheme.title("en"), text), authority, by=by, at=at)


def reserve_places(scheme: Scheme) -> int | None:
    """How many places the reserve list has by the scheme; None for all that passed."""
    length = scheme.ranking.reserve_list
    if isinstance(length, bool):
        return None if length else 0
    return length


def gate_says(gate: Gate, facts: Mapping[str, object]) -> bool | None:
    """Whether the numbers of a proposal meet a gate by themselves; None where a person has to look."""
    given = facts.get(gate.fact)
    return gate.holds(given) if gate.type == "number" and given is not None else None
