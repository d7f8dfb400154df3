"""Handing in a proposal once, before the deadline by the server's clock, and taking it back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from app import clock, database, i18n
from app.database import write_transaction
from app.domain.proposals import content, reading, rules
from app.domain.proposals.content import Partner
from app.domain.proposals.reading import Own
from app.errors import Invalid, NotAllowed
from app.i18n import gettext as _
from app.records import events, mails
from app.settings import SETTINGS

LOCK = "SELECT p.id FROM proposal p JOIN call c ON c.id = p.call"
AFTER_LOCK = """
SELECT n.last, n.digits,
    (SELECT coalesce(json_agg(json_build_object('name', q.name, 'role', q.role, 'task', q.task) ORDER BY q.id), '[]')
        FROM partner q WHERE q.proposal = $1) AS partners
FROM (
    SELECT max(substring(k.key FROM 2)::bigint) AS last, max(length(k.key)) - 1 AS digits
    FROM proposal k WHERE k.call = $2 AND k.key ~ '^P[0-9]{1,9}$'
) n
"""
HAND_IN = """
WITH numbered AS (UPDATE proposal SET key = $2, version = version + 1 WHERE id = $1)
INSERT INTO submission (proposal, receipt_number, by, at, content, sha256)
SELECT $1, 'V-' || $3 || '-' || lpad(n::text, greatest(6, length(n::text)), '0'), $4, $5, $6, $7
FROM nextval('receipt_number') AS n
RETURNING receipt_number
"""


async def hand_in(proposal: int, *, by: int, at: datetime) -> str:
    """Hand in a proposal: it gets its key in the call, a receipt number and a fingerprint; the receipt is mailed.

    at: when the request had arrived; the deadline is the one stored when
    the call's row is locked. A text that was saved after it is late, however early the request had come.
    A repetition changes nothing and returns the same receipt number. Raises NotFound, NotAllowed after the deadline,
    or Invalid with everything that is missing.
    """
    async with write_transaction():
        row = await _locked(by, proposal)
        if why := reading.why_closed_for_handing_in(row, max(at, row.saved_at)):
            raise NotAllowed(why)
        if row.receipt_number:
            return str(row.receipt_number)
        facts = await database.row(AFTER_LOCK, proposal, row.call)
        assert facts is not None
        partners = msgspec.json.decode(facts["partners"], type=list[Partner])
        if faults := rules.faults(row, partners):
            raise Invalid(faults)
        key = _next_key(facts["last"], facts["digits"])
        number, fingerprint = await keep_received(row, partners, key, by=by, at=at)
        await _tell(row, lambda: _receipt_text(row, number, key, fingerprint, at))
        return number


async def withdraw(proposal: int, reason: str = "", *, by: int, at: datetime) -> None:
    """Take a submitted proposal back, before or after the deadline, until a ranking is frozen.

    A repetition changes nothing. Raises NotFound, or NotAllowed with why not.
    """
    async with write_transaction():
        row = await _locked(by, proposal)
        if row.withdrawn_at:
            return
        if why := reading.why_closed_for_withdrawal(row):
            raise NotAllowed(why)
        await database.rows(
            "INSERT INTO withdrawal (proposal, by, at, reason) VALUES ($1, $2, $3, $4)", proposal, by, at, reason
        )
        detail = {"proposal": row.key, "reason": reason}
        await events.happened(by, "proposal.withdrawn", f"proposal:{proposal}", call=row.call, detail=detail, at=at)
        await _tell(row, lambda: _withdrawal_text(row, at))


async def _locked(person: int, proposal: int) -> Own:
    """The proposal as it stands once its call's row and its own are ours until the end of the transaction.

    Who else numbers proposals or freezes a ranking locks the call's row as well, so one of us waits.
    """
    if 0 < proposal <= reading.LARGEST_ID:
        await database.row(f"{LOCK} WHERE {reading.MINE} AND p.id = $2 FOR NO KEY UPDATE OF c, p", person, proposal)
    return await reading.held_by(person, proposal)


def _next_key(last: int | None, digits: int | None) -> str:
    """The number after the highest one in the call, written as wide as the others."""
    return f"P{(last or 0) + 1:0{max(2, digits or 0)}}"


async def keep_received(
    row: Own, partners: Sequence[Partner], key: str, *, by: int | None, at: datetime
) -> tuple[str, str]:
    """Inside a transaction: a proposal (of `held_by`) has arrived as it stands; its receipt number and fingerprint."""
    text = content.canonical(row, partners)
    fingerprint = sha256(text.encode()).hexdigest()
    year = str(at.astimezone(clock.BERLIN).year)
    number = str(await database.value(HAND_IN, row.id, key, year, by, at, text, fingerprint))
    assert row.deadline is not None  # nothing is handed in where there is none
    detail = {"receipt": number, "sha256": fingerprint, "proposal": key, "deadline": row.deadline.isoformat()}
    await events.happened(by, "proposal.submitted", f"proposal:{row.id}", call=row.call, detail=detail, at=at)
    return number, fingerprint


async def _tell(row: Own, text: Callable[[], tuple[str, str]]) -> None:
    """A mail to everybody who acts for the organisation: who did it and who did not."""
    await mails.tell(await mails.of_organisation(row.organisation), text, call=row.call)


def _receipt_text(row: Own, number: str, key: str, fingerprint: str, now: datetime) -> tuple[str, str]:
    text = _(
        "Hello,\n\nthe proposal “%(title)s” of %(organisation)s has arrived.\n\n"
        "Receipt number: %(number)s\nReceived: %(at)s\nCall: %(call)s\nProposal: %(key)s\nSHA-256: %(sha256)s\n\n"
        "The receipt with everything you handed in:\n%(link)s\n\n"
        "This mail confirms that your proposal arrived. It says nothing about how it will be rated."
    )
    return _("Receipt %(number)s: your proposal has arrived") % {"number": number}, text % {
        "title": mails.harmless(row.title, 200),
        "organisation": mails.harmless(row.organisation_name, 200),
        "number": number,
        "at": i18n.datetime(now),
        "call": mails.harmless(i18n.in_language(row, "call_title"), 200),
        "key": key,
        "sha256": fingerprint,
        "link": f"{SETTINGS.base_url}/proposals/{row.id}/receipt",
    }


def _withdrawal_text(row: Own, now: datetime) -> tuple[str, str]:
    text = _(
        "Hello,\n\nthe proposal %(key)s “%(title)s” of %(organisation)s was withdrawn on %(at)s.\n"
        "It no longer takes part in the call “%(call)s”.\n\n%(link)s"
    )
    return _("Withdrawn: proposal %(key)s") % {"key": row.key}, text % {
        "key": row.key,
        "title": mails.harmless(row.title, 200),
        "organisation": mails.harmless(row.organisation_name, 200),
        "at": i18n.datetime(now),
        "call": mails.harmless(i18n.in_language(row, "call_title"), 200),
        "link": f"{SETTINGS.base_url}/proposals/{row.id}",
    }
