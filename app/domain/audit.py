"""The audit trail: one hash chain over every change of state, written in the same transaction.

An entry's hash covers the hash before it and everything but its detail; the detail, which may hold
personal data, is covered by a hash of its own and can be erased later without breaking the chain.
"""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from app import clock, database

APPEND = """
WITH head AS (
    UPDATE audit_head SET
        seq = old.seq + 1,
        hash = encode(sha256(convert_to(old.hash || ':' || (old.seq + 1)::text || ':' || $8, 'UTF8')), 'hex')
    FROM (SELECT seq, hash FROM audit_head WHERE id = 1 FOR UPDATE) AS old
    WHERE audit_head.id = 1
    RETURNING audit_head.seq, audit_head.hash, old.hash AS previous
)
INSERT INTO audit_entry (seq, at, actor, action, object, call, detail, detail_hash, previous, hash)
SELECT seq, $1, $2, $3, $4, $5, $6, $7, previous, hash FROM head RETURNING seq
"""


@dataclass(frozen=True)
class Break:
    """The first place at which the chain does not hold."""

    seq: int
    why: str


async def record(
    actor: int | str,
    action: str,
    subject: str,
    *,
    call: int | None = None,
    detail: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> int:
    """Append one entry inside the open transaction and return its number.

    actor is a person's id or the name of a command; action a noun and a verb (`score.saved`);
    subject what it happened to (`proposal:9`); detail may hold personal data.
    """
    moment = (at or clock.now()).isoformat(timespec="milliseconds")
    who = f"person:{actor}" if isinstance(actor, int) else actor
    text = json.dumps({**(detail or {}), "salt": secrets.token_hex(8)}, ensure_ascii=False, default=str)
    fingerprint = sha256(text.encode()).hexdigest()
    payload = _payload(moment, who, action, subject, call, fingerprint)
    appended = await database.value(APPEND, moment, who, action, subject, call, text, fingerprint, payload)
    return int(appended)


async def verify(anchors: Mapping[int, str] | None = None) -> tuple[int, Break | None]:
    """Recompute the whole chain: how many entries were read, and the first break if there is one.

    anchors are hashes that were printed or mailed earlier, by sequence number.
    """
    known = dict(anchors or {})
    previous, count = "", 0
    async for entry in _entries():
        count += 1
        if why := _fault(entry, count, previous, known.pop(entry["seq"], None)):
            return count, Break(entry["seq"], why)
        previous = entry["hash"]
    head = await database.row("SELECT seq, hash FROM audit_head WHERE id = 1")
    if head is None or (head["seq"], head["hash"]) != (count, previous):
        return count, Break(count + 1, "the chain's head names an entry that is not there")
    if known:
        return count, Break(min(known), "an anchored entry is not there")
    return count, None


async def head() -> tuple[int, str]:
    """The number and hash of the last entry: the anchor to print."""
    found = await database.row("SELECT seq, hash FROM audit_head WHERE id = 1")
    return (found["seq"], found["hash"]) if found else (0, "")


def _payload(at: str, actor: str, action: str, subject: str, call: int | None, detail: str) -> str:
    return json.dumps([at, actor, action, subject, call, detail], ensure_ascii=False)


def _fault(entry: database.Row, expected: int, previous: str, anchor: str | None) -> str | None:
    if entry["seq"] != expected:
        return f"entry {expected} is missing"
    if entry["previous"] != previous:
        return "it does not continue the entry before it"
    detail = entry["detail"]
    if detail is not None and sha256(detail.encode()).hexdigest() != entry["detail_hash"]:
        return "its detail was changed"
    payload = _payload(*(entry[name] for name in ("at", "actor", "action", "object", "call", "detail_hash")))
    if sha256(f"{previous}:{expected}:{payload}".encode()).hexdigest() != entry["hash"]:
        return "it was changed"
    if anchor is not None and anchor != entry["hash"]:
        return "it differs from its anchor"
    return None


async def _entries(step: int = 5000) -> AsyncIterator[database.Row]:
    last = 0
    while batch := await database.rows("SELECT * FROM audit_entry WHERE seq > $1 ORDER BY seq LIMIT $2", last, step):
        for entry in batch:
            yield entry
        last = batch[-1]["seq"]
