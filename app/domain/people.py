"""Persons: registering, confirming an address, signing in, choosing a new password."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app import clock, database
from app.database import write_transaction
from app.domain import audit, mails, tokens
from app.domain.errors import Invalid, SpentLink
from app.domain.tokens import hashed
from app.i18n import gettext as _
from app.settings import SETTINGS

HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)
ONE_AT_A_TIME = asyncio.Semaphore(2)
PASSWORD_LEAST = 12
CONFIRM_WITHIN = timedelta(days=3)
RESET_WITHIN = timedelta(minutes=60)
NOBODY = HASHER.hash(secrets.token_urlsafe(16))


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
    """The Argon2id hash of a password, worked out beside the event loop."""
    async with ONE_AT_A_TIME:
        return await asyncio.to_thread(HASHER.hash, password)


async def authenticated(email: str, password: str) -> int | None:
    """The id of the person with this address and password, or None; takes as long for either."""
    found = await database.row(
        "SELECT id, password_hash, email_confirmed_at FROM person WHERE email = $1 AND active", email.lower()
    )
    stored = found["password_hash"] if found and found["password_hash"] else NOBODY
    async with ONE_AT_A_TIME:
        right = await asyncio.to_thread(_fits, stored, password)
    if found is None or not right:
        return None
    if found["email_confirmed_at"] is None:
        raise Invalid(email=_("Please confirm your e-mail address first: we sent you a link."))
    return int(found["id"])


def check_password(password: str) -> None:
    """Refuse what is too short or known to everybody; raises Invalid."""
    if len(password) < PASSWORD_LEAST:
        raise Invalid(
            password=_("Please choose at least %(least)s characters; a sentence is a good password.")
            % {"least": PASSWORD_LEAST}
        )
    if len(password) > 200:
        raise Invalid(password=_("Please choose at most 200 characters."))
    if len(set(password.lower())) < 5:
        raise Invalid(password=_("This password is too easy to guess. Please choose another one."))


async def register(new: NewPerson) -> None:
    """A new person with a new organisation, and the mail to confirm the address.

    A known address gets a mail that says so; the answer on the page is the same for both.
    """
    check_password(new.password)
    password_hash = await hash_password(new.password)
    async with write_transaction():
        known = await database.row("SELECT id, name FROM person WHERE email = $1", new.email)
        if known:
            await mails.tell([await mails.of_address(new.email)], lambda: _known_text(known["name"]))
            return
        taken = await database.value("SELECT id FROM organisation WHERE lower(name) = lower($1)", new.organisation)
        if taken:
            raise Invalid(
                organisation=_("This organisation is already registered. Ask a colleague to add you, or write to us.")
            )
        person = await create(new.name, new.email, password_hash, new.language)
        await found_organisation(person, new)
        await send_confirmation(person, new.name)


async def create(
    name: str, email: str, password_hash: str = "", language: str = "de", *, confirmed: bool = False
) -> int:
    """Inside a transaction: a person; an empty hash means that no password opens the account yet."""
    now = clock.now()
    person = int(
        await database.value(
            "INSERT INTO person (email, name, password_hash, language, email_confirmed_at, active, created_at)"
            " VALUES ($1, $2, $3, $4, $5, true, $6) RETURNING id",
            email.lower(),
            name,
            password_hash,
            language,
            now if confirmed else None,
            now,
        )
    )
    await audit.record(person, "person.created", f"person:{person}", detail={"name": name, "email": email})
    return person


async def found_organisation(person: int, new: NewPerson) -> int:
    """Inside a transaction: a new organisation that the person acts for."""
    now = clock.now()
    organisation = int(
        await database.value(
            "INSERT INTO organisation (name, legal_form, email, seat, created_at)"
            " VALUES ($1, $2, $3, $4, $5) RETURNING id",
            new.organisation,
            new.legal_form,
            new.email,
            new.seat,
            now,
        )
    )
    await database.rows(
        "INSERT INTO membership (person, organisation, since) VALUES ($1, $2, $3)", person, organisation, now
    )
    await audit.record(
        person, "organisation.created", f"organisation:{organisation}", detail={"name": new.organisation}
    )
    return organisation


async def send_confirmation(person: int, name: str) -> None:
    """Inside a transaction: the mail with the link that confirms an address."""
    link = await _link(person, "confirmation", CONFIRM_WITHIN)
    await mails.tell(await mails.of_person(person), lambda: _confirmation_text(name, link))


def _confirmation_text(name: str, link: str) -> tuple[str, str]:
    text = _(
        "Hello %(name)s,\n\nplease confirm your e-mail address with this link within three days:\n\n%(link)s\n\n"
        "If you did not register with Votum, you need not do anything."
    )
    return _("Please confirm your e-mail address"), text % {"name": name, "link": link}


async def confirm(token: str) -> int:
    """The address of a mailed link is confirmed; the person's id. Raises SpentLink for an old or used one."""
    async with write_transaction():
        person = await _used(token, "confirmation")
        await database.rows("UPDATE person SET email_confirmed_at = $2 WHERE id = $1", person, clock.now())
        await audit.record(person, "person.confirmed", f"person:{person}")
        return person


async def ask_for_new_password(email: str) -> None:
    """Mail a link to choose a new password, if there is such a person; says nothing either way."""
    async with write_transaction():
        found = await database.row("SELECT id, name FROM person WHERE email = $1 AND active", email)
        if found is None:
            return
        link = await _link(found["id"], "password", RESET_WITHIN)
        told = await mails.of_person(found["id"])
        await mails.tell(told, lambda: _password_text(found["name"], link))


def _password_text(name: str, link: str) -> tuple[str, str]:
    text = _(
        "Hello %(name)s,\n\nwith this link you can choose a new password within one hour:\n\n%(link)s\n\n"
        "If you did not ask for it, you need not do anything; your password stays as it is."
    )
    return _("Choose a new password"), text % {"name": name, "link": link}


async def choose_password(token: str, password: str) -> int:
    """A new password by a mailed link; every session of the person ends. Raises Invalid or SpentLink."""
    check_password(password)
    password_hash = await hash_password(password)
    async with write_transaction():
        person = await _used(token, "password")
        await database.rows(
            "UPDATE person SET password_hash = $2, email_confirmed_at = coalesce(email_confirmed_at, $3) WHERE id = $1",
            person,
            password_hash,
            clock.now(),
        )
        await database.rows("DELETE FROM session WHERE person = $1", person)
        await audit.record(person, "person.password_chosen", f"person:{person}")
        return person


async def speak(person: int, language: str) -> None:
    """From now on Votum speaks this language to the person."""
    async with write_transaction():
        await database.rows("UPDATE person SET language = $2 WHERE id = $1", person, language)
        await audit.record(person, "person.language_chosen", f"person:{person}", detail={"language": language})


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
    return _("Your address is already registered"), text % {"name": name, "link": f"{SETTINGS.base_url}/sign-in"}


async def _link(person: int, purpose: str, within: timedelta) -> str:
    token = tokens.new()
    await database.rows(
        "INSERT INTO email_token (purpose, token_hash, person, expires_at) VALUES ($1, $2, $3, $4)",
        purpose,
        hashed(token),
        person,
        clock.now() + within,
    )
    return f"{SETTINGS.base_url}/{purpose}/{token}"


async def _used(token: str, purpose: str) -> int:
    """The person a mailed link belongs to; from now on the link is spent."""
    now = clock.now()
    person = await database.value(
        "UPDATE email_token SET used_at = $3 WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL"
        " AND expires_at > $3 RETURNING person",
        hashed(token),
        purpose,
        now,
    )
    if person is None:
        raise SpentLink(purpose)
    return int(person)


async def demo_persons() -> list[database.Row]:
    """For the demo's sign-in page: everybody who has a part, with that part."""
    return await database.rows(
        """
        SELECT p.id, p.name, p.email, 'administrator' AS part, a.name AS place, 1 AS rank
        FROM administration x JOIN person p ON p.id = x.person JOIN authority a ON a.id = x.authority
        UNION
        SELECT p.id, p.name, p.email, min(m.role), min(m.seat),
            CASE min(m.role) WHEN 'chair' THEN 2 WHEN 'voting' THEN 3 ELSE 5 END
        FROM member m JOIN person p ON p.id = m.person
        WHERE p.id NOT IN (SELECT person FROM administration) GROUP BY p.id
        UNION
        SELECT p.id, p.name, p.email, 'organisation', o.name, 4
        FROM membership x JOIN person p ON p.id = x.person JOIN organisation o ON o.id = x.organisation
        ORDER BY rank, email
        """
    )
