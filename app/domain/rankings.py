"""Rankings: what the marks say, computed live while the rating runs and frozen when it is decided.

A `Ranking` is the one list that the screen shows and every export prints. The live one is kept in memory until
something it rests on changes; a frozen one is read from its immutable row and never computed again.
"""

import asyncio
import gc
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from app import clock, database
from app.database import Row
from app.domain import calls, conflicts, proposals, rating_schemes, reviews
from app.domain.proposals import Facts
from app.errors import NotAllowed, NotFound
from app.i18n import later
from app.records import events
from app.records.memory import Memory

if TYPE_CHECKING:
    import pandas as pd

    from scoring import Explanation as Explanation

STATUSES = {
    "recommended": later("recommended"),
    "recommended_with_conditions": later("recommended with conditions"),
    "reserve": later("reserve list"),
    "not_recommended": later("not recommended"),
    "rejected_formally": later("formally rejected"),
    "withdrawn": later("withdrawn"),
    "": later("formal check not finished"),
}
RECOMMENDED = ("recommended", "recommended_with_conditions")
UNRANKED = ("no_rating", "too_few_ratings", "no_mark")

SUBMITTED = """
SELECT p.id, p.key, p.title, p.field, p.region, p.places, p.starts_on, p.ends_on, p.requested_grant_cents,
    o.name AS organisation, s.receipt_number, s.at AS submitted_at, s.sha256,
    f.admitted, f.reason AS rejection, w.at AS withdrawn_at,
    r.status, r.start_date, r.conditions, r.reasons, r.version AS recommendation_version
FROM proposal p
JOIN submission s ON s.proposal = p.id
JOIN organisation o ON o.id = p.organisation
LEFT JOIN formal_decision f ON f.proposal = p.id
LEFT JOIN withdrawal w ON w.proposal = p.id
LEFT JOIN recommendation r ON r.proposal = p.id
WHERE p.call = $1 ORDER BY p.key
"""
SEALS = """
SELECT f.id, f.number, f.at, coalesce(p.name, '') AS by, f.why, f.sha256
FROM frozen_ranking f LEFT JOIN person p ON p.id = f.by
"""


class Placed(msgspec.Struct, frozen=True, gc=False):
    """One proposal's line: what it asks for, how it was rated, where it stands and what follows. Money in cents.

    facts: its numbers as `proposals.facts` gives them, from which the list was computed.
    """

    id: int
    proposal: str
    organisation: str
    title: str
    field: str
    region: str
    places: int
    grant_cents: int
    grant_per_place_month: Decimal | None
    status: str
    automatic: str
    reason_code: str = ""
    reason: str = ""
    rank: int | None = None
    tied: bool = False
    total: Decimal | None = None
    means: dict[str, Decimal | None] = {}
    spread: Decimal | None = None
    valid_reviews: int = 0
    passed: bool | None = None
    failed: list[str] = []
    decided_by: str = ""
    near_threshold: bool = False
    notes: list[str] = []
    cumulative_places: int | None = None
    cumulative_cents: int | None = None
    start_date: date | None = None
    conditions: str = ""
    reasons: str = ""
    version: int = 0
    facts: Facts = {}

    @property
    def departure(self) -> str:
        """The status that the ranking alone gave, where the committee recommends another; conditions are no other."""
        followed = self.status == self.automatic or (self.status in RECOMMENDED and self.automatic in RECOMMENDED)
        return "" if followed else self.automatic

    @property
    def numbers(self) -> Facts:
        """The facts; of a list that was sealed before it held them, those that it was computed from."""
        return self.facts or {
            "places": self.places,
            "grant_requested_cents": self.grant_cents,
            "grant_per_place_month": self.grant_per_place_month,
        }


class Mark(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One mark as it was given; `counts` is False for a member who was biased.

    after_seeing: it was changed after the others' marks could be seen.
    """

    proposal: str
    member: str
    criterion: str
    value: Decimal | None
    not_assessable: bool
    comment: str
    counts: bool
    after_seeing: bool = False


class Ranking(msgspec.Struct, frozen=True):
    """The list of a call with everything that is needed to compute it again."""

    call: str
    title: str
    scheme: dict[str, Any]
    scheme_sha256: str
    places_max: int | None
    budget_max_cents: int | None
    fill_rule: str
    earliest_start: date | None
    lines: list[Placed]
    marks: list[Mark]
    seed: str = ""
    version: int = 0
    sha256: str = ""

    @property
    def recommended(self) -> list[Placed]:
        """The recommended lines in the order of their ranks."""
        return [line for line in self.lines if line.status in RECOMMENDED]

    @property
    def last_recommended(self) -> Placed | None:
        """The line behind which the recommendation ends; None where departures leave no one place at which it does."""
        chosen = self.recommended
        return chosen[-1] if chosen and self.lines[: len(chosen)] == chosen else None

    def line(self, proposal: str) -> Placed:
        """The line of a proposal by its key; raises NotFound."""
        for line in self.lines:
            if line.proposal == proposal:
                return line
        raise NotFound


class Seal(msgspec.Struct, frozen=True):
    """That a ranking was frozen: its number in the call, when, by whom and why, and its fingerprint."""

    id: int
    number: int
    at: datetime
    by: str
    why: str
    sha256: str


class Frozen(msgspec.Struct, frozen=True):
    """A frozen ranking: its seal and the list itself."""

    seal: Seal
    ranking: Ranking


class Seen(NamedTuple):
    """What a person sees of a call's list: the call, whether they run it (else they only read), and what is closed."""

    call: Row
    runs: bool
    closed: frozenset[str]

    def of(self, ranking: Ranking) -> Ranking:
        """A list as this person sees it: what a conflict of interest closes to them is not in it; ranks stay."""
        if not self.closed:
            return ranking
        return msgspec.structs.replace(
            ranking,
            lines=[line for line in ranking.lines if line.proposal not in self.closed],
            marks=[mark for mark in ranking.marks if mark.proposal not in self.closed],
        )


_live: Memory[int, Ranking] = Memory(most=16)
_frozen: Memory[int, Frozen] = Memory(most=32)
_computing = asyncio.Lock()


async def seen_by(person: int, key: str) -> Seen:
    """A call whose list the person may see: the impartial office always, the chair once the rating is closed.

    Raises NotFound for anybody else, NotAllowed while the proposals are sealed and for a biased administrator.
    """
    call = await conflicts.part_in(person, key)
    runs = call["administers"] and not conflicts.why_biased(call)
    if not runs and not (call["chairs"] and call["rating_closed_at"]):
        raise NotAllowed(str(conflicts.why_biased(call))) if call["administers"] else NotFound
    if why := calls.why_sealed(call):
        raise NotAllowed(why)
    return Seen(call, runs, frozenset(call["closed"]))


async def current(call: Row) -> Ranking:
    """The list as the marks stand now; computed anew only when something it rests on has changed."""
    version = await events.version(f"call:{call['id']}", "organisation")  # who acts for one says whose marks count
    if found := _fresh(call["id"], version):
        return found
    async with _computing:
        found = _fresh(call["id"], version)  # perhaps somebody else has made it while we waited
        return found or _live.keep(call["id"], await compute(call, version))


def _fresh(call: int, version: int) -> Ranking | None:
    found = _live.get(call)
    return found if found and found.version == version else None


async def compute(call: Row, version: int = 0) -> Ranking:
    """The list of a call from its rows. Two statements; the arithmetic runs beside the event loop.

    Raises NotAllowed for a scheme that needs what no proposal says: another order than the scheme's is none.
    """
    scheme = (await rating_schemes.of(call["rating_scheme"])).scheme
    if why := proposals.not_asked(scheme):
        raise NotAllowed(" ".join(why))
    submitted = await database.rows(SUBMITTED, call["id"])
    marks = await reviews.marks(call["id"])
    return await asyncio.to_thread(_ranked, dict(call), submitted, marks, version)


async def seals(call: int) -> list[Seal]:
    """The seals of all frozen rankings of a call, the newest first."""
    return [Seal(**row) for row in await database.rows(f"{SEALS} WHERE f.call = $1 ORDER BY f.number DESC", call)]


async def latest(call: int, as_of: datetime | None = None) -> Frozen | None:
    """The newest frozen ranking of a call (by a moment), or None."""
    found = await database.row(
        f"{SEALS} WHERE f.call = $1 AND f.at <= $2 ORDER BY f.number DESC LIMIT 1", call, as_of or clock.now()
    )
    return await opened(Seal(**found)) if found else None


async def opened(seal: Seal) -> Frozen:
    """The list behind a seal. It never changes, so it is read once a process."""
    if found := _frozen.get(seal.id):
        return found
    content = await database.value("SELECT content FROM frozen_ranking WHERE id = $1", seal.id)
    ranking = await asyncio.to_thread(msgspec.json.decode, content, type=Ranking)
    return _frozen.keep(seal.id, Frozen(seal, msgspec.structs.replace(ranking, sha256=seal.sha256)))


async def by_id(ranking: int) -> Frozen:
    """One frozen ranking; raises NotFound."""
    found = await database.row(f"{SEALS} WHERE f.id = $1", ranking)
    if found is None:
        raise NotFound
    return await opened(Seal(**found))


async def published_line(proposal: Row) -> tuple[Placed, Ranking] | None:
    """What the published result says of a proposal (its key and the call's result_ranking), with its list; None before
    the result is published. No statement for a list that this process has read before.
    """
    if not proposal["result_ranking"] or not proposal["key"]:
        return None
    found = _frozen.get(proposal["result_ranking"]) or await by_id(proposal["result_ranking"])
    return found.ranking.line(proposal["key"]), found.ranking


def packed(ranking: Ranking) -> tuple[str, str]:
    """The list as text that is the same for the same list, and its SHA-256."""
    long = {name: _in_pieces(getattr(ranking, name)) for name in ("lines", "marks")}
    text = _JSON.encode(msgspec.structs.replace(ranking, version=0, sha256="", **long))
    return text.decode(), sha256(text).hexdigest()


def _in_pieces(items: Iterable[Any]) -> msgspec.Raw:
    """A long list as JSON; between two pieces, the event loop beside this thread gets its turn."""
    return msgspec.Raw(b"[" + b",".join(map(_JSON.encode, items)) + b"]")


_JSON = msgspec.json.Encoder(order="deterministic")


# ── the arithmetic: rows in, lines out ──────────────────────────────────────────────────────────


def _ranked(call: Mapping[str, Any], submitted: Sequence[Row], given: Sequence[Row], version: int) -> Ranking:
    marks = [Mark(**row) for row in given]
    scheme_row = rating_schemes.known(call["rating_scheme"])
    rated = [row for row in submitted if row["admitted"] and not row["withdrawn_at"]]
    placed = _placed(call, rated, marks) if rated else {}
    lines = [_line(call, row, placed.get(row["key"])) for row in submitted]
    lines.sort(key=lambda line: (line.rank is None, line.rank or 0, line.proposal))
    ranking = Ranking(
        call=call["key"],
        title=call["title_de"],
        scheme=scheme_row.scheme.document,
        scheme_sha256=scheme_row.sha256,
        places_max=call["places_max"],
        budget_max_cents=call["budget_max_cents"],
        fill_rule=call["fill_rule"],
        earliest_start=call["earliest_start"],
        seed=seed_of(call["key"], rated),
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


def _placed(call: Mapping[str, Any], rated: Sequence[Row], marks: list[Mark]) -> dict[str, dict[str, Any]]:
    """What scoring says of every rated proposal, by its key."""
    import scoring  # slow: pandas comes with it

    scheme = rating_schemes.known(call["rating_scheme"]).scheme
    scores, facts = _frames({row["key"]: proposals.facts(row) for row in rated}, marks)
    ranking = scoring.rank(scheme, scores, facts, seed=seed_of(call["key"], rated))
    recommended = scoring.recommend(
        ranking,
        facts,
        places=call["places_max"],
        budget=call["budget_max_cents"],
        fill=call["fill_rule"],
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


def seed_of(call: str, rated: Iterable[Mapping[str, Any]]) -> str:
    """What lots are drawn from, where the scheme draws lots: nobody knows it before the last proposal is handed in.

    The call's key and the SHA-256 over the fingerprints of the rated proposals, in their order.
    """
    return f"{call}:{sha256(' '.join(sorted(row['sha256'] for row in rated)).encode()).hexdigest()}"


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


def _line(call: Mapping[str, Any], row: Row, found: Mapping[str, Any] | None) -> Placed:
    automatic = _automatic(row, found)
    status = row["status"] or automatic if found else automatic
    if status == "recommended" and row["conditions"]:
        status = "recommended_with_conditions"
    return Placed(
        id=row["id"],
        proposal=row["key"],
        organisation=row["organisation"],
        title=row["title"],
        field=row["field"],
        region=row["region"],
        places=row["places"] or 0,
        grant_cents=row["requested_grant_cents"],
        grant_per_place_month=proposals.grant_per_place_month(row),
        status=status,
        automatic=automatic,
        start_date=(row["start_date"] or usual_start(call, row)) if status in RECOMMENDED else None,
        conditions=row["conditions"] or "",
        reasons=row["reasons"] or "",
        version=row["recommendation_version"] or 0,
        facts=proposals.facts(row),
        **(_rating(found) if found else {"reason": row["rejection"] or ""}),
    )


def usual_start(call: Mapping[str, Any], proposal: Mapping[str, Any]) -> date | None:
    """When a recommended project starts unless the committee says otherwise: as asked for, never before the earliest.

    In the demo every proposal asks for the call's earliest start, which is the start that its file expects. A ranking
    that is frozen keeps the start that it was frozen with.
    """
    return max((day for day in (call["earliest_start"], proposal["starts_on"]) if day), default=None)


def _automatic(row: Row, found: Mapping[str, Any] | None) -> str:
    if row["withdrawn_at"]:
        return "withdrawn"
    if row["admitted"] is None:
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
