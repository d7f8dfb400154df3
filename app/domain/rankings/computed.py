"""The arithmetic of a ranking: rows in, lines out; what scoring says, told of the proposals of a call."""

import gc
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from app.database import Record, Row, record
from app.domain import proposals, rating_schemes
from app.domain.calls import Call
from app.domain.proposals import Facts
from app.domain.rankings.content import RECOMMENDED, Mark, Placed, Ranking, packed

if TYPE_CHECKING:
    import pandas as pd

    from scoring import Explanation as Explanation


class Submitted(Record):
    """A submitted proposal of a call: its numbers, its formal check, and what the committee recommends for it."""

    id: int
    key: str
    title: str
    field: str
    region: str
    places: int | None
    starts_on: date | None
    ends_on: date | None
    requested_grant_cents: int
    organisation: str
    sha256: str
    admitted: bool | None
    rejection: str | None
    withdrawn_at: datetime | None
    status: str | None
    start_date: date | None
    conditions: str | None
    reasons: str | None
    recommendation_version: int | None


def ranked(call: Call, rows: Sequence[Row], given: Sequence[Row], version: int) -> Ranking:
    """The list of a call from the rows of its proposals (as Submitted) and of the marks (as Mark)."""
    marks = [record(Mark, row) for row in given]
    submitted = [record(Submitted, row) for row in rows]
    scheme_row = rating_schemes.known(call.rating_scheme)
    rated = [row for row in submitted if row.admitted and not row.withdrawn_at]
    placed = _placed(call, rated, marks) if rated else {}
    lines = [_line(call, row, placed.get(row.key)) for row in submitted]
    lines.sort(key=lambda line: (line.rank is None, line.rank or 0, line.proposal))
    ranking = Ranking(
        call=call.key,
        title=call.title_de,
        scheme=scheme_row.content.document,
        scheme_sha256=scheme_row.sha256,
        places_max=call.places_max,
        budget_max_cents=call.budget_max_cents,
        fill_rule=call.fill_rule,
        earliest_start=call.earliest_start,
        seed=seed_of(call.key, rated),
        lines=lines,
        marks=marks,
        version=version,
    )
    return msgspec.structs.replace(ranking, sha256=packed(ranking)[1])


def explained(ranking: Ranking, only: str | None = None) -> "Explanation":
    """How every rated proposal of a list (or only one) comes to its total and its place, and which sheets count.

    Empty for a list without rated proposals; slow for a long list, so beside the event loop. With `only` what the
    others gave is looked at where the scheme compares numbers of proposals; how a lot turned out is not said then.
    """
    import scoring  # slow: pandas comes with it

    scheme, blank = scoring.Scheme.from_document(ranking.scheme), dict.fromkeys(proposals.FACTS)
    alone = only is not None and not scheme.compares
    lines = [line for line in ranking.lines if line.reason_code and not (alone and line.proposal != only)]
    rated: dict[str, Facts] = {line.proposal: {**blank, **line.numbers} for line in lines}
    if only not in (None, *rated) or not rated:
        return scoring.Explanation({}, frozenset())
    return scoring.explain(scheme, *_frames(rated, ranking.marks), seed=ranking.seed, only=only)


def _placed(call: Call, rated: Sequence[Submitted], marks: list[Mark]) -> dict[str, dict[str, Any]]:
    """What scoring says of every rated proposal, by its key."""
    import scoring  # slow: pandas comes with it

    scheme = rating_schemes.known(call.rating_scheme).content
    scores, facts = _frames({row.key: proposals.facts(row) for row in rated}, marks)
    ranking = scoring.rank(scheme, scores, facts, seed=seed_of(call.key, rated))
    recommended = scoring.recommend(
        ranking,
        facts,
        places=call.places_max,
        budget=call.budget_max_cents,
        fill=call.fill_rule,
        reserve=rating_schemes.reserve_places(scheme),
    )
    _settled()
    columns = [recommended[name].astype(object).where(recommended[name].notna(), None) for name in recommended]
    names = recommended.columns.tolist()
    return {
        row["proposal"]: row for row in (dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True))
    }


@cache
def _settled() -> None:
    """Once a process: what came with pandas stays, and is not looked through for garbage again and again."""
    gc.freeze()


def seed_of(call: str, rated: Iterable[Submitted]) -> str:
    """What lots are drawn from, where the scheme draws lots: nobody knows it before the last proposal is handed in.

    The call's key and the SHA-256 over the fingerprints of the rated proposals, in their order.
    """
    return f"{call}:{sha256(' '.join(sorted(row.sha256 for row in rated)).encode()).hexdigest()}"


def _frames(rated: Mapping[str, Facts], marks: list[Mark]) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """The scores and the facts of the rated proposals, as scoring reads them."""
    import pandas as pd

    rows = [
        (mark.proposal, mark.member, mark.criterion, mark.value, _why_none(mark))
        for mark in marks
        if mark.proposal in rated
    ]
    scores = pd.DataFrame(rows, columns=["proposal", "reviewer", "criterion", "value", "reason"])
    return scores, pd.DataFrame([{"proposal": key, **facts} for key, facts in rated.items()])


def _why_none(mark: Mark) -> str:
    if not mark.counts:
        return "recused"
    return "not_assessable" if mark.not_assessable else ""


def _line(call: Call, row: Submitted, found: Mapping[str, Any] | None) -> Placed:
    automatic = _automatic(row, found)
    status = row.status or automatic if found else automatic
    if status == "recommended" and row.conditions:
        status = "recommended_with_conditions"
    return Placed(
        id=row.id,
        proposal=row.key,
        organisation=row.organisation,
        title=row.title,
        field=row.field,
        region=row.region,
        places=row.places or 0,
        grant_cents=row.requested_grant_cents,
        grant_per_place_month=proposals.grant_per_place_month(row),
        status=status,
        automatic=automatic,
        start_date=(row.start_date or usual_start(call, row)) if status in RECOMMENDED else None,
        conditions=row.conditions or "",
        reasons=row.reasons or "",
        version=row.recommendation_version or 0,
        facts=proposals.facts(row),
        **(_rating(found) if found else {"reason": row.rejection or ""}),
    )


def usual_start(call: Call, proposal: Submitted) -> date | None:
    """When a recommended project starts unless the committee says otherwise: as asked for, never before the earliest.

    In the demo every proposal asks for the call's earliest start, which is the start that its file expects. A ranking
    that is frozen keeps the start that it was frozen with.
    """
    return max((day for day in (call.earliest_start, proposal.starts_on) if day), default=None)


def _automatic(row: Submitted, found: Mapping[str, Any] | None) -> str:
    if row.withdrawn_at:
        return "withdrawn"
    if row.admitted is None:
        return ""
    return str(found["status"]) if found else "rejected_formally"


def _rating(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "reason_code": str(found["reason_code"]),
        "reason": str(found["reason"]),
        "rank": _whole(found["rank"]),
        "tied": found["tie_group"] is not None,
        "total": found["total"],
        "means": {name.removeprefix("mean_"): value for name, value in found.items() if name.startswith("mean_")},
        "spread": _decimal(found["spread"]),
        "valid_reviews": int(found["valid_reviews"]),
        "passed": None if found["passed"] is None else bool(found["passed"]),
        "failed": list(found["failed"]),
        "decided_by": str(found["decided_by"]),
        "near_threshold": bool(found["near_threshold"]),
        "notes": [*([found["unranked"]] if found["unranked"] else []), *found["notes"]],
        "cumulative_places": _whole(found.get("cumulative_places")),
        "cumulative_cents": _whole(found.get("cumulative_grant_cents")),
    }


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(round(float(value), 4)))
