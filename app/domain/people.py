"""Persons: registering, confirming an address, signing in, choosing a new password."""

import asyncio
import secrets
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app import clock, database
from app.database import Row, write_transaction
from app.errors import Invalid, SpentLink
from app.i18n import gettext as _
from app.identity import attempts, passwords
from app.records import events, mails
from app.records.mails import links
from app.seals import hashed
from app.settings import SETTINGS

HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)
NAMED = """
SELECT o.id, count(m.id) = 0 OR bool_or(p.email_confirmed_at IS NOT NULL) AS taken FROM organisation o
LEFT JOIN membership m ON m.organisation = o.id
LEFT JOIN person p ON p.id = m.person
WHERE lower(o.name) = lower($1) GROUP BY o.id
"""
CONTESTED = """
SELECT m.organisation FROM membership m WHERE m.person = $1 AND NOT EXISTS (
    SELECT FROM membership x JOIN person p ON p.id = x.person
    WHERE x.organisation = m.organisation AND x.person <> $1 AND p.email_confirmed_at IS NOT NULL
)
"""
LEAVE = """
WITH settled AS (
    UPDATE organisation SET email = (SELECT email FROM person WHERE id = $2) WHERE id = $1
)
DELETE FROM membership WHERE organisation = $1 AND person <> $2 RETURNING person
"""
CONFIRM_WITHIN = timedelta(days=3)
RESET_WITHIN = timedelta(minutes=60)
FIRST_WITHIN = timedelta(days=7)
UNHURRIED = 0.1  # seconds; longer than it takes to write whatever follows
NOBODY = (  # no password fits it, and to find that out takes as long as for anybody's; to make a real one would, too
    f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}$"
    + "$".join(
        b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (HASHER.salt_len, HASHER.hash_len)
    )
)


@dataclass(frozen=True)
class NewPerson:
    """What somebody enters to register, with the organisation they act for."""

    name: str
    email: str
    password: str
    organisation: str
    legal_form: str = "other"
    seat: str = ""
    language: str = "de"


async def hash_password(password: str) -> str:
    """The Argon2id hash of a password, worked out beside the event loop; raises TooMany."""
    async with attempts.LINE.turn():
        return await asyncio.to_thread(HASHER.hash, password)


async def new_password(password: str, *own: str) -> str:
    """The hash of a password that somebody chooses; raises Invalid for one that is easy to guess, and TooMany.

    own: what others know of the person, such as name, address and organisation.
    """
    passwords.check(password)
    async with attempts.LINE.turn():
        await asyncio.to_thread(passwords.check_guesses, password, own)
        return await asyncio.to_thread(HASHER.hash, password)


async def authenticated(email: str, password: str) -> int | None:
    """The id of the person with this address and password, or None; takes as long for either. Raises TooMany."""
    found = await _proved(email, password)
    if found is None:
        return None
    if found["email_confirmed_at"] is None:
        raise Invalid(email=_("Please confirm your e-mail address first: we sent you a link."))
    await attempts.note_success(email)
    return int(found["id"])


async def _proved(email: str, password: str) -> Row | None:
    """The person with this address, if this is the password; in turn and counted."""
    async with attempts.LINE.turn(known=await attempts.is_known(email)):
        await attempts.note_sign_in(email)
        found = await database.row(
            "SELECT id, password_hash, email_confirmed_at FROM person WHERE email = $1 AND active", email.lower()
        )
        stored = found["password_hash"] if found and found["password_hash"] else NOBODY
        right = await asyncio.to_thread(_fits, stored, password)
    return found if right else None


async def register(new: NewPerson, *, at: datetime) -> None:
    """A new person with a new organisation, and the mail to confirm the address.

    A known address gets a mail that says so; the answer on the page is the same for both, and takes as long. A name
    belongs to whoever first confirms an address for it: until then nobody holds it, or learns that it was typed.
    """
    password_hash = await new_password(new.password, new.name, new.email, new.organisation)
    async with _unhurried(), write_transaction():
        named = await database.row(NAMED, new.organisation)
        if named and named["taken"]:
            raise Invalid(
                organisation=_("This organisation is already registered. Ask a colleague to add you, or write to us.")
            )
        known = await database.row("SELECT id, name FROM person WHERE email = $1", new.email)
        if known:
            await mails.tell([await mails.of_address(new.email)], lambda: _known_text(known["name"]))
            return
        person = await create(new.name, new.email, password_hash, new.language, at=at)
        if named:
            await _act_for(person, named["id"], at=at)
        else:
            await found_organisation(new, by=person, at=at)
        await send_confirmation(person, new.name, new.email, at=at)


@asynccontextmanager
async def _unhurried() -> AsyncIterator[None]:
    """How long it takes must not tell whether an address is known."""
    until = time.monotonic() + UNHURRIED
    try:
        yield
    finally:
        await asyncio.sleep(until - time.monotonic())


async def create(
    name: str, email: str, password_hash: str = "", language: str = "de", *, confirmed: bool = False, at: datetime
) -> int:
    """Inside a transaction: a person; an empty hash means that no password opens the account yet."""
    person = int(
        await database.value(
            "INSERT INTO person (email, name, password_hash, language, email_confirmed_at, active, created_at)"
            " VALUES ($1, $2, $3, $4, $5, true, $6) RETURNING id",
            email.lower(),
            name,
            password_hash,
            language,
            at if confirmed else None,
            at,
        )
    )
    await events.happened(person, "person.created", f"person:{person}", detail={"name": name, "email": email}, at=at)
    return person


async def found_organisation(new: NewPerson, *, by: int, at: datetime) -> int:
    """Inside a transaction: a new organisation that the person acts for."""
    organisation = int(
        await database.value(
            "INSERT INTO organisation (name, legal_form, email, seat, created_at)"
            " VALUES ($1, $2, $3, $4, $5) RETURNING id",
            new.organisation,
            new.legal_form,
            new.email,
            new.seat,
            at,
        )
    )
    await _act_for(by, organisation, at=at)
    await events.happened(
        by, "organisation.created", f"organisation:{organisation}", detail={"name": new.organisation}, at=at
    )
    return organisation


async def _act_for(person: int, organisation: int, *, at: datetime) -> None:
    await database.rows(
        "INSERT INTO membership (person, organisation, since) VALUES ($1, $2, $3)", person, organisation, at
    )


async def _settle(person: int, *, at: datetime) -> None:
    """Inside a transaction: the organisations of a person whose address is confirmed are theirs.

    Others who typed the same name and have not confirmed act for it no longer, and it is written to at this address.
    """
    for row in await database.rows(CONTESTED, person):
        left = await database.rows(LEAVE, row["organisation"], person)
        await events.happened(
            person,
            "organisation.settled",
            f"organisation:{row['organisation']}",
            detail={"without": [one["person"] for one in left]},
            at=at,
        )


async def send_confirmation(person: int, name: str, email: str, *, at: datetime) -> None:
    """Inside a transaction: the mail with the link that confirms an address."""
    link = await _link(person, email, "confirmation", CONFIRM_WITHIN, at=at)
    await mails.tell(await mails.of_person(person), lambda: _confirmation_text(name, link))


def _confirmation_text(name: str, link: str) -> tuple[str, str]:
    text = _(
        "Hello %(name)s,\n\nsomebody, probably you, has registered this address with Votum. Please confirm it with this"
        " link and the password that you chose, within three days:\n\n%(link)s\n\n"
        "If you did not register with Votum, please do nothing: without your doing the account stays closed."
    )
    return _("Please confirm your e-mail address"), text % {"name": mails.harmless(name), "link": link}


async def confirm(token: str, password: str, *, at: datetime) -> int:
    """The address of a mailed link is confirmed by whoever chose the password; the person's id.

    Without the password a stranger could register an address and let its owner confirm it unknowingly.
    Raises SpentLink for an old or used link, Invalid for a wrong password, TooMany.
    """
    asked = await _asked(token, "confirmation", at=at)
    if await _proved(asked["email"], password) is None:
        raise Invalid(password=_("This is not the password that was chosen when this address was registered."))
    async with write_transaction():
        person = await _used(token, "confirmation", at=at)
        await database.rows("UPDATE person SET email_confirmed_at = $2 WHERE id = $1", person, at)
        await _end_links(person, "confirmation", at=at)
        await _settle(person, at=at)
        await events.happened(person, "person.confirmed", f"person:{person}", at=at)
    await attempts.note_success(asked["email"])
    return person


async def ask_for_new_password(email: str, *, at: datetime) -> None:
    """Mail a link to choose a new password, if there is such a person; says nothing either way."""
    async with _unhurried(), write_transaction():
        found = await database.row("SELECT id, name FROM person WHERE email = $1 AND active", email)
        if found is None:
            return
        link = await _link(found["id"], email, "password", RESET_WITHIN, at=at)
        told = await mails.of_person(found["id"])
        await mails.tell(told, lambda: _password_text(found["name"], link))


def _password_text(name: str, link: str) -> tuple[str, str]:
    text = _(
        "Hello %(name)s,\n\nwith this link you can choose a new password within one hour:\n\n%(link)s\n\n"
        "If you did not ask for it, you need not do anything; your password stays as it is."
    )
    return _("Choose a new password"), text % {"name": mails.harmless(name), "link": link}


async def choose_password(token: str, password: str, *, at: datetime) -> int:
    """A new password by a mailed link; every other link and every session of the person ends.

    Raises Invalid, SpentLink or TooMany.
    """
    asked = await _asked(token, "password", at=at)
    password_hash = await new_password(password, asked["name"], asked["email"])
    async with write_transaction():
        person = await _used(token, "password", at=at)
        if not asked["email_confirmed_at"]:
            await _settle(person, at=at)
        await database.rows(
            "UPDATE person SET password_hash = $2, email_confirmed_at = coalesce(email_confirmed_at, $3) WHERE id = $1",
            person,
            password_hash,
            at,
        )
        await _end_access(person, at=at)
        await events.happened(person, "person.password_chosen", f"person:{person}", at=at)
    await attempts.note_success(asked["email"], everywhere=True)
    return person


async def first_link(person: int, email: str, *, at: datetime) -> str:
    """Inside a transaction: what stands in a mail for a link to the first password of somebody who has none yet.

    Empty where the person has one. An earlier link ends.
    """
    if await database.value("SELECT password_hash FROM person WHERE id = $1", person):
        return ""
    await _end_links(person, "password", at=at)
    return await _link(person, email, "password", FIRST_WITHIN, at=at)


async def choose_first_password(person: int, password_hash: str, *, at: datetime) -> None:
    """Inside a transaction: the password of somebody invited who had none; one that was chosen meanwhile stands."""
    chosen = await database.value(
        "UPDATE person SET password_hash = $2, email_confirmed_at = coalesce(email_confirmed_at, $3)"
        " WHERE id = $1 AND password_hash = '' RETURNING id",
        person,
        password_hash,
        at,
    )
    if chosen:
        await _end_access(person, at=at)


async def _end_access(person: int, *, at: datetime) -> None:
    """Whoever got in with an old password or an old link is out."""
    await _end_links(person, "confirmation", "password", at=at)
    await database.rows("DELETE FROM session WHERE person = $1", person)


async def forget_ended() -> None:
    """Delete sessions that have ended, and mailed links that were used or came too late."""
    await database.rows("DELETE FROM session WHERE expires_at <= $1", clock.now())
    await database.rows("DELETE FROM email_token WHERE used_at IS NOT NULL OR expires_at <= $1", clock.now())


async def speak(person: int, language: str, *, at: datetime) -> None:
    """From now on Votum speaks this language to the person."""
    async with write_transaction():
        await database.rows("UPDATE person SET language = $2 WHERE id = $1", person, language)
        await events.happened(
            person, "person.language_chosen", f"person:{person}", detail={"language": language}, at=at
        )


def _fits(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _known_text(name: str) -> tuple[str, str]:
    text = _(
        "Hello %(name)s,\n\nsomebody, probably you, tried to register this address again."
        " You already have an account:\n\n%(link)s\n\nThere you can also choose a new password."
    )
    return _("Your address is already registered"), text % {
        "name": mails.harmless(name),
        "link": f"{SETTINGS.base_url}/sign-in",
    }


async def _link(person: int, email: str, purpose: str, within: timedelta, *, at: datetime) -> str:
    """What stands in a mail for a link to this purpose, usable once within the time."""
    until = at + within
    link = links.new(purpose, email, until)
    await database.rows(
        "INSERT INTO email_token (purpose, token_hash, person, expires_at) VALUES ($1, $2, $3, $4)",
        purpose,
        link.token_hash,
        person,
        until,
    )
    return link.mark


async def _asked(token: str, purpose: str, *, at: datetime) -> Row:
    """Whose open link this is (name, email, email_confirmed_at); raises SpentLink."""
    found = await database.row(
        "SELECT p.name, p.email, p.email_confirmed_at FROM email_token t JOIN person p ON p.id = t.person"
        " WHERE t.token_hash = $1 AND t.purpose = $2 AND t.used_at IS NULL AND t.expires_at > $3",
        hashed(token),
        purpose,
        at,
    )
    if found is None:
        raise SpentLink(purpose)
    return found


async def _end_links(person: int, *purposes: str, at: datetime) -> None:
    await database.rows(
        "UPDATE email_token SET used_at = $3 WHERE person = $1 AND purpose = ANY($2) AND used_at IS NULL",
        person,
        list(purposes),
        at,
    )


async def _used(token: str, purpose: str, *, at: datetime) -> int:
    """The person a mailed link belongs to; from now on the link is spent."""
    person = await database.value(
        "UPDATE email_token SET used_at = $3 WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL"
        " AND expires_at > $3 RETURNING person",
        hashed(token),
        purpose,
        at,
    )
    if person is None:
        raise SpentLink(purpose)
    return int(person)


class DemoPerson(database.Record):
    """Somebody with a part: administrator, chair, voting, advisory or organisation; and where."""

    id: int
    name: str
    email: str
    part: str
    place: str


async def demo_persons() -> list[DemoPerson]:
    """For the demo's sign-in page: everybody who has a part, with that part."""
    return await database.all_of(
        DemoPerson,
        """
        SELECT p.id, p.name, p.email, 'administrator' AS part, a.name AS place, 1 AS rank
        FROM administration x JOIN person p ON p.id = x.person JOIN authority a ON a.id = x.authority
        UNION
        SELECT p.id, p.name, p.email, 'installation', '', 1
        FROM administration x JOIN person p ON p.id = x.person WHERE x.authority IS NULL
        UNION
        SELECT p.id, p.name, p.email, min(m.role), min(m.seat),
            CASE min(m.role) WHEN 'chair' THEN 2 WHEN 'voting' THEN 3 ELSE 5 END
        FROM member m JOIN person p ON p.id = m.person
        WHERE p.id NOT IN (SELECT person FROM administration) GROUP BY p.id
        UNION
        SELECT p.id, p.name, p.email, 'organisation', o.name, 4
        FROM membership x JOIN person p ON p.id = x.person JOIN organisation o ON o.id = x.organisation
        ORDER BY rank, email
        """,
    )
