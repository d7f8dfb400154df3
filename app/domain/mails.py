"""Mails: written in the transaction that they tell of, sent afterwards, one recipient each."""

import asyncio
import logging
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from app import clock, database
from app.database import write_transaction
from app.settings import SETTINGS

log = logging.getLogger("votum.mail")

DUE = """
SELECT id, recipient, subject, body, message_id, attempts, at FROM mail
WHERE sent_at IS NULL AND NOT held AND due_at <= $1 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
PAUSE = 2.0


async def write(recipient: str, subject: str, body: str, *, person: int | None = None, call: int | None = None) -> int:
    """Put a mail into the outbox, inside the open transaction; returns its number."""
    now = clock.now()
    host = urlsplit(SETTINGS.base_url).hostname or "localhost"
    found = await database.value(
        "INSERT INTO mail (recipient, subject, body, message_id, person, call, at, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
        _one_line(recipient),
        _one_line(subject)[:300],
        body,
        f"<{uuid4().hex}@{host}>",
        person,
        call,
        now,
    )
    return int(found)


def message(mail: database.Row) -> EmailMessage:
    """The mail as it goes over the wire."""
    text = EmailMessage()
    text["From"] = SETTINGS.sender
    text["To"] = mail["recipient"]
    text["Subject"] = mail["subject"]
    text["Message-ID"] = mail["message_id"]
    text["Date"] = format_datetime(mail["at"])
    text["Auto-Submitted"] = "auto-generated"
    text.set_content(mail["body"])
    return text


async def send_next() -> bool:
    """Send the next due mail; whether there was one. What fails is tried again, later each time."""
    async with write_transaction():
        mail = await database.row(DUE, clock.now())
        if mail is None:
            return False
        await _note(mail, await _send(mail))
        return True


async def send_forever() -> None:
    """Look for due mails again and again; without VOTUM_SMTP_URL they stay in the outbox."""
    while True:
        try:
            busy = bool(SETTINGS.smtp_url) and await send_next()
        except Exception:
            log.exception("Mails could not be sent")
            busy = False
        if not busy:
            await asyncio.sleep(PAUSE)


async def _send(mail: database.Row) -> str | None:
    import aiosmtplib

    server = urlsplit(SETTINGS.smtp_url)
    try:
        await aiosmtplib.send(
            message(mail),
            hostname=server.hostname or "localhost",
            port=server.port or (465 if server.scheme == "smtps" else 25),
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=server.scheme == "smtps",
            start_tls=None,
            timeout=10,
        )
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return f"{type(error).__name__}: {error}"[:500]
    return None


async def _note(mail: database.Row, error: str | None) -> None:
    now = clock.now()
    if error is None:
        await database.rows("UPDATE mail SET sent_at = $2, last_error = '' WHERE id = $1", mail["id"], now)
        return
    pause = timedelta(minutes=min(2 ** mail["attempts"], 60))
    await database.rows(
        "UPDATE mail SET attempts = attempts + 1, last_error = $2, due_at = $3 WHERE id = $1",
        mail["id"],
        error,
        now + pause,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
