"""Rating schemes: kept as documents that never change, read once a process."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from app import database
from app.domain import faults
from app.errors import Invalid, NotFound
from app.i18n import gettext as _
from app.records import events
from app.records.memory import Memory
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
    "read",
    "read_yaml",
    "reserve_places",
]


class Kept(NamedTuple):
    """A scheme as it is kept: its row's id, its fingerprint, and the scheme itself."""

    id: int
    sha256: str
    scheme: Scheme


_kept: Memory[int, Kept] = Memory(most=1000)


def read(content: bytes) -> Scheme:
    """The scheme of an uploaded `rating-scheme/1` file; raises Invalid(rating_scheme=...), one line for each fault."""
    try:
        scheme = Scheme.from_document(read_yaml(content))
    except SchemeError as error:
        raise Invalid(rating_scheme=faults.listed(error)) from error
    said = _("The worked example “%(name)s” gives another value than stated.")
    if wrong := [said % {"name": name} for name, problem in scheme.run_examples() if problem]:
        raise Invalid(rating_scheme="\n".join(wrong))
    return scheme


async def of(scheme_id: int | None) -> Kept:
    """The scheme of this id; raises NotFound where a call has none yet. No query once it was read."""
    if scheme_id is None:
        raise NotFound
    if kept := _kept.get(scheme_id):
        return kept
    found = await database.row("SELECT id, document, sha256 FROM rating_scheme WHERE id = $1", scheme_id)
    if found is None:
        raise NotFound
    scheme = Scheme.from_document(json.loads(found["document"]))
    return _kept.keep(scheme_id, Kept(found["id"], found["sha256"], scheme))


def known(scheme_id: int) -> Kept:
    """A scheme that `of` has read before."""
    return _kept[scheme_id]


async def keep(scheme: Scheme, authority: int, *, by: int | None, at: datetime) -> int:
    """Inside a transaction: keep a scheme for an authority; the same text again is the same row. Returns its id."""
    document = json.dumps(scheme.document, ensure_ascii=False, sort_keys=True)
    fingerprint = sha256(document.encode()).hexdigest()
    found = await database.value(
        "SELECT id FROM rating_scheme WHERE authority = $1 AND sha256 = $2", authority, fingerprint
    )
    if found:
        return int(found)
    scheme_id = int(
        await database.value(
            "INSERT INTO rating_scheme (key, title_de, title_en, document, sha256, authority, added_by, added_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
            scheme.key,
            scheme.title("de"),
            scheme.title("en"),
            document,
            fingerprint,
            authority,
            by,
            at,
        )
    )
    detail = {"sha256": fingerprint}
    await events.happened(
        by,
        "rating_scheme.kept",
        f"rating_scheme:{scheme_id}",
        authority=authority,
        detail=detail,
        at=at,
    )
    return scheme_id


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
