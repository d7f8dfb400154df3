"""Rankings without a database: a scheme, marks and proposals in, the list of a call out."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from app.domain import rating_schemes
from app.domain.calls import Call
from app.domain.rankings.computed import ranked
from app.domain.rankings.content import Mark, Ranking, Seal
from app.domain.rating_schemes import Kept, Scheme
from app.papers.provenance import Source
from tests.records import filled

WHEN = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
SCHEME = 1
CALL: dict[str, Any] = {
    "id": 1,
    "key": "probe",
    "title_de": "Aufruf zur Probe",
    "title_en": "A call to try",
    "rating_scheme": SCHEME,
    "places_max": None,
    "budget_max_cents": None,
    "fill_rule": "stop",
    "earliest_start": date(2026, 9, 1),
    "authority_name": "Amt",
    "masthead": '{"id":1,"name":"Amt","name_en":"","short_name":"","colour":"","colour_dark":"","arms":""}',
}
PROPOSAL: dict[str, Any] = {
    "organisation": "Träger",
    "title": "Vorschlag",
    "field": "food_garden",
    "region": "",
    "places": 10,
    "starts_on": date(2026, 9, 1),
    "ends_on": date(2029, 8, 31),
    "requested_grant_cents": 7_200_000,
    "admitted": True,
    "rejection": None,
    "withdrawn_at": None,
    "status": None,
    "start_date": None,
    "conditions": None,
    "reasons": None,
    "recommendation_version": None,
}


MARK: dict[str, Any] = {"not_assessable": False, "comment": "", "counts": True}


def mark(proposal: str, member: str, criterion: str, value: Any, **more: Any) -> Mark:
    """One mark; None for what is not given."""
    given = None if value is None else Decimal(str(value))
    return Mark(proposal=proposal, member=member, criterion=criterion, value=given, **{**MARK, **more})


def ranking(scheme: Scheme, marks: list[Mark], proposals: Sequence[Mapping[str, Any]], **call: Any) -> Ranking:
    """The list of a call with these proposals (each at least a key) and marks."""
    text = json.dumps(scheme.document, ensure_ascii=False, sort_keys=True)
    rating_schemes.KEPT.memory.keep(SCHEME, Kept(SCHEME, sha256(text.encode()).hexdigest(), scheme))
    submitted = [
        {**PROPOSAL, "id": number, "sha256": sha256(one["key"].encode()).hexdigest(), **one}
        for number, one in enumerate(proposals, 1)
    ]
    try:
        given = [msgspec.structs.asdict(mark) for mark in marks]
        return ranked(filled(Call, **{**CALL, **call}), submitted, given, 0)
    finally:
        rating_schemes.KEPT.memory.kept.pop(SCHEME)


def source(found: Ranking, *, draft: bool = False, **call: Any) -> Source:
    """What exports of this list are made from: frozen, or a draft."""
    seal = None if draft else Seal(id=1, number=1, at=WHEN, by="Cleo", why="", sha256=found.sha256)
    return Source(filled(Call, **{**CALL, **call}), found, seal, WHEN)
