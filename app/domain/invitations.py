"""Seats in the committee of a call: who has one, who is invited by e-mail, and who accepts."""

from datetime import datetime, timedelta

from app import clock, database, i18n, seals
from app.database import Record, write_transaction
from app.domain import assignments, authorities, people
from app.domain.calls import Call
from app.errors import Invalid, NotAllowed, SpentLink
from app.i18n import gettext as _
from app.i18n import later
from app.records import events, mails
from app.records.mails import links
from app.tables.committees import Role

ROLES = {
    "chair": later("Chair"),
    "voting": later("Voting member"),
    "advisory": later("Advisory member"),
}
INTEREST_GROUPS = {
    "": later("not stated"),
    "public_body": later("public body"),
    "economic_partner": later("economic partner"),
    "social_partner": later("social partner"),
    "civil_society": later("civil society"),
    "equal_opportunity": later("equal opportunities"),
}
OPEN = f"""
SELECT i.*, k.name AS committee_name, c.id AS call, c.key AS call_key, c.title_de, c.title_en,
    a.name AS authority_name, {authorities.OF_CALL}, p.id AS person, coalesce(p.password_hash, '') <> '' AS has_account
FROM invitation i JOIN committee k ON k.id = i.committee JOIN call c ON c.id = k.call
JOIN authority a ON a.id = c.authority LEFT JOIN person p ON p.email = i.email
WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.expires_at > $2
"""  # noqa: S608
INVITED_FOR = timedelta(days=30)


class Seated(Record):
    """A member of a committee."""

    key: str
    role: Role
    seat: str
    interest_group: str
    name: str
    email: str


class Invited(Record):
    """An invitation that is still open."""

    name: str
    email: str
    role: Role
    seat: str
    expires_at: datetime


class Invitation(Record):
    """An open invitation with its call; person is None while its address belongs to nobody."""

    id: int
    committee: int
    committee_name: str
    name: str
    email: str
    role: Role
    seat: str
    interest_group: str
    expires_at: datetime
    call: int
    call_key: str
    title_de: str
    title_en: str
    authority_name: str
    masthead: str
    person: int | None
    has_account: bool


async def seats(call: int) -> tuple[list[Seated], list[Invited]]:
    """The members of a call's committee, and the invitations that are still open."""
    members = await database.all_of(
        Seated,
        "SELECT m.key, m.role, m.seat, m.interest_group, p.name, p.email FROM member m JOIN person p ON p.id = m.person"
        " JOIN committee k ON k.id = m.committee WHERE k.call = $1 ORDER BY length(m.key), m.key",
        call,
    )
    invited = await database.all_of(
        Invited,
        "SELECT i.name, i.email, i.role, i.seat, i.expires_at FROM invitation i JOIN committee k ON k.id = i.committee"
        " WHERE k.call = $1 AND i.accepted_at IS NULL ORDER BY i.id",
        call,
    )
    return members, invited


async def invite(
    call: Call, name: str, email: str, role: Role, seat: str, interest_group: str, *, by: int, at: datetime
) -> None:
    """Ask somebody by e-mail to take a seat. Raises Invalid where the seat or the person is taken."""
    if call.rating_closed_at:
        raise NotAllowed(_("The rating is closed; the committee of this call can no longer be changed."))
    link = links.new("invitations", email, at + INVITED_FOR)
    async with write_transaction():
        await _refuse_taken(call, email, role)
        invited = await database.row(
            "INSERT INTO invitation"
            " (committee, email, name, role, seat, interest_group, token_hash, by, at, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (committee, email) DO UPDATE SET"
            " name = $3, role = $4, seat = $5, interest_group = $6, token_hash = $7, at = $9, expires_at = $10"
            " WHERE invitation.accepted_at IS NULL RETURNING id",
            call.committee,
            email,
            name,
            role,
            seat,
            interest_group,
            link.token_hash,
            by,
            at,
            at + INVITED_FOR,
        )
        if invited is None:
            raise Invalid(email=_("This person is already a member."))
        told = await mails.of_address(email)
        await mails.tell([told], lambda: _invitation_text(call, name, link.mark), call=call.id)
        await events.happened(
            by, "member.invited", f"call:{call.id}", call=call.id, detail={"email": email, "role": role}, at=at
        )


async def _refuse_taken(call: Call, email: str, role: Role) -> None:
    members, invited = await seats(call.id)
    if email in {row.email for row in members}:
        raise Invalid(email=_("This person is already a member."))
    taken = [row.role for row in members] + [row.role for row in invited if row.email != email]
    if role == "chair" and "chair" in taken:
        raise Invalid(role=_("The committee already has a chair."))


def _invitation_text(call: Call, name: str, link: str) -> tuple[str, str]:
    text = _(
        "Hello %(name)s,\n\n%(authority)s asks you to take a seat in the committee of the call “%(title)s”.\n\n"
        "With this link you accept within 30 days:\n\n%(link)s\n"
    )
    return _("Invitation to the committee"), text % {
        "name": mails.harmless(name),
        "authority": mails.harmless(authorities.masthead(call.masthead).title),
        "title": mails.harmless(i18n.in_language(call, "title")),
        "link": link,
    }


async def invitation(token: str) -> Invitation:
    """An open invitation by its mailed token; raises SpentLink."""
    found = await database.one_of(
        Invitation,
        OPEN,
        seals.hashed(token),
        clock.now(),
    )
    if found is None:
        raise SpentLink("invitation")
    return found


async def accept(token: str, signed_in: int | None, password: str, *, at: datetime) -> int:
    """Take the seat: as the person who has this address, or as a new one with this password; the person's id.

    Raises Invalid for a bad password, NotAllowed where the address has an account that is not the one signed in.
    """
    open_invitation = await invitation(token)
    person = open_invitation.person
    if open_invitation.has_account and signed_in != person:
        raise NotAllowed(_("Please sign in with the address that was invited, then open the link again."))
    password_hash = ""
    if not open_invitation.has_account:
        password_hash = await people.new_password(password, open_invitation.name, open_invitation.email)
    async with write_transaction():
        spent = await database.row(
            "UPDATE invitation SET accepted_at = $2 WHERE id = $1 AND accepted_at IS NULL RETURNING id",
            open_invitation.id,
            at,
        )
        if spent is None:
            raise SpentLink("invitation")
        if person is None:
            name, email = open_invitation.name, open_invitation.email
            person = await people.create(name, email, password_hash, i18n.locale.get(), confirmed=True, at=at)
        elif password_hash:
            await people.choose_first_password(person, password_hash, at=at)
        await _seat(open_invitation, person, at)
    return int(person)


async def _seat(invited: Invitation, person: int, at: datetime) -> None:
    await database.row("SELECT id FROM committee WHERE id = $1 FOR UPDATE", invited.committee)
    await database.rows(
        "INSERT INTO member (committee, person, key, role, seat, interest_group, since) VALUES ($1, $2, 'M' ||"
        " (SELECT coalesce(max(substring(key FROM '^M([0-9]+)$')::int), 0) + 1 FROM member WHERE committee = $1),"
        " $3, $4, $5, $6)",
        invited.committee,
        person,
        invited.role,
        invited.seat,
        invited.interest_group,
        at,
    )
    await assignments.assign_all(invited.call, at)
    await events.happened(
        person, "member.joined", f"person:{person}", call=invited.call, detail={"role": invited.role}, at=at
    )
