"""The audit trail: chains of hashes over everything that happened, which only `records.events` makes longer.

An entry's hash covers its number, the hash before it in its chain and everything but its detail; the detail, which may
hold personal data, is covered by a hash of its own and can be erased later without breaking the chain.

What belongs to an authority stands in its own chain, so that no authority waits for another; the first chain holds
what belongs to none. It is the one that version 0.1.0 wrote, with all authorities in it, and simply goes on. The chains
hold each other: that of an authority begins with the hash at which the first one stood when it was opened, and every
hour in which something happened the first notes where all others stand (`chains` in the detail). So who cuts or
rewrites one must rewrite the first as well, and its end lies in every backup and wherever an anchor was printed.
Numbers run through all chains and grow within each; one that is not there belongs to a change that was not made.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from app import clock, database
from app.database import write_transaction
from app.records import events

FIRST = 1
ANCHORED = "chains.anchored"
GONE_ON = """
SELECT EXISTS (SELECT FROM audit_head WHERE id <> $1 AND seq > coalesce(
    (SELECT max(seq) FROM audit_entry WHERE action = $2), 0
))
"""
HEADS = "SELECT seq, hash FROM audit_head WHERE id = 1 OR seq > 0 ORDER BY id"
CHAINS = """
SELECT c.id, h.seq, h.hash, o.seq AS opened, coalesce(o.previous, h.hash) AS opening
FROM (SELECT 1 AS id UNION SELECT id FROM audit_head UNION SELECT chain FROM audit_entry) c
LEFT JOIN audit_head h ON h.id = c.id
LEFT JOIN LATERAL (SELECT e.seq, e.previous FROM audit_entry e WHERE e.chain = c.id ORDER BY e.seq LIMIT 1) o ON true
ORDER BY c.id
"""
ENTRIES = "SELECT * FROM audit_entry WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3"


@dataclass(frozen=True)
class Break:
    """The first place at which a chain does not hold."""

    seq: int
    why: str


async def verify(anchors: Mapping[int, str] | None = None) -> tuple[int, Break | None]:
    """Recompute all chains: how many entries were read, and the first break if there is one.

    anchors are hashes that were printed or mailed earlier, by sequence number.
    """
    known, count = dict(anchors or {}), 0
    first, *others = await database.rows(CHAINS)
    openings = {row["opening"] for row in others} - {""}
    for chain in (first, *others):
        seq, previous = 0, "" if chain["id"] == FIRST else chain["opening"]
        if previous in openings:  # what the first chain has ticked off is no longer among them
            return count, Break(chain["opened"] or 1, "its chain begins at no entry of the first")
        async for entry in _entries(chain["id"]):
            count += 1
            if why := _fault(entry, previous, known.pop(entry["seq"], None)):
                return count, Break(entry["seq"], why)
            seq, previous = entry["seq"], entry["hash"]
            if chain["id"] == FIRST:
                openings.discard(previous)
                known = _anchored(entry) | known
        if (chain["seq"], chain["hash"]) != (seq, previous):
            return count, Break(seq + 1, "the chain's head names an entry that is not there")
    if known:
        return count, Break(min(known), "an anchored entry is not there")
    return count, None


async def anchor() -> None:
    """Note in the first chain where all others stand, unless nothing has happened in them since that was noted."""
    if await database.value(GONE_ON, FIRST, ANCHORED):
        async with write_transaction():
            chains = (await heads())[1:]
            detail = {"chains": chains}
            await events.happened("votum", ANCHORED, f"audit_head:{FIRST}", detail=detail, at=clock.now())


async def heads() -> list[tuple[int, str]]:
    """Number and hash of the last entry of every chain that has one, the first chain's first: the anchors to print."""
    return [(row["seq"], row["hash"]) for row in await database.rows(HEADS)]


def _anchored(entry: database.Row) -> dict[int, str]:
    """Where the other chains stood by an entry of the first."""
    said = json.loads(entry["detail"]) if '"chains"' in (entry["detail"] or "") else {}
    return dict(said.get("chains", ()))


def _fault(entry: database.Row, previous: str, anchor: str | None) -> str | None:
    if entry["previous"] != previous:
        return "it does not continue the entry before it"
    detail = entry["detail"]
    if detail is not None and sha256(detail.encode()).hexdigest() != entry["detail_hash"]:
        return "its detail was changed"
    told = events.payload(*(entry[name] for name in ("at", "actor", "action", "object", "call", "detail_hash")))
    if sha256(f"{previous}:{entry['seq']}:{told}".encode()).hexdigest() != entry["hash"]:
        return "it was changed"
    if anchor is not None and anchor != entry["hash"]:
        return "it differs from its anchor"
    return None


async def _entries(chain: int, step: int = 5000) -> AsyncIterator[database.Row]:
    last = 0
    while batch := await database.rows(ENTRIES, chain, last, step):
        for entry in batch:
            yield entry
        last = batch[-1]["seq"]
