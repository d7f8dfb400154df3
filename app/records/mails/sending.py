"""Sending what is due: claimed by one process for a while, sent outside of any transaction, noted one by one."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from app import addresses, clock, database
from app.database import Row
from app.records import mails
from app.records.mails import links
from app.settings import SETTINGS

if TYPE_CHECKING:
    from aiosmtplib import SMTP, SMTPResponseException

log = logging.getLogger("votum.mail")

CLAIM = """
UPDATE mail SET attempts = attempts + 1, due_at = $2
WHERE id IN (
    SELECT id FROM mail WHERE sent_at IS NULL AND NOT held AND given_up_at IS NULL AND due_at <= $1
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, recipient, subject, body, message_id, attempts, refusals, at,
    (SELECT coalesce(nullif(a.sender_name, ''), a.name) FROM authority a WHERE a.id = mail.authority) AS sender_name,
    (SELECT nullif(a.reply_to, '') FROM authority a WHERE a.id = mail.authority) AS reply_to
"""
PUT_OFF = "UPDATE mail SET due_at = $2, last_error = $3, refusals = $4, given_up_at = $5 WHERE id = $1"
AT_ONCE = 20
LONGEST = 15.0
LEASE = timedelta(seconds=AT_ONCE * LONGEST + 60)
"""A process that dies while it sends leaves that mail to the others after this time, with the same Message-ID."""

REFUSALS = 10
"""So often the server says that it will never take a mail, over four hours at least, before the mail is given up.

Only such answers are counted: while the server is out of reach, or says "later", no mail comes nearer to its end.
"""


class Refused(Exception):
    """The mail server, or the address itself, says that this mail will never be taken."""


class OtherSecret(Exception):
    """A link cannot be made here."""


async def send_due() -> int:
    """Send the mails that are due, the longest waiting first, at most AT_ONCE; how many were tried.

    Nothing that goes wrong with one mail touches another: it is noted on its row, and tried again later each time.
    """
    server, tried = _server(), 0
    try:
        while tried < AT_ONCE and (mail := await database.row(CLAIM, clock.now(), clock.now() + LEASE)):
            await _note(mail, await _fault(server, mail))
            tried += 1
    finally:
        await _leave(server)
    return tried


async def send() -> None:
    """Send, and ask for the next job where more may be due; without VOTUM_SMTP_URL mails stay in the outbox."""
    if SETTINGS.smtp_url and await send_due() == AT_ONCE:
        await database.rows(mails.ASK)


def message(mail: Row) -> EmailMessage:
    """The mail as it goes over the wire, its links written out.

    Raises Refused for an address that is none, and OtherSecret where only another process can make the links.
    """
    try:
        recipient = addresses.of(mail["recipient"])
    except ValueError as error:
        raise Refused("this is not one e-mail address") from error
    body = links.written_out(mail["body"], recipient)
    if links.MARK.search(body):
        raise OtherSecret("its link was made with another secret: all processes need the same VOTUM_SECRET_FILE")
    text = EmailMessage()
    text["From"] = _sender(mail["sender_name"])
    if mail["reply_to"]:
        text["Reply-To"] = mail["reply_to"]
    text["To"] = recipient
    text["Subject"] = mail["subject"]
    text["Message-ID"] = mail["message_id"]
    text["Date"] = format_datetime(mail["at"])
    text["Auto-Submitted"] = "auto-generated"
    text.set_content(body)
    return text


def _sender(name: str | None) -> str:
    """Who writes: the authority by its name, from the address of this installation, which alone may send from here."""
    if not name:
        return SETTINGS.sender
    return formataddr((mails.harmless(name, 100), parseaddr(SETTINGS.sender)[1]))


def _server() -> "SMTP":
    from aiosmtplib import SMTP

    server = urlsplit(SETTINGS.smtp_url)
    return SMTP(
        hostname=server.hostname or "localhost",
        port=server.port or (465 if server.scheme == "smtps" else 25),
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        use_tls=server.scheme == "smtps",
        start_tls=None,
        timeout=10,
    )


async def _fault(server: "SMTP", mail: Row) -> Exception | None:
    """Send one mail over the connection, opened where it is not; what went wrong, or None."""
    from aiosmtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException

    try:
        text = message(mail)
        async with asyncio.timeout(LONGEST):
            if not server.is_connected:
                await server.connect()
            await server.send_message(text)
    except SMTPRecipientsRefused as error:
        return _said(error.recipients[0])
    except SMTPDataError as error:
        return _said(error)
    except (SMTPResponseException, Refused) as error:
        return error
    except Exception as error:
        server.close()  # who knows in the middle of what
        return error
    return None


def _said(answer: "SMTPResponseException") -> Exception:
    """What the server said of this one mail: that it will never take it (5xx), or not now."""
    text = f"{answer.code} {answer.message}"
    return Refused(text) if 500 <= answer.code < 600 else ConnectionError(text)


async def _note(mail: Row, fault: Exception | None) -> None:
    if fault is None:
        await database.rows("UPDATE mail SET sent_at = $2, last_error = '' WHERE id = $1", mail["id"], clock.now())
        return
    refusals = mail["refusals"] + isinstance(fault, Refused)
    given_up = refusals >= REFUSALS
    if given_up:
        log.error("Mail %s is given up: it was refused %s times", mail["id"], refusals)
    await database.rows(
        PUT_OFF,
        mail["id"],
        clock.now() + timedelta(minutes=min(2 ** min(mail["attempts"] - 1, 6), 60)),
        f"{type(fault).__name__}: {fault}".replace("\0", "")[:500],
        refusals,
        clock.now() if given_up else None,
    )


async def _leave(server: "SMTP") -> None:
    with suppress(Exception):
        if server.is_connected:
            await asyncio.wait_for(server.quit(), 5)
    server.close()
