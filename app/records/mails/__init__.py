"""Mails: written in the transaction that they tell of, in the recipient's language, one recipient each; sent later.

That transaction also asks for the job that sends them (app/operations/jobs.py), which begins once it is committed.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

from app import clock, database, i18n
from app.records import events
from app.settings import SETTINGS

ASK = "INSERT INTO pgqueuer (priority, entrypoint, status) VALUES (0, 'mails', 'queued')"
WRITE = f"""WITH asked AS ({ASK})
INSERT INTO mail (recipient, subject, body, message_id, person, call, authority, at, due_at)
SELECT recipient, subject, body, message_id, person, $2,
    coalesce($4, (SELECT c.authority FROM call c WHERE c.id = $2)), $3, $3
FROM json_to_recordset($1) AS one (recipient text, subject text, body text, message_id text, person int)
"""  # noqa: S608
ACTING = """
WITH acting AS (
    SELECT m.organisation, p.email, p.language, p.id AS person,
        row_number() OVER (PARTITION BY m.organisation ORDER BY m.since, m.id) AS place
    FROM membership m JOIN person p ON p.id = m.person WHERE m.organisation = ANY($1) AND p.active
), told AS (
    SELECT * FROM acting
    UNION ALL
    SELECT o.id, o.email, coalesce(p.language, first.language, 'de'), p.id, NULL
    FROM organisation o LEFT JOIN person p ON p.email = lower(o.email)
    LEFT JOIN acting first ON first.organisation = o.id AND first.place = 1
    WHERE o.id = ANY($1) AND o.email <> ''
    AND NOT EXISTS (SELECT FROM acting a WHERE a.organisation = o.id AND a.email = lower(o.email))
)
SELECT email, language, person FROM told ORDER BY organisation, place NULLS LAST
"""
LINKING = re.compile(r"[/\\@<>\u2044\u2215\uff0f\uff20]+")
DOTS = re.compile(r"[\u2024\u3002\uff0e\uff61]")  # that are read like a dot in the name of a host


@dataclass(frozen=True)
class Recipient:
    """Who gets a mail, and the language that they read it in; person is None where the address has no account."""

    email: str
    language: str
    person: int | None = None


async def tell(
    recipients: Iterable[Recipient],
    text: Callable[[], tuple[str, str]],
    *,
    call: int | None = None,
    authority: int | None = None,
) -> None:
    """Put a mail for each address into the outbox, inside the open transaction; twice the same address is one mail.

    It speaks for the authority, or for the call's, which its sender names. text: gives subject and body; asked once for
    each recipient while their language is spoken, so that every word, date and amount in it is theirs. What is only
    replayed is told to nobody.
    """
    if events.is_replayed():
        return
    each = {one.email.lower(): one for one in reversed(list(recipients)) if one.email}
    written = [_written(one, text) for one in reversed(each.values())]
    if written:
        await database.rows(WRITE, json.dumps(written), call, clock.now(), authority)


async def of_person(person: int) -> list[Recipient]:
    """A person by their number, in a list; nobody where the account is closed."""
    return await _found("SELECT email, language, id AS person FROM person WHERE id = $1 AND active", person)


async def of_address(email: str) -> Recipient:
    """Whoever reads this address: in the language of the person who has it, in German where nobody is known."""
    known = await _found("SELECT email, language, id AS person FROM person WHERE email = $1", email.lower())
    return known[0] if known else Recipient(email, "de")


async def of_organisation(organisation: int) -> list[Recipient]:
    """Everybody who acts for an organisation, and its own address, each once.

    Its own address reads the language of the person who has it, else that of who has acted for it longest, else German.
    """
    return await of_organisations([organisation])


async def of_organisations(organisations: Sequence[int]) -> list[Recipient]:
    """The same for several organisations, in one statement."""
    return await _found(ACTING, organisations)


async def of_administrators(authority: int) -> list[Recipient]:
    """Everybody who administers the calls of an authority."""
    return await _found(
        "SELECT p.email, p.language, p.id AS person FROM administration x JOIN person p ON p.id = x.person"
        " WHERE x.authority = $1 AND p.active ORDER BY x.since, x.id",
        authority,
    )


async def _found(sql: str, value: int | str | Sequence[int]) -> list[Recipient]:
    return [Recipient(**row) for row in await database.rows(sql, value)]


def _written(one: Recipient, text: Callable[[], tuple[str, str]]) -> dict[str, str | int | None]:
    with i18n.speaking(one.language):
        subject, body = text()
    host = urlsplit(SETTINGS.base_url).hostname or "localhost"
    return {
        "recipient": _one_line(one.email),
        "subject": _one_line(subject)[:300],
        "body": body,
        "message_id": f"<{uuid4().hex}@{host}>",
        "person": one.person,
    }


def harmless(text: str, most: int = 80) -> str:
    """A name or a title as it may stand in a mail to anybody: short, and nothing in it that becomes a link."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    words = LINKING.sub(" ", DOTS.sub(".", seen))
    line = _one_line(re.sub(r"\.(?=[^\W\d_])|\[(?=\[)", r"\g<0> ", words))
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
