"""Something happened: the one way in which a change is told, inside the transaction that makes it.

One statement writes the entry of the audit trail (`records.audit` explains its chains), counts what kept lists rest on,
and notifies whoever listens once the transaction is committed.
"""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from hashlib import sha256
from typing import Any

from app import clock, database

HAPPENED = """
WITH old AS MATERIALIZED (
    SELECT id, hash FROM audit_head WHERE id = coalesce((
        SELECT h.id FROM audit_head h WHERE h.authority = coalesce($9, (SELECT c.authority FROM call c WHERE c.id = $5))
    ), 1) FOR UPDATE
), numbered AS MATERIALIZED (
    SELECT id, hash AS previous, nextval('audit_entry_seq') AS seq FROM old
), hashed AS MATERIALIZED (
    SELECT *, encode(sha256(convert_to(previous || ':' || seq || ':' || $8, 'UTF8')), 'hex') AS hash FROM numbered
), head AS (
    UPDATE audit_head h SET seq = n.seq, hash = n.hash FROM hashed n WHERE h.id = n.id
), touched AS (
    INSERT INTO touched AS t (what, number) SELECT unnest($10::text[]), 1
    ON CONFLICT (what) DO UPDATE SET number = t.number + 1
)
INSERT INTO audit_entry (seq, at, actor, action, object, call, detail, detail_hash, previous, hash, chain)
SELECT seq, $1, $2, $3, $4, $5, $6, $7, previous, hash, id FROM hashed
RETURNING seq, pg_notify('votum', seq::text)
"""
VERSION = "SELECT coalesce(sum(number), 0)::bigint FROM touched WHERE what = ANY($1)"


_replayed_by: ContextVar[str] = ContextVar("replayed_by", default="")


@contextmanager
def replayed(by: str) -> Iterator[None]:
    """Inside, verbs only repeat what happened elsewhere: a command tells it now, and nobody gets a mail about it."""
    token = _replayed_by.set(by)
    try:
        yield
    finally:
        _replayed_by.reset(token)


def is_replayed() -> bool:
    """Whether what happens now is only repeated."""
    return bool(_replayed_by.get())


async def happened(
    by: int | str | None,
    action: str,
    subject: str,
    *,
    call: int | None = None,
    authority: int | None = None,
    touches: Sequence[str] | None = None,
    detail: Mapping[str, Any] | None = None,
    at: datetime,
) -> int:
    """Tell of a change inside its transaction; returns the number of the entry, which listeners get as well.

    by is a person's id or the name of a command, None where nobody here did what is replayed; action a noun and a verb
    (`score.saved`); subject what it happened to (`proposal:9`); detail may hold personal data. It belongs to the chain
    of the authority, or of the call's. What rests on the call, else on subjects of this kind (`organisation`), is
    outdated, unless touches names other things.
    """
    said = dict(detail or {})
    if teller := _replayed_by.get():
        said, by, at = {"happened": at, "by": by, **said}, teller, clock.now()
    moment = at.isoformat(timespec="milliseconds")
    who = f"person:{by}" if isinstance(by, int) else str(by)
    text = json.dumps({**said, "salt": secrets.token_hex(8)}, ensure_ascii=False, default=str)
    fingerprint = sha256(text.encode()).hexdigest()
    if touches is None:
        touches = (f"call:{call}" if call else subject.partition(":")[0],)
    told = payload(moment, who, action, subject, call, fingerprint)
    entry = (moment, who, action, subject, call, text, fingerprint, told, authority, sorted(touches))
    return int(await database.value(HAPPENED, *entry))


async def version(*rests_on: str) -> int:
    """A number that grows with everything that happens to what a kept list rests on: `call:9`, `organisation`."""
    return int(await database.value(VERSION, rests_on))


def payload(at: str, by: str, action: str, subject: str, call: int | None, detail_hash: str) -> str:
    """What the hash of an entry covers, beside its number and the entry before it."""
    return json.dumps([at, by, action, subject, call, detail_hash], ensure_ascii=False)
