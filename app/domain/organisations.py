"""Organisations that hand in proposals, and the people who act for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asyncpg import UniqueViolationError

from app import database, i18n, seals
from app.database import Record, write_transaction
from app.domain import people
from app.errors import Invalid, NotAllowed, NotFound, SpentLink
from app.i18n import gettext as _
from app.i18n import later
from app.records import events, mails
from app.records.mails import links

LEGAL_FORMS = {
    "association": later("registered association (e. V.)"),
    "nonprofit_company": later("non-profit company (gGmbH)"),
    "company": later("company (GmbH and others)"),
    "company_public_share": later("company with public shareholders"),
    "municipality": later("municipality"),
    "church": later("church or religious body"),
    "foundation": later("foundation"),
    "other": later("other legal form"),
}
LARGEST_ID = 2**31 - 1
INVITED_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Invitation:
    """An open invitation to act for an organisation; person is None while the address has no account."""

    organisation: int
    organisation_name: str
    email: str
    person: int | None
    has_account: bool


class Named(Record):
    """An organisation by its name."""

    id: int
    name: str


class Held(Named):
    """An organisation for who acts for it."""

    legal_form: str
    email: str
    seat: str


class Member(Record):
    """Somebody who acts for an organisation, and since when."""

    name: str
    email: str
    since: datetime


async def of(person: int) -> list[Named]:
    """The organisations that a person acts for, by name."""
    return await database.all_of(
        Named,
        "SELECT o.id, o.name FROM membership m JOIN organisation o ON o.id = m.organisation"
        " WHERE m.person = $1 ORDER BY o.name",
        person,
    )


async def held_by(person: int, organisation: int) -> Held:
    """An organisation that the person acts for; raises NotFound for any other."""
    if not 0 < organisation <= LARGEST_ID:
        raise NotFound
    return await database.found(
        Held,
        "SELECT o.* FROM organisation o JOIN membership m ON m.organisation = o.id AND m.person = $1 WHERE o.id = $2",
        person,
        organisation,
    )


async def members(organisation: int) -> list[Member]:
    """The people who act for an organisation, the first one first."""
    return await database.all_of(
        Member,
        "SELECT p.name, p.email, m.since FROM membership m JOIN person p ON p.id = m.person"
        " WHERE m.organisation = $1 ORDER BY m.since, m.id",
        organisation,
    )


async def found(name: str, email: str, legal_form: str, seat: str, *, by: int, at: datetime) -> int:
    """A new organisation that the person acts for; its id. Raises Invalid where there is one of this name."""
    taken = Invalid(name=_("This organisation is already registered. Ask a colleague to add you."))
    new = people.NewPerson("", email, "", name, legal_form, seat)
    try:
        async with write_transaction():
            if await database.value("SELECT id FROM organisation WHERE lower(name) = lower($1)", name):
                raise taken
            return await people.found_organisation(new, by=by, at=at)
    except UniqueViolationError as error:
        raise taken from error


async def change(held: Held, legal_form: str, seat: str, email: str, *, by: int, at: datetime) -> None:
    """Another legal form, seat or address. The name stands: receipts and conflicts of interest go by it."""
    async with write_transaction():
        await database.rows(
            "UPDATE organisation SET legal_form = $2, seat = $3, email = $4 WHERE id = $1",
            held.id,
            legal_form,
            seat,
            email,
        )
        detail = {"legal_form": legal_form, "seat": seat, "email": email}
        await events.happened(by, "organisation.changed", f"organisation:{held.id}", detail=detail, at=at)


async def invite(held: Held, email: str, *, by: int, at: datetime) -> None:
    """Ask somebody by mail to act for the organisation as well. Raises Invalid where they already do.

    Nobody belongs to an organisation before they have accepted: belonging to it closes its proposals to a rater.
    """
    if email in {member.email for member in await members(held.id)}:
        raise Invalid(colleague=_("This person already acts for the organisation."))
    until = at + INVITED_FOR
    said = {"organisation": held.id, "email": email}
    link = links.saying(links.JOINING, "organisation", said, email, until)
    async with write_transaction():
        await mails.tell([await mails.of_address(email)], lambda: _invitation_text(held, link.mark, until))
        detail = {"email": email}
        await events.happened(by, "colleague.invited", f"organisation:{held.id}", detail=detail, at=at)


def _invitation_text(held: Held, link: str, until: datetime) -> tuple[str, str]:
    text = _(
        "Hello,\n\nyou are asked to act for %(organisation)s in Votum: to write proposals and to hand them in.\n\n"
        "With this link you accept until %(until)s:\n\n%(link)s\n\n"
        "If you do not know the organisation, you need not do anything."
    )
    return _("Invitation to act for an organisation"), text % {
        "organisation": mails.harmless(held.name),
        "until": i18n.datetime(until),
        "link": link,
    }


async def invitation(token: str) -> Invitation:
    """The open invitation of a mailed link; raises SpentLink for any other or an old one."""
    said = seals.opened("organisation", token)
    row = said and await database.row(
        "SELECT o.id AS organisation, o.name AS organisation_name, $2::text AS email, p.id AS person,"
        " coalesce(p.password_hash, '') <> '' AS has_account"
        " FROM organisation o LEFT JOIN person p ON p.email = $2 WHERE o.id = $1",
        said["organisation"],
        said["email"],
    )
    if not row:
        raise SpentLink("colleague")
    return Invitation(**row)


async def join(token: str, signed_in: int | None, entered: dict[str, Any], *, at: datetime) -> int:
    """Act for the organisation: as the person who has this address, or as a new one; the person's id.

    entered: name and password, for an address without an account. Opening the link twice changes nothing.
    Raises Invalid for a bad password, NotAllowed where the address has an account that is not the one signed in.
    """
    asked = await invitation(token)
    if asked.has_account and signed_in != asked.person:
        raise NotAllowed(_("Please sign in with the address that was invited, then open the link again."))
    password_hash = ""
    if not asked.has_account:
        own = (entered["name"], asked.email, asked.organisation_name)
        password_hash = await people.new_password(entered["password"], *own)
    async with write_transaction():
        await database.row("SELECT id FROM organisation WHERE id = $1 FOR NO KEY UPDATE", asked.organisation)
        person = asked.person or await _newcomer(asked, entered["name"], password_hash, at=at)
        if password_hash and asked.person:
            await people.choose_first_password(person, password_hash, at=at)
        await _belong(person, asked.organisation, at=at)
        return person


async def _newcomer(asked: Invitation, name: str, password_hash: str, *, at: datetime) -> int:
    """A new person; the one who came first where the link was opened twice at once."""
    known = await database.value("SELECT id FROM person WHERE email = $1", asked.email)
    if known:
        return int(known)
    return await people.create(name, asked.email, password_hash, i18n.locale.get(), confirmed=True, at=at)


async def _belong(person: int, organisation: int, *, at: datetime) -> None:
    joined = await database.value(
        "INSERT INTO membership (person, organisation, since) VALUES ($1, $2, $3)"
        " ON CONFLICT (person, organisation) DO NOTHING RETURNING id",
        person,
        organisation,
        at,
    )
    if joined:
        await events.happened(person, "colleague.joined", f"organisation:{organisation}", at=at)
