"""Who administers an authority or the installation: appointed by colleagues, by mail, the first one by a command.

Wherever an authority is asked for, None is the installation itself: whoever administers that makes authorities and
sees nothing of their calls.
"""

from datetime import datetime, timedelta

from app import addresses, clock, database, i18n, seals
from app.database import Record, write_transaction
from app.domain import authorities, people
from app.domain.authorities import Known
from app.errors import Invalid, NotAllowed, NotFound, SpentLink
from app.i18n import gettext as _
from app.records import events, mails
from app.records.mails import links

ACTOR = "votum appoint"
INVITED_FOR = timedelta(days=14)
OF = "x.authority IS NOT DISTINCT FROM $1"
ADMINISTRATORS = f"""
SELECT x.person, p.name, p.email, p.active, x.since, b.name AS by FROM administration x
JOIN person p ON p.id = x.person LEFT JOIN person b ON b.id = x.by WHERE {OF} ORDER BY x.since, x.id
"""  # noqa: S608
INVITED = f"""
SELECT x.id, x.name, x.email, x.expires_at, x.expires_at <= $2 AS over FROM appointment x
WHERE {OF} AND x.accepted_at IS NULL ORDER BY x.id
"""  # noqa: S608
ASKED = """
SELECT x.id, x.authority, x.name, x.email, x.by, b.name AS by_name, a.name AS authority_de, a.name_en AS authority_en,
    p.id AS person, coalesce(p.password_hash, '') <> '' AS has_account
FROM appointment x LEFT JOIN person b ON b.id = x.by LEFT JOIN authority a ON a.id = x.authority
LEFT JOIN person p ON p.email = x.email
WHERE x.token_hash = $1 AND x.accepted_at IS NULL AND x.expires_at > $2
"""
APPOINT = """
INSERT INTO administration (person, authority, by, since) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id
"""


class Administrator(Record, frozen=True, kw_only=True):
    """Somebody who administers, since when, and who appointed them; by is None for the command."""

    person: int
    name: str
    email: str
    active: bool
    since: datetime
    by: str | None


class Invited(Record, frozen=True, kw_only=True):
    """Somebody who was asked by mail and has not accepted; over where the link has become too old."""

    id: int
    name: str
    email: str
    expires_at: datetime
    over: bool


class Asked(Record, frozen=True, kw_only=True):
    """An open invitation: to what, whom, by whom, and whether the address has an account with a password."""

    id: int
    authority: int | None
    authority_de: str | None
    authority_en: str | None
    name: str
    email: str
    by: int | None
    by_name: str | None
    person: int | None
    has_account: bool

    @property
    def to(self) -> str:
        """What is to be administered, in the reader's language."""
        return _named(self.authority_de, self.authority_en)


def _named(german: str | None, english: str | None) -> str:
    return (i18n.locale.get() == "en" and english) or german or _("this installation")


async def run_installation(person: int) -> None:
    """Raises NotFound for a person who does not administer the installation."""
    if not await database.value("SELECT id FROM administration WHERE person = $1 AND authority IS NULL", person):
        raise NotFound


async def administrators(authority: int | None) -> list[Administrator]:
    """Who administers, the first one first."""
    return await database.all_of(Administrator, ADMINISTRATORS, authority)


async def invited(authority: int | None) -> list[Invited]:
    """Who was asked and has not accepted yet."""
    return await database.all_of(Invited, INVITED, authority, clock.now())


# ── by mail ────────────────────────────────────────────────────────────────────────────────────


def why_not_invited(authority: Known) -> str | None:
    """Why the installation appoints nobody to an authority, or None: only the first one is its to appoint."""
    if authority.retired_at:
        return _("This authority has retired.")
    if authority.administrators:
        return _("This authority has administrators, who appoint their colleagues themselves.")
    return None


async def found(name: str, person: str, email: str, *, by: int, at: datetime) -> int:
    """A new authority whose first administrator is asked by mail; its id. Raises Invalid for a name that is taken."""
    async with write_transaction():
        authority = await authorities.create(name, by=by, at=at)
        await _invite(authority, person, email, by=by, at=at)
    return authority


async def invite(authority: int | None, name: str, email: str, *, by: int, at: datetime) -> None:
    """Ask somebody by mail to administer; an earlier invitation of this address ends. Raises Invalid."""
    async with write_transaction():
        if authority is not None:
            await authorities.hold(authority)
        await _invite(authority, name, email, by=by, at=at)


async def invite_first(authority: int, person: str, email: str, *, by: int, at: datetime) -> None:
    """The installation asks the first administrator of an authority; raises NotAllowed once there is one."""
    async with write_transaction():
        await authorities.hold(authority)
        if why := why_not_invited(await authorities.one_known(authority)):
            raise NotAllowed(why)
        await _invite(authority, person, email, by=by, at=at)


async def _invite(authority: int | None, name: str, email: str, *, by: int, at: datetime) -> None:
    if email in {one.email for one in await administrators(authority)}:
        raise Invalid(email=_("This person is an administrator already."))
    await database.rows(
        "DELETE FROM appointment x WHERE x.authority IS NOT DISTINCT FROM $1 AND email = $2 AND accepted_at IS NULL",
        *(authority, email),
    )
    link = links.new("appointments", email, at + INVITED_FOR)
    await database.rows(
        "INSERT INTO appointment (authority, name, email, token_hash, by, at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        *(authority, name, email, link.token_hash, by, at, at + INVITED_FOR),
    )
    open_now = await database.found(Asked, ASKED, link.token_hash, at)
    told = [await mails.of_address(email)]
    await mails.tell(told, lambda: _invitation_text(open_now, link.mark), authority=authority)
    await events.happened(
        *(by, "administrator.invited", _subject(authority)),
        authority=authority,
        detail={"name": name, "email": email},
        at=at,
    )


def _invitation_text(asked: Asked, link: str) -> tuple[str, str]:
    text = _(
        "Hello %(name)s,\n\n%(by)s asks you to administer %(authority)s in Votum.\n\n"
        "With this link you accept within 14 days:\n\n%(link)s\n\n"
        "If you do not know what this is about, you need not do anything."
    )
    return _("Invitation to administer"), text % {
        "name": mails.harmless(asked.name),
        "by": mails.harmless(asked.by_name or "Votum"),
        "authority": mails.harmless(asked.to),
        "link": link,
    }


async def withdraw(authority: int | None, appointment: int, *, by: int, at: datetime) -> None:
    """The link of an open invitation opens nothing any more; raises NotFound where there is none."""
    async with write_transaction():
        email = await database.value(
            "DELETE FROM appointment x WHERE x.id = $2 AND x.authority IS NOT DISTINCT FROM $1"
            " AND accepted_at IS NULL RETURNING email",
            *(authority, appointment),
        )
        if email is None:
            raise NotFound
        detail = {"email": email}
        await events.happened(
            by, "administrator.invitation_withdrawn", _subject(authority), authority=authority, detail=detail, at=at
        )


async def asked(token: str) -> Asked:
    """An open invitation by its mailed link; raises SpentLink."""
    one = await database.one_of(Asked, ASKED, seals.hashed(token), clock.now())
    if one is None:
        raise SpentLink("appointment")
    return one


async def accept(token: str, signed_in: int | None, password: str, *, at: datetime) -> int:
    """Administer: as the person who has the address, or as a new one with this password; the person's id.

    Raises Invalid for a bad password, NotAllowed where the address has an account that is not the one signed in.
    """
    one = await asked(token)
    if one.has_account and signed_in != one.person:
        raise NotAllowed(_("Please sign in with the address that was invited, then open the link again."))
    password_hash = "" if one.has_account else await people.new_password(password, one.name, one.email)
    async with write_transaction():
        spent = "UPDATE appointment SET accepted_at = $2 WHERE id = $1 AND accepted_at IS NULL RETURNING id"
        if await database.value(spent, one.id, at) is None:
            raise SpentLink("appointment")
        person = one.person
        if person is None:
            person = await people.create(one.name, one.email, password_hash, i18n.locale.get(), confirmed=True, at=at)
        elif password_hash:
            await people.choose_first_password(person, password_hash, at=at)
        await _appointed(person, one.authority, by=person, appointed_by=one.by, at=at)
    return person


async def _appointed(
    person: int, authority: int | None, *, by: int | str, appointed_by: int | None = None, at: datetime
) -> None:
    if await database.value(APPOINT, person, authority, appointed_by, at):
        detail = {"person": person, "by": appointed_by}
        await events.happened(
            by, "administrator.appointed", _subject(authority), authority=authority, detail=detail, at=at
        )


def _subject(authority: int | None) -> str:
    return "installation:1" if authority is None else f"authority:{authority}"


# ── leaving ────────────────────────────────────────────────────────────────────────────────────


def why_not_dismissed(found: list[Administrator], person: int) -> str | None:
    """Why an administrator cannot go, or None: somebody must remain who can sign in."""
    if any(one.active for one in found if one.person != person):
        return None
    return _("The last administrator cannot go. Please appoint somebody else first.")


async def dismiss(authority: int | None, person: int, *, by: int, at: datetime) -> None:
    """Somebody administers no longer, and is told so; raises NotFound, or NotAllowed for the last one."""
    async with write_transaction():
        locked = await database.rows(
            f"SELECT x.person FROM administration x WHERE {OF} ORDER BY x.id FOR UPDATE",  # noqa: S608
            authority,
        )
        if not {by, person} <= {row["person"] for row in locked}:  # a colleague may have been faster
            raise NotFound
        if why := why_not_dismissed(await administrators(authority), person):
            raise NotAllowed(why)
        await database.rows(
            f"DELETE FROM administration x WHERE {OF} AND x.person = $2",  # noqa: S608
            *(authority, person),
        )
        if person != by:
            names = await database.row("SELECT name, name_en FROM authority WHERE id = $1", authority) or {}
            told = await mails.of_person(person)
            german, english = names.get("name"), names.get("name_en")
            await mails.tell(told, lambda: _dismissal_text(_named(german, english)), authority=authority)
        detail = {"person": person}
        await events.happened(
            by, "administrator.dismissed", _subject(authority), authority=authority, detail=detail, at=at
        )


def _dismissal_text(authority: str) -> tuple[str, str]:
    text = _(
        "Hello,\n\nyou no longer administer %(authority)s in Votum. Your account stays, and so does what you did.\n\n"
        "If this surprises you, please ask your colleagues there."
    )
    return _("You no longer administer"), text % {"authority": mails.harmless(authority)}


# ── by a command ───────────────────────────────────────────────────────────────────────────────


async def appoint(email: str, authority: str | None, name: str = "", *, at: datetime) -> str:
    """Let a person administer an authority, which is made where it is missing, or the installation.

    Returns the address at which they choose their first password, which is mailed as well; empty for somebody who has
    one. Appointing twice changes nothing. Raises Invalid.
    """
    try:
        address = addresses.of(email)
    except ValueError as error:
        raise Invalid(email=str(error)) from error
    async with write_transaction():
        known = await database.value("SELECT id FROM person WHERE email = $1", address)
        called = " ".join(name.split())[:200] or address.split("@")[0]
        person = known or await people.create(called, address, confirmed=True, at=at)
        number = None if authority is None else await _by_name(authority, at=at)
        await _appointed(person, number, by=ACTOR, at=at)
        mark = await people.first_link(person, address, at=at)
        if mark:
            told = await mails.of_person(person)
            await mails.tell(told, lambda: _first_text(called, authority, mark), authority=number)
        return links.written_out(mark, address)


async def _by_name(typed: str, *, at: datetime) -> int:
    name = " ".join(typed.split())
    if not 0 < len(name) <= 200:
        raise Invalid(authority=_("Please enter a name of at most 200 characters."))
    known = await database.value("SELECT id FROM authority WHERE name = $1", name)
    return int(known) if known else await authorities.create(name, by=ACTOR, at=at)


def _first_text(name: str, authority: str | None, link: str) -> tuple[str, str]:
    text = _(
        "Hello %(name)s,\n\nyou administer %(authority)s in Votum.\n\n"
        "With this link you choose your password within seven days:\n\n%(link)s\n"
    )
    return _("Your account in Votum"), text % {
        "name": mails.harmless(name),
        "authority": mails.harmless(authority or _("this installation")),
        "link": link,
    }
