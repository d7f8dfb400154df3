"""Authorities that award, and who administers their calls."""

from app import clock, database
from app.database import write_transaction
from app.domain import audit, people
from app.domain.errors import Invalid
from app.i18n import gettext as _

ACTOR = "votum appoint"


async def appoint(email: str, authority: str) -> bool:
    """Let a person administer the calls of an authority; whether the person is new here. Raises Invalid.

    A new person has no password yet and chooses one by mail. Appointing twice changes nothing.
    """
    address, name = email.strip().lower(), " ".join(authority.split())
    if "@" not in address[1:-1] or len(address) > 254 or any(letter.isspace() for letter in address):
        raise Invalid(email=_("Please enter an e-mail address such as name@example.org."))
    if not 0 < len(name) <= 200:
        raise Invalid(authority=_("Please enter a name of at most 200 characters."))
    async with write_transaction():
        known = await database.value("SELECT id FROM person WHERE email = $1", address)
        person = known or await people.create(address.split("@")[0], address, confirmed=True)
        body = await _authority(name)
        added = await database.value(
            "INSERT INTO administration (person, authority, since) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING RETURNING id",
            person,
            body,
            clock.now(),
        )
        if added:
            await audit.record(ACTOR, "administrator.appointed", f"person:{person}", detail={"authority": name})
        return known is None


async def _authority(name: str) -> int:
    known = await database.value("SELECT id FROM authority WHERE name = $1", name)
    if known:
        return int(known)
    new = int(
        await database.value("INSERT INTO authority (name, email, imprint) VALUES ($1, '', '') RETURNING id", name)
    )
    await audit.record(ACTOR, "authority.created", f"authority:{new}", detail={"name": name})
    return new
