"""Rankings: what the marks say, computed live while the rating runs and frozen when it is decided.

A `Ranking` is the one list that the screen shows and every export prints. The live one is kept in memory until
something it rests on changes; a frozen one is read from its immutable row and never computed again.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from app import clock, database
from app.domain import calls, conflicts, proposals, rating_schemes, reviews
from app.domain.calls import Call
from app.domain.rankings.computed import explained as explained
from app.domain.rankings.computed import ranked
from app.domain.rankings.computed import seed_of as seed_of
from app.domain.rankings.computed import usual_start as usual_start
from app.domain.rankings.content import RECOMMENDED as RECOMMENDED
from app.domain.rankings.content import STATUSES as STATUSES
from app.domain.rankings.content import UNRANKED as UNRANKED
from app.domain.rankings.content import Frozen, Placed, Ranking, Seal
from app.domain.rankings.content import Mark as Mark
from app.domain.rankings.content import packed as packed
from app.errors import NotAllowed, NotFound
from app.records import events
from app.records.memory import Memory

if TYPE_CHECKING:
    from app.domain.rankings.computed import Explanation as Explanation

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


class Seen(NamedTuple):
    """What a person sees of a call's list: the call, whether they run it (else they only read), and what is closed."""

    call: conflicts.Part
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


class Line(msgspec.Struct):
    """What is counted of a line of a frozen ranking."""

    status: str
    places: int | None = None


class Lines(msgspec.Struct):
    """A frozen ranking, read only for what is counted."""

    lines: list[Line]


class Outcome(NamedTuple):
    """What a published result comes to: recommended proposals, and the places in them."""

    proposals: int
    places: int


_outcomes: Memory[int, Outcome] = Memory(most=2000)
_live: Memory[int, Ranking] = Memory(most=16)
_frozen: Memory[int, Frozen] = Memory(most=32)
_computing = asyncio.Lock()


async def seen_by(person: int, key: str) -> Seen:
    """A call whose list the person may see: the impartial office always, the chair once the rating is closed.

    Raises NotFound for anybody else, NotAllowed while the proposals are sealed and for a biased administrator.
    """
    call = await conflicts.part_in(person, key)
    runs = call.administers and not conflicts.why_biased(call)
    if not runs and not (call.chairs and call.rating_closed_at):
        raise NotAllowed(str(conflicts.why_biased(call))) if call.administers else NotFound
    if why := calls.why_sealed(call):
        raise NotAllowed(why)
    return Seen(call, runs, frozenset(call.closed))


async def current(call: Call) -> Ranking:
    """The list as the marks stand now; computed anew only when something it rests on has changed."""
    version = await events.version(f"call:{call.id}", "organisation")  # who acts for one says whose marks count
    if found := _fresh(call.id, version):
        return found
    async with _computing:
        found = _fresh(call.id, version)  # perhaps somebody else has made it while we waited
        return found or _live.keep(call.id, await compute(call, version))


def _fresh(call: int, version: int) -> Ranking | None:
    found = _live.get(call)
    return found if found and found.version == version else None


async def compute(call: Call, version: int = 0) -> Ranking:
    """The list of a call from its rows. Two statements; the arithmetic runs beside the event loop.

    Raises NotAllowed for a scheme that needs what no proposal says: another order than the scheme's is none.
    """
    scheme = (await rating_schemes.of(call.rating_scheme)).content
    if why := proposals.not_asked(scheme):
        raise NotAllowed(" ".join(why))
    submitted = await database.rows(SUBMITTED, call.id)
    marks = await reviews.marks(call.id)
    return await asyncio.to_thread(ranked, call, submitted, marks, version)


async def seals(call: int) -> list[Seal]:
    """The seals of all frozen rankings of a call, the newest first."""
    return await database.all_of(Seal, f"{SEALS} WHERE f.call = $1 ORDER BY f.number DESC", call)


async def latest(call: int, as_of: datetime | None = None) -> Frozen | None:
    """The newest frozen ranking of a call (by a moment), or None."""
    seal = await database.one_of(
        Seal, f"{SEALS} WHERE f.call = $1 AND f.at <= $2 ORDER BY f.number DESC LIMIT 1", call, as_of or clock.now()
    )
    return await opened(seal) if seal else None


async def opened(seal: Seal) -> Frozen:
    """The list behind a seal. It never changes, so it is read once a process."""
    if found := _frozen.get(seal.id):
        return found
    content = await database.value("SELECT content FROM frozen_ranking WHERE id = $1", seal.id)
    ranking = await asyncio.to_thread(msgspec.json.decode, content, type=Ranking)
    return _frozen.keep(seal.id, Frozen(seal, msgspec.structs.replace(ranking, sha256=seal.sha256)))


async def by_id(ranking: int | None) -> Frozen:
    """One frozen ranking; raises NotFound."""
    return await opened(await database.found(Seal, f"{SEALS} WHERE f.id = $1", ranking))


async def outcomes(rankings: Sequence[int]) -> dict[int, Outcome]:
    """What several frozen rankings come to. One statement for those that this process has not counted before."""
    unknown = [one for one in rankings if _outcomes.get(one) is None]
    sql = "SELECT id, content FROM frozen_ranking WHERE id = ANY($1)"
    for row in await database.rows(sql, unknown) if unknown else ():
        lines = msgspec.json.decode(row["content"], type=Lines).lines
        chosen = [line for line in lines if line.status in RECOMMENDED]
        _outcomes.keep(row["id"], Outcome(len(chosen), sum(line.places or 0 for line in chosen)))
    return {one: found for one in rankings if (found := _outcomes.get(one))}


async def published_line(key: str | None, ranking: int | None) -> tuple[Placed, Ranking] | None:
    """What the published result of a call (its result_ranking) says of a proposal, with its list; None before the
    result is published. No statement for a list that this process has read before.
    """
    if not key or not ranking:
        return None
    found = _frozen.get(ranking) or await by_id(ranking)
    return found.ranking.line(key), found.ranking
