"""The outbox: what has not gone out and why, and how what is held is let go."""

from dataclasses import dataclass
from datetime import datetime

from app import clock, database
from app.database import Record, write_transaction
from app.records import events, mails
from app.records.mails import links

ACTOR = "votum mails release"
LISTED = """
SELECT id, recipient, at, attempts, last_error,
    CASE WHEN held THEN 'held' WHEN given_up_at IS NULL THEN 'waiting' ELSE 'given up' END AS state
FROM mail WHERE sent_at IS NULL ORDER BY id
"""
STOPPED = """
SELECT id, recipient, body FROM mail
WHERE sent_at IS NULL AND (held OR $1 AND given_up_at IS NOT NULL) ORDER BY id FOR UPDATE
"""
LET_GO = f"""WITH asked AS ({mails.ASK})
UPDATE mail SET held = false, given_up_at = NULL, refusals = 0, attempts = 0, due_at = $2 WHERE id = ANY($1)
"""  # noqa: S608


class Unsent(Record):
    """A mail that has not gone out: held, waiting or given up; never what it says."""

    id: int
    recipient: str
    at: datetime
    attempts: int
    last_error: str
    state: str


class Stopped(Record):
    """A mail that does not go out by itself."""

    id: int
    recipient: str
    body: str


@dataclass(frozen=True)
class Released:
    """What goes out now, and what stays because a link in it leads nowhere."""

    mails: list[Stopped]
    kept: list[Stopped]


async def unsent() -> list[Unsent]:
    """Every mail that has not gone out."""
    return await database.all_of(Unsent, LISTED)


async def release(*, given_up: bool = False) -> Released:
    """Let go what is held, as after a restore; given_up: also what the mail server refused for good."""
    async with write_transaction():
        stopped = await database.all_of(Stopped, STOPPED, given_up)
        useful = {mail.id for mail in stopped if await links.lead_on(mail.body, mail.recipient)}
        found = Released(
            [mail for mail in stopped if mail.id in useful], [mail for mail in stopped if mail.id not in useful]
        )
        await database.rows(LET_GO, sorted(useful), clock.now())
        if stopped:
            detail = {"released": sorted(useful), "kept": [mail.id for mail in found.kept]}
            await events.happened(ACTOR, "mails.released", "outbox:1", detail=detail, at=clock.now())
        return found
