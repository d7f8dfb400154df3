"""Authorities that award, who administers their calls, and what they say of themselves on the duty pages."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app import addresses, database
from app.database import Row, write_transaction
from app.domain import people, words
from app.errors import Conflict, Invalid, NotFound
from app.i18n import gettext as _
from app.i18n import later
from app.records import events

ACTOR = "votum appoint"
CONFORMITY = {
    "full": later("fully compliant"),
    "partial": later("partially compliant"),
    "none": later("not compliant"),
}
METHODS = {
    "self": later("self-assessment by the authority"),
    "external": later("assessment by an independent body"),
}
DUTIES = {
    "email": later("E-mail address for questions and for reporting barriers"),
    "imprint": later("Imprint"),
    "accessibility_law": later("Law on accessibility that applies"),
    "conformity": later("Compliance status"),
    "barriers": later("What is not accessible, and why"),
    "evaluated_on": later("Date of the assessment"),
    "method": later("Method of the assessment"),
    "enforcement_body": later("Enforcement body: name and address"),
    "easy_language": later("Explanation in easy-to-read language"),
    "sign_language": later("Address of the explanation in sign language"),
    "data_protection_officer": later("Data protection officer"),
    "privacy_law": later("State law beside Article 6 GDPR"),
    "retention": later("How long data are kept"),
    "supervisory_authority": later("Supervisory authority for data protection"),
}
COLUMNS = ("email", "imprint")


async def described() -> list[Row]:
    """Every authority by name with what it says of itself: the keys of DUTIES, empty where nothing is said."""
    return [_read(row) for row in await database.rows("SELECT * FROM authority ORDER BY name")]


async def run_by(person: int, authority: int) -> Row:
    """An authority that the person administers, as `described` gives it; raises NotFound for any other."""
    found = await database.row(
        "SELECT a.* FROM authority a JOIN administration x ON x.authority = a.id WHERE x.person = $1 AND a.id = $2",
        person,
        authority,
    )
    if found is None:
        raise NotFound
    return _read(found)


async def describe(authority: Row, entered: Mapping[str, Any], version: int, *, by: int, at: datetime) -> None:
    """Keep what an authority says of itself; entered has the keys of DUTIES. Raises Conflict in a lost race."""
    kept = {name: value.isoformat() if isinstance(value, date) else value for name, value in entered.items()}
    said = {name: value for name, value in kept.items() if name not in COLUMNS and value}
    async with write_transaction():
        done = await database.value(
            "UPDATE authority SET email = $2, imprint = $3, duties = $4"
            " WHERE id = $1 AND coalesce((duties ->> 'version')::int, 0) = $5 RETURNING id",
            authority["id"],
            entered["email"],
            entered["imprint"],
            json.dumps({**said, "version": version + 1}, ensure_ascii=False),
            version,
        )
        if done is None:
            raise await _overtaken(by, authority, entered)
        subject = f"authority:{authority['id']}"
        await events.happened(by, "authority.described", subject, authority=authority["id"], detail=kept, at=at)


async def _overtaken(person: int, authority: Row, entered: Mapping[str, Any]) -> Conflict:
    theirs = await run_by(person, authority["id"])
    changed = [name for name in DUTIES if theirs[name] != entered[name]]
    codes = {"conformity": CONFORMITY, "method": METHODS}
    return Conflict(
        _("Somebody else changed this while you were writing."),
        mine=words.worded({name: entered[name] for name in changed}, DUTIES, codes),
        theirs=words.worded({name: theirs[name] for name in changed}, DUTIES, codes),
    )


def _read(row: Row) -> Row:
    said = json.loads(row["duties"])
    found: dict[str, Any] = {name: said.get(name, "") for name in DUTIES}
    found["evaluated_on"] = date.fromisoformat(said["evaluated_on"]) if said.get("evaluated_on") else None
    own = {name: row[name] for name in ("id", "name", *COLUMNS)}
    return {**found, **own, "version": said.get("version", 0)}


async def appoint(email: str, authority: str, *, at: datetime) -> bool:
    """Let a person administer the calls of an authority; whether the person is new here. Raises Invalid.

    A new person has no password yet and chooses one by mail. Appointing twice changes nothing.
    """
    try:
        address = addresses.of(email)
    except ValueError as error:
        raise Invalid(email=str(error)) from error
    name = " ".join(authority.split())
    if not 0 < len(name) <= 200:
        raise Invalid(authority=_("Please enter a name of at most 200 characters."))
    async with write_transaction():
        known = await database.value("SELECT id FROM person WHERE email = $1", address)
        person = known or await people.create(address.split("@")[0], address, confirmed=True, at=at)
        body = await _authority(name, at=at)
        added = await database.value(
            "INSERT INTO administration (person, authority, since) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING RETURNING id",
            person,
            body,
            at,
        )
        if added:
            detail = {"authority": name}
            await events.happened(
                ACTOR, "administrator.appointed", f"person:{person}", authority=body, detail=detail, at=at
            )
        return known is None


async def _authority(name: str, *, at: datetime) -> int:
    known = await database.value("SELECT id FROM authority WHERE name = $1", name)
    if known:
        return int(known)
    new = int(
        await database.value("INSERT INTO authority (name, email, imprint) VALUES ($1, '', '') RETURNING id", name)
    )
    await events.happened(ACTOR, "authority.created", f"authority:{new}", detail={"name": name}, at=at)
    return new
