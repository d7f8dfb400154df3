"""Authorities that award: what each is called, says of itself and looks like, and which of them have retired."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec
from asyncpg import UniqueViolationError
from markupsafe import Markup

from app import colours, database, i18n, pictures
from app.database import Record, write_transaction
from app.domain import words
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.i18n import gettext as _
from app.i18n import later
from app.records import events
from app.records.memory import Memory

CONFORMITY = {
    "full": later("fully compliant"),
    "partial": later("partially compliant"),
    "none": later("not compliant"),
}
METHODS = {
    "self": later("self-assessment by the authority"),
    "external": later("assessment by an independent body"),
}
NAMES = {
    "name": later("Name of the authority"),
    "name_en": later("Name in English"),
    "short_name": later("Short name"),
    "email": later("E-mail address for questions and for reporting barriers"),
    "telephone": later("Telephone"),
    "sender_name": later("Name of the sender in mails"),
    "reply_to": later("Address for answers to mails"),
}
DUTIES = {
    "imprint": later("Imprint"),
    "accessibility_law": later("Law on accessibility that applies"),
    "conformity": later("Compliance status"),
    "barriers": later("What is not accessible, and why"),
    "burden": later("What is not accessible because it would be a disproportionate burden"),
    "outside_scope": later("What the law does not cover"),
    "evaluated_on": later("Date of the assessment"),
    "method": later("Method of the assessment"),
    "reviewed_on": later("Date of the last review"),
    "enforcement_body": later("Enforcement body: name and address"),
    "easy_language": later("Explanation in easy-to-read language"),
    "sign_language": later("Address of the explanation in sign language"),
    "data_protection_officer": later("Data protection officer"),
    "privacy_law": later("State law beside Article 6 GDPR"),
    "retention": later("How long data are kept"),
    "supervisory_authority": later("Supervisory authority for data protection"),
}
LOOK = {
    "colour": later("Colour"),
    "colour_dark": later("Colour for the dark look"),
    "arms": later("Arms"),
}
EYES = {
    False: later("four eyes: a second person of the authority releases what is published"),
    True: later("two eyes: one person alone publishes, and the pages say so"),
}
RELEASE = {"two_eyes": later("How many eyes release")}
LABELS = NAMES | DUTIES | LOOK | RELEASE
COLUMNS = (
    *("name", "name_en", "short_name", "email", "sender_name", "reply_to", "imprint"),
    *("colour", "colour_dark", "arms", "two_eyes"),
)
DAYS = ("evaluated_on", "reviewed_on")
SAID = tuple(name for name in LABELS if name not in COLUMNS)
SETTLED = "UPDATE authority SET ({names}) = ({places}) WHERE id = $1"

ADD_ARMS = "INSERT INTO arms (name, content) VALUES ($1, $2) ON CONFLICT DO NOTHING"
FORGET_ARMS = "DELETE FROM arms WHERE name = $1 AND NOT EXISTS (SELECT FROM authority WHERE arms = $1)"
ARMS: Memory[str, bytes] = Memory(50)

STATED = ", ".join(f"coalesce(a.duties ->> '{name}', '') AS {name}" for name in SAID if name not in DAYS)
DATED = ", ".join(f"nullif(a.duties ->> '{name}', '')::date AS {name}" for name in DAYS)
AUTHORITY = f"""
SELECT a.id, {", ".join(f"a.{name}" for name in COLUMNS)}, {STATED}, {DATED}, r.at AS retired_at,
    EXISTS (SELECT FROM frozen_ranking f JOIN call c ON c.id = f.call WHERE c.authority = a.id) AS frozen
FROM authority a LEFT JOIN retirement r ON r.authority = a.id
"""  # noqa: S608
MASTHEAD = """(
    SELECT json_build_object('id', h.id, 'name', h.name, 'name_en', h.name_en, 'short_name', h.short_name,
        'colour', h.colour, 'colour_dark', h.colour_dark, 'arms', h.arms)::text
    FROM authority h WHERE h.id = {authority}
) AS masthead"""
"""A column for any statement that knows an authority: what `masthead` reads, for the head of its pages and its name."""

OF_CALL = MASTHEAD.format(authority="c.authority")
RUNNING = """
SELECT count(*) FROM call c JOIN call_publication p ON p.call = c.id LEFT JOIN result_publication z ON z.call = c.id
WHERE z.id IS NULL AND c.authority
"""
KNOWN = f"""
SELECT a.id, a.name, a.name_en, r.at AS retired_at, ({RUNNING} = a.id) AS running,
    (SELECT count(*) FROM administration x JOIN person p ON p.id = x.person
        WHERE x.authority = a.id AND p.active) AS administrators
FROM authority a LEFT JOIN retirement r ON r.authority = a.id
"""  # noqa: S608
OFFICE = """(
    SELECT json_build_object('id', a.id, 'name', a.name, 'name_en', a.name_en, 'short_name', a.short_name,
        'colour', a.colour, 'colour_dark', a.colour_dark, 'arms', a.arms, 'contact', a.email <> '',
        'imprint', a.imprint <> '', 'retired', EXISTS (SELECT FROM retirement r WHERE r.authority = a.id),
        'colleagues', (SELECT count(*) FROM administration x WHERE x.authority = a.id)
            + (SELECT count(*) FROM appointment x WHERE x.authority = a.id AND x.accepted_at IS NULL))::text
    FROM authority a WHERE a.id = d.authority
) AS office"""
"""A column for a statement about administrations d: what `office` reads, nothing for the installation."""


class Masthead(Record, frozen=True, kw_only=True):
    """Whose page it is: what stands in its head."""

    id: int
    name: str
    name_en: str
    short_name: str
    colour: str
    colour_dark: str
    arms: str

    @property
    def title(self) -> str:
        """The name in the reader's language, or in German where there is no other."""
        return (self.name_en if i18n.locale.get() == "en" else "") or self.name

    @property
    def marked(self) -> str | Markup:
        """The same for a page, marked where it is German for want of English."""
        return i18n.spoken(self.title, self.name)


class Authority(Masthead, frozen=True, kw_only=True):
    """An authority with everything that it has settled and says of itself; empty where nothing is said."""

    email: str
    telephone: str
    sender_name: str
    reply_to: str
    imprint: str
    accessibility_law: str
    conformity: str
    barriers: str
    burden: str
    outside_scope: str
    evaluated_on: date | None
    method: str
    reviewed_on: date | None
    enforcement_body: str
    easy_language: str
    sign_language: str
    data_protection_officer: str
    privacy_law: str
    retention: str
    supervisory_authority: str
    two_eyes: bool
    retired_at: datetime | None
    frozen: bool


class Known(Record, frozen=True, kw_only=True):
    """What the installation knows of an authority: nothing of its calls but how many the public sees running."""

    id: int
    name: str
    name_en: str
    retired_at: datetime | None
    running: int
    administrators: int


class Office(Masthead, frozen=True, kw_only=True):
    """An authority on the desk of an administrator, with what it lacks for its first call."""

    contact: bool
    imprint: bool
    retired: bool
    colleagues: int  # administrators and those who were asked, the person among them


@lru_cache(256)
def masthead(text: str) -> Masthead:
    """The authority of a row that was selected with MASTHEAD."""
    return msgspec.json.decode(text, type=Masthead)


def office(text: str) -> Office:
    """The authority of a row that was selected with OFFICE."""
    return msgspec.json.decode(text, type=Office)


async def described() -> list[Authority]:
    """Every authority by name, with what it says of itself."""
    return await database.all_of(Authority, f"{AUTHORITY} ORDER BY a.name")


async def any_yet() -> bool:
    """Whether the installation has an authority."""
    return bool(await database.value("SELECT EXISTS (SELECT FROM authority)"))


class Named(Record):
    """An authority by its name."""

    id: int
    name: str


async def worked_for_by(person: int) -> list[Named]:
    """The authorities for which a person makes calls, programmes and the rest: administered, and not retired."""
    return await database.all_of(
        Named,
        "SELECT a.id, a.name FROM authority a JOIN administration d ON d.authority = a.id"
        " WHERE d.person = $1 AND NOT EXISTS (SELECT FROM retirement r WHERE r.authority = a.id) ORDER BY a.name",
        person,
    )


async def run_by(person: int, authority: int) -> Authority:
    """An authority that the person administers; raises NotFound for any other."""
    mine = "JOIN administration x ON x.authority = a.id WHERE x.person = $1 AND a.id = $2"
    return await database.found(Authority, f"{AUTHORITY} {mine}", person, authority)


async def works_with_two_eyes(authority: int) -> bool:
    """Whether the authority has stated that one person alone releases what it publishes."""
    return bool(await database.value("SELECT two_eyes FROM authority WHERE id = $1", authority))


async def hold(authority: int) -> None:
    """Inside a transaction: the authority stays in service until its end; raises NotAllowed where it has retired."""
    await database.row("SELECT id FROM authority WHERE id = $1 FOR SHARE", authority)
    if await database.value("SELECT id FROM retirement WHERE authority = $1", authority):
        raise NotAllowed(_("This authority has retired; it publishes no more calls."))


def seen(authority: Authority, names: Iterable[str]) -> str:
    """A short sign of some settings as they stand, by which a form later knows whether they still do."""
    stand = [str(getattr(authority, name)) for name in sorted(names)]
    return sha256(json.dumps(stand).encode()).hexdigest()[:16]


def why_name_stands(authority: Authority) -> str | None:
    """Why the names cannot be changed, or None: papers of a frozen ranking come out the same for ever."""
    if not authority.frozen:
        return None
    return _(
        "A ranking of this authority is frozen, and its papers must always come out the same: the German and the"
        " English name stand. For another name please have another authority made."
    )


async def settle(
    authority: int,
    entered: Mapping[str, Any],
    seen_before: str,
    picture: bytes = b"",
    *,
    by: int | str,
    at: datetime,
) -> None:
    """Keep some settings; entered has keys of LABELS, seen_before is what `seen` gave when the form was filled in.

    picture: other arms than those that entered names. Raises Invalid at a field, Conflict where somebody else was
    faster.
    """
    drawn = await _drawn(picture, _colour_faults(entered))
    if drawn:
        entered = {**entered, "arms": drawn[0]}
    try:
        async with write_transaction():
            if drawn:
                await database.rows(ADD_ARMS, *drawn)
            stands = await database.found(Authority, f"{AUTHORITY} WHERE a.id = $1 FOR UPDATE OF a", authority)
            changed = [name for name in entered if getattr(stands, name) != entered[name]]
            if changed and seen(stands, entered) != seen_before:
                raise _overtaken(stands, entered, changed)
            if changed:
                await _keep(stands, {name: entered[name] for name in changed}, by=by, at=at)
    except UniqueViolationError as error:
        raise _taken() from error


async def _keep(stands: Authority, changes: Mapping[str, Any], *, by: int | str, at: datetime) -> None:
    if changes.keys() & {"name", "name_en"} and (why := why_name_stands(stands)):
        raise Invalid({name: why for name in changes if name in ("name", "name_en")})
    if "name" in changes:
        await refuse_taken(changes["name"], stands.id)
    kept = {name: changes.get(name, getattr(stands, name)) for name in (*COLUMNS, *SAID)}
    said = {name: _plain(kept[name]) for name in SAID if kept[name]}
    columns = [kept[name] for name in COLUMNS]
    places = ", ".join(f"${number}" for number in range(2, len(columns) + 3))
    await database.rows(
        SETTLED.format(names=", ".join([*COLUMNS, "duties"]), places=places),
        *(stands.id, *columns, json.dumps(said, ensure_ascii=False)),
    )
    if "arms" in changes:
        await database.rows(FORGET_ARMS, stands.arms)
    detail = {name: [getattr(stands, name), value] for name, value in changes.items()}
    await events.happened(by, "authority.settled", f"authority:{stands.id}", authority=stands.id, detail=detail, at=at)


def _colour_faults(entered: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the colours, each on its ground; the first one serves for both where there is no second."""
    light, dark = entered.get("colour", ""), entered.get("colour_dark", "")
    if dark and not light:
        return {"colour": _("Please enter the colour for the light look as well.")}
    found = {"colour": (light, colours.LIGHT), "colour_dark": (dark or light, colours.DARK)}
    faults = {name: colours.why_too_faint(colour, ground) for name, (colour, ground) in found.items() if colour}
    return {name: why for name, why in faults.items() if why}


async def _drawn(picture: bytes, faults: dict[str, str]) -> tuple[str, bytes] | None:
    """The name of other arms and what of them is shown, None for none; raises Invalid with all faults at once."""
    drawn = None
    if picture:
        try:
            kind, content = await asyncio.to_thread(pictures.harmless, picture)
            drawn = f"{sha256(content).hexdigest()[:32]}.{kind}", content
        except ValueError as error:
            faults = {**faults, "arms": str(error)}
    if faults:
        raise Invalid(faults)
    return drawn


async def arms(name: str) -> bytes:
    """A picture of arms by its name; raises NotFound."""
    kept = ARMS.get(name) or await database.value("SELECT content FROM arms WHERE name = $1", name)
    if kept is None:
        raise NotFound
    return ARMS.keep(name, kept)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


async def refuse_taken(name: str, own: int = 0) -> None:
    """Raises Invalid where another authority has this name."""
    if await database.value("SELECT id FROM authority WHERE lower(name) = lower($1) AND id <> $2", name, own):
        raise _taken()


def _taken() -> Invalid:
    return Invalid(name=_("There is an authority of this name already."))


def _overtaken(stands: Authority, entered: Mapping[str, Any], changed: list[str]) -> Conflict:
    codes = {"conformity": CONFORMITY, "method": METHODS}
    return Conflict(
        _("Somebody else changed this while you were writing."),
        mine=words.worded({name: _told(entered[name]) for name in changed}, LABELS, codes),
        theirs=words.worded({name: _told(getattr(stands, name)) for name in changed}, LABELS, codes),
    )


def _told(value: Any) -> Any:
    return _(EYES[value]) if isinstance(value, bool) else value


# ── the installation ───────────────────────────────────────────────────────────────────────────


async def create(name: str, *, by: int | str, at: datetime) -> int:
    """Inside a transaction: a new authority; its id. Raises Invalid where there is one of this name."""
    await refuse_taken(name)
    made = int(await database.value("INSERT INTO authority (name) VALUES ($1) RETURNING id", name))
    await events.happened(by, "authority.created", f"authority:{made}", authority=made, detail={"name": name}, at=at)
    return made


async def known() -> list[Known]:
    """Every authority of the installation, those in service first, by name."""
    return await database.all_of(Known, f"{KNOWN} ORDER BY r.at IS NOT NULL, a.name")


async def one_known(authority: int) -> Known:
    """An authority of the installation; raises NotFound."""
    return await database.found(Known, f"{KNOWN} WHERE a.id = $1", authority)


def why_not_retired(authority: Known) -> str | None:
    """Why an authority cannot retire now, or None."""
    if authority.retired_at:
        return _("This authority has retired.")
    if authority.running:
        return _("This authority has published a call whose result is not published yet.")
    return None


async def retire(authority: int, *, by: int, at: datetime) -> None:
    """The authority publishes no more calls; what it published stays, and open invitations to administer it end."""
    async with write_transaction():
        await database.row("SELECT id FROM authority WHERE id = $1 FOR UPDATE", authority)
        if why := why_not_retired(await one_known(authority)):
            raise NotAllowed(why)
        await database.rows("INSERT INTO retirement (authority, by, at) VALUES ($1, $2, $3)", authority, by, at)
        await database.rows("DELETE FROM appointment WHERE authority = $1 AND accepted_at IS NULL", authority)
        await events.happened(by, "authority.retired", f"authority:{authority}", authority=authority, at=at)
